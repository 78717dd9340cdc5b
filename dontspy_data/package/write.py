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
from itertools import islice
from operator import attrgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dontspy_data.model.schema import Table

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_AT_ONCE = 20_000
"""Rows that are held as Python objects, or as text, at a time."""
FORMULA_STARTS = "=+-@"
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
SPECIAL = '[",\r\n]'
"""What a cell is quoted for."""


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

    schema, left = arrow_schema(table), iter(rows)
    parts = [schema.empty_table()]
    while part := list(islice(left, ROWS_AT_ONCE)):
        parts.append(pa.table(_columns(table, part), schema=schema))
    # In one piece, since Parquet's pages are cut at the ends of pieces.
    return write_arrow(table, pa.concat_tables(parts).combine_chunks(), folder)


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
    """Yield the CSV file that says the same as an Arrow table, some rows at a time, the header first.

    The bytes are those of `csv_of`, `safe` and `cell`; the work is done on whole columns.
    """
    import pyarrow.compute as pc

    names = [field.name for field in table.fields]
    yield csv_of([names])
    for batch in arrow.select(names).to_batches(max_chunksize=ROWS_AT_ONCE):
        columns = [_safe_cells(column) for column in batch.columns]
        if len(columns) == 1:  # an empty line would be no row
            columns = [pc.if_else(pc.equal(columns[0], ""), '""', columns[0])]
        lines = pc.binary_join_element_wise(*columns, ",")
        lines = pc.binary_join_element_wise(lines, "\n", "")
        length = pc.sum(pc.binary_length(lines)).as_py() or 0
        yield lines.buffers()[2].slice(0, length).to_pybytes() if length else b""


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
    return text.startswith(tuple(FORMULA_STARTS)) and not NUMBER.fullmatch(text)


def are_formulas(text: "pa.Array") -> "pa.Array":
    """Return for each text of a column whether a spreadsheet would run it, as `is_formula` does for one."""
    import pyarrow.compute as pc

    begins = pc.match_substring_regex(text, f"^[{re.escape(FORMULA_STARTS)}]")
    return pc.and_(begins, pc.invert(pc.match_substring_regex(text, f"^(?:{NUMBER.pattern})$")))


def _safe_cells(column: "pa.Array") -> "pa.Array":
    """Return the cells of a column as they stand between commas."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(column.type):
        seconds = pc.floor_temporal(column.cast(pa.timestamp("ms")), unit="second").cast(pa.timestamp("s"))
        text = pc.replace_substring(seconds.cast(pa.string()), " ", "T")
        return pc.binary_join_element_wise(text, "Z", "").fill_null("")
    if pa.types.is_floating(column.type):  # Python writes the shortest text that reads as the same number
        column = pa.array(map(cell, column.to_pylist()), pa.string())
    elif not pa.types.is_string(column.type):
        return column.cast(pa.string()).fill_null("")
    text = column.fill_null("")
    formulas = are_formulas(text)
    if pc.any(formulas).as_py():
        text = pc.if_else(formulas, pc.binary_join_element_wise("'", text, ""), text)
    special = pc.match_substring_regex(text, SPECIAL)
    if pc.any(special).as_py():
        quoted = pc.binary_join_element_wise('"', pc.replace_substring(text, '"', '""'), '"', "")
        text = pc.if_else(special, quoted, text)
    return text


class _Lines:
    """Takes rows that end in CRLF and keeps them with LF alone.

    The csv module quotes a carriage return inside a cell only where its line ends have one.
    """

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def write(self, line: str) -> None:
        self._lines.append(line.removesuffix("\r\n") + "\n")


def _columns(table: Table, rows: Sequence[Any]) -> dict[str, list[Any]]:
    names = [field.name for field in table.fields]
    for kind in set(map(type, rows)):
        if [field.name for field in fields(kind)] != names:
            raise TypeError(f"{kind.__name__} does not have the columns of {table.name}: {', '.join(names)}")
    columns = {
        name: [None if value == "" else value for value in map(attrgetter(name), rows)] for name in names
    }
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
