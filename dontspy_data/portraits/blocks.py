"""The metadata blocks of a JPEG file, each read once and completely, to look for a location or for texts.

A block that cannot be read completely is an error, so that nothing hides behind damage, and locations and
texts are looked for in the same bytes.

Format: Exif 2.32, 4.6; XMP part 3, 1.1.3; IPTC IIM 4.2, 1.6; Photoshop file formats, "Image resources";
ICC.1:2022, B.4.
"""

import struct
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from dontspy_data.portraits.jpeg import METADATA, Segment, Structure

EXTENSION_HEADER = 40  # a digest of 32 digits, the whole length, and the offset of this part
RESOURCE_SIGNATURES = (b"8BIM", b"AgHg", b"DCSR", b"MeSa", b"PHUT")
RESOURCE_IPTC, RESOURCE_XMP, RESOURCES_EXIF = 0x0404, 0x0424, (0x0422, 0x0423)

MAIN, EXIF, GPS, INTEROPERABILITY, OTHERS = 0, 0x8769, 0x8825, 0xA005, 0x014A
"""Directories of an Exif block, by the tag that points to them; nothing points to the main one."""
POINTERS = frozenset({EXIF, GPS, INTEROPERABILITY, OTHERS})
ORDERS = {b"II*\x00": "<", b"MM\x00*": ">"}
TYPE_SIZES = {129: 1, 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}
TEXT_TYPES = (2, 129)
NUMBER_TYPES = {3: "H", 4: "I", 8: "h", 9: "i"}
RESOLUTION, RATIONAL = 0x011A, 5
MOST_DIRECTORIES = 8

PARSER = etree.XMLParser(
    resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, collect_ids=False
)

Entry = tuple[int, int, int, int]
"""Tag, type and number of values, and their position."""


class UnreadableBlockError(Exception):
    """A metadata block is of an unknown kind or cannot be read completely; the message says which."""


@dataclass(frozen=True, slots=True)
class Directory:
    """A directory of an Exif block: the tag that points to it, the position of its first entry, and all entries."""

    tag: int
    start: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Exif:
    """An Exif block: its bytes, `<` or `>` for their order, and its directories, the main one first."""

    data: bytes
    order: str
    directories: tuple[Directory, ...]

    def text(self, tag: int, directory: int = MAIN) -> bytes:
        """Return the text with a tag, its NULs included; empty if there is none."""
        _, kind, count, place = self._entry(tag, directory)
        return self.data[place : place + count] if kind in TEXT_TYPES else b""

    def kind(self, tag: int) -> int | None:
        """Return the type of the entry with a tag in the main directory; None if there is none."""
        return self._entry(tag, MAIN)[1] or None

    def number(self, tag: int) -> int | None:
        """Return the whole number with a tag in the main directory; None if there is none."""
        _, kind, _, place = self._entry(tag, MAIN)
        code = NUMBER_TYPES.get(kind)
        return int(struct.unpack_from(self.order + code, self.data, place)[0]) if code else None

    def _entry(self, tag: int, directory: int) -> Entry:
        for one in self.directories:
            if one.tag == directory:
                for entry in one.entries:
                    if entry[0] == tag:
                        return entry
                break
        return tag, 0, 0, 0


@dataclass(frozen=True, slots=True)
class Packet:
    """An XMP packet: its bytes, and its root, for reading only."""

    data: bytes
    root: etree._Element


@dataclass(frozen=True, slots=True)
class Blocks:
    """The metadata blocks of a file, in its order.

    Attributes:
        exif: Exif blocks, those inside Photoshop's last.
        xmp: XMP packets; the file's main one is the last.
        iptc: IPTC blocks inside Photoshop's, and the datasets of each by record and dataset number.
        photoshop: the Photoshop block.
        profile: the colour profile.
        texts: comments, and the headers of JFIF, Adobe and others.
        are_usual: whether all have the lengths, types and numbers that every reader expects.
    """

    exif: tuple[Exif, ...]
    xmp: tuple[Packet, ...]
    iptc: tuple[tuple[bytes, Mapping[tuple[int, int], list[bytes]]], ...]
    photoshop: bytes
    profile: bytes
    texts: tuple[bytes, ...]
    are_usual: bool


JFIF, JFXX, EXIF_BLOCK, XMP, EXTENDED_XMP, PROFILE, DUCKY, PHOTOSHOP, ADOBE, COMMENT = KINDS = (
    (0xE0, b"JFIF\x00"),
    (0xE0, b"JFXX\x00"),
    (0xE1, b"Exif\x00\x00"),
    (0xE1, b"http://ns.adobe.com/xap/1.0/\x00"),
    (0xE1, b"http://ns.adobe.com/xmp/extension/\x00"),
    (0xE2, b"ICC_PROFILE\x00"),
    (0xEC, b"Ducky"),
    (0xED, b"Photoshop 3.0\x00"),
    (0xEE, b"Adobe"),
    (0xFE, b""),
)
"""The kinds that are known: the marker, and how the block begins."""
LEAST_LENGTHS = {JFIF: 9, ADOBE: 7}  # Whole, they have 14 and 12 bytes.


