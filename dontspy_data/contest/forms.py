"""Exports of spreadsheets and web forms, as entries: CSV in any usual encoding, or XLSX.

Unambiguous cells are converted to the form of entries: dates by the declared order, numbers
without thousands separators. Anything else is a problem on its line.
"""

import csv
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from io import StringIO
from itertools import islice
from pathlib import Path

from dontspy_data.contest.entries import RESOURCE
from dontspy_data.contest.records import EntryProblem, quoted
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model.schema import Field, shipped_table

MOST_BYTES = 50_000_000
MOST_UNPACKED = 500_000_000
MOST_ROWS = 100_000
MOST_COLUMNS = 1_000
SEPARATORS = (",", ";", "\t", "|")
BLANK = " \t\r\n\u00a0\u202f\ufeff"
THOUSANDS = re.compile(r"[0-9]{1,3}(?:([.,' \u00a0\u202f\u2019])[0-9]{3})(?:\1[0-9]{3})*")
WHOLE = re.compile(r"([0-9]+)(?:[.,]0+)?")
ISO_DAY = re.compile(r"([0-9]{4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})(?:[T ].*)?")
OTHER_DAY = re.compile(r"([0-9]{1,2})[-/.] ?([0-9]{1,2})[-/.] ?([0-9]{4}|[0-9]{2})(?:,? .*)?")
LOST = re.compile(r"\?\w")
"""The replacement for letters that an export in Windows-1252 lacks."""
ORDERS = ("dmy", "mdy")
NUMBERED = "{n}"

Cell = str | int | float | datetime | date | None


class FormCellError(DontspyError):
    """An ambiguous or unreadable cell; the message continues the cell's place."""


@dataclass(frozen=True, slots=True)
class FormMap:
    """How a form becomes entries.

    Attributes:
        columns: name of the form's column, by the entries' column.
        constants: value for every row, by the entries' column; `{n}` is the number of the row.
        dates: `dmy` or `mdy` for days such as 31/05/2023; None if there are none.
    """

    columns: Mapping[str, str]
    constants: Mapping[str, str]
    dates: str | None = None


@dataclass(frozen=True, slots=True)
class FormImport:
    """What a form gives.

    Attributes:
        columns: of the entries' file.
        rows: cells of each entry, ready to be written.
        problems: what could not be read; line numbers are the form's.
        unused: columns of the form that nothing was taken from.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    problems: tuple[EntryProblem, ...]
    unused: tuple[str, ...]

    def to_csv(self) -> str:
        """Return the entries' file."""
        text = StringIO()
        csv.writer(text, lineterminator="\n").writerows([self.columns, *self.rows])
        return text.getvalue()


def import_form(path: Path, how: FormMap) -> FormImport:
    """Read a form's export as entries.

    Args:
        path: of a CSV or XLSX file, whose first row names the columns.
        how: the mapping of columns, and how days are written.

    Raises:
        UsageError: the file cannot be read or is too large, a named column is missing, or a required column
            of entries has no source.
    """
    lines = (_xlsx if path.suffix.lower() == ".xlsx" else _csv)(path)
    filled = ((line, cells) for line, cells in lines if any(_text(cell) for cell in cells))
    first = next(filled, None)
    if first is None:
        raise UsageError(f"{path} is empty", hint="Export it with the names of the columns in the first row.")
    header = [_text(cell) for cell in first[1]]
    fields = shipped_table(RESOURCE).fields
    places = _places(path, header, how, fields)
    kinds = {field.name: field.type for field in fields}
    rows: list[tuple[str, ...]] = []
    problems: list[EntryProblem] = []
    for number, (line, cells) in enumerate(filled, start=1):
        row: list[str] = []
        for name, kind in kinds.items():
            if name in how.constants:
                row.append(how.constants[name].replace(NUMBERED, f"{number:03}"))
                continue
            place = places.get(name)
            cell = cells[place] if place is not None and place < len(cells) else None
            try:
                row.append(_written(name, kind, cell, how.dates))
            except FormCellError as error:
                problems.append(EntryProblem(line, header[place or 0], str(error), error.hint))
        if len(row) == len(kinds):  # else one of its cells has a problem
            rows.append(tuple(row))
    unused = tuple(name for place, name in enumerate(header) if name and place not in places.values())
    return FormImport(tuple(kinds), tuple(rows), tuple(problems), unused)


def _places(path: Path, header: Sequence[str], how: FormMap, fields: Sequence[Field]) -> dict[str, int]:
    """Return the place of the form's column for each of the entries' columns: as mapped, else of the same name."""
    folded = [_folded(name) for name in header]
    if strange := sorted({*how.columns, *how.constants} - {field.name for field in fields}):
        raise UsageError(
            f"entries have no column {strange[0]!r}", hint=f"They have: {', '.join(f.name for f in fields)}."
        )
    places: dict[str, int] = {}
    for field in fields:
        wanted = how.columns.get(field.name, field.name)
        key = _folded(wanted)
        if folded.count(key) > 1:
            raise UsageError(f"{path} has more than one column {wanted!r}", hint="Rename one of them.")
        if key in folded:
            places[field.name] = folded.index(key)
        elif field.name in how.columns:
            raise UsageError(
                f"{path} has no column {wanted!r}", hint=f"It has: {', '.join(filter(None, header))}."
            )
    lacking = [f.name for f in fields if f.required and f.name not in places and f.name not in how.constants]
    if lacking:
        raise UsageError(
            f"{', '.join(lacking)} has no source",
            hint=f"Give --map 'COLUMN OF THE FORM={lacking[0]}', or --set {lacking[0]}=VALUE for all rows.",
        )
    return places


