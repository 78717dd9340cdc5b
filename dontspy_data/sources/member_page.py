"""A Member's profile and histories on the Parliament's site: who it is, how to reach them, and their service.

The service consists of dated periods of one term, or of current seats.

The site sends the page of a former Member to the history of their last term, whichever address was
requested; so each page is read by its content.

The class names begin with `erpl_` or `es_`, depending on the year; only their ends are used. Office addresses,
telephones, activities, assistants and declarations are deliberately ignored.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any

from lxml import etree, html

from dontspy_data.capture.captures import Page
from dontspy_data.errors import OtherPersonError, PageError, UnknownCodeError
from dontspy_data.model import codes
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import Property, State
from dontspy_data.sources.documents import address, html_document, select, text_of, unanswered
from dontspy_data.sources.findings import Findings
from dontspy_data.sources.source import WWW, CollectScope, Form, Reading, Request, Source, website
from dontspy_data.sources.values import body_property, clean, day, email, http_address, party, whole_day

PROFILE = website("profile", form=Form.HTML, accept="text/html", leaf=True)
HISTORY = website("history", form=Form.HTML, accept="text/html", leaf=True)
MEP = rf"https://{re.escape(WWW)}/meps/[a-z]{{2}}/(?P<id>\d+)/[^/]+"
PROFILE_ADDRESS = re.compile(rf"{MEP}/home$")
HISTORY_ADDRESS = re.compile(rf"{MEP}/history/(?P<term>\d+)$")

GROUP_NAME, GROUP_ROLE = "sln-political-group-name", "sln-political-group-role"
FIELDS = {GROUP_NAME, GROUP_ROLE, "sln-member-name", "sln-birth-date", "sln-birth-place", "sln-death-date"}
BORN_OR_DIED = re.compile(
    r"Date of (?P<what>birth|death) ?: ?(?P<day>[^,]*?)(?: ?, ?(?P<place>.*?))?(?= Date of |$)"
)
ADDRESSES_WITH_ID = (
    ("link[rel='canonical']", "href", re.compile(r"/meps/[a-z]{2}/(\d+)(?:/|$)")),
    ("meta[property='og:url']", "content", re.compile(r"/meps/[a-z]{2}/(\d+)(?:/|$)")),
    ("#presentationmep img", "src", re.compile(r"/(\d+)\.(?:jpg|jpeg|png|webp)(?:\?|$)", re.IGNORECASE)),
    ("#presentationmep audio source", "src", re.compile(r"/mepaudio/(\d+)\.")),
)
"""Where a page of the site says whom it is about."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the header says other than the facts about the person, as printed.

    Attributes:
        group: name of the political group, now or last; empty on the page of a former Member.
        role: role in the group; empty if none is shown.
        country: name of the country represented, now or last.
        party: national party, now or last; None if none is shown.
        deceased: whether a date of death is shown.
        unread: names of fields that are neither used nor deliberately ignored.
    """

    group: str
    role: str
    country: str
    party: str | None
    deceased: bool
    unread: frozenset[str]


def check_person(document: html.HtmlElement, page: Page, source: str, mep_id: int) -> None:
    """Check that a page is about the person in its address.

    Raises:
        OtherPersonError: the page's own address, portrait or recording are somebody else's.
    """
    for selector, attribute, pattern in ADDRESSES_WITH_ID:
        for element in select(document, selector):
            match = pattern.search(element.get(attribute, ""))
            if match and int(match[1]) != mep_id:
                raise OtherPersonError(
                    source, page.url, f"a page about person {mep_id}", f"{selector}: {match.string[:200]}"
                )


def read_header(document: html.HtmlElement, found: Findings, mep_id: int) -> Header:
    """State what the header of a person's page says about the person, and return the rest.

    Raises:
        PageError: there is no such header.
        OtherPersonError: the page is about somebody else.
    """
    roots = select(document, "#presentationmep")
    if not roots:
        raise PageError(found.source, found.page.url, "the header #presentationmep")
    check_person(document, found.page, found.source, mep_id)
    root = roots[0]
    name = _first(root, ".sln-member-name", "[class*='_title-h1']")
    found.cell(mep_id, Property.NAME, name, expected="the name", required=True)
    country, _, rest = _first(root, "div[class*='_title-h3']").partition(" - ")
    deceased = _read_life(root, found, mep_id)
    _read_contacts(root, found, mep_id)
    return Header(
        group=_first(root, f".{GROUP_NAME}", "h3[class*='_title-h3']"),
        role=_group_role(root),
        country=country.removesuffix(" -"),
        party=party(rest)[0],
        deceased=deceased,
        unread=_fields(root) - FIELDS,
    )


def _first(element: html.HtmlElement, *selectors: str) -> str:
    """Return the text of the first element that one of the selectors finds and that has any; empty if none does."""
    texts = (text_of(found) for selector in selectors for found in select(element, selector))
    return clean(next(filter(None, texts), ""))


def _group_role(root: html.HtmlElement) -> str:
    """Return the role in the group: from its own field, in older layouts from the paragraph after the group's name."""
    if role := _first(root, f".{GROUP_ROLE}"):
        return role
    for heading in select(root, "h3[class*='_title-h3']"):
        following = heading.getnext()
        if following is not None and following.tag == "p" and not select(following, "time"):
            role = text_of(following)
            return "" if role.startswith("Date of") else role
    return ""


