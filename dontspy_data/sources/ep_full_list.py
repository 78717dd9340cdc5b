"""The sitting Members as XML, with labels in the page's language."""

import re
from collections.abc import Iterator

from dontspy_data.capture.captures import Page
from dontspy_data.sources.documents import persons_xml, state_sitting, unanswered, xml_list_links
from dontspy_data.sources.findings import Findings
from dontspy_data.sources.source import CollectScope, Form, Reading, Request, Source, website

NAME = "ep_full_list"
FULL_LIST = website("full_list", form=Form.XML, accept="application/xml", lists_people=True, needs="meps")
PRINTED = ("fullName", "politicalGroup", "country", "nationalPoliticalGroup")
PATTERN = re.compile(
    r"https://www\.europarl\.europa\.eu/meps/(?P<language>[a-z]{2})/full-list/xml/?(?:[a-z])?$"
)


def url(language: str = "en") -> str:
    """Return the address of the list."""
    return f"https://www.europarl.europa.eu/meps/{language}/full-list/xml"


def read(page: Page) -> Reading:
    """Read the page; see `Source.read`."""
    if (missing := unanswered(page, NAME)) is not None:
        return missing
    found = Findings(page, NAME)
    persons = persons_xml(found)
    for mep_id, person in persons:
        name, group, country, party = (person.get(field, "") for field in PRINTED)
        state_sitting(found, mep_id, name, group, country, party)
    return found.reading(
        unread=frozenset(name for _, person in persons for name in person) - {"id", *PRINTED}
    )


def lists(scope: CollectScope) -> Iterator[Request]:
    """Yield the request for the list, where those who sit now are wanted."""
    if scope.has_current_term:
        yield Request(FULL_LIST, url())


def is_roster(_: Page) -> bool:
    """Return True: the list has everybody who sits."""
    return True


SOURCE = Source(
    NAME,
    "Parliament's full list of Members",
    (FULL_LIST,),
    PATTERN,
    read,
    lists=lists,
    links=xml_list_links,
    is_roster=is_roster,
    stands_in=True,
)
