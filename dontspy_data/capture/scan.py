"""Scanning one capture: each record is one gzip member (WARC 1.1, annex D), and its digests are checked.

Format: WARC 1.1, https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/
"""

import mmap
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO

from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord, ArcWarcRecordLoader
from warcio.statusandheaders import StatusAndHeadersParserException

from dontspy_data.capture.records import LEFT_OUT, REDIRECTED_TO, Page
from dontspy_data.errors import CaptureError, UsageError


@dataclass(frozen=True, slots=True)
class Revisit:
    """The answer that an answer without a body of its own refers to.

    Attributes:
        url: its address.
        retrieved_at: when it was received, UTC; None where the record does not say.
        digest: of its payload, where the record says that this is the same; empty where it does not.
    """

    url: str
    retrieved_at: datetime | None
    digest: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """Where one answer stands: what the index knows without reading the body.

    Attributes:
        url: canonical address.
        retrieved_at: when the answer was received, UTC.
        status: HTTP status code as received; of a revisit, 304 for the most part, and 0 where it has none.
        path: the capture.
        offset: first byte of the record in the capture.
        end: first byte after the record.
        digest: of its payload, as the record gives it; empty where it gives none.
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
    """That an answer was received and left out of the capture.

    Attributes:
        url: canonical address.
        retrieved_at: when the answer was received, UTC.
        why: the header of the answer that it was left out for.
        status: HTTP status code as received; None where the remark does not say.
    """

    url: str
    retrieved_at: datetime
    why: str
    status: int | None


CHUNK = 1 << 16
LARGEST_RECORD = 1 << 28  # The largest real answer is the roster of all terms, about 4 MB.
MEMBER_START = b"\x1f\x8b\x08"
SAME_PAYLOAD = "/identical-payload-digest"
LOADER = ArcWarcRecordLoader(verify_http=False, arc2warc=False)


@dataclass(frozen=True, slots=True)
class Scan:
    """What one capture holds.

    Attributes:
        entries: its answers, in file order.
        remarks: its remarks on answers that were left out, in file order.
        warnings: what a reader should know, one sentence each, such as that the file is cut off.
    """

    entries: tuple[Entry, ...] = ()
    remarks: tuple[Remark, ...] = ()
    warnings: tuple[str, ...] = ()


def scan(path: Path) -> Scan:
    """Index one capture from its first record to its last whole one.

    Raises:
        UsageError: the path is not a file.
        CaptureError: the file is not WARC, a record is damaged, or its digest does not match its bytes.
    """
    if not path.is_file():
        raise UsageError(
            f"there is no capture at {path}", hint="Make one with: dontspy-data collect --output FILE.warc.gz"
        )
    entries: list[Entry] = []
    remarks: list[Remark] = []
    end = 0
    with path.open("rb") as stream:
        for offset, end, block in _members(stream, path, 0):
            record, body = _whole_record(block, path, offset)
            if record.rec_type == "metadata":
                remarks.extend(_remarks(record, body, path, offset))
            elif entry := _entry(record, path, offset, end):
                entries.append(entry)
    return Scan(tuple(entries), tuple(remarks), tuple(_warnings(path, end, len(entries))))


def whole_records(path: Path) -> Iterator[tuple[int, int]]:
    """First byte and end of every whole record of a file that is not empty, whatever lies between them."""
    with path.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        offset = 0
        while offset >= 0:
            try:
                for start, end, block in _members(stream, path, offset):
                    _whole_record(block, path, start)
                    yield start, end
                    offset = end
            except CaptureError:
                pass
            offset = content.find(MEMBER_START, offset + 1)


def read_page(entry: Entry) -> Page:
    """Read the answer at an entry as it was received: of a revisit, its own headers and no body.

    Raises:
        CaptureError: the file was changed since it was scanned.
    """
    with entry.path.open("rb") as stream:
        stream.seek(entry.offset)
        block = stream.read(entry.end - entry.offset)
    record, _ = _load(zlib.decompress(block, wbits=31), entry.path, entry.offset)
    return Page(
        url=entry.url,
        status=entry.status,
        headers=tuple(record.http_headers.headers) if record.http_headers else (),
        body=record.content_stream().read(),
        retrieved_at=entry.retrieved_at,
        redirected_to=record.rec_headers.get_header(REDIRECTED_TO) or "",
    )


def _warnings(path: Path, end: int, answers: int) -> Iterator[str]:
    size = path.stat().st_size
    if end != size:
        yield (
            f"{path.name} is cut off inside a record, after byte {end:,} of {size:,}: "
            f"the {answers:,} answers before the break were read"
        )
    elif not answers:
        yield f"{path.name} holds no answers"


def _members(stream: IO[bytes], path: Path, offset: int) -> Iterator[tuple[int, int, bytes]]:
    """First byte, end and content of each whole gzip member from an offset on."""
    stream.seek(offset)
    data = b""
    while data := data or stream.read(CHUNK):
        inflater = zlib.decompressobj(wbits=31)
        block, end = bytearray(), offset
        while not inflater.eof:
            if not data and not (data := stream.read(CHUNK)):
                return
            try:
                block += inflater.decompress(data, LARGEST_RECORD + 1 - len(block))
            except zlib.error as error:
                raise _unreadable(path, offset, str(error)) from error
            if len(block) > LARGEST_RECORD:
                raise _unreadable(path, offset, f"a record of more than {LARGEST_RECORD:,} bytes")
            left = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
            end += len(data) - len(left)
            data = left
        yield offset, end, bytes(block)
        offset = end


def _not_a_capture(path: Path, why: str) -> CaptureError:
    return CaptureError(
        f"{path} is not a capture: {why}",
        hint="A capture is a .warc.gz file with one gzip member a record, as `dontspy-data collect` "
        "writes it; `warcio recompress` makes one of other WARC files.",
    )


def read_info(path: Path) -> Mapping[str, str] | None:
    """Return the fields of the `warcinfo` record that a capture begins with, none where it begins otherwise.

    None stands for a file without a whole record.
    """
    with path.open("rb") as stream:
        for offset, _, block in _members(stream, path, 0):
            record, body = _whole_record(block, path, offset)
            return _fields(body) if record.rec_type == "warcinfo" else {}
    return None


def _fields(body: bytes) -> dict[str, str]:
    lines = body.decode(errors="replace").splitlines()
    return dict(line.split(": ", 1) for line in lines if ": " in line)


def _damaged(path: Path, offset: int, why: str) -> CaptureError:
    return CaptureError(
        f"{path.name} is damaged in the record at byte {offset:,}: {why}",
        hint="The file was changed after it was written. Take a copy that is whole, or collect again.",
    )


def _unreadable(path: Path, offset: int, why: str) -> CaptureError:
    return _damaged(path, offset, why) if offset else _not_a_capture(path, why)


def _load(block: bytes, path: Path, offset: int) -> tuple[ArcWarcRecord, BytesIO]:
    """Open the record at the beginning of a gzip member's content, and the stream that it is read from."""
    stream = BytesIO(block)
    try:
        record = LOADER.parse_record_stream(stream, known_format="warc", check_digests=True)
    except (ArchiveLoadFailed, StatusAndHeadersParserException, EOFError, AttributeError) as error:
        # An AttributeError is how warcio trips over an answer without an address.
        raise _unreadable(path, offset, f"no WARC record ({str(error).strip()})") from error
    if record.length is None:
        raise _damaged(path, offset, "the record does not say how long it is")
    return record, stream


