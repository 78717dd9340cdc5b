"""A Member's public profile page on the Parliament's site."""

import re
from collections.abc import Iterator

from lxml import html

from dontspy_data.capture.captures import Page
from dontspy_data.errors import PageError
from dontspy_data.model import codes
from dontspy_data.model.statements import Property, State
from dontspy_data.sources.documents import address, facts, html_document, select, text_of, unanswered
from dontspy_data.sources.endpoints import WWW, WWW_PER_SECOND, Endpoint, Form, Request
from dontspy_data.sources.header import Header, read_header
from dontspy_data.sources.reading import Reading, drop_repeats
from dontspy_data.sources.source import CollectScope, Source
from dontspy_data.sources.values import body_property

NAME = "ep_profile"
PROFILE = Endpoint("profile", WWW, "", Form.HTML, "text/html", leaf=True, per_second=WWW_PER_SECOND)
PATTERN = re.compile(r"https://www\.europarl\.europa\.eu/meps/(?P<language>[a-z]{2})/(?P<id>\d+)/[^/]+/home$")
HISTORY_LINK = re.compile(r"/history/(\d{1,2})(?!\d)")


def url(mep_id: int) -> str:
    """Address of a profile; the site accepts any word where the name stands."""
    return f"https://www.europarl.europa.eu/meps/en/{mep_id}/NAME/home"


def matches(url: str) -> bool:
    """Whether this source reads the page at this address."""
    return PATTERN.match(url) is not None


def read(page: Page) -> Reading:
    """What the page says; see `Source.read`."""
    return unanswered(page, NAME) or _read(page)


def _read(page: Page) -> Reading:
    mep_id = int(address(page, PATTERN, NAME)["id"])
    document = html_document(page, NAME)
    header = read_header(document, page, NAME, mep_id)
    term, state = _sits(document, page, header)
    fact = facts(page, NAME)
    sits = [
        fact(mep_id, Property.MANDATE, header.country, term=term, state=state),
        fact(mep_id, Property.POLITICAL_GROUP, header.group, role=header.role, term=term, state=state),
    ]
    if header.party:
        sits.append(fact(mep_id, Property.NATIONAL_PARTY, header.party, term=term, state=state))
    roles = [
        fact(mep_id, body_property(body), body, role=role, term=term, state=state)
        for role, body in _bodies(document, page)
    ]
    return Reading(
        statements=drop_repeats((*header.statements, *sits, *roles)), unread=header.unread, notes=header.notes
    )


def _sits(document: html.HtmlElement, page: Page, header: Header) -> tuple[int, State]:
    """The term that the page speaks of, and whether it goes on.

    The page of a former Member shows what was so last; the terms in its menu tell when that was.
    """
    now = codes.term_on(page.retrieved_at.date())
    links = " ".join(link.get("href", "") for link in select(document, "a[href*='/history/']"))
    last = max((int(term) for term in HISTORY_LINK.findall(links)), default=now)
    return last, State.ENDED if last != now or header.deceased else State.ONGOING


def _bodies(document: html.HtmlElement, page: Page) -> list[tuple[str, str]]:
    """Roles and the bodies they are held in."""
    found: list[tuple[str, str]] = []
    for section in select(document, "[class$='_meps-status-list'] [class$='_meps-status']"):
        role = " ".join(text_of(heading) for heading in select(section, "h4"))
        bodies = [text_of(body) for body in select(section, ".badges [class$='_committee']")]
        if not role or not bodies or not all(bodies):
            raise PageError(NAME, page.url, f"the bodies of a role (read: {text_of(section)[:80]!r})")
        found.extend((role, body) for body in bodies)
    return found


def pages(mep_id: int, _: CollectScope) -> Iterator[Request]:
    """Yield the request for a person's profile."""
    yield Request(PROFILE, url(mep_id), mep_id)


SOURCE = Source(NAME, "Member's profile page", (PROFILE,), matches, read, pages=pages, stands_in=True)
