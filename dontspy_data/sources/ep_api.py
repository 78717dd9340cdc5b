"""Open Data API v2 of the Parliament: roster, persons and corporate bodies.

Specification: the Parliament's portal, "European Parliament Open Data API", version v2 (OpenAPI 3).
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from dontspy_data.capture.captures import Page
from dontspy_data.errors import OtherPersonError, PageError, UnknownCodeError
from dontspy_data.model import codes
from dontspy_data.model.problems import SHOWN, ProblemKind
from dontspy_data.model.statements import Basis, Property, State
from dontspy_data.sources.api_memberships import body_kind, state_memberships
from dontspy_data.sources.api_requests import (
    BASE,
    COUNTRIES,
    ENDPOINTS,
    everybody,
    guess,
    links,
    lists,
    pages,
    roll_call,
)
from dontspy_data.sources.documents import address, json_document, unanswered
from dontspy_data.sources.findings import Findings, Reader
from dontspy_data.sources.json_ld import last_part, records, short, texts
from dontspy_data.sources.source import Body, Reading, Source
from dontspy_data.sources.values import day, email, person_id, web_address

NAME = "ep_api"
PATTERN = re.compile(
    rf"{re.escape(BASE)}/(?P<endpoint>meps|corporate-bodies)(?:/(?P<list>show-\w+)|/(?P<id>[^/?]+))?(?:\?.*)?$"
)

MANDATE_DATE = re.compile(r"[?&]mandate-date=(?P<day>\d{4}-\d{2}-\d{2})(?:&|$)")
TERM = re.compile(r"[?&]parliamentary-term=(?P<term>\d{1,2})(?:&|$)")
ENDS = {"show-outgoing": State.ENDED, "show-incoming": State.UNKNOWN}
ROWS = ("data", "@graph")
DOCUMENT_FIELDS = frozenset({*ROWS, "@context", "meta", "included", "searchResults"})

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
READERS: Mapping[str, tuple[Property, Reader]] = {
    "bday": (Property.BIRTH_DATE, day),
    "deathDate": (Property.DEATH_DATE, day),
    "hasEmail": (Property.EMAIL, email),
    "homepage": (Property.WEBSITE, web_address),
    "img": (Property.PORTRAIT_URL, web_address),
    "citizenship": (Property.CITIZENSHIP, lambda text: codes.country(last_part(text))),
    "hasGender": (Property.GENDER, lambda text: codes.gender(last_part(text))),
}
USED = frozenset({"identifier", "hasMembership", "account", COUNTRY, GROUP, *TEXTS, *READERS})
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
    """Return whether this source reads the page at this address."""
    return PATTERN.match(url) is not None


def read(page: Page) -> Reading:
    """Read the page; see `Source.read`. HTTP 204 is the page after the last, and says nothing."""
    if page.status == 204:
        return Reading()
    return unanswered(page, NAME) or _read(page)


def _read(page: Page) -> Reading:
    match = address(page, PATTERN, NAME)
    document = json_document(page, NAME)
    found = Findings(page, NAME)
    rows = [row for key in ROWS for row in records(found, document, key)]
    if not rows:
        raise PageError(NAME, page.url, "any row in 'data'")
    unread = document.keys() - DOCUMENT_FIELDS
    if match["endpoint"] == "corporate-bodies":
        unread |= {key for row in rows for key in row} - BODY_USED - BODY_LEFT
        for row in rows:
            with found.row(str(row)[:SHOWN]):
                _read_body(found, row)
        return found.reading(unread=frozenset(unread))
    unread |= {key for row in rows for key in row} - USED - LEFT
    listed = _listed_when(page)
    for row in rows:
        with found.row(str(row)[:SHOWN]):
            mep_id = _mep_id(found, row)
            if match["id"] and mep_id != int(match["id"]):
                found.problem(ProblemKind.PERSON, str(mep_id), f"person {match['id']} and nobody else")
                continue
            unread |= _read_person(found, mep_id, row, *listed)
    if match["id"] and not found.statements:
        raise OtherPersonError(NAME, page.url, f"person {match['id']}", str(rows)[:SHOWN])
    return found.reading(unread=frozenset(unread))


def _mep_id(found: Findings, row: Mapping[str, Any]) -> int:
    """Return the person that a row is about.

    Raises:
        PageError: it has no id in digits, or two that differ.
    """
    given = [text for key in ("identifier", "id") for text in texts(found, row, key)]
    ids = {person_id(last_part(text)) for text in given}
    if len(ids) != 1 or (mep_id := ids.pop()) is None:
        raise PageError(NAME, found.page.url, "one identifier in digits", str(row)[:SHOWN])
    return mep_id


def _read_body(found: Findings, row: Mapping[str, Any]) -> None:
    """Read what a body is called and what it is; a group by its code, or as printed if nobody has listed it.

    Raises:
        PageError: it has no id.
    """
    ids = texts(found, row, "id") or [f"org/{identifier}" for identifier in texts(found, row, "identifier")]
    labels, names = texts(found, row, "label"), texts(found, row, "prefLabel")
    kinds = texts(found, row, "classification")
    if not ids:
        raise PageError(NAME, found.page.url, "the id of a body", str(row)[:SHOWN])
    ref = short(ids[0])
    if not labels and not names:
        found.problem(ProblemKind.BODY, ref, "a label of the body")
        return
    about = _kind_of_body(found, kinds[0]) if kinds else Property.OTHER_BODY
    basis = Basis.STATED
    value = (names or labels)[0]
    if about is Property.POLITICAL_GROUP or not kinds:
        code = _group(found, [*labels, *names], is_one=bool(kinds))
        value = code or value
        basis = Basis.UNKNOWN if code is None and kinds else Basis.STATED
        if code is not None:  # an empty one is of what is no group
            about = Property.POLITICAL_GROUP if code else Property.OTHER_BODY
    found.bodies.append(Body(ref, about, value, basis))


def _kind_of_body(found: Findings, classification: str) -> Property:
    try:
        return body_kind(classification)
    except UnknownCodeError as error:
        found.unknown(error)
        return Property.OTHER_BODY


def _group(found: Findings, names: Sequence[str], *, is_one: bool) -> str | None:
    """Return the code of the first name that is listed as a political group's; if it is one, none is a problem."""
    problem: UnknownCodeError | None = None
    for name in names:
        try:
            return codes.group(name)
        except UnknownCodeError as error:
            problem = error
    if is_one and problem:
        found.unknown(problem, prop=Property.POLITICAL_GROUP)
    return None


