"""Exif blocks (TIFF directories): what each entry says and where its bytes stand.

A published picture differs from the source only in its location, so a reader has to know the place of every
byte it takes away; libraries that write Exif anew do not keep the rest as it was. Reading is bounded:
directories, entries and bytes a value are counted, and whatever does not fit inside the block is left out.

Format: TIFF 6.0, section 2; Exif 2.32, 4.6.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

EXIF_DIRECTORY = 0x8769
GPS_DIRECTORY = 0x8825
GPS_VERSION = 0x0000
MOST_DIRECTORIES = 8
MOST_ENTRIES = 512
LONGEST_VALUE = 1 << 16
TEXTS = (2, 129)  # ASCII, and UTF-8 since Exif 3.0
SIZES = {129: 1, 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4}


class Entry(NamedTuple):
    """One entry of a directory; a tuple, because a picture has a hundred of them.

    Attributes:
        tag: what the entry says.
        kind: TIFF type of its value.
        start: position of the 12 bytes of the entry.
        value_start: position of the value.
        value: bytes of the value, in the block's byte order.
    """

    tag: int
    kind: int
    start: int
    value_start: int
    value: bytes


@dataclass(frozen=True, slots=True)
class Directory:
    """One directory (IFD).

    Attributes:
        name: `main`, `main+1` for any later one in the chain, `exif`, `gps`.
        start: position of its first byte.
        end: position after the link to the next directory, or of the end of the block where that is first.
        following: position of the next directory in the chain; 0 where there is none.
        entries: its entries in order.
    """

    name: str
    start: int
    end: int
    following: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """An Exif block.

    Attributes:
        order: byte order as `struct` writes it, `<` or `>`.
        directories: the directories that could be read, the main one first.
    """

    order: str
    directories: tuple[Directory, ...]

    def entry(self, directory: str, tag: int) -> Entry | None:
        """The first entry with a tag in the directories of a name; None where there is none."""
        return next(
            (e for d in self.directories if d.name == directory for e in d.entries if e.tag == tag), None
        )

    def text(self, directory: str, tag: int) -> bytes | None:
        """Bytes of a text up to the first NUL; None where there is none."""
        entry = self.entry(directory, tag)
        return entry.value.split(b"\x00")[0] if entry and entry.kind in TEXTS else None

    def parts(self, directory: str, tag: int) -> list[bytes]:
        """Bytes of a text that NULs divide, such as the copyrights of photographer and editor."""
        entry = self.entry(directory, tag)
        return entry.value.split(b"\x00") if entry and entry.kind in TEXTS else []

    def number(self, directory: str, tag: int) -> int | None:
        """A whole number; None where there is none."""
        entry = self.entry(directory, tag)
        return _number(self.order, entry) if entry else None


def read(data: bytes) -> Block | None:
    """The directories of an Exif block; None where the bytes are not one."""
    order = {b"II*\x00": "<", b"MM\x00*": ">"}.get(data[:4])
    if order is None or len(data) < 8:
        return None
    found: list[Directory] = []
    waiting = [("main", struct.unpack_from(order + "I", data, 4)[0])]
    seen: set[int] = set()
    while waiting and len(found) < MOST_DIRECTORIES:
        name, start = waiting.pop(0)
        if start in seen or (directory := _directory(data, order, name, start)) is None:
            continue
        seen.add(start)
        found.append(directory)
        waiting.extend(_links(order, directory))
    return Block(order, tuple(found))


def _directory(data: bytes, order: str, name: str, start: int) -> Directory | None:
    if start < 8 or start + 2 > len(data):
        return None
    (count,) = struct.unpack_from(order + "H", data, start)
    link = start + 2 + 12 * count
    if count > MOST_ENTRIES or link > len(data):
        return None
    (following,) = struct.unpack_from(order + "I", data, link) if link + 4 <= len(data) else (0,)
    entries = (_entry(data, order, start + 2 + 12 * n) for n in range(count))
    end = min(link + 4, len(data))
    return Directory(name, start, end, following, tuple(entry for entry in entries if entry))


def _entry(data: bytes, order: str, start: int) -> Entry | None:
    tag, kind, count = struct.unpack_from(order + "HHI", data, start)
    size = SIZES.get(kind, 0) * count
    value_start = start + 8 if size <= 4 else struct.unpack_from(order + "I", data, start + 8)[0]
    if not size or size > LONGEST_VALUE or value_start + size > len(data):
        return None
    return Entry(tag, kind, start, value_start, data[value_start : value_start + size])


def _links(order: str, directory: Directory) -> Iterator[tuple[str, int]]:
    names = {EXIF_DIRECTORY: "exif", GPS_DIRECTORY: "gps"}
    for entry in directory.entries:
        if entry.tag in names and (start := _number(order, entry)) is not None:
            yield names[entry.tag], start
    if directory.name.startswith("main") and directory.following:
        yield "main+1", directory.following


def _number(order: str, entry: Entry) -> int | None:
    code = {3: "H", 4: "I", 13: "I"}.get(entry.kind)
    return int(struct.unpack_from(order + code, entry.value)[0]) if code else None
