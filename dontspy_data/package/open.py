"""Opening a package: its descriptor and tables, read where they stand."""

import filecmp
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dontspy_data import sample
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model.schema import Table, parse_table
from dontspy_data.package.descriptor import HINT, read_descriptor
from dontspy_data.package.digests import DESCRIPTOR, require_downloaded

if TYPE_CHECKING:
    import pyarrow as pa


ROWS_AT_ONCE = 20_000
"""Rows that are held as Python objects, or as text, at a time."""
SAMPLE = "sample"
LEDGER = "releases.json"


@dataclass(frozen=True, slots=True)
class Package:
    """A folder with `datapackage.json`: one build's output.

    Attributes:
        folder: where it is.
        descriptor: `datapackage.json`.
        tables: its tables as its own schemas describe them, whatever version of the project wrote it.
    """

    folder: Path
    descriptor: dict[str, Any]
    tables: tuple[Table, ...]

    @property
    def release(self) -> dict[str, Any]:
        """What its release says of itself: the release before, what was withdrawn, formats.

        Raises:
            UsageError: the package was never released.
        """
        if "release" not in self.descriptor:
            raise UsageError(
                f"{self.folder} is a package and not a release: it has no version",
                hint=f"Make one with: dontspy-data release {self.folder} --output FOLDER",
            )
        found: dict[str, Any] = self.descriptor["release"]
        return found

    def table(self, name: str) -> Table:
        """Return the description of a table.

        Raises:
            UsageError: the package has no such table.
        """
        for table in self.tables:
            if table.name == name:
                return table
        names = ", ".join(table.name for table in self.tables)
        raise UsageError(f"{self.folder} has no table {name!r}", hint=f"It has: {names}.")

    def has(self, name: str) -> bool:
        """Return whether the package has a table."""
        return any(table.name == name for table in self.tables)

    def read(self, name: str, columns: list[str] | None = None) -> "pa.Table":
        """Read a table, or some of its columns, as Arrow.

        Raises:
            UsageError: the package has no such table.
            DontspyError: its file is missing or damaged.
        """
        import pyarrow.parquet as pq

        with self._parquet(name) as path:
            return pq.read_table(path, columns=columns)

    def batches(self, name: str, columns: list[str] | None = None) -> "Iterator[pa.RecordBatch]":
        """Read a table as `read` does, but no more than `ROWS_AT_ONCE` rows of it at a time."""
        import pyarrow.parquet as pq

        with self._parquet(name) as path, pq.ParquetFile(path) as file:
            yield from file.iter_batches(ROWS_AT_ONCE, columns=columns)

    def rows(self, name: str) -> int:
        """Return the number of a table's rows, and raise what `read` raises."""
        import pyarrow.parquet as pq

        with self._parquet(name) as path:
            return int(pq.read_metadata(path).num_rows)

    def has_same_file(self, other: "Package", name: str) -> bool:
        """Return whether another package has the same bytes for a table, and raise what `read` raises."""
        with self._parquet(name) as path, other._parquet(name) as others:
            return filecmp.cmp(path, others, shallow=False)

    @contextmanager
    def _parquet(self, name: str) -> Iterator[Path]:
        """Give the path of a table's file, and turn what goes wrong with it into a DontspyError."""
        import pyarrow as pa

        path = self.folder / "data" / f"{self.table(name).name}.parquet"
        require_downloaded(self.folder, f"data/{path.name}")
        try:
            yield path
        except (OSError, pa.ArrowException) as error:
            raise DontspyError(
                f"{path} cannot be read: {(str(error) or type(error).__name__).split(chr(10))[0]}", hint=HINT
            ) from error


def open_package(folder: Path) -> Package:
    """Open a package by its folder.

    Args:
        folder: of a package; `sample`, where there is no such folder, for the bundled one.

    Raises:
        UsageError: the folder is no package.
        MalformedError: its descriptor is damaged.
    """
    path = folder / DESCRIPTOR
    if not path.is_file() and str(folder) == SAMPLE:
        return open_package(sample.package_path())
    if not path.is_file() and (folder / LEDGER).is_file():
        names = sorted(found.parent.name for found in folder.glob(f"*/{DESCRIPTOR}"))
        raise UsageError(
            f"{folder} is a target of releases, and a package is wanted",
            hint=f"Name one of its releases: {', '.join(str(folder / name) for name in names)}.",
        )
    if not path.is_file():
        raise UsageError(
            f"{folder} is not a package: it has no {DESCRIPTOR}",
            hint="Make one with: dontspy-data build CAPTURE… --output FOLDER",
        )
    descriptor = read_descriptor(path.read_bytes(), str(path))
    return Package(folder, descriptor, tuple(parse_table(resource) for resource in descriptor["resources"]))
