"""What changed about portraits, in sections and lines that people read.

Every line that tells what a portrait says of itself has `, portrait:` or `, earlier portrait:` after the person's
number, so that it can be found again if the portrait is withdrawn.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from dontspy_data.portraits.rows import Status
from dontspy_data.release.row_changes import Op, RowChange
from dontspy_data.release.words import People, column_words, value_words

NEEDED = frozenset({"mep_id", "status", "is_current", "sha256"})
RIGHTS = frozenset(
    {
        "photographer",
        "rights_status",
        "rights_holder",
        "credit_line",
        "rights_statement",
        "rights_url",
        "copyright_text",
        "usage_terms",
        "noai",
    }
)
WORDS: Mapping[str, Mapping[str, str]] = {
    "status": {
        "present": "a portrait",
        "placeholder": "a stock picture in place of a portrait",
        "absent": "none at the source",
        "unknown": "not known whether there is one",
    },
    "rights_status": {
        "reuse": "reuse under the Parliament's terms",
        "not_stated": "nobody named",
        "unclear": "somebody else named, ask before reuse",
    },
}
"""What codes mean, for people."""

NEW = "New portraits"
REPLACED = "Replaced portraits"
GONE = "Portraits no longer there"
NONE = "Why there is no portrait"
EARLIER = "Earlier portraits"
TERMS = "Rights and credits of portraits"
DETAILS = "Other details of portraits"
TITLES = (NEW, REPLACED, GONE, NONE, EARLIER, TERMS, DETAILS)


@dataclass(frozen=True, slots=True)
class PortraitSections:
    """What changed about portraits.

    Attributes:
        told: titles and lines; some without lines.
        untold: changes about people of whom no line tells.
    """

    told: tuple[tuple[str, tuple[str, ...]], ...]
    untold: tuple[RowChange, ...]


@dataclass(frozen=True, slots=True)
class _Line:
    title: str
    mep_id: int
    text: str


def portrait_sections(changes: Sequence[RowChange], people: People) -> PortraitSections:
    """Sections on portraits, from changes of rows that have the columns `NEEDED`."""
    lines = [*_current(changes, people), *_earlier(changes, people), *_terms(changes, people)]
    named = {line.mep_id for line in lines}
    lines += _details([change for change in changes if change.mep_id not in named], people)
    named |= {line.mep_id for line in lines}
    return PortraitSections(
        told=tuple((title, tuple(line.text for line in lines if line.title == title)) for title in TITLES),
        untold=tuple(change for change in changes if change.mep_id not in named),
    )


def _current(changes: Sequence[RowChange], people: People) -> Iterator[_Line]:
    was = {row["mep_id"]: row for change in changes if (row := change.before) and row["is_current"]}
    now = {row["mep_id"]: row for change in changes if (row := change.after) and row["is_current"]}
    for mep_id in sorted(was.keys() | now.keys()):
        before, after = was.get(mep_id, {}), now.get(mep_id, {})
        words = people.name(mep_id)
        match before.get("status") == Status.PRESENT, after.get("status") == Status.PRESENT:
            case False, True:
                yield _Line(NEW, mep_id, words)
            case True, False:
                yield _Line(GONE, mep_id, words)
            case True, True if before["sha256"] != after["sha256"]:
                yield _Line(REPLACED, mep_id, words)
            case False, False if before and after and before["status"] != after["status"]:
                reasons = (_words("status", row["status"]) for row in (before, after))
                yield _Line(NONE, mep_id, f"{words}: {', now '.join(reasons)}")


def _earlier(changes: Iterable[RowChange], people: People) -> Iterator[_Line]:
    for change in changes:
        row = change.after or change.before or {}
        if change.mep_id and change.op is not Op.MOD and not row["is_current"]:
            what = "one more" if change.op is Op.ADD else "one less"
            yield _Line(EARLIER, change.mep_id, f"{people.name(change.mep_id)}: {what}")


def _terms(changes: Iterable[RowChange], people: People) -> Iterator[_Line]:
    for change in changes:
        yield from _values(TERMS, change, change.changed.keys() & RIGHTS, people)


def _details(changes: Iterable[RowChange], people: People) -> Iterator[_Line]:
    for change in changes:
        yield from _values(DETAILS, change, change.changed.keys() - RIGHTS, people)


def _values(title: str, change: RowChange, columns: Set[str], people: People) -> Iterator[_Line]:
    """A line for each of some columns whose value changed."""
    if change.mep_id and change.after:
        which = "portrait" if change.after["is_current"] else "earlier portrait"
        for column, values in change.changed.items():
            if column in columns:
                told = column_words(column, *(_words(column, value) for value in values))
                yield _Line(title, change.mep_id, f"{people.name(change.mep_id)}, {which}: {told}")


def _words(column: str, value: Any) -> str:
    return WORDS.get(column, {}).get(value) or value_words(value)
