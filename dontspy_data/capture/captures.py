"""Captures: WARC 1.1 files in and out.

A capture holds the raw answers that one collect run received. Writing (see `records`) appends one gzip member
per record, so that a file cut off at any byte is whole up to the record before. Reading indexes one or more
captures by URL; bodies stay on disk until asked for. Damaged or incomplete records are skipped
with a warning.

Format: WARC 1.1, https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from dontspy_data.capture.entries import (
    Address,
    Entry,
    Remark,
    encodings_of,
    entry_of,
    fields_of,
    read_page,
    remarks_of,
    unreadable,
    whole_record,
    without_encodings,
)
from dontspy_data.capture.records import Gap, Page, canonical, members
from dontspy_data.errors import CaptureError, UsageError

__all__ = ["Captures", "Entry", "Page", "Remark"]

NOT_MODIFIED = 304
Headers = tuple[tuple[str, str], ...]
NOT_UPDATED = frozenset(
    {"content-encoding", "content-length", "content-range", "content-type", "transfer-encoding", "connection"}
)
"""Headers of a 304 that say nothing about the answer that it confirms."""


@dataclass
class Scan:
    """What one capture holds, collected record by record.

    Attributes:
        path: the capture.
        address: gives the address under which a page is known here.
        entries: its answers, in file order.
        remarks: its remarks on answers that were left out, in file order.
        problems: what is wrong with bytes that are not a whole record, padding or a last record that is cut off.
        whole: first byte and end of every whole record.
        cut_at: start of the record that the end of the file cuts off; None if none is cut off.
    """

    path: Path
    address: Address
    entries: list[Entry] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    problems: list[CaptureError] = field(default_factory=list)
    whole: list[tuple[int, int]] = field(default_factory=list)
    cut_at: int | None = None

    def add(self, start: int, end: int, block: bytes) -> None:
        """Add one record, or what is wrong with it."""
        try:
            record, body = whole_record(block, self.path, start)
            if record.rec_type == "metadata":
                self.remarks.extend(remarks_of(record, body, self.path, start, self.address))
            elif entry := entry_of(record, self.path, start, end, self.address):
                if encodings := encodings_of(record):
                    without_encodings(body, encodings, entry)
                self.entries.append(entry)
        except CaptureError as error:
            self.problems.append(error)
        else:
            self.whole.append((start, end))

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should know, one sentence each, such as that the file is cut off."""
        found = [f"{problem}; the record was left out" for problem in self.problems]
        if self.cut_at is not None:
            found.append(
                f"{self.path.name} is cut off inside a record, after byte {self.cut_at:,} of "
                f"{self.path.stat().st_size:,}: the {len(self.entries):,} answers before the break were read"
            )
        elif not self.entries:
            found.append(f"{self.path.name} holds no answers")
        return tuple(found)


def scan(path: Path, address: Address = canonical) -> Scan:
    """Index one capture.

    Args:
        path: the capture.
        address: gives the address under which a page is known here.

    Raises:
        UsageError: the path is not a file.
        CaptureError: the file is not a capture, or nothing in it can be read.
    """
    if not path.is_file():
        raise UsageError(
            f"there is no capture at {path}", hint="Make one with: dontspy-data collect --output FILE.warc.gz"
        )
    found = Scan(path, address)
    for part in members(path):
        if not isinstance(part, Gap):
            found.add(part.start, part.end, part.block)
        elif part.why:
            found.problems.append(unreadable(path, part.start, part.why))
        else:
            found.cut_at = part.start
    if found.problems and not found.whole:
        raise found.problems[0]
    return found


def read_info(path: Path) -> Mapping[str, str] | None:
    """Return the fields of the `warcinfo` record that a capture begins with.

    Returns:
        The fields; empty if the file begins with another record, None if no whole record can be read.
    """
    for part in members(path):
        if isinstance(part, Gap):
            return None
        record, body = whole_record(part.block, path, part.start)
        return fields_of(body) if record.rec_type == "warcinfo" else {}
    return None


