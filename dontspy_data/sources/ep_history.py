"""A Member's history of parliamentary service in one term, on the Parliament's site."""

import re
from collections.abc import Iterator

from dontspy_data.capture.captures import Page
from dontspy_data.sources.documents import address, unanswered
from dontspy_data.sources.endpoints import WWW, WWW_PER_SECOND, Endpoint, Form, Request
from dontspy_data.sources.service import read_member
from dontspy_data.sources.source import CollectScope, Reading, Source

NAME = "ep_history"
HISTORY = Endpoint("history", WWW, "", Form.HTML, "text/html", leaf=True, per_second=WWW_PER_SECOND)
PATTERN = re.compile(
    r"https://www\.europarl\.europa\.eu/meps/(?P<language>[a-z]{2})/(?P<id>\d+)/[^/]+/history/(?P<term>\d+)$"
)


def url(mep_id: int, term: int) -> str:
    """Return the address of a person's history in a term; the site accepts any word where the name stands."""
    return f"https://www.europarl.europa.eu/meps/en/{mep_id}/NAME/history/{term}"


def matches(url: str) -> bool:
    """Return whether this source reads the page at this address."""
    return PATTERN.match(url) is not None


def read(page: Page) -> Reading:
    """Return what the page says; see `Source.read`."""
    if (reading := unanswered(page, NAME)) is not None:
        return reading
    match = address(page, PATTERN, NAME)
    return read_member(page, NAME, int(match["id"]), int(match["term"]))


def pages(mep_id: int, scope: CollectScope) -> Iterator[Request]:
    """Yield the request for a person's history in each term that is wanted."""
    return (Request(HISTORY, url(mep_id, term), mep_id) for term in scope.terms if term)


SOURCE = Source(NAME, "Member's history page", (HISTORY,), matches, read, pages=pages)
