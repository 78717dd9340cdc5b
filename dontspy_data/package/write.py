"""Writing tables: rows to CSV and Parquet, cast to the schema, the same bytes for the same rows.

CSV follows RFC 4180 with a line feed at line ends, UTF-8, a header row, and an empty cell for null. Text that a
spreadsheet would run gets an apostrophe before it there (CWE-1236, https://owasp.org/www-community/attacks/CSV_Injection)
and stays exact in Parquet.
"""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dontspy_data.model.schema import Table

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_AT_ONCE = 20_000
FORMULA_STARTS = frozenset("=+-@")
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.ASCII | re.IGNORECASE)


def write_table(table: Table, rows: Iterable[Any], folder: Path) -> int:
    """Write `<table>.csv` and `<table>.parquet` into a folder.

    Args:
        table: what to write.
        rows: frozen dataclasses with the table's columns as fields, in the order to be written.
        folder: exists.

    Returns:
        The number of rows.

    Raises:
        TypeError: a row's fields are not the table's columns.
        ValueError: a row lacks a required value.
        pyarrow.ArrowInvalid: a value does not have its column's type.
    """
    import pyarrow as pa

    return write_arrow(table, pa.table(_columns(table, rows), schema=arrow_schema(table)), folder)


def write_arrow(table: Table, arrow: "pa.Table", folder: Path) -> int:
    """Write an Arrow table with the columns of `table` in the same way; the number of its rows."""
    import pyarrow.parquet as pq

    pq.write_table(arrow, folder / f"{table.name}.parquet", compression="zstd")
    with (folder / f"{table.name}.csv").open("wb") as stream:
        stream.writelines(csv_parts(table, arrow))
    return int(arrow.num_rows)


def arrow_schema(table: Table) -> "pa.Schema":
    """Return the Arrow schema that follows from a Table Schema: required columns are not nullable."""
    import pyarrow as pa

    types = {
        "string": pa.string(),
        "integer": pa.int64(),
        "number": pa.float64(),
        "boolean": pa.bool_(),
        "date": pa.date32(),
        "datetime": pa.timestamp("ms", tz="UTC"),
    }
    return pa.schema(
        [
            pa.field(
                field.name, types[field.type], nullable=not field.required, metadata={"title": field.title}
            )
            for field in table.fields
        ],
        metadata={"title": table.title, "description": table.description},
    )


def csv_parts(table: Table, arrow: "pa.Table") -> Iterator[bytes]:
    """Yield the CSV file that says the same as an Arrow table, some rows at a time, the header first."""
    yield csv_of([[field.name for field in table.fields]])
    for start in range(0, arrow.num_rows, ROWS_AT_ONCE):
        part = arrow.slice(start, ROWS_AT_ONCE)
        columns = [_safe_cells(field.type, part[field.name].to_pylist()) for field in table.fields]
        yield csv_of(zip(*columns, strict=True))


def csv_of(rows: Iterable[Iterable[str]]) -> bytes:
    """Write the lines of a CSV file, of cells that are safe text already; see `safe`."""
    lines: list[str] = []
    csv.writer(_Lines(lines)).writerows(rows)
    return "".join(lines).encode()


def safe(text: str) -> str:
    """Return a cell's text with nothing in it that a spreadsheet would run."""
    return f"'{text}" if is_formula(text) else text


def is_formula(text: str) -> bool:
    """Return whether a spreadsheet would run a cell: it begins like a formula and is not a number."""
    return text[:1] in FORMULA_STARTS and not NUMBER.fullmatch(text)


def _safe_cells(kind: str, values: Sequence[Any]) -> list[str]:
    if kind == "string":
        return [safe(value) if value else "" for value in values]
    return [safe(cell(value)) if kind == "number" else cell(value) for value in values]


class _Lines:
    """Takes rows that end in CRLF and keeps them with LF alone.

    The csv module quotes a carriage return inside a cell only where its line ends have one.
    """

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def write(self, line: str) -> None:
        self._lines.append(line.removesuffix("\r\n") + "\n")


def _columns(table: Table, rows: Iterable[Any]) -> dict[str, list[Any]]:
    names = [field.name for field in table.fields]
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for row in rows:
        if [field.name for field in fields(row)] != names:
            raise TypeError(
                f"{type(row).__name__} does not have the columns of {table.name}: {', '.join(names)}"
            )
        for name in names:
            value = getattr(row, name)
            columns[name].append(None if value == "" else value)
    for field in table.fields:
        if field.required and None in columns[field.name]:
            raise ValueError(f"a row of {table.name} lacks {field.name}: {field.name} is required")
    return columns


def cell(value: Any) -> str:
    """Format a value as the text of a CSV cell; empty for null."""
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case float():
            return repr(value)
    return str(value)
