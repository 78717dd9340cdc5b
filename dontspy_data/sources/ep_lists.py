"""Lists of Members on the Parliament's site: the search of one member state, the full list, and a term's directory.

The search shows sitting Members, one page per member state, and needs no JavaScript. The other two are XML: sitting
Members, with labels in the page's language, and everybody who sat in a term, with only names and ids.
"""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from lxml import html

from dontspy_data.capture.captures import Page
from dontspy_data.errors import PageError
from dontspy_data.model import codes
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import Property, State
from dontspy_data.sources.documents import (
    address,
    country_of,
    html_document,
    select,
    text_of,
    unanswered,
    xml_document,
)
from dontspy_data.sources.findings import Findings
from dontspy_data.sources.source import (
    NO_LINKS,
    WWW,
    CollectScope,
    Form,
    Links,
    Person,
    Reading,
    Request,
    Source,
    website,
)
from dontspy_data.sources.values import http_address, party_name, person_id

MEPS = rf"https://{re.escape(WWW)}/meps/[a-z]{{2}}"
SEARCH = website("search", form=Form.HTML, accept="text/html", lists_people=True)
_xml_list = partial(website, form=Form.XML, accept="application/xml", lists_people=True, needs="meps")
FULL_LIST, DIRECTORY = _xml_list("full_list"), _xml_list("directory")
SEARCH_ADDRESS = re.compile(rf"{MEPS}/search/advanced\?(?:.*&)?countryCode=(?P<country>[A-Z]{{2}})(?:&|$)")
FULL_LIST_ADDRESS = re.compile(rf"{MEPS}/full-list/xml/?(?:[a-z])?$")
DIRECTORY_ADDRESS = re.compile(rf"{MEPS}/directory/xml/?\?leg=(?P<term>\d+)$")

RESULTS = re.compile(r"\D*(\d+)\D*")
BLOCK = "member-block-"
PROFILE_HREF = re.compile(rb"/meps/[a-z]{2}/([1-9]\d{0,8})(?:[/\"'?#]|$)")
PRINTED = ("fullName", "politicalGroup", "country", "nationalPoliticalGroup")
OF_DIRECTORY = frozenset({"id", "fullName"})


def search_url(country: str) -> str:
    """Return the address of the search for a member state, by ISO 3166-1 alpha-2 code."""
    return (
        f"https://{WWW}/meps/en/search/advanced"
        f"?name=&euPoliticalGroupBodyRefNum=&countryCode={country}&bodyType=ALL"
    )


def full_list_url(language: str = "en") -> str:
    """Return the address of the full list."""
    return f"https://{WWW}/meps/{language}/full-list/xml"


def directory_url(term: int) -> str:
    """Return the address of a term's directory."""
    return f"https://{WWW}/meps/en/directory/xml/?leg={term}"


def read_search(page: Page) -> Reading:
    """Read the search of a member state; see `Source.read`."""
    if (missing := unanswered(page, "ep_search")) is not None:
        return missing
    found = Findings(page, "ep_search")
    document = html_document(page, found.source)
    headings = " ".join(text_of(heading) for heading in select(document, "#resultsContainer h2"))
    results = RESULTS.fullmatch(headings)
    blocks = select(document, f"[id^='{BLOCK}']")
    if results is None and not blocks:
        raise PageError(found.source, page.url, "the number of results", f"heading: {headings!r}")
    if results is None or str(len(blocks)) != results[1]:
        found.problem(ProblemKind.ROW, f"{len(blocks)} persons", f"as many persons as in {headings!r}")
    elif not blocks:
        found.note("a page that says there is no result", page.url)
    for block in blocks:
        with found.row(text_of(block)):
            _read_block(found, block)
    return found.reading()


def _read_block(found: Findings, block: html.HtmlElement) -> None:
    mep_id = person_id(block.get("id", "").removeprefix(BLOCK))
    if mep_id is None:
        raise PageError(
            found.source, found.page.url, "a person's number in the id of a block", block.get("id", "")
        )
    name = " ".join(text_of(name) for name in select(block, ".t-item"))
    printed = [text_of(line) for line in select(block, ".sln-additional-info")]
    group, country, party, *more = [*printed, "", "", ""]
    _state_sitting(found, mep_id, name, group, country, party)
    for image in select(block, "img[src*='/mepphoto/']"):
        found.cell(mep_id, Property.PORTRAIT_URL, image.get("src", ""), http_address)
    if any(more):
        raise PageError(
            found.source, found.page.url, "a group, a country and a party of a person, and no more"
        )


