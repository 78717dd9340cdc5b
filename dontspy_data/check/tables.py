"""What a maintainer should know of a package though it is not wrong."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from dontspy_data.check.columns import check_columns, check_foreign_key
from dontspy_data.check.files import SHOWN, Finding, Flag, some
from dontspy_data.errors import DontspyError
from dontspy_data.model.schema import Table
from dontspy_data.package.digests import DESCRIPTOR, sha256_of
from dontspy_data.package.open import Package, open_package
from dontspy_data.package.paths import PathError, inside
from dontspy_data.package.write import are_formulas, arrow_schema, csv_parts

if TYPE_CHECKING:
    import pyarrow as pa

UNREADABLE = "cannot be read as Parquet"
OTHER_COLUMNS = "does not have the columns and types of its schema"
SAMPLED_ROWS = 100
"""Rows of each table that frictionless reads, too, so that another reader of the standard has seen each column."""


def flags(folder: Path) -> Iterator[Flag]:
    """Columns with text that a spreadsheet would run, so that CSV and Parquet differ by an apostrophe.

    Args:
        folder: of a package in which `check` finds no problem.
    """
    package = open_package(folder)
    for table in package.tables:
        for column in (field.name for field in table.fields if field.type == "string"):
            text = package.read(table.name, [column])[column].drop_null()
            formulas = text.filter(are_formulas(text)).to_pylist()
            what = f"has an apostrophe before values of {column} that a spreadsheet would run; Parquet has them exact"
            yield from (Flag(f"data/{table.name}.csv", message) for message in some(what, formulas))


def check_tables(package: Package, broken: Collection[str]) -> Iterator[Finding]:
    """Yield what is wrong with the tables of a package.

    Args:
        package: opened.
        broken: files already known to be missing or changed; they are not read.
    """
    yield from _check_descriptor(package, broken)
    sound = set()
    for table in package.tables:  # one at a time, so that no two are in memory
        if f"data/{table.name}.parquet" not in broken:
            found = list(_check_table(package, table))
            yield from found
            if not any(finding.message in (UNREADABLE, OTHER_COLUMNS) for finding in found):
                sound.add(table.name)
                yield from _check_csv(package, table, broken)
    for table in package.tables:
        for key in table.foreign_keys:
            if {table.name, key.table} <= sound:
                here = package.read(table.name, list(key.fields))
                yield from check_foreign_key(
                    table.name, key, here, package.read(key.table, list(key.reference))
                )
    if not any(path.endswith(".csv") for path in broken):
        yield from _check_with_frictionless(package, SAMPLED_ROWS)


def _check_table(package: Package, table: Table) -> Iterator[Finding]:
    path = f"data/{table.name}.parquet"
    try:
        arrow = package.read(table.name)
    except DontspyError:
        yield Finding(path, UNREADABLE)
        return
    if _columns(arrow.schema) != _columns(arrow_schema(table)):
        yield Finding(path, OTHER_COLUMNS)
        return
    if not table.minimum_rows <= arrow.num_rows <= table.maximum_rows:
        expected = f"between {table.minimum_rows:,} and {table.maximum_rows:,} are expected"
        yield Finding(path, f"has {arrow.num_rows:,} rows; {expected}")
    yield from check_columns(table, arrow)


def _check_csv(package: Package, table: Table, broken: Collection[str]) -> Iterator[Finding]:
    path = f"data/{table.name}.csv"
    text = csv_parts(table, package.batches(table.name))
    if path not in broken and not _says_the_same(package.folder / path, text):
        yield Finding(path, f"does not say the same as data/{table.name}.parquet")


def _check_descriptor(package: Package, broken: Collection[str]) -> Iterator[Finding]:
    resources = package.descriptor["resources"]
    for file in (f for resource in resources for f in (resource, *resource.get("alternatives", ()))):
        if not {"path", "bytes", "hash"} <= file.keys():
            yield Finding(
                DESCRIPTOR, f"lacks the path, bytes or hash of {file.get('path') or file.get('name')}"
            )
            continue
        if file["path"] in broken:
            continue
        try:
            path = inside(package.folder, str(file["path"]))
        except PathError as error:
            yield Finding(DESCRIPTOR, str(error))
            continue
        if not path.is_file():
            yield Finding(file["path"], f"is missing: {DESCRIPTOR} lists it")
        elif (file["bytes"], file["hash"]) != (path.stat().st_size, f"sha256:{sha256_of(path)}"):
            yield Finding(file["path"], f"does not have the bytes and hash that {DESCRIPTOR} gives")


def check_with_frictionless(folder: Path) -> Iterator[Finding]:
    """Yield what frictionless finds in every row of every table of a package, which takes long.

    Raises:
        UsageError: the folder is no package.
    """
    return _check_with_frictionless(open_package(folder), None)


def _check_with_frictionless(package: Package, rows: int | None) -> Iterator[Finding]:
    """Validate the descriptor and the first rows of each table, or all rows, whose keys refer to rows beyond those."""
    from frictionless import Checklist
    from frictionless import Package as Frictionless

    described = Frictionless(str(package.folder / DESCRIPTOR))
    if rows:
        for resource in described.resources:
            resource.schema.foreign_keys = []  # for which it would read whole tables
    left_out = ["byte-count", "hash-count"] if rows else []
    report = described.validate(Checklist(skip_errors=left_out), limit_rows=rows)
    for error in report.errors:
        yield Finding(DESCRIPTOR, f"frictionless: {error.message}")
    for task in report.tasks:
        for error in task.errors[:SHOWN]:
            yield Finding(f"data/{task.name}.csv", f"frictionless: {error.message}")
        if len(task.errors) > SHOWN:
            yield Finding(f"data/{task.name}.csv", f"frictionless: {len(task.errors) - SHOWN:,} more errors")


def _says_the_same(path: Path, parts: Iterator[bytes]) -> bool:
    """Return whether a file consists of these bytes and no more."""
    with path.open("rb") as stream:
        return all(stream.read(len(part)) == part for part in parts) and not stream.read(1)


def _columns(schema: "pa.Schema") -> list[tuple[str, "pa.DataType"]]:
    return [(field.name, field.type) for field in schema]
