"""Sources: one object each, which says how it is asked, what its pages lead to and what they say.

`SOURCES` is the one list of them. Collecting, reading, trust, labels and the schemas' categories follow from it.
"""

from dontspy_data.sources import (
    ep_api,
    ep_csv,
    ep_directory,
    ep_full_list,
    ep_history,
    ep_profile,
    ep_search,
    portraits,
    wikidata,
)
from dontspy_data.sources.endpoints import Endpoint
from dontspy_data.sources.source import Source

SOURCES: tuple[Source, ...] = (
    ep_api.SOURCE,
    ep_profile.SOURCE,
    ep_history.SOURCE,
    ep_search.SOURCE,
    ep_full_list.SOURCE,
    ep_directory.SOURCE,
    ep_csv.SOURCE,
    wikidata.SOURCE,
    portraits.SOURCE,
)
"""Every source, most trusted first."""

SOURCE_OF: dict[Endpoint, Source] = {endpoint: source for source in SOURCES for endpoint in source.endpoints}
"""The source that each endpoint belongs to, in the order in which a summary names endpoints."""


def source_of(url: str) -> Source | None:
    """Return the source that reads the page at an address; None if none does."""
    return next((source for source in SOURCES if source.matches(url)), None)
