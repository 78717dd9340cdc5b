"""Portraits that a web archive received: the same pictures as the Parliament's site gave on their days."""

from dataclasses import replace

from dontspy_data.capture.captures import Page
from dontspy_data.sources import portraits
from dontspy_data.sources.source import Reading, Source

NAME = "web_archive"


def read(page: Page) -> Reading:
    """Return what a portrait's page says, as said by the archive; see `Source.read`."""
    reading = portraits.read(page)
    return replace(
        reading,
        statements=tuple(replace(one, source=NAME) for one in reading.statements),
        problems=tuple(replace(one, source=NAME) for one in reading.problems),
    )


def matches(_: str) -> bool:
    """Return False: an archive's answers have the addresses of the site; what tells them apart is their origin."""
    return False


SOURCE = Source(NAME, "Web archive", (), matches, read)
