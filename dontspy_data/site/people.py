"""People as the pages show them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from dontspy_data.site.facts import Fact, Timeline, facts_of, term_of, timeline
from dontspy_data.site.labels import fold
from dontspy_data.site.material import Material, Row, by_person
from dontspy_data.site.portraits import PortraitView, current_of, portraits_by_person
from dontspy_data.site.software import GuessView, guesses_by_person, titles_of

IN_BRACKETS = re.compile(r"\([^)]*\)\s*")
NO_LETTER = "#"


@dataclass(frozen=True, slots=True)
class PersonView:
    """A person who is or was a Member.

    Attributes:
        mep_id: the Parliament's number.
        name: as the Parliament prints it.
        official_name: in the script of the Member's country, where that is not Latin.
        sort_key: what names are sorted by, family name first.
        letter: under which the name stands in the alphabet; `#` where it begins with none.
        has_lost_letters: whether every source's copy of the name has lost letters, shown as `?`.
        gender: as officially published.
        birth_date: full date.
        country: ISO code of the latest mandate known.
        country_name: in English.
        group: code of the latest political group known.
        group_name: in English.
        party: latest national party known.
        term: latest term that the person is known to have sat in.
        countries: ISO codes of every country that the person has represented, the latest first.
        groups: codes of every political group that the person has been in, the latest first.
        terms: every term that the person is known to have sat in, the latest first.
        status: `sitting`, `former`, or None if it is not known which.
        wikidata_id: item.
        profile_url: the person's page on the Parliament's site.
        portraits: the current one first.
        facts: with the source of each.
        timeline: mandates and memberships.
        guesses: what software says of the current portrait, where there is an audit; none if the portrait
            is not published.
    """

    mep_id: int
    name: str
    official_name: str | None
    sort_key: str
    letter: str
    has_lost_letters: bool
    gender: str | None
    birth_date: date | None
    country: str | None
    country_name: str | None
    group: str | None
    group_name: str | None
    party: str | None
    term: int | None
    countries: tuple[str, ...]
    groups: tuple[str, ...]
    terms: tuple[int, ...]
    status: str | None
    wikidata_id: str | None
    profile_url: str
    portraits: tuple[PortraitView, ...]
    facts: tuple[Fact, ...]
    timeline: Timeline | None
    guesses: tuple[GuessView, ...]

    @property
    def portrait(self) -> PortraitView | None:
        """The current portrait where it is published; None otherwise."""
        return current_of(self.portraits)

    @property
    def address(self) -> str:
        """Address of the person's page, from the site's root."""
        return f"person/{self.mep_id}/index.html"

    def accounts(self, name: str) -> list[str]:
        """Values of one kind of contact, such as `email`."""
        return [fact.value for fact in self.facts if fact.property == name]


@dataclass(frozen=True, slots=True)
class Career:
    """Every country, group and term of a person, the latest first, and whether the seat is still held."""

    countries: tuple[str, ...]
    groups: tuple[str, ...]
    terms: tuple[int, ...]
    status: str | None


def career(row: Row, mandates: Sequence[Row], memberships: Sequence[Row], day: str) -> Career:
    """Return a person's career from the rows of the tables.

    Args:
        row: of `meps`.
        mandates: the person's.
        memberships: likewise.
        day: of the release, `YYYY-MM-DD`; a mandate of a term that was over by then is over too.
    """
    mandates = sorted(mandates, key=_recency)
    bodies = sorted((one for one in memberships if one["kind"] == "political_group"), key=_recency)
    terms = {row["latest_term"], *(one["term"] for one in mandates)} - {None}
    seats = {_is_held(one, day) for one in mandates}
    return Career(
        countries=_each([row["country"], *(one["country"] for one in mandates)]),
        groups=_each([row["political_group"], *(one["political_group"] for one in bodies)]),
        terms=tuple(sorted(terms, reverse=True)),
        status="sitting" if True in seats else "former" if seats == {False} else None,
    )


def _recency(row: Row) -> tuple[int, int]:
    """Sort the latest first."""
    start = row["start_date"].toordinal() if row["start_date"] else 0
    return (1 if row["term"] is None else -row["term"], -start)


def _is_held(mandate: Row, day: str) -> bool | None:
    """Return whether a seat is held on a day; None if it is not known."""
    term = term_of(mandate["term"])
    if mandate["state"] == "ended" or (term and term.end_date and term.end_date.isoformat() < day):
        return False
    return True if mandate["state"] == "ongoing" else None


def _each(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def people_of(material: Material) -> tuple[PersonView, ...]:
    """Read everybody in a package, by name."""
    meps = material.rows("meps")
    portraits = portraits_by_person(
        material.rows("portraits"), material.rows("faces"), material.rows("portrait_periods")
    )
    statements = by_person(material.rows("statements"))
    mandates, memberships = by_person(material.rows("mandates")), by_person(material.rows("memberships"))
    known = {row["mep_id"]: (row["gender"], row["birth_date"]) for row in meps}
    shown = {current.portrait_id for views in portraits.values() if (current := current_of(views))}
    attributions = [row for row in material.rows("attributions") if row["portrait_id"] in shown]
    changed = [row for row in material.guesses_at_changed_pictures() if row["portrait_id"] in shown]
    guesses = guesses_by_person(attributions, changed, known, titles_of(material.audit))
    people = [
        _person(
            row,
            material,
            portraits.get(row["mep_id"], ()),
            facts_of(statements[row["mep_id"]], material.countries),
            timeline(
                mandates[row["mep_id"]],
                memberships[row["mep_id"]],
                statements[row["mep_id"]],
                material.countries,
            ),
            guesses.get(row["mep_id"], ()),
            career(row, mandates[row["mep_id"]], memberships[row["mep_id"]], material.created),
        )
        for row in meps
    ]
    return tuple(sorted(people, key=lambda p: (p.letter == NO_LETTER, p.sort_key, p.mep_id)))


def _person(
    row: Row,
    material: Material,
    portraits: tuple[PortraitView, ...],
    facts: tuple[Fact, ...],
    periods: Timeline | None,
    guesses: tuple[GuessView, ...],
    been: Career,
) -> PersonView:
    key = _sort_key(row)
    official = " ".join(filter(None, (row["official_given_name"], row["official_family_name"])))
    return PersonView(
        mep_id=row["mep_id"],
        name=row["name"],
        official_name=official or None,
        sort_key=key,
        letter=key[:1].upper() if key[:1].isalpha() else NO_LETTER,
        has_lost_letters=row["name_lost_letters"],
        gender=row["gender"],
        birth_date=row["birth_date"],
        country=row["country"],
        country_name=material.countries.get(row["country"]),
        group=row["political_group"],
        group_name=material.groups.get(row["political_group"]),
        party=row["national_party"],
        term=row["latest_term"],
        countries=been.countries,
        groups=been.groups,
        terms=been.terms,
        status=been.status,
        wikidata_id=row["wikidata_id"],
        profile_url=row["profile_url"],
        portraits=portraits,
        facts=facts,
        timeline=periods,
        guesses=guesses,
    )


def _sort_key(row: Row) -> str:
    """Family name, then given name, folded; without them, the words in capitals before the others.

    A title in brackets does not count: "(The Earl of) Dartmouth" stands under D.
    """
    if row["family_name"]:
        text = f"{row['family_name']} {row['given_name'] or ''}"
    else:
        text = " ".join(sorted(str(row["name"]).split(), key=lambda word: not word.isupper()))
    return fold(IN_BRACKETS.sub("", text)).strip()
