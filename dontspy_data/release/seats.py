"""Who joined and who left, as events: from the mandates of two packages."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any

from dontspy_data.package.open import Package
from dontspy_data.release.event_kinds import Event, EventKind, People
from dontspy_data.release.version import shared_columns

NEEDED = ("mep_id", "term", "state", "start_date", "end_date")
SITS = frozenset({EventKind.JOINED, EventKind.REELECTED, EventKind.RETURNED, EventKind.LISTED_AGAIN})
A_YEAR = timedelta(days=366)
NO_BREAK = timedelta(days=1)
"""The longest gap between two mandates of a person who continues to sit."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Seats:
    """The mandates of a package.

    Attributes:
        held: every person's, the latest last.
        day: of the package's latest data, UTC.
    """

    held: Mapping[int, Sequence[Row]]
    day: date

    def covers(self, term: int, other: "Seats") -> bool:
        """Return whether at least half as many sit in a term as in another package."""
        here, there = (seats.sitting_by_term.get(term, 0) for seats in (self, other))
        return 2 * here >= there

    @cached_property
    def sitting_by_term(self) -> Mapping[int, int]:
        """How many sit by a mandate of each term."""
        return Counter(row["term"] for mep_id in self.held if (row := self.ongoing(mep_id)))

    def latest(self, mep_id: int) -> Row | None:
        """Return a person's latest mandate; None without any."""
        return next(reversed(self.held.get(mep_id, ())), None)

    def ongoing(self, mep_id: int) -> Row | None:
        """Return the mandate that a person sits by; None for somebody who does not sit."""
        return next((row for row in reversed(self.held.get(mep_id, ())) if row["state"] == "ongoing"), None)


def seat_events(old: Package, new: Package, people: People) -> Iterator[Event]:
    """Yield who joined, was re-elected, returned, left, died or is no longer listed.

    Nobody who sits on the next day has left. There are no events if the packages' mandates cannot be compared, nor for
    people who are only in the old package.
    """
    if not shared_columns(old, new, "mandates").issuperset(NEEDED):
        return
    was, now = seats_of(old, people.before.keys()), seats_of(new, people.after.keys())
    for mep_id in sorted(people.after):
        before, died = people.before.get(mep_id), people.after[mep_id].get("death_date")
        if died and before is not None and not before.get("death_date"):
            yield people.event(EventKind.DIED, mep_id, day=died)
            continue
        for kind, day in came_and_went(mep_id, was, now):
            if kind in SITS or not died:  # a death has its own event
                yield people.event(kind, mep_id, day=day)


def seats_of(package: Package, people: Collection[int]) -> Seats:
    """Return the mandates of some people in a package that has the columns `NEEDED`."""
    held: dict[int, list[Row]] = defaultdict(list)
    for row in package.read("mandates", list(NEEDED)).to_pylist():
        if row["mep_id"] in people:
            held[row["mep_id"]].append(row)
    for rows in held.values():
        rows.sort(key=lambda row: (row["term"], row["start_date"] or date.min))
    return Seats(held, package.created.date())


_Found = Iterator[tuple[EventKind, date | None]]


def came_and_went(mep_id: int, was: Seats, now: Seats) -> _Found:
    """Yield the events in a person's mandates: kind, and day or None if no source gives it; mostly one, or none."""
    before, after = was.ongoing(mep_id), now.ongoing(mep_id)
    if after:
        yield from _of_sitting(before, after, mep_id, was, now)
    else:
        yield from _of_gone(before, mep_id, was, now)


def _of_sitting(before: Row | None, after: Row, mep_id: int, was: Seats, now: Seats) -> _Found:
    """Yield what happened to somebody who sits."""
    start = after["start_date"]
    if before:
        if before["term"] != after["term"]:
            yield EventKind.REELECTED, start
        elif start and before["start_date"] != start and start > was.day:
            yield EventKind.RETURNED, start
        return
    known = was.latest(mep_id)
    if known and known["term"] == after["term"] and start in (known["start_date"], None):
        # By the mandate that had an unknown or past end before.
        yield EventKind.LISTED_AGAIN, None
        return
    if not known and start and not _is_news(start, was) and was.covers(after["term"], now):
        return  # sat all along, and is only new in the dataset
    earlier = [row for row in now.held[mep_id] if row is not after] or ([known] if known else [])
    if not earlier:
        yield EventKind.JOINED, start
    else:
        yield (EventKind.REELECTED if _sat_on(earlier, after) else EventKind.RETURNED), start


def _sat_on(earlier: Sequence[Row], after: Row) -> bool:
    """Return whether somebody sat until a mandate began, or in the term before with an unknown end."""
    last = max(earlier, key=lambda row: (row["term"], row["start_date"] or date.min))
    if last["end_date"] is None or after["start_date"] is None:
        return bool(last["term"] == after["term"] - 1)
    return bool(timedelta() <= after["start_date"] - last["end_date"] <= NO_BREAK)


def _of_gone(before: Row | None, mep_id: int, was: Seats, now: Seats) -> _Found:
    """Yield what happened to somebody who does not sit."""
    known, last = was.latest(mep_id), now.latest(mep_id)
    if last is None:
        return
    end = last["end_date"]
    if before:
        yield (EventKind.LEFT if last["state"] == "ended" else EventKind.NO_LONGER_LISTED), end
    elif known and known["state"] == "unknown" and last["state"] == "ended" and _is_news(end, was):
        yield EventKind.LEFT, end
    elif known is None and end and end > was.day:  # joined and left since
        if last["start_date"] and last["start_date"] > was.day:
            yield EventKind.JOINED, last["start_date"]
        yield EventKind.LEFT, end


def _is_news(day: date | None, was: Seats) -> bool:
    """Return whether a day is recent, rather than an old one that has only become known now."""
    return bool(day and day > was.day - A_YEAR)
