"""Spellings: which of them count as one, and what each stands for."""

import csv
import io
import unicodedata
from collections.abc import Iterable, Mapping

from dontspy_data.errors import UnknownCodeError, UsageError

PLAIN = str.maketrans(
    "\u2018\u2019\u201c\u201d\u2010\u2011\u2013\u2014", "''\"\"----"
)  # quotes, hyphens, dashes


def csv_cell(value: str) -> str:
    """Return a text as a cell of a CSV file, in quotes if it needs them."""
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([value])
    return line.getvalue()


def index_of(file: str, pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return what each spelling stands for, to be given to `look_up`.

    Args:
        file: that the pairs are from, for people.
        pairs: a spelling, and what it stands for.

    Raises:
        UsageError: one spelling stands for two things.
    """
    index: dict[str, str] = {}
    for spelling, code in pairs:
        if spelling and index.setdefault(_key(spelling), code) != code:
            raise UsageError(
                f"{spelling!r} stands for both {index[_key(spelling)]!r} and {code!r} in {file}",
                hint="Delete one of the two rows, or correct it.",
            )
    return index


def look_up(index: Mapping[str, str], kind: str, value: str, file: str, row: str) -> str:
    """Return what a text stands for.

    Raises:
        UnknownCodeError: no spelling is like it; the error names the file and the row to add.
    """
    try:
        return index[_key(value)]
    except KeyError:
        raise UnknownCodeError(kind, value, file, row) from None


def _key(text: str) -> str:
    """Return what two spellings of one name share: NFKC, no case, plain quotes and dashes, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(PLAIN).casefold().split())
