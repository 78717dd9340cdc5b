"""Lists in their wire formats: two XML rosters, the bulk CSVs and the SPARQL answer."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from xml.sax.saxutils import escape

from scripts.sample.parliament import Person, of_term

XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
COLUMNS = (
    "mep_identifier",
    "mep_honorific_prefix",
    "mep_given_name",
    "mep_family_name",
    "mep_official_given_name",
    "mep_official_family_name",
    "mep_gender",
    "mep_citizenship",
    "mep_place_of_birth",
    "mep_birthday",
    "mep_death_date",
    "mep_image",
    "mep_email",
    "mep_homepage",
    "mep_twitter",
    "mep_facebook_page",
    "mep_facebook_profile",
    "mep_instagram",
    "mep_URI",
)
CITIZENSHIP, BIRTHDAY, DEATH = (
    COLUMNS.index(f"mep_{name}") for name in ("citizenship", "birthday", "death_date")
)
OTHER_BIRTH = {9000018: "1981-12-24"}
"""Birth dates that contradict the API's."""
VAGUE_BIRTH = {9000030: "1976"}
HASHES = {9000046: "##########"}
"""Cells that a spreadsheet was too narrow for."""
ODD_HOURS = {9000024: "01:36"}
SWAPPED = {"Estonia": "Spain", "Spain": "Estonia"}
"""The copies of 2022 have these two labels the wrong way round."""
TWO_ITEMS = 9000028
NO_ITEM = frozenset({9000034, 9000042, 9000061})


def full_list(people: Iterable[Person], *, french: bool) -> bytes:
    """Return the sitting Members, labels in English or French."""
    rows = []
    for person in people:
        country = person.country.name_fr if french else person.country.name
        group = person.group.name_fr if french else person.group.name
        rows.append(
            f"<mep><fullName>{escape(person.name)}</fullName><country>{escape(country)}</country>"
            f"<politicalGroup>{escape(group)}</politicalGroup><id>{person.id}</id>"
            f"<nationalPoliticalGroup>{escape(person.party.name)}</nationalPoliticalGroup></mep>"
        )
    return f"{XML}<meps>{''.join(rows)}</meps>".encode()


def directory(people: Iterable[Person]) -> bytes:
    """Return names and ids of a term."""
    rows = (f"<mep><fullName>{escape(p.name)}</fullName><id>{p.id}</id></mep>" for p in people)
    return f"{XML}<meps>{''.join(rows)}</meps>".encode()


def damaged_csv(people: Sequence[Person]) -> bytes:
    """Return the bulk CSV as in the copies of 2022: saved by a spreadsheet, in cp1252, with hours in its dates."""
    rows = [[*_cells(p), *_accounts(p), f"https://data.europarl.europa.eu/person/{p.id}"] for p in people]
    for person, row in zip(people, rows, strict=True):
        row[CITIZENSHIP] = SWAPPED.get(row[CITIZENSHIP], row[CITIZENSHIP])
        row[BIRTHDAY] = HASHES.get(
            person.id, _spreadsheet_day(person, OTHER_BIRTH.get(person.id, person.born))
        )
        row[DEATH] = _spreadsheet_day(person, person.died)
    rows.insert(len(rows) // 2, [""] * len(COLUMNS))
    # What cp1252 lacks became a question mark, one for each letter.
    return _written([COLUMNS, *rows], ",").encode("cp1252", errors="replace")


def newer_csv(people: Sequence[Person], term: int) -> bytes:
    """Return a term's bulk CSV as the portal has it now: semicolons, UTF-8, ISO dates and two more columns."""
    rows: list[Sequence[str]] = [(*COLUMNS, "mep_country_of_representation", "mep_political_group")]
    for person in people:
        row = [*_cells(person), *_accounts(person), f"https://data.europarl.europa.eu/person/{person.id}"]
        row[BIRTHDAY] = VAGUE_BIRTH.get(person.id) or OTHER_BIRTH.get(person.id, person.born)
        rows.append([*row, person.country.ep_code, of_term(person.groups, term)[-1].body.label])
    return _written(rows, ";").encode()


def sparql(people: Iterable[Person]) -> bytes:
    """Wikidata items by property P1186: one person has two, some have none. No such items exist."""
    pairs = [(person.id, f"Q900{person.id - 9000000:06}") for person in people if person.id not in NO_ITEM]
    pairs.append((TWO_ITEMS, "Q900000999"))
    bindings = [
        {
            "item": {"type": "uri", "value": f"http://www.wikidata.org/entity/{item}"},
            "mep": {"type": "literal", "value": str(mep_id)},
        }
        for mep_id, item in sorted(pairs)
    ]
    return json.dumps({"head": {"vars": ["item", "mep"]}, "results": {"bindings": bindings}}).encode()


def _written(rows: Iterable[Sequence[str]], delimiter: str) -> str:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _cells(person: Person) -> list[str]:
    return [
        str(person.id),
        {"male": "Mr", "female": "Ms"}.get(person.gender, ""),
        person.given,
        person.family,
        person.official_given,
        person.official_family,
        person.gender,
        person.country.name,
        person.place,
        person.born,
        person.died,
        f"https://www.europarl.europa.eu/mepphoto/{person.id}.jpg",
    ]


def _accounts(person: Person) -> list[str]:
    """Contacts of those who still sit; one in seven has two addresses in one cell."""
    if not person.sitting:
        return [""] * 6
    second = f"; mailto:office{person.id}@example.org" if person.id % 7 == 0 else ""
    facebook = ["", person.account("www.facebook.com")]
    return [
        f"mailto:{person.email}{second}",
        person.website,
        person.account("twitter.com") if person.id % 2 else "",
        *(facebook if person.id % 4 else reversed(facebook)),
        person.account("www.instagram.com") if person.id % 3 == 0 else "",
    ]


def _spreadsheet_day(person: Person, day: str) -> str:
    """`06/02/1952 01:00`: the copies have 01:00 for early dates and 12:00 for later ones."""
    if not day:
        return ""
    year, month, date = day.split("-")
    hours = ODD_HOURS.get(person.id) or ("01:00" if int(year) < 1978 else "12:00")
    return f"{date}/{month}/{year} {hours}"