def _read_life(root: html.HtmlElement, found: Findings, mep_id: int) -> bool:
    """State days and place of birth and death, and return whether a day of death is shown."""
    state = partial(found.cell, mep_id)
    deceased = False
    for text in map(text_of, select(root, "p")):
        lines = list(BORN_OR_DIED.finditer(text))
        if text.startswith("Date of") and not lines:
            found.problem(ProblemKind.CELL, text[:80], "a line of birth or death", mep_id=mep_id)
        for line in lines:
            about = Property.BIRTH_DATE if line["what"] == "birth" else Property.DEATH_DATE
            deceased |= about is Property.DEATH_DATE
            state(about, line["day"], day, expected="a day as DD-MM-YYYY", required=True)
            if line["place"] and about is Property.BIRTH_DATE:
                state(Property.BIRTH_PLACE, line["place"])
    return deceased


def _read_contacts(root: html.HtmlElement, found: Findings, mep_id: int) -> None:
    kinds = {"link_email": Property.EMAIL, "link_website": Property.WEBSITE, **codes.networks("links")}
    for link in select(root, "a[class*='link_']"):
        kind = next((name for name in link.get("class", "").split() if name.startswith("link_")), None)
        if kind is None:
            continue
        address = link.get("href", "")
        about = kinds.get(kind, Property.OTHER_ACCOUNT)
        if about is Property.OTHER_ACCOUNT and http_address(address):
            about = codes.account(address)
        reader = email if about is Property.EMAIL else http_address
        found.cell(mep_id, about, address, reader, required=True)


def _fields(root: html.HtmlElement) -> frozenset[str]:
    """Return the site's own names of fields, which all begin with `sln-`."""
    classes = " ".join(element.get("class", "") for element in select(root, "[class*='sln-']"))
    return frozenset(name for name in classes.split() if name.startswith("sln-"))


ENGLISH = "en"
HEADING = re.compile(r"(\d{1,2})(?:st|nd|rd|th) parliamentary term")
HISTORY_LINK = re.compile(r"/history/(\d{1,2})(?!\d)")
ITEM = re.compile(
    r"(?P<start>\d\S{0,24}) ?(?:[/\u2013-] ?)?(?:(?P<end>\d\S{0,24})|\.\.\.|\u2026) ?[:\u2013] ?(?P<body>\S.*)"
)
GROUPS = "Political groups"
PARTIES = "National parties"
PARLIAMENT = "European Parliament"
MEMBER = "Member"
SECTIONS = "[class$='_meps-status-list'] [class$='_meps-status']"
HEADINGS = ", ".join(f"{place} h{level}" for place in ("#status", SECTIONS) for level in range(2, 7))


@dataclass(frozen=True, slots=True)
class DatedBody:
    """One line of the page: a body or a party, and when; `end` is None if it is ongoing."""

    section: str
    body: str
    start: str
    end: str | None

    @property
    def state(self) -> State:
        """Whether it has ended."""
        return State.ENDED if self.end else State.ONGOING


def profile_url(mep_id: int) -> str:
    """Return the address of a profile; the site accepts any word in place of the name."""
    return f"https://{WWW}/meps/en/{mep_id}/NAME/home"


