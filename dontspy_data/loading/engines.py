"""Tables in the form that somebody works with: pandas, Arrow, polars or DuckDB, typed by their schema."""

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Literal, get_args

from dontspy_data.errors import UsageError

if TYPE_CHECKING:
    import duckdb
    import pandas as pd
    import polars as pl
    import pyarrow as pa

    from dontspy_data.model.schema import Table

ENGINES = "dontspy-data[engines]"
Engine = Literal["pandas", "arrow", "polars", "duckdb"]


def read_arrow(path: Path, table: "Table", columns: Sequence[str] | None = None) -> "pa.Table":
    """Read a Parquet file, or some of its columns in the order given.

    Raises:
        UsageError: the table has no such column.
    """
    from pyarrow.parquet import ParquetFile  # read_table would import all of pyarrow.dataset

    names = [field.name for field in table.fields]
    unknown = sorted(set(columns or ()) - set(names))
    if unknown:
        raise UsageError(
            f"{table.name} has no column {', '.join(map(repr, unknown))}",
            hint=f"Its columns are: {', '.join(names)}.",
        )
    with ParquetFile(path) as file:
        return file.read(columns).select(list(columns) if columns is not None else names)


def convert(arrow: "pa.Table", table: "Table", engine: str) -> Any:
    """Return an Arrow table as an engine has it.

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


def to_pandas(arrow: "pa.Table", table: "Table") -> "pd.DataFrame":
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
    for field in table.fields:
        if field.categories and field.name in frame:
            frame[field.name] = frame[field.name].astype(pd.CategoricalDtype(list(field.categories)))
    return frame


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


def _to_polars(arrow: "pa.Table", table: "Table") -> "pl.DataFrame":
    polars = needed("polars", ENGINES)
    frame: pl.DataFrame = polars.from_arrow(arrow)
    enums = {field.name: polars.Enum(field.categories) for field in table.fields if field.categories}
    return frame.cast({name: enum for name, enum in enums.items() if name in frame.columns})


def _to_duckdb(arrow: "pa.Table") -> "duckdb.DuckDBPyRelation":
    relation: duckdb.DuckDBPyRelation = needed("duckdb", ENGINES).from_arrow(arrow)
    return relation
