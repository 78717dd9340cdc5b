"""CSV files that people made: read record by record, so that a broken one does not hide the others."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from io import StringIO
from itertools import islice
from typing import Any

from dontspy_data.model.texts import hidden_characters


@dataclass(frozen=True, slots=True, order=True)
class EntryProblem:
    """One thing that is wrong.

    Attributes:
        line: in the file, counted from 1.
        column: name of the column; empty if it is about the whole line.
        message: what is wrong.
        hint: what to do about it.
    """

    line: int
    column: str
    message: str
    hint: str

    def __str__(self) -> str:
        place = f"line {self.line}" + (f", {self.column}" if self.column else "")
        return f"{place}: {self.message}. {self.hint}"


SEPARATORS = {";": "semicolons", "\t": "tabs"}
NAMES_HINT = "Give each column its own name, without blanks around it; leave out a column of row numbers."
UNREADABLE = dict.fromkeys(range(0xDC80, 0xDD00), "�")
"""Characters that Python's `surrogateescape` gives for bytes that are not UTF-8."""


@dataclass(frozen=True, slots=True)
class CsvRecord:
    """One record.

    Attributes:
        line: on which it begins, counted from 1.
        cells: as in the file, without their quotes.
    """

    line: int
    cells: tuple[str, ...]


def read_records(body: bytes) -> Iterator[CsvRecord | EntryProblem]:
    """Yield the records of a CSV file in order, and a problem in place of one that cannot be read.

    After a misplaced quotation mark, it continues with the next line.
    """
    lines = list(StringIO(body.decode("utf-8-sig", errors="surrogateescape"), newline=""))
    start = 0
    while start < len(lines):
        reader = csv.reader(islice(lines, start, None), strict=True)
        read = 0
        try:
            for cells in reader:
                yield _record(start + read + 1, cells)
                read = reader.line_num
            start = len(lines)
        except csv.Error as error:
            start += read + 1
            yield _broken(start, error)


def read_header(records: Iterator[CsvRecord | EntryProblem]) -> tuple[str, ...] | EntryProblem:
    """Return the names of the columns from a file's first record, or the problem with it."""
    first = next(records, None)
    if first is None:
        return EntryProblem(1, "", "is empty", "Begin the file with the names of the columns.")
    if isinstance(first, EntryProblem):
        return first
    if len(first.cells) == 1 and (
        found := [name for sign, name in SEPARATORS.items() if sign in first.cells[0]]
    ):
        return EntryProblem(
            1, "", f"separates its cells with {found[0]}", "Save the file with commas between cells."
        )
    if wrong := wrong_names(first.cells):
        return EntryProblem(1, "", wrong, NAMES_HINT)
    return first.cells


def read_rows(records: Iterable[CsvRecord | EntryProblem], width: int) -> Iterator[CsvRecord | EntryProblem]:
    """Yield the records that have a cell for each column, and a problem for each other."""
    for record in records:
        yield record if isinstance(record, EntryProblem) else _length_problem(record, width) or record


def wrong_names(names: Sequence[str]) -> str:
    """Return what is wrong with names of columns; empty if nothing is."""
    if not all(name.strip() for name in names):
        return "has a column without a name"
    if blanks := [name for name in names if name != name.strip()]:
        return f"has blanks around the names of columns: {', '.join(map(repr, blanks))}"
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        return f"has more than one column named {', '.join(repeated)}"
    return ""


def _record(line: int, cells: list[str]) -> CsvRecord | EntryProblem:
    if any(cell != cell.translate(UNREADABLE) for cell in cells):
        return EntryProblem(
            line,
            "",
            f"is not text in UTF-8: {quoted(','.join(cells).translate(UNREADABLE))}",
            "Save the file as CSV UTF-8; a spreadsheet offers it among the types of file.",
        )
    return CsvRecord(line, tuple(cells))


def _broken(line: int, error: csv.Error) -> EntryProblem:
    if "field limit" in str(error):
        what = f"has a cell of more than {csv.field_size_limit():,} characters, or a quotation mark that is not closed"
        return EntryProblem(line, "", what, "Make it shorter, or close the quote.")
    return EntryProblem(
        line,
        "",
        "has a quotation mark out of place",
        'Double the quotes inside a cell in quotes (""like this""), or close the quote.',
    )


def _length_problem(record: CsvRecord, wanted: int) -> EntryProblem | None:
    found = len(record.cells)
    if found == wanted:
        return None
    if found == 0:
        return EntryProblem(record.line, "", "is empty", "Remove the line.")
    what = f"has {found} cells, and the header has {wanted}"
    if found > wanted:
        return EntryProblem(record.line, "", what, "Put cells with a comma inside in quotes.")
    hint = "A comma is missing: write one for each empty cell too, or close the quote of the line before."
    return EntryProblem(record.line, "", what, hint)


INTEGER = re.compile(r"-?[0-9]{1,18}")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
LONGEST_SHOWN = 60


class CellError(ValueError):
    """A cell that its field does not allow; the message says why, and continues the cell's place."""


def parse_cell(field: dict[str, Any], text: str) -> Any:
    """Read the value of a cell: a string, an integer or a date; None if it is empty and may be.

    Args:
        field: Table Schema field descriptor, of one of these types.
        text: the cell.

    Raises:
        CellError: the cell does not fit.
    """
    constraints = field.get("constraints", {})
    if not text:
        if constraints.get("required"):
            raise CellError("is empty")
        return None
    if hidden := hidden_characters(text):
        raise CellError(f"holds {hidden[0]!a}, a character that cannot be seen or that reverses what is read")
    value = _typed(field["type"], text)
    if "enum" in constraints and value not in constraints["enum"]:
        raise CellError(f"is {quoted(text)}, and can be: {', '.join(constraints['enum'])}")
    if "pattern" in constraints and not re.fullmatch(constraints["pattern"], text):
        raise CellError(f"is {quoted(text)}, which is not written as it should be")
    if "minimum" in constraints and value < constraints["minimum"]:
        raise CellError(f"is {text}, less than {constraints['minimum']}")
    if "maximum" in constraints and value > constraints["maximum"]:
        raise CellError(f"is {text}, more than {constraints['maximum']:,}")
    return value


def quoted(value: object) -> str:
    """Quote a value if it is text, and cut it if it is long."""
    text = repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"


def _typed(kind: str, text: str) -> str | int | date:
    if kind == "integer":
        if not INTEGER.fullmatch(text):
            raise CellError(f"is {quoted(text)}, and must be a whole number in digits, 18 at most")
        return int(text)
    if kind == "date":
        try:
            return _date(text)
        except ValueError as error:
            raise CellError(f"is {quoted(text)}, and must be a date like 2026-01-20") from error
    return text


def _date(text: str) -> date:
    # Python also reads 20260120 and 2026-W04-2, which a Table Schema's date is not.
    if not DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text)
