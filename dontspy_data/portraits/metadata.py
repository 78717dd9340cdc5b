"""What a picture's metadata says of itself: when, by whom, and whose it is.

Each text is looked for in Exif, then IPTC, then XMP. Texts come back as people would write them: one line,
mojibake repaired, and None where the template's own words were never replaced.

Format: Exif 2.32; IPTC IIM 4.2 inside Photoshop resources; XMP part 2.
"""

import re
import struct
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TypeAlias

from lxml import etree

from dontspy_data.portraits import jpeg, tiff

EARLIEST = date(1990, 1, 1)
CLOCKS_DIFFER = timedelta(days=1)  # Cameras and desks are an hour or two apart in the real pictures.
LONGEST_TEXT = 2000
COPYRIGHT = 0x8298
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
TEMPLATE = re.compile(r"(n/?a|pr[eé]nom nom\b.*|-?\s*\d+(st|nd|rd|th) parliamentary term)", re.IGNORECASE)

MAKE, MODEL, ORIENTATION, CHANGED, ORIGINAL = 0x010F, 0x0110, 0x0112, 0x0132, 0x9003
IPTC_RESOURCE = 0x0404
RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
XMP_RIGHTS = "{http://ns.adobe.com/xap/1.0/rights/}"
PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
WANTED = frozenset(
    {f"{DC}creator", f"{DC}rights", f"{DC}description", f"{PHOTOSHOP}Credit", f"{XMP_RIGHTS}UsageTerms"}
)

Iptc: TypeAlias = dict[tuple[int, int], list[bytes]]
Xmp: TypeAlias = dict[str, str]


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the metadata says; None where it says nothing.

    Attributes:
        orientation: 1 to 8 as in Exif; 1 where nothing or nonsense is given.
        captured_on: day on which the shutter was released, by the camera's clock.
        camera: make and model.
        photographer: who took the picture.
        copyright: the copyright notice.
        credit: who is to be credited.
        usage_terms: the conditions of use.
        caption: what the picture shows.
    """

    orientation: int = 1
    captured_on: date | None = None
    camera: str | None = None
    photographer: str | None = None
    copyright: str | None = None
    credit: str | None = None
    usage_terms: str | None = None
    caption: str | None = None


def read(picture: jpeg.Jpeg) -> Metadata:
    """What the metadata of a picture says. Damaged blocks say nothing."""
    exif = next((b for p in jpeg.payloads(picture, jpeg.APP1, jpeg.EXIF) if (b := tiff.read(p))), None)
    iptc = read_iptc(b"".join(jpeg.payloads(picture, jpeg.APP13, jpeg.PHOTOSHOP)))
    xmp = read_xmp(next(iter(jpeg.payloads(picture, jpeg.APP1, jpeg.XMP)), b""))

    def text(exif_tag: int | None, iptc_key: tuple[int, int] | None, xmp_key: str) -> str | None:
        from_exif = exif.parts("main", exif_tag) if exif and exif_tag else []
        # Only a copyright has a second part; after the NUL of any other text there is nothing that was meant.
        from_exif = from_exif if exif_tag == COPYRIGHT else from_exif[:1]
        from_iptc = iptc.get(iptc_key, []) if iptc_key else []
        return _joined(from_exif) or _joined(from_iptc) or clean(repair(xmp.get(xmp_key, "")))

    orientation = exif.number("main", ORIENTATION) if exif else None
    return Metadata(
        orientation=orientation if orientation and orientation <= 8 else 1,
        captured_on=_captured_on(exif) if exif else None,
        camera=_camera(exif) if exif else None,
        photographer=text(0x013B, (2, 80), f"{DC}creator"),
        copyright=text(COPYRIGHT, (2, 116), f"{DC}rights"),
        credit=text(None, (2, 110), f"{PHOTOSHOP}Credit"),
        usage_terms=text(None, None, f"{XMP_RIGHTS}UsageTerms"),
        caption=text(0x010E, (2, 120), f"{DC}description"),
    )


def _joined(values: Iterable[bytes]) -> str | None:
    return clean(", ".join(text for value in values if (text := clean(decode(value)))))


def _captured_on(exif: tiff.Block) -> date | None:
    captured, changed = _time(exif.text("exif", ORIGINAL)), _time(exif.text("main", CHANGED))
    if captured is None or captured.date() < EARLIEST:
        return None
    return None if changed and captured > changed + CLOCKS_DIFFER else captured.date()


def _time(text: bytes | None) -> datetime | None:
    try:
        return datetime.strptime((text or b"").decode("ascii").strip(), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None


def _camera(exif: tiff.Block) -> str | None:
    make, model = (clean(decode(exif.text("main", tag) or b"")) or "" for tag in (MAKE, MODEL))
    repeats = bool(make) and model.lower().startswith(make.split()[0].lower())
    return (model if repeats else f"{make} {model}".strip()) or None


def read_iptc(resources: bytes) -> Iptc:
    """Values of the IPTC datasets in Photoshop's resources, by record and dataset number."""
    found: Iptc = {}
    for data in _resources(resources, IPTC_RESOURCE):
        position = 0
        while position + 5 <= len(data) and data[position] == 0x1C:
            record, dataset, length = struct.unpack_from(">BBH", data, position + 1)
            position += 5 + length
            if length & 0x8000 or position > len(data):  # A length of its own length: no text has that.
                break
            found.setdefault((record, dataset), []).append(data[position - length : position])
    return found


