"""What changed about portraits, in sections and lines that people read."""

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from dontspy_data.portraits.describe import Status
from dontspy_data.release.changelog import ChangeLine
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
LOST = "Portraits no longer there"
NONE = "Why there is no portrait"
EARLIER = "Earlier portraits"
TERMS = "Rights and credits of portraits"
DETAILS = "Other details of portraits"
TITLES = (NEW, REPLACED, LOST, NONE, EARLIER, TERMS, DETAILS)


@dataclass(frozen=True, slots=True)
class PortraitSections:
    """What changed about portraits.

    Attributes:
        reported: titles and lines; some without lines.
        unreported: changes about people of whom no line tells.
    """

    reported: tuple[tuple[str, tuple[ChangeLine, ...]], ...]
    unreported: tuple[RowChange, ...]


_Titled = tuple[str, ChangeLine]


def portrait_sections(changes: Sequence[RowChange], people: People) -> PortraitSections:
    """Return sections on portraits, from changes of rows that have the columns `NEEDED`."""
    lines = [*_current(changes, people), *_earlier(changes, people), *_terms(changes, people)]
    named = {line.mep_id for _, line in lines}
    lines += _details([change for change in changes if change.mep_id not in named], people)
    named |= {line.mep_id for _, line in lines}
    return PortraitSections(
        reported=tuple((title, tuple(line for of, line in lines if of == title)) for title in TITLES),
        unreported=tuple(change for change in changes if change.mep_id not in named),
    )


def _current(changes: Sequence[RowChange], people: People) -> Iterator[_Titled]:
    was = {row["mep_id"]: row for change in changes if (row := change.before) and row["is_current"]}
    now = {row["mep_id"]: row for change in changes if (row := change.after) and row["is_current"]}
    for mep_id in sorted(was.keys() | now.keys()):
        before, after = was.get(mep_id, {}), now.get(mep_id, {})
        match before.get("status") == Status.PRESENT, after.get("status") == Status.PRESENT:
            case False, True:
                yield NEW, people.line(mep_id)
            case True, False:
                yield LOST, people.line(mep_id)
            case True, True if before["sha256"] != after["sha256"]:
                yield REPLACED, people.line(mep_id)
            case False, False if before and after and before["status"] != after["status"]:
                reasons = (_words("status", row["status"]) for row in (before, after))
                yield NONE, people.line(mep_id, f": {', now '.join(reasons)}")


def _earlier(changes: Iterable[RowChange], people: People) -> Iterator[_Titled]:
    for change in changes:
        row = change.after or change.before or {}
        if change.mep_id and change.op is not Op.MOD and not row["is_current"]:
            what = "one more" if change.op is Op.ADD else "one less"
            yield EARLIER, people.line(change.mep_id, f": {what}")


def _terms(changes: Iterable[RowChange], people: People) -> Iterator[_Titled]:
    for change in changes:
        yield from _values(TERMS, change, change.changed.keys() & RIGHTS, people)


def _details(changes: Iterable[RowChange], people: People) -> Iterator[_Titled]:
    for change in changes:
        yield from _values(DETAILS, change, change.changed.keys() - RIGHTS, people)


def _values(title: str, change: RowChange, columns: Set[str], people: People) -> Iterator[_Titled]:
    """Yield a line for each of some columns whose value changed."""
    if change.mep_id and change.after:
        which = "portrait" if change.after["is_current"] else "earlier portrait"
        for column, values in change.changed.items():
            if column in columns:
                words = column_words(column, *(_words(column, value) for value in values))
                yield title, people.line(change.mep_id, f", {which}: {words}", is_portrait=True)


def _words(column: str, value: Any) -> str:
    return WORDS.get(column, {}).get(value) or value_words(value)
