"""Sources: one object each, which defines how to ask it, what its pages lead to and what they say.

`SOURCES` lists all of them. Collecting, reading, trust, labels and the schemas' categories follow from it.
"""

from dontspy_data.capture.records import canonical
from dontspy_data.sources import (
    ep_api,
    ep_csv,
    ep_lists,
    member_page,
    portraits,
    wikidata,
)
from dontspy_data.sources.source import Endpoint, Source

SOURCES: tuple[Source, ...] = (
    ep_api.SOURCE,
    member_page.EP_PROFILE,
    member_page.EP_HISTORY,
    ep_lists.EP_SEARCH,
    ep_lists.EP_FULL_LIST,
    ep_lists.EP_DIRECTORY,
    ep_csv.SOURCE,
    wikidata.SOURCE,
    portraits.SOURCE,
    portraits.WEB_ARCHIVE,
)
"""Every source, most trusted first."""

SOURCE_OF: dict[Endpoint, Source] = {endpoint: source for source in SOURCES for endpoint in source.endpoints}
"""The source of each endpoint, in the order of a summary."""


def source_of(url: str) -> Source | None:
    """Return the source that reads the page at an address; None if none does."""
    return next((source for source in SOURCES if source.matches(url)), None)


def address_of(url: str) -> str:
    """Return the address under which a source reads a page, from the one that any crawler wrote down.

    If no source reads the page, it is tried without its query, and with `www.` before the host.
    """
    found = canonical(url)
    host, slash, path = found.removeprefix("https://").partition("/")
    candidates = [f"https://{name}{slash}{path}" for name in (host, f"www.{host}")]
    candidates += [candidate.partition("?")[0] for candidate in candidates]
    return next((candidate for candidate in candidates if source_of(candidate)), found)
