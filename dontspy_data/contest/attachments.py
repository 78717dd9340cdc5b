"""Enrichment tables that entrants attach: checked against a release, and described with a Table Schema.

They come from strangers: a file's declared size is checked before anything is read, and only the key columns of a
Parquet file are read. Each key occurs once, so that a table has no more rows than there are keys.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dontspy_data.contest.records import (
    DATE,
    NAMES_HINT,
    EntryProblem,
    quoted,
    read_header,
    read_records,
    read_rows,
    wrong_names,
)
from dontspy_data.contest.rules import forbidden
from dontspy_data.errors import DontspyError
from dontspy_data.package.files import PathError, inside

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

    from dontspy_data.contest.entries import ReleaseKeys

KEYS = ("portrait_id", "mep_id")
"""The possible keys of a table; with both columns, the portrait."""
HOW = {"mep_id": "whole numbers such as 197490, not 197490.0", "portrait_id": "text"}
SHOWN = 3
MOST_BYTES = 50_000_000
MOST_COLUMNS = 500
MOST_KEY_BYTES = 100_000_000
"""Largest size of the key columns of a Parquet file, decompressed."""
MOST_TABLE_BYTES = 2_000_000_000
"""Largest size of all columns of a Parquet file, decompressed, by its metadata."""
BATCH = 10_000
ANEW = "Save it again from its rows."
INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
NUMBER = re.compile(r"-?((0|[1-9][0-9]{0,17})(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")
TIME = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}")
DATETIME = re.compile(rf"{DATE.pattern}T{TIME.pattern}(\.[0-9]{{1,6}})?(Z|[+-][0-9]{{2}}:[0-9]{{2}})?")
TRUTHS = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})


class AttachmentError(DontspyError):
    """A table that cannot be joined to the release, or that the rules forbid."""


class ContentsError(DontspyError):
    """A file that is not a table; the message says why, and continues the file's name."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """An enrichment table that can be joined to the release.

    Attributes:
        path: as the entry gives it.
        key: `portrait_id` or `mep_id`.
        rows: how many there are.
        schema: Table Schema inferred from all rows, with the key as primary key.
    """

    path: str
    key: str
    rows: int
    schema: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a table.

    Attributes:
        rows: how many there are.
        fields: Table Schema descriptors of the columns.
        keys: values of the columns in `KEYS` that it has, None for an empty cell.
    """

    rows: int
    fields: tuple[dict[str, Any], ...]
    keys: Mapping[str, Sequence[Any]]


def read_attachment(folder: Path, path: str, known: "ReleaseKeys") -> Attachment:
    """Check a table and describe it.

    Args:
        folder: where paths start; nothing outside of it is read.
        path: of a CSV or Parquet file.
        known: the release that its keys must be in.

    Raises:
        AttachmentError: it is not there, not a table or too large, has a column that the rules forbid, no key column,
            a key twice or one that the release does not have, or portraits beside the number of somebody else.
    """
    most = max(len(known.people), len(known.portraits))
    body = _bytes(folder, path)
    try:
        contents = _parquet(body, most) if path.endswith(".parquet") else _csv(body, most)
    except ContentsError as error:
        raise AttachmentError(f"{path} {error}", hint=error.hint) from error
    key = next((name for name in KEYS if name in contents.keys), None)
    if key is None:
        raise AttachmentError(
            f"{path} has neither a column portrait_id nor mep_id",
            hint="Add the column that says whom or which portrait each row is about.",
        )
    _check_keys(path, key, contents.keys[key], known)
    if len(contents.keys) == len(KEYS):
        _check_persons(path, contents.keys, known)
    return Attachment(
        path,
        key,
        contents.rows,
        {
            "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
            "fields": list(contents.fields),
            "missingValues": [""],
            "primaryKey": [key],
        },
    )


