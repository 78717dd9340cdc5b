"""Collecting from a web archive: what it holds of portraits, profiles and histories, as they were on their days.

An archive is asked for its index, an address prefix a request, and then for the raw bytes of the captures that are
worth fetching. Each becomes an answer of the capture under its *original* address and time, with the archive's own
address beside it. What the archive received as an error, a challenge or a redirect is no answer.
"""

import base64
import hashlib
import logging
import threading
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dontspy_data.capture.captures import Captures
from dontspy_data.capture.records import Origin, Page
from dontspy_data.capture.store import Store
from dontspy_data.collect.cdx import Archive, IndexLine, collapse
from dontspy_data.collect.classify import REFUSALS, Classification, ResponseKind, classify
from dontspy_data.collect.client import Client
from dontspy_data.collect.fetch import Attempts, Fetcher
from dontspy_data.collect.headers import http_date
from dontspy_data.collect.hosts import read_rules
from dontspy_data.collect.outcome import EXITS, Outcome
from dontspy_data.collect.throttle import CircuitBreaker, RateLimiter, Timetable
from dontspy_data.errors import Exit, UsageError
from dontspy_data.model.problems import Progress
from dontspy_data.sources import endpoint_of
from dontspy_data.sources.endpoints import ROBOTS, WWW, Endpoint, Form, Request

log = logging.getLogger(__name__)

PER_SECOND = 1.0
"""Requests a second to one archive; the Internet Archive asks bots to stay about there."""
AT_ONCE = 2
HELD_ARCHIVE_HEADERS = ("x-archive-orig-",)  # how the Wayback Machine replays the server's own headers
MOST_INDEX_PAGES = 10_000
OK = 200
REVISIT = "warc/revisit"
PORTRAITS = f"{WWW}/mepphoto/"
PEOPLE = f"{WWW}/meps/en/"


@dataclass(frozen=True, slots=True)
class ArchiveOptions:
    """What to collect from a web archive.

    Attributes:
        output: the capture to write; must not exist.
        archive: the archive.
        mep_ids: only these people; empty for everybody whom the archive's index names.
        since: captures, whose answers are not fetched again.
        since_day: only what the archive received on that day or later; None for all.
        sources: names of the sources whose pages are wanted.
        withdrawn: people whose pages are never fetched.
        rate: requests a second; 0 is no limit, for an archive of one's own.
    """

    output: Path
    archive: Archive
    mep_ids: tuple[int, ...] = ()
    since: tuple[Path, ...] = ()
    since_day: datetime | None = None
    sources: tuple[str, ...] = ("portraits", "ep_profile", "ep_history")
    withdrawn: frozenset[int] = frozenset()
    rate: float = PER_SECOND