def history_url(mep_id: int, term: int) -> str:
    """Return the address of a person's history in a term, likewise."""
    return f"https://{WWW}/meps/en/{mep_id}/NAME/history/{term}"


def read_profile(page: Page) -> Reading:
    """Return what a profile says; see `Source.read`. That of a former Member is the history of the last term."""
    return _read(page, "ep_profile", PROFILE_ADDRESS)


def read_history(page: Page) -> Reading:
    """Return what a history says; see `Source.read`. The page's heading takes precedence over its address."""
    return _read(page, "ep_history", HISTORY_ADDRESS)


def _read(page: Page, source: str, pattern: re.Pattern[str]) -> Reading:
    if (missing := unanswered(page, source)) is not None:
        return missing
    asked = address(page, pattern, source).groupdict()
    mep_id, term = int(asked["id"]), asked.get("term")
    document = html_document(page, source)
    found = Findings(page, source)
    header = read_header(document, found, mep_id)
    language = document.get("lang", ENGLISH)
    dated = select(document, f"#status li, {SECTIONS} li")
    if is_foreign := not language.startswith(ENGLISH):
        found.problem(ProblemKind.PAGE, f"language {language!r}", "a page in English, for bodies and roles")
    if not dated:
        _read_present(document, header, found, mep_id, with_roles=not is_foreign)
    elif not is_foreign:
        _read_history(document, header, found, mep_id, _term_of(document, term, page))
    return found.reading(unread=header.unread)


def _read_present(
    document: html.HtmlElement, header: Header, found: Findings, mep_id: int, *, with_roles: bool
) -> None:
    """State where a Member sits, or a former Member last sat: the terms in the page's menu tell when."""
    now = codes.term_on(found.page.retrieved_at.date())
    term = _last_term(document, now)
    state = State.ENDED if term != now or header.deceased else State.ONGOING
    when: dict[str, Any] = {"term": term, "state": state}
    found.cell(mep_id, Property.MANDATE, header.country, codes.country, required=True, **when)
    role, basis = found.role(mep_id, Property.POLITICAL_GROUP, header.role if with_roles else "", codes.role)
    expected = "a political group, or a history with dates"
    state_group = partial(found.cell, mep_id, Property.POLITICAL_GROUP, expected=expected, required=True)
    state_group(header.group, codes.group, basis=basis, role=role, **when)
    if header.party:
        found.state(mep_id, Property.NATIONAL_PARTY, header.party, **when)
    if with_roles:
        _read_bodies(document, found, mep_id, **when)


def _read_bodies(document: html.HtmlElement, found: Findings, mep_id: int, **period: Any) -> None:
    """State roles and the bodies they are held in."""
    for section in select(document, SECTIONS):
        with found.row(text_of(section)[:80], mep_id):
            heading = " ".join(map(text_of, select(section, "h2, h3, h4, h5, h6")))
            bodies = [
                text_of(body) or body.get("title", "")
                for body in select(section, ".badges [class$='_committee']")
            ]
            if not heading or not bodies or not all(bodies):
                raise PageError(found.source, found.page.url, "a role and its bodies", text_of(section)[:80])
            role, basis = found.role(mep_id, Property.OTHER_BODY, heading, codes.role)
            for body in bodies:
                found.state(mep_id, body_property(body), body, role=role, basis=basis, **period)


def _read_history(
    document: html.HtmlElement, header: Header, found: Findings, mep_id: int, term: int
) -> None:
    """State the periods of a term. The group in the header has no dates, and is ignored."""
    periods: list[DatedBody] = []
    sections = list(_sections(document))
    for section, items in sections:
        for text in map(text_of, items):
            with found.row(text, mep_id):
                period = _dated_body(section, text, found)
                _state_membership(found, mep_id, period, term)
                periods.append(period)
        if not items:
            found.problem(ProblemKind.ROW, section, f"a list under {section!r}", mep_id=mep_id)
    sat = [period for period in periods if period.section == GROUPS]
    if not sat:
        found.problem(ProblemKind.ROW, "", f"a list under {GROUPS!r}", mep_id=mep_id)
    countries = {party(period.body)[1] for period in periods if period.section == PARTIES} - {None}
    country = countries.pop() if len(countries) == 1 else header.country
    state = partial(
        found.cell, mep_id, Property.MANDATE, country or "", codes.country, required=True, term=term
    )
    if sat and len(sat) == sum(len(items) for section, items in sections if section == GROUPS):
        for run in _runs(sat):
            state(start_date=run.start, end_date=run.end, state=run.state)
    else:  # an unreadable period would leave a gap in the mandate
        state(state=State.UNKNOWN)


