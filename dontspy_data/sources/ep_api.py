"""The Open Data API v2 of the Parliament: lists of Members, now and by date, persons and corporate bodies.

Specification: the Parliament's portal, "European Parliament Open Data API", version v2 (OpenAPI 3).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

from dontspy_data.capture.captures import Page
from dontspy_data.errors import OtherPersonError, PageError
from dontspy_data.model import codes
from dontspy_data.model.problems import SHOWN, ProblemKind
from dontspy_data.model.statements import Property, State
from dontspy_data.sources.api_records import (
    BODY_LEFT,
    BODY_USED,
    LEFT,
    NAME,
    TEXTS,
    USED,
    person_of,
    read_body,
    read_person,
)
from dontspy_data.sources.documents import (
    address,
    country_of,
    dicts,
    json_document,
    json_object,
    records,
    unanswered,
)
from dontspy_data.sources.findings import Findings
from dontspy_data.sources.source import (
    API_PER_SECOND,
    DATA,
    LD_JSON,
    CollectScope,
    Endpoint,
    Form,
    Links,
    Person,
    Reading,
    Request,
    Source,
)
from dontspy_data.sources.values import person_id

BASE = f"https://{DATA}/api/v2"
PATTERN = re.compile(
    rf"{re.escape(BASE)}/(?P<endpoint>meps|corporate-bodies)(?:/(?P<list>show-\w+)|/(?P<id>[^/?]+))?(?:\?.*)?$"
)

MANDATE_DATE = re.compile(r"[?&]mandate-date=(?P<day>\d{4}-\d{2}-\d{2})(?:&|$)")
TERM = re.compile(r"[?&]parliamentary-term=(?P<term>\d{1,2})(?:&|$)")
ENDS = {"show-outgoing": State.ENDED, "show-incoming": State.UNKNOWN}
ROWS = ("data", "@graph")
DOCUMENT_FIELDS = frozenset({*ROWS, "@context", "meta", "included", "searchResults"})

FORMAT = "format=application%2Fld%2Bjson"
PAGE_SIZE = 50
COUNTRIES = "country-of-representation"
"""The parameter that limits lists to some countries."""


_endpoint = partial(
    Endpoint, host=DATA, form=Form.JSON, accept=LD_JSON, needs="data", per_second=API_PER_SECOND
)
CURRENT = _endpoint("current", path="meps/show-current", lists_people=True, may_be_empty=True)
ROSTER = _endpoint("roster", path="meps", lists_people=True, may_be_empty=True)
DETAILS = _endpoint("details", path="meps/{id}")
BODY = _endpoint("body", path="corporate-bodies/{id}", leaf=True)
# These repeat, in fewer answers, what the others say: a run is complete without them.
ON_DAY = _endpoint("on_day", path="meps/show-current", may_be_empty=True, may_be_absent=True)
OUTGOING = _endpoint("outgoing", path="meps/show-outgoing", may_be_empty=True, may_be_absent=True)
INCOMING = _endpoint("incoming", path="meps/show-incoming", may_be_empty=True, may_be_absent=True)
BODIES = _endpoint(
    "bodies", path="corporate-bodies/show-current", leaf=True, may_be_empty=True, may_be_absent=True
)
ENDPOINTS = (CURRENT, ON_DAY, OUTGOING, INCOMING, ROSTER, BODIES, DETAILS, BODY)

OFFSET = re.compile(r"(?<=[?&]offset=)\d{1,6}(?=&|$)")
BODY_REF = re.compile(r"org/(?!ep-\d+$)[\w.-]{1,40}")  # org/ep-10 is the term itself, which has no page.
BODIES_AT_LEAST = 60
BODIES_PER_PERSON = 0.6


def current_url() -> str:
    """Return the address of all active Members, with country and group."""
    return f"{BASE}/meps/show-current?{FORMAT}"


def on_day_url(day: date) -> str:
    """Return the address of everybody who held a mandate on a day, with country and group."""
    return f"{BASE}/meps/show-current?mandate-date={day.isoformat()}&{FORMAT}"


def outgoing_url() -> str:
    """Return the address of those who left during the current term."""
    return f"{BASE}/meps/show-outgoing?{FORMAT}"


def incoming_url() -> str:
    """Return the address of those who joined during the current term."""
    return f"{BASE}/meps/show-incoming?{FORMAT}"


def roster_url(term: int, offset: int = 0) -> str:
    """Return the address of one page of a term's Members, from `offset` (0, 50, …)."""
    return f"{BASE}/meps?parliamentary-term={term}&{FORMAT}&offset={offset}&limit={PAGE_SIZE}"


def mep_url(mep_id: int) -> str:
    """Return the address of one person's details."""
    return f"{BASE}/meps/{mep_id}?{FORMAT}"


def bodies_url() -> str:
    """Return the address of all bodies that exist now."""
    return f"{BASE}/corporate-bodies/show-current?{FORMAT}"


def body_url(ref: str) -> str:
    """Return the address of a corporate body, from a reference such as `org/6900`."""
    return f"{BASE}/corporate-bodies/{ref.removeprefix('org/')}?{FORMAT}&language=en"


def lists(scope: CollectScope) -> Iterator[Request]:
    """Yield requests for those who sit now, for everybody on some days of each term, and for each term's roster."""
    if scope.has_current_term:
        yield _list(CURRENT, current_url(), scope)
        yield _list(OUTGOING, outgoing_url(), scope)
        yield _list(INCOMING, incoming_url(), scope)
    for term in scope.terms:
        yield from (_list(ON_DAY, on_day_url(day), scope) for day in days_of(term, scope.today))
    yield from (_list(ROSTER, roster_url(term), scope) for term in scope.terms)