def _whole_record(block: bytes, path: Path, offset: int) -> tuple[ArcWarcRecord, bytes]:
    """Read the one record of a gzip member, check its digests, and return its body as it stands there."""
    record, stream = _load(block, path, offset)
    body = record.raw_stream.read()
    if record.raw_stream.limit:
        raise _damaged(path, offset, f"the record ends {record.raw_stream.limit:,} bytes early")
    if record.digest_checker.passed is False:
        url = record.rec_headers.get_header("WARC-Target-URI") or record.rec_type
        raise _damaged(path, offset, f"the answer of {url} does not match its digest")
    if block[stream.tell() :].strip(b"\r\n"):
        raise _not_a_capture(path, f"the gzip member at byte {offset:,} holds more than one record")
    return record, body


def _entry(record: ArcWarcRecord, path: Path, offset: int, end: int) -> Entry | None:
    """Return the answer that a record is; None for other kinds of record and for what is no answer over HTTP."""
    is_revisit = record.rec_type == "revisit"
    if not is_revisit and (record.rec_type != "response" or record.http_headers is None):
        return None
    return Entry(
        url=_address(record, path, offset),
        retrieved_at=_time(record, "WARC-Date", path, offset),
        status=_status(record, path, offset) if record.http_headers else 0,
        path=path,
        offset=offset,
        end=end,
        digest=record.rec_headers.get_header("WARC-Payload-Digest") or "",
        revisits=_revisit(record, path, offset) if is_revisit else None,
    )


def _revisit(record: ArcWarcRecord, path: Path, offset: int) -> Revisit:
    headers = record.rec_headers
    is_same = (headers.get_header("WARC-Profile") or "").endswith(SAME_PAYLOAD)
    return Revisit(
        url=headers.get_header("WARC-Refers-To-Target-URI") or _address(record, path, offset),
        retrieved_at=(
            _time(record, "WARC-Refers-To-Date", path, offset)
            if headers.get_header("WARC-Refers-To-Date")
            else None
        ),
        # Beside a 304 this may be the digest of no payload at all.
        digest=(headers.get_header("WARC-Payload-Digest") or "") if is_same else "",
    )


def _remarks(record: ArcWarcRecord, body: bytes, path: Path, offset: int) -> Iterator[Remark]:
    fields = _fields(body)
    if LEFT_OUT in fields:
        status = fields.get("status", "")
        yield Remark(
            url=_address(record, path, offset),
            retrieved_at=_time(record, "WARC-Date", path, offset),
            why=fields[LEFT_OUT],
            status=int(status) if status.isdecimal() else None,
        )


def _address(record: ArcWarcRecord, path: Path, offset: int) -> str:
    if url := record.rec_headers.get_header("WARC-Target-URI"):
        return str(url)
    raise _damaged(path, offset, f"a {record.rec_type} without an address")


def _status(record: ArcWarcRecord, path: Path, offset: int) -> int:
    code = record.http_headers.get_statuscode()
    if len(code) == 3 and code.isascii() and code.isdecimal():
        return int(code)
    raise _damaged(path, offset, f"{code!r} is no HTTP status")


def _time(record: ArcWarcRecord, name: str, path: Path, offset: int) -> datetime:
    text = record.rec_headers.get_header(name) or ""
    try:
        moment = datetime.fromisoformat(text)
        # WARC gives times in UTC, whether it says so or not; this machine's zone plays no part.
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError) as error:
        raise _damaged(path, offset, f"{name} is {text!r}, which is no time") from error