def _read_person(
    found: Findings, mep_id: int, row: Mapping[str, Any], term: int, when: Mapping[str, Any]
) -> frozenset[str]:
    """State what a row says of a person, and return names of unknown fields in its memberships.

    Args:
        found: takes what is said.
        mep_id: the person.
        row: what the page has of the person.
        term: that the list is about.
        when: what the list says of when country and group are so; see `_listed_when`.
    """
    page = found.page
    match = address(page, PATTERN, NAME)
    if not texts(found, row, "label", mep_id=mep_id):
        found.cell(mep_id, Property.NAME, "", expected="a label", required=True)
    if match["list"] in ENDS or TERM.search(page.url):
        found.state(mep_id, Property.TERM, str(term), term=term)
    for key, about, read in (
        (COUNTRY, Property.MANDATE, codes.country),
        (GROUP, Property.POLITICAL_GROUP, codes.group),
    ):
        for text in texts(found, row, key, mep_id=mep_id, prop=about):
            found.cell(mep_id, about, last_part(text) if key == COUNTRY else text, read, term=term, **when)
    # Lists for past days repeat today's names; one is enough to know whom each is about.
    named = {"label": Property.NAME} if MANDATE_DATE.search(page.url) else TEXTS
    readers: dict[str, tuple[Property, Reader]] = {
        **{key: (about, str) for key, about in named.items()},
        **READERS,
    }
    for key, (about, reader) in readers.items():
        for text in texts(found, row, key, mep_id=mep_id, prop=about):
            found.cell(mep_id, about, text, reader)
    for text in texts(found, row, "account", mep_id=mep_id, prop=Property.OTHER_ACCOUNT):
        about = codes.account(text) if web_address(text) else Property.OTHER_ACCOUNT
        found.cell(mep_id, about, text, web_address)
    return state_memberships(found, mep_id, row)


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


def is_roster(page: Page) -> bool:
    """Return whether a page lists everybody who sits on the day on which it was retrieved, of every country."""
    match = PATTERN.match(page.url)
    asked = MANDATE_DATE.search(page.url)
    is_of_today = asked is None or asked["day"] == page.retrieved_at.date().isoformat()
    return bool(match and match["list"] == "show-current" and is_of_today and COUNTRIES not in page.url)


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
    roll_call=roll_call,
    is_roster=is_roster,
)