def read_blocks(structure: Structure) -> Blocks:
    """Read the metadata blocks before the picture.

    Raises:
        UnreadableBlockError: one is of an unknown kind, or cannot be read completely.
    """
    found: defaultdict[tuple[int, bytes], list[bytes]] = defaultdict(list)
    for segment in structure.segments:
        if segment.marker in METADATA:
            kind = _kind(segment)
            found[kind].append(segment.payload[len(kind[1]) :])
    photoshop = b"".join(found[PHOTOSHOP])
    resources = list(_resources(photoshop))
    packets = [data for number, data in resources if number == RESOURCE_XMP] + found[XMP]
    if parts := found[EXTENDED_XMP]:
        packets.insert(0, b"".join(part[EXTENSION_HEADER:] for part in sorted(parts)))
    exif = tuple(map(_exif, found[EXIF_BLOCK] + [data for n, data in resources if n in RESOURCES_EXIF]))
    return Blocks(
        exif=exif,
        xmp=tuple(map(_packet, packets)),
        iptc=tuple((data, _datasets(data)) for number, data in resources if number == RESOURCE_IPTC),
        photoshop=photoshop,
        profile=_profile(found[PROFILE]),
        texts=tuple(text for kind in (JFIF, JFXX, DUCKY, ADOBE, COMMENT) for text in found[kind]),
        are_usual=len(found[PHOTOSHOP]) <= 1
        and len(exif) <= 1
        and all(one.kind(RESOLUTION) in (RATIONAL, None) for one in exif)
        and all(len(text) >= least for kind, least in LEAST_LENGTHS.items() for text in found[kind]),
    )


def _kind(segment: Segment) -> tuple[int, bytes]:
    for kind in KINDS:
        if segment.marker == kind[0] and segment.payload.startswith(kind[1]):
            return kind
    raise UnreadableBlockError(f"in a block of an unknown kind (APP{segment.marker - 0xE0})")


def _exif(data: bytes) -> Exif:
    order = ORDERS.get(data[:4])
    if order is None:
        raise _unreadable("Exif block")
    directories: list[Directory] = []
    waiting = [(4, MAIN)]  # positions of links to directories, and to which
    try:
        while waiting:
            link, tag = waiting.pop()
            (start,) = struct.unpack_from(order + "I", data, link)
            if (
                start < 8
                or len(directories) == MOST_DIRECTORIES
                or start + 2 in (d.start for d in directories)
            ):
                raise _unreadable("Exif block")
            (count,) = struct.unpack_from(order + "H", data, start)
            directory = Directory(tag, start + 2, _entries(order, data, start + 2, count))
            directories.append(directory)
            for pointer, kind, number, place in directory.entries:
                if pointer in POINTERS:
                    if TYPE_SIZES[kind] != 4 or len(waiting) + number > MOST_DIRECTORIES:
                        raise _unreadable("Exif block")
                    waiting += [(place + 4 * n, pointer) for n in range(number)]
            following = start + 2 + 12 * count
            if struct.unpack_from(order + "I", data, following) != (0,):
                waiting.append((following, tag))
    except struct.error as error:
        raise _unreadable("Exif block") from error
    return Exif(data, order, tuple(directories))


def _entries(order: str, data: bytes, start: int, count: int) -> tuple[Entry, ...]:
    entries = []
    value, end = start + 8, len(data)
    for tag, kind, number, place in struct.iter_unpack(f"{order}HHII", data[start : start + 12 * count]):
        size = TYPE_SIZES.get(kind, 0) * number
        at = value if size <= 4 else place
        if not size or at + size > end:
            raise _unreadable("Exif block")
        entries.append((tag, kind, number, at))
        value += 12
    if len(entries) < count:
        raise _unreadable("Exif block")
    return tuple(entries)


def _packet(data: bytes) -> Packet:
    """Parse an XMP packet in any encoding.

    One with a document type is not read: XMP has none, and entities can blow up XML parsers.
    """
    # Zeros pad packets; in encodings with several bytes per character, they are also part of characters.
    data = data if b"\x00" in data[:4] else data.strip(b"\x00 \r\n\t")
    try:
        root = etree.fromstring(data, PARSER)
    except (etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise _unreadable("XMP packet") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise _unreadable("XMP packet")
    return Packet(data, root)


def _resources(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield number and content of each resource of a Photoshop block."""
    position = 0
    while position < len(data):
        signature, number, name_length = struct.unpack_from(
            ">4sHB", data.ljust(position + 7, b"\x00"), position
        )
        position += 6 + (name_length + 2) // 2 * 2  # The name and its length are padded to an even number.
        size = int.from_bytes(data[position : position + 4], "big")
        content = data[position + 4 : position + 4 + size]
        if signature not in RESOURCE_SIGNATURES or position + 4 > len(data) or len(content) < size:
            raise _unreadable("Photoshop block")
        position += 4 + size + size % 2
        yield number, content


def _datasets(data: bytes) -> Mapping[tuple[int, int], list[bytes]]:
    found: defaultdict[tuple[int, int], list[bytes]] = defaultdict(list)
    position, whole = 0, len(data.rstrip(b"\x00"))
    while position < whole:
        length = int.from_bytes(data[position + 3 : position + 5], "big")
        end = position + 5 + length
        if data[position] != 0x1C or length & 0x8000 or end > len(data):
            raise _unreadable("IPTC block")
        found[data[position + 1], data[position + 2]].append(data[position + 5 : end])
        position = end
    return found


def _profile(parts: list[bytes]) -> bytes:
    # Each part begins with its number, from 1, and the number of parts.
    if [part[:2] for part in sorted(parts)] != [bytes((n + 1, len(parts))) for n in range(len(parts))]:
        raise _unreadable("colour profile")
    return b"".join(part[2:] for part in sorted(parts))


def _unreadable(what: str) -> UnreadableBlockError:
    article = "an" if what[0] in "EIX" else "a"
    return UnreadableBlockError(f"in {article} {what} that cannot be read completely")
