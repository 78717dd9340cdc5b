"""Asking a web archive: its index, and single captures as the answers that the archive received."""

import base64
import hashlib
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

from dontspy_data.capture.records import Origin, Page, canonical
from dontspy_data.collect.cdx import Archive, IndexLine, IndexPage
from dontspy_data.collect.classify import DOWN, REFUSALS, Classification, ResponseKind, classify
from dontspy_data.collect.client import Client
from dontspy_data.collect.fetch import Fetcher
from dontspy_data.collect.headers import host_of, http_date
from dontspy_data.collect.hosts import RobotsRules, read_rules
from dontspy_data.collect.throttle import CircuitBreaker, RateLimiter, Timetable
from dontspy_data.sources.endpoints import ROBOTS, Endpoint, Form, Request

log = logging.getLogger(__name__)

MOST_INDEX_PAGES = 10_000
ONE_SECOND = timedelta(seconds=1)
OK = 200
REPLAYED = "x-archive-orig-"  # how the Wayback Machine replays the server's own headers
OF_ARCHIVE = frozenset({"memento-datetime", "link", "content-location", "date", "server", "set-cookie"})
ANSWERS = frozenset({ResponseKind.WHOLE, ResponseKind.OTHER_FORMAT})
LACKING = REFUSALS | DOWN | {ResponseKind.STOPPED, ResponseKind.NOT_ASKED}


class ArchiveError(Exception):
    """Say that an archive gave no answer, or one that is not the capture that was asked for.

    Attributes:
        found: what it gave, and why that cannot be used.
    """

    def __init__(self, found: Classification) -> None:
        super().__init__(str(found))
        self.found = found

    @property
    def is_lacking(self) -> bool:
        """Return whether the archive may give the answer another time."""
        return self.found.kind in LACKING


class ArchiveClient:
    """Ask one archive, at its pace. Shared by all threads.

    Attributes:
        requests: how many requests left.
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
            ArchiveError: the archive refuses, is down, or answers with no index.
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
            original: the endpoint that gave the answer, which says what a whole one is made of.

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
    """Return why a replayed answer is not the capture that was asked for; an empty string where it is."""
    if replayed.redirected_to:
        return "the archive redirects to another capture"
    moments = [http_date(value) for value in replayed.values("Memento-Datetime")]
    if any(moment is None or abs(moment - line.captured_at) > ONE_SECOND for moment in moments):
        return "the archive gives another day than the one that was asked for"
    is_encoded = any(replayed.values("Content-Encoding"))  # the index has the digest of what was encoded
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
        canonical(line.url),
        OK,
        kept,
        replayed.body,
        line.captured_at,
        origin=Origin.WEB_ARCHIVE,
        via=via,
    )
