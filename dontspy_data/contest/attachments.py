"""Enrichment tables that entrants attach: checked against a release, and described with a Table Schema."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dontspy_data.contest.contents import KEYS, Contents, ContentsError, read_csv, read_parquet
from dontspy_data.contest.records import ReleaseKeys, shown
from dontspy_data.errors import DontspyError

HOW = {"mep_id": "whole numbers such as 197490, not 197490.0", "portrait_id": "text"}
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


def read_attachment(folder: Path, path: str, known: ReleaseKeys) -> Attachment:
    """Read a table, check it and describe it.

    Args:
        folder: where paths start; nothing outside of it is read.
        path: of a CSV or Parquet file.
        known: what its keys have to be of.

    Raises:
        AttachmentError: it is not there, not a table, has no key column, keys that the release has not, or
            portraits beside the number of somebody else.
    """
    contents = _read(folder, path)
    key = next((name for name in KEYS if name in contents.keys), None)
    if key is None:
        raise AttachmentError(
            f"{path} has neither a column portrait_id nor mep_id",
            hint="Add the column that says whom or which portrait each row is about.",
        )
    _check_keys(path, key, contents.keys[key], known)
    if len(contents.keys) == len(KEYS):
        _check_persons(path, contents.keys, known)
    return Attachment(path, key, contents.rows, _schema(contents, key))


def _read(folder: Path, path: str) -> Contents:
    body = _bytes(folder, path)
    try:
        return read_parquet(body) if path.endswith(".parquet") else read_csv(body)
    except ContentsError as error:
        raise AttachmentError(f"{path} {error}", hint=error.hint) from error


def _bytes(folder: Path, path: str) -> bytes:
    try:
        file = (folder / path).resolve()
        if file.is_relative_to(folder.resolve()):
            return file.read_bytes()
    except (OSError, ValueError):  # ValueError for a path that no file can have
        pass
    raise AttachmentError(
        f"{path} is not there",
        hint=f"Put the table beside the entries, below {folder}, and give its path from there.",
    )


def _check_keys(path: str, key: str, values: Sequence[Any], known: ReleaseKeys) -> None:
    """Check that every row has a key, of the right type, that the release has."""
    if not values:
        raise AttachmentError(f"{path} has no rows", hint="Attach a table with rows, or none.")
    kind, there = (int, known.people) if key == "mep_id" else (str, known.portraits.keys())
    # By type first: 9000001.0 equals 9000001, and a list is nothing to look up.
    unknown = {shown(value) for value in values if type(value) is not kind or value not in there}
    if unknown:
        first = ", ".join(sorted(unknown)[:SHOWN])
        more = f" and {len(unknown) - SHOWN:,} more" if len(unknown) > SHOWN else ""
        raise AttachmentError(
            f"{path} has values of {key} that the release has not: {first}{more}",
            hint=f"Take them from the release's column {key}: {HOW[key]}. None stands for an empty cell.",
        )


def _check_persons(path: str, keys: Mapping[str, Sequence[Any]], known: ReleaseKeys) -> None:
    """Check that portraits and persons belong together where both are given."""
    for portrait, person in zip(keys["portrait_id"], keys["mep_id"], strict=True):
        if type(person) is not int or person != known.portraits[portrait]:
            raise AttachmentError(
                f"{path} has mep_id {shown(person)} beside {portrait}, which shows {known.portraits[portrait]}",
                hint="Correct one of them, or leave the column mep_id out.",
            )


def _schema(contents: Contents, key: str) -> dict[str, Any]:
    """Return the Table Schema (Data Package 2.0)."""
    values = contents.keys[key]
    return {
        "$schema": "https://datapackage.org/profiles/2.0/tableschema.json",
        "fields": list(contents.fields),
        "missingValues": [""],
        **({"primaryKey": [key]} if len(set(values)) == len(values) else {}),
    }
