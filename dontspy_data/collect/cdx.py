"""Indexes of web archives: how one is asked, what a line of it says, and which of its captures are worth fetching.

Two dialects are spoken. The Wayback Machine's CDX server pages by a resume key and answers in JSON arrays
(https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server); pywb's answers in one JSON object a
line, whole (https://pywb.readthedocs.io/en/latest/manual/cdxserver_api.html). Either can collapse lines by itself,
and does it differently, so all lines are taken and collapsed here.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
PAGE_LINES = 20_000  # what the Wayback Machine is asked for at a time
TIMESTAMP = "%Y%m%d%H%M%S"
LONGEST_TEXT = 4_000


class Dialect(StrEnum):
    """Which kind of index a web archive has."""

    WAYBACK = "wayback"
    PYWB = "pywb"


@dataclass(frozen=True, slots=True)
class IndexLine:
    """One capture that an archive's index lists.

    Attributes:
        url: the address as it was captured.
        captured_at: when the archive received it, UTC.
        status: HTTP status of the answer; None if the index does not say, as for a revisit.
        media_type: of the answer, lower case; empty if the index does not say.
        digest: of the payload, as the index gives it: SHA-1 in base 32, with or without `sha1:`.
    """

    url: str
    captured_at: datetime
    status: int | None
    media_type: str
    digest: str

    @property
    def timestamp(self) -> str:
        """The 14 digits that name this capture in a replay address."""
        return self.captured_at.strftime(TIMESTAMP)


@dataclass(frozen=True, slots=True)
class EqualCaptures:
    """Captures of one address that follow each other and have the same bytes, by the index's digest.

    Attributes:
        first: the earliest.
        last: the latest; None if there is one alone.
    """

    first: IndexLine
    last: IndexLine | None = None


@dataclass(frozen=True, slots=True)
class IndexPage:
    """What one answer of an index says.

    Attributes:
        lines: the captures listed.
        resume_key: what to ask for the next page with; None after the last one.
        unread: how many lines could not be read.
    """

    lines: tuple[IndexLine, ...]
    resume_key: str | None = None
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Archive:
    """A web archive: where its index and its captures are.

    Attributes:
        index: address of its CDX server.
        replay: address before the timestamp of a capture.
        dialect: how its index is asked.
    """

    index: str
    replay: str
    dialect: Dialect

    def query(self, prefix: str, resume_key: str | None = None) -> str:
        """Return the address that lists every capture of the addresses that begin with a prefix."""
        parameters: dict[str, Any] = {"url": prefix, "matchType": "prefix", "output": "json"}
        if self.dialect is Dialect.WAYBACK:
            parameters |= {"fl": ",".join(FIELDS), "limit": PAGE_LINES, "showResumeKey": "true"}
        if resume_key:
            parameters["resumeKey"] = resume_key
        return f"{self.index}?{urlencode(parameters)}"

    def replay_url(self, line: IndexLine) -> str:
        """Return the address of a capture's raw bytes, with nothing rewritten (`id_`)."""
        return f"{self.replay}/{line.timestamp}id_/{line.url}"

    def parse(self, body: bytes) -> IndexPage:
        """Read an answer of the index.

        Raises:
            ValueError: the answer is of no index.
        """
        text = body.decode("utf-8", errors="replace")
        return _wayback_page(text) if self.dialect is Dialect.WAYBACK else _pywb_page(text)


WAYBACK = Archive(
    index="https://web.archive.org/cdx/search/cdx",
    replay="https://web.archive.org/web",
    dialect=Dialect.WAYBACK,
)


def open_archive(name: str) -> Archive:
    """Return the web archive of a name or address.

    Args:
        name: `wayback`, or the address of a pywb collection, such as `https://archive.example/coll`; one that
            ends in `/cdx/search/cdx` is an index of the Wayback Machine's kind, whose captures are at `/web`.

    Raises:
        ValueError: it is neither.
    """
    if name == "wayback":
        return WAYBACK
    if not name.startswith(("http://", "https://")):
        raise ValueError(f"{name!r} is no web archive")
    address = name.rstrip("/")
    if address.endswith("/cdx/search/cdx"):
        return Archive(address, f"{address.removesuffix('/cdx/search/cdx')}/web", Dialect.WAYBACK)
    return Archive(f"{address}/cdx", address, Dialect.PYWB)


def collapse(lines: Iterable[IndexLine]) -> list[EqualCaptures]:
    """Return the runs of equal captures of one address, in the order of their days.

    The first of a run says since when a picture was shown, the last until when; what lies between says nothing
    more. A line without a digest is a run of its own.
    """
    ordered = sorted(lines, key=lambda line: (line.captured_at, line.digest))
    runs: list[EqualCaptures] = []
    for digest, equal in groupby(ordered, key=lambda line: line.digest):
        same = list(equal)
        if not digest:
            runs += [EqualCaptures(line) for line in same]
        else:
            runs.append(
                EqualCaptures(same[0], same[-1] if same[-1].captured_at > same[0].captured_at else None)
            )
    return runs


def _wayback_page(text: str) -> IndexPage:
    if not text.strip():
        return IndexPage(())
    rows = _json(text)
    if not isinstance(rows, list):
        raise ValueError("no list of captures")
    resume_key = None
    if len(rows) >= 2 and rows[-2] == [] and isinstance(rows[-1], list) and len(rows[-1]) == 1:
        resume_key = str(rows[-1][0])
        rows = rows[:-2]
    body = rows[1:] if rows and rows[0] == list(FIELDS) else rows
    return _page(
        (dict(zip(FIELDS, row, strict=False)) if isinstance(row, list) else {} for row in body), resume_key
    )


def _pywb_page(text: str) -> IndexPage:
    return _page(_objects(text.split("\n")), None)


def _objects(lines: Sequence[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if not line.strip():
            continue
        row = _json(line)
        if not isinstance(row, dict):
            raise ValueError("no object a line")
        yield {
            "original": row.get("url"),
            "statuscode": row.get("status"),
            "mimetype": row.get("mime"),
            **row,
        }


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _page(rows: Iterable[dict[str, Any]], resume_key: str | None) -> IndexPage:
    found = [_line(row) for row in rows]
    lines = tuple(line for line in found if line is not None)
    return IndexPage(lines, resume_key, len(found) - len(lines))


def _line(row: dict[str, Any]) -> IndexLine | None:
    url, stamp, digest = (row.get(name) for name in ("original", "timestamp", "digest"))
    if not isinstance(url, str) or not url.startswith(("http://", "https://")) or len(url) > LONGEST_TEXT:
        return None
    try:
        captured_at = datetime.strptime(str(stamp), TIMESTAMP).replace(tzinfo=UTC)
    except ValueError:
        return None
    status = str(row.get("statuscode") or "")
    return IndexLine(
        url=url,
        captured_at=captured_at,
        status=int(status) if len(status) == 3 and status.isascii() and status.isdecimal() else None,
        media_type=str(row.get("mimetype") or "").lower()[:LONGEST_TEXT],
        digest=str(digest or "").removeprefix("sha1:")[:LONGEST_TEXT].strip("-"),
    )
