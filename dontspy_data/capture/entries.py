"""One record of a capture and its answer, with content encodings undone, which other crawlers keep (RFC 9110, 8.4).

Format: WARC 1.1, https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/
"""

import importlib
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from warcio.bufferedreaders import ChunkedDataReader
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord, ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeadersParserException

from dontspy_data.capture.records import (
    LARGEST_RECORD,
    LEFT_OUT,
    ORIGIN,
    RECORD_START,
    REDIRECTED_TO,
    UNUSABLE,
    VIA,
    Origin,
    Page,
    member_at,
)
from dontspy_data.errors import CaptureError

Address = Callable[[str], str]
"""Gives the canonical address of a page."""

SAME_PAYLOAD = "/identical-payload-digest"
LOADER = ArcWarcRecordLoader(verify_http=False, arc2warc=False)
NO_RECORD = (
    ArchiveLoadFailed,
    StatusAndHeadersParserException,
    EOFError,
    AttributeError,
    ValueError,
    TypeError,
)
"""What warcio raises for bytes that are not a record: for an answer without an address, for example, AttributeError."""

LIBRARIES = {"br": "brotli", "zstd": "zstandard"}


@dataclass(frozen=True, slots=True)
class Revisit:
    """The answer that an answer without a body of its own refers to.

    Attributes:
        url: its address.
        retrieved_at: when it was received, UTC; None if the record does not say.
        digest: of its payload, where the record says that this is the same; empty if it does not.
    """

    url: str
    retrieved_at: datetime | None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where one answer is: what the index knows without reading the body.

    Attributes:
        url: canonical address.
        retrieved_at: when the answer was received, UTC.
        status: HTTP status code as received; of a revisit, 304 for the most part, and 0 where it has none.
        path: the capture.
        offset: first byte of the record in the capture.
        end: first byte after the record.
        digest: of its payload, as the record gives it; empty if it gives none.
        revisits: the answer that this one refers to; None for a whole answer.
    """

    url: str
    retrieved_at: datetime
    status: int
    path: Path
    offset: int
    end: int
    digest: str = ""
    revisits: Revisit | None = None


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark that an answer was received and is not in the capture.

    Attributes:
        url: canonical address.
        retrieved_at: when the answer was received, UTC.
        why: the header of the answer that it was left out for; or why nothing could be made of it.
        status: HTTP status code as received; None if the remark does not say.
        is_unusable: whether nothing could be made of the answer, which says nothing about its subject.
    """

    url: str
    retrieved_at: datetime
    why: str
    status: int | None
    is_unusable: bool = False


def read_page(entry: Entry) -> Page:
    """Read the answer at an entry as it was received: of a revisit, its own headers and no body.

    Raises:
        CaptureError: the file was changed since it was scanned.
    """
    try:
        block = member_at(entry.path, entry.offset, entry.end)
    except zlib.error as error:
        raise _damaged(entry.path, entry.offset, str(error)) from error
    record, _ = _load(block, entry.path, entry.offset)
    body = record.raw_stream.read()
    if record.http_headers:
        body = without_encodings(body, encodings_of(record), entry)
        headers = tuple(record.http_headers.headers)
    else:
        media_type = record.rec_headers.get_header("Content-Type")
        headers = (("Content-Type", media_type),) if media_type else ()
    return Page(
        url=entry.url,
        status=entry.status,
        headers=headers,
        body=body,
        retrieved_at=entry.retrieved_at,
        redirected_to=record.rec_headers.get_header(REDIRECTED_TO) or "",
        origin=_origin(record),
        via=record.rec_headers.get_header(VIA) or "",
    )


def encodings_of(record: ArcWarcRecord) -> tuple[str, ...]:
    """Return the names of the transfer and content encodings of a record's body; none for the most part."""
    if not record.http_headers:
        return ()
    values = [
        (name.lower(), value)
        for name, value in record.http_headers.headers
        if name.lower() in ("content-encoding", "transfer-encoding")
    ]
    return tuple(
        part.strip().lower()
        for _, value in sorted(values)
        for part in value.split(",")
        if part.strip().lower() not in ("", "identity")
    )


