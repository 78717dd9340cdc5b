"""Opening a package: its descriptor and tables, read in place.

`datapackage.json` may come from anywhere: everything that this project uses of it is validated first.
Specification: Data Package 2.0, https://datapackage.org/standard/data-package/
"""

import filecmp
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dontspy_data import sample
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model.problems import ProblemRow
from dontspy_data.model.schema import TYPES, Table, parse_table
from dontspy_data.model.texts import JsonValue, read_json
from dontspy_data.package.files import DESCRIPTOR, is_inside, require_downloaded, sizes_there

if TYPE_CHECKING:
    import pyarrow as pa
    from pyarrow.parquet import ParquetFile

ROWS_AT_ONCE = 20_000
"""Rows that are held as Python objects, or as text, at a time."""
SAMPLE = "sample"
LEDGER = "releases.json"
HINT = "Build the package again, or take a whole copy."
NAME = re.compile(r"[a-z][a-z0-9_-]{0,63}")
COLUMN = re.compile(r"[a-z][a-z0-9_]{0,63}")
VERSION = re.compile(r"(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})")
HASH = re.compile(r"sha256:[0-9a-f]{64}")
SHARES = ("membersLost", "portraitsLost", "countryLost")
MOST_TABLES = 200
MOST_COLUMNS = 500


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
    def created(self) -> datetime:
        """When its latest answer was received, UTC."""
        return datetime.fromisoformat(self.descriptor["created"]).astimezone(UTC)

    @property
    def release(self) -> dict[str, Any]:
        """The descriptor's facts about its release: the release before, what was withdrawn, formats.

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

    @property
    def files(self) -> dict[str, dict[str, Any]]:
        """What the descriptor says about files, such as bytes and hash, by path: tables and files made from them."""
        of_tables = (file for one in self.descriptor["resources"] for file in (one, *one["alternatives"]))
        made = self.descriptor.get("release", {}).get("files", ())
        return {file["path"]: file for file in (*of_tables, *made)}

    def sizes(self, paths: Collection[str]) -> dict[str, int]:
        """Return the bytes of files by path; of one that is made from others and not here, as the descriptor says."""
        there, said = sizes_there(self.folder, paths), self.files
        return {path: there.get(path) or said.get(path, {"bytes": 0})["bytes"] for path in paths}

    def table(self, name: str) -> Table:
        """Return the description of a table.

        Raises:
            UsageError: the package has no such table.
        """
        if table := self.find(name):
            return table
        names = ", ".join(table.name for table in self.tables)
        raise UsageError(f"{self.folder} has no table {name!r}", hint=f"It has: {names}.")

    def find(self, name: str) -> Table | None:
        """Return the description of a table; None if the package has no such table."""
        return next((table for table in self.tables if table.name == name), None)

    def read(self, name: str, columns: list[str] | None = None) -> "pa.Table":
        """Read a table, or some of its columns, as Arrow.

        Raises:
            UsageError: the package has no such table.
            DontspyError: its file is missing, damaged, or without one of these columns.
        """
        with self._open(name, columns) as file:
            return file.read(columns)

    def batches(self, name: str, columns: list[str] | None = None) -> "Iterator[pa.RecordBatch]":
        """Read a table as `read` does, but at most `ROWS_AT_ONCE` rows at a time."""
        with self._open(name, columns) as file:
            yield from file.iter_batches(ROWS_AT_ONCE, columns=columns)

    def rows(self, name: str) -> int:
        """Return the number of a table's rows, and raise what `read` raises."""
        with self._open(name) as file:
            return int(file.metadata.num_rows)

    def problems(self) -> list[ProblemRow]:
        """Return the rows of the table `problems`, and raise what `read` raises."""
        return [ProblemRow(**row) for row in self.read("problems").to_pylist()]

    def has_same_file(self, other: "Package", name: str) -> bool:
        """Return whether another package has the same bytes for a table, and raise what `read` raises."""
        with self._parquet(name) as path, other._parquet(name) as others:
            return filecmp.cmp(path, others, shallow=False)

    @contextmanager
    def _open(self, name: str, columns: list[str] | None = None) -> "Iterator[ParquetFile]":
        """Open a table's file, at half the cost of `pq.read_table`, and require columns of it."""
        import pyarrow.parquet as pq

        with self._parquet(name) as path, pq.ParquetFile(path) as file:
            if missing := set(columns or ()) - set(file.schema_arrow.names):
                raise DontspyError(f"{path} has no column {', '.join(sorted(missing))}", hint=HINT)
            yield file

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
        folder: of a package; `sample` is the bundled one unless there is such a folder.

    Raises:
        UsageError: the folder is not a package.
        MalformedError: its descriptor is damaged.
    """
    path = folder / DESCRIPTOR
    if not path.is_file() and str(folder) == SAMPLE:
        return open_package(sample.package_path())
    if not path.is_file() and (folder / LEDGER).is_file():
        names = sorted(found.parent.name for found in folder.glob(f"*/{DESCRIPTOR}"))
        raise UsageError(
            f"{folder} is a target with releases, and not a package",
            hint=f"Name one of its releases: {', '.join(str(folder / name) for name in names)}.",
        )
    if not path.is_file():
        raise UsageError(
            f"{folder} is not a package: it has no {DESCRIPTOR}",
            hint="Make one with: dontspy-data build CAPTURE… --output FOLDER",
        )
    descriptor = read_descriptor(path.read_bytes(), str(path))
    return Package(folder, descriptor, tuple(parse_table(resource) for resource in descriptor["resources"]))


def read_descriptor(body: bytes, file: str) -> dict[str, Any]:
    """Read the descriptor of a package, a release or an audit.

    Args:
        body: of `datapackage.json`.
        file: its path or address, for people.

    Raises:
        MalformedError: something is missing or has the wrong type; the message says what and where.
    """
    about = read_json(body, file, hint=HINT)
    about["name"].text(NAME)
    for name in ("title", "description"):
        about[name].text()
    _moment(about["created"])
    for licence in about["licenses"].items(100):
        for name in ("name", "path", "title"):
            licence[name].text()
    if version := about.get("version"):
        version.text(VERSION)
    if about.get("models") is None:  # an audit has only these
        _dataset(about)
    names = [_resource(resource) for resource in about["resources"].items(MOST_TABLES)]
    if len(set(names)) != len(names):
        about["resources"].fail("has a table twice")
    found: dict[str, Any] = about.value
    return found


def day(descriptor: Mapping[str, Any]) -> str:
    """Return the day of a package's latest data, `YYYY-MM-DD`."""
    return str(descriptor["created"])[:10]


