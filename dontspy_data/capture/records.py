"""Records: one answer of a server, its canonical address, and its bytes in a capture.

Record ids follow from what is written, so that the same answers give the same bytes. One page has one address, however
somebody else's crawler wrote it: scheme, host, port and the parameters of sessions and campaigns are treated as by
pywb's canonicalizer (the package `surt`). Paths and other parameters are left alone: the Parliament's are told apart
by case.

Each record is a gzip member of its own (annex D). Bytes between members, padding aside, are reported as gaps.
A WACZ is a ZIP that stores such files uncompressed under `archive/`: they are read in place.

Format: WARC 1.1, https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/
Format: gzip, RFC 1952, https://www.rfc-editor.org/rfc/rfc1952
Format: WACZ 1.1.1, https://specs.webrecorder.net/wacz/1.1.1/
"""

import hashlib
import mmap
import re
import struct
import uuid
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from dontspy_data.errors import CaptureError

SESSION = frozenset(
    {"_", "cfid", "cftoken", "phpsessid", "jsessionid", "sid", "sessionid", "fbclid", "gclid", "msclkid"}
)

REVISIT_PROFILE = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
JPEG_START = b"\xff\xd8"
REDIRECTED_TO = "WARC-Redirected-To"  # an extension: the standard leaves room for fields of one's own
UNUSABLE = "unusable"  # the field of a remark that says why an archive's answer is not worth fetching again
LEFT_OUT = "left-out"  # the field of a remark that says why its answer is not in the capture
ORIGIN, VIA = "Dontspy-Origin", "Dontspy-Via"  # extensions too: who gave the answer, and where it was found
RECORD_NAMESPACE = uuid.UUID("6f9c2f3e-5d0e-5c8b-9c39-1b1c1c7a5a10")

LARGEST_RECORD = 1 << 28  # The largest real answer is the roster of all terms, about 4 MB.
CHUNK = 1 << 16
MEMBER_START = b"\x1f\x8b\x08"
RECORD_START = b"WARC/"
PADDING = re.compile(rb"[\0\r\n]*")
ZIP_START = b"PK\x03\x04"
ZIP_LOCAL = struct.Struct("<26xHH")
"""A local header of a ZIP up to the lengths of its name and its extra field (APPNOTE.TXT, section 4.3.7)."""
WACZ_ARCHIVE = "archive/"


def canonical(url: str) -> str:
    """Return the address with `https`, the host in small letters, no port of its own and no session or campaign.

    Other addresses than those of HTTP are returned unchanged.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return url
    if parts.scheme not in ("http", "https") or not host:
        return url
    host = f"[{host}]" if ":" in host else host.rstrip(".")
    netloc = host if port in (None, 80, 443) else f"{host}:{port}"
    kept = [field for field in parts.query.split("&") if not _is_session(field)]
    return urlunsplit(("https", netloc, parts.path or "/", "&".join(kept), ""))


def _is_session(field: str) -> bool:
    name = field.partition("=")[0].lower()
    return name in SESSION or name.startswith("utm_")


def compressed(data: bytes) -> bytes:
    """Return a gzip member with these bytes compressed."""
    return zlib.compress(data, wbits=31)


class Origin(StrEnum):
    """Where the writer of the capture got an answer from."""

    SERVER = "server"  # the server itself
    WEB_ARCHIVE = "web_archive"  # a web archive that had received it
    IMPORTED = "imported"  # a person who had saved it


@dataclass(frozen=True, slots=True)
class Page:
    """One answer of a server, as it was received.

    Attributes:
        url: canonical address, whatever server the request was sent through.
        status: HTTP status code.
        headers: response headers in order, names as received.
        body: the body's bytes, with any transfer or content encoding undone.
        retrieved_at: when the answer was received, UTC.
        redirected_to: the address that redirects led to, which gave the answer; empty if there were none.
        origin: who gave it.
        via: the web archive's address of it, or the name of the list that describes it; empty for the server's own.
    """

    url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    retrieved_at: datetime
    redirected_to: str = ""
    origin: Origin = Origin.SERVER
    via: str = ""

    @property
    def sha256(self) -> str:
        """SHA-256 of the body, 64 hexadecimal digits."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def content_type(self) -> str:
        """Media type without parameters, lower case; empty if the server gave none."""
        return self.header("Content-Type").split(";")[0].strip().lower()

    def header(self, name: str) -> str:
        """Return the value of a header's first line; empty if the server gave none."""
        return next(iter(self.values(name)), "")

    def values(self, name: str) -> tuple[str, ...]:
        """Return the values of all lines of one header, in order, never joined."""
        return tuple(value for key, value in self.headers if key.lower() == name.lower())


