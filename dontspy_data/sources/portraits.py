"""The official portraits: which picture a person has, or that there is none."""

import re

NAME = "portraits"
HOST = "www.europarl.europa.eu"
PATTERN = re.compile(rf"https://{re.escape(HOST)}/mepphoto/(?P<id>\d+)\.jpg$")


def url(mep_id: int) -> str:
    """Address of a person's portrait."""
    return f"https://{HOST}/mepphoto/{mep_id}.jpg"


def matches(url: str) -> bool:
    """Whether this source reads the page at this address."""
    return PATTERN.match(url) is not None
