"""A Member's history of parliamentary service in one term, on the Parliament's site."""

import re
from collections.abc import Iterator

from dontspy_data.capture.captures import Page
from dontspy_data.sources.documents import address, unanswered
from dontspy_data.sources.member_page import read_member
from dontspy_data.sources.source import CollectScope, Form, Reading, Request, Source, website

NAME = "ep_history"
HISTORY = website("history", form=Form.HTML, accept="text/html", leaf=True)
PATTERN = re.compile(
    r"https://www\.europarl\.europa\.eu/meps/(?P<language>[a-z]{2})/(?P<id>\d+)/[^/]+/history/(?P<term>\d+)$"
)


def url(mep_id: int, term: int) -> str:
    """Return the address of a person's history in a term; the site accepts any word where the name stands."""
    return f"https://www.europarl.europa.eu/meps/en/{mep_id}/NAME/history/{term}"


def read(page: Page) -> Reading:
    """Return what the page says; see `Source.read`."""
    if (reading := unanswered(page, NAME)) is not None:
        return reading
    match = address(page, PATTERN, NAME)
    return read_member(page, NAME, int(match["id"]), int(match["term"]))


def pages(mep_id: int, scope: CollectScope) -> Iterator[Request]:
    """Yield the request for a person's history in each term that is wanted."""
    return (Request(HISTORY, url(mep_id, term), mep_id) for term in scope.terms if term)


SOURCE = Source(NAME, "Member's history page", (HISTORY,), PATTERN, read, pages=pages)
