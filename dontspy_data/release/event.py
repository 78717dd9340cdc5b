"""Events: what happened to a person or a political group from one package to another.

And how people, codes and values are called where people read of it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from textwrap import shorten
from typing import Any

from dontspy_data.package.open import Package
from dontspy_data.release.row_changes import Op, RowChange

LONGEST = 200
ABOUT = ("name", "country", "political_group", "birth_date", "death_date")
Row = dict[str, Any]


class EventKind(StrEnum):
    """What happened; in the order in which people are told."""

    WITHDRAWN = "withdrawn"
    NO_LONGER_WITHDRAWN = "no_longer_withdrawn"
    RENUMBERED = "renumbered"  # perhaps: another number with the same name and birth date
    JOINED = "joined"  # sits, and never sat before
    REELECTED = "reelected"  # sat to the end of one term and sits in the next
    RETURNED = "returned"  # sits again, after a time without a mandate
    LISTED_AGAIN = "listed_again"
    LEFT = "left"  # the mandate ended, and the person does not sit
    DIED = "died"
    NO_LONGER_LISTED = "no_longer_listed"  # on no list, and no page says that the mandate ended
    ADDED = "added"  # new in the dataset; sat at some time before
    REMOVED = "removed"  # no longer in the dataset
    GROUP_NEW = "group_new"
    GROUP_RENAMED = "group_renamed"
    GROUP_ENDED = "group_ended"
    CHANGED_GROUP = "changed_group"
    CHANGED_PARTY = "changed_party"
    CHANGED_COUNTRY = "changed_country"
    RENAMED = "renamed"
    PORTRAIT_NEW = "portrait_new"
    PORTRAIT_REPLACED = "portrait_replaced"
    PORTRAIT_REENCODED = "portrait_reencoded"  # the same picture in other bytes
    PORTRAIT_LOST = "portrait_lost"
    PORTRAIT_BACK = "portrait_back"  # none for a time, and there again
    PORTRAIT_NONE = "portrait_none"  # why there is none has changed
    PORTRAIT_EARLIER = "portrait_earlier"  # an earlier one more, or less, of which no other event tells
    PORTRAIT_TERMS = "portrait_terms"  # its rights or credits
    PORTRAIT_DETAILS = "portrait_details"
    CORRECTED = "corrected"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to one person, or to one political group.

    Attributes:
        kind: what happened.
        mep_id: the person's number; None for what happened to a group.
        name: of the person or group; empty if no package has it, or the person is withdrawn.
        country: country that the person sits for, ISO 3166-1 alpha-2; None if it is not known.
        group: code of the person's political group, or of the group itself; None if it is not known.
        before: value before, for people; None if there was none.
        after: value after, likewise.
        day: on which it happened; None if no source says.
        what: column that it is about, of a correction or of a portrait's details; scope of a withdrawal.
    """

    kind: EventKind
    mep_id: int | None
    name: str
    country: str | None = None
    group: str | None = None
    before: str | None = None
    after: str | None = None
    day: date | None = None
    what: str | None = None


def changes_of(changes: Iterable[RowChange], op: Op) -> Iterator[RowChange]:
    """Return those changes of rows that are of one sort."""
    return (change for change in changes if change.op is op)


class People:
    """How people and codes are called: by the new package, and by the old one where the new one lacks them.

    Attributes:
        before: what the old package says of each person, by number.
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


def column_words(column: str, was: str, now: str) -> str:
    """Return what a column had and has: `birth place was X, is Y`."""
    return f"{column.replace('_', ' ')} was {was or 'empty'}, is {now or 'empty'}"


def _names(package: Package, table: str) -> dict[str, str]:
    return {
        row["code"]: row.get("name_en") or row["code"] for row in _rows(package, table, "code", "name_en")
    }


def _rows(package: Package, name: str, key: str, *columns: str) -> Iterator[Row]:
    """Return some columns of a table, as far as a package has them; nothing if it lacks the table or the key."""
    table = package.find(name)
    there = [column for column in table.columns if column in (key, *columns)] if table else []
    return iter(package.read(name, there).to_pylist() if key in there else ())