def _folded(name: str) -> str:
    return " ".join(name.casefold().replace("_", " ").split())


def _written(name: str, kind: str, cell: Cell, dates: str | None) -> str:
    """Return a cell as entries have it.

    Raises:
        FormCellError: it is ambiguous or unreadable.
    """
    if kind == "date":
        return _day(cell, dates)
    if kind == "integer":
        return _number(cell)
    text = _text(cell)
    if name in ("title", "author") and LOST.search(text):
        raise FormCellError(
            f"is {quoted(text)}, which may have lost letters", hint="Export it as CSV UTF-8 or XLSX."
        )
    return " ".join(re.split(r"[\s,;]+", text)).strip() if name == "mep_ids" else text


def _text(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell).strip(BLANK)


def _number(cell: Cell) -> str:
    text = _text(cell)
    if THOUSANDS.fullmatch(text):
        return re.sub(r"[^0-9]", "", text)
    if not text:
        return text
    if found := WHOLE.fullmatch(text):
        return found[1]
    raise FormCellError(f"is {quoted(text)}, which is not a whole number", hint="Write it in digits.")


def _day(cell: Cell, dates: str | None) -> str:
    if isinstance(cell, datetime | date):
        return cell.isoformat()[:10]
    text = _text(cell)
    if not text:
        return text
    if found := ISO_DAY.fullmatch(text):
        year, month, day = found.groups()
    elif found := OTHER_DAY.fullmatch(text):
        if dates is None:
            raise FormCellError(
                f"is {quoted(text)}, and nothing says which number is the day",
                hint="Give --dates dmy or mdy.",
            )
        first, second, year = found.groups()
        day, month = (first, second) if dates == "dmy" else (second, first)
        year = f"20{year}" if len(year) == 2 else year
    else:
        raise FormCellError(f"is {quoted(text)}, which is not a day", hint="Write it like 2026-01-20.")
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        raise FormCellError(
            f"is {quoted(text)}, which is not a day of the calendar",
            hint="Is the order of day and month right (--dates)?",
        ) from None


def _csv(path: Path) -> Iterator[tuple[int, Sequence[Cell]]]:
    text = _decoded(path)
    separator = None
    if found := re.match(r"sep=(.)\r?\n", text):  # Excel's own first line
        separator, text = found[1], "\n" + text[found.end() :]
    lines = StringIO(text, newline="")
    separator = separator or _separator(text)
    reader = csv.reader(lines, delimiter=separator)
    line = 1
    try:
        for cells in islice(reader, MOST_ROWS):
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise UsageError(
            f"{path} cannot be read after line {line}: {error}", hint="Export it again."
        ) from error


def _separator(text: str) -> str:
    """Return the delimiter of the cells: the one that gives the first record the most cells."""
    first = text.lstrip(BLANK)

    def cells(sign: str) -> int:
        return len(next(csv.reader(StringIO(first, newline=""), delimiter=sign), []))

    return max(SEPARATORS, key=cells)


def _decoded(path: Path) -> str:
    body = _read(path)
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings: Iterable[str] = ("utf-16",)
    elif body[:200].count(0) > len(body[:200]) // 4:
        encodings = ("utf-16-be" if body[:1] == b"\0" else "utf-16-le",)
    else:
        encodings = ("utf-8-sig", "cp1252")
    for encoding in encodings:
        try:
            return body.decode(encoding)
        except UnicodeError:
            continue
    raise UsageError(f"{path} is not text in UTF-8, UTF-16 or Windows-1252", hint="Export it as CSV UTF-8.")


def _read(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise UsageError(f"{path} has more than {MOST_BYTES:,} bytes", hint="Export the entries alone.")
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error}", hint="Name a CSV or XLSX file.") from error


def _xlsx(path: Path) -> Iterator[tuple[int, Sequence[Cell]]]:
    """Yield the rows of a workbook's first sheet."""
    _read(path)
    try:
        from openpyxl import load_workbook
    except ImportError as error:
        raise UsageError(
            "XLSX needs another library",
            hint="Install it: pip install 'dontspy-data[contest]', or export CSV.",
        ) from error
    try:
        with zipfile.ZipFile(path) as archive:
            if sum(one.file_size for one in archive.infolist()) > MOST_UNPACKED:
                raise UsageError(
                    f"{path} unpacks to more than {MOST_UNPACKED:,} bytes", hint="Export it as CSV."
                )
        book = load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows = sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS, values_only=True)
        yield from enumerate(rows, start=1)
        book.close()
    except (zipfile.BadZipFile, KeyError, ValueError, IndexError, TypeError, OSError) as error:
        raise UsageError(f"{path} is not a readable workbook: {error}", hint="Export it as CSV.") from error
