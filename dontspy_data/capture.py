"""Captures: WARC 1.1 files in and out.

A capture holds the raw answers that one collect run received. Writing (see `records`) appends one gzip member
a record, so that a file cut off at any byte is whole up to the record before. Reading indexes one or more
captures by URL; bodies stay on disk until asked for.

Format: WARC 1.1, https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/
"""

import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed
from warcio.recordloader import ArcWarcRecord

from dontspy_data.errors import CaptureError, UsageError
from dontspy_data.records import CaptureWriter, Page

__all__ = ["CaptureWriter", "Captures", "Entry", "Page", "scan"]

CHUNK = 1 << 16
LARGEST_RECORD = 1 << 28  # The largest real answer is the roster of all terms, about 4 MB.


@dataclass(frozen=True, slots=True)
class Entry:
    """Where one answer stands: what the index knows without reading the body.

    Attributes:
        url: canonical address.
        retrieved_at: when the answer was received, UTC.
        status: HTTP status code as received; of a revisit, 304.
        path: the capture.
        offset: first byte of the record in the capture.
        end: first byte after the record.
        revisits: when the answer that this one confirms was received; None for a whole answer.
    """

    url: str
    retrieved_at: datetime
    status: int
    path: Path
    offset: int
    end: int
    revisits: datetime | None = None


class Captures:
    """One or more captures, indexed by URL, the answers of each in the order they came.

    Attributes:
        warnings: what was skipped, one sentence each, such as a capture that is cut off.
    """

    def __init__(self, entries: Iterable[Entry], warnings: Sequence[str] = ()) -> None:
        self.warnings = tuple(warnings)
        by_url: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            by_url[entry.url].append(entry)
        self._entries = {
            url: sorted(by_url[url], key=lambda entry: (entry.retrieved_at, entry.path.name, entry.offset))
            for url in sorted(by_url)
        }

    @classmethod
    def open(cls, paths: Sequence[Path]) -> "Captures":
        """Index captures, checking every record's digests.

        Raises:
            UsageError: a path is not a file.
            CaptureError: a file is not WARC, or a record's digest does not match its bytes.
        """
        entries: list[Entry] = []
        warnings: list[str] = []
        for path in paths:
            found, warning = scan(path)
            entries.extend(found)
            if warning:
                warnings.append(warning)
        return cls(entries, warnings)

    def __len__(self) -> int:
        return len(self._entries)

    def urls(self) -> Iterator[str]:
        """Every URL with an answer, sorted."""
        return iter(self._entries)

    def entries(self, url: str) -> Sequence[Entry]:
        """What the captures hold for a URL, oldest first; empty where they hold nothing."""
        return self._entries.get(url, ())

    def latest(self, url: str) -> Page | None:
        """The latest answer for a URL, revisits resolved; None where the captures hold none."""
        entries = self.entries(url)
        return self.page(entries[-1]) if entries else None

    def pages(self, url: str) -> Iterator[Page]:
        """Every answer for a URL, revisits resolved, oldest first."""
        return (self.page(entry) for entry in self.entries(url))

    def page(self, entry: Entry) -> Page:
        """The answer at an entry. A revisit has the body it refers to and its own time.

        Raises:
            CaptureError: a revisit refers to an answer that none of the captures holds.
        """
        original = self.original(entry)
        if original is None:
            raise CaptureError(
                f"{entry.path.name} says that {entry.url} is unchanged since "
                f"{entry.revisits and entry.revisits.isoformat()}, "
                "and the answer of that time is in none of the captures",
                hint="Give the earlier capture to the same build.",
            )
        return replace(_read_page(original), retrieved_at=entry.retrieved_at)

    def original(self, entry: Entry) -> Entry | None:
        """The whole answer that an entry is or confirms, through others or not; None where it is not held."""
        while entry.revisits is not None:
            at = _second(entry.revisits)
            candidates = [e for e in self.entries(entry.url) if _second(e.retrieved_at) == at]
            whole = [e for e in candidates if e.revisits is None]
            older = [e for e in candidates if e.revisits is not None and _second(e.revisits) < at]
            if not whole and not older:
                return None
            entry = (whole or older)[-1]
        return entry

    def headers(self, entry: Entry) -> Page:
        """The answer at an entry as it was received: of a revisit, its own headers and no body."""
        return _read_page(entry)


