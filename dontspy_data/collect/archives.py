"""Collecting from a web archive: the portraits, profiles and histories that it holds, as they were at the time.

An archive is asked for its index, one address prefix per request, and then for the raw bytes of the captures that are
worth fetching. Each becomes an answer of the capture under its *original* address and time, with the archive's own
address beside it. Errors, challenges and redirects that the archive received are left out.
"""

import re
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from dontspy_data.capture.captures import Captures
from dontspy_data.capture.records import (
    Origin,
    Page,
    canonical,
    remark_record,
    response_record,
    revisit_record,
    unusable_record,
)
from dontspy_data.capture.store import Store
from dontspy_data.collect.classify import REFUSALS, Classification, ResponseKind
from dontspy_data.collect.client import Client
from dontspy_data.collect.outcome import Outcome, RunOutcome
from dontspy_data.collect.replay import (
    OK,
    Archive,
    ArchiveClient,
    ArchiveError,
    EqualCaptures,
    IndexLine,
    collapse,
)
from dontspy_data.errors import UsageError
from dontspy_data.model.problems import Progress
from dontspy_data.model.texts import counted
from dontspy_data.sources import source_of
from dontspy_data.sources.source import WWW

PER_SECOND = 1.0
"""Requests per second to one archive; the Internet Archive asks programs to stay near this rate."""
AT_ONCE = 2
REVISIT = "warc/revisit"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
ARCHIVED = ("portraits", "ep_profile", "ep_history")
PORTRAITS = f"{WWW}/mepphoto/"
PEOPLE = f"{WWW}/meps/en/"
PERSON = re.compile(r"/(?:mepphoto/|meps/[a-z]{2}/)(\d{1,9})(?=[/.?]|$)")


@dataclass(frozen=True, slots=True)
class ArchiveOptions:
    """What to collect from a web archive.

    Attributes:
        output: the capture to write; must not exist.
        archive: the archive.
        mep_ids: only these people; empty for everybody whom the archive's index names.
        since: captures, whose answers are not fetched again.
        sources: names of the sources whose pages are wanted.
        withdrawn: people whose pages are never fetched.
        rate: requests per second; 0 means no limit, for your own archive.
    """

    output: Path
    archive: Archive
    mep_ids: tuple[int, ...] = ()
    since: tuple[Path, ...] = ()
    sources: tuple[str, ...] = ARCHIVED
    withdrawn: frozenset[int] = frozenset()
    rate: float = PER_SECOND


@dataclass(frozen=True, slots=True)
class ArchiveOutcome(RunOutcome):
    """The result of collecting from a web archive.

    Attributes:
        listed: wanted captures that the index lists.
        stored: answers that were fetched and kept.
        confirmed: captures that, by the index, equal one that is kept.
        held: captures that an earlier run has already.
        unusable: captures without an answer that a build could read, by reason.
        requests: number of requests sent.
    """

    listed: int
    stored: int
    confirmed: int
    held: int
    unusable: Mapping[str, int]
    requests: int

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class ArchiveEstimate:
    """What a run would fetch.

    Attributes:
        listed: wanted captures that the index lists.
        fetched: answers that would be fetched.
        seconds: least time that this takes at the given rate.
    """

    listed: int
    fetched: int
    seconds: float


@dataclass
class ArchiveTally:
    """What a run has counted so far; shared by its threads."""

    listed: int = 0
    stored: int = 0
    confirmed: int = 0
    held: int = 0
    unusable: Counter[str] = field(default_factory=Counter)
    lacking: list[Classification] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)


