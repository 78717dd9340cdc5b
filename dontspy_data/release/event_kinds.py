"""Events: what happened to a person or a political group from one package to another, and how it is worded.

A kind of event has the title of its section and the words of its line. To add one, add a line to `EventKind`, and find
it in `events.py`, or in `seats.py` if somebody joined or left.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from textwrap import shorten
from typing import Any, Self

from dontspy_data.model.withdrawals import Scope
from dontspy_data.package.open import Package
from dontspy_data.release.changelog import ChangeLine, Section
from dontspy_data.release.row_changes import Comparison, Op, RowChange
from dontspy_data.release.version import Level

LONGEST = 200
ABOUT = ("name", "country", "political_group", "birth_date", "death_date")
OPS = {Op.ADD: "added", Op.MOD: "changed", Op.DEL: "removed"}


class EventKind(StrEnum):
    """What happened, in the order of the changelog.

    Attributes:
        section: title of its section of the changelog.
        words: the text of its line after the name.
    """

    section: str
    words: str

    def __new__(cls, value: str, section: str, words: str = "") -> Self:
        """Return a kind by its value in JSON."""
        kind = str.__new__(cls, value)
        kind._value_, kind.section, kind.words = value, section, words
        return kind

    WITHDRAWN = "withdrawn", "Withdrawn", ", {scope} ({after}, {day})"
    NO_LONGER_WITHDRAWN = "no_longer_withdrawn", "Withdrawn", ", no longer withdrawn"
    # Perhaps: another number with the same name and birth date.
    RENUMBERED = (
        "renumbered",
        "Renumbered?",
        " has the name and birth date of MEP {before}, who is no longer there; nothing was merged",
    )
    JOINED = "joined", "Joined", "{whole}{since}"  # sits, and never sat before
    REELECTED = "reelected", "Re-elected", "{whole}{since}"  # sat to the end of one term and sits in the next
    RETURNED = "returned", "Returned", "{whole}{since}"  # sits again, after a time without a mandate
    LISTED_AGAIN = "listed_again", "Listed again", "{whole}"
    LEFT = "left", "Left the Parliament", "{whole}{on}"  # the mandate ended, and the person does not sit
    DIED = "died", "Died", "{whole}{on}"
    # On no list, although no page says that the mandate ended.
    NO_LONGER_LISTED = "no_longer_listed", "No longer listed", "{whole}"
    ADDED = "added", "New in the dataset", "{whole}"  # sat at some time before
    REMOVED = "removed", "No longer in the dataset", "{whole}"
    GROUP_NEW = "group_new", "Political groups", " is new{since}"
    GROUP_RENAMED = "group_renamed", "Political groups", " was called {before}"
    GROUP_ENDED = "group_ended", "Political groups", " ended{on}"
    CHANGED_GROUP = "changed_group", "Changed political group", ": {before}, now {after}"
    CHANGED_PARTY = "changed_party", "Changed national party", ": {before}, now {after}"
    CHANGED_COUNTRY = "changed_country", "Changed country", ": {before}, now {after}"
    RENAMED = "renamed", "Changed name", ": {before}, now {after}"
    PORTRAIT_NEW = "portrait_new", "New portraits"
    PORTRAIT_REPLACED = "portrait_replaced", "Replaced portraits", "{note}"
    PORTRAIT_REENCODED = "portrait_reencoded", "Re-encoded portraits (the same picture in other bytes)"
    PORTRAIT_LOST = "portrait_lost", "Portraits no longer there", "{note}"
    PORTRAIT_BACK = "portrait_back", "Portraits that are back"  # missing for a time, and back
    # The reason why there is none has changed.
    PORTRAIT_NONE = "portrait_none", "Why there is no portrait", ": {before}, now {after}"
    # One more, or one fewer, that no other event covers.
    PORTRAIT_EARLIER = "portrait_earlier", "Earlier portraits", "{note}"
    PORTRAIT_TERMS = "portrait_terms", "Rights and credits of portraits", ", {portrait}: {change}"
    PORTRAIT_DETAILS = "portrait_details", "Other details of portraits", ", {portrait}: {change}"
    CORRECTED = "corrected", "Corrected", "{change}"


@dataclass(frozen=True, slots=True)
class Event:
    """One event about a person or a political group.

    Attributes:
        kind: what happened.
        mep_id: the person's number; None for what happened to a group.
        name: of the person or group; empty if no package has it, or the person is withdrawn.
        country: country that the person sits for, ISO 3166-1 alpha-2; None if it is not known.
        group: code of the person's political group, or of the group itself; None if it is not known.
        before: value before, for people; None if there was none.
        after: value after, likewise.
        day: on which it happened; None if no source says.
        column: that it is about, of a correction or of a portrait's details.
        scope: of a withdrawal.
        is_earlier: whether the column is that of an earlier portrait.
    """

    kind: EventKind
    mep_id: int | None
    name: str
    country: str | None = None
    group: str | None = None
    before: str | None = None
    after: str | None = None
    day: date | None = None
    column: str | None = None
    scope: str | None = None
    is_earlier: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs, which have column and scope as `what`."""
        facts = asdict(self)
        column, scope, is_earlier = (facts.pop(name) for name in ("column", "scope", "is_earlier"))
        return {**facts, "what": f"earlier {column}" if is_earlier else column or scope}


