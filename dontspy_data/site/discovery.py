"""What machines read: sitemap, robots.txt, schema.org's markup of dataset and people, and a feed of versions (Atom).

A feed (RFC 4287) is for readers and programs that wait for the next release.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from dontspy_data.model.texts import CONTROL, web_address
from dontspy_data.site.data import Version
from dontspy_data.site.pages import SitePage
from dontspy_data.site.people import PersonView

SCHEMA = "https://schema.org/"
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
ROLE = "Member of the European Parliament"
FEED = "data/versions.xml"
ATOM = "http://www.w3.org/2005/Atom"


def discovery(listed: Sequence[SitePage], address: str, created: str) -> Iterator[tuple[str, bytes]]:
    """Yield `robots.txt`, and the sitemap where it is known where the site will stand: its addresses are whole ones.

    Args:
        listed: the pages.
        address: of the site, with a slash at the end; may be empty.
        created: the package's day, which is when every page last changed.
    """
    robots = "User-agent: *\nAllow: /\n"
    if address:
        places = (
            language.prefix + page.path for page in listed if page.is_listed for language in page.languages
        )
        urls = "".join(
            f"<url><loc>{escape(address + shown(place))}</loc><lastmod>{created}</lastmod></url>\n"
            for place in places
        )
        xml = f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="{NAMESPACE}">\n{urls}</urlset>\n'
        yield "sitemap.xml", xml.encode()
        robots += f"Sitemap: {address}sitemap.xml\n"
    yield "robots.txt", robots.encode()


def shown(place: str) -> str:
    """Return an address as people see it: a folder for its `index.html`."""
    return place.removesuffix("index.html")


def dataset_markup(descriptor: Mapping[str, Any], address: str) -> dict[str, Any]:
    """Return the dataset as schema.org describes one, for `application/ld+json`.

    Args:
        descriptor: of the package.
        address: of the site; empty if it is not known, and then nothing says where the files are.
    """
    whole = {
        "url": address,
        "distribution": [
            {
                "@type": "DataDownload",
                "name": "Data Package",
                "encodingFormat": "application/json",
                "contentUrl": f"{address}package/datapackage.json",
            }
        ],
    }
    return {
        "@context": SCHEMA,
        "@type": "Dataset",
        "name": descriptor["title"],
        "description": descriptor["description"],
        "dateModified": str(descriptor["created"])[:10],
        "isAccessibleForFree": True,
        "license": [one["path"] for one in descriptor["licenses"] if web_address(one.get("path"))],
        "creator": [
            {"@type": "Organization", "name": one["title"]} for one in descriptor.get("contributors", ())
        ],
        **({"version": descriptor["version"]} if descriptor.get("version") else {}),
        **(whole if address else {}),
    }


def person_markup(person: PersonView, address: str) -> dict[str, Any]:
    """Return a person as schema.org describes one: official facts alone, nothing that software guessed.

    Args:
        person: whose page it is.
        address: of the site; may be empty.
    """
    same = [person.profile_url]
    if person.wikidata_id:
        same.append(f"https://www.wikidata.org/wiki/{person.wikidata_id}")
    found: dict[str, Any] = {
        "@context": SCHEMA,
        "@type": "Person",
        "name": person.name,
        "identifier": person.mep_id,
        "jobTitle": ROLE,
        "sameAs": same,
    }
    if address:
        found["url"] = address + shown(person.address)
        if person.portrait:
            found["image"] = f"{address}{person.portrait.path}"
    return found


def versions_feed(versions: Sequence[Version], title: str, publisher: str, address: str) -> bytes:
    """Return the feed of a ledger's releases.

    Args:
        versions: the latest first, at least one.
        title: of the dataset.
        publisher: who publishes it.
        address: of the site, with a slash at the end; empty if it is not known, and links are relative then.
    """
    ET.register_namespace("", ATOM)
    feed = ET.Element(f"{{{ATOM}}}feed")
    _add(feed, "id", _id(title))
    _add(feed, "title", title)
    _add(feed, "updated", _moment(versions[0]))
    _add(ET.SubElement(feed, f"{{{ATOM}}}author"), "name", publisher)
    _link(feed, "self", f"{address}{FEED}" if address else "versions.xml")
    _link(feed, "alternate", _page(address))
    for version in versions:
        entry = ET.SubElement(feed, f"{{{ATOM}}}entry")
        _add(entry, "id", _id(f"{title} {version.entry.version}"))
        _add(entry, "title", f"Version {version.entry.version}")
        _add(entry, "updated", _moment(version))
        _link(entry, "alternate", f"{_page(address)}#v{version.entry.version}")
        _add(
            entry, "summary", f"{version.entry.counts.get('meps', 0):,} people, {version.entry.bytes:,} bytes"
        )
        if version.changelog:
            _add(entry, "content", version.changelog, type="html")
    ET.indent(feed, "")
    body: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return body + b"\n"


def _id(name: str) -> str:
    """Return a name that stays the same wherever the site stands."""
    return uuid5(NAMESPACE_URL, name).urn


def _moment(version: Version) -> str:
    return f"{version.entry.date}T00:00:00Z"


def _page(address: str) -> str:
    return f"{address}data/index.html" if address else "index.html"


def _link(parent: ET.Element, rel: str, href: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}link", rel=rel, href=href)


def _add(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, f"{{{ATOM}}}{tag}", attributes).text = CONTROL.sub("", text)