def _resources(data: bytes, wanted: int) -> Iterator[bytes]:
    position = 0
    while data[position : position + 4] == b"8BIM" and position + 12 <= len(data):
        number, name_length = struct.unpack_from(">HB", data, position + 4)
        position += 6 + (name_length + 2) // 2 * 2  # The name and its length are padded to an even number.
        if position + 4 > len(data):
            return
        (size,) = struct.unpack_from(">I", data, position)
        position += 4
        if number == wanted:
            yield data[position : position + size]
        position += size + size % 2


def read_xmp(packet: bytes) -> Xmp:
    """The properties of an XMP packet as text, lists joined by a comma; empty where it is damaged.

    A packet with a document type is not read: XMP has none, and entities are how XML is made to explode.
    """
    packet = packet.strip(b"\x00 \r\n\t")
    if not packet or b"<!DOCTYPE" in packet:
        return {}
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(packet, parser)
    except (etree.XMLSyntaxError, ValueError):
        return {}
    found: Xmp = {}
    for description in root.iter(f"{RDF}Description"):
        properties = [(str(key), [str(value)]) for key, value in description.attrib.items()]
        properties += [(str(child.tag), _values(child)) for child in description if child.tag in WANTED]
        for key, values in properties:
            found.setdefault(key, ", ".join(values))
    return found


def _values(element: etree._Element) -> list[str]:
    """The texts of a property: every one of a list, and of alternatives the default, else the first."""
    items: list[etree._Element] = list(element.iter(f"{RDF}li")) or [element]
    said = [item for item in items if (item.text or "").strip()]
    if element.find(f"{RDF}Alt") is not None:
        said = ([item for item in said if item.get(LANGUAGE) == "x-default"] or said)[:1]
    return [(item.text or "").strip() for item in said]


def decode(value: bytes) -> str:
    """Text of bytes whose encoding nobody states: UTF-8 where it is that, else Windows' Western one."""
    try:
        return repair(value.decode("utf-8"))
    except UnicodeDecodeError:
        return value.decode("cp1252", errors="replace")


def repair(text: str) -> str:
    """Text that was read in a one-byte encoding although it was UTF-8, as it was meant (`Â©` → `©`)."""
    for encoding in ("latin-1", "cp1252"):
        try:
            meant = text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        return text if meant == text else repair(meant)
    return text


def clean(text: str) -> str | None:
    """One line without control characters; None where nothing was said or a template was left as it was.

    A lone sign, such as `©` or a dash, says nothing.
    """
    visible = "".join(c for c in unicodedata.normalize("NFC", text) if c.isprintable() or c.isspace())
    line = " ".join(visible.split())[:LONGEST_TEXT].strip()
    says_something = sum(character.isalnum() for character in line) > 1
    return line if says_something and not TEMPLATE.fullmatch(line) else None