def without_encodings(body: bytes, encodings: tuple[str, ...], entry: Entry) -> bytes:
    """Return a body without its encodings; raise CaptureError where they cannot be undone."""
    if "chunked" in encodings:
        body = ChunkedDataReader(BytesIO(body)).read()
    try:
        return decoded(body, [name for name in encodings if name != "chunked"])
    except EncodingError as error:
        raise _damaged(
            entry.path, entry.offset, f"the answer of {entry.url} cannot be read: {error}"
        ) from error


def not_a_capture(path: Path, why: str) -> CaptureError:
    """Return the error for a file that is not a capture at all."""
    return CaptureError(
        f"{path} is not a capture: {why}",
        hint="A capture is a .warc.gz file with one gzip member per record, as `dontspy-data collect` "
        "writes it; `warcio recompress` makes one of other WARC files.",
    )


def fields_of(body: bytes) -> dict[str, str]:
    """Return the fields of a record of the type `application/warc-fields`."""
    lines = body.decode(errors="replace").replace("\r\n", "\n").split("\n")
    return dict(line.split(": ", 1) for line in lines if ": " in line)


def _damaged(path: Path, offset: int, why: str) -> CaptureError:
    return CaptureError(
        f"{path.name} is damaged in the record at byte {offset:,}: {why}",
        hint="The file was changed after it was written. Take a copy that is whole, or collect again.",
    )


def unreadable(path: Path, offset: int, why: str) -> CaptureError:
    """Return the error for bytes that are not a record; at the beginning of a file: that it is not a capture."""
    return _damaged(path, offset, why) if offset else not_a_capture(path, why)


def _load(block: bytes, path: Path, offset: int) -> tuple[ArcWarcRecord, BytesIO]:
    """Open the record at the beginning of a gzip member's content, and the stream that it is read from."""
    stream = BytesIO(block)
    try:
        record = LOADER.parse_record_stream(stream, known_format="warc", check_digests=True)
    except NO_RECORD as error:
        raise unreadable(path, offset, f"no WARC record ({str(error).strip()})") from error
    if record.length is None:
        raise _damaged(path, offset, "the record does not say how long it is")
    return record, stream


def whole_record(block: bytes, path: Path, offset: int) -> tuple[ArcWarcRecord, bytes]:
    """Read the one record of a gzip member, check its digests, and return its body as stored."""
    record, stream = _load(block, path, offset)
    body = record.raw_stream.read()
    if record.raw_stream.limit:
        raise _damaged(path, offset, f"the record ends {record.raw_stream.limit:,} bytes early")
    if record.digest_checker.passed is False:
        url = record.rec_headers.get_header("WARC-Target-URI") or record.rec_type
        raise _damaged(path, offset, f"the answer of {url} does not match its digest")
    if rest := block[stream.tell() :].strip(b"\r\n"):
        if rest.startswith(RECORD_START):
            raise not_a_capture(path, f"the gzip member at byte {offset:,} holds more than one record")
        raise _damaged(path, offset, "there is more in it than the record says")
    return record, body


def entry_of(record: ArcWarcRecord, path: Path, offset: int, end: int, address: Address) -> Entry | None:
    """Return the answer in a record; None for other kinds of record and for answers not over HTTP.

    A `resource` record, which warcit makes of a file, counts as an answer with status 200.
    """
    kind = record.rec_type
    is_answer = kind == "revisit" or (kind == "response" and record.http_headers is not None)
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    if not is_answer and not (kind == "resource" and url.startswith(("http://", "https://"))):
        return None
    status = _status(record, path, offset) if record.http_headers else 0
    return Entry(
        url=_address(record, path, offset, address),
        retrieved_at=_time(record, "WARC-Date", path, offset),
        status=200 if kind == "resource" else status,
        path=path,
        offset=offset,
        end=end,
        digest=record.rec_headers.get_header("WARC-Payload-Digest") or "",
        revisits=_revisit(record, path, offset, address) if kind == "revisit" else None,
    )


def _revisit(record: ArcWarcRecord, path: Path, offset: int, address: Address) -> Revisit:
    headers = record.rec_headers
    is_same = (headers.get_header("WARC-Profile") or "").endswith(SAME_PAYLOAD)
    return Revisit(
        url=address(headers.get_header("WARC-Refers-To-Target-URI") or "")
        or _address(record, path, offset, address),
        retrieved_at=(
            _time(record, "WARC-Refers-To-Date", path, offset)
            if headers.get_header("WARC-Refers-To-Date")
            else None
        ),
        # Beside a 304 this may be the digest of no payload at all.
        digest=(headers.get_header("WARC-Payload-Digest") or "") if is_same else "",
    )


