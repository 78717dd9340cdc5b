"""A run to watch on a terminal: what is done of each kind of page, how fast, and how long it will take."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from dontspy_data.collect.outcome import Tally

Watch = Callable[[Tally], None]
PER_SECOND = 4


@contextmanager
def watching() -> Iterator[Watch]:
    """A function to show counts to, drawn on standard error; it shows nothing where that is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console, Group
    from rich.live import Live
    from rich.table import Table

    started = time.monotonic()
    drawn = 0.0

    def drawing(tally: Tally) -> Group:
        rows = Table(box=None, pad_edge=False)
        for name in ("page", "done", "of", "missing"):
            rows.add_column(name, justify="left" if name == "page" else "right")
        for kind, count in tally.kinds.items():
            missing = count.missing + count.not_asked
            rows.add_row(kind.name, f"{count.done:,}", f"{count.total:,}", f"{missing:,}" if missing else "")
        return Group(rows, speed(tally, time.monotonic() - started))

    with Live(console=Console(stderr=True), transient=True, auto_refresh=False) as live:

        def watch(tally: Tally) -> None:
            nonlocal drawn
            if time.monotonic() - drawn > 1 / PER_SECOND:
                drawn = time.monotonic()
                live.update(drawing(tally), refresh=True)

        yield watch


def speed(tally: Tally, seconds: float) -> str:
    """Rate, time left, retries and refusals, in one line."""
    done = sum(count.done for count in tally.kinds.values())
    asked = done - sum(count.held for count in tally.kinds.values())
    left = sum(count.total for count in tally.kinds.values()) - done
    rate = asked / seconds if seconds else 0.0
    words = [f"{rate:.1f} pages a second"]
    if rate:
        words.append(f"{in_words(left / rate)} left")
    return ", ".join([*words, f"{tally.retries:,} retries", f"{tally.refusals:,} refusals"])


def in_words(seconds: float) -> str:
    """A length of time such as `2 h 05 min`, `7 min` or `12 s`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes // 60} h {minutes % 60:02} min" if minutes >= 60 else f"{minutes} min"
