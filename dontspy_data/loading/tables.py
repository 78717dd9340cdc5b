"""Tables of one release: found by their schema, read once, limited to some people where asked, and described in words.

They are given as pandas, Arrow, polars or DuckDB, typed by their schema.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, get_args

from dontspy_data.errors import UsageError
from dontspy_data.model.schema import Table
from dontspy_data.package.files import DESCRIPTOR
from dontspy_data.package.open import Package, open_package
from dontspy_data.targets.files import ReleaseFiles

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from dontspy_data.model.problems import Progress

KEY = "mep_id"
ENGINES = "dontspy-data[engines]"
PATIENCE = 1.0  # seconds before progress is shown
INTERVAL = 0.2  # seconds between two lines
Engine = Literal["pandas", "arrow", "polars", "duckdb"]


@dataclass(frozen=True, eq=False)
class Tables:
    """The tables of a release.

    Attributes:
        files: of the release.
        people: numbers of the people whose rows are wanted; None for all rows.
    """

    files: ReleaseFiles
    people: frozenset[int] | None
    _frames: "dict[str, pd.DataFrame]" = field(default_factory=dict, repr=False)

    @cached_property
    def package(self) -> Package:
        """The release's descriptor, and the schemas of its tables."""
        return open_package(self.files.path(DESCRIPTOR).parent)

    @cached_property
    def schemas(self) -> dict[str, Table]:
        """Schemas by name of the table."""
        return {table.name: table for table in self.package.tables}

    def schema(self, name: str) -> Table:
        """Return a table's schema.

        Raises:
            UsageError: there is no such table.
        """
        if name not in self.schemas:
            from difflib import get_close_matches

            close = get_close_matches(str(name), self.schemas, n=1)
            meant = f"Did you mean {close[0]!r}? " if close else ""
            raise UsageError(
                f"{self.files.origin.url} has no table {name!r}",
                hint=f"{meant}It has: {', '.join(self.schemas)}.",
            )
        return self.schemas[name]

    def arrow(self, name: str, columns: Sequence[str] | None = None) -> "pa.Table":
        """Read a table, or some of its columns in the order given.

        Raises:
            UsageError: there is no such table or column.
            DamagedError: its file does not have the bytes that it was released with.
        """
        table = self.schema(name)
        path = self.files.path(f"data/{name}.parquet")
        if self.people is None or KEY not in table.columns:
            return read_arrow(path, table, columns)
        import pyarrow as pa
        import pyarrow.compute as pc

        arrow = read_arrow(path, table, None if columns is None else list(dict.fromkeys([*columns, KEY])))
        arrow = arrow.filter(pc.is_in(arrow[KEY], pa.array(sorted(self.people), pa.int64())))
        return arrow if columns is None else arrow.select(list(columns))

    def frame(self, name: str) -> "pd.DataFrame":
        """Read a table as a DataFrame that the caller owns; the file is read once.

        Raises:
            UsageError: there is no such table.
            DamagedError: its file does not have the bytes that it was released with.
        """
        if name not in self._frames:
            self._frames[name] = to_pandas(self.arrow(name), self.schema(name))
        return self._frames[name].copy()


def read_arrow(path: Path, table: Table, columns: Sequence[str] | None = None) -> "pa.Table":
    """Read a Parquet file, or some of its columns in the order given.

    Raises:
        UsageError: the table has no such column.
    """
    from pyarrow.parquet import ParquetFile  # read_table would import all of pyarrow.dataset

    unknown = sorted(set(columns or ()) - set(table.columns))
    if unknown:
        raise UsageError(
            f"{table.name} has no column {', '.join(map(repr, unknown))}",
            hint=f"Its columns are: {', '.join(table.columns)}.",
        )
    with ParquetFile(path) as file:
        return file.read(columns).select(list(columns) if columns is not None else list(table.columns))


def convert(arrow: "pa.Table", table: Table, engine: str) -> Any:
    """Return an Arrow table as an engine's own type.

    Raises:
        UsageError: there is no such engine, or it is not installed.
    """
    if engine == "pandas":
        return to_pandas(arrow, table)
    if engine == "arrow":
        return arrow
    if engine == "polars":
        return _to_polars(arrow, table)
    if engine == "duckdb":
        return _to_duckdb(arrow)
    raise UsageError(
        f"there is no engine {engine!r}", hint="Engines are: " + ", ".join(get_args(Engine)) + "."
    )


def to_pandas(arrow: "pa.Table", table: Table) -> "pd.DataFrame":
    """Return an Arrow table as a DataFrame with nullable types.

    Integers are `Int64`, booleans `boolean`, texts `string`, columns with categories `category` with all of them,
    dates `datetime64[ms]`, times `datetime64[ms, UTC]`, numbers `float64`. What is missing is `pd.NA` or `NaT`.
    """
    import pandas as pd
    import pyarrow as pa

    types = {
        pa.int64(): pd.Int64Dtype(),
        pa.bool_(): pd.BooleanDtype(),
        pa.string(): pd.StringDtype("pyarrow"),
    }
    frame: pd.DataFrame = arrow.to_pandas(types_mapper=types.get, date_as_object=False)
    for column in table.fields:
        if column.categories and column.name in frame:
            frame[column.name] = frame[column.name].astype(pd.CategoricalDtype(list(column.categories)))
    return frame


