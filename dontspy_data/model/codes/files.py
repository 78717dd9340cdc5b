"""The files of the lookups: their columns, and reading them with the line in every error.

Each is a CSV file in UTF-8 with a header. A maintainer's own folder has files of the same names and columns; a row in
them replaces the shipped one with the same key, or is added.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from dontspy_data.errors import UsageError
from dontspy_data.model.statements import MEMBERSHIPS, NETWORKS, Property

Row = dict[str, Any]
Check = Callable[[str], Any]


def text(cell: str) -> str:
    """Return any text but an empty one."""
    if not cell:
        raise ValueError("is empty")
    return cell


def optional(check: Check) -> Check:
    """Return a check that gives None for an empty cell."""
    return lambda cell: check(cell) if cell else None


def pattern(expression: str, what: str) -> Check:
    """Return a check that a text has a form, which the message describes."""

    def check(cell: str) -> str:
        if not re.fullmatch(expression, cell):
            raise ValueError(f"is not {what}")
        return cell

    return check


def whole_number(cell: str) -> int:
    """Return a number of ASCII digits."""
    return int(pattern(r"[0-9]{1,9}", "a whole number")(cell))


def iso_date(cell: str) -> date:
    """Return a day from `YYYY-MM-DD`."""
    try:
        return date.fromisoformat(pattern(r"\d{4}-\d{2}-\d{2}", "a day as YYYY-MM-DD")(cell))
    except ValueError as error:
        raise ValueError("is not a day as YYYY-MM-DD") from error


def one_of(*values: str) -> Check:
    """Return a check that a text is one of a few."""
    return pattern(
        "|".join(map(re.escape, values)), f"one of: {', '.join(value or 'nothing' for value in values)}"
    )


NAMES: Mapping[str, Check] = {f"name_{language}": str for language in ("fr", "de", "es", "it")}


@dataclass(frozen=True, slots=True)
class LookupFile:
    """The form of one file.

    Attributes:
        name: of the file.
        columns: name of each column, in order, and what parses a cell, or raises ValueError.
        key: columns that no two rows share.
    """

    name: str
    columns: Mapping[str, Check]
    key: tuple[str, ...]


FILES = (
    LookupFile(
        "countries.csv",
        {
            "code": pattern("[A-Z]{2}", "an ISO 3166-1 alpha-2 code"),
            "code3": pattern("[A-Z]{3}", "an ISO 3166-1 alpha-3 code"),
            "ep_code": pattern("[A-Z]{2}", "two capital letters"),
            "name_en": text,
            **NAMES,
            "joined": iso_date,
            "left": optional(iso_date),
        },
        ("code",),
    ),
    LookupFile(
        "groups.csv",
        {
            "code": text,
            "ep_code": text,
            "name_en": text,
            **NAMES,
            "start_date": optional(iso_date),
            "end_date": optional(iso_date),
            "predecessor": optional(str),
            "note": str,
        },
        ("code",),
    ),
    # Names that the Parliament printed in other years.
    LookupFile("country_labels.csv", {"label": text, "language": str, "code": text}, ("label",)),
    # A label without a code is not a group, although lists of groups have it.
    LookupFile("group_labels.csv", {"label": text, "language": str, "code": str}, ("label",)),
    LookupFile(
        "terms.csv",
        {
            "term": whole_number,
            "start_date": iso_date,
            "end_date": optional(iso_date),
            "seats": whole_number,
        },
        ("term",),
    ),
    LookupFile(
        "total_seats.csv", {"start_date": iso_date, "seats": whole_number, "note": str}, ("start_date",)
    ),
    # European Council decision (EU) 2023/2061, since July 2024.
    LookupFile(
        "country_seats.csv",
        {"country": pattern("[A-Z]{2}", "an ISO 3166-1 alpha-2 code"), "seats": whole_number},
        ("country",),
    ),
    LookupFile(
        "networks.csv",
        {
            "network": one_of(*NETWORKS),
            "label": text,
            "domains": str.split,
            "links": str.split,
            "columns": str.split,
        },
        ("network",),
    ),
    LookupFile("genders.csv", {"spelling": text, "gender": one_of("male", "female", "")}, ("spelling",)),
    LookupFile("roles.csv", {"spelling": text, "role": text}, ("spelling",)),
    LookupFile(
        "body_kinds.csv",
        {"classification": text, "property": one_of(*sorted(MEMBERSHIPS))},
        ("classification",),
    ),
    LookupFile(
        "corrections.csv",
        {
            "source": text,
            "copy": str,
            "mep_id": optional(whole_number),
            "property": one_of(*Property),
            "found": text,
            "value": str,
            "reason": text,
        },
        ("source", "copy", "mep_id", "property", "found"),
    ),
)


def read_rows(file: LookupFile, content: bytes, where: Path) -> Sequence[Row]:
    """Return the rows of a file, with a value for each column.

    Args:
        file: its form.
        content: its bytes.
        where: where it is, for messages.

    Raises:
        UsageError: it is not a CSV file with these columns, or a cell is not what its column holds; the file, the line
            and the column are named.
    """
    try:
        lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        header, rows = next(lines, []), []
        if header != list(file.columns):
            raise _invalid(
                where, 1, f"the columns are {','.join(header)!r}", f"Expected: {','.join(file.columns)}"
            )
        for cells in lines:
            if any(cells):
                rows.append(_row(file, cells, where, lines.line_num))
    except (UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            f"{where} cannot be read: {error}", hint="Save it as CSV with commas, in UTF-8."
        ) from error
    _check_keys(file, rows, where)
    return rows


def merge(file: LookupFile, shipped: Sequence[Row], own: Sequence[Row]) -> Sequence[Row]:
    """Return shipped rows, replaced by a maintainer's with the same key, followed by the maintainer's other rows."""
    by_key = {_key(file, row): row for row in (*shipped, *own)}
    return tuple(by_key.values())


def _row(file: LookupFile, cells: Sequence[str], where: Path, line: int) -> Row:
    if len(cells) != len(file.columns):
        problem = f"this line has {len(cells)} cells, the header has {len(file.columns)}"
        raise _invalid(where, line, problem, "Put a cell that has a comma inside in double quotes.")
    row: Row = {}
    for (name, check), cell in zip(file.columns.items(), cells, strict=True):
        try:
            row[name] = check(cell.strip())
        except ValueError as error:
            raise _invalid(where, line, f"{name} {error}: {cell!r}", "Correct the cell.") from error
    return row


def _check_keys(file: LookupFile, rows: Sequence[Row], where: Path) -> None:
    seen: set[tuple[Any, ...]] = set()
    for row in rows:
        key = _key(file, row)
        if key in seen:
            shown = ",".join("" if part is None else str(part) for part in key)
            raise UsageError(f"{where} has {shown!r} twice", hint="Delete one of the two rows.")
        seen.add(key)


def _key(file: LookupFile, row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in file.key)


def _invalid(where: Path, line: int, problem: str, hint: str) -> UsageError:
    return UsageError(f"{where}, line {line}: {problem}", hint=hint)
