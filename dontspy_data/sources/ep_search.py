"""The advanced search of the Parliament's site: the sitting Members of one member state on one page."""

import re
from collections.abc import Iterator

from lxml import html

from dontspy_data.capture.captures import Page
from dontspy_data.errors import PageError
from dontspy_data.model import codes
from dontspy_data.model.problems import Note
from dontspy_data.model.statements import Property, State, Statement
from dontspy_data.sources.documents import facts, html_document, select, text_of, unanswered
from dontspy_data.sources.endpoints import WWW, WWW_PER_SECOND, Endpoint, Form, Request
from dontspy_data.sources.reading import Reading, drop_repeats
from dontspy_data.sources.source import Links, Person, Scope, Source
from dontspy_data.sources.values import party, person_id

NAME = "ep_search"
SEARCH = Endpoint("search", WWW, "", Form.HTML, "text/html", lists_people=True, per_second=WWW_PER_SECOND)
PATTERN = re.compile(
    r"https://www\.europarl\.europa\.eu/meps/(?P<language>[a-z]{2})/search/advanced\?(?:.*&)?countryCode=(?P<country>[A-Z]{2})(?:&|$)"
)
RESULTS = re.compile(r"\D*(\d+)\D*")
BLOCK = "member-block-"
PROFILE_HREF = re.compile(rb"/meps/[a-z]{2}/([1-9]\d{0,8})(?:[/\"'?#]|$)")


def url(country: str) -> str:
    """Address of the search for a member state, by ISO 3166-1 alpha-2 code."""
    return (
        f"https://www.europarl.europa.eu/meps/en/search/advanced"
        f"?name=&euPoliticalGroupBodyRefNum=&countryCode={country}&bodyType=ALL"
    )


def matches(url: str) -> bool:
    """Whether this source reads the page at this address."""
    return PATTERN.match(url) is not None


def read(page: Page) -> Reading:
    """What the page says; see `Source.read`."""
    return unanswered(page, NAME) or _read(page)


def _read(page: Page) -> Reading:
    document = html_document(page, NAME)
    headings = " ".join(text_of(heading) for heading in select(document, "#resultsContainer h2"))
    results = RESULTS.fullmatch(headings)
    if results is None:
        raise PageError(NAME, page.url, f"the number of results (heading: {headings!r})")
    blocks = select(document, f"[id^='{BLOCK}']")
    if str(len(blocks)) != results[1]:
        raise PageError(NAME, page.url, f"{headings!r}, and the page lists {len(blocks)} persons")
    if not blocks:
        return Reading(notes=(Note("a page that says there is no result", page.url),))
    return Reading(statements=drop_repeats(s for block in blocks for s in _person(block, page)))


def _person(block: html.HtmlElement, page: Page) -> list[Statement]:
    mep_id = person_id(block.get("id", "").removeprefix(BLOCK))
    names = [text_of(name) for name in select(block, ".t-item")]
    lines = [text_of(line) for line in select(block, ".sln-additional-info")]
    if mep_id is None or len(names) != 1 or not names[0] or len(lines) not in (2, 3):
        raise PageError(
            NAME, page.url, f"an id, a name, a group and a country (read: {text_of(block)[:120]!r})"
        )
    fact = facts(page, NAME)
    term = codes.term_on(page.retrieved_at.date())
    statements = [
        fact(mep_id, Property.NAME, names[0]),
        fact(mep_id, Property.POLITICAL_GROUP, codes.group(lines[0]), term=term, state=State.ONGOING),
        fact(mep_id, Property.MANDATE, codes.country(lines[1]), term=term, state=State.ONGOING),
    ]
    if len(lines) == 3 and (name := party(lines[2])[0]):
        statements.append(fact(mep_id, Property.NATIONAL_PARTY, name, term=term, state=State.ONGOING))
    for image in select(block, "img[src*='/mepphoto/']"):
        statements.append(fact(mep_id, Property.PORTRAIT_URL, image.get("src", "")))
    return statements


def lists(scope: Scope) -> Iterator[Request]:
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