def days_of(term: int, today: date) -> list[date]:
    """Return the days of a term for which everybody's country and group is requested.

    They are its first and last day, each New Year's Day, the days on which countries joined, and the day before and
    after one left: seats move with elections, accessions and departures, groups are founded and dissolved mostly at
    the beginning or in the middle of a term, and somebody who sat for a year is on one of them. For those who sat for
    less, the roster and the person's own page give it. The current term has no last day: the list without a date
    gives today's state.
    """
    found = next(listed for listed in codes.terms() if listed.term == term)
    last = min(found.end_date or today, today)
    days = {found.start_date, found.end_date or found.start_date}
    days.update(date(year, 1, 1) for year in range(found.start_date.year + 1, last.year + 1))
    for country in codes.countries():
        days.add(country.joined)
        if country.left:
            days.update((country.left, country.left + timedelta(days=1)))
    return sorted(day for day in days if found.start_date <= day <= last)


def _list(endpoint: Endpoint, url: str, scope: CollectScope) -> Request:
    """Return the request for a list, limited to the wanted countries by the API's own codes."""
    if not scope.countries:
        return Request(endpoint, url)
    ep_codes = {country.code: country.ep_code for country in codes.countries()}
    wanted = ",".join(sorted(ep_codes.get(code, code) for code in scope.countries))
    return Request(endpoint, f"{url}&{COUNTRIES}={wanted}", is_filtered=True)


def roll_call(scope: CollectScope) -> Iterator[Request]:
    """Yield the request for everybody who holds a mandate on the day of the run."""
    if scope.has_current_term:
        yield _list(ON_DAY, on_day_url(scope.today), scope)


def everybody(_: CollectScope) -> Iterator[Request]:
    """Yield the request for the names and dates of all bodies that exist now."""
    yield Request(BODIES, bodies_url())


def pages(mep_id: int, _: CollectScope) -> Iterator[Request]:
    """Yield the request for a person's details."""
    yield Request(DETAILS, mep_url(mep_id), mep_id)


def links(request: Request, page: Page) -> Links:
    """Return the people on a list and the roster's next page, or the bodies in a person's details."""
    rows = list(dicts(json_object(page).get("data")))
    if request.endpoint is DETAILS:
        refs = [
            membership.get("organization")
            for row in rows[:1]
            for membership in dicts(row.get("hasMembership"))
        ]
        bodies = dict.fromkeys(ref for ref in refs if isinstance(ref, str) and BODY_REF.fullmatch(ref))
        return Links(requests=tuple(Request(BODY, body_url(ref)) for ref in bodies))
    found = ((person_id(str(row.get("identifier", ""))), row) for row in rows)
    people = tuple(
        Person(mep_id, country_of(row.get("api:country-of-representation")))
        for mep_id, row in found
        if mep_id
    )
    return Links(people, tuple(_next_page(request)) if people and request.endpoint is ROSTER else ())


def _next_page(request: Request) -> Iterator[Request]:
    """Yield the request for the roster's page after this one; the last page is the one without people."""
    if offset := OFFSET.search(request.url):
        further = OFFSET.sub(str(int(offset[0]) + PAGE_SIZE), request.url)
        yield Request(ROSTER, further, is_filtered=request.is_filtered)


def guess(listed: int, people: int) -> Mapping[Endpoint, int]:
    """Return how many further pages rosters have, and how many bodies people's details name."""
    bodies = BODIES_AT_LEAST + round(people * BODIES_PER_PERSON) if people else 0
    return {ROSTER: -(-listed // PAGE_SIZE), BODY: bodies}


def read(page: Page) -> Reading:
    """Read the page; see `Source.read`. HTTP 204 is the page after the last, and is empty."""
    if page.status == 204:
        return Reading()
    if (missing := unanswered(page, NAME)) is not None:
        return missing
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
                read_body(found, row)
        return found.reading(unread=frozenset(unread))
    unread |= {key for row in rows for key in row} - USED - LEFT
    term, when = _listed_when(page)
    is_of_term = match["list"] in ENDS or TERM.search(page.url)
    # Lists for past days repeat today's names; one name is enough to identify each person.
    names = {"label": Property.NAME} if MANDATE_DATE.search(page.url) else TEXTS
    for row in rows:
        with found.row(str(row)[:SHOWN]):
            mep_id = person_of(found, row)
            if match["id"] and mep_id != int(match["id"]):
                found.problem(ProblemKind.PERSON, str(mep_id), f"person {match['id']} and nobody else")
                continue
            if is_of_term:
                found.state(mep_id, Property.TERM, str(term), term=term)
            unread |= read_person(found, mep_id, row, term, when, names)
    if match["id"] and not found.statements:
        raise OtherPersonError(NAME, page.url, f"person {match['id']}", str(rows)[:SHOWN])
    return found.reading(unread=frozenset(unread))


def _listed_when(page: Page) -> tuple[int, dict[str, Any]]:
    """Return the term that a list of persons is about, and the period for which it holds.

    Those who left in the current term no longer sit; those who joined in it may have left again.

    Raises:
        PageError: the day in the address is not a calendar day.
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
    PATTERN,
    read,
    lists=lists,
    everybody=everybody,
    pages=pages,
    links=links,
    guess=guess,
    roll_call=roll_call,
    is_roster=is_roster,
)
