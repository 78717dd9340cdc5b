"""Answers of the Open Data API, version 2, in its live shape: JSON-LD with a `data` array."""

import json
from collections.abc import Mapping, Sequence

from scripts.sample.parliament import Body, Person, countries

AUTHORITY = "http://publications.europa.eu/resource/authority"
CONTEXT = [
    {"data": "@graph", "@base": "https://data.europarl.europa.eu/"},
    "https://data.europarl.europa.eu/api/v2/context.jsonld",
]
ROLES = {
    "": "MEMBER",  # a national party's member, and the non-attached, who have no role on the site
    "Member": "MEMBER",
    "Substitute": "MEMBER_SUBSTITUTE",
    "Chair": "CHAIR",
    "Co-Chair": "CHAIR_CO",
    "Vice-Chair": "CHAIR_VICE",
    "Treasurer": "TREASURER",
}
VAGUE_BIRTH = {9000027: "1952"}
"""Birth dates that the API has by year only; the site has them to the day."""
UNSTATED_GENDER = 9000037
WITHOUT_EMAIL = 9000056


def answer(rows: Sequence[Mapping[str, object]]) -> bytes:
    """Return a document of the API with these rows."""
    return json.dumps({"data": rows, "@context": CONTEXT}, ensure_ascii=False).encode()


def brief(person: Person) -> dict[str, object]:
    """Return a row of `/meps`."""
    return {
        "id": f"person/{person.id}",
        "type": "Person",
        "identifier": str(person.id),
        "label": person.name,
        "familyName": person.family,
        "givenName": person.given,
        "sortLabel": "".join(letter for letter in person.family.upper() if letter.isalpha()),
    }


def current(person: Person) -> dict[str, object]:
    """Return a row of `/meps/show-current`: the one place with country and group, in the Parliament's own codes."""
    return brief(person) | {
        "api:country-of-representation": person.country.ep_code,
        "api:political-group": person.group.label,
    }


def on_day(person: Person, day: str) -> dict[str, object]:
    """Return a row of `/meps/show-current?mandate-date=…`: country and group on that day."""
    held = [spell for spell in person.groups if spell.start <= day <= (spell.end or day)]
    return current(person) | {"api:political-group": (held or list(person.groups))[-1].body.label}


def sat_on(person: Person, day: str) -> bool:
    """Whether somebody held a mandate on a day."""
    return any(mandate.start <= day <= (mandate.end or day) for mandate in person.mandates)


def detail(person: Person) -> dict[str, object]:
    """Return the row of `/meps/{id}`."""
    row = brief(person) | {
        "notation_codictPersonId": str(person.id),
        "citizenship": f"{AUTHORITY}/country/{person.country.code3}",
        "img": f"https://www.europarl.europa.eu/mepphoto/{person.id}.jpg",
        "upperFamilyName": person.family.upper(),
        "upperGivenName": person.given.upper(),
        "homepage": person.website,
        "account": [{"id": person.account(site)} for site in ("x.com", "www.facebook.com")],
        "hasMembership": _memberships(person),
    }
    if person.id != WITHOUT_EMAIL:
        row["hasEmail"] = f"mailto:{person.email}"
    if person.born:
        row["bday"] = VAGUE_BIRTH.get(person.id, person.born)
    if person.place:
        row["placeOfBirth"] = person.place
    if person.died:
        row["deathDate"] = person.died
    if person.official_family:
        row |= {
            "officialFamilyName": person.official_family,
            "officialGivenName": person.official_given,
            "upperOfficialFamilyName": person.official_family.upper(),
            "upperOfficialGivenName": person.official_given.upper(),
        }
    if person.id == UNSTATED_GENDER:
        row["hasGender"] = f"{AUTHORITY}/human-sex/NST"
    elif person.gender:
        row["hasGender"] = f"{AUTHORITY}/human-sex/{person.gender.upper()}"
        row["hasHonorificPrefix"] = f"{AUTHORITY}/honorific/{'MR' if person.gender == 'male' else 'MS'}"
    return row


def body_row(body: Body) -> dict[str, object]:
    """Return the row of `/corporate-bodies/{id}`; a party's label is a dash where nobody has abbreviated it."""
    row: dict[str, object] = {
        "id": f"org/{body.number}",
        "type": "Organization",
        "identifier": str(body.number),
        "source": "EU_PARLIAMENT",
        "temporal": _period(body.since, body.until),
        "label": body.label,
        "altLabel": {"en": body.name[:50], "fr": body.name_fr[:50]},
        "notation_providerTemporalBodyId": str(body.number),
        "notation_codictBodyId": str(body.number),
        "prefLabel": {"en": body.name, "fr": body.name_fr},
        "classification": f"def/ep-entities/{body.kind}",
    }
    if body.country:
        row["represents"] = [f"{AUTHORITY}/country/{countries()[body.country].code3}"]
    else:
        row["isVersionOf"] = f"org/{body.label}"
    return row


def _memberships(person: Person) -> list[dict[str, object]]:
    functions = [
        _membership(person, f"f-{200 + place}", spell.start, spell.end, ROLES[spell.role])
        | {
            "organization": f"org/{spell.body.number}",
            "membershipClassification": f"def/ep-entities/{spell.body.kind}",
        }
        for place, spell in enumerate((*person.groups, *person.parties, *person.seats))
    ]
    if person.id % 3 == 0:  # the live API has such memberships: no organization, no classification
        functions.append(_membership(person, "f-900", "2024-07-23", "", "MEMBER_SUBSTITUTE"))
    mandates = [
        _membership(person, f"m-{100 + place}", mandate.start, mandate.end, "MEMBER_PARLIAMENT")
        | {
            "represents": [f"{AUTHORITY}/country/{person.country.code3}"],
            "organization": f"org/ep-{mandate.term}",
        }
        for place, mandate in enumerate(person.mandates)
    ]
    return functions + mandates


def _membership(person: Person, number: str, start: str, end: str, role: str) -> dict[str, object]:
    kind, place = number.split("-")
    notation = f"{person.id % 1000:03}{place}"
    return {
        "id": f"membership/{person.id}-{kind}-{notation}",
        "type": "Membership",
        "identifier": f"{person.id}-{kind}-{notation}",
        f"notation_codict{'Mandate' if kind == 'm' else 'Function'}Id": notation,
        "memberDuring": _period(start, end),
        "role": f"def/ep-roles/{role}",
    }


def _period(start: str, end: str) -> dict[str, object]:
    days = "-".join(day.replace("-", "") for day in (start, end) if day)
    period: dict[str, object] = {"id": f"time-period/{days}", "type": "PeriodOfTime", "startDate": start}
    return period | {"endDate": end} if end else period
