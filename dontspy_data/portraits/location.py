"""Whether a file's metadata hold a location, or may hold one: then its portrait is withheld.

Published bytes are the Parliament's own, so nothing is taken out of a file; in doubt, the file stays out. In doubt
is every block that is not of a known kind, and every known one that cannot be read to its end. A GPS directory with
its version and nothing else is no location.

Format: Exif 2.32, 4.6; XMP part 3, 1.1.3; IPTC IIM 4.2, 1.6; Photoshop file formats, "Image resources";
ICC.1:2022, B.4.
"""

import html
import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from lxml import etree

from dontspy_data.portraits.metadata import parse_xmp
from dontspy_data.portraits.opening import METADATA, Segment, Structure

EXTENSION_HEADER = 40  # a digest of 32 digits, the whole length, and the offset of this part
RESOURCE_SIGNATURES = (b"8BIM", b"AgHg", b"DCSR", b"MeSa", b"PHUT")
RESOURCE_IPTC, RESOURCE_XMP, RESOURCES_EXIF = 0x0404, 0x0424, (0x0422, 0x0423)

GPS_DIRECTORY, GPS_VERSION, MAKER_NOTE = 0x8825, 0x0000, 0x927C
POINTERS = frozenset({0x8769, GPS_DIRECTORY, 0xA005, 0x014A})  # Exif, GPS, interoperability, others
TYPE_SIZES = {129: 1, 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
MOST_DIRECTORIES = 8
UNREADABLE_EXIF = "in an Exif block that cannot be read to its end"

# Entries of a TIFF directory in either byte order, wherever they lie: one that points to a GPS directory,
POINTER_ENTRY = re.compile(
    rb"\x25\x88[\x03\x04\x09\x0d\x12]\x00[\x01-\x08]\x00\x00\x00"
    rb"|\x88\x25\x00[\x03\x04\x09\x0d\x12]\x00\x00\x00[\x01-\x08]"
)
# and the latitude and longitude of a camera, or of what it is aimed at, three fractions each.
# A pattern is quick where it begins with fixed bytes, so what stands before them is looked at afterwards.
LATITUDE, LONGITUDE = rb"[\x02\x14]", rb"[\x04\x16]"
COORDINATE_ENTRIES = tuple(
    (
        re.compile(rb"\x00\x03\x00\x00\x00(?<=" + tag + rb"\x00[\x05\x0a]\x00\x03\x00\x00\x00)"),
        re.compile(rb"\x00\x00\x00\x03(?<=\x00" + tag + rb"\x00[\x05\x0a]\x00\x00\x00\x03)"),
    )
    for tag in (LATITUDE, LONGITUDE)
)
WORDS = (b"latitude", b"longitude", b"geo:", b"geotag", b"geohash", b"georss", b"wgs84", b"wgs-84", b"wgs_84")
OF_WORDS = (b"itude", b"geo", b"wgs")  # one of which each word has
# Photoshop's print settings have "CpgPs" in every file.
GPS = re.compile(rb"(?:GPS|Gps|gps)(?!Version|version)(?:[A-Za-z]{3}|[\s_:=-]*[+-]?\d)")
# 50.8467, 4.3525 or N 50.8467 E 4.3525 or 50.8467° N 4.3525° E, from the first point on
NUMBERS = re.compile(rb"\.\d{3,}\W{0,2}(?:[ns]?\s*[,;/]\s*[-+]?|\s*[ew]\s*|[ns]\W{1,3})\d{1,3}\.\d{3,}")
MINUTES = rb"\s*\d{1,2}(?:[.,]\d+)?\s*(?:'|\xe2\x80[\x99\xb2]|\xb4|min)\s*[\dnsew]"
DEGREES = (  # 50°50'48", 4° 21.15' E
    re.compile(rb"[\xb0\xba](?:(?<=\d.)|(?<=\d\s.)|(?<=\d\xc2.)|(?<=\d\s\xc2.))" + MINUTES),
    re.compile(rb"deg(?:(?<=\ddeg)|(?<=\d\sdeg))" + MINUTES),
)
NAMED = re.compile(rb"l(?:at|on|ng)(?<![a-z]l..)\W{1,4}\d")


class _DoubtError(Exception):
    """The file holds or may hold a location; the message says where."""


def find_location(structure: Structure) -> str | None:
    """Return where a file holds or may hold a location, such as "in its Exif block"; None if it holds none."""
    try:
        _look(structure)
    except _DoubtError as doubt:
        return str(doubt)
    return None


def _look(structure: Structure) -> None:
    if structure.has_more:
        raise _DoubtError("behind the end of the picture")
    if structure.has_late_metadata:
        raise _DoubtError("between the scans of the picture")
    blocks: dict[_Kind, list[bytes]] = {}
    for segment in structure.segments:
        if segment.marker in METADATA:
            kind = _kind(segment)
            blocks.setdefault(kind, []).append(segment.payload[len(kind.prefix) :])
    for kind, payloads in blocks.items():
        kind.read(payloads)


def _kind(segment: Segment) -> "_Kind":
    for kind in _KINDS:
        if segment.marker == kind.marker and segment.payload.startswith(kind.prefix):
            return kind
    raise _DoubtError(f"in a block of an unknown kind (APP{segment.marker - 0xE0})")


def _read_exif(blocks: list[bytes]) -> None:
    for block in blocks:
        _sweep(block, "its Exif block", frozenset(_pointers(block)))


def _pointers(data: bytes) -> Iterator[int]:
    """Yield the positions of entries that point to an empty GPS directory.

    Raises:
        _DoubtError: there is a GPS directory that is not empty, or the block cannot be read to its end.
    """
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(data[:4])
    if order is None:
        raise _DoubtError(UNREADABLE_EXIF)
    waiting = [(4, False)]  # where links to directories stand, and whether to a GPS directory
    seen: set[int] = set()
    while waiting:
        link, is_gps = waiting.pop()
        (start,) = _unpack(order, "I", data, link)
        if start in seen or start < 8 or len(seen) == MOST_DIRECTORIES:
            raise _DoubtError(UNREADABLE_EXIF)
        seen.add(start)
        (count,) = _unpack(order, "H", data, start)
        for entry, fields in _entries(order, data, start + 2, count):
            tag, links = _read_entry(data, entry, fields)
            if is_gps and tag != GPS_VERSION:
                raise _DoubtError("in a GPS directory")
            waiting += [(link, tag == GPS_DIRECTORY) for link in links]
            if tag == GPS_DIRECTORY:
                yield entry
        following = start + 2 + 12 * count
        if _unpack(order, "I", data, following) != (0,):
            waiting.append((following, is_gps))


def _entries(order: str, data: bytes, start: int, count: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield where each entry of a directory stands, and its tag, type, count and value or place of the value."""
    end = start + 12 * count
    if end > len(data):
        raise _DoubtError(UNREADABLE_EXIF)
    return zip(range(start, end, 12), struct.iter_unpack(f"{order}HHII", data[start:end]), strict=True)


def _read_entry(data: bytes, entry: int, fields: tuple[int, ...]) -> tuple[int, range]:
    """Return an entry's tag, and where the links to directories stand that it has."""
    tag, kind, count, place = fields
    size = TYPE_SIZES.get(kind, 0) * count
    value = place if size > 4 else entry + 8
    if not size or value + size > len(data) or (tag in POINTERS and TYPE_SIZES[kind] != 4):
        raise _DoubtError(UNREADABLE_EXIF)
    if tag == MAKER_NOTE:
        raise _DoubtError("in the camera's own notes, which nobody else can read")
    return tag, range(value, value + size, 4) if tag in POINTERS else range(0)


def _unpack(order: str, code: str, data: bytes, at: int) -> tuple[int, ...]:
    try:
        return struct.unpack_from(order + code, data, at)
    except struct.error as error:
        raise _DoubtError(UNREADABLE_EXIF) from error


def _read_xmp(packets: list[bytes]) -> None:
    for packet in packets:
        root = parse_xmp(packet)
        if root is None:
            raise _DoubtError("in an XMP packet that cannot be read to its end")
        # Whatever encoding the packet has; and text that is escaped within text counts as well.
        text = html.unescape(etree.tostring(root.getroottree(), encoding="unicode"))
        _sweep(html.unescape(text).encode(), "its XMP packet")


def _read_extended_xmp(parts: list[bytes]) -> None:
    _read_xmp([b"".join(part[EXTENSION_HEADER:] for part in sorted(parts))])


def _read_profile(parts: list[bytes]) -> None:
    # Each part begins with its number, from 1, and the number of parts.
    if [part[:2] for part in sorted(parts)] != [bytes((n + 1, len(parts))) for n in range(len(parts))]:
        raise _DoubtError("in a colour profile that cannot be read to its end")
    if _profile_has_marks(b"".join(parts)):
        raise _DoubtError("in its colour profile")


@lru_cache(maxsize=8)  # nearly all portraits have the same one
def _profile_has_marks(profile: bytes) -> bool:
    return _has_marks(profile, frozenset(), is_text=False)


def _read_resources(parts: list[bytes]) -> None:
    data = b"".join(parts)
    position = 0
    while position < len(data):
        signature, number, name_length = struct.unpack_from(
            ">4sHB", data.ljust(position + 7, b"\x00"), position
        )
        position += 6 + (name_length + 2) // 2 * 2  # The name and its length are padded to an even number.
        if signature not in RESOURCE_SIGNATURES or position + 4 > len(data):
            raise _DoubtError("in a Photoshop block that cannot be read to its end")
        size = int.from_bytes(data[position : position + 4], "big")
        content = data[position + 4 : position + 4 + size]
        position += 4 + size + size % 2
        if len(content) < size:
            raise _DoubtError("in a Photoshop block that cannot be read to its end")
        if number == RESOURCE_IPTC:
            _read_iptc(content)
        elif number == RESOURCE_XMP:
            _read_xmp([content])
        elif number in RESOURCES_EXIF:
            _read_exif([content])
    _sweep(data, "its Photoshop block", is_text=False)


def _read_iptc(data: bytes) -> None:
    position = 0
    while data[position:].strip(b"\x00"):
        length = int.from_bytes(data[position + 3 : position + 5], "big")
        if data[position] != 0x1C or length & 0x8000 or position + 5 + length > len(data):
            raise _DoubtError("in an IPTC block that cannot be read to its end")
        position += 5 + length
    _sweep(data, "its IPTC block")


def _read_text(blocks: list[bytes]) -> None:
    for block in blocks:
        _sweep(block, "a block of text")


def _sweep(data: bytes, where: str, known: frozenset[int] = frozenset(), *, is_text: bool = True) -> None:
    """Raise _DoubtError if there are entries, words or numbers of a location anywhere in a block.

    Args:
        data: the block.
        where: what to call it.
        known: positions of entries that point to an empty GPS directory.
        is_text: whether to look for numbers, which large binary blocks can have by chance.
    """
    if _has_marks(data, known, is_text=is_text):
        raise _DoubtError(f"in {where}")


def _has_marks(data: bytes, known: frozenset[int], *, is_text: bool) -> bool:
    text = data.replace(b"\x00", b"")  # UTF-16 and UTF-32 are ASCII with zeros between.
    plain = text.lower()
    return (
        _has_entries(data, known)
        or (any(part in plain for part in OF_WORDS) and any(word in plain for word in WORDS))
        or (b"gps" in plain and GPS.search(text) is not None)
        or (is_text and _has_coordinates(plain))
    )


def _has_entries(data: bytes, known: frozenset[int]) -> bool:
    if any(tag in data for tag in (b"\x25\x88", b"\x88\x25")) and not known.issuperset(
        match.start() for match in POINTER_ENTRY.finditer(data)
    ):
        return True
    return all(any(entry.search(data) for entry in either) for either in COORDINATE_ENTRIES)


def _has_coordinates(text: bytes) -> bool:
    return any(pattern.search(text) for pattern in (NUMBERS, NAMED, *DEGREES))


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of metadata block that is known: its marker, how it begins, and what reads all of that kind."""

    marker: int
    prefix: bytes
    read: Callable[[list[bytes]], None]


_KINDS = (
    _Kind(0xE0, b"JFIF\x00", _read_text),
    _Kind(0xE0, b"JFXX\x00", _read_text),
    _Kind(0xE1, b"Exif\x00\x00", _read_exif),
    _Kind(0xE1, b"http://ns.adobe.com/xap/1.0/\x00", _read_xmp),
    _Kind(0xE1, b"http://ns.adobe.com/xmp/extension/\x00", _read_extended_xmp),
    _Kind(0xE2, b"ICC_PROFILE\x00", _read_profile),
    _Kind(0xEC, b"Ducky", _read_text),
    _Kind(0xED, b"Photoshop 3.0\x00", _read_resources),
    _Kind(0xEE, b"Adobe", _read_text),
    _Kind(0xFE, b"", _read_text),
)
