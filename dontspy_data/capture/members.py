"""The gzip members of a capture, each of which holds one record, and what between them is none (WARC 1.1, annex D).

Format: gzip, RFC 1952, https://www.rfc-editor.org/rfc/rfc1952
"""

import mmap
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LARGEST_RECORD = 1 << 28  # The largest real answer is the roster of all terms, about 4 MB.
CHUNK = 1 << 16
MEMBER_START = b"\x1f\x8b\x08"
RECORD_START = b"WARC/"
PADDING = re.compile(rb"[\0\r\n]*")


@dataclass(frozen=True, slots=True)
class Member:
    """A whole gzip member.

    Attributes:
        start: its first byte in the file.
        end: the first byte after it.
        block: what it holds.
    """

    start: int
    end: int
    block: bytes


@dataclass(frozen=True, slots=True)
class Gap:
    """Bytes that are no whole member.

    Attributes:
        start: the first of them.
        end: the first byte after them.
        why: what is wrong with them; empty where the file ends in the middle of a member.
    """

    start: int
    end: int
    why: str


class UnreadableMemberError(Exception):
    """Say that no whole member begins here, and why; an empty reason is the end of the file."""


def members(path: Path) -> Iterator[Member | Gap]:
    """Yield what a file consists of, from its first byte to its last, without padding.

    After bytes that are no member, reading goes on at the next whole member that holds a record.
    """
    size = path.stat().st_size
    if not size:
        return
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        at = 0
        while (at := _after_padding(content, at)) < size:
            try:
                yield (member := _member(content, at))
                at = member.end
            except UnreadableMemberError as error:
                end = _next_record(content, at + 1)
                yield Gap(at, end, str(error) or ("cut off" if end < size else ""))
                at = end


def member_at(path: Path, start: int, end: int) -> bytes:
    """Return what the member at a known place holds.

    Raises:
        zlib.error: there is no member any more.
    """
    with path.open("rb") as stream:
        stream.seek(start)
        return zlib.decompress(stream.read(end - start), wbits=31)


def _after_padding(content: mmap.mmap, at: int) -> int:
    found = PADDING.match(content, at)
    return found.end() if found else at


def _member(content: mmap.mmap, start: int, *, begins: bytes = b"") -> Member:
    inflater = zlib.decompressobj(wbits=31)
    block, at = bytearray(), start
    while not inflater.eof:
        data = inflater.unconsumed_tail or content[at : at + CHUNK]
        if not data:
            raise UnreadableMemberError
        at += 0 if inflater.unconsumed_tail else len(data)
        try:
            block += inflater.decompress(data, LARGEST_RECORD + 1 - len(block))
        except zlib.error as error:
            raise UnreadableMemberError(str(error)) from error
        if len(block) > LARGEST_RECORD:
            raise UnreadableMemberError(f"a record of more than {LARGEST_RECORD:,} bytes")
        if block[: len(begins)] != begins[: len(block)]:
            raise UnreadableMemberError("no record")
    return Member(start, at - len(inflater.unused_data), bytes(block))


def _next_record(content: mmap.mmap, at: int) -> int:
    """Return where the next whole member begins that holds a record; the end of the file where none does."""
    while (at := content.find(MEMBER_START, at)) >= 0:
        try:
            _member(content, at, begins=RECORD_START)
        except UnreadableMemberError:
            at += 1
        else:
            return at
    return len(content)
