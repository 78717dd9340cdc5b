"""What the Open Data API is asked for: lists of Members, now and by date, persons and corporate bodies.

Specification: the Parliament's portal, "European Parliament Open Data API", version v2 (OpenAPI 3).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from dontspy_data.capture.captures import Page
from dontspy_data.model import codes
from dontspy_data.sources.documents import country_of, dicts, json_object
from dontspy_data.sources.endpoints import API_PER_SECOND, DATA, LD_JSON, Endpoint, Form, Request
from dontspy_data.sources.source import CollectScope, Links, Person
from dontspy_data.sources.values import person_id

BASE = f"https://{DATA}/api/v2"
FORMAT = "format=application%2Fld%2Bjson"
PAGE_SIZE = 50
COUNTRIES = "country-of-representation"
"""The parameter by which lists are asked for some countries alone."""


def _endpoint(
    name: str,
    path: str,
    *,
    lists_people: bool = False,
    leaf: bool = False,
    may_be_empty: bool = False,
    may_be_absent: bool = False,
) -> Endpoint:
    return Endpoint(
        name,
        DATA,
        path,
        Form.JSON,
        LD_JSON,
        lists_people=lists_people,
        leaf=leaf,
        may_be_absent=may_be_absent,
        may_be_empty=may_be_empty,
        needs="data",
        per_second=API_PER_SECOND,
    )


CURRENT = _endpoint("current", "meps/show-current", lists_people=True, may_be_empty=True)
ROSTER = _endpoint("roster", "meps", lists_people=True, may_be_empty=True)
DETAILS = _endpoint("details", "meps/{id}")
BODY = _endpoint("body", "corporate-bodies/{id}", leaf=True)
# These say again, in fewer answers, what the others say: a run is whole without them.
ON_DAY = _endpoint("on_day", "meps/show-current", may_be_empty=True, may_be_absent=True)
OUTGOING = _endpoint("outgoing", "meps/show-outgoing", may_be_empty=True, may_be_absent=True)
INCOMING = _endpoint("incoming", "meps/show-incoming", may_be_empty=True, may_be_absent=True)
BODIES = _endpoint(
    "bodies", "corporate-bodies/show-current", leaf=True, may_be_empty=True, may_be_absent=True
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
    """Return the address of those who came during the current term."""
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
    """Return the days of a term for which everybody's country and group is asked.

    They are its first and last day, each New Year's Day, the days on which countries joined, and the day before and
    after one left: seats move with elections, accessions and departures, groups are founded and dissolved mostly at
    a beginning or in the middle of a term, and somebody who sat for a year is on one of them. Of those who sat for
    less, the roster and the person's own page say it. A term that goes on has no last day: the list without a date
    says what is so today.
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
    """Return the request for a list, of the countries that are wanted, which the API knows by its own codes."""
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
    """Return whom a list names and the roster's next page, or the bodies that a person's details name."""
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
    """Yield the request for the roster's page after this one; the last page is the one that names nobody."""
    if offset := OFFSET.search(request.url):
        further = OFFSET.sub(str(int(offset[0]) + PAGE_SIZE), request.url)
        yield Request(ROSTER, further, is_filtered=request.is_filtered)


def guess(listed: int, people: int) -> Mapping[Endpoint, int]:
    """Return how many further pages rosters have, and how many bodies people's details name."""
    bodies = BODIES_AT_LEAST + round(people * BODIES_PER_PERSON) if people else 0
    return {ROSTER: -(-listed // PAGE_SIZE), BODY: bodies}
