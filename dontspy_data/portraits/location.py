"""Whether a picture's metadata say where it was taken.

A portrait whose metadata hold a location, or may hold one, is withheld. Published bytes are the Parliament's own, so
nothing is taken out of a file; in doubt, the file stays out. In doubt is every block that is not of a known kind, and
every known one that cannot be read completely. A GPS directory with only its version is not a location.
"""

import html
import re
from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from dontspy_data.portraits.blocks import GPS, Blocks, Exif, Packet
from dontspy_data.portraits.jpeg import Structure

GPS_VERSION, MAKER_NOTE = 0x0000, 0x927C

LOWER_CASE = bytes(range(256)).lower()

# An entry of a TIFF directory that points to a GPS directory, in either byte order, anywhere in a file.
# Like the others below, it starts with one fixed byte, which makes the search fast, and looks back for those before.
POINTER_ENTRY = re.compile(
    rb"\x88(?:(?<=(\x25)\x88)[\x03\x04\x09\x0d\x12]\x00[\x01-\x08]\x00\x00\x00"
    rb"|\x25\x00[\x03\x04\x09\x0d\x12]\x00\x00\x00[\x01-\x08])"
)
# An entry of a TIFF directory with three fractions, as a latitude or longitude has. Its group is the tag.
FRACTIONS_ENTRY = re.compile(
    rb"\x03(?:(?<=(.)\x00[\x05\x0a]\x00\x03)\x00\x00\x00|(?<=\x00(.)\x00[\x05\x0a]\x00\x00\x00\x03))",
    re.DOTALL,
)
LATITUDES, LONGITUDES = {b"\x02", b"\x14"}, {b"\x04", b"\x16"}  # tags of the camera and of its subject
WORDS = re.compile(rb"g(?:eo(?::|tag|hash|rss)|s(?<=wgs)[-_]?84|itude(?<=longitude)|(ps))")
LATITUDE = re.compile(rb"u(?<=latitu)de")
# GPS in names of properties or before numbers, but not in the "CpgPs" of Photoshop's print settings.
GPS_WORD = re.compile(rb"(?:GPS|Gps|gps)(?!Version|version)(?:[A-Za-z]{3}|[\s_:=-]*[+-]?\d)")
# 50.8467, 4.3525 or N 50.8467 E 4.3525 or 50.8467° N 4.3525° E, from the first decimal point on
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