@dataclass(frozen=True, slots=True)
class ArchiveOutcome:
    """What collecting from a web archive came to.

    Attributes:
        outcome: how it ended.
        message: the same for the person who reads it.
        hint: what to do next; empty where nothing needs doing.
        capture: the capture, or the `.part` file where the run is not complete.
        listed: captures that the index lists of what is wanted.
        stored: answers that were fetched and kept.
        confirmed: captures that the index says to be the same as one that is kept.
        held: captures that an earlier run had already.
        unusable: captures of which there is no answer, by reason.
        requests: how many requests left.
    """

    outcome: Outcome
    message: str
    hint: str
    capture: str
    listed: int
    stored: int
    confirmed: int
    held: int
    unusable: Mapping[str, int]
    requests: int

    @property
    def exit(self) -> Exit:
        """Return the exit status that says the same."""
        return EXITS[self.outcome]

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs."""
        return {
            "outcome": self.outcome.value,
            "message": self.message,
            "hint": self.hint,
            "capture": self.capture,
            "listed": self.listed,
            "stored": self.stored,
            "confirmed": self.confirmed,
            "held": self.held,
            "unusable": dict(self.unusable),
            "requests": self.requests,
        }


@dataclass(frozen=True, slots=True)
class ArchiveEstimate:
    """What a run would fetch.

    Attributes:
        listed: captures that the index lists of what is wanted.
        fetched: answers that would be fetched.
        seconds: how long that takes at the given rate, at least.
    """

    listed: int
    fetched: int
    seconds: float


class RefusedError(Exception):
    """Say that the archive refused, or could not be reached, and why."""

    def __init__(self, found: Classification) -> None:
        super().__init__(str(found))
        self.found = found


def collect_archive(options: ArchiveOptions, progress: Progress | None = None) -> ArchiveOutcome:
    """Write a capture of what a web archive holds.

    A run that is refused, fails or is stopped leaves what it received in the `.part` file, and the same command
    goes on from there.

    Args:
        options: of what and how fast.
        progress: told (done, total) of the captures to fetch.

    Raises:
        UsageError: the options make no sense together, or another collector is writing the output.
        CaptureError: an earlier capture or the `.part` file is damaged.
        DontspyError: the disk is full, or failed.
    """
    _check(options)
    previous = Captures.open(options.since)
    made_with = {"archive": options.archive.index, "sources": ",".join(options.sources)}
    with closing(Store.open(options.output, made_with)) as store, closing(Client(None)) as client:
        run = _Run(options, client, store, (store.held, previous))
        try:
            run.collect(progress)
        except RefusedError as error:
            return run.incomplete(error.found)
        except KeyboardInterrupt:
            return run.incomplete(Classification(ResponseKind.STOPPED, "stopped before the end"))
        finally:
            run.stop.set()
        if run.lacking:
            return run.incomplete(run.lacking[0])
        if run.stored or run.confirmed or run.held_here:
            store.finish()
            return run.outcome(Outcome.CHANGED, f"{run.stored:,} answers of other days were fetched", options.output)
        return run.outcome(Outcome.UNCHANGED, "the archive holds nothing that is not held already", store.part)


def estimate_archive(options: ArchiveOptions) -> ArchiveEstimate:
    """Ask the index alone, and return what a run would fetch.

    Raises:
        UsageError: the options make no sense together, or the archive refuses or cannot be reached.
    """
    _check(options)
    previous = Captures.open(options.since)
    with closing(Client(None)) as client:
        run = _Run(options, client, None, (previous,))
        try:
            runs = run.wanted()
        except RefusedError as error:
            raise UsageError(f"{options.archive.index} gives no index: {error.found}") from error
    fetched = sum(1 for one in runs if one.fetch and not run.holds(one.fetch))
    interval = 1 / options.rate if options.rate else 0.0
    return ArchiveEstimate(run.listed, fetched, fetched * interval)


def _check(options: ArchiveOptions) -> None:
    if options.output.exists():
        raise UsageError(
            f"{options.output} is there already",
            hint=f"Name another file; with --since {options.output} only what is new is transferred.",
        )
    if unknown := sorted(set(options.sources) - {"portraits", "ep_profile", "ep_history"}):
        raise UsageError(
            f"a web archive is not asked for {', '.join(unknown)}",
            hint="It is asked for portraits, ep_profile and ep_history.",
        )
    if not options.rate and urlsplit(options.archive.index).hostname not in ("127.0.0.1", "localhost", "::1"):
        raise UsageError("a web archive is never asked without a limit", hint="Give a rate above 0.")


@dataclass(frozen=True, slots=True)
class _Same:
    """Captures of one address with one digest, in a row: the first is fetched, the last only confirms it."""

    url: str
    fetch: IndexLine
    confirm: IndexLine | None


class _Run:
    """One run: what it may ask, and what it has counted."""

    def __init__(
        self, options: ArchiveOptions, client: Client, store: Store | None, held: Sequence[Captures]
    ) -> None:
        self.options = options
        self.stop = threading.Event()
        self.listed = self.stored = self.confirmed = self.held_here = self.requests = 0
        self.unusable: Counter[str] = Counter()
        self.lacking: list[Classification] = []
        self._store = store
        self._held = {
            (entry.url, entry.retrieved_at.replace(microsecond=0))
            for captures in held
            for url in captures.urls()
            for entry in captures.entries(url)
        }
        self._fetcher = Fetcher(client, CircuitBreaker(), self.stop, ignore_noai=False)
        self._limiter = RateLimiter(Timetable(1 / options.rate if options.rate else 0.0), self.stop)
        self._lock = threading.Lock()
        self._rules = None

    def collect(self, progress: Progress | None) -> None:
        """Fetch what is wanted and not held."""
        wanted = self.wanted()
        with ThreadPoolExecutor(AT_ONCE) as pool:
            for number, _ in enumerate(pool.map(self._keep, wanted), start=1):
                if progress:
                    progress(number, len(wanted))

    def holds(self, line: IndexLine) -> bool:
        """Return whether a capture is held already."""
        return (canonical(line.url), line.captured_at) in self._held

    def wanted(self) -> list[_Same]:
        """Ask the index, and return what to fetch, by address and time."""
        by_url: dict[str, list[IndexLine]] = defaultdict(list)
        for line in self._index():
            url = canonical(line.url)
            if self._is_wanted(url, line):
                by_url[url].append(line)
        self.listed = sum(map(len, by_url.values()))
        return [same for url in sorted(by_url) for same in _runs(url, by_url[url])]

    def _is_wanted(self, url: str, line: IndexLine) -> bool:
        found = endpoint_of(url)
        if found is None or found.source.name not in self.options.sources:
            return False
        mep_id = found.source.person_of(url)
        wanted = mep_id is not None and mep_id not in self.options.withdrawn
        if self.options.mep_ids and mep_id not in self.options.mep_ids:
            return False
        return wanted and (line.status == OK or (line.status is None and line.media_type == REVISIT))
