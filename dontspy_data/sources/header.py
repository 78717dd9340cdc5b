"""What stands above every page of a Member on the Parliament's site: who it is, and how to reach them.

The class names begin with `erpl_` or `es_`, by the year; only the ends are relied on. Below it, office
addresses, telephones, activities, assistants and declarations are knowingly left.
"""

import re
from dataclasses import dataclass

from lxml import html

from dontspy_data.capture.captures import Page
from dontspy_data.errors import PageError
from dontspy_data.model import codes
from dontspy_data.model.problems import Note
from dontspy_data.model.statements import Property, Statement
from dontspy_data.sources.documents import facts, select, text_of
from dontspy_data.sources.values import email, iso_day, party, web_address

LINKS = {
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
    }
)
DATES = re.compile(r"Date of (?P<what>birth|death) ?: ?(?P<day>\S+?)(?: ?, ?(?P<place>.*?))?(?= Date of |$)")


@dataclass(frozen=True, slots=True)
class Header:
    """What the header says.

    Attributes:
        statements: name, birth, death and contacts.
        group: code of the political group, now or last.
        role: role in the group; None where none is shown.
        country: code of the country represented, now or last.
        party: national party, now or last; None where none is shown.
        deceased: whether a date of death is shown.
        unread: names of fields that are neither used nor knowingly left.
        notes: what could not be used.
    """

    statements: tuple[Statement, ...]
    group: str
    role: str | None
    country: str
    party: str | None
    deceased: bool
    unread: frozenset[str]
    notes: tuple[Note, ...]


def read_header(document: html.HtmlElement, page: Page, source: str, mep_id: int) -> Header:
    """What the header of a person's page says.

    Raises:
        PageError: the page is not in English, or the header lacks a name, a group or a country.
        UnknownCodeError: the group or the country is not listed.
    """
    if (language := document.get("lang")) != "en":
        raise PageError(source, page.url, f"a page in English (its language is {language!r})")
    root = _one(document, "#presentationmep", "the header #presentationmep", page, source)
    name = _text(root, "[class*='_title-h1']", "the name", page, source)
    group = _text(root, "h3[class*='_title-h3']", "the political group", page, source)
    country, _, rest = _text(root, "div[class*='_title-h3']", "the country", page, source).partition(" - ")
    roles = select(root, ".sln-political-group-role")
    days, day_notes = _days(root, page, source, mep_id)
    contacts, contact_notes = _contacts(root, page, source, mep_id)
    return Header(
        statements=(facts(page, source)(mep_id, Property.NAME, name), *days, *contacts),
        group=codes.group(group),
        role=text_of(roles[0]) or None if roles else None,
        country=codes.country(country.removesuffix(" -")),
        party=party(rest)[0],
        deceased=any(day.property is Property.DEATH_DATE for day in days),
        unread=_fields(root) - FIELDS,
        notes=(*day_notes, *contact_notes),
    )


def _one(element: html.HtmlElement, selector: str, what: str, page: Page, source: str) -> html.HtmlElement:
    found = select(element, selector)
    if not found:
        raise PageError(source, page.url, what)
    return found[0]


def _text(element: html.HtmlElement, selector: str, what: str, page: Page, source: str) -> str:
    text = text_of(_one(element, selector, what, page, source))
    if not text:
        raise PageError(source, page.url, what)
    return text


def _days(root: html.HtmlElement, page: Page, source: str, mep_id: int) -> tuple[list[Statement], list[Note]]:
    fact = facts(page, source)
    statements: list[Statement] = []
    notes: list[Note] = []
    for text in (text_of(p) for p in select(root, "p")):
        if text.startswith("Date of") and not DATES.search(text):
            notes.append(Note("a line without its date", f"{page.url}: {text!r}"))
        for match in DATES.finditer(text):
            day = iso_day(match["day"])
            kind = Property.BIRTH_DATE if match["what"] == "birth" else Property.DEATH_DATE
            if day is None:
                notes.append(Note(f"a text that is no {kind}", f"{page.url}: {match['day']!r}"))
            else:
                statements.append(fact(mep_id, kind, day))
            if match["place"] and kind is Property.BIRTH_DATE:
                statements.append(fact(mep_id, Property.BIRTH_PLACE, match["place"]))
    return statements, notes


def _contacts(
    root: html.HtmlElement, page: Page, source: str, mep_id: int
) -> tuple[list[Statement], list[Note]]:
    fact = facts(page, source)
    statements: list[Statement] = []
    notes: list[Note] = []
    for link in select(root, "a[class*='link_']"):
        kind = next((name for name in link.get("class", "").split() if name.startswith("link_")), None)
        if kind is None:
            continue
        href = link.get("href", "")
        if kind == "link_email":
            about, address = Property.EMAIL, email(href)
        else:
            about, address = LINKS.get(kind, Property.OTHER_ACCOUNT), web_address(href)
        if address is None:
            notes.append(Note(f"a text that is no {about}", f"{page.url}: {href!r}"))
        else:
            statements.append(fact(mep_id, about, address))
    return statements, notes


def _fields(root: html.HtmlElement) -> frozenset[str]:
    """The site's own names of fields, which all begin with `sln-`."""
    classes = " ".join(element.get("class", "") for element in select(root, "[class*='sln-']"))
    return frozenset(name for name in classes.split() if name.startswith("sln-"))
