"""Bulk CSVs of the Open Data portal, one per term.

Copies of 2022 were saved through cp1252 and a spreadsheet: letters outside it became `?`, dates gained hours. Since
2024 the portal exports its triple store directly: typed literals, and several values in a cell, separated by `;`.
Names are given in parts only; `resolve` composes them if no other source prints them.

Files are parsed line by line, as portals and spreadsheets write them. The encodings UTF-8, UTF-16 and cp1252 are
detected, and the delimiters comma, semicolon, tab and bar (RFC 4180 has only the comma). A row whose cells do not fit
the columns is kept apart, so that one quote too many swallows no other row.
"""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from dontspy_data.capture.captures import Page
from dontspy_data.errors import PageError
from dontspy_data.model import codes
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import NETWORKS, Property, State
from dontspy_data.sources.documents import address, dicts, json_object, unanswered
from dontspy_data.sources.findings import Findings, Reader
from dontspy_data.sources.source import (
    API_PER_SECOND,
    DATA,
    NO_LINKS,
    CollectScope,
    Endpoint,
    Form,
    Links,
    Reading,
    Request,
    Source,
)
from dontspy_data.sources.values import (
    NOTHING,
    clean,
    day,
    email,
    http_address,
    order_of,
    person_id,
    plain,
    without_language,
)

DELIMITERS = ",;\t|"
LINES_OF_A_ROW = 10
LINES_BEFORE_THE_HEADER = 5
LARGEST_CELL = 1 << 17  # limit of the module csv, which raises for longer cells
LARGEST_SHOWN = 200
LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class SheetRow:
    """A row that is not blank.

    Attributes:
        line: number of its first line in the file, from 1.
        cells: as many as there are columns, unless `fits` is False.
        fits: whether there is a cell for each column.
    """

    line: int
    cells: tuple[str, ...]
    fits: bool


@dataclass(frozen=True, slots=True)
class Sheet:
    """A parsed file.

    Attributes:
        columns: names, as the header has them.
        rows: those below the header that are not blank.
    """

    columns: tuple[str, ...]
    rows: tuple[SheetRow, ...]


def open_sheet(page: Page) -> Sheet:
    """Parse a file of rows and columns.

    Raises:
        PageError: none of its first lines is the header.
    """
    text = _decoded(page.body)
    lines = LINE_END.split(text)
    for at, line in enumerate(lines[:LINES_BEFORE_THE_HEADER]):
        for delimiter in DELIMITERS:
            columns = _cells([line], delimiter)
            if ID in _names(columns):
                return Sheet(columns, _rows(lines, at + 1, len(columns), delimiter))
    raise PageError(NAME, page.url, f"the column {ID} (the file begins with {text[:80]!r})")


def _decoded(body: bytes) -> str:
    """Return a file's text; undecodable bytes become U+FFFD, like lost letters."""
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return body.decode("utf-16", "replace")
    zeros = body[:1000].count(0)
    if zeros > len(body[:1000]) // 4:
        return body.decode("utf-16-le" if body[1:2] == b"\0" else "utf-16-be", "replace")
    text = body.decode("utf-8-sig", "replace")
    lost = text.count("\ufffd")
    # In a one-byte encoding, nearly every letter beyond ASCII is an error in UTF-8; a few errors mean damage.
    if lost <= sum(letter > "\x7f" for letter in text) - lost:
        return text
    return body.decode("cp1252", "replace")


def _rows(lines: Sequence[str], at: int, width: int, delimiter: str) -> tuple[SheetRow, ...]:
    rows = []
    while at < len(lines):
        row, used = _row(lines, at, width, delimiter)
        if any(row.cells):
            rows.append(row)
        at += used
    return tuple(rows)


def _row(lines: Sequence[str], at: int, width: int, delimiter: str) -> tuple[SheetRow, int]:
    """Return the row that begins on a line, and how many lines it takes: several if a cell has lines of its own."""
    for used in range(1, LINES_OF_A_ROW + 1):
        cells = _cells(lines[at : at + used], delimiter, strict=True)
        if len(cells) == width:
            return SheetRow(at + 1, cells, fits=True), used
        if '"' not in lines[at]:
            break
    cells = _cells(lines[at : at + 1], delimiter) or (clean(lines[at][:LARGEST_SHOWN]),)
    return SheetRow(at + 1, cells, fits=len(cells) == width), 1


def _cells(lines: Sequence[str], delimiter: str, *, strict: bool = False) -> tuple[str, ...]:
    """Return the cells of some lines if they are one row; None if they are several, or invalid CSV.

    If `strict`, a quote that is not closed, or closed within a cell, is invalid.
    """
    if sum(map(len, lines)) > LARGEST_CELL:
        return ()
    try:
        rows = list(csv.reader((line + "\n" for line in lines), delimiter=delimiter, strict=strict))
    except csv.Error:
        return ()
    return tuple(map(clean, rows[0])) if len(rows) == 1 else ()


