"""Enrichment tables that entrants attach: checked against a release, and described with a Table Schema."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dontspy_data.contest.release import Release
from dontspy_data.errors import DontspyError

if TYPE_CHECKING:
    import pyarrow as pa

KEYS = ("portrait_id", "mep_id")
"""What a table can be keyed by; with both columns, the portrait."""
SHOWN = 3


class AttachmentError(DontspyError):
    """A table that cannot be joined to the release."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """An enrichment table that can be joined to the release.

    Attributes:
        path: as the entry gives it.
        key: `portrait_id` or `mep_id`.
        rows: how many there are.
        schema: Table Schema inferred from all rows, with the key as primary key where no value comes twice.
    """

    path: str
    key: str
    rows: int
    schema: dict[str, Any]


def read_attachment(folder: Path, path: str, release: Release) -> Attachment:
    """A table, checked and described.

    Args:
        folder: where paths start; nothing outside of it is read.
        path: of a CSV or Parquet file.
        release: what its keys have to be in.

    Raises:
        AttachmentError: it is not there, not a table, has no key column, or keys that the release has not.
    """
    table = _read(folder, path)
    key = next((name for name in KEYS if name in table.column_names), None)
    if key is None:
        raise AttachmentError(
            f"{path} has neither a column portrait_id nor mep_id",
            hint="Add the column that says whom or which portrait each row is about.",
        )
    values = table[key].to_pylist()
    known = release.people if key == "mep_id" else release.portraits.keys()
    if unknown := sorted({str(value) for value in values if value not in known}):
        more = f" and {len(unknown) - SHOWN:,} more" if len(unknown) > SHOWN else ""
        raise AttachmentError(
            f"{path} has values of {key} that the release has not: {', '.join(unknown[:SHOWN])}{more}",
            hint=f"Take them from the release's column {key}, a {'whole number' if key == 'mep_id' else 'text'}; "
            "None stands for an empty cell.",
        )
    schema = _schema(table)
    if len(set(values)) == len(values):
        schema["primaryKey"] = [key]
    return Attachment(path, key, table.num_rows, schema)


def _read(folder: Path, path: str) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.csv as pa_csv
    import pyarrow.parquet as pq

    file = (folder / path).resolve()
    if not file.is_relative_to(folder.resolve()) or not file.is_file():
        raise AttachmentError(
            f"{path} is not there",
            hint=f"Put the table beside the entries, below {folder}, and give its path from there.",
        )
    try:
        if file.suffix == ".parquet":
            return pq.read_table(file)
        # With a block as large as the file, types are inferred from all rows.
        options = pa_csv.ReadOptions(block_size=max(1, file.stat().st_size))
        return pa_csv.read_csv(file, options, convert_options=pa_csv.ConvertOptions(strings_can_be_null=True))
    except (pa.ArrowException, OSError) as error:
        raise AttachmentError(
            f"{path} cannot be read as a table: {error}",
            hint="Save it as CSV (UTF-8, a header row, commas) or as Parquet.",
        ) from error


def _schema(table: "pa.Table") -> dict[str, Any]:
    """A Table Schema (Data Package 2.0) of an Arrow table."""
    return {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "fields": [
            {
                "name": field.name,
                "type": _type(field.type),
                **({"constraints": {"required": True}} if table[field.name].null_count == 0 else {}),
            }
            for field in table.schema
        ],
        "missingValues": [""],
    }


def _type(kind: "pa.DataType") -> str:
    from pyarrow import types

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
