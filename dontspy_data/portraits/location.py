"""Locations out of a picture's metadata, without touching anything else.

Bytes are blanked where they stand: the file keeps its length, its pixels and the place of every other
entry. A GPS directory that holds its version and nothing more is no location, and stays.

Format: Exif 2.32, 4.6.6 (GPS); XMP part 2, 2.3.1 (`exif:GPS…` properties).
"""

import re
import struct
from collections.abc import Iterator

from dontspy_data.portraits import jpeg, tiff

MOST_BLOCKS = 64
OVERLAP = "has a location whose bytes overlap other metadata"
XMP_EXTENSION = b"http://ns.adobe.com/xmp/extension/\x00"
GPS_POINTERS = (b"\x25\x88", b"\x88\x25")  # the directory's tag in either byte order
MENTION = re.compile(rb"[:<]GPS(?!VersionID\b)[A-Z]")
PROPERTY = re.compile(
    rb"""\s(?:[\w.-]+:)GPS\w+\s*=\s*(?:"[^"<]*"|'[^'<]*')"""
    rb"""|<((?:[\w.-]+:)?GPS\w+)(?:\s[^<>]*)?(?:/>|>[^<]*</\1\s*>)"""
)


class LocationError(Exception):
    """A location that cannot be taken away without changing the rest; the message says why."""


def without_location(body: bytes) -> bytes:
    """The file without any location; the same bytes where it has none.

    Every metadata block is looked at, also those of previews and of further pictures in the same file.

    Raises:
        LocationError: there is a location, and taking it away would change other metadata.
    """
    cleaned = body
    for start, end in _blocks(body, jpeg.EXIF):
        cleaned = _replace(cleaned, start, end, _clean_exif(body[start:end]))
    for prefix in (jpeg.XMP, XMP_EXTENSION):
        for start, end in _blocks(body, prefix):
            cleaned = _replace(cleaned, start, end, _clean_xmp(body[start:end]))
    return cleaned


def _replace(body: bytes, start: int, end: int, block: bytes) -> bytes:
    return body if body[start:end] == block else body[:start] + block + body[end:]


def _blocks(body: bytes, prefix: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of the metadata blocks of one kind, wherever they stand in the file."""
    found = 0
    position = body.find(prefix)
    while position >= 0:
        if position >= 4 and body[position - 4] == 0xFF and body[position - 3] == jpeg.APP1:
            found += 1
            if found > MOST_BLOCKS:
                raise LocationError(f"has more than {MOST_BLOCKS} metadata blocks of one kind")
            (length,) = struct.unpack_from(">H", body, position - 2)
            yield position + len(prefix), min(position - 2 + length, len(body))
        position = body.find(prefix, position + len(prefix))


def _clean_exif(data: bytes) -> bytes:
    if not any(pointer in data for pointer in GPS_POINTERS):
        return data
    block = tiff.read(data)
    if block is None or not _has_location(block):
        return data
    cleaned = bytearray(data)
    for directory in block.directories:
        if directory.name == "gps":
            _blank(cleaned, directory.start, directory.end)
            for entry in directory.entries:
                if entry.value_start != entry.start + 8:
                    _blank(cleaned, entry.value_start, entry.value_start + len(entry.value))
    for directory in block.directories:
        if directory.name != "gps":
            _drop_pointers(cleaned, block.order, directory)
    result = bytes(cleaned)
    if _facts(tiff.read(result)) != _facts(block):
        raise LocationError(OVERLAP)
    return result


def _has_location(block: tiff.Block) -> bool:
    return any(
        entry.tag != tiff.GPS_VERSION
        for directory in block.directories
        if directory.name == "gps"
        for entry in directory.entries
    )


def _blank(data: bytearray, start: int, end: int) -> None:
    data[start:end] = bytes(end - start)


def _drop_pointers(data: bytearray, order: str, directory: tiff.Directory) -> None:
    """Take the entries that point to a location out of a directory; what follows them moves up."""
    pointers = [entry.start for entry in directory.entries if entry.tag == tiff.GPS_DIRECTORY]
    for start in reversed(pointers):
        moved = data[start + 12 : directory.end]
        data[start : directory.end] = moved + bytes(12)
    (count,) = struct.unpack_from(order + "H", data, directory.start)
    if count < len(pointers):
        raise LocationError(OVERLAP)
    struct.pack_into(order + "H", data, directory.start, count - len(pointers))


def _facts(block: tiff.Block | None) -> list[tuple[str, int, int, bytes]]:
    """Everything a block says apart from the location."""
    return [
        (directory.name, entry.tag, entry.kind, entry.value)
        for directory in (block.directories if block else ())
        if directory.name != "gps"
        for entry in directory.entries
        if entry.tag != tiff.GPS_DIRECTORY
    ]


def _clean_xmp(packet: bytes) -> bytes:
    if b"GPS" not in packet or not MENTION.search(packet):
        return packet
    cleaned = PROPERTY.sub(lambda match: b" " * len(match[0]), packet)
    if MENTION.search(cleaned):
        raise LocationError("has a location in its XMP packet that is not written as a property")
    return cleaned
