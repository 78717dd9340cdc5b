"""Answers opened safely: rejected if the server refused, and parsed without following any reference.

Functions that only find what a page leads to read far less, and never raise.

In the framed JSON-LD of the Open Data API a field holds one value or a list of them. A text can be a string, a number,
a typed literal (`@value`), a reference (`id`) or a map of languages; a reference can be short (`def/ep-roles/MEMBER`)
or an IRI. JSON-LD 1.1: https://www.w3.org/TR/json-ld11/.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lxml import etree, html

from dontspy_data.capture.captures import Page
from dontspy_data.errors import PageError, UnknownCodeError
from dontspy_data.model import codes
from dontspy_data.model.problems import Note, ProblemKind
from dontspy_data.model.statements import Property
from dontspy_data.model.withdrawals import PERSON_IN_ADDRESS
from dontspy_data.sources.findings import Findings
from dontspy_data.sources.source import Reading
from dontspy_data.sources.values import clean

HEAD = 1000
HTML_BEGINS = re.compile(rb"<html[\s>]", re.IGNORECASE)
HTML_ENDS = re.compile(rb"</html\s*>", re.IGNORECASE)
CHALLENGE = "x-amzn-waf-action"


def unanswered(page: Page, source: str) -> Reading | None:
    """Return the reading of a missing page, empty with a note; None if the page is there.

    Raises:
        PageError: the server neither gave the page nor said that it does not exist.
    """
    if page.status == 200:
        return None
    if page.status in (404, 410):
        return Reading(notes=(Note(f"a page that is not there (HTTP {page.status})", page.url),))
    challenge = page.header(CHALLENGE)
    raise PageError(
        source, page.url, f"HTTP {page.status}" + (f", {CHALLENGE}: {challenge}" if challenge else "")
    )


def address(page: Page, pattern: re.Pattern[str], source: str) -> re.Match[str]:
    """Return the match of a source's pattern in the page's address.

    Raises:
        PageError: it does not match, so that the page is not this source's.
    """
    match = pattern.match(page.url)
    if match is None:
        raise PageError(source, page.url, "an address of this source")
    return match


def missing_end(page: Page) -> str:
    """Return the missing end of a page; empty if it is whole, or its kind has no recognisable end.

    Parsers of HTML and CSV accept truncated files, so a page cut off in transit would look whole.
    """
    if HTML_BEGINS.search(page.body[:HEAD]) and not HTML_ENDS.search(page.body[-HEAD:]):
        return "the end of the page, </html>"
    if page.url.endswith(".csv") and not page.body.endswith((b"\n", b"\r")):
        return "the end of the last line"
    return ""


def html_document(page: Page, source: str) -> html.HtmlElement:
    """Parse the page and return its root element.

    Raises:
        PageError: there is no HTML in it.
    """
    parser = html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
    try:
        return html.document_fromstring(page.body, parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise PageError(source, page.url, f"no HTML document ({error})") from error


def xml_document(page: Page, source: str) -> etree._Element:
    """Parse the page and return its root element. Entities are not resolved, and nothing outside the page is read.

    Raises:
        PageError: it is not well-formed, or it declares a document type, which no source does.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(page.body, parser=parser)
    except (etree.LxmlError, ValueError) as error:
        raise PageError(source, page.url, f"no well-formed XML ({error})") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise PageError(source, page.url, "XML with a DOCTYPE, which this source never has")
    return root


def json_document(page: Page, source: str) -> dict[str, Any]:
    """Parse the page's JSON object.

    Raises:
        PageError: it is not JSON, or not an object.
    """
    try:
        document = json.loads(page.body)
    except (ValueError, RecursionError) as error:
        raise PageError(source, page.url, f"no JSON ({error})") from error
    if not isinstance(document, dict):
        raise PageError(source, page.url, "no JSON object")
    return document


def select(element: html.HtmlElement, selector: str) -> Sequence[html.HtmlElement]:
    """Return the elements that a CSS selector finds inside an element, in the page's order."""
    found: Sequence[html.HtmlElement] = element.cssselect(selector)
    return found


def text_of(element: etree._Element) -> str:
    """Return all text inside an element, with white space collapsed to single blanks."""
    return " ".join(str(element.xpath("string()")).split())


def other_person(page: Page) -> int | None:
    """Return whose page a redirect led to, if it is not the person in the page's own address."""
    own, led_to = (PERSON_IN_ADDRESS.search(url) for url in (page.url, page.redirected_to))
    return int(led_to[1]) if own and led_to and int(led_to[1]) != int(own[1]) else None


def json_object(page: Page) -> dict[str, Any]:
    """Return the page's JSON object; an empty one if the page holds none."""
    try:
        return json_document(page, "")
    except PageError:
        return {}


def dicts(value: object) -> Iterator[dict[str, Any]]:
    """Yield the objects in a list of them, or a single one."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield item


def country_of(text: object) -> str | None:
    """Return the ISO code of a country, from any code or name of it; None if no lookup lists it."""
    try:
        return codes.country(text) if isinstance(text, str) and text else None
    except UnknownCodeError:
        return None


BASE = "https://data.europarl.europa.eu/"
LANGUAGES = ("en", "mul", "und", "none", "@none")
"""Preferred languages of a map, in order; any other only if it has none of these."""


def records(
    found: Findings, row: Mapping[str, Any], key: str, *, mep_id: int | None = None
) -> list[dict[str, Any]]:
    """Return the objects in a field; anything else in it is a problem."""
    return [
        value
        for value in entries(row.get(key))
        if isinstance(value, dict) or _report(found, value, f"objects in {key!r}", mep_id)
    ]


def texts(
    found: Findings,
    row: Mapping[str, Any],
    key: str,
    *,
    mep_id: int | None = None,
    prop: Property | None = None,
) -> list[str]:
    """Return the texts in a field that are not blank; other values are a problem."""
    read = []
    for value in entries(row.get(key)):
        text = _text(value)
        if text is None:
            _report(found, value, f"text in {key!r}", mep_id, prop)
        elif text:
            read.append(text)
    return read


def short(reference: str) -> str:
    """Return a reference of the Parliament without its base, such as `org/6900`."""
    return reference.removeprefix(BASE).removeprefix("http://data.europarl.europa.eu/")


def last_part(reference: str) -> str:
    """Return the last part of a reference, such as `FEMALE` of `…/human-sex/FEMALE` or of `human-sex:FEMALE`."""
    return reference.rpartition("/")[2].rpartition("#")[2].rpartition(":")[2]


def entries(value: Any) -> list[Any]:
    """Return a field's values as a list; empty if it is missing."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _text(value: Any) -> str | None:
    if isinstance(value, dict):
        value = next((value[key] for key in ("@value", "id", "@id") if key in value), _in_a_language(value))
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return clean(str(value))


def _in_a_language(names: Mapping[str, Any]) -> Any:
    """Return the English text in a map of languages, or that in any other language."""
    name = next((names[language] for language in (*LANGUAGES, *names) if names.get(language)), None)
    return name[0] if isinstance(name, list) else name


def _report(
    found: Findings, value: Any, expected: str, mep_id: int | None, prop: Property | None = None
) -> bool:
    found.problem(ProblemKind.CELL, str(value)[:200], expected, mep_id=mep_id, prop=prop)
    return False
