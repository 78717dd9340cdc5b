"""A run to watch on a terminal: what is done of each kind of page, how fast, and how long it will take."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dontspy_data.collect.stats import Stats

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
    return ", ".join([*words, f"{stats.retries:,} retries", f"{stats.refusals:,} refusals"])


def in_words(seconds: float) -> str:
    """Format a length of time such as `2 h 05 min`, `7 min` or `12 s`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"
