"""A Member's public profile page on the Parliament's site."""

import re

NAME = "ep_profile"
PATTERN = re.compile(r"https://www\.europarl\.europa\.eu/meps/(?P<language>[a-z]{2})/(?P<id>\d+)/[^/]+/home$")


def url(mep_id: int, language: str = "en") -> str:
    """Address of a profile; the site accepts any word where the name stands."""
    return f"https://www.europarl.europa.eu/meps/{language}/{mep_id}/NAME/home"


def matches(url: str) -> bool:
    """Whether this source reads the page at this address."""
    return PATTERN.match(url) is not None
