"""All tables in one file: `meps.sqlite`, for Datasette and other tools, and `open-data-faces.xlsx`.

SQLite has keys and indexes; dates and times are ISO 8601 text, booleans are 0 and 1. `meps_fts` searches the names. The
same tables give the same bytes under the same version of SQLite; another one may lay its pages out differently.
`metadata.json` is what Datasette shows about it: title, licence, sources, and what each column means. Format:
https://docs.datasette.io/en/stable/metadata.html. To look at a release:
`datasette meps.sqlite --metadata metadata.json`.

Spreadsheets garble CSV in UTF-8 opened by double-click; in a workbook, letters, dates and numbers are kept.
The first sheet says what it is, under which licence, from which sources and how to cite it. Written by XlsxWriter,
with the day of the data as the day of creation, so that the same tables give the same bytes under the same zlib.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path, PurePosixPath
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any

from dontspy_data.errors import DontspyError
from dontspy_data.formats.citation import cite, publisher
from dontspy_data.model.schema import Table
from dontspy_data.package.open import Package, day
from dontspy_data.package.write import text_of_moments

if TYPE_CHECKING:
    import pyarrow as pa

SQLITE = "meps.sqlite"
SEARCHED = ("name", "given_name", "family_name", "official_given_name", "official_family_name")
TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}
VERSION_VALID_FOR = 96
"""Where the file names the version of SQLite that wrote it, 4 bytes: https://www.sqlite.org/fileformat.html#the_database_header"""
DATASETTE = "metadata.json"
SPREADSHEET = "open-data-faces.xlsx"
FIRST_SHEET = "about"
MOST_ROWS = 1_048_575
"""Rows that a sheet holds below its header."""
FIRST_DAY = date(1900, 3, 1)
"""Earlier days are text: spreadsheets treat 1900 as a leap year, and have no earlier dates."""
LONGEST = 32_767
WIDTH, WIDEST, SAMPLE = 10, 48, 200
"""Column widths in letters, and how many rows are read to choose one."""


def write_sqlite(package: Package) -> None:
    """Write `meps.sqlite` into a package.

    Raises:
        DontspyError: there is no disk space for the file or for SQLite's temporary files.
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


def datasette(package: Package) -> dict[str, Any]:
    """Return the content of `metadata.json`."""
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
    return {
        "title": f"{about['title']}, version {about['version']}",
        "description": about["description"],
        "license": licence["title"],
        "license_url": licence["path"],
        "source": publisher(about)["title"],
        "source_url": about["homepage"],
        "databases": {PurePosixPath(SQLITE).stem: {"tables": tables}},
    }


def write_spreadsheet(package: Package) -> None:
    """Write `open-data-faces.xlsx` into a package.

    Raises:
        DontspyError: a table has more rows than a sheet holds.
    """
    import xlsxwriter

    book = xlsxwriter.Workbook(
        package.folder / SPREADSHEET,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "remove_timezone": True,
            "default_date_format": "yyyy-mm-dd",
        },
    )
    book.set_properties(
        {"title": package.descriptor["title"], "created": package.created.replace(tzinfo=None)}
    )
    head = book.add_format({"bold": True, "bottom": 1})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    rows = _first_sheet(package)
    _write_sheet(book.add_worksheet(FIRST_SHEET), ["what", "text"], rows, len(rows), head, moment)
    for table in package.tables:
        count = package.rows(table.name)
        if count > MOST_ROWS:
            raise DontspyError(
                f"{table.name} has {count:,} rows, more than a sheet holds",
                hint="Make the release of fewer terms.",
            )
        _write_sheet(
            book.add_worksheet(table.name), table.columns, _rows(package, table.name), count, head, moment
        )
    book.close()


def _write(package: Package, path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA page_size = 4096")
        database.execute("PRAGMA journal_mode = OFF")
        database.execute("BEGIN")
        for table in package.tables:
            database.execute(_create(table))
            marks = ", ".join("?" * len(table.fields))
            insert = f"INSERT INTO {_name(table.name)} VALUES ({marks})"  # noqa: S608
            database.executemany(insert, _rows(package, table.name, _for_sqlite))
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
    names = _names(people.known(SEARCHED))
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


def _rows(
    package: Package, name: str, held: "Callable[[pa.Array], pa.Array]" = lambda column: column
) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of a table, from columns as a file holds them."""
    for batch in package.batches(name):
        yield from zip(*(held(column).to_pylist() for column in batch.columns), strict=True)


def _for_sqlite(column: "pa.Array") -> "pa.Array":
    """Return a column as SQLite stores it."""
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
    """Blank the version of the library that wrote the file, which no reader needs and which machines differ in."""
    with path.open("r+b") as stream:
        stream.seek(VERSION_VALID_FOR)
        stream.write(bytes(4))


def _first_sheet(package: Package) -> list[tuple[str, str]]:
    about = package.descriptor
    return [
        ("title", about["title"]),
        ("version", about.get("version", "not released")),
        ("as of", day(about)),
        ("how to cite", cite(about)),
        (
            "missing values",
            "An empty cell is a value that is not known. Divide by what is known, and say how many.",
        ),
        ("portraits", "Each has a credit and rights of its own: see the sheet portraits."),
        *(("licence of the tables", f"{one['title']} {one['path']}") for one in about["licenses"]),
        *(("source", f"{one['title']} {one['path']}") for one in about["sources"]),
        *(
            (f"sheet {table.name}", f"{table.title}. {table.description.replace('`', '')}")
            for table in package.tables
        ),
    ]


def _write_sheet(
    sheet: Any, header: Sequence[str], rows: Iterable[Sequence[Any]], count: int, head: Any, moment: Any
) -> None:
    # In constant-memory mode a column's width is set before its rows are written.
    left = iter(rows)
    first = list(islice(left, SAMPLE))
    for place, name in enumerate(header):
        longest = max((len(str(row[place] or "")) for row in first), default=0)
        sheet.set_column(place, place, min(WIDEST, max(WIDTH, len(name) + 2, longest)))
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, count, len(header) - 1)
    sheet.write_row(0, 0, header, head)
    for line, row in enumerate(chain(first, left), 1):
        for place, value in enumerate(row):
            if value is not None:
                _write_cell(sheet, line, place, value, moment)


def _write_cell(sheet: Any, line: int, place: int, value: Any, moment: Any) -> None:
    match value:
        case str():  # most are
            sheet.write_string(line, place, value[:LONGEST])
        case bool():
            sheet.write_boolean(line, place, value)
        case int() | float():
            sheet.write_number(line, place, value)
        case datetime():
            sheet.write_datetime(line, place, value, moment)
        case date() if value >= FIRST_DAY:
            sheet.write_datetime(line, place, value)
        case _:
            sheet.write_string(line, place, str(value))
