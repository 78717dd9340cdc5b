"""Reading what pages lead to: far less than the sources read, and nothing here raises, whatever a page holds."""

import json
from collections.abc import Iterator
from typing import Any

from lxml import etree

from dontspy_data.capture.captures import Page
from dontspy_data.errors import UnknownCodeError
from dontspy_data.model.codes import country
from dontspy_data.sources.endpoints import Request
from dontspy_data.sources.source import Links, Person
from dontspy_data.sources.values import person_id


def json_object(page: Page) -> dict[str, Any]:
    """Return the page's JSON object; an empty one if the page holds none."""
    try:
        document = json.loads(page.body)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}


def dicts(value: object) -> Iterator[dict[str, Any]]:
    """Yield the objects in what may be a list of them, or one."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict):
            yield item


def xml_list_links(_: Request, page: Page) -> Links:
    """Return everybody on one of the Parliament's XML lists, with the country where it gives one that is known."""
    return Links(people=tuple(_listed_people(page)))


def _listed_people(page: Page) -> Iterator[Person]:
    """Yield the people of one of the Parliament's XML lists; see `documents.persons_xml`."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        root = etree.fromstring(page.body, parser)
    except (etree.XMLSyntaxError, ValueError):
        return
    for row in root.iterchildren("mep"):
        if mep_id := person_id(row.findtext("id", "").strip()):
            yield Person(mep_id, country_of(row.findtext("country", "")))


def country_of(text: object) -> str | None:
    """Return the ISO code of a country, from any code or name of it; None if nobody has listed it."""
    try:
        return country(text) if isinstance(text, str) and text else None
    except UnknownCodeError:
        return None