def to_duckdb(tables: Tables) -> "duckdb.DuckDBPyConnection":
    """Open a DuckDB database in memory with every table as a view of Arrow data.

    Raises:
        UsageError: DuckDB is not installed.
    """
    connection: duckdb.DuckDBPyConnection = needed("duckdb", ENGINES).connect()
    for name in tables.schemas:
        connection.register(name, tables.arrow(name))
    return connection


def needed(module: str, install: str) -> ModuleType:
    """Import an optional library.

    Args:
        module: its name.
        install: what `pip install` installs it with.

    Raises:
        UsageError: it is not installed.
    """
    try:
        return import_module(module)
    except ImportError as error:
        raise UsageError(
            f"this needs {module}, which is not installed ({error})",
            hint=f"Install it: pip install '{install}'",
        ) from error


@contextmanager
def download_line() -> "Iterator[Progress | None]":
    """Yield a function that shows (done, total) of files, once it takes long; None if nobody sees it."""
    if not (sys.stderr.isatty() or "ipykernel" in sys.modules):
        yield None
        return
    due = time.monotonic() + PATIENCE
    said = False

    def report(done: int, total: int) -> None:
        nonlocal due, said
        if time.monotonic() >= due:
            # The line overwrites itself: rich's bars would need ipywidgets in a notebook.
            _write(f"\rDownloading: {done:,} of {total:,} files")
            due, said = time.monotonic() + INTERVAL, True

    try:
        yield report
    finally:
        if said:
            _write("\n")


class Text(str):
    """A text that a notebook or a prompt shows as it is, without quotes."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def describe(tables: Tables, url: str) -> Text:
    """Describe what a release holds, its version, licence, limits and citation.

    Args:
        tables: of the release.
        url: where it comes from.
    """
    from dontspy_data.formats.citation import cite

    descriptor, sizes = tables.package.descriptor, _sizes(tables)
    width = max(map(len, sizes))
    portraits = tables.arrow("portraits", ["status", "rights_status", "is_current"]).to_pylist()
    current = [row for row in portraits if row["is_current"]]
    rights = Counter(row["rights_status"] for row in current if row["status"] == "present")
    lines = [
        descriptor["title"],
        _edition(descriptor, url),
        "" if tables.people is None else f"Limited to {len(tables.people):,} people",
        *(f"  {name:<{width}}  {rows:>8,} rows  {tables.schema(name).title}" for name, rows in sizes.items()),
        "",
        f"Portraits: {_counts(Counter(row['status'] for row in current))}",
        f"Rights in those present: {_counts(rights)} (each picture's credit must stay with it)",
        *(f"Licence: {licence['title']} <{licence['path']}>" for licence in descriptor["licenses"]),
        "Please: no identification or matching of people, no face embeddings, no guesses at what people are",
        f"Cite: {cite(descriptor)}",
    ]
    return Text("\n".join(lines))


def describe_html(tables: Tables, url: str) -> str:
    """Return title, version, tables with their rows, and how to cite a release, for a notebook."""
    from html import escape

    from dontspy_data.formats.citation import cite

    descriptor = tables.package.descriptor
    rows = "".join(
        f'<tr><td><code>{name}</code></td><td style="text-align:right">{size:,}</td>'
        f"<td>{escape(tables.schema(name).title)}</td></tr>"
        for name, size in _sizes(tables).items()
    )
    people = "" if tables.people is None else f"<p>Limited to {len(tables.people):,} people.</p>"
    return (
        f"<p><strong>{escape(descriptor['title'])}</strong><br>{escape(_edition(descriptor, url))}</p>{people}"
        f"<table><thead><tr><th>Table</th><th>Rows</th><th>What it is</th></tr></thead><tbody>{rows}</tbody></table>"
        f"<p>Cite: {escape(cite(descriptor))}</p>"
    )


def _to_polars(arrow: "pa.Table", table: Table) -> "pl.DataFrame":
    polars = needed("polars", ENGINES)
    frame: pl.DataFrame = polars.from_arrow(arrow)
    enums = {field.name: polars.Enum(field.categories) for field in table.fields if field.categories}
    return frame.cast({name: enum for name, enum in enums.items() if name in frame.columns})


def _to_duckdb(arrow: "pa.Table") -> "duckdb.DuckDBPyRelation":
    relation: duckdb.DuckDBPyRelation = needed("duckdb", ENGINES).from_arrow(arrow)
    return relation


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


def _sizes(tables: Tables) -> dict[str, int]:
    """Return the number of rows of each table, of the people wanted."""
    return {
        name: tables.arrow(name, [schema.primary_key[0]]).num_rows for name, schema in tables.schemas.items()
    }


def _edition(descriptor: Mapping[str, Any], url: str) -> str:
    version = f"Version {descriptor['version']}" if "version" in descriptor else "Not released"
    return f"{version}, as of {descriptor['created']}, from {url}"


def _counts(counts: Mapping[str | None, int]) -> str:
    return ", ".join(f"{count:,} {name or 'unknown'}" for name, count in counts.items()) or "none"
