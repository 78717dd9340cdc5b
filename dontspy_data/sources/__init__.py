"""Sources: one module each, a pure `read(page)` and the addresses of its pages.

`collect/`, `site/labels.py`, the schemas and the sample's scripts name sources too; CONTRIBUTING.md says what to delete
with one.
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
from dontspy_data.sources.reading import Source

SOURCES: tuple[Source, ...] = (
    ep_api,
    ep_profile,
    ep_history,
    ep_search,
    ep_full_list,
    ep_directory,
    ep_csv,
    wikidata,
    portraits,
)
"""Every source, most trusted first."""

ENDPOINTS: tuple[Endpoint, ...] = (
    ep_api.CURRENT,
    ep_api.ROSTER,
    ep_full_list.FULL_LIST,
    ep_directory.DIRECTORY,
    ep_search.SEARCH,
    ep_api.DETAILS,
    ep_api.BODY,
    ep_profile.PROFILE,
    ep_history.HISTORY,
    ep_csv.DATASET,
    ep_csv.CSV,
    wikidata.ITEMS,
    portraits.PORTRAIT,
)
"""Every endpoint, in the order in which a summary names them."""


def source_of(url: str) -> Source | None:
    """The source that reads the page at an address; None where none does."""
    return next((source for source in SOURCES if source.matches(url)), None)
