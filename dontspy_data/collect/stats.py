"""Counts of a run, pages and faults by endpoint, requests and bytes; and the same to watch on a terminal."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from dontspy_data.collect.classify import GOOD, REFUSALS, Classification, ResponseKind
from dontspy_data.collect.page import PageResult
from dontspy_data.model.texts import counted
from dontspy_data.sources.endpoints import Endpoint

MOST_ADDRESSES = 5


@dataclass
class Count:
    """Pages of one endpoint.

    Attributes:
        total: known of so far.
        stored: received whole and kept.
        unchanged: confirmed to be as an earlier run received them.
        absent: portraits that the server says there are none of.
        held: kept by an interrupted run before this one, whatever they are.
        missing: could not be fetched, or were left out.
        not_asked: left alone because the source had refused, or was down, too often.
        new: those of them that say something the earlier runs did not.
        reasons: why those that are missing are.
        addresses: of the first few that are missing.
    """

    total: int = 0
    stored: int = 0
    unchanged: int = 0
    absent: int = 0
    held: int = 0
    missing: int = 0
    not_asked: int = 0
    new: int = 0
    reasons: Counter[Classification] = field(default_factory=Counter)
    addresses: list[str] = field(default_factory=list)

    @property
    def done(self) -> int:
        """Return how many pages nothing more will happen to."""
        return self.answered + self.not_asked + self.missing - self.noai

    @property
    def noai(self) -> int:
        """Return how many were left out because they are reserved against use by AI."""
        return sum(pages for found, pages in self.reasons.items() if found.kind is ResponseKind.NOAI)

    @property
    def answered(self) -> int:
        """Return how many pages the source answered, whether that is kept or not."""
        return self.stored + self.unchanged + self.absent + self.held + self.noai

    def add(self, result: PageResult) -> None:
        """Count what became of a page."""
        self.new += result.new
        match result.found.kind:
            case _ if result.held:
                self.held += 1
            case ResponseKind.WHOLE | ResponseKind.OTHER_FORMAT:
                self.stored += 1
            case ResponseKind.UNCHANGED:
                self.unchanged += 1
            case ResponseKind.ABSENT:
                self.absent += 1
            case ResponseKind.STOPPED | ResponseKind.NOT_ASKED:
                self.not_asked += 1
            case _:
                self.missing += 1
                self.reasons[result.found] += 1
                if result.found.kind is not ResponseKind.NOAI and len(self.addresses) < MOST_ADDRESSES:
                    self.addresses.append(result.request.url)


@dataclass
class Stats:
    """Everything that has been counted so far.

    Attributes:
        endpoints: pages by endpoint.
        faults: answers that were not kept, by kind, attempts that were repeated included.
        requests: requests that left.
        retries: those of them that asked again for the same page.
        received: bytes of all bodies.
        new: pages that say something the earlier runs did not.
        other_formats: portraits kept that are no JPEG, by what they are.
    """

    endpoints: dict[Endpoint, Count] = field(default_factory=dict)
    faults: Counter[ResponseKind] = field(default_factory=Counter)
    requests: int = 0
    retries: int = 0
    received: int = 0
    new: int = 0
    other_formats: Counter[str] = field(default_factory=Counter)

    def expect(self, endpoint: Endpoint, pages: int = 1) -> None:
        """Count pages that will be asked for."""
        self.endpoints.setdefault(endpoint, Count()).total += pages

    def add(self, result: PageResult) -> None:
        """Count what became of a page."""
        self.endpoints.setdefault(result.request.endpoint, Count()).add(result)
        self.faults.update(fault.kind for fault in result.faults)
        self.requests += result.requests
        self.retries += max(0, len(result.faults) - (result.found.kind not in GOOD))
        self.received += result.received
        self.new += result.new
        if result.found.kind is ResponseKind.OTHER_FORMAT:
            self.other_formats[result.found.reason] += 1

    @property
    def missing(self) -> Counter[ResponseKind]:
        """Return the pages that could not be fetched or were left out, by the kind of the last answer."""
        found: Counter[ResponseKind] = Counter()
        for count in self.endpoints.values():
            for reason, pages in count.reasons.items():
                found[reason.kind] += pages
        return found

    @property
    def refusals(self) -> int:
        """Return how many answers said no; a 429 that was got over is none."""
        said_no = sum(self.faults[kind] for kind in REFUSALS - {ResponseKind.TOO_MANY})
        return said_no + self.missing[ResponseKind.TOO_MANY]


Watch = Callable[[Stats], None]
PER_SECOND = 4


@contextmanager
def watching() -> Iterator[Watch]:
    """Yield a function that draws counts on standard error, or nothing if that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console, Group
    from rich.live import Live
    from rich.table import Table

    started = time.monotonic()
    drawn = 0.0

    def drawing(stats: Stats) -> Group:
        rows = Table(box=None, pad_edge=False)
        for name in ("page", "done", "of", "missing"):
            rows.add_column(name, justify="left" if name == "page" else "right")
        for endpoint, count in stats.endpoints.items():
            missing = count.missing + count.not_asked
            rows.add_row(
                endpoint.name, f"{count.done:,}", f"{count.total:,}", f"{missing:,}" if missing else ""
            )
        return Group(rows, speed(stats, time.monotonic() - started))

    with Live(console=Console(stderr=True), transient=True, auto_refresh=False) as live:

        def watch(stats: Stats) -> None:
            nonlocal drawn
            if time.monotonic() - drawn > 1 / PER_SECOND:
                drawn = time.monotonic()
                live.update(drawing(stats), refresh=True)

        yield watch


def speed(stats: Stats, seconds: float) -> str:
    """Rate, time left, retries and refusals, in one line."""
    done = sum(count.done for count in stats.endpoints.values())
    asked = done - sum(count.held for count in stats.endpoints.values())
    left = sum(count.total for count in stats.endpoints.values()) - done
    rate = asked / seconds if seconds else 0.0
    words = [f"{rate:.1f} pages a second"]
    if rate:
        words.append(f"{in_words(left / rate)} left")
    return ", ".join([*words, f"{counted(stats.retries, 'retry')}", f"{counted(stats.refusals, 'refusal')}"])


def in_words(seconds: float) -> str:
    """Format a length of time such as `2 h 05 min`, `7 min` or `12 s`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"
