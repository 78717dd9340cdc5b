"""Open Data API v2 of the Parliament: roster, persons and corporate bodies.

Specification: the Parliament's portal, "European Parliament Open Data API", version v2 (OpenAPI 3).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from dontspy_data.capture.captures import Page
from dontspy_data.errors import PageError
from dontspy_data.model import codes
from dontspy_data.model.problems import Note
from dontspy_data.model.statements import Property, State, Statement
from dontspy_data.sources.api_memberships import body_kind, memberships
from dontspy_data.sources.api_requests import BASE, ENDPOINTS, everybody, guess, links, lists, pages
from dontspy_data.sources.documents import address, facts, json_document, unanswered
from dontspy_data.sources.json_ld import day, last_part, records, texts
from dontspy_data.sources.reading import Body, Reading, drop_repeats
from dontspy_data.sources.source import Source
from dontspy_data.sources.values import email, person_id, web_address

NAME = "ep_api"
PATTERN = re.compile(
    rf"{re.escape(BASE)}/(?P<endpoint>meps|corporate-bodies)(?:/(?P<list>show-\w+)|/(?P<id>[^/?]+))?(?:\?.*)?$"
)

MANDATE_DATE = re.compile(r"[?&]mandate-date=(?P<day>\d{4}-\d{2}-\d{2})(?:&|$)")
TERM = re.compile(r"[?&]parliamentary-term=(?P<term>\d{1,2})(?:&|$)")
ENDS = {"show-outgoing": State.ENDED, "show-incoming": State.UNKNOWN}
DOCUMENT_FIELDS = frozenset({"data", "@context", "meta"})

COUNTRY = "api:country-of-representation"
GROUP = "api:political-group"
TEXTS = {
    "label": Property.NAME,
    "givenName": Property.GIVEN_NAME,
    "familyName": Property.FAMILY_NAME,
    "sortLabel": Property.SORT_NAME,
    "officialGivenName": Property.OFFICIAL_GIVEN_NAME,
    "officialFamilyName": Property.OFFICIAL_FAMILY_NAME,
    "placeOfBirth": Property.BIRTH_PLACE,
}
# How a field's text becomes what a statement holds; None for what cannot be used.
READERS: Mapping[str, tuple[Property, Callable[[str], str | None]]] = {
    "bday": (Property.BIRTH_DATE, day),
    "deathDate": (Property.DEATH_DATE, day),
    "hasEmail": (Property.EMAIL, email),
    "homepage": (Property.WEBSITE, web_address),
    "img": (Property.PORTRAIT_URL, web_address),
}
USED = frozenset(
    {"identifier", "hasMembership", "citizenship", "hasGender", "account", COUNTRY, GROUP, *TEXTS, *READERS}
)
# The id, the gender and the names again; upper-case names lose accents in some languages.
LEFT = frozenset(
    {
        "id",
        "type",
        "notation_codictPersonId",
        "hasHonorificPrefix",
        "upperFamilyName",
        "upperGivenName",
        "upperOfficialFamilyName",
        "upperOfficialGivenName",
    }
)
BODY_USED = frozenset({"id", "label", "prefLabel", "classification"})
BODY_LEFT = frozenset(
    {
        "type",
        "identifier",
        "altLabel",
        "source",
        "temporal",
        "isVersionOf",
        "hasSubOrganization",
        "subOrganizationOf",
        "linkedTo",
        "notation_codictBodyId",
        "notation_providerTemporalBodyId",
    }
)


def matches(url: str) -> bool:
    """Whether this source reads the page at this address."""
    return PATTERN.match(url) is not None


def read(page: Page) -> Reading:
    """What the page says; see `Source.read`. HTTP 204 is the page after the last, and says nothing."""
    if page.status == 204:
        return Reading()
    return unanswered(page, NAME) or _read(page)


def _read(page: Page) -> Reading:
    match = address(page, PATTERN, NAME)
    document = json_document(page, NAME)
    rows = records(document, "data", page, NAME)
    if not rows:
        raise PageError(NAME, page.url, "any row in 'data'")
    unknown = document.keys() - DOCUMENT_FIELDS
    if match["endpoint"] == "corporate-bodies":
        return _bodies(rows, page, unknown)
    if match["id"] and {row.get("identifier") for row in rows} != {match["id"]}:
        raise PageError(NAME, page.url, f"person {match['id']} and nobody else")
    return _persons(rows, page, unknown)


def _bodies(rows: list[dict[str, Any]], page: Page, unknown: set[str]) -> Reading:
    bodies: list[Body] = []
    notes: list[Note] = []
    for row in rows:
        ref, label = (texts(row, key, page, NAME) for key in ("id", "label"))
        kinds = texts(row, "classification", page, NAME)
        name = [
            text for names in records(row, "prefLabel", page, NAME) for text in texts(names, "en", page, NAME)
        ]
        if not ref or not (label or name):
            raise PageError(NAME, page.url, "an id and a label of a body")
        if not kinds:
            notes.append(Note("a body without classification", f"{page.url}, {ref[0]}"))
            continue
        about = body_kind(kinds[0])
        value = codes.group((label or name)[0]) if about is Property.POLITICAL_GROUP else (name or label)[0]
        bodies.append(Body(ref[0], about, value))
    unread = frozenset(unknown | {key for row in rows for key in row} - BODY_USED - BODY_LEFT)
    return Reading(bodies=tuple(bodies), unread=unread, notes=tuple(notes))


def _persons(rows: list[dict[str, Any]], page: Page, unknown: set[str]) -> Reading:
    fact = facts(page, NAME)
    statements: list[Statement] = []
    notes: list[Note] = []
    unread = unknown | {key for row in rows for key in row} - USED - LEFT
    for row in rows:
        mep_id = person_id("".join(texts(row, "identifier", page, NAME)))
        if mep_id is None or not texts(row, "label", page, NAME):
            raise PageError(NAME, page.url, f"an identifier in digits and a label (read: {str(row)[:120]})")
        statements.extend(_sits(mep_id, row, page))
        for about, text, value in _person(row, page):
            if value is None:
                notes.append(Note(f"a text that is no {about}", f"{page.url}, person {mep_id}: {text!r}"))
            else:
                statements.append(fact(mep_id, about, value))
        held = memberships(mep_id, row, page, NAME)
        statements.extend(held.statements)
        notes.extend(held.notes)
        unread |= held.unread
    return Reading(drop_repeats(statements), unread=frozenset(unread), notes=tuple(notes))


def _sits(mep_id: int, row: Mapping[str, Any], page: Page) -> Iterator[Statement]:
    """Yield what a row says by the list that it stands in, see `_listed_when`."""
    fact = facts(page, NAME)
    term, when = _listed_when(page)
    for country in texts(row, COUNTRY, page, NAME):
        yield fact(mep_id, Property.MANDATE, codes.country(country), term=term, **when)
    for group in texts(row, GROUP, page, NAME):
        yield fact(mep_id, Property.POLITICAL_GROUP, codes.group(group), term=term, **when)
    match = address(page, PATTERN, NAME)
    if match["list"] in ENDS or TERM.search(page.url):
        yield fact(mep_id, Property.TERM, str(term), term=term)


def _listed_when(page: Page) -> tuple[int, dict[str, Any]]:
    """Return the term that a list of persons is about, and what it says of when that is so.

    Those who left in the current term sit no more; those who came in it may have left again.

    Raises:
        PageError: the day in the address is none of the calendar.
    """
    today = page.retrieved_at.date()
    if asked := TERM.search(page.url):
        return int(asked["term"]), {}
    name = address(page, PATTERN, NAME)["list"]
    if name in ENDS:
        return codes.term_on(today), {"state": ENDS[name]}
    if asked := MANDATE_DATE.search(page.url):
        try:
            today = date.fromisoformat(asked["day"])
        except ValueError as error:
            raise PageError(
                NAME, page.url, f"a day of the calendar (the address has {asked['day']})"
            ) from error
        return codes.term_on(today), {"state": State.ONGOING, "as_of": today.isoformat()}
    return codes.term_on(today), {"state": State.ONGOING}


def _person(row: Mapping[str, Any], page: Page) -> Iterator[tuple[Property, str, str | None]]:
    """What is said of the person: the property, the text as printed and its value, None where unusable."""
    # Lists for past days repeat today's names; one is enough to know whom each is about.
    named = {"label": Property.NAME} if MANDATE_DATE.search(page.url) else TEXTS
    for key, about in named.items():
        for text in texts(row, key, page, NAME):
            yield about, text, text
    for key, (about, reader) in READERS.items():
        for text in texts(row, key, page, NAME):
            yield about, text, reader(text)
    for text in texts(row, "citizenship", page, NAME):
        yield Property.CITIZENSHIP, text, codes.country(last_part(text))
    for text in texts(row, "hasGender", page, NAME):
        if known := codes.gender(last_part(text)):
            yield Property.GENDER, text, known
    for text in texts(row, "account", page, NAME):
        address = web_address(text)
        yield codes.account(address) if address else Property.OTHER_ACCOUNT, text, address


SOURCE = Source(
    NAME,
    "Parliament's Open Data API",
    ENDPOINTS,
    matches,
    read,
    lists=lists,
    everybody=everybody,
    pages=pages,
    links=links,
    guess=guess,
)