def _dataset(about: JsonValue) -> None:
    about["homepage"].text()
    for word in about["keywords"].items(1000):
        word.text()
    for one in about["contributors"].items(1000):
        one["title"].text()
        for role in one["roles"].items(100):
            role.text()
    for one in about["sources"].items(1000):
        one["title"].text()
    floors = about["floors"]
    floors["members"].whole()
    for name in SHARES:
        share = floors[name]
        if type(share.value) not in (int, float) or not 0 <= share.value <= 1:
            share.fail("must be between 0 and 1")
    for one in about["captures"].items(100_000):
        one["hash"].text(HASH)
    if release := about.get("release"):
        about["version"].text(VERSION)
        _release(release)


def _release(release: JsonValue) -> None:
    if previous := release.get("previous"):
        previous.text(VERSION)
    release["previous"]  # null for the first release, never absent
    for mep_id in release["withdrew"].items():
        mep_id.whole(least=1)
    if accepted := release.get("accepted"):
        accepted.text()
    release["accepted"]
    for one in release["formats"].items(1000):
        one.text(longest=200)
    for one in release["files"].items(1000):
        _path(one["path"])


def _resource(resource: JsonValue) -> str:
    name = resource["name"].text(COLUMN)
    resource["rows"].whole()
    resource["minimumRows"].whole()
    resource["maximumRows"].whole()
    _path(resource["path"])
    for one in resource["alternatives"].items(100):
        _path(one["path"])
    schema = resource["schema"]
    schema["title"].text()
    schema["description"].text()
    columns = [_column(field) for field in schema["fields"].items(MOST_COLUMNS)]
    if len(set(columns)) != len(columns):
        schema["fields"].fail("has a column twice")
    _columns(schema["primaryKey"], columns)
    keys = schema.get("foreignKeys")
    for key in keys.items(100) if keys else ():
        _columns(key["fields"], columns)
        key["reference"]["resource"].text(re.compile(rf"({COLUMN.pattern})?"))
        for one in key["reference"]["fields"].items(MOST_COLUMNS):
            one.text(COLUMN)
    return name


def _column(field: JsonValue) -> str:
    if (kind := field["type"].text(longest=100)) not in TYPES:
        field["type"].fail(f"is {kind!r}, which this project never writes")
    for name in ("title", "description"):
        field[name].text()
    if constraints := field.get("constraints"):
        for name in ("required", "unique"):
            if flag := constraints.get(name):
                flag.flag()
        if pattern := constraints.get("pattern"):
            pattern.text(longest=1000)
    if categories := field.get("categories"):
        for one in categories.items(10_000):
            (one if isinstance(one.value, str) else one["value"]).text()
    return field["name"].text(COLUMN)


def _columns(value: JsonValue, columns: list[str]) -> None:
    for one in value.items(MOST_COLUMNS):
        if one.text(COLUMN) not in columns:
            one.fail(f"is {one.value!r}, and there is no such column")


def _path(value: JsonValue) -> None:
    if not is_inside(value.text(longest=1000)):
        value.fail("leads out of the package")


def _moment(value: JsonValue) -> None:
    try:
        moment = datetime.fromisoformat(value.text(longest=40))
    except ValueError:
        value.fail("is not a date and time")
    if moment.tzinfo is None:
        value.fail("has no time zone")
