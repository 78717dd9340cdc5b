"""A line that tells how far a long download is, in a terminal and in a notebook."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from dontspy_data.progress import Progress

PATIENCE = 1.0  # seconds before anything is said
INTERVAL = 0.2  # seconds between two lines


@contextmanager
def download_line() -> Iterator[Progress | None]:
    """A function to report (done, total) of files to, once it takes long; None where nobody looks."""
    if not (sys.stderr.isatty() or "ipykernel" in sys.modules):
        yield None
        return
    due = time.monotonic() + PATIENCE
    said = False

    def report(done: int, total: int) -> None:
        nonlocal due, said
        if time.monotonic() >= due:
            # Written over itself: rich's bars would need ipywidgets in a notebook.
            _write(f"\rDownloading: {done:,} of {total:,} files")
            due, said = time.monotonic() + INTERVAL, True

    try:
        yield report
    finally:
        if said:
            _write("\n")


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
