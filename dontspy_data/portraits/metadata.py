"""What a picture's metadata say of it: when, by whom, whose it is, what rights follow, and whether they say where.

Each text is looked for in Exif, then IPTC, then XMP. Texts come back as people would write them: one line,
mojibake repaired, and None if the template's own words were never replaced. Rights follow from the texts
by a small reviewed table, `rights.csv`.

A portrait whose metadata hold a location, or may hold one, is withheld. Published bytes are the Parliament's own, so
nothing is taken out of a file; in doubt, the file stays out. In doubt is every block that is not of a known kind, and
every known one that cannot be read to its end. A GPS directory with its version and nothing else is no location.

Format: Exif 2.32; IPTC IIM 4.2 inside Photoshop resources; XMP part 2.
"""

import csv
import html
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache, lru_cache
from importlib.resources import files

from lxml import etree
from PIL.ExifTags import Base as Tag

from dontspy_data.portraits.blocks import EXIF, GPS, Blocks, Exif, Packet
from dontspy_data.portraits.jpeg import Structure

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
        # Only a copyright has a second part; after the NUL of any other text there is nothing that was meant.
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


@lru_cache(maxsize=64)  # Most texts are those of many portraits.
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


GPS_VERSION, MAKER_NOTE = 0x0000, 0x927C

LOWER_CASE = bytes(range(256)).lower()

# Entries of a TIFF directory in either byte order, wherever they lie: one that points to a GPS directory,
POINTER_ENTRY = re.compile(
    rb"\x88(?:(?<=(\x25)\x88)[\x03\x04\x09\x0d\x12]\x00[\x01-\x08]\x00\x00\x00"
    rb"|\x25\x00[\x03\x04\x09\x0d\x12]\x00\x00\x00[\x01-\x08])"
)
# and three fractions, as a latitude and a longitude are, by their tag.
# A pattern is quick where it begins with one fixed byte, so what stands before it is looked at afterwards.
FRACTIONS_ENTRY = re.compile(
    rb"\x03(?:(?<=(.)\x00[\x05\x0a]\x00\x03)\x00\x00\x00|(?<=\x00(.)\x00[\x05\x0a]\x00\x00\x00\x03))",
    re.DOTALL,
)
LATITUDES, LONGITUDES = {b"\x02", b"\x14"}, {b"\x04", b"\x16"}  # of a camera, and of what it is aimed at
WORDS = re.compile(rb"g(?:eo(?::|tag|hash|rss)|s(?<=wgs)[-_]?84|itude(?<=longitude)|(ps))")
LATITUDE = re.compile(rb"u(?<=latitu)de")
# What follows GPS in names of properties and before numbers. Photoshop's print settings have "CpgPs" in every file.
GPS_WORD = re.compile(rb"(?:GPS|Gps|gps)(?!Version|version)(?:[A-Za-z]{3}|[\s_:=-]*[+-]?\d)")
# 50.8467, 4.3525 or N 50.8467 E 4.3525 or 50.8467° N 4.3525° E, from the first point on
NUMBERS = re.compile(rb"\.\d{3,}\W{0,2}(?:[ns]?\s*[,;/]\s*[-+]?|\s*[ew]\s*|[ns]\W{1,3})\d{1,3}\.\d{3,}")
MINUTES = rb"\s*\d{1,2}(?:[.,]\d+)?\s*(?:'|\xe2\x80[\x99\xb2]|\xb4|min)\s*[\dnsew]"
BEFORE_SIGN = rb"(?:(?<=\d.)|(?<=\d\s.)|(?<=\d\xc2.)|(?<=\d\s\xc2.))"
COORDINATES = (
    NUMBERS,
    re.compile(rb"l(?:at|on|ng)(?<![a-z]l..)\W{1,4}\d"),
    # 50°50'48", 4° 21.15' E
    re.compile(rb"\xb0" + BEFORE_SIGN + MINUTES),
    re.compile(rb"\xba" + BEFORE_SIGN + MINUTES),
    re.compile(rb"g(?:(?<=\ddeg)|(?<=\d\sdeg))" + MINUTES),
)


