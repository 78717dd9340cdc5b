"""The house: imports run downward only, and no name stands for two things."""

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "dontspy_data"
LEVELS = (
    ("errors", "_version"),
    ("model",),
    ("capture", "sample"),
    ("sources", "resolve"),  # neither knows the other: the order of trust is handed in
    ("collect", "portraits", "package"),
    ("formats",),
    ("check",),
    ("release",),
    ("targets",),
    ("publish", "loading"),
    ("pipeline",),
    ("audit", "contest"),
    ("site",),
    ("commands",),
    ("cli", ""),
    ("__main__",),
)
LEVEL = {room: number for number, rooms in enumerate(LEVELS) for room in rooms}
MODULES = {
    ".".join(("dontspy_data", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(
        ".__init__"
    ): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


def room_of(module: str) -> str:
    """Return the folder, or the module at the top, that a module is in; an empty string for the package's face."""
    return (*module.split("."), "")[1]


def imports_of(module: str) -> Iterator[str]:
    """Yield the project's modules that a module imports, wherever in its code but for types alone."""
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    typing = {
        child
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
        for child in ast.walk(node)
    }
    for node in set(ast.walk(tree)) - typing:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dontspy_data"):
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                yield submodule if submodule in MODULES else str(node.module)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)


def test_every_room_has_a_level() -> None:
    assert {room_of(module) for module in MODULES} == set(LEVEL)


@pytest.mark.parametrize("module", MODULES)
def test_imports_run_downward(module: str) -> None:
    room = room_of(module)
    for imported in imports_of(module):
        if room_of(imported) != room:
            assert LEVEL[room_of(imported)] < LEVEL[room] or (room == "" and module == "dontspy_data"), (
                imported
            )


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph = {module: set(imports_of(module)) - {module} for module in MODULES}
    while free := {module for module, wanted in graph.items() if not wanted & graph.keys()}:
        graph = {module: wanted for module, wanted in graph.items() if module not in free}
    assert not graph, f"a circle goes through {sorted(graph)}"


def test_no_two_classes_have_one_name() -> None:
    found = defaultdict(list)
    for module, path in MODULES.items():
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.ClassDef):
                found[node.name].append(module)
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


FEWEST, MOST = 25, 300
SMALL = {
    "dontspy_data.audit.always_fifty": "a model is a module",
    "dontspy_data.resolve.lost_letters": "one idea, shown to newcomers first",
}
"""Modules with fewer lines of code than others, beside the rooms' faces, and why."""
NOT_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


def lines_of_code(text: str) -> int:
    """Count lines that are not blank, comments or docstrings."""
    lines = {
        line
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
        if token.type not in NOT_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0] if node.body else None
            if ast.get_docstring(node, clean=False) is not None and first is not None:
                lines -= set(range(first.lineno, (first.end_lineno or first.lineno) + 1))
    return len(lines)


def test_modules_are_neither_crumbs_nor_loaves() -> None:
    counted = {module: lines_of_code(path.read_text(encoding="utf-8")) for module, path in MODULES.items()}
    faces = {module for module, path in MODULES.items() if path.stem in ("__init__", "__main__", "_version")}
    crumbs = {module for module in counted.keys() - faces if counted[module] < FEWEST}
    assert crumbs == SMALL.keys() & counted.keys()
    assert {module: lines for module, lines in counted.items() if lines > MOST} == {}


def test_files_that_contributing_names_are_there() -> None:
    root = PACKAGE.parent
    text = (root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = {
        name for name in re.findall(r"`([\w./-]+/[\w.-]+\.(?:py|csv|json))`", text) if "TABLE" not in name
    }
    assert len(named) > 20
    assert {name for name in named if not (root / name).exists() and not (PACKAGE / name).exists()} == set()
