"""A progress bar for downloads that take long, in a terminal and in a notebook."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[int, int], None]
FEW = 10


@contextmanager
def download_bar(files: int) -> Iterator[Progress | None]:
    """A function to report (done, total) of files to; None for a few files, and where nobody looks.

    Args:
        files: how many have to be downloaded.
    """
    if files <= FEW or not (sys.stderr.isatty() or "ipykernel" in sys.modules):
        yield None
        return
    # One line that is written over: rich's bars need ipywidgets in a notebook.
    try:
        yield lambda done, total: _write(f"\rDownloading: {done:,} of {total:,} files")
    finally:
        _write("\n")


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
