"""Versions as a feed (Atom, RFC 4287), for readers and programs that wait for the next release."""

from collections.abc import Sequence
from uuid import NAMESPACE_URL, uuid5
from xml.etree import ElementTree as ET

from dontspy_data.model.texts import CONTROL
from dontspy_data.site.downloads import Version

FEED = "data/versions.xml"
ATOM = "http://www.w3.org/2005/Atom"


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
