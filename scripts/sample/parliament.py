"""The fictional parliament: who sits in it, in which bodies, and when.

The political groups and the countries are real, since they are categories that a reader must know; persons,
parties, committees and delegations are invented.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
TERMS: dict[int, tuple[str, str]] = {9: ("2019-07-02", "2024-07-15"), 10: ("2024-07-16", "")}
"""First and last day of a term; an empty last day where it goes on."""


@dataclass(frozen=True, slots=True)
class Country:
    """A country by its codes and names. `ep_code` is the Parliament's own two letters."""

    code: str
    code3: str
    ep_code: str
    name: str
    name_fr: str


@dataclass(frozen=True, slots=True)
class Body:
    """A political group, a party, a committee, a delegation or another body.

    Attributes:
        number: the body's number in the Open Data API.
        label: abbreviation.
        kind: its class in the API, the last part of `def/ep-entities/…`.
        name: name in English, or in the party's own language.
        name_fr: name in French.
        country: of a party, ISO 3166-1 alpha-2; else empty.
        since: first day.
        until: last day, or empty.
    """

    number: int
    label: str
    kind: str
    name: str
    name_fr: str
    country: str = ""
    since: str = TERMS[10][0]
    until: str = ""


@dataclass(frozen=True, slots=True)
class Mandate:
    """A time in the Parliament. `end` is empty if it goes on."""

    term: int
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Spell:
    """A time in a body. `end` is empty if it goes on, `role` where the site prints none."""

    term: int
    start: str
    end: str
    body: Body
    role: str


@dataclass(frozen=True, slots=True)
class Person:
    """One fictional person. Names are as `people.csv` has them; spells are in the order of their start."""

    id: int
    given: str
    family: str
    name: str
    official_given: str
    official_family: str
    gender: str
    country: Country
    born: str
    died: str
    place: str
    mandates: tuple[Mandate, ...]
    groups: tuple[Spell, ...]
    parties: tuple[Spell, ...]
    seats: tuple[Spell, ...]

    @property
    def sitting(self) -> bool:
        """Whether the person is a Member on the day of the capture."""
        return any(not mandate.end for mandate in self.mandates)

    @property
    def terms(self) -> tuple[int, ...]:
        """Terms that the person sat in."""
        return tuple(sorted({mandate.term for mandate in self.mandates}))

    @property
    def group(self) -> Body:
        """The latest political group."""
        return self.groups[-1].body

    @property
    def party(self) -> Body:
        """The latest national party."""
        return self.parties[-1].body

    @property
    def email(self) -> str:
        """An address under a name that nobody can register (RFC 2606)."""
        return f"member.{self.id}@europarl.example"

    @property
    def website(self) -> str:
        """A website under a name that nobody can register (RFC 2606)."""
        return f"https://www.member-{self.id}.example"

    def account(self, site: str) -> str:
        """Return an invented account on a site, such as `x.com`."""
        return f"https://{site}/odf-example-{self.id}"


def of_term(spells: Iterable[Spell], term: int) -> tuple[Spell, ...]:
    """Return the spells of one term."""
    return tuple(spell for spell in spells if spell.term == term)


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def countries() -> dict[str, Country]:
    """Countries by ISO 3166-1 alpha-2 code, in the order of the Parliament's own lists."""
    return {row["code"]: Country(**row) for row in _rows("countries.csv")}


@cache
def bodies() -> dict[str, Body]:
    """Return groups by `label/term`, other bodies of the Parliament by label."""
    found = {}
    for row in _rows("bodies.csv"):
        term = int(row["term"])
        since, until = TERMS[term]
        key = f"{row['label']}/{term}" if row["kind"] == "EU_POLITICAL_GROUP" else row["label"]
        found[key] = Body(
            int(row["number"]),
            row["label"],
            row["kind"],
            row["name"],
            row["name_fr"],
            since=since,
            until=until,
        )
    return found


@cache
def parties() -> dict[tuple[str, str], Body]:
    """Parties by country and name, numbered from 8001."""
    named = dict.fromkeys((row["country"], row["party"]) for row in _rows("people.csv"))
    return {
        (country, name): Body(8001 + place, "-", "NATIONAL_POLITICAL_GROUP", name, name, country)
        for place, (country, name) in enumerate(named)
    }


@cache
def people() -> tuple[Person, ...]:
    """Everybody, by id."""
    spells = _rows("spells.csv")
    return tuple(_person(row, [s for s in spells if s["id"] == row["id"]]) for row in _rows("people.csv"))


def _person(row: dict[str, str], told: list[dict[str, str]]) -> Person:
    groups = {term: row[f"group{term}"] for term in TERMS if row[f"group{term}"]}
    party = parties()[row["country"], row["party"]]
    mandates = [m for term in groups for m in _mandates(told, term)]
    return Person(
        id=int(row["id"]),
        given=row["given"],
        family=row["family"],
        name=row["printed"] or f"{row['given']} {row['family'].upper()}",
        official_given=row["official_given"],
        official_family=row["official_family"],
        gender=row["gender"],
        country=countries()[row["country"]],
        born=row["born"],
        died=row["died"],
        place=row["place"],
        mandates=tuple(mandates),
        groups=tuple(s for term, label in groups.items() for s in _groups(told, term, label)),
        parties=tuple(Spell(m.term, m.start, m.end, party, "") for m in mandates),
        seats=tuple(s for term in groups for s in _seats(told, term, int(row["id"]))),
    )


def _mandates(told: list[dict[str, str]], term: int) -> list[Mandate]:
    """Return the mandates that `spells.csv` tells; else the whole term."""
    rows = [row for row in told if row["kind"] == "mandate" and int(row["term"]) == term]
    return [Mandate(term, row["start"], row["end"]) for row in rows] or [Mandate(term, *TERMS[term])]


def _groups(told: list[dict[str, str]], term: int, label: str) -> list[Spell]:
    """Return the groups that `spells.csv` tells; else one for the whole of each mandate."""
    rows = [row for row in told if row["kind"] == "group" and int(row["term"]) == term]
    if rows:
        return [
            Spell(term, row["start"], row["end"], bodies()[f"{row['body']}/{term}"], row["role"])
            for row in rows
        ]
    group, role = bodies()[f"{label}/{term}"], "" if label == "NI" else "Member"
    return [Spell(term, m.start, m.end, group, role) for m in _mandates(told, term)]


def _seats(told: list[dict[str, str]], term: int, mep_id: int) -> list[Spell]:
    """Places in committees and the like: those of `spells.csv`, and two that follow from the id."""
    rows = [row for row in told if row["kind"] == "seat" and int(row["term"]) == term]
    seats = [Spell(term, row["start"], row["end"], bodies()[row["body"]], row["role"]) for row in rows]
    if term == 10 and _mandates(told, term) == [Mandate(term, *TERMS[term])]:
        usual = ("INVA", "SMPL", "TEST", "D-UT")
        taken = {row["body"] for row in rows}
        for label, role in (
            (usual[mep_id % 4], "Member"),
            (usual[(mep_id + 1 + mep_id % 3) % 4], "Substitute"),
        ):
            if label not in taken:
                seats.append(Spell(term, "2024-07-23", "", bodies()[label], role))
    return seats
