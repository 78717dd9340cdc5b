"""CSV files that people made: read record by record, so that one that is broken hides none of the others."""

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice

from dontspy_data.contest.cells import shown
from dontspy_data.contest.problem import Problem

SEPARATORS = {";": "semicolons", "\t": "tabs"}
NAMES_MEND = (
    "Give each column a name of its own, without blanks around it; leave out a column of row numbers."
)
UNREADABLE = dict.fromkeys(range(0xDC80, 0xDD00), "�")
"""What Python's `surrogateescape` makes of bytes that are not UTF-8."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record.

    Attributes:
        line: on which it begins, counted from 1.
        cells: as they stand in the file, without their quotes.
    """

    line: int
    cells: tuple[str, ...]


def read_records(body: bytes) -> Iterator[Record | Problem]:
    """The records of a CSV file in their order, and what is wrong where there is none to be had.

    After a quotation mark out of place it goes on with the next line.
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


def read_header(records: Iterator[Record | Problem]) -> tuple[str, ...] | Problem:
    """The names of the columns from a file's first record, or what keeps it from being that."""
    first = next(records, None)
    if first is None:
        return Problem(1, "", "is empty", "Begin the file with the names of the columns.")
    if isinstance(first, Problem):
        return first
    if len(first.cells) == 1 and (
        found := [name for sign, name in SEPARATORS.items() if sign in first.cells[0]]
    ):
        return Problem(
            1, "", f"separates its cells with {found[0]}", "Save the file with commas between cells."
        )
    if wrong := wrong_names(first.cells):
        return Problem(1, "", wrong, NAMES_MEND)
    return first.cells


def read_rows(records: Iterable[Record | Problem], width: int) -> Iterator[Record | Problem]:
    """The records after the header: those with as many cells as there are columns, and what is wrong with others."""
    for record in records:
        yield record if isinstance(record, Problem) else _length_problem(record, width) or record


def wrong_names(names: Sequence[str]) -> str:
    """What is wrong with names of columns; empty where nothing is."""
    if not all(name.strip() for name in names):
        return "has a column without a name"
    if blanks := [name for name in names if name != name.strip()]:
        return f"has blanks around the names of columns: {', '.join(map(repr, blanks))}"
    if repeated := sorted({name for name in names if names.count(name) > 1}):
        return f"has more than one column named {', '.join(repeated)}"
    return ""


def _record(line: int, cells: list[str]) -> Record | Problem:
    if any(cell != cell.translate(UNREADABLE) for cell in cells):
        return Problem(
            line,
            "",
            f"is not text in UTF-8: {shown(','.join(cells).translate(UNREADABLE))}",
            "Save the file as CSV UTF-8; a spreadsheet offers it among the types of file.",
        )
    return Record(line, tuple(cells))


def _broken(line: int, error: csv.Error) -> Problem:
    if "field limit" in str(error):
        what = f"has a cell of more than {csv.field_size_limit():,} characters, or a quotation mark that is not closed"
        return Problem(line, "", what, "Make it shorter, or close the quote.")
    return Problem(
        line,
        "",
        "has a quotation mark out of place",
        'Double the quotes inside a cell in quotes (""like this""), or close the quote.',
    )


def _length_problem(record: Record, wanted: int) -> Problem | None:
    found = len(record.cells)
    if found == wanted:
        return None
    if found == 0:
        return Problem(record.line, "", "is empty", "Remove the line.")
    what = f"has {found} cells, and there are {wanted} columns"
    return Problem(record.line, "", what, "Put cells with a comma inside in quotes.")