def collect_archive(options: ArchiveOptions, progress: Progress | None = None) -> ArchiveOutcome:
    """Write a capture of what a web archive holds.

    A run that is refused, fails or is stopped leaves what it received in the `.part` file, and the same command
    continues from there.

    Args:
        options: what to collect, and how fast.
        progress: receives (done, total) of the captures to fetch.

    Raises:
        UsageError: the options do not fit together, or another collector is writing the output.
        CaptureError: an earlier capture or the `.part` file is damaged.
        DontspyError: the disk is full, or failed.
    """
    _check(options)
    previous = Captures.open(options.since)
    stop, tally = threading.Event(), ArchiveTally()
    made_with = {"archive": options.archive.index, "sources": ",".join(options.sources)}
    with closing(Store.open(options.output, made_with)) as store, closing(Client(None)) as client:
        archive = ArchiveClient(options.archive, client, options.rate, stop)
        keeper = Keeper(options.archive, archive, store, previous, tally)
        try:
            runs = _wanted(options, archive, tally)
            with ThreadPoolExecutor(AT_ONCE) as pool:
                for number, _ in enumerate(pool.map(keeper.keep, runs), start=1):
                    if progress:
                        progress(number, len(runs))
        except ArchiveError as error:
            tally.lacking.append(error.found)
        except KeyboardInterrupt:
            tally.lacking.append(Classification(ResponseKind.STOPPED, "stopped before the end"))
        finally:
            stop.set()
        if not tally.lacking:
            store.finish()
        return _outcome(options, tally, archive, store)


def estimate_archive(options: ArchiveOptions) -> ArchiveEstimate:
    """Ask the index alone, and return what a run would fetch.

    Raises:
        UsageError: the options do not fit together, or the archive gives no index.
        CaptureError: an earlier capture is damaged.
    """
    _check(options)
    previous, tally = Captures.open(options.since), ArchiveTally()
    with closing(Client(None)) as client:
        archive = ArchiveClient(options.archive, client, options.rate, threading.Event())
        try:
            runs = _wanted(options, archive, tally)
        except ArchiveError as error:
            raise UsageError(f"{options.archive.index} gives no index: {error}") from error
    known = _held(previous) | previous.remarked
    fetched = sum(1 for run in runs if _key(run.first) not in known)
    return ArchiveEstimate(tally.listed, fetched, fetched / options.rate if options.rate else 0.0)


class Keeper:
    """Fetch and keep captures that are not held."""

    def __init__(
        self, archive: Archive, client: ArchiveClient, store: Store, previous: Captures, tally: ArchiveTally
    ) -> None:
        self._archive = archive
        self._client = client
        self._store = store
        self._held = _held(store.held, previous)
        self._not_kept = previous.remarked
        self._tally = tally

    def keep(self, run: EqualCaptures) -> None:
        """Fetch the first of equal captures unless it is held, and record that the last confirms it.

        Raises:
            DontspyError: it could not be written.
        """
        if _key(run.first) in self._not_kept:
            return
        if _key(run.first) in self._held:
            with self._tally.lock:
                self._tally.held += 1
        elif not self._fetch(run):
            return
        if run.last and _key(run.last) not in self._held:
            self._store.add(revisit_record(self._without_body(run.last), run.first.captured_at))
            with self._tally.lock:
                self._tally.confirmed += 1

    def _fetch(self, run: EqualCaptures) -> bool:
        """Keep an answer; return whether there is one."""
        source = source_of(canonical(run.first.url))
        if source is None or self._tally.lacking:
            return False
        try:
            page = self._client.replay(run.first, source.endpoints[0])
        except ArchiveError as error:
            with self._tally.lock:
                if error.is_lacking:
                    self._tally.lacking.append(error.found)
                    return False
                self._tally.unusable[str(error)] += 1
            if error.found.kind is ResponseKind.NOAI:
                self._store.add(remark_record(self._without_body(run.first), str(error.found)))
            else:
                self._store.add(unusable_record(*_key(run.first), str(error)))
            return False
        self._store.add(response_record(page))
        with self._tally.lock:
            self._tally.stored += 1
        return True

    def _without_body(self, line: IndexLine) -> Page:
        """Return the facts about an answer that the index confirms by its digest, or that is not kept."""
        via = self._archive.replay_url(line)
        return Page(canonical(line.url), OK, (), b"", line.captured_at, origin=Origin.WEB_ARCHIVE, via=via)