def find_location(structure: Structure, blocks: Blocks) -> str | None:
    """Return where a file holds or may hold a location, such as "in its Exif block"; None if it holds none."""
    return next(_places(structure, blocks), None)


def _places(structure: Structure, blocks: Blocks) -> Iterator[str]:
    if structure.has_more:
        yield "behind the end of the picture"
    if structure.has_late_metadata:
        yield "between the scans of the picture"
    for exif in blocks.exif:
        yield from _places_in_exif(exif)
    if any(_has_marks(_plain(packet)) for packet in blocks.xmp):
        yield "in its XMP packet"
    if any(_has_marks(data) for data, _ in blocks.iptc):
        yield "in its IPTC block"
    if _has_marks(blocks.photoshop, is_text=False):
        yield "in its Photoshop block"
    if _profile_has_marks(blocks.profile):
        yield "in its colour profile"
    if any(map(_has_marks, blocks.texts)):
        yield "in a block of text"


def _places_in_exif(exif: Exif) -> Iterator[str]:
    pointers: set[int] = set()
    for directory in exif.directories:
        tags = [entry[0] for entry in directory.entries]
        if directory.tag == GPS and any(tag != GPS_VERSION for tag in tags):
            yield "in a GPS directory"
        if MAKER_NOTE in tags:
            yield "in the camera's own notes, which nobody else can read"
        if GPS in tags:
            pointers.update(directory.start + 12 * n for n, tag in enumerate(tags) if tag == GPS)
    if _has_marks(exif.data, frozenset(pointers)):
        yield "in its Exif block"


def _plain(packet: Packet) -> bytes:
    """Return an XMP packet in UTF-8, whatever encoding it has, and without escapes, those within escapes included."""
    tree, data = packet.root.getroottree(), packet.data
    if tree.docinfo.encoding == "UTF-8" and not any(mark in data for mark in (b"&", b"<![", b"\x00")):
        return data
    return html.unescape(html.unescape(etree.tostring(tree, encoding="unicode"))).encode()


@lru_cache(maxsize=8)  # nearly all portraits have the same one
def _profile_has_marks(profile: bytes) -> bool:
    return _has_marks(profile, is_text=False)


def _has_marks(data: bytes, known: frozenset[int] = frozenset(), *, is_text: bool = True) -> bool:
    """Return whether there are entries, words or numbers of a location anywhere in a block.

    Args:
        data: the block.
        known: positions of entries that point to an empty GPS directory.
        is_text: whether to look for numbers, which large binary blocks can have by chance.
    """
    has_zeros = b"\x00" in data
    # UTF-16 and UTF-32 are ASCII with zeros between.
    plain = data.translate(LOWER_CASE, b"\x00") if has_zeros else data.lower()
    return (
        (has_zeros and _has_entries(data, known))
        or _has_words(data, plain)
        or (is_text and any(pattern.search(plain) for pattern in COORDINATES))
    )


def _has_entries(data: bytes, known: frozenset[int]) -> bool:
    pointers = (match.start() - bool(match[1]) for match in POINTER_ENTRY.finditer(data))
    tags = {tag for match in FRACTIONS_ENTRY.finditer(data) for tag in match.groups()}
    return not known.issuperset(pointers) or not (tags.isdisjoint(LATITUDES) or tags.isdisjoint(LONGITUDES))


def _has_words(data: bytes, plain: bytes) -> bool:
    abbreviations = []
    for match in WORDS.finditer(plain):
        if not match[1]:
            return True
        abbreviations.append(match.start())
    text = data.translate(None, b"\x00") if abbreviations else b""
    return any(GPS_WORD.match(text, at) for at in abbreviations) or LATITUDE.search(plain) is not None
