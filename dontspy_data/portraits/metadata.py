"""What a picture's metadata says of itself: when, by whom, and whose it is; and what rights follow.

Each text is looked for in Exif, then IPTC, then XMP. Texts come back as people would write them: one line,
mojibake repaired, and None if the template's own words were never replaced. Rights follow from the texts
by a small reviewed table, `rights.csv`.

Format: Exif 2.32; IPTC IIM 4.2 inside Photoshop resources; XMP part 2. Pillow reads all but XMP, whose namespaces
it drops.
"""

import csv
import re
import struct
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files

from lxml import etree
from PIL import ExifTags, Image, IptcImagePlugin, TiffImagePlugin

from dontspy_data.portraits import opening

EARLIEST = date(1990, 1, 1)
CLOCKS_DIFFER = timedelta(days=1)  # Cameras and desks are an hour or two apart in the real pictures.
LONGEST_TEXT = 2000
LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
TWO_LETTERS = re.compile(r"[^\W_].*?[^\W_]")  # or digits
TEMPLATE = re.compile(r"(n/?a|pr[eé]nom nom\b.*|-?\s*\d+(st|nd|rd|th) parliamentary term)", re.IGNORECASE)

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
DC = "{http://purl.org/dc/elements/1.1/}"
XMP_RIGHTS = "{http://ns.adobe.com/xap/1.0/rights/}"
PHOTOSHOP = "{http://ns.adobe.com/photoshop/1.0/}"
WANTED = frozenset(
    {f"{DC}creator", f"{DC}rights", f"{DC}description", f"{PHOTOSHOP}Credit", f"{XMP_RIGHTS}UsageTerms"}
)
Tag = ExifTags.Base


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the metadata says; None if it says nothing.

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


def read_metadata(image: Image.Image) -> Metadata:
    """Return what the metadata of a stored picture say. Damaged blocks say nothing."""
    exif, iptc, xmp = opening.exif(image), _read_iptc(image), read_xmp(image.info.get("xmp", b""))

    def text(tag: Tag | None, iptc_key: tuple[int, int] | None, xmp_key: str) -> str | None:
        said = _bytes(exif.get(tag)).split(b"\x00") if tag else []
        # Only a copyright has a second part; after the NUL of any other text there is nothing that was meant.
        said = said if tag == Tag.Copyright else said[:1]
        from_iptc = iptc.get(iptc_key, []) if iptc_key else []
        return _joined(said) or _joined(from_iptc) or clean(repair(xmp.get(xmp_key, "")))

    return Metadata(
        orientation=opening.orientation_of(exif),
        captured_on=_captured_on(exif),
        camera=_camera(exif),
        photographer=text(Tag.Artist, (2, 80), f"{DC}creator"),
        copyright=text(Tag.Copyright, (2, 116), f"{DC}rights"),
        credit=text(None, (2, 110), f"{PHOTOSHOP}Credit"),
        usage_terms=text(None, None, f"{XMP_RIGHTS}UsageTerms"),
        caption=text(Tag.ImageDescription, (2, 120), f"{DC}description"),
    )


def _bytes(value: object) -> bytes:
    """Return the bytes of an Exif text, which Pillow gives as if it were Latin-1."""
    return value.encode("latin-1", errors="replace") if isinstance(value, str) else b""


def _joined(values: Iterable[bytes]) -> str | None:
    return clean(", ".join(text for value in values if (text := clean(decode(value)))))


def _captured_on(exif: Image.Exif) -> date | None:
    captured = _time(_captured(exif))
    changed = _time(exif.get(Tag.DateTime))
    if captured is None or captured.date() < EARLIEST:
        return None
    return None if changed and captured > changed + CLOCKS_DIFFER else captured.date()


def _captured(exif: Image.Exif) -> object:
    """Return the one field of the Exif directory that is wanted; `Exif.get_ifd` decodes all of them."""
    offset = exif.get(ExifTags.IFD.Exif)
    if not isinstance(offset, int):
        return None
    found = TiffImagePlugin.ImageFileDirectory_v2(exif.head)
    try:
        exif.fp.seek(offset)
        found.load(exif.fp)
        return found.get(Tag.DateTimeOriginal)
    except (OSError, SyntaxError, ValueError, struct.error):
        return None


def _time(text: object) -> datetime | None:
    try:
        return datetime.strptime(_bytes(text).split(b"\x00")[0].decode("ascii").strip(), "%Y:%m:%d %H:%M:%S")
    except ValueError:
        return None


def _camera(exif: Image.Exif) -> str | None:
    make, model = (_joined(_bytes(exif.get(tag)).split(b"\x00")[:1]) or "" for tag in (Tag.Make, Tag.Model))
    repeats = bool(make) and model.lower().startswith(make.split()[0].lower())
    return (model if repeats else f"{make} {model}".strip()) or None


