"""The sitting Members as XML, with labels in the page's language."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dontspy_data.capture.captures import Page
from dontspy_data.model import codes
from dontspy_data.model.statements import Property, State
from dontspy_data.sources.documents import persons_xml, unanswered, xml_list_links
from dontspy_data.sources.endpoints import WWW, WWW_PER_SECOND, Endpoint, Form, Request
from dontspy_data.sources.findings import Findings
from dontspy_data.sources.source import CollectScope, Reading, Source
from dontspy_data.sources.values import party_name

NAME = "ep_full_list"
FULL_LIST = Endpoint(
    "full_list",
    WWW,
    "",
    Form.XML,
    "application/xml",
    lists_people=True,
    needs="meps",
    per_second=WWW_PER_SECOND,
)
FIELDS = frozenset({"id", "fullName", "country", "politicalGroup", "nationalPoliticalGroup"})
PATTERN = re.compile(
    r"https://www\.europarl\.europa\.eu/meps/(?P<language>[a-z]{2})/full-list/xml/?(?:[a-z])?$"
)


def url(language: str = "en") -> str:
    """Return the address of the list."""
    return f"https://www.europarl.europa.eu/meps/{language}/full-list/xml"


def matches(url: str) -> bool:
    """Return whether this source reads the page at this address."""
    return PATTERN.match(url) is not None


def read(page: Page) -> Reading:
    """Read the page; see `Source.read`."""
    return unanswered(page, NAME) or _read(page)


def _read(page: Page) -> Reading:
    found = Findings(page, NAME)
    persons = persons_xml(found)
    for mep_id, person in persons:
        _person(found, mep_id, person)
    return found.reading(unread=frozenset(name for _, person in persons for name in person) - FIELDS)


def _person(found: Findings, mep_id: int, person: Mapping[str, str]) -> None:
    now: dict[str, Any] = {"term": codes.term_on(found.page.retrieved_at.date()), "state": State.ONGOING}
    group, country = person.get("politicalGroup", ""), person.get("country", "")
    found.cell(mep_id, Property.NAME, person.get("fullName", ""), required=True)
    found.cell(mep_id, Property.POLITICAL_GROUP, group, codes.group, required=True, **now)
    found.cell(mep_id, Property.MANDATE, country, codes.country, required=True, **now)
    found.cell(mep_id, Property.NATIONAL_PARTY, person.get("nationalPoliticalGroup", ""), party_name, **now)


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
    matches,
    read,
    lists=lists,
    links=xml_list_links,
    is_roster=is_roster,
    stands_in=True,
)
