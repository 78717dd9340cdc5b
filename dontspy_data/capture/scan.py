"""Scanning one capture: its answers, where each stands, and what about it cannot be read.

A record that is damaged is left out, and said; so is what no whole record is.

Format: WARC 1.1, https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dontspy_data.capture.entries import (
    Address,
    Entry,
    Remark,
    encodings_of,
    entry_of,
    fields_of,
    remarks_of,
    unreadable,
    whole_record,
    without_encodings,
)
from dontspy_data.capture.members import Gap, members
from dontspy_data.capture.records import canonical
from dontspy_data.errors import CaptureError, UsageError


@dataclass(frozen=True, slots=True)
class Scan:
    """What one capture holds.

    Attributes:
        entries: its answers, in file order.
        remarks: its remarks on answers that were left out, in file order.
        warnings: what a reader should know, one sentence each, such as that the file is cut off.
        whole: first byte and end of every whole record.
        is_damaged: whether there is anything but whole records, padding and a last record that is cut off.
        is_cut: whether the file ends in the middle of a record.
    """

    entries: tuple[Entry, ...] = ()
    remarks: tuple[Remark, ...] = ()
    warnings: tuple[str, ...] = ()
    whole: tuple[tuple[int, int], ...] = ()
    is_damaged: bool = False
    is_cut: bool = False


@dataclass
class _Scanner:
    """Collect what a capture holds, record by record."""

    path: Path
    address: Address
    entries: list[Entry] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)
    problems: list[CaptureError] = field(default_factory=list)
    whole: list[tuple[int, int]] = field(default_factory=list)
    cut_at: int | None = None

    def add(self, start: int, end: int, block: bytes) -> None:
        """Take one record into account, or what is wrong with it."""
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

    def warnings(self) -> Iterator[str]:
        """Yield what a reader should know."""
        yield from (f"{problem}; the record was left out" for problem in self.problems)
        if self.cut_at is not None:
            yield (
                f"{self.path.name} is cut off inside a record, after byte {self.cut_at:,} of "
                f"{self.path.stat().st_size:,}: the {len(self.entries):,} answers before the break were read"
            )
        elif not self.entries:
            yield f"{self.path.name} holds no answers"


def scan(path: Path, address: Address = canonical) -> Scan:
    """Index one capture.

    Args:
        path: the capture.
        address: gives the address under which a page is known here.

    Raises:
        UsageError: the path is not a file.
        CaptureError: the file is no capture, or nothing in it can be read.
    """
    if not path.is_file():
        raise UsageError(
            f"there is no capture at {path}", hint="Make one with: dontspy-data collect --output FILE.warc.gz"
        )
    found = _Scanner(path, address)
    for part in members(path):
        if not isinstance(part, Gap):
            found.add(part.start, part.end, part.block)
        elif part.why:
            found.problems.append(unreadable(path, part.start, part.why))
        else:
            found.cut_at = part.start
    if found.problems and not found.whole:
        raise found.problems[0]
    return Scan(
        tuple(found.entries),
        tuple(found.remarks),
        tuple(found.warnings()),
        tuple(found.whole),
        is_damaged=bool(found.problems),
        is_cut=found.cut_at is not None,
    )


def read_info(path: Path) -> Mapping[str, str] | None:
    """Return the fields of the `warcinfo` record that a capture begins with, none if it begins otherwise.

    None stands for a file without a whole record.
    """
    for part in members(path):
        if isinstance(part, Gap):
            return None
        record, body = whole_record(part.block, path, part.start)
        return fields_of(body) if record.rec_type == "warcinfo" else {}
    return None