def _state_sitting(found: Findings, mep_id: int, name: str, group: str, country: str, party: str) -> None:
    """State what a list of sitting Members prints about one of them."""
    now: dict[str, Any] = {"term": codes.term_on(found.page.retrieved_at.date()), "state": State.ONGOING}
    found.cell(mep_id, Property.NAME, name, required=True)
    found.cell(mep_id, Property.POLITICAL_GROUP, group, codes.group, required=True, **now)
    found.cell(mep_id, Property.MANDATE, country, codes.country, required=True, **now)
    found.cell(mep_id, Property.NATIONAL_PARTY, party, party_name, **now)


def read_full_list(page: Page) -> Reading:
    """Read the full list; see `Source.read`."""
    if (missing := unanswered(page, "ep_full_list")) is not None:
        return missing
    found = Findings(page, "ep_full_list")
    persons = persons_xml(found)
    for mep_id, person in persons:
        name, group, country, party = (person.get(field, "") for field in PRINTED)
        _state_sitting(found, mep_id, name, group, country, party)
    return found.reading(
        unread=frozenset(name for _, person in persons for name in person) - {"id", *PRINTED}
    )


def read_directory(page: Page) -> Reading:
    """Read a term's directory; see `Source.read`."""
    if (missing := unanswered(page, "ep_directory")) is not None:
        return missing
    found = Findings(page, "ep_directory")
    term = int(address(page, DIRECTORY_ADDRESS, found.source)["term"])
    persons = persons_xml(found)
    for mep_id, person in persons:
        found.state(mep_id, Property.TERM, str(term), term=term)
        found.cell(mep_id, Property.NAME, person.get("fullName", ""), required=True)
    return found.reading(unread=frozenset(name for _, person in persons for name in person) - OF_DIRECTORY)


def persons_xml(found: Findings) -> list[tuple[int, dict[str, str]]]:
    """Return the persons of an XML list: the number of each, and text by element name.

    The list is `<meps><mep><id>…</id><fullName>…</fullName>…</mep>…</meps>`. A person without a number is a problem;
    the others are returned.

    Raises:
        PageError: it is not such a list, or it lists nobody.
    """
    page, source = found.page, found.source
    root = xml_document(page, source)
    if root.tag != "meps":
        raise PageError(source, page.url, "the element <meps>", f"the root is <{root.tag}>")
    persons: list[tuple[int, dict[str, str]]] = []
    for person in root.iterchildren("mep"):
        fields = {str(field.tag): text_of(field) for field in person.iterchildren("*")}
        with found.row(str(fields)):
            mep_id = person_id(fields.get("id", ""))
            if mep_id is None:
                raise PageError(source, page.url, "an id in digits of a person")
            persons.append((mep_id, fields))
    if not persons:
        raise PageError(source, page.url, "any person")
    return persons


def search_lists(scope: CollectScope) -> Iterator[Request]:
    """Yield a request for each wanted country, or for each that elects Members now."""
    if scope.has_current_term:
        wanted = scope.countries or {country for country, seats in codes.country_seats().items() if seats}
        yield from (Request(SEARCH, search_url(country), is_filtered=True) for country in sorted(wanted))


def full_lists(scope: CollectScope) -> Iterator[Request]:
    """Yield the request for the full list, if sitting Members are wanted."""
    if scope.has_current_term:
        yield Request(FULL_LIST, full_list_url())


def directories(scope: CollectScope) -> Iterator[Request]:
    """Yield the request for each term's directory."""
    return (Request(DIRECTORY, directory_url(term)) for term in scope.terms if term)


def search_links(_: Request, page: Page) -> Links:
    """Return everybody whose profile the page links to."""
    ids = sorted({int(mep_id) for mep_id in PROFILE_HREF.findall(page.body)})
    return Links(people=tuple(Person(mep_id) for mep_id in ids))


def xml_links(_: Request, page: Page) -> Links:
    """Return everybody on an XML list, with the country if it gives a known one."""
    try:
        persons = persons_xml(Findings(page, ""))
    except PageError:
        return NO_LINKS
    return Links(tuple(Person(mep_id, country_of(fields.get("country"))) for mep_id, fields in persons))


EP_SEARCH = Source(
    "ep_search",
    "Parliament's Member search",
    (SEARCH,),
    SEARCH_ADDRESS,
    read_search,
    lists=search_lists,
    links=search_links,
    stands_in=True,
)
EP_FULL_LIST = Source(
    "ep_full_list",
    "Parliament's full list of Members",
    (FULL_LIST,),
    FULL_LIST_ADDRESS,
    read_full_list,
    lists=full_lists,
    links=xml_links,
    is_roster=lambda _: True,
    stands_in=True,
)
EP_DIRECTORY = Source(
    "ep_directory",
    "Parliament's directory of a term",
    (DIRECTORY,),
    DIRECTORY_ADDRESS,
    read_directory,
    lists=directories,
    links=xml_links,
    knows_country=False,
    stands_in=True,
)
