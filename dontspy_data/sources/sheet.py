"""Sheets: files of rows and columns as portals and spreadsheets write them, taken apart line by line.

Of encodings, UTF-8, UTF-16 and cp1252 are told apart; of delimiters comma, semicolon, tab and bar (RFC 4180 knows the
comma alone). A row whose cells do not fit the columns is kept apart, so that one quote too many swallows no other row.
"""

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from dontspy_data.capture.captures import Page
from dontspy_data.errors import PageError
from dontspy_data.sources.values import clean

DELIMITERS = ",;\t|"
LINES_OF_A_ROW = 10
LINES_BEFORE_THE_HEADER = 5
LARGEST_CELL = 1 << 17  # of csv; longer ones are an error there
LARGEST_SHOWN = 200
LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row that is not blank.

    Attributes:
        line: number of its first line in the file, from 1.
        cells: as many as there are columns, but for a row that `fits` not.
        fits: whether there is a cell for each column.
    """

    line: int
    cells: tuple[str, ...]
    fits: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file taken apart.

    Attributes:
        columns: names, as the header has them.
        rows: those below the header that are not blank.
        encoding: `utf-8`, `utf-16` or `cp1252`.
    """

    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]
    encoding: str


def open_sheet(page: Page, source: str, is_header: Callable[[Sequence[str]], bool], header: str) -> Sheet:
    """Take a file of rows and columns apart.

    Args:
        page: the file.
        source: name of the source that asks.
        is_header: whether a row is the header.
        header: what the header must have, for people.

    Raises:
        PageError: none of its first lines is the header.
    """
    text, encoding = _text(page.body)
    lines = LINE_END.split(text)
    for at, line in enumerate(lines[:LINES_BEFORE_THE_HEADER]):
        for delimiter in DELIMITERS:
            columns = _cells([line], delimiter)
            if columns and is_header(columns):
                return Sheet(columns, _rows(lines, at + 1, len(columns), delimiter), encoding)
    raise PageError(source, page.url, f"{header} (the file begins with {text[:80]!r})")


def _text(body: bytes) -> tuple[str, str]:
    """Return a file's text and its encoding; what cannot be read in it is U+FFFD, as letters that are lost."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace"), "utf-16"
    zeros = body[:1000].count(0)
    if zeros > len(body[:1000]) // 4:
        return body.decode("utf-16-le" if body[1:2] == b"\0" else "utf-16-be", "replace"), "utf-16"
    text = body.decode("utf-8-sig", "replace")
    lost = text.count("\ufffd")
    # In text of one byte a letter, nearly every letter beyond ASCII is an error of UTF-8; a few are damage.
    if lost <= sum(letter > "\x7f" for letter in text) - lost:
        return text, "utf-8"
    return body.decode("cp1252", "replace"), "cp1252"


def _rows(lines: Sequence[str], at: int, width: int, delimiter: str) -> tuple[SheetRow, ...]:
    rows = []
    while at < len(lines):
        row, used = _row(lines, at, width, delimiter)
        if any(row.cells):
            rows.append(row)
        at += used
    return tuple(rows)


def _row(lines: Sequence[str], at: int, width: int, delimiter: str) -> tuple[SheetRow, int]:
    """Return the row that begins on a line, and how many lines it takes: several if a cell has lines of its own."""
    for used in range(1, LINES_OF_A_ROW + 1):
        cells = _cells(lines[at : at + used], delimiter, strict=True)
        if len(cells) == width:
            return SheetRow(at + 1, cells, fits=True), used
        if '"' not in lines[at]:
            break
    cells = _cells(lines[at : at + 1], delimiter) or (clean(lines[at][:LARGEST_SHOWN]),)
    return SheetRow(at + 1, cells, fits=len(cells) == width), 1


def _cells(lines: Sequence[str], delimiter: str, *, strict: bool = False) -> tuple[str, ...]:
    """Return the cells of the one row that some lines are; none if they are several, or no CSV.

    If `strict`, a quote that is not closed, or closed within a cell, is no CSV.
    """
    if sum(map(len, lines)) > LARGEST_CELL:
        return ()
    try:
        rows = list(csv.reader((line + "\n" for line in lines), delimiter=delimiter, strict=strict))
    except csv.Error:
        return ()
    return tuple(map(clean, rows[0])) if len(rows) == 1 else ()
