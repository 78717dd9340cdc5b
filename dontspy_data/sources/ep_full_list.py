"""The sitting Members as XML, with labels in the page's language."""

import re
from collections.abc import Mapping

from dontspy_data.capture.captures import Page
from dontspy_data.model import codes
from dontspy_data.model.statements import Property, State, Statement
from dontspy_data.sources.documents import facts, persons_xml, unanswered
from dontspy_data.sources.endpoints import WWW, Endpoint, Form
from dontspy_data.sources.reading import Reading, drop_repeats
from dontspy_data.sources.values import party

NAME = "ep_full_list"
FULL_LIST = Endpoint("full_list", WWW, "", Form.XML, "application/xml", lists_people=True, needs="meps")
FIELDS = frozenset({"id", "fullName", "country", "politicalGroup", "nationalPoliticalGroup"})
PATTERN = re.compile(
    r"https://www\.europarl\.europa\.eu/meps/(?P<language>[a-z]{2})/full-list/xml/?(?:[a-z])?$"
)


def url(language: str = "en") -> str:
    """Address of the list."""
    return f"https://www.europarl.europa.eu/meps/{language}/full-list/xml"


def matches(url: str) -> bool:
    """Whether this source reads the page at this address."""
    return PATTERN.match(url) is not None


def read(page: Page) -> Reading:
    """What the page says; see `Source.read`."""
    return unanswered(page, NAME) or _read(page)


def _read(page: Page) -> Reading:
    persons = persons_xml(page, NAME, ("id", "fullName", "country", "politicalGroup"))
    return Reading(
        statements=drop_repeats(s for person in persons for s in _person(person, page)),
        unread=frozenset(name for person in persons for name in person) - FIELDS,
    )


def _person(person: Mapping[str, str], page: Page) -> list[Statement]:
    mep_id = int(person["id"])
    fact = facts(page, NAME)
    term = codes.term_on(page.retrieved_at.date())
    group, country = codes.group(person["politicalGroup"]), codes.country(person["country"])
    statements = [
        fact(mep_id, Property.NAME, person["fullName"]),
        fact(mep_id, Property.POLITICAL_GROUP, group, term=term, state=State.ONGOING),
        fact(mep_id, Property.MANDATE, country, term=term, state=State.ONGOING),
    ]
    if name := party(person.get("nationalPoliticalGroup", ""))[0]:
        statements.append(fact(mep_id, Property.NATIONAL_PARTY, name, term=term, state=State.ONGOING))
    return statements