def _bytes(folder: Path, path: str) -> bytes:
    try:
        file = inside(folder, path)
        if file.stat().st_size > MOST_BYTES:
            raise AttachmentError(
                f"{path} has {file.stat().st_size:,} bytes, more than {MOST_BYTES:,}",
                hint="Attach the columns that the entry is about, and publish the rest elsewhere.",
            )
        return file.read_bytes()
    except (OSError, ValueError, PathError) as error:  # ValueError for a path that no file can have
        raise AttachmentError(
            f"{path} is not there",
            hint=f"Put the table beside the entries, below {folder}, and give its path from there.",
        ) from error


def _check_names(names: Sequence[str]) -> None:
    if wrong := wrong_names(names):
        raise ContentsError(wrong, hint=NAMES_HINT)
    if len(names) > MOST_COLUMNS:
        raise ContentsError(
            f"has {len(names):,} columns, more than {MOST_COLUMNS}", hint="Attach what the entry is about."
        )
    if found := forbidden(names):
        raise ContentsError(
            f"has the column {found[0]!r}: no table may say anything about people's {found[1]}",
            hint="Leave the column out. What no entry may do is in docs/contest.md.",
        )


def _check_rows(rows: int, most: int) -> None:
    if rows > most:
        raise ContentsError(
            f"has more rows ({rows:,}) than the release has keys ({most:,}), and each key may occur only once",
            hint="Put what belongs to one person or portrait into one row.",
        )


def _csv(body: bytes, most: int) -> Contents:
    """Return what is in a CSV file.

    A column has a type only if every cell is written as the Table Schema says, so that readers that use the schema
    lose nothing: `007` is text, and so is `NA`.
    """
    records = read_records(body)
    header = read_header(records)
    if isinstance(header, EntryProblem):
        raise _error(header)
    _check_names(header)
    rows: list[tuple[str, ...]] = []
    for row in read_rows(records, len(header)):
        if isinstance(row, EntryProblem):
            raise _error(row)
        rows.append(row.cells)
        _check_rows(len(rows), most)
    columns = {name: [cells[place] for cells in rows] for place, name in enumerate(header)}
    return Contents(
        len(rows),
        tuple(
            _field(name, _type_of_cells(cells), complete="" not in cells) for name, cells in columns.items()
        ),
        {name: [_key(cell) for cell in columns[name]] for name in KEYS if name in columns},
    )