class Captures:
    """One or more captures, indexed by URL, the answers of each in the order they came.

    Attributes:
        paths: the files.
        warnings: what a reader should know, one sentence each, such as that a capture is cut off.
        remarked: address and time of answers that were received and not kept, for whatever reason.
    """

    def __init__(
        self, entries: Iterable[Entry], remarks: Sequence[Remark] = (), warnings: Sequence[str] = ()
    ) -> None:
        self.paths: tuple[Path, ...] = ()
        self.warnings = tuple(warnings)
        by_url: dict[str, list[Entry]] = defaultdict(list)
        for entry in entries:
            by_url[entry.url].append(entry)
        self._entries = {
            url: sorted(by_url[url], key=lambda entry: (entry.retrieved_at, entry.path.name, entry.offset))
            for url in sorted(by_url)
        }
        self._remarks: dict[str, list[Remark]] = defaultdict(list)
        self.remarked = frozenset((one.url, one.retrieved_at) for one in remarks)
        for remark in sorted(remarks, key=lambda remark: (remark.retrieved_at, remark.why)):
            if not remark.is_unusable:
                self._remarks[remark.url].append(remark)
        self._originals: dict[Entry, Entry | None] = {}
        self._by_second: dict[str, dict[datetime, list[Entry]]] = {}

    @classmethod
    def open(cls, paths: Sequence[Path], address: Address = canonical) -> "Captures":
        """Index captures, checking every record's digests.

        Raises:
            UsageError: a path is not a file.
            CaptureError: a file is not WARC, or a record's digest does not match its bytes.
        """
        found = [scan(path, address) for path in paths]
        captures = cls(
            (entry for one in found for entry in one.entries),
            [remark for one in found for remark in one.remarks],
            [warning for one in found for warning in one.warnings],
        )
        captures.paths = tuple(paths)
        if any(one.problems or one.cut_at is not None for one in found):
            captures._drop_unresolved()
        return captures

    def _drop_unresolved(self) -> None:
        """Leave out, with a warning, answers that confirm one lost in a damaged file."""
        lost = [entry for held in self._entries.values() for entry in held if self.original(entry) is None]
        if not lost:
            return
        self.warnings += (f"{len(lost):,} answers confirm others that a damaged capture has lost: left out",)
        gone = set(lost)
        kept = {url: [entry for entry in held if entry not in gone] for url, held in self._entries.items()}
        self._entries = {url: held for url, held in kept.items() if held}

    def __len__(self) -> int:
        return len(self._entries)

    def urls(self) -> Iterator[str]:
        """Return every URL with an answer, sorted."""
        return iter(self._entries)

    def entries(self, url: str) -> Sequence[Entry]:
        """Return the entries for a URL, oldest first; none if the captures hold nothing."""
        return self._entries.get(url, ())

    def remarks(self, url: str) -> Sequence[Remark]:
        """Return the entries about answers for a URL that were left out, oldest first."""
        return self._remarks.get(url, ())

    def latest(self, url: str) -> Page | None:
        """Return the latest answer for a URL, revisits resolved; None if the captures hold none."""
        entries = self.entries(url)
        return self.page(entries[-1]) if entries else None

    def pages(self, url: str) -> Iterator[Page]:
        """Return every answer for a URL, revisits resolved, oldest first."""
        return (self.page(entry) for entry in self.entries(url))

    def page(self, entry: Entry) -> Page:
        """Read the answer at an entry. A revisit has the body it refers to and its own time.

        Raises:
            CaptureError: a revisit refers to an answer that none of the captures holds.
        """
        original = self.original(entry)
        if original is None:
            raise _unresolved(entry)
        page = replace(read_page(original), url=entry.url, retrieved_at=entry.retrieved_at)
        if entry.revisits is None:
            return page
        # A revisit keeps its own status, unless it has none or 304.
        status = page.status if entry.status in (0, NOT_MODIFIED) else entry.status
        return replace(page, status=status, headers=self.headers(entry))

    def headers(self, entry: Entry) -> Headers:
        """Return the headers of the answer at an entry.

        A 304 updates the headers of the answer that it confirms, and what it leaves out stays (RFC 9111, section 3.2).
        """
        chain = list(self._confirmed(entry))
        found: Headers = ()
        for one in reversed(chain):
            own = read_page(one).headers
            if one.revisits is None or one.status not in (0, NOT_MODIFIED):
                found = own
                continue
            new = {name.lower() for name, _ in own} - NOT_UPDATED
            found = (
                *(header for header in found if header[0].lower() not in new),
                *(header for header in own if header[0].lower() in new),
            )
        return found

    def _confirmed(self, entry: Entry) -> Iterator[Entry]:
        """Yield an entry and those that it confirms, up to the first with all its headers."""
        seen: set[Entry] = set()
        found: Entry | None = entry
        while found is not None and found not in seen:
            yield found
            if found.revisits is None or found.status not in (0, NOT_MODIFIED):
                return
            seen.add(found)
            found = self._referred_to(found)

    def original(self, entry: Entry) -> Entry | None:
        """Find the whole answer that an entry is or confirms, through others or not; None if it is not held."""
        passed: dict[Entry, None] = {}
        found: Entry | None = entry
        while found is not None and found.revisits is not None:
            if found in self._originals:
                found = self._originals[found]
            elif found in passed:
                found = None
            else:
                passed[found] = None
                found = self._referred_to(found)
        self._originals.update(dict.fromkeys(passed, found))
        return found

    def _referred_to(self, entry: Entry) -> Entry | None:
        """Find the answer, whole or not, that a revisit refers to."""
        revisit = entry.revisits
        if revisit is None:
            return None
        if revisit.retrieved_at is not None:
            return self._received_at(revisit.url, _second(revisit.retrieved_at))
        if revisit.digest:
            same = [e for e in self.entries(revisit.url) if not e.revisits and e.digest == revisit.digest]
            return same[-1] if same else self._by_digest.get(revisit.digest)
        earlier = [e for e in self.entries(revisit.url) if e.retrieved_at < entry.retrieved_at]
        return earlier[-1] if earlier else None

    def _received_at(self, url: str, second: datetime) -> Entry | None:
        """Find the answer for a URL of one second; one that confirms an earlier one only where none is whole."""
        if url not in self._by_second:
            self._by_second[url] = defaultdict(list)
            for entry in self.entries(url):
                self._by_second[url][_second(entry.retrieved_at)].append(entry)
        candidates = self._by_second[url].get(second, ())
        whole = [e for e in candidates if e.revisits is None]
        older = [e for e in candidates if e.revisits and _is_before(e.revisits.retrieved_at, second)]
        return next(reversed(whole or older), None)

    @cached_property
    def _by_digest(self) -> dict[str, Entry]:
        return {e.digest: e for found in self._entries.values() for e in found if e.digest and not e.revisits}


def _unresolved(entry: Entry) -> CaptureError:
    revisit = entry.revisits
    which = entry.url
    if revisit and revisit.retrieved_at:
        which = f"{revisit.url} of {revisit.retrieved_at.isoformat()}"
    elif revisit and revisit.digest:
        which = f"{revisit.url} with the digest {revisit.digest}"
    return CaptureError(
        f"{entry.path.name} says that {entry.url} is unchanged since an earlier answer, "
        f"that of {which}, which is in none of the captures",
        hint="Give the earlier capture to the same build.",
    )


def _is_before(moment: datetime | None, second: datetime) -> bool:
    return moment is None or _second(moment) < second


def _second(moment: datetime) -> datetime:
    """Return the moment as a package's tables and WARC 1.0 give it, to the second."""
    return moment.replace(microsecond=0)
