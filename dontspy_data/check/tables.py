"""What a maintainer should know of a package though it is not wrong."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dontspy_data.check.files import SHOWN, Finding, Flag, some
from dontspy_data.errors import DontspyError
from dontspy_data.model.schema import Table
from dontspy_data.package.digests import DESCRIPTOR, sha256_of
from dontspy_data.package.open import Package, open_package
from dontspy_data.package.paths import PathError, inside
from dontspy_data.package.write import arrow_schema, csv_bytes, is_formula

if TYPE_CHECKING:
    import pyarrow as pa


def flags(folder: Path) -> Iterator[Flag]:
    """Columns with text that a spreadsheet would run, so that CSV and Parquet differ by an apostrophe.

    Args:
        folder: of a package in which `check` finds no problem.
    """
    package = open_package(folder)
    for table in package.tables:
        columns = [field.name for field in table.fields if field.type == "string"]
        arrow = package.read(table.name, columns)
        for column in columns:
            formulas = [text for text in arrow[column].to_pylist() if text and is_formula(text)]
            what = f"has an apostrophe before values of {column} that a spreadsheet would run; Parquet has them exact"
            yield from (Flag(f"data/{table.name}.csv", message) for message in some(what, formulas))


def check_tables(package: Package, broken: Collection[str]) -> Iterator[Finding]:
    """Yield what is wrong with the tables of a package.

    Args:
        package: opened.
        broken: files already known to be missing or changed; they are not read.
    """
    yield from _check_descriptor(package, broken)
    arrows: dict[str, pa.Table] = {}
    for table in package.tables:
        if f"data/{table.name}.parquet" not in broken:
            try:
                arrow = package.read(table.name)
            except DontspyError:
                yield Finding(f"data/{table.name}.parquet", "cannot be read as Parquet")
                continue
            yield from _check_table(package, table, arrow, broken)
            arrows[table.name] = arrow
    for table in package.tables:
        yield from _check_foreign_keys(table, arrows)
    if not any(path.endswith(".csv") for path in broken):
        yield from _check_with_frictionless(package)


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


def _check_table(
    package: Package, table: Table, arrow: "pa.Table", broken: Collection[str]
) -> Iterator[Finding]:
    path = f"data/{table.name}.parquet"
    if _columns(arrow.schema) != _columns(arrow_schema(table)):
        yield Finding(path, "does not have the columns and types of its schema")
        return
    csv_path = f"data/{table.name}.csv"
    if csv_path not in broken and (package.folder / csv_path).read_bytes() != csv_bytes(table, arrow):
        yield Finding(csv_path, f"does not say the same as {path}")
    if not table.minimum_rows <= arrow.num_rows <= table.maximum_rows:
        yield Finding(
            path,
            f"has {arrow.num_rows:,} rows; between {table.minimum_rows:,} and {table.maximum_rows:,} are expected",
        )
    for key in (table.primary_key, *((field.name,) for field in table.fields if field.unique)):
        twice = [value for value, count in Counter(_tuples(arrow, key)).items() if count > 1]
        yield from _some(path, f"has {' and '.join(key)} more than once", twice)
    for field in table.fields:
        values = set(arrow[field.name].to_pylist())
        if field.required and None in values:
            yield Finding(path, f"has rows without {field.name}, which is required")
        if field.categories:
            unknown = sorted(values - set(field.categories) - {None})
            yield from _some(path, f"has values of {field.name} that are no category of it", unknown)


def _check_foreign_keys(table: Table, arrows: Mapping[str, "pa.Table"]) -> Iterator[Finding]:
    for key in table.foreign_keys:
        if table.name not in arrows or key.table not in arrows:
            continue
        known = set(_tuples(arrows[key.table], key.reference))
        used = {value for value in _tuples(arrows[table.name], key.fields) if None not in value}
        yield from _some(
            f"data/{table.name}.parquet",
            f"has values of {' and '.join(key.fields)} that {key.table} does not have",
            sorted(used - known),
        )


def _check_with_frictionless(package: Package) -> Iterator[Finding]:
    from frictionless import validate

    report = validate(str(package.folder / DESCRIPTOR))
    for error in report.errors:
        yield Finding(DESCRIPTOR, f"frictionless: {error.message}")
    for task in report.tasks:
        for error in task.errors[:SHOWN]:
            yield Finding(f"data/{task.name}.csv", f"frictionless: {error.message}")
        if len(task.errors) > SHOWN:
            yield Finding(f"data/{task.name}.csv", f"frictionless: {len(task.errors) - SHOWN:,} more errors")


def _columns(schema: "pa.Schema") -> list[tuple[str, "pa.DataType"]]:
    return [(field.name, field.type) for field in schema]


def _tuples(arrow: "pa.Table", columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    return zip(*(arrow[column].to_pylist() for column in columns), strict=True)


def _some(path: str, what: str, values: Sequence[Any]) -> Iterator[Finding]:
    return (Finding(path, message) for message in some(what, values))