def _sections(document: html.HtmlElement) -> Iterator[tuple[str, Sequence[etree._Element]]]:
    """Yield headings and the lines under them."""
    for heading in select(document, HEADINGS):
        yield text_of(heading), heading.xpath("following-sibling::ul[1]/li")


def _dated_body(section: str, text: str, found: Findings) -> DatedBody:
    match = ITEM.fullmatch(text)
    start = whole_day(match["start"]) if match else None
    end = whole_day(match["end"]) if match and match["end"] else None
    if match is None or start is None or (match["end"] and (end is None or end < start)):
        raise PageError(found.source, found.page.url, f"a period and a body under {section!r}", text)
    return DatedBody(section, match["body"], start, end)


def _state_membership(found: Findings, mep_id: int, period: DatedBody, term: int) -> None:
    """State what a line is about, its value and the role held."""
    state = partial(
        found.cell, mep_id, term=term, start_date=period.start, end_date=period.end, state=period.state
    )
    if period.section == GROUPS:
        name, printed = _group_and_role(period.body)
        role, basis = found.role(mep_id, Property.POLITICAL_GROUP, printed, codes.role)
        state(Property.POLITICAL_GROUP, name, codes.group, basis=basis, role=role)
    elif period.section == PARTIES:
        state(Property.NATIONAL_PARTY, party(period.body)[0] or "")
    elif (period.body, period.section) != (PARLIAMENT, MEMBER):  # which is the mandate
        about = body_property(period.body)
        role, basis = found.role(mep_id, about, period.section, codes.role)
        state(about, period.body, basis=basis, role=role)


def _group_and_role(text: str) -> tuple[str, str]:
    """Return a group's name and the role in it, from `Name - Role`; names may also contain ` - `."""
    name, _, role = text.rpartition(" - ")
    for group, rest in ((text, ""), (name, role)):
        try:
            codes.group(group)
        except UnknownCodeError:
            continue
        return group, rest
    try:
        codes.role(role)
    except UnknownCodeError:
        return text, ""
    return name, role


def _runs(periods: Iterable[DatedBody]) -> list[DatedBody]:
    """Return periods joined where one starts on the day after another ends, or earlier."""
    runs: list[DatedBody] = []
    for period in sorted(periods, key=lambda period: (period.start, period.end or "9")):
        last = runs[-1] if runs else None
        if last is None or (last.end is not None and period.start > _day_after(last.end)):
            runs.append(period)
        elif last.end is not None and (period.end is None or period.end > last.end):
            runs[-1] = DatedBody(last.section, last.body, last.start, period.end)
    return runs


def _day_after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def _term_of(document: html.HtmlElement, asked: str | None, page: Page) -> int:
    """Return the term of a history: from its heading, else its address, else the last that it links to."""
    headings = " ".join(text_of(heading) for heading in select(document, "h1, title"))
    if match := HEADING.search(headings):
        return int(match[1])
    return int(asked) if asked else _last_term(document, codes.term_on(page.retrieved_at.date()))


def _last_term(document: html.HtmlElement, now: int) -> int:
    links = " ".join(link.get("href", "") for link in select(document, "a[href*='/history/']"))
    return max((int(term) for term in HISTORY_LINK.findall(links)), default=now)


def profiles(mep_id: int, _: CollectScope) -> Iterator[Request]:
    """Yield the request for a person's profile."""
    yield Request(PROFILE, profile_url(mep_id), mep_id)


def histories(mep_id: int, scope: CollectScope) -> Iterator[Request]:
    """Yield the request for a person's history in each term that is wanted."""
    return (Request(HISTORY, history_url(mep_id, term), mep_id) for term in scope.terms if term)


EP_PROFILE = Source(
    "ep_profile",
    "Member's profile page",
    (PROFILE,),
    PROFILE_ADDRESS,
    read_profile,
    pages=profiles,
    stands_in=True,
)
EP_HISTORY = Source(
    "ep_history", "Member's history page", (HISTORY,), HISTORY_ADDRESS, read_history, pages=histories
)
