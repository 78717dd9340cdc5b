"""Checking tables: frictionless, and what frictionless does not enforce.

Frictionless 5 checks types, constraints, primary and foreign keys of the CSVs. This module adds digests in the
descriptor, categories, keys over the Parquet files, numbers of rows, and that both formats say the same.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from dontspy_data.errors import DontspyError
from dontspy_data.package.check.problem import SHOWN, Problem, some
from dontspy_data.package.files import DESCRIPTOR, sha256_of
from dontspy_data.package.metadata import Table
from dontspy_data.package.package import Package
from dontspy_data.package.write import arrow_schema, csv_bytes

if TYPE_CHECKING:
    import pyarrow as pa


def check_tables(package: Package, broken: Collection[str]) -> Iterator[Problem]:
    """What is wrong with the tables of a package.

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
                yield Problem(f"data/{table.name}.parquet", "cannot be read as Parquet")
                continue
            yield from _check_table(package, table, arrow, broken)
            arrows[table.name] = arrow
    for table in package.tables:
        yield from _check_foreign_keys(table, arrows)
    if not any(path.endswith(".csv") for path in broken):
        yield from _check_with_frictionless(package)


def _check_descriptor(package: Package, broken: Collection[str]) -> Iterator[Problem]:
    resources = package.descriptor["resources"]
    for file in (f for resource in resources for f in (resource, *resource.get("alternatives", ()))):
        if not {"path", "bytes", "hash"} <= file.keys():
            yield Problem(
                DESCRIPTOR, f"lacks the path, bytes or hash of {file.get('path') or file.get('name')}"
            )
            continue
        path = package.folder / file["path"]
        if file["path"] in broken:
            continue
        if not path.is_file():
            yield Problem(file["path"], f"is missing: {DESCRIPTOR} lists it")
        elif (file["bytes"], file["hash"]) != (path.stat().st_size, f"sha256:{sha256_of(path)}"):
            yield Problem(file["path"], f"does not have the bytes and hash that {DESCRIPTOR} gives")


def _check_table(
    package: Package, table: Table, arrow: "pa.Table", broken: Collection[str]
) -> Iterator[Problem]:
    path = f"data/{table.name}.parquet"
    if _columns(arrow.schema) != _columns(arrow_schema(table)):
        yield Problem(path, "does not have the columns and types of its schema")
        return
    csv_path = f"data/{table.name}.csv"
    if csv_path not in broken and (package.folder / csv_path).read_bytes() != csv_bytes(table, arrow):
        yield Problem(csv_path, f"does not say the same as {path}")
    if not table.minimum_rows <= arrow.num_rows <= table.maximum_rows:
        yield Problem(
            path,
            f"has {arrow.num_rows:,} rows; between {table.minimum_rows:,} and {table.maximum_rows:,} are expected",
        )
    for key in (table.primary_key, *((field.name,) for field in table.fields if field.unique)):
        twice = [value for value, count in Counter(_tuples(arrow, key)).items() if count > 1]
        yield from _some(path, f"has {' and '.join(key)} more than once", twice)
    for field in table.fields:
        values = set(arrow[field.name].to_pylist())
        if field.required and None in values:
            yield Problem(path, f"has rows without {field.name}, which is required")
        if field.categories:
            unknown = sorted(values - set(field.categories) - {None})
            yield from _some(path, f"has values of {field.name} that are no category of it", unknown)


def _check_foreign_keys(table: Table, arrows: Mapping[str, "pa.Table"]) -> Iterator[Problem]:
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


def _check_with_frictionless(package: Package) -> Iterator[Problem]:
    from frictionless import validate

    report = validate(str(package.folder / DESCRIPTOR))
    for error in report.errors:
        yield Problem(DESCRIPTOR, f"frictionless: {error.message}")
    for task in report.tasks:
        for error in task.errors[:SHOWN]:
            yield Problem(f"data/{task.name}.csv", f"frictionless: {error.message}")
        if len(task.errors) > SHOWN:
            yield Problem(f"data/{task.name}.csv", f"frictionless: {len(task.errors) - SHOWN:,} more errors")


def _columns(schema: "pa.Schema") -> list[tuple[str, "pa.DataType"]]:
    return [(field.name, field.type) for field in schema]


def _tuples(arrow: "pa.Table", columns: Sequence[str]) -> Iterator[tuple[Any, ...]]:
    return zip(*(arrow[column].to_pylist() for column in columns), strict=True)


def _some(path: str, what: str, values: Sequence[Any]) -> Iterator[Problem]:
    return (Problem(path, message) for message in some(what, values))