def _parquet(body: bytes, most: int) -> Contents:
    """Return what is in a Parquet file: the columns in its metadata, and the values of its keys."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        file = pq.ParquetFile(pa.BufferReader(body))
        schema = file.schema_arrow
        _check_names(schema.names)
        _check_vectors(schema)
        _check_rows(file.metadata.num_rows, most)
        keys = [name for name in KEYS if name in schema.names]
        table = _keys_of(file, keys)
        table.validate(full=True)  # checks that texts are UTF-8
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise ContentsError(
            f"cannot be read as a table: {error}", hint="Save it as Parquet again, or as CSV."
        ) from error
    complete = {name for name in keys if not table[name].null_count}
    return Contents(
        file.metadata.num_rows,
        tuple(
            _field(field.name, _type_of_arrow(field.type), complete=field.name in complete)
            for field in schema
        ),
        {name: table[name].to_pylist() for name in keys},
    )


def _check_vectors(schema: "pa.Schema") -> None:
    from pyarrow import types

    for field in schema:
        kind = field.type
        if (
            types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind)
        ) and types.is_floating(kind.value_type):
            raise ContentsError(
                f"has the column {field.name!r}, lists of numbers with a point: no table may have face templates",
                hint="Leave the column out, or give each number a column of its own that says what it is.",
            )


def _keys_of(file: "pq.ParquetFile", keys: Sequence[str]) -> "pa.Table":
    """Read the key columns, one batch at a time: a false column size in the metadata can end the process (pyarrow)."""
    import pyarrow as pa

    total = sum(file.metadata.row_group(n).total_byte_size for n in range(file.metadata.num_row_groups))
    if total > MOST_TABLE_BYTES:
        raise ContentsError(
            f"has {total:,} bytes once it is decompressed, more than {MOST_TABLE_BYTES:,}", hint=ANEW
        )
    batches: list[pa.RecordBatch] = []
    size = 0
    for batch in file.iter_batches(BATCH, columns=list(keys)):
        size += batch.nbytes
        if size > MOST_KEY_BYTES:
            raise ContentsError(f"has keys of more than {MOST_KEY_BYTES:,} bytes", hint=ANEW)
        batches.append(batch)
    return pa.Table.from_batches(batches, pa.schema([f for f in file.schema_arrow if f.name in keys]))


def _check_keys(path: str, key: str, values: Sequence[Any], known: "ReleaseKeys") -> None:
    """Raise AttachmentError unless every row has a unique key of the right type that is in the release."""
    if not values:
        raise AttachmentError(f"{path} has no rows", hint="Attach a table with rows, or none.")
    kind, there = (int, known.people) if key == "mep_id" else (str, known.portraits.keys())
    # By type first: 9000001.0 equals 9000001, and a list cannot be looked up.
    unknown = {quoted(value) for value in values if type(value) is not kind or value not in there}
    if unknown:
        raise AttachmentError(
            f"{path} has {key} values that are not in the release: {_first(unknown)}",
            hint=f"Take them from the release's column {key}: {HOW[key]}. None stands for an empty cell.",
        )
    if twice := {quoted(value) for value, count in Counter(values).items() if count > 1}:
        raise AttachmentError(
            f"{path} has {key} values more than once: {_first(twice)}",
            hint="Put what belongs to one person or portrait into one row.",
        )


def _first(values: set[str]) -> str:
    more = f" and {len(values) - SHOWN:,} more" if len(values) > SHOWN else ""
    return f"{', '.join(sorted(values)[:SHOWN])}{more}"


def _check_persons(path: str, keys: Mapping[str, Sequence[Any]], known: "ReleaseKeys") -> None:
    """Raise AttachmentError unless portraits and persons match, if both are given."""
    for portrait, person in zip(keys["portrait_id"], keys["mep_id"], strict=True):
        if type(person) is not int or person != known.portraits[portrait]:
            raise AttachmentError(
                f"{path} has mep_id {quoted(person)} beside {portrait}, which shows {known.portraits[portrait]}",
                hint="Correct one of them, or leave the column mep_id out.",
            )


def _error(problem: EntryProblem) -> ContentsError:
    return ContentsError(f"on line {problem.line} {problem.message}", hint=problem.hint)


def _field(name: str, kind: str, *, complete: bool) -> dict[str, Any]:
    return {"name": name, "type": kind, **({"constraints": {"required": True}} if complete else {})}


def _key(cell: str) -> str | int | None:
    return int(cell) if INTEGER.fullmatch(cell) else cell or None


def _type_of_cells(cells: Sequence[str]) -> str:
    filled = set(cells) - {""}
    if not filled:
        return "any"
    return next((kind for kind, fits in TYPES.items() if all(map(fits, filled))), "string")


def _written(pattern: re.Pattern[str], parse: Callable[[str], object]) -> Callable[[str], bool]:
    """Return whether a cell has this form and a value: 2026-02-30 has the form of a date, but is not one."""

    def fits(cell: str) -> bool:
        if not pattern.fullmatch(cell):
            return False
        try:
            parse(cell)
        except ValueError:
            return False
        return True

    return fits


TYPES: Mapping[str, Callable[[str], bool]] = {
    "integer": _written(INTEGER, int),
    "number": _written(NUMBER, float),
    "boolean": TRUTHS.__contains__,
    "date": _written(DATE, date.fromisoformat),
    "datetime": _written(DATETIME, datetime.fromisoformat),
    "time": _written(TIME, time.fromisoformat),
}
"""Types in the order in which they are tried."""


def _type_of_arrow(kind: "pa.DataType") -> str:
    from pyarrow import types

    if types.is_dictionary(kind):
        return _type_of_arrow(kind.value_type)
    checks = {
        "boolean": (types.is_boolean,),
        "integer": (types.is_integer,),
        "number": (types.is_floating, types.is_decimal),
        "date": (types.is_date,),
        "datetime": (types.is_timestamp,),
        "time": (types.is_time,),
        "string": (types.is_string, types.is_large_string),
    }
    return next((name for name, kinds in checks.items() if any(fits(kind) for fits in kinds)), "any")
