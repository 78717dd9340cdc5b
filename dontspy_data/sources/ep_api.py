"""Open Data API v2 of the Parliament: roster, persons and corporate bodies.

Specification: the Parliament's portal, "European Parliament Open Data API", version v2 (OpenAPI 3).
"""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Any

from dontspy_data.capture.captures import Page
from dontspy_data.errors import OtherPersonError, PageError, UnknownCodeError
from dontspy_data.model import codes
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import Basis, Property, State
from dontspy_data.sources.api_memberships import memberships
from dontspy_data.sources.api_requests import BASE, ENDPOINTS, everybody, guess, links, lists, pages
from dontspy_data.sources.documents import address, json_document, unanswered
from dontspy_data.sources.findings import Findings, Reader
from dontspy_data.sources.json_ld import day, entries, last_part, records, texts
from dontspy_data.sources.reading import Body, Reading
from dontspy_data.sources.source import Source
from dontspy_data.sources.values import email, person_id, web_address

NAME = "ep_api"
PATTERN = re.compile(
    rf"{re.escape(BASE)}/(?P<endpoint>meps|corporate-bodies)(?:/(?P<list>show-\w+)|/(?P<id>[^/?]+))?(?:\?.*)?$"
)

MANDATE_DATE = re.compile(r"[?&]mandate-date=(?P<day>\d{4}-\d{2}-\d{2})(?:&|$)")
TERM = re.compile(r"[?&]parliamentary-term=(?P<term>\d{1,2})(?:&|$)")
ENDS = {"show-outgoing": State.ENDED, "show-incoming": State.UNKNOWN}
Listed = tuple[int, dict[str, Any]]
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
    rows = entries(document.get("data"))
    if not rows:
        raise PageError(NAME, page.url, "any row in 'data'")
    about_bodies = match["endpoint"] == "corporate-bodies"
    if match["id"] and not about_bodies:
        _check_person(rows, page, match["id"])
    listed = _listed_when(page)
    found = Findings(page, NAME)
    unread: set[str] = document.keys() - DOCUMENT_FIELDS
    for row in rows:
        with found.row(str(row)):
            if not isinstance(row, dict):
                raise PageError(NAME, page.url, "an object in 'data'")
            if about_bodies:
                unread |= row.keys() - BODY_USED - BODY_LEFT
                _body(found, row)
            else:
                unread |= row.keys() - USED - LEFT
                unread |= _person(found, row, match["id"], listed)
    return found.reading(unread=frozenset(unread))


def _check_person(rows: Sequence[Any], page: Page, asked: str) -> None:
    """Raise OtherPersonError if no row is about the person that the page was asked for."""
    others = [str(row.get("identifier")) for row in rows if isinstance(row, dict)]
    if asked not in others:
        raise OtherPersonError(NAME, page.url, f"person {asked}", f"person {', '.join(others)}")


def _body(found: Findings, row: Mapping[str, Any]) -> None:
    at = found.page, NAME
    ref, label, kinds = (texts(row, key, *at) for key in ("id", "label", "classification"))
    name = [text for names in records(row, "prefLabel", *at) for text in texts(names, "en", *at)]
    if not ref:
        raise PageError(NAME, found.page.url, "an id of a body")
    if not (label or name):
        found.problem(ProblemKind.BODY, ref[0], "a label of the body")
        return
    try:
        about = codes.body_kind(last_part(kinds[0])) if kinds else Property.OTHER_BODY
    except UnknownCodeError as error:
        found.unknown(error)
        about = Property.OTHER_BODY
    if not kinds:
        found.problem(ProblemKind.BODY, ref[0], "a classification of the body")
    if about is not Property.POLITICAL_GROUP:
        found.bodies.append(Body(ref[0], about, (name or label)[0]))
        return
    try:
        found.bodies.append(Body(ref[0], about, _group([*label, *name])))
    except UnknownCodeError as error:
        found.unknown(error, prop=about)
        found.bodies.append(Body(ref[0], about, (name or label)[0], Basis.UNKNOWN))


def _group(names: Sequence[str]) -> str:
    """Return the code of a group from the first of its names that is known.

    Raises:
        UnknownCodeError: none is; the error is of the last.
    """
    for name in names[:-1]:
        with suppress(UnknownCodeError):
            return codes.group(name)
    return codes.group(names[-1])


def _person(found: Findings, row: Mapping[str, Any], asked: str | None, listed: Listed) -> set[str]:
    """Read what a row says of a person, and return names of fields of memberships that nobody reads.

    Args:
        found: of the page.
        row: in the documented shape.
        asked: the person that the page was asked for; None for a list.
        listed: see `_listed_when`.

    Raises:
        OtherPersonError: it is about somebody else.
        PageError: it does not say about whom.
    """
    identifier = "".join(texts(row, "identifier", found.page, NAME))
    mep_id = person_id(identifier)
    if mep_id is None:
        raise PageError(NAME, found.page.url, "an identifier in digits")
    if asked and identifier != asked:
        raise OtherPersonError(NAME, found.page.url, f"person {asked}", f"person {identifier}")
    _sits(found, mep_id, row, listed)
    # Lists for past days repeat today's names; one is enough to know whom each is about.
    named = {"label": Property.NAME} if MANDATE_DATE.search(found.page.url) else TEXTS
    for key, about in named.items():
        _field(found, mep_id, row, key, about)
    for key, (about, reader) in READERS.items():
        _field(found, mep_id, row, key, about, reader)
    with found.field(mep_id, Property.OTHER_ACCOUNT, "account"):
        for text in texts(row, "account", found.page, NAME):
            found.cell(mep_id, _account(text), text, web_address)
    return memberships(found, mep_id, row)


def _field(
    found: Findings,
    mep_id: int,
    row: Mapping[str, Any],
    key: str,
    about: Property,
    reader: Reader = str,
    **when: Any,
) -> None:
    """Read every text in a field; a name is expected in each row."""
    with found.field(mep_id, about, str(row.get(key))):
        for text in texts(row, key, found.page, NAME) or [""]:
            found.cell(mep_id, about, text, reader, required=about is Property.NAME, **when)


def _account(text: str) -> Property:
    address = web_address(text)
    return codes.account(address) if address else Property.OTHER_ACCOUNT


def _sits(found: Findings, mep_id: int, row: Mapping[str, Any], listed: Listed) -> None:
    """Read what a row says by the list that it stands in, see `_listed_when`."""
    term, when = listed
    _field(found, mep_id, row, COUNTRY, Property.MANDATE, codes.country, term=term, **when)
    _field(found, mep_id, row, GROUP, Property.POLITICAL_GROUP, codes.group, term=term, **when)
    match = address(found.page, PATTERN, NAME)
    if match["list"] in ENDS or TERM.search(found.page.url):
        found.state(mep_id, Property.TERM, str(term), term=term)


def _listed_when(page: Page) -> Listed:
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