NAME = "ep_csv"
ID = "mep_identifier"
_endpoint = partial(Endpoint, host=DATA, path="datasets", per_second=API_PER_SECOND)
DATASET = _endpoint(
    "dataset", form=Form.JSON, accept="application/json", may_be_absent=True, needs="OdpDatasetVersions"
)
CSV = _endpoint("csv", form=Form.CSV, accept="text/csv", leaf=True, needs=ID)
DATASETS = (
    f"https://{DATA}/OdpDatasetService/Datasets/members-of-the-european-parliament-meps-parliamentary-term"
)
VERSION = re.compile(r"[0-9]{1,6}")
PATTERN = re.compile(r"https://[^?#]+/[^/?#]*meps_(?P<term>\d+)_(?:\d+_)?en\.csv$")
ADDRESSES_READ = re.compile(f"{PATTERN.pattern}|{re.escape(DATASETS)}")

IDS = frozenset({ID, "mep_uri"})
LEFT = IDS | {"mep_honorific_prefix"}  # the gender again
FLOAT = re.compile(r"\.0+$")
CLOCK = re.compile(r"\d{1,2}/\d{1,2}/\d{4} \d{1,2}:\d{2}")
NEXT = re.compile(";")
NEXT_ADDRESS = re.compile(r";(?=\s*+(?:https?:|mailto:|www\.|[^\s/;]++@))")
SINCE_2024 = "mep_political_group"
DAMAGED = "2022"
"""The name of the copies of 2022 in `corrections.csv`."""


@dataclass(frozen=True, slots=True)
class Column:
    """How the cells of a column are read.

    Attributes:
        about: property that they state.
        reader: makes a value from a text.
        expected: what the reader understands, for people.
        next_value: separator between values of one cell.
    """

    about: Property
    reader: Reader
    expected: str
    next_value: re.Pattern[str] = NEXT


def _address_column(about: Property) -> Column:
    return Column(about, http_address, "an address that begins with http", NEXT_ADDRESS)


def _text(text: str) -> str:
    """Return a text unchanged; empty if it stands for a missing one."""
    return "" if text.casefold() in NOTHING else text


TEXTS = {
    "mep_given_name": Property.GIVEN_NAME,
    "mep_family_name": Property.FAMILY_NAME,
    "mep_official_given_name": Property.OFFICIAL_GIVEN_NAME,
    "mep_official_family_name": Property.OFFICIAL_FAMILY_NAME,
    "mep_place_of_birth": Property.BIRTH_PLACE,
}
ADDRESSES = {
    "mep_image": Property.PORTRAIT_URL,
    "mep_homepage": Property.WEBSITE,  # also if it is on a social network
}
DAYS = {"mep_birthday": Property.BIRTH_DATE, "mep_death_date": Property.DEATH_DATE}
COLUMNS: Mapping[str, Column] = {
    **{name: Column(about, _text, "a text with its letters") for name, about in TEXTS.items()},
    **{name: _address_column(about) for name, about in ADDRESSES.items()},
    **{name: Column(about, day, "a day such as 1964-12-25 or 25/12/1964") for name, about in DAYS.items()},
    "mep_email": Column(Property.EMAIL, email, "an e-mail address", NEXT_ADDRESS),
    "mep_gender": Column(Property.GENDER, codes.gender, "a gender"),
    "mep_citizenship": Column(Property.CITIZENSHIP, codes.country, "a country"),
    "mep_country_of_representation": Column(Property.MANDATE, codes.country, "a country"),
    "mep_political_group": Column(Property.POLITICAL_GROUP, codes.group, "a political group"),
}
IN_TERM: Mapping[Property, Mapping[str, Any]] = {
    Property.MANDATE: {},
    Property.POLITICAL_GROUP: {"state": State.UNKNOWN},  # a cell gives all groups of the term, without dates
}
"""Properties that hold for the file's term, and the rest of their period."""


def url(term: int, version: int) -> str:
    """Return the address of one version of a term's bulk CSV."""
    return f"https://data.europarl.europa.eu/distribution/meps_{term}_{version}_en.csv"