class People:
    """Names of people and codes: from the new package, or from the old one if the new one lacks them.

    Attributes:
        before: what the old package says about each person, by number.
        after: the same of the new package.
    """

    def __init__(self, old: Package, new: Package) -> None:
        self.before, self.after = (
            {row["mep_id"]: row for row in _rows(package, "meps", "mep_id", *ABOUT)} for package in (old, new)
        )
        self._countries: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        for package in (old, new):
            self._countries |= _names(package, "countries")
            self._groups |= _names(package, "political_groups")

    def event(self, kind: EventKind, mep_id: int, **more: Any) -> Event:
        """Return an event about a person, with name, country and group, and whatever else is given."""
        row = {**self.before.get(mep_id, {}), **self.after.get(mep_id, {})}
        return Event(
            kind, mep_id, row.get("name") or "", row.get("country"), row.get("political_group"), **more
        )

    def country(self, code: str | None) -> str:
        """Return a country's name; empty if there is none."""
        return self._countries.get(code, code) if code else ""

    def group(self, code: str | None) -> str:
        """Return a political group's name; empty if there is none."""
        return self._groups.get(code, code) if code else ""


@dataclass(frozen=True, slots=True)
class Events:
    """Events, and the changes of rows that no event covers.

    Attributes:
        events: by kind, in the order of `EventKind`, then by person.
        other_changes: of rows that no event covers, by table.
        people: names of people and codes.
    """

    events: tuple[Event, ...]
    other_changes: Mapping[str, Sequence[RowChange]]
    people: People


def sections(comparison: Comparison, found: Events) -> tuple[Section, ...]:
    """Describe what changed: at least one line for each change that needs a version, and no empty section.

    Args:
        comparison: of two packages.
        found: the events, and changes that no event covers.
    """
    of_title: dict[str, list[Event]] = {kind.section: [] for kind in EventKind}
    for event in found.events:
        of_title[event.kind.section].append(event)
    lines_of: Iterable[tuple[str, Iterable[ChangeLine]]] = (
        ("Changes that readers may have to adapt to", _structure(comparison, Level.MAJOR, Level.MAJOR)),
        *((title, _lines(events, found.people)) for title, events in of_title.items()),
        ("Other tables", _numbers(found.other_changes)),
        ("New in structure and description", _structure(comparison, Level.PATCH, Level.MINOR)),
    )
    return tuple(Section(title, lines) for title, texts in lines_of if (lines := tuple(texts)))


def value_words(value: Any) -> str:
    """Return a value on one line, long texts cut short; empty for null."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case date():
            return value.isoformat()
    return shorten(str(value), LONGEST, placeholder=" …")


def _names(package: Package, table: str) -> dict[str, str]:
    return {
        row["code"]: row.get("name_en") or row["code"] for row in _rows(package, table, "code", "name_en")
    }


def _rows(package: Package, name: str, key: str, *columns: str) -> Iterator[dict[str, Any]]:
    """Return those of some columns that a package has; nothing if it lacks the table or the key."""
    table = package.find(name)
    there = table.known((key, *columns)) if table else []
    return iter(package.read(name, there).to_pylist() if key in there else ())


def _structure(comparison: Comparison, least: Level, most: Level) -> Iterator[ChangeLine]:
    return (ChangeLine(change.what) for change in comparison.structure if least <= change.level <= most)


def _lines(events: Sequence[Event], people: People) -> Iterator[ChangeLine]:
    """Yield a line for each event; corrections of one person share one."""
    corrected: dict[int | None, list[Event]] = defaultdict(list)
    for event in events:
        if event.kind is EventKind.CORRECTED:
            corrected[event.mep_id].append(event)
        else:
            yield _line(event, _words(event, people), people)
    for of_person in corrected.values():
        words = "; ".join(_words(event, people) for event in of_person)
        yield _line(of_person[0], f": {words}", people)


def _line(event: Event, words: str, people: People) -> ChangeLine:
    """Return a line about an event: the name, and what follows it."""
    if event.mep_id is None:
        return ChangeLine(f"{event.name}{words}")
    name = f"{event.name} (MEP {event.mep_id})" if event.name else f"MEP {event.mep_id}"
    is_about = event.kind not in (EventKind.WITHDRAWN, EventKind.NO_LONGER_WITHDRAWN)
    return ChangeLine(
        f"{name}{words}",
        event.mep_id if is_about else None,
        event.kind in (EventKind.PORTRAIT_TERMS, EventKind.PORTRAIT_DETAILS),
        people.country(event.country),
    )


def _words(event: Event, people: People) -> str:
    """Return the text of a line after the name."""
    day, column = event.day.isoformat() if event.day else "", (event.column or "").replace("_", " ")
    facts = (people.country(event.country), people.group(event.group))
    named = {EventKind.CHANGED_GROUP: people.group, EventKind.CHANGED_COUNTRY: people.country}.get(
        event.kind, str
    )
    before, after = named(event.before or ""), named(event.after or "")
    return event.kind.words.format(
        whole="".join(f", {fact}" for fact in facts if fact),
        since=f", since {day}" if day else "",
        on=f", on {day}" if day else "",
        day=day,
        before=before,
        after=after,
        note=f": {after}" if after else "",
        scope="withdrawn" if event.scope == Scope.PERSON else "every portrait",
        portrait="earlier portrait" if event.is_earlier else "portrait",
        change=f"{column} was {before or 'empty'}, is {after or 'empty'}",
    )


def _numbers(changes_of: Mapping[str, Sequence[RowChange]]) -> Iterator[ChangeLine]:
    for table, changes in changes_of.items():
        if changes:
            counts = Counter(change.op for change in changes)
            parts = [f"{counts[op]:,} {word}" for op, word in OPS.items() if counts[op]]
            yield ChangeLine(f"`{table}`: rows {', '.join(parts)}")