def scan(path: Path) -> tuple[list[Entry], str]:
    """Index one capture from its first record to its last whole one.

    Returns:
        The entries in file order, and a sentence that names the break where the file is cut off (else "").

    Raises:
        UsageError: the path is not a file.
        CaptureError: the file is not WARC, a record is damaged, or its digest does not match its bytes.
    """
    if not path.is_file():
        raise UsageError(
            f"there is no capture at {path}", hint="Make one with: dontspy-data collect --output FILE.warc.gz"
        )
    entries: list[Entry] = []
    end = 0
    with path.open("rb") as stream:
        for offset, end, block in _members(stream, path):
            record = _record(block, path, offset)
            _check_digests(record, path, offset)
            if entry := _entry(record, path, offset, end):
                entries.append(entry)
    size = path.stat().st_size
    if end == size:
        return entries, ""
    return entries, (
        f"{path.name} is cut off inside a record, after byte {end:,} of {size:,}: "
        f"the {len(entries):,} answers before the break were read"
    )


def _members(stream: IO[bytes], path: Path) -> Iterator[tuple[int, int, bytes]]:
    """First byte, end and content of each whole gzip member; one record is one member (WARC 1.1, annex D)."""
    offset = 0
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
                raise _not_a_capture(path, offset, str(error)) from error
            if len(block) > LARGEST_RECORD:
                raise _not_a_capture(path, offset, f"a record of more than {LARGEST_RECORD:,} bytes")
            left = inflater.unused_data if inflater.eof else inflater.unconsumed_tail
            end += len(data) - len(left)
            data = left
        yield offset, end, bytes(block)
        offset = end


def _not_a_capture(path: Path, offset: int, why: str) -> CaptureError:
    if offset == 0:
        return CaptureError(
            f"{path} is not a capture: {why}",
            hint="A capture is a .warc.gz file with one gzip member a record, as `dontspy-data collect` "
            "writes it; `warcio recompress` makes one of other WARC files.",
        )
    return CaptureError(
        f"{path.name} is damaged in the record at byte {offset:,}: {why}",
        hint="The file was changed after it was written. Take a copy that is whole, or collect again.",
    )


def _record(block: bytes, path: Path, offset: int) -> ArcWarcRecord:
    try:
        return next(ArchiveIterator(BytesIO(block), check_digests=True))
    except (ArchiveLoadFailed, StopIteration) as error:
        raise _not_a_capture(path, offset, f"no WARC record ({error})") from error


def _check_digests(record: ArcWarcRecord, path: Path, offset: int) -> None:
    while record.raw_stream.read(CHUNK):
        pass
    if record.raw_stream.limit:
        raise _not_a_capture(path, offset, f"the record ends {record.raw_stream.limit:,} bytes early")
    if record.digest_checker.passed is False:
        url = record.rec_headers.get_header("WARC-Target-URI") or record.rec_type
        raise _not_a_capture(path, offset, f"the answer of {url} does not match its digest")


def _entry(record: ArcWarcRecord, path: Path, offset: int, end: int) -> Entry | None:
    headers = record.rec_headers
    if record.rec_type not in ("response", "revisit"):
        return None
    refers_to = headers.get_header("WARC-Refers-To-Date") if record.rec_type == "revisit" else None
    status = int(record.http_headers.get_statuscode()) if record.http_headers else 0
    return Entry(
        url=headers.get_header("WARC-Target-URI"),
        retrieved_at=_time(headers.get_header("WARC-Date")),
        status=status,
        path=path,
        offset=offset,
        end=end,
        revisits=_time(refers_to) if refers_to else None,
    )


def _read_page(entry: Entry) -> Page:
    with entry.path.open("rb") as stream:
        stream.seek(entry.offset)
        block = stream.read(entry.end - entry.offset)
    record = _record(zlib.decompress(block, wbits=31), entry.path, entry.offset)
    return Page(
        url=entry.url,
        status=entry.status,
        headers=tuple(record.http_headers.headers),
        body=record.content_stream().read(),
        retrieved_at=entry.retrieved_at,
    )


def _second(moment: datetime) -> datetime:
    """The moment as a package's tables and WARC 1.0 give it, to the second."""
    return moment.replace(microsecond=0)


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
