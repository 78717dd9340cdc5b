"""Checking: a whole package passes, and whatever is broken is found and named."""

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dontspy_data import sample
from dontspy_data.check import Finding
from dontspy_data.check.check import check, check_files, check_pictures
from dontspy_data.check.tables import check_tables, flags
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model.schema import Table
from dontspy_data.package.files import CHECKSUMS, DESCRIPTOR, checksums, sha256_of
from dontspy_data.package.open import open_package
from dontspy_data.package.write import arrow_schema, csv_parts


def test_what_was_built_is_whole_and_valid(built: Path) -> None:
    assert list(check(built)) == []


def test_one_changed_byte_in_any_file_is_found_and_named(package: Path) -> None:
    rng = random.Random(20260115)
    for path in sorted(p for p in package.rglob("*") if p.is_file()):
        body = path.read_bytes()
        at = rng.randrange(len(body))
        path.write_bytes(body[:at] + bytes([body[at] ^ (1 << rng.randrange(8))]) + body[at + 1 :])
        name = path.relative_to(package).as_posix()
        problems = list(check_files(package))
        assert problems, name
        assert name == CHECKSUMS or {problem.path for problem in problems} == {name}
        path.write_bytes(body)


@pytest.mark.parametrize("name", [CHECKSUMS, DESCRIPTOR, "README.md", "data/meps.csv", "data/meps.parquet"])
def test_a_missing_file_is_found_and_named(package: Path, name: str) -> None:
    (package / name).unlink()
    assert name in {problem.path for problem in check_files(package)}


def test_what_is_no_file_does_not_belong_there_either(package: Path) -> None:
    (package / "empty").mkdir()
    (package / "elsewhere").symlink_to("/etc")
    assert {problem.path for problem in check_files(package)} == {"empty/", "elsewhere"}


@pytest.mark.parametrize("name", ["notes.txt", "portraits/1.jpg", "data/extra.csv", ".hidden"])
def test_an_added_file_is_found_and_named(package: Path, name: str) -> None:
    (package / name).write_bytes(b"more")
    assert Finding(name, f"does not belong here: {CHECKSUMS} does not list it") in list(check_files(package))


def test_a_dropped_row_is_found_and_named(package: Path) -> None:
    path = package / "data" / "meps.csv"
    lines = path.read_text("utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8")
    assert "data/meps.csv" in {problem.path for problem in check_files(package)}


Change = Callable[[dict[str, list[object]]], None]


def _set(column: str, value: object, row: int = 0) -> Change:
    def change(columns: dict[str, list[object]]) -> None:
        columns[column][row] = value

    return change


def _drop(row: int) -> Change:
    def change(columns: dict[str, list[object]]) -> None:
        for values in columns.values():
            del values[row]

    return change


def _repeat(columns: dict[str, list[object]]) -> None:
    for values in columns.values():
        values.append(values[0])


def _keep(rows: int) -> Change:
    def change(columns: dict[str, list[object]]) -> None:
        for values in columns.values():
            del values[rows:]

    return change


@pytest.mark.parametrize(
    ("table", "change", "message"),
    [
        ("meps", _repeat, "has mep_id more than once: 9000001"),
        ("contacts", _repeat, "has mep_id and kind and value more than once"),
        ("meps", _set("gender", "unknown"), "has values of gender that are no category of it: unknown"),
        ("meps", _set("country", "XX"), "has values of country that countries does not have: XX"),
        (
            "political_groups",
            _set("predecessor", "XYZ"),
            "has values of predecessor that political_groups does not",
        ),
        ("statements", _set("url", "https://x.example/"), "that pages does not have: https://x.example/"),
        ("meps", _set("name", None), "has rows without name, which is required"),
        ("countries", _drop(0), "has 27 rows; between 28 and 60 are expected"),
        ("meps", _keep(3), "has 3 rows; between 20"),
    ],
)
def test_tables_that_agree_with_their_digests_are_still_checked(
    package: Path, table: str, change: Change, message: str
) -> None:
    _rewrite(package, table, change)
    assert any(message in problem.message for problem in check(package)), list(check(package))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (_set("sha256", "0" * 64), "does not have the SHA-256 that the table portraits gives"),
        (_set("path", None), "is a picture that the table portraits does not list"),
        (_set("path", None), "is present and gives no path"),
        (_set("path", "portraits/1.jpg"), "is missing: the table portraits lists it"),
    ],
)
def test_pictures_are_those_of_their_table(package: Path, change: Change, message: str) -> None:
    _rewrite(package, "portraits", change)
    problems = list(check_pictures(open_package(package), broken=()))
    assert any(message in problem.message for problem in problems), problems


def test_crops_are_those_of_their_table(tmp_path: Path) -> None:
    package = Path(shutil.copytree(sample.package_path(), tmp_path / "package"))
    (gone, broken, *_) = sorted((package / "derived/faces").iterdir())
    broken.rename(broken.with_name("1.jpg"))
    broken.write_bytes(gone.read_bytes()[:100])
    gone.unlink()
    problems = {problem.path: problem.message for problem in check_pictures(open_package(package), broken=())}
    assert problems.pop("derived/faces/1.jpg") == "is a picture that the table faces does not list"
    assert problems.pop(f"derived/faces/{gone.name}") == "is missing: the table faces lists it"
    assert [message.split(":")[0] for message in problems.values()] == ["cannot be decoded"]


