"""The order of entries: most shares and likes together first."""

from collections.abc import Iterable
from dataclasses import dataclass

from dontspy_data.contest.entries import Entry


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry and its place in its contest.

    Attributes:
        place: from 1; no two entries of a contest share one.
        reach: shares and likes together.
        entry: the entry.
    """

    place: int
    reach: int
    entry: Entry


def rank(entries: Iterable[Entry]) -> tuple[Ranked, ...]:
    """Entries by contest and place.

    With the same sum, the one published earlier goes first; on the same day, the one whose key comes first.
    """
    ordered = sorted(
        entries,
        key=lambda entry: (entry.contest, -(entry.shares + entry.likes), entry.published_on, entry.entry_id),
    )
    places: dict[str, int] = {}
    ranked: list[Ranked] = []
    for entry in ordered:
        places[entry.contest] = places.get(entry.contest, 0) + 1
        ranked.append(Ranked(places[entry.contest], entry.shares + entry.likes, entry))
    return tuple(ranked)
