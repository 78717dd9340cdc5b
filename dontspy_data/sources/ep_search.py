"""The advanced search of the Parliament's site: the sitting Members of one member state on one page."""

import re
from collections.abc import Iterator

from lxml import html

from dontspy_data.capture.captures import Page
from dontspy_data.errors import PageError
from dontspy_data.model import codes
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import Property
from dontspy_data.sources.documents import html_document, select, state_sitting, text_of, unanswered
from dontspy_data.sources.findings import Findings
from dontspy_data.sources.source import CollectScope, Form, Links, Person, Reading, Request, Source, website
from dontspy_data.sources.values import person_id, web_address

NAME = "ep_search"
SEARCH = website("search", form=Form.HTML, accept="text/html", lists_people=True)
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


def read(page: Page) -> Reading:
    """Read the page; see `Source.read`."""
    if (missing := unanswered(page, NAME)) is not None:
        return missing
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
    name = " ".join(text_of(name) for name in select(block, ".t-item"))
    printed = [text_of(line) for line in select(block, ".sln-additional-info")]
    group, country, party, *more = [*printed, "", "", ""]
    state_sitting(found, mep_id, name, group, country, party)
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
    NAME, "Parliament's Member search", (SEARCH,), PATTERN, read, lists=lists, links=links, stands_in=True
)
