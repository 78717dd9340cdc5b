"""What an earlier run received: the validators to ask with, and the answers that may still stand.

Conditional requests: RFC 9110, section 13; https://www.rfc-editor.org/rfc/rfc9110#section-13
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dontspy_data.capture import Captures, Page
from dontspy_data.errors import UsageError
from dontspy_data.scan import read_page

PAGES_TABLE = Path("data", "pages.csv")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the answer that stands for a URL.

    Attributes:
        retrieved_at: when it was received or last confirmed, UTC.
        etag: its ETag; empty where it had none.
        last_modified: its Last-Modified; empty where it had none.
        sha256: of its body, 64 hexadecimal digits.
        body: whether its body can be read here.
    """

    retrieved_at: datetime
    etag: str
    last_modified: str
    sha256: str
    body: bool

    def conditions(self) -> dict[str, str]:
        """Request headers that ask for the page only if it has changed; empty where nothing tells."""
        found = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in found.items() if value}


class Earlier:
    """Earlier captures, or the table of pages of one package."""

    def __init__(self, captures: Captures, rows: Mapping[str, Known]) -> None:
        self._captures = captures
        self._rows = rows

    @classmethod
    def open(cls, paths: Sequence[Path]) -> "Earlier":
        """What the given captures and packages know of the pages they hold.

        Raises:
            UsageError: a path is neither a capture nor a package.
            CaptureError: a capture is damaged.
        """
        rows: dict[str, Known] = {}
        for path in paths:
            if path.is_dir():
                rows.update(_package_rows(path))
        return cls(Captures.open([path for path in paths if not path.is_dir()]), rows)

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
            body=held,
        )

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
                body=False,
            )
            if row["url"] not in latest or latest[row["url"]].retrieved_at < known.retrieved_at:
                latest[row["url"]] = known
    return latest
