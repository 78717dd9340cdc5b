"""The gzip members of a capture, each of which holds one record, and what between them is none (WARC 1.1, annex D).

A WACZ is a ZIP that stores such files uncompressed under `archive/`: they are read where they lie.

Format: gzip, RFC 1952, https://www.rfc-editor.org/rfc/rfc1952
Format: WACZ 1.1.1, https://specs.webrecorder.net/wacz/1.1.1/
"""

import mmap
import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dontspy_data.errors import CaptureError

LARGEST_RECORD = 1 << 28  # The largest real answer is the roster of all terms, about 4 MB.
CHUNK = 1 << 16
MEMBER_START = b"\x1f\x8b\x08"
RECORD_START = b"WARC/"
PADDING = re.compile(rb"[\0\r\n]*")
ZIP_START = b"PK\x03\x04"
ZIP_LOCAL = struct.Struct("<26xHH")
"""A local header of a ZIP up to the lengths of its name and its extra field (APPNOTE.TXT, section 4.3.7)."""
WACZ_ARCHIVE = "archive/"


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
        why: what is wrong with them; empty if the file ends in the middle of a member.
    """

    start: int
    end: int
    why: str


class UnreadableMemberError(Exception):
    """Say that no whole member begins here, and why; an empty reason is the end of the file."""


def members(path: Path) -> Iterator[Member | Gap]:
    """Yield what a file consists of, from its first byte to its last, without padding; of a WACZ, its WARC files.

    After bytes that are no member, reading goes on at the next whole member that holds a record.

    Raises:
        CaptureError: the file is a ZIP, and no WACZ whose WARC files can be read where they lie.
    """
    if not path.stat().st_size:
        return
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        for start, end in _warc_files(path, content):
            yield from _members_between(content, start, end)


def _members_between(content: mmap.mmap, start: int, end: int) -> Iterator[Member | Gap]:
    at = start
    while (at := _after_padding(content, at, end)) < end:
        try:
            yield (member := _member(content, at, end))
            at = member.end
        except UnreadableMemberError as error:
            found = _next_record(content, at + 1, end)
            yield Gap(at, found, str(error) or ("cut off" if found < end else ""))
            at = found


def _warc_files(path: Path, content: mmap.mmap) -> list[tuple[int, int]]:
    """Return the first byte and the end of each WARC file in a file: itself, or those of a WACZ in order of name."""
    if content[: len(ZIP_START)] != ZIP_START:
        return [(0, len(content))]
    try:
        with zipfile.ZipFile(path) as wacz:
            held = [each for each in wacz.infolist() if not each.is_dir()]
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise _not_a_wacz(path, f"its list of files cannot be read ({error})") from error
    files = sorted(
        (each for each in held if each.filename.startswith(WACZ_ARCHIVE)), key=lambda each: each.filename
    )
    if not files:
        raise _not_a_wacz(path, f"it holds no WARC file under {WACZ_ARCHIVE}")
    return [_stored(path, content, each) for each in files]


def _stored(path: Path, content: mmap.mmap, file: zipfile.ZipInfo) -> tuple[int, int]:
    if file.compress_type != zipfile.ZIP_STORED or file.flag_bits & 1:
        raise _not_a_wacz(path, f"{file.filename} is compressed or encrypted in it")
    header = content[file.header_offset : file.header_offset + ZIP_LOCAL.size]
    if header[: len(ZIP_START)] != ZIP_START or len(header) < ZIP_LOCAL.size:
        raise _not_a_wacz(path, f"{file.filename} is not where its list of files says")
    start = file.header_offset + ZIP_LOCAL.size + sum(ZIP_LOCAL.unpack(header))
    if (end := start + file.file_size) > len(content):
        raise _not_a_wacz(path, f"{file.filename} is cut off")
    return start, end


def _not_a_wacz(path: Path, why: str) -> CaptureError:
    return CaptureError(
        f"{path} is a ZIP that cannot be read as a WACZ: {why}",
        hint=f"Unpack it, and give its WARC files (*.warc.gz) instead: unzip {path.name}",
    )


def member_at(path: Path, start: int, end: int) -> bytes:
    """Return what the member at a known place holds.

    Raises:
        zlib.error: there is no member any more.
    """
    with path.open("rb") as stream:
        stream.seek(start)
        return zlib.decompress(stream.read(end - start), wbits=31)


def _after_padding(content: mmap.mmap, at: int, end: int) -> int:
    found = PADDING.match(content, at, end)
    return found.end() if found else at


def _member(content: mmap.mmap, start: int, end: int, *, begins: bytes = b"") -> Member:
    inflater = zlib.decompressobj(wbits=31)
    block, at = bytearray(), start
    while not inflater.eof:
        data = inflater.unconsumed_tail or content[at : min(at + CHUNK, end)]
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


def _next_record(content: mmap.mmap, at: int, end: int) -> int:
    """Return where the next whole member begins that holds a record; `end` if none does before it."""
    while (at := content.find(MEMBER_START, at, end)) >= 0:
        try:
            _member(content, at, end, begins=RECORD_START)
        except UnreadableMemberError:
            at += 1
        else:
            return at
    return end
