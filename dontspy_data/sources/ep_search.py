"""The advanced search of the Parliament's site: the sitting Members of one member state on one page."""

import re

NAME = "ep_search"
PATTERN = re.compile(
    r"https://www\.europarl\.europa\.eu/meps/(?P<language>[a-z]{2})/search/advanced\?(?:.*&)?countryCode=(?P<country>[A-Z]{2})(?:&|$)"
)


def url(country: str, language: str = "en") -> str:
    """Address of the search for a member state, by ISO 3166-1 alpha-2 code."""
    return (
        f"https://www.europarl.europa.eu/meps/{language}/search/advanced"
        f"?name=&euPoliticalGroupBodyRefNum=&countryCode={country}&bodyType=ALL"
    )


def matches(url: str) -> bool:
    """Whether this source reads the page at this address."""
    return PATTERN.match(url) is not None
