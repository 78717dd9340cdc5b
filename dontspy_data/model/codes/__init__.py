"""Codes: countries, political groups and parliamentary terms, as data files beside this module.

A value that is in none of them is an error that says where to add it, never a guess.

Names of groups and of countries are the Parliament's own, as its site prints them; `group_labels.csv` holds
what it prints besides the names and codes in `groups.csv`: earlier spellings and the forms of its parameters.
Dates of groups are the days on which they sat, so a group founded between terms starts with the term.
"""

import csv
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from dontspy_data.errors import UnknownCodeError

FOLDER = "dontspy_data/tables/codes"
PLAIN = str.maketrans(
    "\u2018\u2019\u201c\u201d\u2010\u2011\u2013\u2014", "''\"\"----"
)  # quotes, hyphens, dashes


@dataclass(frozen=True, slots=True)
class Country:
    """A present or former member state.

    Attributes:
        code: ISO 3166-1 alpha-2.
        code3: ISO 3166-1 alpha-3.
        ep_code: the Parliament's own code, which differs for Greece (EL) and the United Kingdom (UK).
        name_en: short name in English; likewise in French, German, Spanish and Italian.
        joined: first day of membership of the European Communities or Union.
        left: last day of membership; None for a present member state.
    """

    code: str
    code3: str
    ep_code: str
    name_en: str
    name_fr: str
    name_de: str
    name_es: str
    name_it: str
    joined: date
    left: date | None


@dataclass(frozen=True, slots=True)
class Group:
    """A political group of the Parliament, or the Members who belong to none (NI).

    Attributes:
        code: the Parliament's abbreviation in English.
        ep_code: the abbreviation that the Parliament's data use, often the French one.
        name_en: name in English; likewise in French, German, Spanish and Italian, empty where not settled.
        start_date: first day on which it sat; None where not settled.
        end_date: last day; None for a group that still sits, and where not settled.
        predecessor: code of the group it continues; None where it continues none.
        note: what the succession means, or an oddity.
    """

    code: str
    ep_code: str
    name_en: str
    name_fr: str
    name_de: str
    name_es: str
    name_it: str
    start_date: date | None
    end_date: date | None
    predecessor: str | None
    note: str


@dataclass(frozen=True, slots=True)
class Term:
    """A parliamentary term, from its constitutive session to the eve of the next.

    Attributes:
        term: number, 1 from 1979 on.
        start_date: first day.
        end_date: last day; None for the term that has not ended.
        seats: seats at its beginning.
    """

    term: int
    start_date: date
    end_date: date | None
    seats: int


@cache
def countries() -> tuple[Country, ...]:
    """Every present and former member state, by code."""
    return tuple(
        Country(**{**row, "joined": date.fromisoformat(row["joined"]), "left": _date(row["left"])})
        for row in _rows("countries.csv")
    )


@cache
def groups() -> tuple[Group, ...]:
    """Every political group, those that sit now first."""
    return tuple(
        Group(
            **{
                **row,
                "start_date": _date(row["start_date"]),
                "end_date": _date(row["end_date"]),
                "predecessor": row["predecessor"] or None,
            }
        )
        for row in _rows("groups.csv")
    )


@cache
def terms() -> tuple[Term, ...]:
    """Every parliamentary term since the first direct election, in order."""
    return tuple(
        Term(
            int(row["term"]), date.fromisoformat(row["start_date"]), _date(row["end_date"]), int(row["seats"])
        )
        for row in _rows("terms.csv")
    )


@cache
def seats() -> Mapping[str, int]:
    """Return the seats of each state that elects or has elected Members, by alpha-2 code; 0 for one that has left.

    Since July 2024: European Council decision (EU) 2023/2061.
    """
    return {row["country"]: int(row["seats"]) for row in _rows("seats.csv")}


def country(value: str) -> str:
    """The alpha-2 code of a country.

    Args:
        value: alpha-2, alpha-3 or the Parliament's code, or a name in one of the five languages, in any case.

    Raises:
        UnknownCodeError: no listed country is called so.
    """
    return _look_up(_country_index(), "country", value, "countries.csv")


def group(label: str) -> str:
    """The code of a political group, from a code or any name that the Parliament prints, in any case.

    Raises:
        UnknownCodeError: no listed group is called so.
    """
    return _look_up(_group_index(), "political group", label, "group_labels.csv")


def term_on(day: date) -> int:
    """The number of the parliamentary term that a day belongs to.

    Raises:
        UnknownCodeError: the day is before the first directly elected Parliament.
    """
    for term in reversed(terms()):
        if day >= term.start_date:
            return term.term
    raise UnknownCodeError("parliamentary term on", day.isoformat(), f"{FOLDER}/terms.csv")


@cache
def _country_index() -> Mapping[str, str]:
    return _index(
        (spelling, c.code)
        for c in countries()
        for spelling in (c.code, c.code3, c.ep_code, c.name_en, c.name_fr, c.name_de, c.name_es, c.name_it)
    )


@cache
def _group_index() -> Mapping[str, str]:
    names = (
        (spelling, g.code)
        for g in groups()
        for spelling in (g.code, g.ep_code, g.name_en, g.name_fr, g.name_de, g.name_es, g.name_it)
    )
    return _index([*names, *((row["label"], row["code"]) for row in _rows("group_labels.csv"))])


def _index(pairs: Iterable[tuple[str, str]]) -> Mapping[str, str]:
    index: dict[str, str] = {}
    for spelling, code in pairs:
        if spelling and index.setdefault(_key(spelling), code) != code:
            raise ValueError(f"{spelling!r} stands for both {index[_key(spelling)]} and {code}")
    return index


def _look_up(index: Mapping[str, str], kind: str, value: str, file: str) -> str:
    try:
        return index[_key(value)]
    except KeyError:
        raise UnknownCodeError(kind, value, f"{FOLDER}/{file}") from None


def _key(text: str) -> str:
    """What two spellings of one name share: NFKC, no case, plain quotes and dashes, single blanks."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(PLAIN).casefold().split())


def _rows(file: str) -> list[dict[str, Any]]:
    """Rows of a data file: text by column, and the columns are named as the fields they fill."""
    text = resources.files(__name__).joinpath(file).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
