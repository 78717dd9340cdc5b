"""Reading a web archive: its index, and single captures as the answers that the archive received.

Indexes come in two dialects. The Wayback Machine's CDX server pages by a resume key and answers in JSON arrays
(https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server); pywb's answers in one JSON object per
line, in one piece (https://pywb.readthedocs.io/en/latest/manual/cdxserver_api.html). Both can collapse lines,
but differently, so all lines are read and collapsed here.
"""

import base64
import hashlib
import json
import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from typing import Any
from urllib.parse import urlencode, urlsplit

from dontspy_data.capture.records import Origin, Page, canonical
from dontspy_data.collect.classify import DOWN, REFUSALS, Classification, ResponseKind, classify
from dontspy_data.collect.client import Client, host_of, http_date
from dontspy_data.collect.fetch import Fetcher, RobotsRules, read_rules
from dontspy_data.collect.throttle import CircuitBreaker, RateLimiter, Timetable
from dontspy_data.errors import UsageError
from dontspy_data.sources.source import ROBOTS, Endpoint, Form, Request

log = logging.getLogger(__name__)

MOST_INDEX_PAGES = 10_000
ONE_SECOND = timedelta(seconds=1)
OK = 200
REPLAYED = "x-archive-orig-"  # prefix of the server's original headers in the Wayback Machine
OF_ARCHIVE = frozenset({"memento-datetime", "link", "content-location", "date", "server", "set-cookie"})
ANSWERS = frozenset({ResponseKind.WHOLE, ResponseKind.OTHER_FORMAT})
LACKING = REFUSALS | DOWN | {ResponseKind.STOPPED, ResponseKind.NOT_ASKED}

FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
PAGE_LINES = 20_000  # lines requested from the Wayback Machine at a time
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
    """Consecutive captures of one address with the same bytes, by the index's digest.

    Attributes:
        first: the earliest.
        last: the latest; None if there is only one.
    """

    first: IndexLine
    last: IndexLine | None = None


