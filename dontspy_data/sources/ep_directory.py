"""Everyone who sat in a term, as XML: names and ids, nothing else."""

import re

NAME = "ep_directory"
PATTERN = re.compile(
    r"https://www\.europarl\.europa\.eu/meps/(?P<language>[a-z]{2})/directory/xml/?\?leg=(?P<term>\d+)$"
)


def url(term: int, language: str = "en") -> str:
    """Address of a term's directory."""
    return f"https://www.europarl.europa.eu/meps/{language}/directory/xml/?leg={term}"


def matches(url: str) -> bool:
    """Whether this source reads the page at this address."""
    return PATTERN.match(url) is not None
