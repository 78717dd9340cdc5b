"""Everyone who sat in a term, as XML: names and ids, nothing else."""

import re

from dontspy_data.capture.captures import Page
from dontspy_data.model.statements import Property
from dontspy_data.sources.documents import address, facts, persons_xml, unanswered
from dontspy_data.sources.endpoints import WWW, Endpoint, Form
from dontspy_data.sources.reading import Reading, drop_repeats

NAME = "ep_directory"
DIRECTORY = Endpoint("directory", WWW, "", Form.XML, "application/xml", lists_people=True, needs="meps")
FIELDS = frozenset({"id", "fullName"})
PATTERN = re.compile(
    r"https://www\.europarl\.europa\.eu/meps/(?P<language>[a-z]{2})/directory/xml/?\?leg=(?P<term>\d+)$"
)


def url(term: int) -> str:
    """Address of a term's directory."""
    return f"https://www.europarl.europa.eu/meps/en/directory/xml/?leg={term}"


def matches(url: str) -> bool:
    """Whether this source reads the page at this address."""
    return PATTERN.match(url) is not None


def read(page: Page) -> Reading:
    """What the page says; see `Source.read`."""
    return unanswered(page, NAME) or _read(page)


def _read(page: Page) -> Reading:
    term = int(address(page, PATTERN, NAME)["term"])
    persons = persons_xml(page, NAME, ("id", "fullName"))
    fact = facts(page, NAME)
    statements = []
    for person in persons:
        mep_id = int(person["id"])
        statements.append(fact(mep_id, Property.NAME, person["fullName"]))
        statements.append(fact(mep_id, Property.TERM, str(term), term=term))
    return Reading(
        statements=drop_repeats(statements),
        unread=frozenset(name for person in persons for name in person) - FIELDS,
    )