@dataclass(frozen=True, slots=True)
class IndexPage:
    """One answer of an index.

    Attributes:
        lines: the captures listed.
        resume_key: key to ask for the next page; None after the last one.
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
        dialect: the dialect of its index.
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
            ValueError: the answer is not that of an index.
        """
        text = body.decode("utf-8", errors="replace")
        return _wayback_page(text) if self.dialect is Dialect.WAYBACK else _page(_objects(text.split("\n")))


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
        UsageError: it is neither.
    """
    if name == "wayback":
        return WAYBACK
    if not name.startswith(("http://", "https://")):
        raise UsageError(
            f"{name!r} is not a web archive", hint="Give wayback, or the address of a collection."
        )
    address = name.rstrip("/")
    if address.endswith("/cdx/search/cdx"):
        return Archive(address, f"{address.removesuffix('/cdx/search/cdx')}/web", Dialect.WAYBACK)
    return Archive(f"{address}/cdx", address, Dialect.PYWB)


def collapse(lines: Iterable[IndexLine]) -> list[EqualCaptures]:
    """Return the runs of equal captures of one address, in the order of their days.

    The first of a run says since when a picture was shown, the last until when; those between add
    nothing. A line without a digest is a run of its own.
    """
    ordered = sorted(lines, key=lambda line: (line.captured_at, line.digest))
    runs: list[EqualCaptures] = []
    for digest, equal in groupby(ordered, key=lambda line: line.digest):
        same = list(equal)
        if not digest:
            runs += [EqualCaptures(line) for line in same]
        else:
            later = same[-1].captured_at > same[0].captured_at
            runs.append(EqualCaptures(same[0], same[-1] if later else None))
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


def _objects(lines: Sequence[str]) -> Iterator[dict[str, Any]]:
    for line in lines:
        if not line.strip():
            continue
        row = _json(line)
        if not isinstance(row, dict):
            raise ValueError("not one object per line")
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


def _page(rows: Iterable[dict[str, Any]], resume_key: str | None = None) -> IndexPage:
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


class ArchiveError(Exception):
    """Report that an archive gave no answer, or another capture than the one requested.

    Attributes:
        found: what it gave, and why that cannot be used.
    """

    def __init__(self, found: Classification) -> None:
        super().__init__(str(found))
        self.found = found

    @property
    def is_lacking(self) -> bool:
        """Return whether the archive may give the answer later."""
        return self.found.kind in LACKING


class ArchiveClient:
    """Ask one archive, at its rate. Shared by all threads.

    Attributes:
        requests: number of requests sent.
        unread: lines of the index that could not be read.
    """

    def __init__(self, archive: Archive, client: Client, rate: float, stop: threading.Event) -> None:
        self.requests = 0
        self.unread = 0
        self._archive = archive
        self._fetcher = Fetcher(client, CircuitBreaker(), stop, ignore_noai=False)
        self._limiter = RateLimiter(Timetable(1 / rate if rate else 0.0), stop)
        self._rules: dict[str, RobotsRules] = {}
        self._lock = threading.Lock()
        self._rules_lock = threading.Lock()

    def index(self, prefix: str) -> Iterator[IndexLine]:
        """Yield every line of the index for addresses that begin with a prefix.

        Raises:
            ArchiveError: the archive refuses, is down, or does not answer with an index.
        """
        endpoint = Endpoint(
            "index", host_of(self._archive.index), "cdx", Form.INDEX, "application/json", may_be_empty=True
        )
        resume_key = None
        for _ in range(MOST_INDEX_PAGES):
            url = self._archive.query(prefix, resume_key)
            page = self._index_page(self._fetch(Request(endpoint, url)).body)
            yield from page.lines
            self.unread += page.unread
            if page.resume_key is None or page.resume_key == resume_key:
                return
            resume_key = page.resume_key

    def replay(self, line: IndexLine, original: Endpoint) -> Page:
        """Return a capture as the answer that the archive received.

        Args:
            line: of the index.
            original: the endpoint that gave the answer, which defines a whole one.

        Raises:
            ArchiveError: the archive refuses or is down; or the capture is an error page, a challenge or a
                redirect, is marked as not for AI, or is not the one that the index lists.
        """
        via = self._archive.replay_url(line)
        endpoint = replace(original, host=host_of(via), path="replay", may_be_absent=False)
        replayed = self._fetch(Request(endpoint, via))
        if problem := _replay_problem(replayed, line):
            raise ArchiveError(Classification(ResponseKind.MALFORMED, problem))
        page = _original(replayed, line, via)
        found = classify(page, original)
        if found.kind not in ANSWERS:
            raise ArchiveError(found)
        return page

    def _index_page(self, body: bytes) -> IndexPage:
        try:
            return self._archive.parse(body)
        except ValueError as error:
            raise ArchiveError(Classification(ResponseKind.MALFORMED, f"no index: {error}")) from error

    def _fetch(self, request: Request) -> Page:
        if problem := self._robots(request.url).problem(request.url):
            raise ArchiveError(problem)
        attempts = self._fetcher.fetch(request, self._limiter, {})
        with self._lock:
            self.requests += attempts.requests
        if attempts.page is None or attempts.found.kind not in ANSWERS:
            log.info("%s: %s", request.url, attempts.found)
            raise ArchiveError(attempts.found)
        return attempts.page

    def _robots(self, url: str) -> RobotsRules:
        parts = urlsplit(url)
        with self._rules_lock:
            if parts.netloc not in self._rules:
                endpoint = replace(ROBOTS, host=parts.netloc)
                address = f"{parts.scheme}://{parts.netloc}/robots.txt"
                attempts = self._fetcher.fetch(Request(endpoint, address), self._limiter, {})
                self.requests += attempts.requests
                self._rules[parts.netloc] = read_rules(attempts)
            return self._rules[parts.netloc]


def _replay_problem(replayed: Page, line: IndexLine) -> str:
    """Return why a replayed answer is not the requested capture; an empty string if it is."""
    if replayed.redirected_to:
        return "the archive redirects to another capture"
    moments = [http_date(value) for value in replayed.values("Memento-Datetime")]
    if any(moment is None or abs(moment - line.captured_at) > ONE_SECOND for moment in moments):
        return "the archive gives another day than the one requested"
    is_encoded = any(replayed.values("Content-Encoding"))  # the index has the digest of the encoded body
    if line.digest and not is_encoded and _sha1(replayed.body) != line.digest.upper():
        return "the digest is not that of the index"
    return ""


def _sha1(body: bytes) -> str:
    return base64.b32encode(hashlib.sha1(body, usedforsecurity=False).digest()).decode()


def _original(replayed: Page, line: IndexLine, via: str) -> Page:
    """Return the answer as the archive received it: with the headers that the archive replays as the server's."""
    own = tuple(
        (name[len(REPLAYED) :], value)
        for name, value in replayed.headers
        if name.lower().startswith(REPLAYED)
    )
    kept = own or tuple((name, value) for name, value in replayed.headers if name.lower() not in OF_ARCHIVE)
    return Page(
        canonical(line.url), OK, kept, replayed.body, line.captured_at, origin=Origin.WEB_ARCHIVE, via=via
    )
