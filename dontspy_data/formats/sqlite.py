"""`meps.sqlite`: every table in one SQLite file, with keys and indexes, as Datasette and anything else reads it.

Dates and times are ISO 8601 text, booleans are 0 and 1. `meps_fts` searches the names. The same tables give the same
bytes under the same version of SQLite; another one may lay its pages out otherwise.

`metadata.json` is what Datasette shows of it: title, licence, sources, and what each column means. Format:
https://docs.datasette.io/en/stable/metadata.html. To look at a release:
`datasette meps.sqlite --metadata metadata.json`.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any

from dontspy_data.errors import DontspyError
from dontspy_data.formats.citation import publisher
from dontspy_data.model.schema import Table
from dontspy_data.package.digests import json_text
from dontspy_data.package.open import Package
from dontspy_data.package.write import text_of_moments

if TYPE_CHECKING:
    import pyarrow as pa

SQLITE = "meps.sqlite"
SEARCHED = ("name", "given_name", "family_name", "official_given_name", "official_family_name")
TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}
VERSION_VALID_FOR = 96
"""Where the file names the version of SQLite that wrote it, 4 bytes: https://www.sqlite.org/fileformat.html#the_database_header"""
DATASETTE = "metadata.json"


def write_sqlite(package: Package) -> None:
    """Write `meps.sqlite` into a package.

    Raises:
        DontspyError: there is no room, for the file or for what SQLite keeps meanwhile in the temporary folder.
    """
    path = package.folder / SQLITE
    path.unlink(missing_ok=True)
    try:
        _write(package, path)
    except sqlite3.OperationalError as error:
        raise DontspyError(
            f"{SQLITE} was not made: {error}",
            hint=f"Make room at {path.parent} and in {gettempdir()}, and try again.",
        ) from error
    _forget_version(path)


def _write(package: Package, path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA page_size = 4096")
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("BEGIN")
        for table in package.tables:
            database.execute(_create(table))
            marks = ", ".join("?" * len(table.fields))
            database.executemany(f"INSERT INTO {_name(table.name)} VALUES ({marks})", _rows(package, table))  # noqa: S608
        for statement in _indexes(package.tables):
            database.execute(statement)
        if people := package.find("meps"):
            _add_search(database, people)
        database.execute("COMMIT")
        database.execute("VACUUM")


def _add_search(database: sqlite3.Connection, people: Table) -> None:
    """Add `meps_fts`, full-text search over names that finds `Müller` by `muller`.

    Format: FTS5, https://www.sqlite.org/fts5.html, with `meps` as its content, which Datasette knows.
    """
    names = _names(name for name in SEARCHED if name in people.columns)
    database.execute(
        f"CREATE VIRTUAL TABLE meps_fts USING fts5({names}, content='meps', content_rowid='mep_id', "
        "tokenize='unicode61 remove_diacritics 2')"
    )
    database.execute("INSERT INTO meps_fts(meps_fts) VALUES ('rebuild')")


def _create(table: Table) -> str:
    columns = [
        f"{_name(field.name)} {TYPES.get(field.type, 'TEXT')}{' NOT NULL' if field.required else ''}"
        for field in table.fields
    ]
    columns.append(f"PRIMARY KEY ({_names(table.primary_key)})")
    columns += [
        f"FOREIGN KEY ({_names(key.fields)}) REFERENCES {_name(key.table)} ({_names(key.reference)})"
        for key in table.foreign_keys
    ]
    return f"CREATE TABLE {_name(table.name)} (\n  " + ",\n  ".join(columns) + "\n)"


def _indexes(tables: Iterable[Table]) -> Iterator[str]:
    for table in tables:
        for key in table.foreign_keys:
            name = _name("_".join((table.name, *key.fields)))
            yield f"CREATE INDEX {name} ON {_name(table.name)} ({_names(key.fields)})"


def _rows(package: Package, table: Table) -> Iterator[tuple[Any, ...]]:
    for batch in package.batches(table.name):
        yield from zip(*(_values(column).to_pylist() for column in batch.columns), strict=True)


def _values(column: "pa.Array") -> "pa.Array":
    """Return a column as SQLite holds it."""
    import pyarrow as pa

    if pa.types.is_timestamp(column.type):
        return text_of_moments(column)
    if pa.types.is_boolean(column.type):
        return column.cast(pa.int8())
    return column.cast(pa.string()) if pa.types.is_date(column.type) else column


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _names(names: Iterable[str]) -> str:
    return ", ".join(map(_name, names))


def _forget_version(path: Path) -> None:
    """Blank the version of the library that wrote the file, which no reader needs and machines differ in."""
    with path.open("r+b") as stream:
        stream.seek(VERSION_VALID_FOR)
        stream.write(bytes(4))


def datasette(package: Package) -> str:
    """Return the text of `metadata.json`."""
    about = package.descriptor
    licence = about["licenses"][0]
    tables: dict[str, Any] = {
        table.name: {
            "title": table.title,
            "description": table.description,
            "columns": {field.name: field.description for field in table.fields},
        }
        for table in package.tables
    }
    document = {
        "title": f"{about['title']}, version {about['version']}",
        "description": about["description"],
        "license": licence["title"],
        "license_url": licence["path"],
        "source": publisher(about)["title"],
        "source_url": about["homepage"],
        "databases": {PurePosixPath(SQLITE).stem: {"tables": tables}},
    }
    return json_text(document)