def _check(options: ArchiveOptions) -> None:
    """Raise UsageError if the options do not fit together."""
    if options.output.exists():
        raise UsageError(
            f"{options.output} exists already",
            hint=f"Name another file; with --since {options.output} only new captures are transferred.",
        )
    if unknown := sorted(set(options.sources) - set(ARCHIVED)):
        raise UsageError(
            f"a web archive cannot be asked for {', '.join(unknown)}",
            hint=f"It can be asked for {', '.join(ARCHIVED)}.",
        )
    if not options.rate and urlsplit(options.archive.index).hostname not in LOOPBACK:
        raise UsageError("a web archive is never asked without a limit", hint="Give a rate above 0.")


def _key(line: IndexLine) -> tuple[str, datetime]:
    return (canonical(line.url), line.captured_at)


def _held(*captures: Captures) -> frozenset[tuple[str, datetime]]:
    """Return which captures are held already, by address and second."""
    return frozenset(
        (entry.url, entry.retrieved_at.replace(microsecond=0))
        for one in captures
        for url in one.urls()
        for entry in one.entries(url)
    )


def _wanted(options: ArchiveOptions, client: ArchiveClient, tally: ArchiveTally) -> list[EqualCaptures]:
    """Ask the index, and return what to fetch, by address and time.

    Raises:
        ArchiveError: the archive gives no index.
    """
    by_url: dict[str, list[IndexLine]] = defaultdict(list)
    for prefix in _prefixes(options):
        for line in client.index(prefix):
            if _is_wanted(options, line):
                by_url[canonical(line.url)].append(line)
    tally.listed = sum(map(len, by_url.values()))
    if client.unread:
        tally.unusable["a line of the index that cannot be read"] = client.unread
    return [run for url in sorted(by_url) for run in collapse(by_url[url])]


def _prefixes(options: ArchiveOptions) -> Iterator[str]:
    """Yield one prefix for all portraits; for pages one per person, or one for all if nobody is named."""
    people = options.mep_ids
    if "portraits" in options.sources:
        yield f"{PORTRAITS}{people[0]}.jpg" if len(people) == 1 else PORTRAITS
    if set(options.sources) - {"portraits"}:
        yield from (f"{PEOPLE}{mep_id}/" for mep_id in people) if people else (PEOPLE,)


def _is_wanted(options: ArchiveOptions, line: IndexLine) -> bool:
    url = canonical(line.url)
    source, person = source_of(url), PERSON.search(url)
    if source is None or source.name not in options.sources or person is None:
        return False
    mep_id = int(person[1])
    if mep_id in options.withdrawn or (options.mep_ids and mep_id not in options.mep_ids):
        return False
    if source.endpoints[0].is_picture and line.media_type.startswith("text/"):
        return False  # a challenge or an error page that came as a 200
    return line.status == OK or (line.status is None and line.media_type == REVISIT)


def _outcome(
    options: ArchiveOptions, tally: ArchiveTally, client: ArchiveClient, store: Store
) -> ArchiveOutcome:
    new = tally.stored + tally.confirmed
    if not tally.lacking:
        outcome = Outcome.CHANGED if new else Outcome.UNCHANGED
        message = f"{counted(tally.stored, 'answer')} fetched" if new else "the archive has nothing new"
    else:
        refusal = next((found for found in tally.lacking if found.kind in REFUSALS), None)
        outcome = Outcome.REFUSED if refusal else Outcome.FAILED
        message = f"{options.archive.index}: {refusal or tally.lacking[0]}"
    return ArchiveOutcome(
        outcome=outcome,
        message=message,
        hint="What was received is kept; the same command continues from there." if tally.lacking else "",
        capture=str(store.part if tally.lacking else options.output),
        listed=tally.listed,
        stored=tally.stored,
        confirmed=tally.confirmed,
        held=tally.held,
        unusable=dict(sorted(tally.unusable.items())),
        requests=client.requests,
    )
