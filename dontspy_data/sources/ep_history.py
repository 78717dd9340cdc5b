"""A Member's history of parliamentary service in one term, on the Parliament's site."""

import re

NAME = "ep_history"
PATTERN = re.compile(
    r"https://www\.europarl\.europa\.eu/meps/(?P<language>[a-z]{2})/(?P<id>\d+)/[^/]+/history/(?P<term>\d+)$"
)


def url(mep_id: int, term: int, language: str = "en") -> str:
    """Address of a person's history in a term; the site accepts any word where the name stands."""
    return f"https://www.europarl.europa.eu/meps/{language}/{mep_id}/NAME/history/{term}"


def matches(url: str) -> bool:
    """Whether this source reads the page at this address."""
    return PATTERN.match(url) is not None
