"""What happened between two packages, as events: somebody joined, left, changed group, has another portrait.

The changelog, `diff` and the report of a refresh print these same events.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from dontspy_data.package.open import Package
from dontspy_data.portraits.describe import Status
from dontspy_data.release.event import Event, EventKind, People, changes_of, value_words
from dontspy_data.release.portrait_events import NEEDED, portrait_events
from dontspy_data.release.row_changes import Comparison, Op, RowChange
from dontspy_data.release.seats import seat_events
from dontspy_data.release.version import has_same_key, shared_columns

News = Mapping[str, Sequence[RowChange]]
"""Changes of rows by table."""

ORDER = {kind: number for number, kind in enumerate(EventKind)}
NEEDED_OF = {
    "meps": frozenset({"mep_id"}),
    "portraits": NEEDED,
    "withdrawals": frozenset({"mep_id"}),
    "political_groups": frozenset({"code", "name_en", "start_date", "end_date"}),
}
"""Tables whose changes are told as events, and the columns that it takes."""
CAME = frozenset({EventKind.JOINED, EventKind.REELECTED, EventKind.RETURNED, EventKind.ADDED})
WENT = frozenset({EventKind.LEFT, EventKind.NO_LONGER_LISTED, EventKind.REMOVED})
NAMES = ("name", "family_name", "given_name")
OF_NAMES = frozenset(
    {
        *NAMES,
        "sort_name",
        "official_given_name",
        "official_family_name",
        "name_lost_letters",
        "name_composed",
    }
)
"""Columns of `meps` that follow when a person takes another name."""
MOVED = {
    "political_group": EventKind.CHANGED_GROUP,
    "national_party": EventKind.CHANGED_PARTY,
    "country": EventKind.CHANGED_COUNTRY,
}
"""Columns of `meps` whose change from one value to another is an event of its own."""


@dataclass(frozen=True, slots=True)
class Told:
    """Events, and the changes of rows that no event tells.

    Attributes:
        events: by kind, in the order of `EventKind`, then by person.
        untold: changes of rows by table.
    """

    events: tuple[Event, ...]
    untold: News


def events_between(old: Package, new: Package, comparison: Comparison) -> Told:
    """Return what happened from one package to another, each thing once.

    Args:
        old: the package before, such as the latest release.
        new: the package after.
        comparison: of the two, as `row_changes.compare` gives it.
    """
    people, news = People(old, new), _news(old, new, comparison)
    told = {name: news[name] for name in NEEDED_OF if name in news and _can_be_told(old, new, name)}
    seats = list(seat_events(old, new, people))
    seats += _added_and_removed(told.get("meps", ()), {event.mep_id for event in seats}, people)
    kinds: dict[int | None, set[EventKind]] = defaultdict(set)
    for event in seats:
        kinds[event.mep_id].add(event.kind)
    kept = [c for c in told.get("portraits", ()) if c.mep_id not in comparison.withdrawn.people]
    pictures = portrait_events(kept, _with_portraits(old) if kept else frozenset(), people)
    events = [
        *_withdrawn(comparison, told.get("withdrawals", ())),
        *_with_renumbered(seats, people),
        *_groups(told.get("political_groups", ())),
        *(
            e
            for c in changes_of(told.get("meps", ()), Op.MOD)
            for e in _of_person(c, kinds[c.mep_id], people)
        ),
        *pictures.events,
    ]
    untold = {
        name: changes for name, changes in news.items() if name not in told or name == "political_groups"
    }
    if pictures.untold:
        untold["portraits"] = pictures.untold
    return Told(tuple(sorted(events, key=lambda e: (ORDER[e.kind], e.mep_id or 0))), untold)


def _with_portraits(package: Package) -> frozenset[int]:
    """Return the people of whom a package has a portrait, current or earlier."""
    rows = package.read("portraits", ["mep_id", "status"]).to_pylist()
    return frozenset(row["mep_id"] for row in rows if row["status"] == Status.PRESENT)


def _can_be_told(old: Package, new: Package, name: str) -> bool:
    return has_same_key(old, new, name) and shared_columns(old, new, name) >= NEEDED_OF[name]


def _news(old: Package, new: Package, comparison: Comparison) -> News:
    """Return changes of rows by table, without those that ask for no release or are about somebody now withdrawn.

    Changed rows have the columns that both packages have: of the others, the changes of structure tell.
    """
    found: dict[str, list[RowChange]] = defaultdict(list)
    columns = {table.name: shared_columns(old, new, table.name) for table in new.tables}
    for change in comparison.rows:
        if change.is_quiet:
            continue
        if change.mep_id in comparison.withdrawn.persons and change.table != "withdrawals":
            continue
        shared = _narrowed(change, columns[change.table]) if change.op is Op.MOD else change
        if shared.op is not Op.MOD or shared.changed:
            found[change.table].append(shared)
    return found


def _narrowed(change: RowChange, columns: Set[str]) -> RowChange:
    before, after = (
        {name: value for name, value in (row or {}).items() if name in columns}
        for row in (change.before, change.after)
    )
    return replace(change, before=before, after=after)


def _withdrawn(comparison: Comparison, changes: Iterable[RowChange]) -> Iterator[Event]:
    for row in comparison.withdrawn.rows:
        yield Event(
            EventKind.WITHDRAWN, row.mep_id, "", after=row.reason, day=row.withdrawn_on, what=row.scope
        )
    for change in changes_of(changes, Op.DEL):
        yield Event(EventKind.NO_LONGER_WITHDRAWN, change.mep_id, "")


def _added_and_removed(
    changes: Iterable[RowChange], told: Set[int | None], people: People
) -> Iterator[Event]:
    for change in changes:
        if change.op is Op.MOD or change.mep_id is None or change.mep_id in told:
            continue
        yield people.event(EventKind.ADDED if change.op is Op.ADD else EventKind.REMOVED, change.mep_id)


def _with_renumbered(events: Sequence[Event], people: People) -> Iterator[Event]:
    """Yield the same, but one event where one number went and another came with the same name and birth date."""
    went = {key: e for e in events if e.kind in WENT and (key := _identity(people.before, e.mep_id))}
    pairs = {
        went[key]: e
        for e in events
        if e.kind in CAME and (key := _identity(people.after, e.mep_id)) and key in went
    }
    for before, after in pairs.items():
        yield replace(
            after,
            kind=EventKind.RENUMBERED,
            before=str(before.mep_id),
            after=str(after.mep_id),
            day=None,
        )
    yield from (event for event in events if event not in pairs and event not in pairs.values())


def _identity(rows: Mapping[int, Mapping[str, Any]], mep_id: int | None) -> tuple[str, Any] | None:
    row = rows.get(mep_id or 0, {})
    name, born = row.get("name"), row.get("birth_date")
    return (_plain(name), born) if name and born else None


def _groups(changes: Iterable[RowChange]) -> Iterator[Event]:
    for change in changes:
        row = change.after or {}
        if change.op is Op.ADD:
            yield _group_event(EventKind.GROUP_NEW, row, day=row["start_date"])
        elif change.op is Op.MOD and row["name_en"] and "name_en" in change.changed:
            yield _group_event(EventKind.GROUP_RENAMED, row, before=change.changed["name_en"][0])
        if change.op is Op.MOD and row["end_date"] and "end_date" in change.changed:
            yield _group_event(EventKind.GROUP_ENDED, row, day=row["end_date"])


def _group_event(kind: EventKind, row: Mapping[str, Any], **more: Any) -> Event:
    return Event(kind, None, row["name_en"] or row["code"], group=row["code"], **more)


def _of_person(change: RowChange, kinds: Set[EventKind], people: People) -> Iterator[Event]:
    """Yield what changed about a person who is in both packages, beside who sits."""
    changed, mep_id = change.changed, change.mep_id or 0
    explained = set()
    if kinds:
        explained.add("latest_term")
    if EventKind.DIED in kinds:
        explained.add("death_date")
    for column, kind in MOVED.items():
        was, now = changed.get(column, (None, None))
        if was and now and _plain(was) != _plain(now):
            yield people.event(kind, mep_id, before=value_words(was), after=value_words(now))
            explained.add(column)
    if renamed := next((column for column in NAMES if _is_renamed(*changed.get(column, (None, None)))), None):
        was, now = map(value_words, changed[renamed])
        yield people.event(EventKind.RENAMED, mep_id, before=was, after=now)
        explained |= OF_NAMES
    for column, (was, now) in changed.items():
        if column not in explained:
            yield people.event(
                EventKind.CORRECTED,
                mep_id,
                before=value_words(was),
                after=value_words(now),
                what=column,
            )


def _is_renamed(was: Any, now: Any) -> bool:
    """Return whether a name became another one, rather than being spelled in another way."""
    texts = isinstance(was, str) and isinstance(now, str)
    return texts and "?" not in was and "\ufffd" not in was and _plain(was) != _plain(now)


def _plain(name: str) -> str:
    """Return the words of a name without accents, case and order."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(
        sorted("".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c)).split())
    )
