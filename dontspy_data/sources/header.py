"""What stands above every page of a Member on the Parliament's site: who it is, and how to reach them.

The class names begin with `erpl_` or `es_`, by the year; only the ends are relied on. Below it, office
addresses, telephones, activities, assistants and declarations are knowingly left.
"""

import re
from dataclasses import dataclass
from functools import partial

from lxml import html

from dontspy_data.capture.captures import Page
from dontspy_data.errors import OtherPersonError, PageError
from dontspy_data.model import codes
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import Property
from dontspy_data.sources.documents import select, text_of
from dontspy_data.sources.findings import Findings
from dontspy_data.sources.values import clean, day, email, party, web_address

LINKS = {
    "link_email": Property.EMAIL,
    "link_website": Property.WEBSITE,
    "link_fb": Property.FACEBOOK,
    "link_instagram": Property.INSTAGRAM,
    "link_linkedin": Property.LINKEDIN,
    "link_twitt": Property.X,
    "link_youtube": Property.YOUTUBE,
}
FIELDS = frozenset(
    {
        "sln-member-name",
        "sln-political-group-name",
        "sln-political-group-role",
        "sln-birth-date",
        "sln-birth-place",
        "sln-death-date",
    }
)
BORN_OR_DIED = re.compile(
    r"Date of (?P<what>birth|death) ?: ?(?P<day>[^,]*?)(?: ?, ?(?P<place>.*?))?(?= Date of |$)"
)
ADDRESSES_WITH_ID = (
    ("link[rel='canonical']", "href", re.compile(r"/meps/[a-z]{2}/(\d+)(?:/|$)")),
    ("meta[property='og:url']", "content", re.compile(r"/meps/[a-z]{2}/(\d+)(?:/|$)")),
    ("#presentationmep img", "src", re.compile(r"/(\d+)\.(?:jpg|jpeg|png|webp)(?:\?|$)", re.IGNORECASE)),
    ("#presentationmep audio source", "src", re.compile(r"/mepaudio/(\d+)\.")),
)
"""Where a page of the site says whose it is."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the header says beside the facts about the person, as printed.

    Attributes:
        group: name of the political group, now or last; empty on the page of a former Member.
        role: role in the group; empty if none is shown.
        country: name of the country represented, now or last.
        party: national party, now or last; None if none is shown.
        deceased: whether a date of death is shown.
        unread: names of fields that are neither used nor knowingly left.
    """

    group: str
    role: str
    country: str
    party: str | None
    deceased: bool
    unread: frozenset[str]


def check_person(document: html.HtmlElement, page: Page, source: str, mep_id: int) -> None:
    """Hold the person whom a page is about against the person of its address.

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
    """State what the header of a person's page says of the person, and return the rest.

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
        group=_first(root, ".sln-political-group-name", "h3[class*='_title-h3']"),
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
    """Return the role in the group: of its own field, in older layouts the paragraph behind the group's name."""
    if role := _first(root, ".sln-political-group-role"):
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
    for link in select(root, "a[class*='link_']"):
        kind = next((name for name in link.get("class", "").split() if name.startswith("link_")), None)
        if kind is None:
            continue
        address = link.get("href", "")
        about = LINKS.get(kind, Property.OTHER_ACCOUNT)
        if about is Property.OTHER_ACCOUNT and web_address(address):
            about = codes.account(address)
        reader = email if about is Property.EMAIL else web_address
        found.cell(mep_id, about, address, reader, required=True)


def _fields(root: html.HtmlElement) -> frozenset[str]:
    """Return the site's own names of fields, which all begin with `sln-`."""
    classes = " ".join(element.get("class", "") for element in select(root, "[class*='sln-']"))
    return frozenset(name for name in classes.split() if name.startswith("sln-"))