def read(page: Page) -> Reading:
    """Return what the page says; see `Source.read`. Letters that the file lost are not restored here.

    A data set's description says where the latest file is, and nothing about persons.
    """
    if page.url.startswith(DATASETS):
        return Reading()
    if (missing := unanswered(page, NAME)) is not None:
        return missing
    term = int(address(page, PATTERN, NAME)["term"])
    sheet = open_sheet(page)
    names = _names(sheet.columns)
    columns = _columns(names, sheet.rows)
    found = Findings(page, NAME)
    found.copy = DAMAGED if _is_damaged(sheet) else ""
    for row in sheet.rows:
        with found.row(_shown(row.cells)):
            cells = list(zip(names, row.cells, strict=False))
            mep_id = _mep_id(cells, page)
            found.state(mep_id, Property.TERM, str(term), term=term)
            if not row.fits:
                expected = f"{len(names)} cells in line {row.line}, which has {len(row.cells)}"
                found.problem(ProblemKind.ROW, _shown(row.cells), expected, mep_id=mep_id)
                continue
            for name, cell in cells:
                if cell and name in columns:
                    _read_cell(found, mep_id, columns[name], cell, term)
    if not found.statements:
        raise PageError(NAME, page.url, "any person: the file has no row with an id")
    filled = {name for row in sheet.rows for name, cell in zip(names, row.cells, strict=False) if cell}
    return found.reading(unread=frozenset(filled - columns.keys() - LEFT))


def _shown(cells: Sequence[str]) -> str:
    """Return a row for people."""
    return ", ".join(cells)[:200]


def _names(header: Sequence[str]) -> tuple[str, ...]:
    """Return the names of columns in one spelling."""
    return tuple(name.casefold().replace(" ", "_") for name in header)


def _is_damaged(sheet: Sheet) -> bool:
    """Return whether it is a copy of 2022: its days have hours, and it lacks columns added later."""
    has_hours = any(CLOCK.match(cell) for row in sheet.rows for cell in row.cells)
    return has_hours and SINCE_2024 not in _names(sheet.columns)


def _columns(names: Sequence[str], rows: Sequence[SheetRow]) -> Mapping[str, Column]:
    """Return how to read each column of this file: the order of day and month is that of the whole column."""
    known = {**COLUMNS, **{name: _address_column(about) for name, about in codes.networks("columns").items()}}
    columns = {name: known[name] for name in names if name in known}
    for name in DAYS.keys() & columns.keys():
        order = order_of(plain(row.cells[names.index(name)]) for row in rows if row.fits)
        columns[name] = replace(columns[name], reader=partial(day, order=order))
    return columns


def _mep_id(cells: Sequence[tuple[str, str]], page: Page) -> int:
    """Return the person that a row is about.

    Raises:
        PageError: it has no id, or the id and the person's address belong to two persons.
    """
    ids = {_id_in(cell) for name, cell in cells if name in IDS and cell}
    if len(ids) != 1 or (mep_id := ids.pop()) is None:
        raise PageError(NAME, page.url, "one id in digits", _shown([cell for _, cell in cells]))
    return mep_id


def _id_in(cell: str) -> int | None:
    """Return the id that a cell holds: digits, an address that ends in them, or a spreadsheet's number."""
    return person_id(FLOAT.sub("", plain(cell).rpartition("/")[2]))


def _read_cell(found: Findings, mep_id: int, column: Column, cell: str, term: int) -> None:
    period = {"term": term, **IN_TERM[column.about]} if column.about in IN_TERM else {}
    reader = partial(_legible, column.reader)
    for value in map(plain, column.next_value.split(cell)):
        text = value if column.next_value is NEXT_ADDRESS else without_language(value)
        about = _network(text, column.about) if column.about in NETWORKS else column.about
        found.cell(mep_id, about, text, reader, expected=column.expected, **period)


def _network(address: str, about: Property) -> Property:
    """Return the network of an address: that of its host, or of the column if the host is not listed."""
    known = codes.account(address) if http_address(address) else Property.OTHER_ACCOUNT
    return about if known is Property.OTHER_ACCOUNT else known


def _legible(reader: Reader, text: str) -> str | None:
    """Read a text; reject one without a letter or digit, such as `####` from a column that was too narrow.

    In cp1252, names in Greek or Cyrillic script became only `?`.
    """
    return reader(text) if any(letter.isalnum() for letter in text) or text in NOTHING else None


def everybody(scope: CollectScope) -> Iterator[Request]:
    """Yield the request for each term's data set, whose description names the latest CSV."""
    return (Request(DATASET, f"{DATASETS}{term}") for term in scope.terms)


def links(request: Request, page: Page) -> Links:
    """Return the request for the latest CSV of the term whose data set is described."""
    versions = json_object(page).get("OdpDatasetVersions")
    labels = [str(row.get("VersionLabel")) for row in dicts(versions)]
    latest = max((int(label) for label in labels if VERSION.fullmatch(label)), default=None)
    term = request.url.removeprefix(DATASETS)
    if latest is None or not term.isdecimal():
        return NO_LINKS
    return Links(requests=(Request(CSV, url(int(term), latest)),))


SOURCE = Source(
    NAME, "Parliament's bulk CSV", (DATASET, CSV), ADDRESSES_READ, read, everybody=everybody, links=links
)
