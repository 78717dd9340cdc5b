"""A Member's history of parliamentary service in one term, on the Parliament's site."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from lxml import etree, html

from dontspy_data.capture.captures import Page
from dontspy_data.errors import PageError, UnknownCodeError
from dontspy_data.model import codes
from dontspy_data.model.statements import Property, State
from dontspy_data.sources.documents import address, facts, html_document, select, text_of, unanswered
from dontspy_data.sources.endpoints import WWW, WWW_PER_SECOND, Endpoint, Form, Request
from dontspy_data.sources.header import read_header
from dontspy_data.sources.reading import Reading, drop_repeats
from dontspy_data.sources.source import CollectScope, Source
from dontspy_data.sources.values import body_property, iso_day, party

NAME = "ep_history"
HISTORY = Endpoint("history", WWW, "", Form.HTML, "text/html", leaf=True, per_second=WWW_PER_SECOND)
PATTERN = re.compile(
    r"https://www\.europarl\.europa\.eu/meps/(?P<language>[a-z]{2})/(?P<id>\d+)/[^/]+/history/(?P<term>\d+)$"
)
ITEM = re.compile(r"(?P<start>\S+) (?:/ )?(?:(?P<end>\d\S*)|\.\.\.) ?: (?P<body>.+)")
GROUPS = "Political groups"
PARTIES = "National parties"


@dataclass(frozen=True, slots=True)
class HistoryPeriod:
    """One line of the page: a body, or a party, and when; `end` is None where it goes on."""

    section: str
    body: str
    start: str
    end: str | None

    @property
    def state(self) -> State:
        """Whether it has ended."""
        return State.ENDED if self.end else State.ONGOING


def url(mep_id: int, term: int) -> str:
    """Address of a person's history in a term; the site accepts any word where the name stands."""
    return f"https://www.europarl.europa.eu/meps/en/{mep_id}/NAME/history/{term}"


def matches(url: str) -> bool:
    """Whether this source reads the page at this address."""
    return PATTERN.match(url) is not None


def read(page: Page) -> Reading:
    """What the page says; see `Source.read`. The group in the header has no dates, and is left."""
    return unanswered(page, NAME) or _read(page)


def _read(page: Page) -> Reading:
    match = address(page, PATTERN, NAME)
    mep_id, term = int(match["id"]), int(match["term"])
    document = html_document(page, NAME)
    header = read_header(document, page, NAME, mep_id)
    _check_term(document, page, term)
    periods = _periods(document, page)
    sat = [period for period in periods if period.section == GROUPS]
    if not sat:
        raise PageError(NAME, page.url, f"a list under {GROUPS!r}")
    countries = {party(p.body)[1] for p in periods if p.section == PARTIES} - {None}
    country = countries.pop() if len(countries) == 1 else None
    fact = facts(page, NAME)
    mandates = [
        fact(
            mep_id,
            Property.MANDATE,
            country or header.country,
            term=term,
            start_date=run.start,
            end_date=run.end,
            state=run.state,
        )
        for run in _runs(sat)
    ]
    memberships = []
    for period in periods:
        about, value, role = _membership(period)
        if value:
            memberships.append(
                fact(
                    mep_id,
                    about,
                    value,
                    term=term,
                    role=role,
                    start_date=period.start,
                    end_date=period.end,
                    state=period.state,
                )
            )
    return Reading(
        statements=drop_repeats((*header.statements, *mandates, *memberships)),
        unread=header.unread,
        notes=header.notes,
    )


def _check_term(document: html.HtmlElement, page: Page, term: int) -> None:
    headings = [text_of(heading) for heading in select(document, "h1")]
    if not any(re.match(rf"{term}(st|nd|rd|th) parliamentary term", heading) for heading in headings):
        raise PageError(NAME, page.url, f"the heading of term {term} (headings: {headings})")


def _periods(document: html.HtmlElement, page: Page) -> list[HistoryPeriod]:
    periods: list[HistoryPeriod] = []
    for heading in select(document, "#status h4"):
        section = text_of(heading)
        items = heading.xpath("following-sibling::ul[1]/li")
        if not items:
            raise PageError(NAME, page.url, f"a list under {section!r}")
        periods.extend(_period(section, item, page) for item in items)
    return periods


def _period(section: str, item: etree._Element, page: Page) -> HistoryPeriod:
    text = text_of(item)
    match = ITEM.fullmatch(text)
    start = iso_day(match["start"]) if match else None
    end = iso_day(match["end"]) if match and match["end"] else None
    if match is None or start is None or (match["end"] and end is None):
        raise PageError(NAME, page.url, f"a period and a body in {text!r} under {section!r}")
    return HistoryPeriod(section, match["body"], start, end)


def _membership(period: HistoryPeriod) -> tuple[Property, str | None, str | None]:
    """What a line is about, its value and the role held."""
    if period.section == GROUPS:
        return Property.POLITICAL_GROUP, *_group(period.body)
    if period.section == PARTIES:
        return Property.NATIONAL_PARTY, party(period.body)[0], None
    return body_property(period.body), period.body, period.section


def _group(text: str) -> tuple[str, str | None]:
    """A group's code and the role in it, from `Name - Role`, where names have ` - ` inside, too."""
    name, dash, role = text.rpartition(" - ")
    try:
        return codes.group(text), None
    except UnknownCodeError:
        if not dash:
            raise
        return codes.group(name), role


def _runs(periods: Iterable[HistoryPeriod]) -> list[HistoryPeriod]:
    """Periods joined where one starts on the day after another ends, or earlier."""
    runs: list[HistoryPeriod] = []
    for period in sorted(periods, key=lambda period: (period.start, period.end or "9")):
        last = runs[-1] if runs else None
        if last is None or (last.end is not None and period.start > _day_after(last.end)):
            runs.append(period)
        elif last.end is not None and (period.end is None or period.end > last.end):
            runs[-1] = HistoryPeriod(last.section, last.body, last.start, period.end)
    return runs


def _day_after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def pages(mep_id: int, scope: CollectScope) -> Iterator[Request]:
    """Yield the request for a person's history in each term that is wanted."""
    return (Request(HISTORY, url(mep_id, term), mep_id) for term in scope.terms if term)


SOURCE = Source(NAME, "Member's history page", (HISTORY,), matches, read, pages=pages)
