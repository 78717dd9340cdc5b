"""How people, codes and values are called in what people read about a release."""

from collections.abc import Iterator
from datetime import date
from textwrap import shorten
from typing import Any

from dontspy_data.package.open import Package
from dontspy_data.release.event import Event, EventKind
from dontspy_data.release.structure import find_table

LONGEST = 200
ABOUT = ("name", "country", "political_group", "birth_date", "death_date")

Row = dict[str, Any]


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
    table = find_table(package, name)
    there = [field.name for field in table.fields if field.name in (key, *columns)] if table else []
    return iter(package.read(name, there).to_pylist() if key in there else ())
