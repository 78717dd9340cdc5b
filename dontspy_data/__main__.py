"""`python -m dontspy_data` is the command line. Help and completion are answered from what was rendered before.

`commands/rendered.json` is made from the commands themselves by `make docs`, and a test checks that it is current, so
`--help` and the Tab key need not import the commands.
"""

import os
import sys

TYPE_CHECKING = False  # the name is what type checkers know; the module typing takes longer than all of this
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

COMPLETE = "_DONTSPY_DATA_COMPLETE"
HELP = ("--help", "-h")
WIDTH = 100


def start() -> None:
    """Answer a question for help or completion; else hand over to the command line."""
    shell = os.environ.get(COMPLETE, "").removesuffix("_complete")
    if shell in ("bash", "zsh", "fish"):
        if complete(shell):
            return
    elif sys.argv[-1] in HELP and COMPLETE not in os.environ:
        rendered = _rendered()["help"].get(" ".join(sys.argv[1:-1]))
        if rendered:
            sys.stdout.write(rendered["colour" if _wants_colour() else "plain"])
            return
    from dontspy_data.cli import main

    if sys.platform == "linux":  # of Arrow's allocators there, this one gives memory back soonest
        os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "jemalloc")
    main(prog_name="dontspy-data")


def complete(shell: str) -> bool:
    """Print what can follow the words that a shell hands over; False if they need a real parser."""
    line = os.environ.get("COMP_WORDS", "")
    if any(sign in line for sign in "\"'\\$`"):
        return False
    words = line.split()[1:]
    if shell == "fish":
        unfinished = os.environ.get("COMP_CWORD", "")
        words = words[:-1] if unfinished and words and words[-1] == unfinished else words
    else:
        place = int(os.environ.get("COMP_CWORD", "0") or "0") - 1
        unfinished = words[place] if 0 <= place < len(words) else ""
        words = words[:place]
    forms = {"bash": "{0},{1}\n", "zsh": "{0}\n{1}\n{2}\n", "fish": "{0},{1}\t{2}\n"}
    for kind, value, about in _following(_rendered()["words"], words, unfinished):
        sys.stdout.write(forms[shell].format(kind, value, about or "_"))
    return True


def _following(tree: "dict[str, Any]", words: list[str], unfinished: str) -> "Iterator[tuple[str, str, str]]":
    """Yield kind, value and description of what can follow, as click's own completion does."""
    command, position, takes = _place(tree, words)
    node = tree[command]
    if takes is None and unfinished.startswith("-"):
        takes = {name: option["about"] for name, option in node["options"].items()}
    elif takes is None:
        takes = node["takes"][position] if position < len(node["takes"]) else ""
    if isinstance(takes, str):
        if takes:
            yield takes, unfinished, ""
        return
    for value, about in takes.items():
        if value.startswith(unfinished):
            yield "plain", value, about


def _place(tree: "dict[str, Any]", words: list[str]) -> "tuple[str, int, Any]":
    """Return the command that the words call, how many of its arguments are given, and what an option still takes."""
    command, position = "", 0
    takes: Any = None
    for word in words:
        longer = f"{command} {word}".strip()
        if takes is not None:
            takes = None
        elif word.startswith("-"):
            takes = tree[command]["options"].get(word, {}).get("takes")
        elif longer in tree:
            command, position = longer, 0
        else:
            position += 1
    return command, position, takes


def _rendered() -> "dict[str, Any]":
    import json

    path = os.path.join(os.path.dirname(__file__), "commands", "rendered.json")  # noqa: PTH118, PTH120 - quick
    with open(path, encoding="utf-8") as stream:  # noqa: PTH123
        loaded: dict[str, Any] = json.load(stream)
    return loaded


def _wants_colour() -> bool:
    if not sys.stdout.isatty() or "NO_COLOR" in os.environ or os.environ.get("TERM") == "dumb":
        return False
    return os.get_terminal_size(sys.stdout.fileno()).columns >= WIDTH


if __name__ == "__main__":
    start()
