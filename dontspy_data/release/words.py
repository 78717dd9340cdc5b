"""How people, codes and values are called in what people read about a release."""

from collections.abc import Iterator
from datetime import date
from textwrap import shorten
from typing import Any

from dontspy_data.package.open import Package
from dontspy_data.release.changelog import ChangeLine
from dontspy_data.release.structure import find_table

LONGEST = 200


class People:
    """How people and codes are called: by the new package, and by the old one where the new one lacks them."""

    def __init__(self, old: Package, new: Package) -> None:
        self._rows: dict[int, dict[str, Any]] = {}
        self._countries: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        for package in (old, new):
            for row in _rows(package, "meps", "mep_id", "name", "country", "political_group"):
                self._rows[row["mep_id"]] = {**self._rows.get(row["mep_id"], {}), **row}
            self._countries |= _names(package, "countries")
            self._groups |= _names(package, "political_groups")

    def name(self, mep_id: int) -> str:
        """Return `NAME (MEP 9000001)`; the number alone where no package has the name."""
        name = self._rows.get(mep_id, {}).get("name")
        return f"{name} (MEP {mep_id})" if name else f"MEP {mep_id}"

    def line(self, mep_id: int, text: str = "", *, is_portrait: bool = False) -> ChangeLine:
        """Return a line about a person: the name, and what follows it."""
        return ChangeLine(f"{self.name(mep_id)}{text}", mep_id, is_portrait)

    def whole_line(self, mep_id: int, text: str = "") -> ChangeLine:
        """Return the same with country and group after the name."""
        row = self._rows.get(mep_id, {})
        country = row.get("country") or ""
        facts = [self._countries.get(country, country), self.group(row.get("political_group"))]
        return self.line(mep_id, "".join(f", {fact}" for fact in facts if fact) + text)

    def group(self, code: str | None) -> str:
        """Return a political group's name; empty where there is none."""
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


def _rows(package: Package, name: str, key: str, *columns: str) -> Iterator[dict[str, Any]]:
    """Return some columns of a table, as far as a package has them; nothing where it lacks the table or the key."""
    table = find_table(package, name)
    there = [field.name for field in table.fields if field.name in (key, *columns)] if table else []
    return iter(package.read(name, there).to_pylist() if key in there else ())
