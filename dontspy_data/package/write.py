"""Writing tables, the same bytes for the same rows: CSV and Parquet, cast to the schema; and `datapackage.json`.

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
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, Self

from dontspy_data._version import __version__
from dontspy_data.model.schema import Table, dataset, tables
from dontspy_data.package.files import DESCRIPTOR, json_text, sha256_of
from dontspy_data.package.open import ROWS_AT_ONCE

if TYPE_CHECKING:
    import pyarrow as pa

    from dontspy_data.capture.captures import Captures

ROW_GROUP = 131_072
"""Rows of a row group of Parquet."""
FORMULA_STARTS = "=+-@"
NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
SPECIAL = '[",\r\n]'
"""Characters for which a cell is quoted."""
MEDIA_TYPES = {
    ".csv": "text/csv",
    ".parquet": "application/vnd.apache.parquet",
    ".sqlite": "application/vnd.sqlite3",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".json": "application/json",
    ".jsonl": "application/jsonl",
    ".jsonld": "application/ld+json",
    ".md": "text/markdown",
    ".cff": "application/yaml",
    ".zip": "application/zip",
    ".tar": "application/x-tar",
    ".sha256": "text/plain",
}
"""Media types by the end of a file's name."""


class TableWriter:
    """Writes `<table>.csv` and `<table>.parquet` while it is open, taking rows in batches.

    Of a large table, no more than one row group is held in memory.
    """

    def __init__(self, table: Table, folder: Path) -> None:
        """Begin both files, in a folder that exists."""
        import pyarrow.parquet as pq

        self.table = table
        self.rows = 0
        self._schema = arrow_schema(table)
        self._waiting = self._schema.empty_table()
        self._paths = [folder / f"{table.name}.{ending}" for ending in ("parquet", "csv")]
        self._parquet = pq.ParquetWriter(self._paths[0], self._schema, compression="zstd")
        self._csv = self._paths[1].open("wb")
        self._csv.write(csv_of([self._schema.names]))

    def add(self, rows: Iterable[Any]) -> None:
        """Add rows.

        Args:
            rows: frozen dataclasses with the table's columns as fields, in the order to be written.

        Raises:
            TypeError: a row's fields are not the table's columns.
            ValueError: a row lacks a required value.
            pyarrow.ArrowInvalid: a value does not have its column's type.
        """
        import pyarrow as pa

        left = iter(rows)
        while part := list(islice(left, ROWS_AT_ONCE)):
            self.add_arrow(pa.table(_columns(self.table, part), schema=self._schema))

    def add_arrow(self, rows: "pa.Table") -> None:
        """Add rows that are an Arrow table with the table's columns."""
        import pyarrow as pa

        self.rows += rows.num_rows
        self._waiting = pa.concat_tables([self._waiting, rows])
        while self._waiting.num_rows > ROW_GROUP:
            self._write(self._waiting.slice(0, ROW_GROUP))
            self._waiting = self._waiting.slice(ROW_GROUP)

    def _write(self, rows: "pa.Table") -> None:
        # As one chunk, since Parquet's pages end where chunks do.
        whole = rows.combine_chunks()
        self._parquet.write_table(whole, ROW_GROUP)
        self._csv.writelines(_csv_lines(whole.to_batches(ROWS_AT_ONCE)))

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Write the remaining rows and close both files; remove both after an error."""
        is_whole = False
        try:
            with self._csv, self._parquet:
                if kind is None:
                    self._write(self._waiting)
                    is_whole = True
        finally:
            if not is_whole:
                for path in self._paths:
                    path.unlink()


def write_table(table: Table, rows: Iterable[Any], folder: Path) -> int:
    """Write rows as `TableWriter` does, all at once; return how many there were."""
    with TableWriter(table, folder) as writer:
        writer.add(rows)
    return writer.rows


def write_descriptor(
    folder: Path,
    captures: "Captures",
    *,
    lookups: str | None,
    over_budget: Iterable[str],
    fallback: Iterable[str],
) -> None:
    """Write `datapackage.json`: the hand-edited metadata, what was built from, and every table with its digests.

    The package's time is that of the latest answer, so it does not depend on the clock.

    Args:
        folder: the package, with its tables in `data/`.
        captures: what it was built from.
        lookups: SHA-256 of the maintainer's own lookups; None if there are none.
        over_budget: each way in which sources exceeded their error budgets.
        fallback: a sentence for each source that replaced another and gave facts.
    """
    stood_in = list(fallback)
    latest = max(entry.retrieved_at for url in captures.urls() for entry in captures.entries(url))
    descriptor = {
        **{key: value for key, value in dataset().items() if key != "resources"},
        "created": latest.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "generator": {"name": "dontspy-data", "version": __version__},
        "captures": [
            {"hash": digest} for digest in sorted(f"sha256:{sha256_of(path)}" for path in captures.paths)
        ],
        **({"lookups": {"hash": f"sha256:{lookups}"}} if lookups else {}),
        "overBudget": list(over_budget),
        **({"fallback": stood_in} if stood_in else {}),
        "resources": table_resources(folder, tables()),
    }
    (folder / DESCRIPTOR).write_text(json_text(descriptor), encoding="utf-8")


def table_resources(folder: Path, described: Iterable[Table]) -> list[dict[str, Any]]:
    """Return the resources of tables whose files are in a package's `data/`."""
    return [_resource(folder, table) for table in described]


