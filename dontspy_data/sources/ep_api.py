"""Open Data API v2 of the Parliament: roster, persons and corporate bodies.

Specification: the Parliament's portal, "European Parliament Open Data API", version v2 (OpenAPI 3).
"""

import re

NAME = "ep_api"
HOST = "data.europarl.europa.eu"
BASE = f"https://{HOST}/api/v2"
FORMAT = "format=application%2Fld%2Bjson"
PAGE_SIZE = 50
PATTERN = re.compile(
    rf"{re.escape(BASE)}/(?P<endpoint>meps/show-current|meps|corporate-bodies)(?:/(?P<id>[^/?]+))?(?:\?.*)?$"
)


def current_url() -> str:
    """Address of all active Members, with country and group."""
    return f"{BASE}/meps/show-current?{FORMAT}"


def roster_url(term: int, offset: int = 0) -> str:
    """Address of one page of a term's Members, from `offset` (0, 50, …)."""
    return f"{BASE}/meps?parliamentary-term={term}&{FORMAT}&offset={offset}&limit={PAGE_SIZE}"


def mep_url(mep_id: int) -> str:
    """Address of one person's details."""
    return f"{BASE}/meps/{mep_id}?{FORMAT}"


def body_url(ref: str) -> str:
    """Address of a corporate body, from a reference such as `org/6900`."""
    return f"{BASE}/corporate-bodies/{ref.removeprefix('org/')}?{FORMAT}&language=en"


def matches(url: str) -> bool:
    """Whether this source reads the page at this address."""
    return PATTERN.match(url) is not None
