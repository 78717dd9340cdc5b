"""`open-data-faces.xlsx`: every table as a sheet, for people who open tables in a spreadsheet.

A spreadsheet garbles CSV in UTF-8 that is opened by double-click; here letters, dates and numbers are what they are.
The first sheet says what it is, under which licence, from which sources and how to cite it. Written by XlsxWriter, with
the day of the data as the day of creation, so that the same tables give the same bytes under the same zlib.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from itertools import chain, islice
from typing import Any

from dontspy_data.errors import DontspyError
from dontspy_data.formats.citation import cite
from dontspy_data.model.schema import Table
from dontspy_data.package.open import Package, day

SPREADSHEET = "open-data-faces.xlsx"
ABOUT = "about"
MOST_ROWS = 1_048_575
"""That a sheet holds beneath its header."""
FIRST_DAY = date(1900, 3, 1)
"""Earlier days are text: spreadsheets believe that 1900 was a leap year, and know nothing before it."""
LONGEST = 32_767
WIDTH, WIDEST, SAMPLE = 10, 48, 200
"""Of columns, in letters; and how many rows tell how wide one is."""


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
    about = package.descriptor
    created = datetime.fromisoformat(about["created"]).astimezone(UTC).replace(tzinfo=None)
    book.set_properties({"title": about["title"], "created": created})
    head = book.add_format({"bold": True, "bottom": 1})
    moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
    about_it = _about(package)
    _write_sheet(book.add_worksheet(ABOUT), ["what", "text"], about_it, len(about_it), head, moment)
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


def _rows(package: Package, name: str) -> Iterator[tuple[Any, ...]]:
    for batch in package.batches(name):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _about(package: Package) -> list[tuple[str, str]]:
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
        *((f"sheet {table.name}", f"{table.title}. {_plain(table)}") for table in package.tables),
    ]


def _plain(table: Table) -> str:
    return table.description.replace("`", "")


def _write_sheet(
    sheet: Any, header: Sequence[str], rows: Iterable[Sequence[Any]], count: int, head: Any, moment: Any
) -> None:
    # In constant memory a column's width is set before its rows are written.
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
