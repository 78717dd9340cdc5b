"""The sitting Members as XML, with labels in the page's language."""

import re

NAME = "ep_full_list"
PATTERN = re.compile(
    r"https://www\.europarl\.europa\.eu/meps/(?P<language>[a-z]{2})/full-list/xml/?(?:[a-z])?$"
)


def url(language: str = "en") -> str:
    """Address of the list."""
    return f"https://www.europarl.europa.eu/meps/{language}/full-list/xml"


def matches(url: str) -> bool:
    """Whether this source reads the page at this address."""
    return PATTERN.match(url) is not None
