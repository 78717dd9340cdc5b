"""Everyone who sat in a term, as XML: names and ids, nothing else."""

import re
from collections.abc import Iterator

from dontspy_data.capture.captures import Page
from dontspy_data.model.statements import Property
from dontspy_data.sources.documents import address, persons_xml, unanswered, xml_list_links
from dontspy_data.sources.findings import Findings
from dontspy_data.sources.source import CollectScope, Form, Reading, Request, Source, website

NAME = "ep_directory"
DIRECTORY = website("directory", form=Form.XML, accept="application/xml", lists_people=True, needs="meps")
FIELDS = frozenset({"id", "fullName"})
PATTERN = re.compile(
    r"https://www\.europarl\.europa\.eu/meps/(?P<language>[a-z]{2})/directory/xml/?\?leg=(?P<term>\d+)$"
)


def url(term: int) -> str:
    """Return the address of a term's directory."""
    return f"https://www.europarl.europa.eu/meps/en/directory/xml/?leg={term}"


def read(page: Page) -> Reading:
    """Read the page; see `Source.read`."""
    if (missing := unanswered(page, NAME)) is not None:
        return missing
    term = int(address(page, PATTERN, NAME)["term"])
    found = Findings(page, NAME)
    persons = persons_xml(found)
    for mep_id, person in persons:
        found.state(mep_id, Property.TERM, str(term), term=term)
        found.cell(mep_id, Property.NAME, person.get("fullName", ""), required=True)
    return found.reading(unread=frozenset(name for _, person in persons for name in person) - FIELDS)


def lists(scope: CollectScope) -> Iterator[Request]:
    """Yield the request for each term's directory."""
    return (Request(DIRECTORY, url(term)) for term in scope.terms if term)


SOURCE = Source(
    NAME,
    "Parliament's directory of a term",
    (DIRECTORY,),
    PATTERN,
    read,
    lists=lists,
    links=xml_list_links,
    knows_country=False,
    stands_in=True,
)
