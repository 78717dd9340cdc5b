"""Tables of one release: found by their schema, read once, limited to some people where asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from typing import TYPE_CHECKING

from dontspy_data.errors import UsageError
from dontspy_data.loading.engines import read_arrow, to_pandas
from dontspy_data.model.schema import Table
from dontspy_data.package.digests import DESCRIPTOR
from dontspy_data.package.open import Package, open_package
from dontspy_data.targets.files import ReleaseFiles

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from dontspy_data.model.problems import Progress

KEY = "mep_id"


@dataclass(frozen=True, eq=False)
class Tables:
    """The tables of a release.

    Attributes:
        files: of the release.
        people: numbers of the only people whose rows are wanted; None for all rows.
    """

    files: ReleaseFiles
    people: frozenset[int] | None

    @cached_property
    def package(self) -> Package:
        """The release's descriptor, and the schemas of its tables."""
        return open_package(self.files.path(DESCRIPTOR).parent)

    @cached_property
    def schemas(self) -> dict[str, Table]:
        """Schemas by name of the table."""
        return {table.name: table for table in self.package.tables}

    def schema(self, name: str) -> Table:
        """Return a table's schema.

        Raises:
            UsageError: there is no such table.
        """
        if name not in self.schemas:
            close = get_close_matches(str(name), self.schemas, n=1)
            meant = f"Did you mean {close[0]!r}? " if close else ""
            raise UsageError(
                f"{self.files.origin.url} has no table {name!r}",
                hint=f"{meant}It has: {', '.join(self.schemas)}.",
            )
        return self.schemas[name]

    def arrow(self, name: str, columns: Sequence[str] | None = None) -> "pa.Table":
        """Read a table, or some of its columns in the order given.

        Raises:
            UsageError: there is no such table or column.
            DamagedError: its file does not have the bytes that it was released with.
        """
        table = self.schema(name)
        path = self.files.path(f"data/{name}.parquet")
        if self.people is None or KEY not in (field.name for field in table.fields):
            return read_arrow(path, table, columns)
        import pyarrow as pa
        import pyarrow.compute as pc

        arrow = read_arrow(path, table, None if columns is None else list(dict.fromkeys([*columns, KEY])))
        arrow = arrow.filter(pc.is_in(arrow[KEY], pa.array(sorted(self.people), pa.int64())))
        return arrow if columns is None else arrow.select(list(columns))

    def frame(self, name: str) -> "pd.DataFrame":
        """Read a table as a DataFrame of the caller's own; the file is read once.

        Raises:
            UsageError: there is no such table.
            DamagedError: its file does not have the bytes that it was released with.
        """
        if name not in self._frames:
            self._frames[name] = to_pandas(self.arrow(name), self.schema(name))
        return self._frames[name].copy()

    @cached_property
    def _frames(self) -> "dict[str, pd.DataFrame]":
        return {}


PATIENCE = 1.0  # seconds before anything is said
INTERVAL = 0.2  # seconds between two lines


@contextmanager
def download_line() -> Iterator[Progress | None]:
    """Yield a function to report (done, total) of files to, once it takes long; None if nobody looks."""
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
