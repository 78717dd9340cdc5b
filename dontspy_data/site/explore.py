"""The wall of faces: its pages, the facets that filter it, and the index from which a browser does both.

Its pages explore, compare, let visitors guess first, and lead on from addresses that there were before.

Facets hold every term, group and country of a person, not the latest alone. `static/facets.js` counts them again for
whatever is chosen; `facets` gives the counts of the wall as it is built, of people with a portrait.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from dontspy_data.package.files import portrait_key
from dontspy_data.site.facts import term
from dontspy_data.site.languages import ENGLISH, ENGLISH_ONLY, msg
from dontspy_data.site.material import Material, Row
from dontspy_data.site.pages import SitePage, slug
from dontspy_data.site.people import PersonView
from dontspy_data.site.software import GuessView

T = TypeVar("T")
FACES_A_PAGE = 96
NONE = "none"
"""Stands in addresses for people of whom a facet is not known."""
STATUS = {"sitting": msg("Sitting"), "former": msg("Former"), NONE: msg("Not known")}
GENDER = {"female": msg("Female"), "male": msg("Male"), NONE: msg("Not published")}
READING = {"misread": msg("Gender misread"), "far": msg("Age more than 10 years off")}
FAR = 10
OLD_CARDS_A_PAGE, OLD_FACES_A_PAGE = 60, 240
"""Of the pages that were there before the wall; their addresses go on."""
ASKED = 120
"""Faces of which the guessing game takes ten."""
STARTERS = 24
"""Faces that a comparison begins with."""
SIZES = "(max-width: 44rem) 56px, 140px"
"""Width of a face on the wall. Phones are told half of it, so that they load the copy of 170 pixels, not of 340."""
GAME = "guess/index.html"


@dataclass(frozen=True, slots=True)
class Pager(Generic[T]):
    """One page of a longer list.

    Attributes:
        items: what is on it.
        number: of the page, from 1.
        count: of pages.
        addresses: of every page, from the site's root.
    """

    items: Sequence[T]
    number: int
    count: int
    addresses: tuple[str, ...]

    @property
    def address(self) -> str:
        """Of this page."""
        return self.addresses[self.number - 1]


def pages_of(lists: Sequence[Sequence[T]], size: int, first: str, others: str) -> list[Pager[T]]:
    """Cut lists into pages, at least one; each list begins on a page of its own.

    Args:
        lists: one after the other.
        size: items a page.
        first: address of the first page.
        others: address of the others, with `{}` for the number.
    """
    parts = [part[start : start + size] for part in lists for start in range(0, len(part), size)] or [()]
    addresses = (first, *(others.format(number) for number in range(2, len(parts) + 1)))
    return [Pager(part, number, len(parts), addresses) for number, part in enumerate(parts, 1)]


@dataclass(frozen=True, slots=True)
class AgeGuesses:
    """Ages in whole years: the official one when the picture was taken, and what each model says, by its name."""

    official: int
    guessed: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class PortraitReading:
    """What software read off one person's portrait, as far as there is an official fact beside it.

    Attributes:
        ages: None if no model guessed, or the official age is not known.
        is_gender_misread: whether any model says another gender than the published one.
    """

    ages: AgeGuesses | None
    is_gender_misread: bool

    @property
    def codes(self) -> tuple[str, ...]:
        """Which of `READING` hold."""
        far = self.ages and any(abs(age - self.ages.official) > FAR for age in self.ages.guessed.values())
        found = {"misread": self.is_gender_misread, "far": bool(far)}
        return tuple(code for code in READING if found[code])


def readings(people: Sequence[PersonView]) -> dict[int, PortraitReading]:
    """Return what the audit's models read off each current portrait, by person; empty without an audit."""
    return {
        person.mep_id: _reading_of(guesses)
        for person in people
        if (guesses := [guess for guess in person.guesses if guess.attribute != "face"])
    }


def _reading_of(guesses: Sequence[GuessView]) -> PortraitReading:
    ages = {guess.model: guess.years for guess in guesses if guess.error is not None}
    official = next((guess.official_age for guess in guesses if guess.official_age is not None), None)
    misread = any(guess.official and guess.label != guess.official for guess in guesses)
    return PortraitReading(
        None if official is None else AgeGuesses(official, dict(sorted(ages.items()))), misread
    )


