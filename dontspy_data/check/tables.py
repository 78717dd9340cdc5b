"""Checking tables: the descriptor, the values of every column, keys, and that CSV and Parquet agree.

Values are checked column by column, on Arrow, by the constraints of Table Schema that this project uses
(https://datapackage.org/standard/table-schema/#field-constraints). Patterns match the whole text. Checks without
an Arrow function run once for each distinct value.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dontspy_data.check import SHOWN, Finding, some
from dontspy_data.errors import DontspyError
from dontspy_data.model.schema import ForeignKey, Table
from dontspy_data.package.files import DESCRIPTOR, PathError, inside, sha256_of
from dontspy_data.package.open import Package
from dontspy_data.package.write import are_formulas, arrow_schema, csv_parts

if TYPE_CHECKING:
    import pyarrow as pa

SAMPLED_ROWS = 100
"""Rows of each table that frictionless also reads, so that another reader of the standard has seen each column."""
COUNT = "count_all"
SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")  # of an address, RFC 3986, section 3.1
UNKNOWN_CONSTRAINT = "has a constraint that this check does not know"
KNOWN = frozenset({"required", "unique", "enum", "pattern", "minimum", "maximum", "minLength", "maxLength"})


def check_tables(package: Package, broken: Collection[str]) -> Iterator[Finding]:
    """Yield what is wrong with the tables of a package.

    Args:
        package: opened.
        broken: files already known to be missing or changed; they are not read.
    """
    yield from _check_descriptor(package, broken)
    sound = set()
    for table in package.tables:  # one at a time, so that no two are in memory
        if f"data/{table.name}.parquet" in broken:
            continue
        arrow = _readable(package, table)
        if isinstance(arrow, Finding):
            yield arrow
            continue
        sound.add(table.name)
        if not table.minimum_rows <= arrow.num_rows <= table.maximum_rows:
            expected = f"between {table.minimum_rows:,} and {table.maximum_rows:,} are expected"
            yield Finding(f"data/{table.name}.parquet", f"has {arrow.num_rows:,} rows; {expected}")
        yield from check_columns(table, arrow)
        del arrow
        yield from _check_csv(package, table, broken)
    for table in package.tables:
        for key in table.foreign_keys:
            if {table.name, key.table} <= sound:
                here = package.read(table.name, list(key.fields))
                yield from check_foreign_key(
                    table.name, key, here, package.read(key.table, list(key.reference))
                )
    if not any(path.endswith(".csv") for path in broken):
        yield from check_with_frictionless(package, SAMPLED_ROWS)


def check_columns(table: Table, arrow: "pa.Table") -> Iterator[Finding]:
    """Yield what is wrong with the values of a table, whose columns and types are those of its schema."""
    path = f"data/{table.name}.parquet"
    for key in (table.primary_key, *((field.name,) for field in table.fields if field.unique)):
        yield from some(path, f"has {' and '.join(key)} more than once", _repeated(arrow, key))
    for described in table.schema["fields"]:
        name, constraints = described["name"], described.get("constraints", {})
        column = arrow[name]
        if column.null_count and constraints.get("required"):
            yield Finding(path, f"has rows without {name}, which is required")
        if unknown := constraints.keys() - KNOWN:
            yield Finding(path, f"{UNKNOWN_CONSTRAINT} of {name}: {', '.join(sorted(unknown))}")
        for what, values in _wrong(described, column):
            yield from some(path, f"has values of {name} that {what}", values)


def check_foreign_key(name: str, key: ForeignKey, here: "pa.Table", there: "pa.Table") -> Iterator[Finding]:
    """Yield the values of a foreign key that the referenced table lacks; a null refers to nothing.

    Args:
        name: of the table that refers.
        key: the columns of both.
        here: the columns that refer.
        there: the columns that they refer to.
    """
    used = here.select(key.fields).drop_null()
    known = there.select(key.reference).rename_columns(list(key.fields))
    missing = (
        used.group_by(list(key.fields)).aggregate([]).join(known, list(key.fields), join_type="left anti")
    )
    what = f"has values of {' and '.join(key.fields)} that {key.table} does not have"
    yield from some(f"data/{name}.parquet", what, _rows(missing, key.fields))


def check_with_frictionless(package: Package, rows: int | None = None) -> Iterator[Finding]:
    """Yield what frictionless finds in the descriptor and every row of every table, which takes long.

    Args:
        package: opened.
        rows: how many of each table to read; their keys, which may refer to rows beyond those, are ignored.
    """
    from frictionless import Checklist
    from frictionless import Package as Frictionless

    described = Frictionless(str(package.folder / DESCRIPTOR))
    if rows:
        for resource in described.resources:
            resource.schema.foreign_keys = []  # it would read whole tables for them
    left_out = ["byte-count", "hash-count"] if rows else []
    report = described.validate(Checklist(skip_errors=left_out), limit_rows=rows)
    for error in report.errors:
        yield Finding(DESCRIPTOR, f"frictionless: {error.message}")
    for task in report.tasks:
        for error in task.errors[:SHOWN]:
            yield Finding(f"data/{task.name}.csv", f"frictionless: {error.message}")
        if len(task.errors) > SHOWN:
            yield Finding(f"data/{task.name}.csv", f"frictionless: {len(task.errors) - SHOWN:,} more errors")


def flags(package: Package) -> Iterator[Finding]:
    """Yield columns with text that a spreadsheet would run, so that CSV and Parquet differ by an apostrophe.

    Args:
        package: in which `check` finds no problem.
    """
    for table in package.tables:
        for column in (field.name for field in table.fields if field.type == "string"):
            text = package.read(table.name, [column])[column].drop_null()
            formulas = text.filter(are_formulas(text)).to_pylist()
            what = f"has an apostrophe before values of {column} that a spreadsheet would run; Parquet has them exact"
            yield from some(f"data/{table.name}.csv", what, formulas)


def _readable(package: Package, table: Table) -> "pa.Table | Finding":
    """Return a table with the columns of its schema, or a finding that says why there is none."""
    path = f"data/{table.name}.parquet"
    try:
        arrow = package.read(table.name)
    except DontspyError:
        return Finding(path, "cannot be read as Parquet")
    if _columns(arrow.schema) != _columns(arrow_schema(table)):
        return Finding(path, "does not have the columns and types of its schema")
    return arrow


def _check_csv(package: Package, table: Table, broken: Collection[str]) -> Iterator[Finding]:
    path = f"data/{table.name}.csv"
    text = csv_parts(table.columns, package.batches(table.name))
    if path not in broken and not _says_the_same(package.folder / path, text):
        yield Finding(path, f"does not say the same as data/{table.name}.parquet")


def _check_descriptor(package: Package, broken: Collection[str]) -> Iterator[Finding]:
    resources = package.descriptor["resources"]
    for file in (f for resource in resources for f in (resource, *resource["alternatives"])):
        if not {"bytes", "hash"} <= file.keys():
            yield Finding(DESCRIPTOR, f"lacks the path, bytes or hash of {file['path']}")
            continue
        if file["path"] in broken:
            continue
        try:
            path = inside(package.folder, file["path"])
        except PathError as error:
            yield Finding(DESCRIPTOR, str(error))
            continue
        if not path.is_file():
            yield Finding(file["path"], f"is missing: {DESCRIPTOR} lists it")
        elif (file["bytes"], file["hash"]) != (path.stat().st_size, f"sha256:{sha256_of(path)}"):
            yield Finding(file["path"], f"does not have the bytes and hash that {DESCRIPTOR} gives")


def _says_the_same(path: Path, parts: Iterator[bytes]) -> bool:
    """Return whether a file consists of these bytes and no more."""
    with path.open("rb") as stream:
        return all(stream.read(len(part)) == part for part in parts) and not stream.read(1)


def _columns(schema: "pa.Schema") -> list[tuple[str, "pa.DataType"]]:
    return [(field.name, field.type) for field in schema]


def _repeated(arrow: "pa.Table", key: Sequence[str]) -> list[Any]:
    import pyarrow.compute as pc

    counted = arrow.select(key).group_by(list(key)).aggregate([([], COUNT)])
    return _rows(counted.filter(pc.greater(counted[COUNT], 1)), key)


def _rows(arrow: "pa.Table", columns: Sequence[str]) -> list[Any]:
    """Return rows as tuples, sorted."""
    found = zip(*(arrow[column].to_pylist() for column in columns), strict=True)
    return sorted(found, key=lambda row: [(value is not None, value) for value in row])


def _wrong(described: Mapping[str, Any], column: "pa.ChunkedArray") -> Iterator[tuple[str, list[Any]]]:
    """Yield each constraint of a field that is not met, and the values that do not meet it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    constraints = described.get("constraints", {})
    if pa.types.is_string(column.type):
        yield (
            "are empty texts, which a CSV file does not tell from none",
            _those(column, pc.equal(column, "")),
        )
    if listed := constraints.get("enum"):
        allowed = pa.array(map(str, listed)).cast(column.type)  # which a descriptor may write as text
        yield "are no category of it", _those(column, pc.invert(pc.is_in(column, allowed)))
    for bound in ("minimum", "maximum", "minLength", "maxLength"):
        if bound in constraints:
            measured = pc.utf8_length(column) if bound.endswith("Length") else column
            most = pa.scalar(str(constraints[bound])).cast(measured.type)
            is_beyond = pc.less if bound.startswith("min") else pc.greater
            yield f"are beyond its {bound}, {constraints[bound]}", _those(column, is_beyond(measured, most))
    if pattern := constraints.get("pattern"):
        yield "are not of its pattern", _unmatched(column, pattern)
    if described.get("format") == "uri":
        yield "are no addresses", _unlike(column, lambda text: SCHEME.match(text) is not None)


def _those(column: "pa.ChunkedArray", mask: Any) -> list[Any]:
    import pyarrow.compute as pc

    kept = pc.and_(pc.fill_null(mask, False), pc.is_valid(column))
    return sorted(column.filter(kept).unique().to_pylist())


def _unmatched(column: "pa.ChunkedArray", pattern: str) -> list[Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    try:
        return _those(column, pc.invert(pc.match_substring_regex(column, rf"\A(?:{pattern})\z")))
    except pa.ArrowInvalid:  # RE2 lacks features of Python, such as lookahead
        matches = re.compile(pattern).fullmatch
        return _unlike(column, lambda text: matches(text) is not None)


def _unlike(column: "pa.ChunkedArray", is_right: Callable[[str], bool]) -> list[Any]:
    return sorted(text for text in column.unique().to_pylist() if text is not None and not is_right(text))