def info_record(software: str, started_at: datetime, info: Mapping[str, str]) -> bytes:
    """Return the compressed `warcinfo` record that a capture begins with."""
    fields = {"software": software, "format": "WARC File Format 1.1", **info}
    return _warc_record("warcinfo", "", started_at, fields=fields)


def response_record(page: Page, *, reason: str = "OK") -> bytes:
    """Return the record of a whole answer, as one gzip member."""
    # The body is stored decoded, so what describes its encoding on the wire is left out.
    kept = [
        (k, v)
        for k, v in page.headers
        if k.lower() not in ("content-encoding", "transfer-encoding", "content-length")
    ]
    kept.append(("Content-Length", str(len(page.body))))
    http_headers = StatusAndHeaders(f"{page.status} {reason}", kept, protocol="HTTP/1.1")
    # A JPEG is compressed already: compressing it again would take longer than the rest of its record.
    member = stored if page.body.startswith(JPEG_START) else compressed
    return _warc_record(
        "response",
        page.url,
        page.retrieved_at,
        http_headers=http_headers,
        payload=page.body,
        headers={REDIRECTED_TO: page.redirected_to, **_provenance(page)},
        member=member,
    )


def resource_record(page: Page) -> bytes:
    """Return the record of a body of which no headers are known, as one gzip member."""
    return _warc_record(
        "resource",
        page.url,
        page.retrieved_at,
        payload=page.body,
        content_type=page.content_type,
        headers=_provenance(page),
        member=stored if page.body.startswith(JPEG_START) else compressed,
    )


def _provenance(page: Page) -> dict[str, str]:
    return {} if page.origin is Origin.SERVER else {ORIGIN: page.origin, VIA: page.via}


def revisit_record(page: Page, refers_to: datetime) -> bytes:
    """Return the compressed record of an answer that confirms an earlier one."""
    http_headers = StatusAndHeaders("304 Not Modified", list(page.headers), protocol="HTTP/1.1")
    headers = {
        "WARC-Profile": REVISIT_PROFILE,
        "WARC-Refers-To-Target-URI": page.url,
        "WARC-Refers-To-Date": _stamp(refers_to),
    }
    return _warc_record("revisit", page.url, page.retrieved_at, http_headers=http_headers, headers=headers)


def remark_record(page: Page, why: str) -> bytes:
    """Return the compressed record of an answer that is left out, with the header that is the reason."""
    return _warc_record(
        "metadata", page.url, page.retrieved_at, fields={LEFT_OUT: why, "status": str(page.status)}
    )


def unusable_record(url: str, retrieved_at: datetime, why: str) -> bytes:
    """Return the compressed record of an archived answer that no build could read, so that it is not fetched again."""
    return _warc_record("metadata", url, retrieved_at, fields={UNUSABLE: why})


def _warc_record(
    kind: str,
    url: str,
    at: datetime,
    *,
    http_headers: StatusAndHeaders | None = None,
    payload: bytes = b"",
    fields: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
    content_type: str = "",
    member: Callable[[bytes], bytes] = compressed,
) -> bytes:
    if fields:
        payload = "".join(f"{key}: {value}\r\n" for key, value in fields.items()).encode()
    stamp = _stamp(at)
    warc_headers = {
        "WARC-Date": stamp,
        "WARC-Record-ID": f"<urn:uuid:{uuid.uuid5(RECORD_NAMESPACE, f'{kind} {url} {stamp}')}>",
        **{name: value for name, value in (headers or {}).items() if value},
    }
    block = BytesIO()
    writer = WARCWriter(block, gzip=False, warc_version="WARC/1.1")
    record = writer.create_warc_record(
        url,
        kind,
        payload=BytesIO(payload),
        length=len(payload),
        warc_content_type="application/warc-fields" if fields else content_type,
        http_headers=http_headers,
        warc_headers_dict=warc_headers,
    )
    writer.write_record(record)
    return member(block.getvalue())


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def stored(data: bytes) -> bytes:
    """Return a gzip member that stores its content uncompressed, for content that is compressed already."""
    return zlib.compress(data, level=0, wbits=31)


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
    """Bytes that are not a whole member.

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

    After bytes that are not a member, reading continues at the next whole member that holds a record.

    Raises:
        CaptureError: the file is a ZIP, but not a WACZ whose WARC files can be read in place.
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
    """Return the content of the member at a known offset.

    Raises:
        zlib.error: the member is no longer there.
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
