"""What earlier runs received: the validators to ask with, and the answers that may still stand.

Conditional requests: RFC 9110, section 13; https://www.rfc-editor.org/rfc/rfc9110#section-13
"""

import csv
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dontspy_data.capture.captures import Captures, Page
from dontspy_data.collect.client import http_date
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.sources import address_of

PAGES_TABLE = Path("data", "pages.csv")
PORTRAITS_TABLE = Path("data", "portraits.csv")
MANDATES_TABLE = Path("data", "mandates.csv")
DIGEST = re.compile(r"[0-9a-f]{64}")
NUMBER = re.compile(r"[0-9]{1,9}")
SHOWN = 60
ETAG = re.compile(r'(?:W/)?"[\x21\x23-\x7e]*"')


@dataclass(frozen=True, slots=True)
class Validators:
    """What is known of the answer that stands for a URL.

    Attributes:
        retrieved_at: when it was received or last confirmed, UTC.
        etag: its ETag; empty if it had none, or none that is one.
        last_modified: its Last-Modified; likewise.
        sha256: of its body, 64 hexadecimal digits.
        has_body: whether its body can be read here.
    """

    retrieved_at: datetime
    etag: str
    last_modified: str
    sha256: str
    has_body: bool

    def conditions(self) -> dict[str, str]:
        """Return request headers that ask for the page only if it has changed; empty if nothing tells."""
        found = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in found.items() if value}

    def confirmed_by(self, page: Page) -> bool:
        """Return whether a 304 is about this answer: the ETag that it gives is this one's (RFC 9111, 4.3.4)."""
        tags = {tag.removeprefix("W/") for tag in page.values("ETag")}
        return not tags or not self.etag or tags == {self.etag.removeprefix("W/")}


class PreviousCrawl:
    """Hold earlier captures, or the table of pages of one package.

    Attributes:
        sitting: numbers of those who sit in the packages.
    """

    def __init__(
        self,
        captures: Captures,
        rows: Mapping[str, Validators],
        left_out: Collection[str],
        sitting: Collection[int],
    ) -> None:
        self._captures = captures
        self._rows = rows
        self._left_out = left_out
        self.sitting = frozenset(sitting)

    @classmethod
    def open(cls, paths: Sequence[Path]) -> "PreviousCrawl":
        """Open captures and packages.

        Raises:
            UsageError: a path is neither a capture nor a package.
            CaptureError: a capture is damaged.
        """
        rows: dict[str, Validators] = {}
        left_out: set[str] = set()
        sitting: set[int] = set()
        for path in paths:
            if path.is_dir():
                rows.update(_package_rows(path))
                left_out.update(_package_left_out(path))
                sitting.update(_package_sitting(path))
        captures = Captures.open([path for path in paths if not path.is_dir()], address_of)
        return cls(captures, rows, left_out, sitting)

    def validators(self, url: str) -> Validators | None:
        """Return what is known of the latest answer for a URL; None if there is none."""
        entries = self._captures.entries(url)
        if not entries:
            return self._rows.get(url)
        latest = entries[-1]
        held = self._captures.original(latest) is not None
        headers = Page(url, latest.status, self._captures.headers(latest), b"", latest.retrieved_at)
        return Validators(
            retrieved_at=latest.retrieved_at,
            etag=_etag(headers.values("ETag")),
            last_modified=_last_modified(headers.values("Last-Modified")),
            sha256=self._captures.page(latest).sha256 if held else "",
            has_body=held,
        )

    def left_out(self, url: str) -> bool:
        """Return whether the latest answer for a URL was reserved against use by AI and left out."""
        entries, remarks = self._captures.entries(url), self._captures.remarks(url)
        if entries and remarks:
            return entries[-1].retrieved_at < remarks[-1].retrieved_at
        return bool(remarks) or (not entries and url in self._left_out)

    def page(self, url: str) -> Page | None:
        """Return the latest answer for a URL with its body; None if it is not held here."""
        return self._captures.latest(url)


def _etag(values: Sequence[str]) -> str:
    """Return the one ETag of an answer; none if there are several, or something else."""
    return values[0] if len(set(values)) == 1 and ETAG.fullmatch(values[0]) else ""


def _last_modified(values: Sequence[str]) -> str:
    return values[0] if len(set(values)) == 1 and values[0].isascii() and http_date(values[0]) else ""


def _package_rows(package: Path) -> dict[str, Validators]:
    table = package / PAGES_TABLE
    if not table.is_file():
        raise UsageError(
            f"{package} is no package: there is no {PAGES_TABLE}",
            hint="Give a package's folder, or a capture.",
        )
    latest: dict[str, Validators] = {}
    for row, place in _csv_rows(table, ("url", "retrieved_at", "etag", "last_modified", "sha256")):
        if row["sha256"] and not DIGEST.fullmatch(row["sha256"]):
            raise _damaged(place, f"{row['sha256'][:SHOWN]!r} is no SHA-256")
        known = Validators(
            retrieved_at=_moment(row["retrieved_at"], place),
            etag=_etag([row["etag"]]),
            last_modified=_last_modified([row["last_modified"]]),
            sha256=row["sha256"],
            has_body=False,
        )
        if row["url"] not in latest or latest[row["url"]].retrieved_at < known.retrieved_at:
            latest[row["url"]] = known
    return latest


def _csv_rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[dict[str, str], str]]:
    """Yield each row of a package's CSV file that has certain columns, and where the row stands; none without a file.

    Raises:
        DontspyError: it is no such file.
    """
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as stream:
        reader = csv.DictReader(stream, strict=True)
        try:
            missing = set(columns) - set(reader.fieldnames or ())
            if missing:
                raise _damaged(str(path), f"it has no column {', '.join(sorted(missing))}")
            for row in reader:
                place = f"{path}, line {reader.line_num}"
                if None in row or None in row.values():
                    raise _damaged(place, f"it does not have {len(reader.fieldnames or ())} cells")
                yield row, place
        except (UnicodeDecodeError, csv.Error) as error:
            raise _damaged(f"{path}, after line {reader.line_num}", str(error)) from error


def _moment(text: str, place: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _damaged(place, f"{text[:SHOWN]!r} is no date and time") from error


def _damaged(place: str, why: str) -> DontspyError:
    return DontspyError(
        f"{place} is damaged: {why}", hint="Take a whole copy of the package, or leave it out."
    )


def _package_left_out(package: Path) -> Iterator[str]:
    """Addresses of the portraits that a package has none of because they are marked `noai`."""
    for row, _ in _csv_rows(package / PORTRAITS_TABLE, ("is_current", "status", "noai", "source_url")):
        is_left_out = (row["is_current"], row["status"], row["noai"]) == ("true", "unknown", "true")
        if is_left_out and row.get("status_reason", "noai") == "noai":
            yield row["source_url"]


def _package_sitting(package: Path) -> Iterator[int]:
    """Yield the numbers of those who sit in a package."""
    for row, place in _csv_rows(package / MANDATES_TABLE, ("mep_id", "state")):
        if not NUMBER.fullmatch(row["mep_id"]):
            raise _damaged(place, f"{row['mep_id'][:SHOWN]!r} is no number of a person")
        if row["state"] == "ongoing":
            yield int(row["mep_id"])
