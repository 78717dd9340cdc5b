"""What an earlier run received: the validators to ask with, and the answers that may still stand.

Conditional requests: RFC 9110, section 13; https://www.rfc-editor.org/rfc/rfc9110#section-13
"""

import csv
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dontspy_data.capture.captures import Captures, Page
from dontspy_data.capture.scan import read_page
from dontspy_data.errors import UsageError

PAGES_TABLE = Path("data", "pages.csv")
PORTRAITS_TABLE = Path("data", "portraits.csv")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the answer that stands for a URL.

    Attributes:
        retrieved_at: when it was received or last confirmed, UTC.
        etag: its ETag; empty where it had none.
        last_modified: its Last-Modified; empty where it had none.
        sha256: of its body, 64 hexadecimal digits.
        has_body: whether its body can be read here.
    """

    retrieved_at: datetime
    etag: str
    last_modified: str
    sha256: str
    has_body: bool

    def conditions(self) -> dict[str, str]:
        """Request headers that ask for the page only if it has changed; empty where nothing tells."""
        found = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in found.items() if value}


class Earlier:
    """Earlier captures, or the table of pages of one package."""

    def __init__(self, captures: Captures, rows: Mapping[str, Known], left_out: Collection[str]) -> None:
        self._captures = captures
        self._rows = rows
        self._left_out = left_out

    @classmethod
    def open(cls, paths: Sequence[Path]) -> "Earlier":
        """What the given captures and packages know of the pages they hold.

        Raises:
            UsageError: a path is neither a capture nor a package.
            CaptureError: a capture is damaged.
        """
        rows: dict[str, Known] = {}
        left_out: set[str] = set()
        for path in paths:
            if path.is_dir():
                rows.update(_package_rows(path))
                left_out.update(_package_left_out(path))
        return cls(Captures.open([path for path in paths if not path.is_dir()]), rows, left_out)

    def known(self, url: str) -> Known | None:
        """What is known of the latest answer for a URL; None where there is none."""
        entries = self._captures.entries(url)
        if not entries:
            return self._rows.get(url)
        latest = entries[-1]
        page = read_page(latest)
        held = self._captures.original(latest) is not None
        return Known(
            retrieved_at=latest.retrieved_at,
            etag=page.header("ETag"),
            last_modified=page.header("Last-Modified"),
            sha256=self._captures.page(latest).sha256 if held else "",
            has_body=held,
        )

    def left_out(self, url: str) -> bool:
        """Whether the latest answer for a URL was marked `noai` and left out."""
        entries, remarks = self._captures.entries(url), self._captures.remarks(url)
        if entries and remarks:
            return entries[-1].retrieved_at < remarks[-1].retrieved_at
        return bool(remarks) or (not entries and url in self._left_out)

    def page(self, url: str) -> Page | None:
        """The latest answer for a URL with its body; None where it is not held here."""
        return self._captures.latest(url)


def _package_rows(package: Path) -> dict[str, Known]:
    table = package / PAGES_TABLE
    if not table.is_file():
        raise UsageError(
            f"{package} is no package: there is no {PAGES_TABLE}",
            hint="Give a package's folder, or a capture.",
        )
    latest: dict[str, Known] = {}
    with table.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            known = Known(
                retrieved_at=datetime.fromisoformat(row["retrieved_at"]).astimezone(UTC),
                etag=row["etag"],
                last_modified=row["last_modified"],
                sha256=row["sha256"],
                has_body=False,
            )
            if row["url"] not in latest or latest[row["url"]].retrieved_at < known.retrieved_at:
                latest[row["url"]] = known
    return latest


def _package_left_out(package: Path) -> Iterator[str]:
    """Addresses of the portraits that a package has none of because they are marked `noai`."""
    table = package / PORTRAITS_TABLE
    if not table.is_file():
        return
    with table.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if (row["is_current"], row["status"], row["noai"]) == ("true", "unknown", "true"):
                yield row["source_url"]