@pytest.mark.parametrize("name", ["alternatives", "hash", "bytes", "number"])
def test_a_descriptor_of_another_form_is_one_problem_and_no_crash(package: Path, name: str) -> None:
    path = package / DESCRIPTOR
    path.write_text(path.read_text("utf-8").replace(f'"{name}"', f'"{name[1:]}"', 1), encoding="utf-8")
    assert {problem.path for problem in check(package)} == {DESCRIPTOR}


def test_a_descriptor_that_agrees_with_its_digest_is_still_checked(package: Path) -> None:
    path = package / DESCRIPTOR
    text = path.read_text("utf-8")
    path.write_text(text.replace('"bytes"', '"bites"', 1), encoding="utf-8")
    (package / CHECKSUMS).write_text(checksums(package), encoding="utf-8")
    assert Finding(DESCRIPTOR, "lacks the path, bytes or hash of data/meps.csv") in check(package)
    path.write_text(text.replace('"number"', '"umber"', 1), encoding="utf-8")
    (package / CHECKSUMS).write_text(checksums(package), encoding="utf-8")
    with pytest.raises(DontspyError, match="'umber'"):
        list(check(package))


@pytest.mark.parametrize("name", ["meps", "portraits", "faces"])
def test_a_table_that_is_cut_is_a_problem_of_its_file(package: Path, name: str) -> None:
    path = package / f"data/{name}.parquet"
    path.write_bytes(path.read_bytes()[:-100])
    (package / CHECKSUMS).write_text(checksums(package), encoding="utf-8")
    with pytest.raises(DontspyError, match=rf"data/{name}\.parquet cannot be read"):
        open_package(package).read(name)
    assert Finding(f"data/{name}.parquet", "cannot be read as Parquet") in check(package)


def test_both_formats_must_say_the_same(package: Path) -> None:
    _rewrite(package, "meps", _set("birth_place", "Elsewhere"), formats=("parquet",))
    assert Finding("data/meps.csv", "does not say the same as data/meps.parquet") in check(package)


def test_what_a_spreadsheet_would_run_is_flagged_and_not_wrong(package: Path) -> None:
    assert list(flags(open_package(package))) == []
    _rewrite(package, "meps", _set("birth_place", "=1+1"))
    what = "has an apostrophe before values of birth_place that a spreadsheet would run"
    assert list(flags(open_package(package))) == [
        Finding("data/meps.csv", f"{what}; Parquet has them exact: =1+1")
    ]
    assert [problem for problem in check(package) if problem.path.startswith("data/")] == []


def test_a_portrait_must_decode(package: Path) -> None:
    path = package / "portraits" / "9000001.jpg"
    path.write_bytes(path.read_bytes()[:200])
    digest = sha256_of(path)
    _rewrite(package, "portraits", _set("sha256", digest))
    problems = list(check_pictures(open_package(package), broken=()))
    assert [problem.message.split(":")[0] for problem in problems] == ["cannot be decoded"]


def test_columns_that_are_not_the_schemas_are_found(package: Path) -> None:
    path = package / "data" / "meps.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["wikidata_id"]), path)
    (package / CHECKSUMS).write_text(checksums(package), encoding="utf-8")
    problems = check_tables(open_package(package), broken=["data/meps.csv"])
    assert any(problem.message == "does not have the columns and types of its schema" for problem in problems)


def test_a_damaged_descriptor_is_one_problem_and_no_crash(package: Path) -> None:
    (package / DESCRIPTOR).write_text("{", encoding="utf-8")
    messages = [problem.message for problem in check(package) if problem.path == DESCRIPTOR]
    assert len(messages) == 2
    assert "is damaged" in messages[1]


def test_a_folder_that_is_no_package_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a package"):
        list(check(tmp_path))


def _rewrite(package: Path, name: str, change: Change, formats: tuple[str, ...] = ("csv", "parquet")) -> None:
    """Change a table and every digest of it, as somebody would who knows the format."""
    table = {table.name: table for table in open_package(package).tables}[name]
    columns = open_package(package).read(name).to_pydict()
    change(columns)
    loose = pa.schema([field.with_nullable(True) for field in arrow_schema(table)])
    arrow = pa.table(columns, schema=loose)
    if "parquet" in formats:
        pq.write_table(
            pa.Table.from_batches(arrow.to_batches(), schema=loose).cast(loose),
            package / f"data/{name}.parquet",
        )
    if "csv" in formats:
        (package / f"data/{name}.csv").write_bytes(b"".join(csv_parts(table.columns, arrow.to_batches())))
    _describe_anew(package, table)
    (package / CHECKSUMS).write_text(checksums(package), encoding="utf-8")


def _describe_anew(package: Path, table: Table) -> None:
    descriptor = json.loads((package / DESCRIPTOR).read_text("utf-8"))
    for resource in descriptor["resources"]:
        if resource["name"] == table.name:
            for file in (resource, *resource["alternatives"]):
                path = package / file["path"]
                file["bytes"], file["hash"] = path.stat().st_size, f"sha256:{sha256_of(path)}"
    (package / DESCRIPTOR).write_text(json.dumps(descriptor), encoding="utf-8")
