"""What happened to portraits, as events: each person's portrait is new, replaced, re-encoded, lost or back."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from dontspy_data.portraits.describe import NEAR, Status, distance
from dontspy_data.release.event import Event, EventKind, People, value_words
from dontspy_data.release.row_changes import Op, RowChange

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

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class PortraitsTold:
    """What happened to portraits.

    Attributes:
        events: unsorted.
        untold: changes of rows about people of whom no event tells.
    """

    events: tuple[Event, ...]
    untold: tuple[RowChange, ...]


def portrait_events(changes: Sequence[RowChange], shown_before: Set[int], people: People) -> PortraitsTold:
    """Return what happened to portraits.

    Of one person, one event tells what became of the current portrait; what follows from it for the other rows is
    not told again.

    Args:
        changes: of rows that have the columns `NEEDED`.
        shown_before: people of whom the old package has a portrait, current or earlier.
        people: of the two packages.
    """
    of_people: dict[int, list[RowChange]] = defaultdict(list)
    for change in changes:
        of_people[change.mep_id or 0].append(change)
    events = [
        e for mep_id in sorted(of_people) for e in _of_person(mep_id, of_people[mep_id], shown_before, people)
    ]
    named = {event.mep_id for event in events}
    return PortraitsTold(tuple(events), tuple(c for c in changes if (c.mep_id or 0) not in named))


def _of_person(
    mep_id: int, changes: Sequence[RowChange], shown_before: Set[int], people: People
) -> Iterator[Event]:
    if mep_id not in people.after:  # of whoever is no longer in the dataset, other events tell
        return
    found = [*_current(mep_id, changes, shown_before, people)] or [*_earlier(mep_id, changes, people)]
    terms = [e for change in changes for e in _values(EventKind.PORTRAIT_TERMS, change, RIGHTS, people)]
    yield from (*found, *terms)
    if not found and not terms:
        for change in changes:
            others = change.changed.keys() - RIGHTS
            yield from _values(EventKind.PORTRAIT_DETAILS, change, others, people)


def _current(
    mep_id: int, changes: Sequence[RowChange], shown_before: Set[int], people: People
) -> Iterator[Event]:
    """Yield what became of the current portrait, if it is another one than before."""
    was = next((row for change in changes if (row := change.before) and row["is_current"]), {})
    now = next((row for change in changes if (row := change.after) and row["is_current"]), {})
    match was.get("status") == Status.PRESENT, now.get("status") == Status.PRESENT:
        case False, True:
            again = mep_id in shown_before
            yield people.event(EventKind.PORTRAIT_BACK if again else EventKind.PORTRAIT_NEW, mep_id)
        case True, False:
            yield people.event(EventKind.PORTRAIT_LOST, mep_id, after=_words("status", now.get("status")))
        case True, True if was["sha256"] != now["sha256"]:
            yield _replaced(mep_id, was, now, changes, people)
        case False, False if was and now and was["status"] != now["status"]:
            before, after = (_words("status", row["status"]) for row in (was, now))
            yield people.event(EventKind.PORTRAIT_NONE, mep_id, before=before, after=after)


def _replaced(mep_id: int, was: Row, now: Row, changes: Sequence[RowChange], people: People) -> Event:
    hashes = was.get("phash"), now.get("phash")
    if all(hashes) and distance(*map(str, hashes)) <= NEAR:
        return people.event(EventKind.PORTRAIT_REENCODED, mep_id)
    known = any(row["sha256"] == now["sha256"] for change in changes if (row := change.before))
    return people.event(
        EventKind.PORTRAIT_REPLACED, mep_id, after="one that was shown before" if known else None
    )


def _earlier(mep_id: int, changes: Sequence[RowChange], people: People) -> Iterator[Event]:
    for change in changes:
        row = change.after or change.before or {}
        if change.op is not Op.MOD and not row["is_current"]:
            what = "one more" if change.op is Op.ADD else "one less"
            yield people.event(EventKind.PORTRAIT_EARLIER, mep_id, after=what)


def _values(kind: EventKind, change: RowChange, columns: Set[str], people: People) -> Iterator[Event]:
    """Yield an event for each of some columns whose value changed."""
    if change.mep_id and change.after:
        for column, (was, now) in change.changed.items():
            if column in columns:
                yield people.event(
                    kind,
                    change.mep_id,
                    before=_words(column, was),
                    after=_words(column, now),
                    what=column if change.after["is_current"] else f"earlier {column}",
                )


def _words(column: str, value: Any) -> str:
    return WORDS.get(column, {}).get(value) or value_words(value)
