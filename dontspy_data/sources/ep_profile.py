"""A Member's public profile page on the Parliament's site."""

import re
from collections.abc import Iterator

from dontspy_data.capture.captures import Page
from dontspy_data.sources.documents import address, unanswered
from dontspy_data.sources.member_page import read_member
from dontspy_data.sources.source import CollectScope, Form, Reading, Request, Source, website

NAME = "ep_profile"
PROFILE = website("profile", form=Form.HTML, accept="text/html", leaf=True)
PATTERN = re.compile(r"https://www\.europarl\.europa\.eu/meps/(?P<language>[a-z]{2})/(?P<id>\d+)/[^/]+/home$")


def url(mep_id: int) -> str:
    """Return the address of a profile; the site accepts any word where the name stands."""
    return f"https://www.europarl.europa.eu/meps/en/{mep_id}/NAME/home"


def read(page: Page) -> Reading:
    """Return what the page says; see `Source.read`. That of a former Member is the history of the last term."""
    if (reading := unanswered(page, NAME)) is not None:
        return reading
    return read_member(page, NAME, int(address(page, PATTERN, NAME)["id"]), None)


def pages(mep_id: int, _: CollectScope) -> Iterator[Request]:
    """Yield the request for a person's profile."""
    yield Request(PROFILE, url(mep_id), mep_id)


SOURCE = Source(NAME, "Member's profile page", (PROFILE,), PATTERN, read, pages=pages, stands_in=True)
