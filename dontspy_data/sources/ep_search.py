"""The advanced search of the Parliament's site: the sitting Members of one member state on one page."""

import re
from collections.abc import Iterator
from typing import Any

from lxml import html

from dontspy_data.capture.captures import Page
from dontspy_data.errors import PageError
from dontspy_data.model import codes
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import Property, State
from dontspy_data.sources.documents import html_document, select, text_of, unanswered
from dontspy_data.sources.endpoints import WWW, WWW_PER_SECOND, Endpoint, Form, Request
from dontspy_data.sources.findings import Findings
from dontspy_data.sources.source import CollectScope, Links, Person, Reading, Source
from dontspy_data.sources.values import party_name, person_id, web_address

NAME = "ep_search"
SEARCH = Endpoint("search", WWW, "", Form.HTML, "text/html", lists_people=True, per_second=WWW_PER_SECOND)
PATTERN = re.compile(
    r"https://www\.europarl\.europa\.eu/meps/(?P<language>[a-z]{2})/search/advanced\?(?:.*&)?countryCode=(?P<country>[A-Z]{2})(?:&|$)"
)
RESULTS = re.compile(r"\D*(\d+)\D*")
BLOCK = "member-block-"
PROFILE_HREF = re.compile(rb"/meps/[a-z]{2}/([1-9]\d{0,8})(?:[/\"'?#]|$)")


def url(country: str) -> str:
    """Return the address of the search for a member state, by ISO 3166-1 alpha-2 code."""
    return (
        f"https://www.europarl.europa.eu/meps/en/search/advanced"
        f"?name=&euPoliticalGroupBodyRefNum=&countryCode={country}&bodyType=ALL"
    )


def matches(url: str) -> bool:
    """Return whether this source reads the page at this address."""
    return PATTERN.match(url) is not None


def read(page: Page) -> Reading:
    """Read the page; see `Source.read`."""
    return unanswered(page, NAME) or _read(page)


def _read(page: Page) -> Reading:
    found = Findings(page, NAME)
    document = html_document(page, NAME)
    headings = " ".join(text_of(heading) for heading in select(document, "#resultsContainer h2"))
    results = RESULTS.fullmatch(headings)
    blocks = select(document, f"[id^='{BLOCK}']")
    if results is None and not blocks:
        raise PageError(NAME, page.url, "the number of results", f"heading: {headings!r}")
    if results is None or str(len(blocks)) != results[1]:
        found.problem(ProblemKind.ROW, f"{len(blocks)} persons", f"as many persons as in {headings!r}")
    elif not blocks:
        found.note("a page that says there is no result", page.url)
    for block in blocks:
        with found.row(text_of(block)):
            _person(found, block)
    return found.reading()


def _person(found: Findings, block: html.HtmlElement) -> None:
    mep_id = person_id(block.get("id", "").removeprefix(BLOCK))
    if mep_id is None:
        raise PageError(NAME, found.page.url, "a person's number in the id of a block", block.get("id", ""))
    now: dict[str, Any] = {"term": codes.term_on(found.page.retrieved_at.date()), "state": State.ONGOING}
    name = " ".join(text_of(name) for name in select(block, ".t-item"))
    group, country, party, *more = [text_of(line) for line in select(block, ".sln-additional-info")] + [
        ""
    ] * 3
    found.cell(mep_id, Property.NAME, name, required=True)
    found.cell(mep_id, Property.POLITICAL_GROUP, group, codes.group, required=True, **now)
    found.cell(mep_id, Property.MANDATE, country, codes.country, required=True, **now)
    found.cell(mep_id, Property.NATIONAL_PARTY, party, party_name, **now)
    for image in select(block, "img[src*='/mepphoto/']"):
        found.cell(mep_id, Property.PORTRAIT_URL, image.get("src", ""), web_address)
    if any(more):
        raise PageError(NAME, found.page.url, "a group, a country and a party of a person, and no more")


def lists(scope: CollectScope) -> Iterator[Request]:
    """Yield a request for each country that is wanted, or for each that elects Members now."""
    if scope.has_current_term:
        wanted = scope.countries or {country for country, seats in codes.country_seats().items() if seats}
        yield from (Request(SEARCH, url(country), is_filtered=True) for country in sorted(wanted))


def links(_: Request, page: Page) -> Links:
    """Return everybody whose profile the page links to."""
    ids = sorted({int(mep_id) for mep_id in PROFILE_HREF.findall(page.body)})
    return Links(people=tuple(Person(mep_id) for mep_id in ids))


SOURCE = Source(
    NAME, "Parliament's Member search", (SEARCH,), matches, read, lists=lists, links=links, stands_in=True
)
