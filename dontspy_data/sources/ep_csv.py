"""Bulk CSVs of the Open Data portal, one a term.

Copies of 2022 were saved through cp1252 and a spreadsheet: letters outside it became `?`, dates gained hours.
"""

import re

NAME = "ep_csv"
PATTERN = re.compile(r"https://[^?#]+/[^/?#]*meps_(?P<term>\d+)_(?:\d+_)?en\.csv$")


def url(term: int, version: int) -> str:
    """Address of one version of a term's bulk CSV."""
    return f"https://data.europarl.europa.eu/distribution/meps_{term}_{version}_en.csv"


def matches(url: str) -> bool:
    """Whether this source reads the page at this address."""
    return PATTERN.match(url) is not None