def models_of(read: Mapping[int, PortraitReading]) -> list[str]:
    """Return the names of the models that guess ages."""
    return sorted({model for one in read.values() if one.ages for model in one.ages.guessed})


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value to filter by: its code in addresses, its name, and how many people of the wall have it."""

    code: str
    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Facet:
    """What people are filtered by: its name in addresses, its title, its values in the order to show them."""

    key: str
    title: str
    values: tuple[FacetValue, ...]


def facets(
    people: Sequence[PersonView], material: Material, read: Mapping[int, PortraitReading]
) -> list[Facet]:
    """Return the facets with every value that anybody has, and counts of people with a portrait.

    Args:
        people: everybody.
        material: which countries and groups there are, groups in the order to show them.
        read: what software read, from `readings`; without it there is no such facet.
    """
    order = list(material.groups)
    countries = dict(sorted(material.countries.items(), key=lambda item: item[1]))
    groups = {code: code for code in order}
    terms = {str(term): f"Term {term}" for person in people for term in person.terms}
    newest_first = dict(sorted(terms.items(), key=lambda item: -int(item[0])))
    unknown = {NONE: "Not known"}
    found = [
        _facet("country", msg("Country"), {**countries, **unknown}, people, lambda p: p.countries),
        _facet("group", msg("Group"), {**groups, **unknown}, people, lambda p: p.groups),
        _facet("term", msg("Term"), {**newest_first, **unknown}, people, lambda p: [str(t) for t in p.terms]),
        _facet("gender", msg("Gender"), GENDER, people, lambda p: [p.gender] if p.gender else []),
        _facet("status", msg("Seat"), STATUS, people, lambda p: [p.status] if p.status else []),
    ]
    if read:
        codes = {mep_id: reading.codes for mep_id, reading in read.items()}
        reading = _facet("reading", msg("Software"), READING, people, lambda p: codes.get(p.mep_id, ()))
        found.append(reading)
    return found


def _facet(
    key: str,
    title: str,
    names: Mapping[str, str],
    people: Sequence[PersonView],
    values: Callable[[PersonView], Sequence[str]],
) -> Facet:
    seen = {code for person in people for code in (values(person) or (NONE,))}
    counts = Counter(code for person in people if person.portrait for code in (set(values(person)) or {NONE}))
    return Facet(
        key,
        title,
        tuple(FacetValue(code, name, counts[code]) for code, name in names.items() if code in seen),
    )


def index_json(
    people: Sequence[PersonView], material: Material, read: Mapping[int, PortraitReading]
) -> bytes:
    """Return the index that search, facets and the picker read: names once, people as short arrays.

    A country or group is its code, its name, and what else people call it: names in other languages and other codes.
    A person is `[id, name, countries, groups, terms, party, gender, status, portrait, reading, official name]`:
    countries, groups and party are places in the lists beside, the latest first, -1 for no party; a portrait is 0 for
    none, or `[digits in the names of its copies, width, height]` with the box `left, top, width, height` of its face;
    a reading is 0 for none, or `[gender misread, official age, age by the first model, …]`, null where one is silent.

    `people.js` reads it.
    """
    countries = _places(code for person in people for code in person.countries)
    groups = _places(code for person in people for code in person.groups)
    parties = _places(person.party for person in people if person.party)
    models = models_of(read)
    document = {
        "countries": _named(countries, material.rows("countries")),
        "groups": _named(groups, material.rows("political_groups")),
        "parties": list(parties),
        "terms": {str(t): term(t, ENGLISH) for t in sorted({t for person in people for t in person.terms})},
        "models": models,
        "people": [
            [
                person.mep_id,
                person.name,
                [countries[code] for code in person.countries],
                [groups[code] for code in person.groups],
                person.terms,
                parties.get(person.party or "", -1),
                (person.gender or NONE)[0],
                (person.status or NONE)[0],
                _portrait(person),
                _reading(read.get(person.mep_id), models),
                *([person.official_name] if person.official_name else []),
            ]
            for person in people
        ],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _places(values: Iterable[str]) -> dict[str, int]:
    return {value: place for place, value in enumerate(sorted(set(values)))}


def _named(codes: Iterable[str], rows: Sequence[Row]) -> list[list[str]]:
    known = {row["code"]: row for row in rows}
    return [[code, *_names(known.get(code, {}), code)] for code in codes]


def _names(row: Row, code: str) -> list[str]:
    """Return what people call a country or group, the English name first; each name once."""
    keys = ("name_en", *sorted(key for key in row if key.startswith("name_")), "code3", "ep_code")
    names = dict.fromkeys(str(row[key]) for key in keys if row.get(key))
    return [name for name in names if name != code] or [code]


def _portrait(person: PersonView) -> Any:
    portrait = person.portrait
    if not portrait:
        return 0
    face = portrait.faces[0] if portrait.faces else None
    box = [round(side) for side in (face.left, face.top, face.width, face.height)] if face else []
    return [portrait_key(portrait.portrait_id).partition("-")[2], portrait.width, portrait.height, *box]


def _reading(reading: PortraitReading | None, models: Sequence[str]) -> Any:
    if not reading:
        return 0
    ages = reading.ages
    years = [ages.official, *(ages.guessed.get(model) for model in models)] if ages else []
    return [int(reading.is_gender_misread), *years]


def moved(people: Sequence[PersonView]) -> dict[str, str]:
    """Return where the pages went that were there before the wall: old address to new one, from the site's root."""
    pictured = sum(person.portrait is not None for person in people) or len(people)
    found = {
        "a-z/index.html": "explore/index.html?all=1",
        "squared/index.html": "explore/index.html",
        "country/index.html": "explore/index.html",
        "group/index.html": "explore/index.html",
        "individual/index.html": "compare/index.html",
    }
    for kind, codes in (
        ("country", {code for person in people for code in (*person.countries, NONE)}),
        ("group", {code for person in people for code in (*person.groups, NONE)}),
    ):
        for code in sorted(codes):
            folder = "not-known" if code == NONE else slug(code)
            found[f"{kind}/{folder}/index.html"] = f"explore/index.html?{kind}={quote(code, safe='')}&all=1"
    for folder, size in (("page", OLD_CARDS_A_PAGE), ("squared", OLD_FACES_A_PAGE)):
        for number in range(2, -(-pictured // size) + 1):
            page = (number - 1) * size // FACES_A_PAGE + 1
            found[f"{folder}/{number}/index.html"] = (
                f"explore/page/{page}/index.html" if page > 1 else "explore/index.html"
            )
    return found


def spread(people: Sequence[T], most: int) -> list[T]:
    """Return at most so many of a list, at even steps, in its order."""
    step = max(len(people) / most, 1)
    return [people[int(place * step)] for place in range(min(most, len(people)))]


@dataclass(frozen=True, slots=True)
class AskedFace:
    """A face of the guessing game: who it is, and the ages to tell afterwards."""

    person: PersonView
    ages: AgeGuesses


def asked_faces(people: Sequence[PersonView], read: Mapping[int, PortraitReading]) -> list[AskedFace]:
    """Return the faces of the guessing game: of those whose age is known, at even steps from the youngest on."""
    known = [
        AskedFace(person, reading.ages)
        for person in people
        if person.portrait and (reading := read.get(person.mep_id)) and reading.ages
    ]
    return spread(sorted(known, key=lambda one: one.ages.official), ASKED)


def asked_json(faces: Sequence[AskedFace], models: Sequence[str]) -> bytes:
    """Return what `static/guess.js` reads: the models' names, and the faces with ages and credits."""
    document = {
        "models": models,
        "faces": [
            {
                "id": one.person.mep_id,
                "name": one.person.name,
                "key": portrait_key(portrait.portrait_id),
                "width": portrait.width,
                "height": portrait.height,
                "credit": portrait.credit or "Source: European Parliament",
                "official": one.ages.official,
                "guessed": [one.ages.guessed.get(model) for model in models],
            }
            for one in faces
            if (portrait := one.person.portrait)
        ],
    }
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def wall_pages(
    material: Material, people: Sequence[PersonView], read: Mapping[int, PortraitReading]
) -> Iterator[SitePage]:
    """Yield the pages.

    Args:
        material: what the site is made from.
        people: everybody, by name.
        read: what software read off their portraits, from `readings`.
    """
    pictured = [person for person in people if person.portrait]
    models = models_of(read)
    shared = {"sizes": SIZES, "has_ages": bool(models)}
    # By name, people with a portrait first: without JavaScript, these pages are the way to everybody.
    others = [person for person in people if not person.portrait]
    choices = facets(people, material, read)
    for page in pages_of(
        [pictured, others], FACES_A_PAGE, "explore/index.html", "explore/page/{}/index.html"
    ):
        values = {"page": page, "facets": choices, "size": FACES_A_PAGE, **shared}
        yield SitePage("explore.html", page.address, values)
    yield SitePage("compare.html", "compare/index.html", {"starters": spread(pictured, STARTERS), **shared})
    if asked := asked_faces(people, read):
        yield SitePage("guess.html", GAME, {"faces": spread(asked, 10), "models": models})
    for path, target in moved(people).items():
        yield SitePage("moved.html", path, {"target": target}, ENGLISH_ONLY, is_listed=False)
