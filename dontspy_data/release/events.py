"""What happened between two packages, as events: somebody joined, left, changed group, has another portrait.

`seats.py` finds who joined and left. The changelog, `diff` and the report of a refresh print these same events.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from dontspy_data.package.open import Package
from dontspy_data.portraits.describe import NEAR, Status, distance
from dontspy_data.release.event_kinds import Event, EventKind, Events, People, value_words
from dontspy_data.release.row_changes import Comparison, Op, RowChange
from dontspy_data.release.seats import seat_events
from dontspy_data.release.version import has_same_key, shared_columns

NEEDED_OF = {
    "meps": frozenset({"mep_id"}),
    "portraits": frozenset({"mep_id", "status", "is_current", "sha256"}),
    "withdrawals": frozenset({"mep_id"}),
    "political_groups": frozenset({"code", "name_en", "start_date", "end_date"}),
}
"""Tables whose changes become events, and the columns needed."""
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
"""Columns of `meps` that change when a person takes another name."""
MOVED = {
    "political_group": EventKind.CHANGED_GROUP,
    "national_party": EventKind.CHANGED_PARTY,
    "country": EventKind.CHANGED_COUNTRY,
}
"""Columns of `meps` whose change from one value to another is an event of its own."""
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
PORTRAIT_WORDS: Mapping[str, Mapping[str, str]] = {
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


def events_between(old: Package, new: Package, comparison: Comparison) -> Events:
    """Return the events between two packages, each once.

    Args:
        old: the package before, such as the latest release.
        new: the package after.
        comparison: of the two, from `row_changes.compare`.
    """
    people, changes_of = People(old, new), _changes_by_table(old, new, comparison)
    told = {
        name: changes_of[name]
        for name, needed in NEEDED_OF.items()
        if name in changes_of and has_same_key(old, new, name) and shared_columns(old, new, name) >= needed
    }
    seats = list(seat_events(old, new, people))
    seats += _added_and_removed(told.get("meps", ()), {event.mep_id for event in seats}, people)
    kinds: dict[int | None, set[EventKind]] = defaultdict(set)
    for event in seats:
        kinds[event.mep_id].add(event.kind)
    kept = [c for c in told.get("portraits", ()) if c.mep_id not in comparison.withdrawn.people]
    pictures = list(_portrait_events(kept, _with_portraits(old) if kept else frozenset(), people))
    events = [
        *_withdrawn(comparison, told.get("withdrawals", ())),
        *_with_renumbered(seats, people),
        *_groups(told.get("political_groups", ())),
        *(e for c in told.get("meps", ()) if c.op is Op.MOD for e in _of_person(c, kinds[c.mep_id], people)),
        *pictures,
    ]
    others = {
        name: changes
        for name, changes in changes_of.items()
        if name not in told or name == "political_groups"
    }
    named = {event.mep_id for event in pictures}
    if unnamed := [change for change in kept if change.mep_id not in named]:
        others["portraits"] = unnamed
    order = {kind: number for number, kind in enumerate(EventKind)}
    return Events(tuple(sorted(events, key=lambda e: (order[e.kind], e.mep_id or 0))), others, people)


def _with_portraits(package: Package) -> frozenset[int]:
    """Return the people with a portrait in a package, current or earlier."""
    rows = package.read("portraits", ["mep_id", "status"]).to_pylist()
    return frozenset(row["mep_id"] for row in rows if row["status"] == Status.PRESENT)


def _changes_by_table(
    old: Package, new: Package, comparison: Comparison
) -> Mapping[str, Sequence[RowChange]]:
    """Return changes of rows by table, without those that need no release or are about somebody now withdrawn.

    Changed rows have the columns that both packages have: changes of structure cover the others.
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
            EventKind.WITHDRAWN, row.mep_id, "", after=row.reason, day=row.withdrawn_on, scope=row.scope
        )
    for change in changes:
        if change.op is Op.DEL:
            yield Event(EventKind.NO_LONGER_WITHDRAWN, change.mep_id, "")


def _added_and_removed(
    changes: Iterable[RowChange], told: Set[int | None], people: People
) -> Iterator[Event]:
    for change in changes:
        if change.op is Op.MOD or change.mep_id is None or change.mep_id in told:
            continue
        yield people.event(EventKind.ADDED if change.op is Op.ADD else EventKind.REMOVED, change.mep_id)


def _with_renumbered(events: Sequence[Event], people: People) -> Iterator[Event]:
    """Yield the events, merging a number that disappeared and a new one with the same name and birth date."""
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
    """Yield what changed about a person who is in both packages, except whether the person sits."""
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
                column=column,
            )


def _is_renamed(was: Any, now: Any) -> bool:
    """Return whether a name changed, rather than its spelling."""
    texts = isinstance(was, str) and isinstance(now, str)
    return texts and "?" not in was and "\ufffd" not in was and _plain(was) != _plain(now)


def _plain(name: str) -> str:
    """Return the words of a name without accents, case and order."""
    letters = unicodedata.normalize("NFKD", name.casefold())
    return " ".join(
        sorted("".join(c if c.isalnum() else " " for c in letters if not unicodedata.combining(c)).split())
    )


def _portrait_events(changes: Sequence[RowChange], shown_before: Set[int], people: People) -> Iterator[Event]:
    """Yield what happened to portraits: each person's is new, replaced, re-encoded, lost or back.

    One event per person covers the current portrait; changes of other rows that follow from it are not
    repeated.

    Args:
        changes: of rows that have the columns of `NEEDED_OF`.
        shown_before: people with a portrait in the old package, current or earlier.
        people: of the two packages.
    """
    of_people: dict[int, list[RowChange]] = defaultdict(list)
    for change in changes:
        of_people[change.mep_id or 0].append(change)
    for mep_id in sorted(of_people):
        yield from _of_portraits(mep_id, of_people[mep_id], shown_before, people)


def _of_portraits(
    mep_id: int, changes: Sequence[RowChange], shown_before: Set[int], people: People
) -> Iterator[Event]:
    if mep_id not in people.after:  # other events cover people who are no longer in the dataset
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
    """Yield what happened to the current portrait, if it changed."""
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


def _replaced(
    mep_id: int, was: Mapping[str, Any], now: Mapping[str, Any], changes: Sequence[RowChange], people: People
) -> Event:
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
                    column=column,
                    is_earlier=not change.after["is_current"],
                )


def _words(column: str, value: Any) -> str:
    return PORTRAIT_WORDS.get(column, {}).get(value) or value_words(value)
