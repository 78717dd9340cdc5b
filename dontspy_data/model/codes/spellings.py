"""Spellings: which of them count as one, and what each stands for."""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Mapping

from dontspy_data.errors import UnknownCodeError, UsageError

PLAIN = str.maketrans(
    "\u2018\u2019\u201c\u201d\u2010\u2011\u2013\u2014", "''\"\"----"
)  # quotes, hyphens, dashes

PARLIAMENT = re.compile(
    r"\b(in the european parliament|au parlement européen|im europäischen parlament|en el parlamento europeo"
    r"|al parlamento europeo)\b"
)
LITTLE_WORDS = re.compile(
    "the|of|for|in|an?|and|groups?|de|des|du|d|la|les?|l|et|pour|groupe|de[rs]|das?|die|und|für|fraktion"
    "|del|los|el|y|e|por|grupo|dei|degli|delle|dell|di|il?|per|ed|gruppo"
)
LAST_BRACKETS = re.compile(r"\([^()]*\)$")


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


def loose_index_of(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    """Return what names of several words stand for, told by their main words alone, for `look_up_loosely`.

    A name that would stand for two things stands for none.
    """
    index: dict[str, set[str]] = {}
    for name, code in pairs:
        if words := _main_words(name):
            index.setdefault(words, set()).add(code)
    return {words: found.pop() for words, found in index.items() if len(found) == 1}


def look_up_loosely(index: Mapping[str, str], loose: Mapping[str, str], name: str) -> str | None:
    """Return what a name stands for: as it stands, without brackets at its end, or by its main words.

    Args:
        index: of `index_of`.
        loose: of `loose_index_of`.
        name: as printed.

    Returns:
        What it stands for; None if it is in neither index.
    """
    names = (name, LAST_BRACKETS.sub("", name).rstrip())
    exact = (index.get(_key(one)) for one in names)
    by_words = (loose.get(_main_words(one)) for one in names)
    return next((code for code in (*exact, *by_words) if code is not None), None)


def _main_words(name: str) -> str:
    """Return the words of a name without articles, `Group` and punctuation; empty if less than two are left."""
    text = PARLIAMENT.sub(" ", _key(name).replace("&", " and "))
    words = [word for word in re.findall(r"\w+", text) if not LITTLE_WORDS.fullmatch(word)]
    return " ".join(words) if len(words) > 1 else ""


def _key(text: str) -> str:
    """Return what two spellings of one name share: NFKC, no case, plain quotes and dashes, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(PLAIN).casefold().split())
