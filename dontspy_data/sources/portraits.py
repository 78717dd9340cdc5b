"""The official portraits: which picture a person has, or that there is none."""

import re
from collections.abc import Iterator

from dontspy_data.capture.captures import Page
from dontspy_data.model.statements import Property
from dontspy_data.sources.documents import address, facts, unanswered
from dontspy_data.sources.endpoints import WWW, WWW_PER_SECOND, Endpoint, Form, Request
from dontspy_data.sources.source import CollectScope, Reading, Source

NAME = "portraits"
PORTRAIT = Endpoint(
    "portrait", WWW, "", Form.JPEG, "image/jpeg", leaf=True, may_be_absent=True, per_second=WWW_PER_SECOND
)
PATTERN = re.compile(rf"https://{re.escape(WWW)}/mepphoto/(?P<id>\d+)\.jpg$")

ABSENT = "absent"


def url(mep_id: int) -> str:
    """Return the address of a person's portrait."""
    return f"https://{WWW}/mepphoto/{mep_id}.jpg"


def matches(url: str) -> bool:
    """Return whether this source reads the page at this address."""
    return PATTERN.match(url) is not None


def read(page: Page) -> Reading:
    """Return the SHA-256 of what was sent as the picture, or that there is none; see `Source.read`.

    Whether that can be published is found out from its bytes later, so that nothing that a server sends is an error.
    """
    mep_id = int(address(page, PATTERN, NAME)["id"])
    fact = facts(page, NAME)
    if unanswered(page, NAME):
        return Reading(statements=(fact(mep_id, Property.PORTRAIT, ABSENT),))
    return Reading(statements=(fact(mep_id, Property.PORTRAIT, page.sha256),))


def pages(mep_id: int, _: CollectScope) -> Iterator[Request]:
    """Yield the request for a person's portrait."""
    yield Request(PORTRAIT, url(mep_id), mep_id)


SOURCE = Source(NAME, "Parliament's portrait", (PORTRAIT,), matches, read, pages=pages)