def remarks_of(
    record: ArcWarcRecord, body: bytes, path: Path, offset: int, address: Address
) -> Iterator[Remark]:
    """Yield what a record of the type `metadata` says of an answer that was left out; nothing for others'."""
    fields = fields_of(body)
    for name in (LEFT_OUT, UNUSABLE):
        if name not in fields:
            continue
        status = fields.get("status", "")
        yield Remark(
            url=_address(record, path, offset, address),
            retrieved_at=_time(record, "WARC-Date", path, offset),
            why=fields[name],
            status=int(status) if status.isdecimal() else None,
            is_unusable=name == UNUSABLE,
        )


def _address(record: ArcWarcRecord, path: Path, offset: int, address: Address) -> str:
    if url := record.rec_headers.get_header("WARC-Target-URI"):
        return address(url)
    raise _damaged(path, offset, f"a {record.rec_type} without an address")


def _status(record: ArcWarcRecord, path: Path, offset: int) -> int:
    code = record.http_headers.get_statuscode()
    if len(code) == 3 and code.isascii() and code.isdecimal():
        return int(code)
    raise _damaged(path, offset, f"{code!r} is not an HTTP status")


def _time(record: ArcWarcRecord, name: str, path: Path, offset: int) -> datetime:
    text = record.rec_headers.get_header(name) or ""
    try:
        moment = datetime.fromisoformat(text)
        # WARC gives times in UTC, whether it says so or not; this machine's zone plays no part.
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise _damaged(path, offset, f"{name} is {text!r}, which is not a time") from error


def _origin(record: ArcWarcRecord) -> Origin:
    named = record.rec_headers.get_header(ORIGIN)
    return Origin(named) if named in set(Origin) else Origin.SERVER


class EncodingError(ValueError):
    """Say that a body's encoding cannot be undone, and what would help."""


def decoded(body: bytes, encodings: Sequence[str]) -> bytes:
    """Return a body without its encodings.

    A body that does not begin as gzip does is taken as it is: many crawlers undo the encoding and keep the header.

    Args:
        body: as it was sent.
        encodings: their names in the order in which they were applied, lower case.

    Raises:
        EncodingError: an encoding is not known, its library is not installed, or the body is damaged.
    """
    for name in reversed(encodings):
        undo = DECODERS.get(name)
        if undo is None:
            raise EncodingError(f"the encoding {name} is not known")
        try:
            body = undo(body)
        except zlib.error as error:
            raise EncodingError(f"its encoding {name} is damaged ({error})") from error
    return body


def _gunzip(body: bytes) -> bytes:
    return _inflate(body, 31) if body.startswith(b"\x1f\x8b") else body


def _deflate(body: bytes) -> bytes:
    try:
        return _inflate(body, 15)
    except zlib.error:
        return _inflate(body, -15)  # Some servers leave out the zlib frame.


def _inflate(body: bytes, wbits: int) -> bytes:
    inflater = zlib.decompressobj(wbits=wbits)
    found = inflater.decompress(body, LARGEST_RECORD)
    if inflater.unconsumed_tail:
        raise EncodingError(f"it says more than {LARGEST_RECORD:,} bytes")
    if body and not inflater.eof:
        raise EncodingError("it ends early")
    return found


def _brotli(body: bytes) -> bytes:
    library = _library("br")
    try:
        found: bytes = library.decompress(body)
    except library.error as error:
        raise EncodingError(f"its encoding br is damaged ({error})") from error
    return found


def _zstd(body: bytes) -> bytes:
    library = _library("zstd")
    try:
        found: bytes = library.ZstdDecompressor().decompressobj().decompress(body)
    except library.ZstdError as error:
        raise EncodingError(f"its encoding zstd is damaged ({error})") from error
    return found


def _library(encoding: str):  # type: ignore[no-untyped-def]
    name = LIBRARIES[encoding]
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise EncodingError(
            f"its encoding {encoding} needs the package {name}: pip install {name}"
        ) from error


DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "identity": lambda body: body,
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