def file_entry(folder: Path, path: str) -> dict[str, Any]:
    """Return path, format, size and digest of a file of a package."""
    suffix = PurePosixPath(path).suffix
    return {
        "path": path,
        "format": suffix[1:],
        "mediatype": MEDIA_TYPES[suffix],
        "bytes": (folder / path).stat().st_size,
        "hash": f"sha256:{sha256_of(folder / path)}",
    }


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


def csv_parts(names: Sequence[str], batches: "Iterable[pa.RecordBatch]") -> Iterator[bytes]:
    """Yield the CSV file of batches of Arrow rows, the header first.

    The work is done on whole columns. A cell that a spreadsheet would run gets an apostrophe before it.
    """
    yield csv_of([names])
    yield from _csv_lines(batch.select(names) for batch in batches)


def _csv_lines(batches: "Iterable[pa.RecordBatch]") -> Iterator[bytes]:
    import pyarrow.compute as pc

    for batch in batches:
        columns = [_safe_cells(column) for column in batch.columns]
        if len(columns) == 1:  # an empty line would not be a row
            columns = [pc.if_else(pc.equal(columns[0], ""), '""', columns[0])]
        lines = pc.binary_join_element_wise(*columns, ",")
        lines = pc.binary_join_element_wise(lines, "\n", "")
        length = pc.sum(pc.binary_length(lines)).as_py() or 0
        yield lines.buffers()[2].slice(0, length).to_pybytes() if length else b""


def csv_of(rows: Iterable[Iterable[str]]) -> bytes:
    """Return the bytes of a CSV file from cells that are safe text already."""
    lines: list[str] = []
    csv.writer(_Lines(lines)).writerows(rows)
    return "".join(lines).encode()


def are_formulas(text: "pa.Array") -> "pa.Array":
    """Return for each text whether a spreadsheet would run it: it begins like a formula and is not a number."""
    import pyarrow.compute as pc

    begins = pc.match_substring_regex(text, f"^[{re.escape(FORMULA_STARTS)}]")
    return pc.and_(begins, pc.invert(pc.match_substring_regex(text, f"^(?:{NUMBER.pattern})$")))


def text_of_moments(column: "pa.Array") -> "pa.Array":
    """Return times as text, in whole seconds of UTC, as `cell` does for one; null stays null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    seconds = pc.floor_temporal(column.cast(pa.timestamp("ms")), unit="second").cast(pa.timestamp("s"))
    return pc.binary_join_element_wise(pc.replace_substring(seconds.cast(pa.string()), " ", "T"), "Z", "")


def _safe_cells(column: "pa.Array") -> "pa.Array":
    """Return the cells of a column, quoted where necessary."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(column.type):
        return text_of_moments(column).fill_null("")
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
    """Takes rows that end in CRLF and stores them ending in LF.

    The csv module quotes a carriage return inside a cell only where its line ends have one.
    """

    def __init__(self, lines: list[str]) -> None:
        self._lines = lines

    def write(self, line: str) -> None:
        self._lines.append(line.removesuffix("\r\n") + "\n")


def _columns(table: Table, rows: Sequence[Any]) -> dict[str, list[Any]]:
    names = table.columns
    for kind in set(map(type, rows)):
        if tuple(field.name for field in fields(kind)) != names:
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


def _resource(folder: Path, table: Table) -> dict[str, Any]:
    import pyarrow.parquet as pq

    return {
        "name": table.name,
        "type": "table",
        "title": table.title,
        "description": table.description,
        **file_entry(folder, f"data/{table.name}.csv"),
        "encoding": "utf-8",
        "dialect": {"lineTerminator": "\n"},
        "rows": pq.read_metadata(folder / f"data/{table.name}.parquet").num_rows,
        "minimumRows": table.minimum_rows,
        "maximumRows": table.maximum_rows,
        # Not resources of their own: frictionless 5 takes nulls in Parquet's dates and integers for errors.
        "alternatives": [file_entry(folder, f"data/{table.name}.parquet")],
        "schema": table.schema,
    }
