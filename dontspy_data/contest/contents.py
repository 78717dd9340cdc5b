"""What is in a table that somebody attached: its columns with their types, and the values that it can be keyed by."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from dontspy_data.contest.records import (
    DATE,
    NAMES_MEND,
    EntryProblem,
    read_header,
    read_records,
    read_rows,
    wrong_names,
)
from dontspy_data.errors import DontspyError

if TYPE_CHECKING:
    import pyarrow as pa

KEYS = ("portrait_id", "mep_id")
"""What a table can be keyed by; with both columns, the portrait."""
INTEGER = re.compile(r"-?(0|[1-9][0-9]{0,17})")
NUMBER = re.compile(r"-?((0|[1-9][0-9]{0,17})(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]{1,2})?")
TIME = re.compile(r"[0-9]{2}:[0-9]{2}:[0-9]{2}")
DATETIME = re.compile(rf"{DATE.pattern}T{TIME.pattern}(\.[0-9]{{1,6}})?(Z|[+-][0-9]{{2}}:[0-9]{{2}})?")
TRUTHS = frozenset({"true", "True", "TRUE", "false", "False", "FALSE"})


class ContentsError(DontspyError):
    """A file that is no table; the message says why, and reads on from the file's name."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What is in a table.

    Attributes:
        rows: how many there are.
        fields: Table Schema descriptors of the columns, inferred from all rows.
        keys: values of those columns of `KEYS` that there are, None for an empty cell.
    """

    rows: int
    fields: tuple[dict[str, Any], ...]
    keys: Mapping[str, Sequence[Any]]


def read_csv(body: bytes) -> Contents:
    """Read a CSV file.

    A type is given only where every cell is written as the Table Schema says, so that whoever reads it by
    the schema gets all of it: `007` is text, and so is `NA`.

    Raises:
        ContentsError: it is not CSV in UTF-8 with a name a column and as many cells in each row.
    """
    records = read_records(body)
    header = read_header(records)
    if isinstance(header, EntryProblem):
        raise _error(header)
    rows: list[tuple[str, ...]] = []
    for row in read_rows(records, len(header)):
        if isinstance(row, EntryProblem):
            raise _error(row)
        rows.append(row.cells)
    columns = {name: [cells[place] for cells in rows] for place, name in enumerate(header)}
    return Contents(
        len(rows),
        tuple(
            _field(name, _type_of_cells(cells), complete="" not in cells) for name, cells in columns.items()
        ),
        {name: [_key(cell) for cell in columns[name]] for name in KEYS if name in columns},
    )


def read_parquet(body: bytes) -> Contents:
    """Read a Parquet file.

    Raises:
        ContentsError: it is none, or has columns without a name or of the same name.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        table = pq.ParquetFile(pa.BufferReader(body)).read()
        table.validate(full=True)  # of texts, that they are UTF-8
    except (pa.ArrowException, OSError) as error:
        raise ContentsError(
            f"cannot be read as a table: {error}", hint="Save it as Parquet again, or as CSV."
        ) from error
    if wrong := wrong_names(table.column_names):
        raise ContentsError(wrong, hint=NAMES_MEND)
    return Contents(
        table.num_rows,
        tuple(
            _field(field.name, _type_of_arrow(field.type), complete=_is_complete(table[field.name]))
            for field in table.schema
        ),
        {name: table[name].to_pylist() for name in KEYS if name in table.column_names},
    )


def _error(problem: EntryProblem) -> ContentsError:
    return ContentsError(f"on line {problem.line} {problem.message}", hint=problem.mend)


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
    """Return whether a cell is written in a way and stands for a value, which 2026-02-30 does not."""

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


def _is_complete(column: "pa.ChunkedArray") -> bool:
    """Return whether no value is missing, be it null or the empty text that CSV has in its place."""
    if column.null_count:
        return False
    return _type_of_arrow(column.type) != "string" or "" not in column.to_pylist()


def _type_of_arrow(kind: "pa.DataType") -> str:
    from pyarrow import types

    if types.is_dictionary(kind):
        return _type_of_arrow(kind.value_type)
    checks = (
        (types.is_boolean, "boolean"),
        (types.is_integer, "integer"),
        (types.is_floating, "number"),
        (types.is_decimal, "number"),
        (types.is_date, "date"),
        (types.is_timestamp, "datetime"),
        (types.is_time, "time"),
        (types.is_string, "string"),
        (types.is_large_string, "string"),
    )
    return next((name for is_kind, name in checks if is_kind(kind)), "any")
