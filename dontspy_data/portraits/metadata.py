"""What a picture's metadata say: when and by whom it was taken, whose it is, and what rights follow.

Each text is looked for in Exif, then IPTC, then XMP. Texts come back as people would write them: one line,
mojibake repaired, and None if the template's own words were never replaced. Rights follow from the texts
by a small reviewed table, `rights.csv`.

Format: Exif 2.32; IPTC IIM 4.2 inside Photoshop resources; XMP part 2.
"""

import csv
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files

from lxml import etree
from PIL.ExifTags import Base as Tag

from dontspy_data.portraits.blocks import EXIF, Blocks, Exif

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
TIME = re.compile(rb"(\d{4}):(\d\d?):(\d\d?)\s+(\d\d?):(\d\d?):(\d\d?)")
NOTHING = Exif(b"", "<", ())


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


def read_metadata(blocks: Blocks) -> Metadata:
    """Return what the metadata of a stored picture say."""
    exif = blocks.exif[0] if blocks.exif else NOTHING
    iptc = blocks.iptc[-1][1] if blocks.iptc else {}
    xmp = read_xmp(blocks.xmp[-1].root) if blocks.xmp else {}

    def text(tag: Tag | None, iptc_key: tuple[int, int] | None, xmp_key: str) -> str | None:
        said = exif.text(tag).split(b"\x00") if tag else []
        # Only a copyright has a second part; bytes after the NUL of any other text have no meaning.
        said = said if tag == Tag.Copyright else said[:1]
        from_iptc = iptc.get(iptc_key, []) if iptc_key else []
        return _joined(said) or _joined(from_iptc) or _cleaned(xmp.get(xmp_key, ""))

    orientation = exif.number(Tag.Orientation)
    return Metadata(
        orientation=orientation if orientation and 1 <= orientation <= 8 else 1,
        captured_on=_captured_on(exif),
        camera=_camera(exif),
        photographer=text(Tag.Artist, (2, 80), f"{DC}creator"),
        copyright=text(Tag.Copyright, (2, 116), f"{DC}rights"),
        credit=text(None, (2, 110), f"{PHOTOSHOP}Credit"),
        usage_terms=text(None, None, f"{XMP_RIGHTS}UsageTerms"),
        caption=text(Tag.ImageDescription, (2, 120), f"{DC}description"),
    )


def _joined(values: Sequence[bytes]) -> str | None:
    texts = [text for value in values if (text := _cleaned(value))]
    return clean(", ".join(texts)) if len(texts) > 1 else next(iter(texts), None)


@lru_cache(maxsize=64)  # Many portraits share the same texts.
def _cleaned(value: bytes | str) -> str | None:
    return clean(decode(value) if isinstance(value, bytes) else repair(value)) if value else None


def _captured_on(exif: Exif) -> date | None:
    captured = _time(exif.text(Tag.DateTimeOriginal, EXIF))
    if captured is None or captured.date() < EARLIEST:
        return None
    changed = _time(exif.text(Tag.DateTime))
    return None if changed and captured > changed + CLOCKS_DIFFER else captured.date()


def _time(text: bytes) -> datetime | None:
    found = TIME.fullmatch(text.split(b"\x00")[0].strip())
    if not found:
        return None
    year, month, day, hour, minute, second = map(int, found.groups())
    try:
        return datetime(year, month, day, hour, minute, second)
    except ValueError:  # such as a thirteenth month
        return None


def _camera(exif: Exif) -> str | None:
    make, model = (_joined(exif.text(tag).split(b"\x00")[:1]) or "" for tag in (Tag.Make, Tag.Model))
    repeats = bool(make) and model.lower().startswith(make.split()[0].lower())
    return (model if repeats else f"{make} {model}".strip()) or None


def read_xmp(root: etree._Element) -> dict[str, str]:
    """Return the wanted properties of an XMP packet as text, lists joined by a comma."""
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
    """Decode bytes whose encoding nobody states: UTF-8 if valid, else Windows-1252."""
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
        url: address of the terms; None if there are none.
    """

    status: str
    holder: str | None
    credit_line: str
    statement: str
    url: str | None


def rights(metadata: Metadata) -> Rights:
    """Return the rights that follow from a picture's metadata.

    The copyright notice decides; without one, the credit or the photographer.
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
