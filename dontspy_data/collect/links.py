"""What a page says about what to ask for next: ids, bodies and pictures, and nothing else.

This reads far less than the sources do, and forgives more: a page with a group that nobody has listed stops a
build, and must not stop the collection of the evidence.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from dontspy_data.capture.captures import Page
from dontspy_data.errors import UnknownCodeError
from dontspy_data.model.codes import countries, country
from dontspy_data.sources import ep_api, ep_csv, ep_directory, ep_full_list, ep_search
from dontspy_data.sources.endpoints import Endpoint

ISO_CODES = {country.ep_code: country.code for country in countries()}
PROFILE_HREF = re.compile(rb"/meps/[a-z]{2}/(\d+)(?:[/\"'?#]|$)")
BODY_REF = re.compile(r"org/(?!ep-\d+$)[\w.-]+\Z")  # org/ep-10 is the term itself, which has no page.


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom a list names.

    Attributes:
        mep_id: the Parliament's number for the person.
        country: ISO 3166-1 alpha-2 code, where the list says.
    """

    mep_id: int
    country: str | None = None


@dataclass(frozen=True, slots=True)
class Links:
    """What a page points to.

    Attributes:
        people: whom it lists.
        bodies: references of corporate bodies, such as `org/6900`.
        portrait: address of a picture of the person it is about.
        version: of a bulk data set, the latest version's number.
    """

    people: tuple[Person, ...] = ()
    bodies: tuple[str, ...] = ()
    portrait: str | None = None
    version: int | None = None


NOTHING = Links()


def read_links(page: Page, kind: Endpoint) -> Links:
    """What a good answer points to; nothing where it points to nothing or has no body."""
    if kind not in READERS or not page.body:
        return NOTHING
    return READERS[kind](page.body)


def _rows(body: bytes) -> list[dict[str, Any]]:
    data = json.loads(body).get("data")
    return [row for row in data if isinstance(row, dict)] if isinstance(data, list) else []


def _roster(body: bytes) -> Links:
    return Links(people=tuple(_api_people(body)))


def _api_people(body: bytes) -> Iterator[Person]:
    for row in _rows(body):
        mep_id = str(row.get("identifier", ""))
        country = row.get("api:country-of-representation")
        if mep_id.isdecimal():
            yield Person(int(mep_id), ISO_CODES.get(country, country) if isinstance(country, str) else None)


def _details(body: bytes) -> Links:
    rows = _rows(body)
    if not rows:
        return NOTHING
    memberships = rows[0].get("hasMembership")
    refs = (
        row["organization"]
        for row in (memberships if isinstance(memberships, list) else [])
        if isinstance(row, dict) and isinstance(row.get("organization"), str)
    )
    image = rows[0].get("img")
    return Links(
        bodies=tuple(dict.fromkeys(ref for ref in refs if BODY_REF.match(ref))),
        portrait=image if isinstance(image, str) and image else None,
    )


def _xml_people(body: bytes) -> Links:
    root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    return Links(people=tuple(_xml_rows(root)))


def _xml_rows(root: etree._Element) -> Iterator[Person]:
    for row in root:
        mep_id = row.findtext("id", "").strip()
        if mep_id.isdecimal():
            yield Person(int(mep_id), _country(row.findtext("country", "")))


def _country(name: str) -> str | None:
    try:
        return country(name)
    except UnknownCodeError:
        return None


def _html_people(body: bytes) -> Links:
    return Links(
        people=tuple(Person(mep_id) for mep_id in sorted({int(i) for i in PROFILE_HREF.findall(body)}))
    )


def _dataset(body: bytes) -> Links:
    versions = json.loads(body).get("OdpDatasetVersions")
    labels = [
        str(row.get("VersionLabel"))
        for row in (versions if isinstance(versions, list) else [])
        if isinstance(row, dict)
    ]
    return Links(version=max((int(label) for label in labels if label.isdecimal()), default=None))


READERS: dict[Endpoint, Callable[[bytes], Links]] = {
    ep_api.CURRENT: _roster,
    ep_api.ROSTER: _roster,
    ep_api.DETAILS: _details,
    ep_full_list.FULL_LIST: _xml_people,
    ep_directory.DIRECTORY: _xml_people,
    ep_search.SEARCH: _html_people,
    ep_csv.DATASET: _dataset,
}