def _read_iptc(image: Image.Image) -> dict[tuple[int, int], list[bytes]]:
    """Return the values of the IPTC datasets of a picture, by record and dataset number."""
    try:
        found = IptcImagePlugin.getiptcinfo(image) or {}  # type: ignore[arg-type]  # any that has `info`
    except (OSError, SyntaxError, ValueError, struct.error):
        return {}
    return {key: value if isinstance(value, list) else [value] for key, value in found.items()}


@lru_cache(maxsize=2)  # one picture's, which is looked at for a location and then read
def parse_xmp(packet: bytes) -> etree._Element | None:
    """Return the root of an XMP packet in any encoding, for reading only; None if it is damaged.

    A packet with a document type is not read: XMP has none, and entities are how XML is made to explode.
    """
    # Zeros fill packets up; where characters have several bytes, they are part of them.
    packet = packet if b"\x00" in packet[:4] else packet.strip(b"\x00 \r\n\t")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(packet, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        return None
    return root if root.getroottree().docinfo.internalDTD is None else None


def read_xmp(packet: bytes) -> dict[str, str]:
    """Return the wanted properties of an XMP packet as text, lists joined by a comma; empty if it is damaged."""
    root = parse_xmp(packet)
    if root is None:
        return {}
    found: dict[str, str] = {}
    for description in root.iter(f"{RDF}Description"):
        properties = [(key, [value]) for key in WANTED if (value := description.get(key)) is not None]
        properties += [(str(child.tag), _values(child)) for child in description.iterchildren(*WANTED)]
        for key, values in properties:
            found.setdefault(key, ", ".join(values))
    return found


def _values(element: etree._Element) -> list[str]:
    """List the texts of a property: all of a list, and of alternatives the default, else the first."""
    items: list[etree._Element] = list(element.iter(f"{RDF}li")) or [element]
    said = [item for item in items if (item.text or "").strip()]
    if element.find(f"{RDF}Alt") is not None:
        said = ([item for item in said if item.get(LANGUAGE) == "x-default"] or said)[:1]
    return [(item.text or "").strip() for item in said]


def decode(value: bytes) -> str:
    """Decode bytes whose encoding nobody states: UTF-8 if they are that, else Windows' Western one."""
    try:
        return repair(value.decode("utf-8"))
    except UnicodeDecodeError:
        return value.decode("cp1252", errors="replace")


def repair(text: str) -> str:
    """Repair UTF-8 that was read in a one-byte encoding (`Â©` → `©`)."""
    if text.isascii():
        return text
    for encoding in ("latin-1", "cp1252"):
        try:
            meant = text.encode(encoding).decode("utf-8")
        except UnicodeError:
            continue
        return text if meant == text else repair(meant)
    return text


def clean(text: str) -> str | None:
    """Clean a text to one line without control characters; None if it is empty or an untouched template.

    A lone sign, such as `©` or a dash, says nothing.
    """
    if not (text.isascii() and text.isprintable()):
        text = "".join(c for c in unicodedata.normalize("NFC", text) if c.isprintable() or c.isspace())
    line = " ".join(text.split())[:LONGEST_TEXT].strip()
    return line if TWO_LETTERS.search(line) and not TEMPLATE.fullmatch(line) else None


@dataclass(frozen=True, slots=True)
class Rights:
    """Whose a picture is and what that allows.

    Attributes:
        status: `reuse`, `not_stated` or `unclear`.
        holder: who holds the rights, by the picture's own words; None if it names nobody.
        credit_line: what to print beside the picture.
        statement: what the status means, one or two sentences.
        url: where the terms stand; None if there are none to point to.
    """

    status: str
    holder: str | None
    credit_line: str
    statement: str
    url: str | None


def rights(metadata: Metadata) -> Rights:
    """Decide the rights that follow from a picture's metadata.

    The copyright notice decides; without one, whoever the picture credits or names as photographer.
    """
    text = metadata.copyright or metadata.credit or metadata.photographer or ""
    row = next(row for pattern, row in _table() if pattern.fullmatch(text))
    holder = row["rights_holder"].replace("{text}", text)
    credit_line = row["credit_line"].replace("{text}", text)
    if metadata.photographer and metadata.photographer.casefold() not in credit_line.casefold():
        credit_line += f", photographer: {metadata.photographer}"
    return Rights(
        status=row["rights_status"],
        holder=holder or None,
        credit_line=credit_line,
        statement=row["rights_statement"],
        url=row["rights_url"] or None,
    )


@cache
def _table() -> tuple[tuple[re.Pattern[str], dict[str, str]], ...]:
    """Read the reviewed table; the first pattern that fits the whole text counts, and the last one fits all."""
    lines = files(__package__).joinpath("rights.csv").read_text(encoding="utf-8").splitlines()
    return tuple((re.compile(row["pattern"], re.IGNORECASE), row) for row in csv.DictReader(lines))
