"""Bulk CSVs of the Open Data portal, one a term.

Copies of 2022 were saved through cp1252 and a spreadsheet: letters outside it became `?`, dates gained hours.
"""

import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from dontspy_data.capture.captures import Page
from dontspy_data.errors import PageError
from dontspy_data.model import codes
from dontspy_data.model.problems import Note
from dontspy_data.model.statements import Property, Statement
from dontspy_data.sources.documents import address, facts, unanswered
from dontspy_data.sources.endpoints import API_PER_SECOND, DATA, Endpoint, Form, Request
from dontspy_data.sources.links import dicts, json_object
from dontspy_data.sources.reading import Reading, drop_repeats
from dontspy_data.sources.source import NO_LINKS, Links, Scope, Source
from dontspy_data.sources.values import calendar_day, email, person_id, vague_day, web_address

NAME = "ep_csv"
DATASET = Endpoint(
    "dataset",
    DATA,
    "datasets",
    Form.JSON,
    "application/json",
    may_be_absent=True,
    needs="OdpDatasetVersions",
    per_second=API_PER_SECOND,
)
ID = "mep_identifier"
CSV = Endpoint("csv", DATA, "datasets", Form.CSV, "text/csv", leaf=True, needs=ID, per_second=API_PER_SECOND)
DATASETS = (
    f"https://{DATA}/OdpDatasetService/Datasets/members-of-the-european-parliament-meps-parliamentary-term"
)
VERSION = re.compile(r"[0-9]{1,6}")
PATTERN = re.compile(r"https://[^?#]+/[^/?#]*meps_(?P<term>\d+)_(?:\d+_)?en\.csv$")

TEXTS = {
    "mep_given_name": Property.GIVEN_NAME,
    "mep_family_name": Property.FAMILY_NAME,
    "mep_official_given_name": Property.OFFICIAL_GIVEN_NAME,
    "mep_official_family_name": Property.OFFICIAL_FAMILY_NAME,
    "mep_place_of_birth": Property.BIRTH_PLACE,
}
DAYS = {"mep_birthday": Property.BIRTH_DATE, "mep_death_date": Property.DEATH_DATE}
COUNTRIES = {
    "mep_citizenship": Property.CITIZENSHIP,
    "mep_country_of_representation": Property.MANDATE,
}
ADDRESSES = {
    "mep_image": Property.PORTRAIT_URL,
    "mep_email": Property.EMAIL,
    "mep_homepage": Property.WEBSITE,
    "mep_twitter": Property.X,
    "mep_facebook_page": Property.FACEBOOK,
    "mep_facebook_profile": Property.FACEBOOK,
    "mep_instagram": Property.INSTAGRAM,
}
GENDER = "mep_gender"
LEFT = frozenset({ID, "mep_honorific_prefix", "mep_URI"})  # the gender and the id again
USED = frozenset({GENDER, *TEXTS, *DAYS, *COUNTRIES, *ADDRESSES})

DAY = re.compile(r"(?P<day>\d{2})/(?P<month>\d{2})/(?P<year>\d{4})(?: (?P<hour>\d{1,2}):(?P<minute>\d{2}))?")
ISO_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})")
NEXT_ADDRESS = re.compile(r";(?=\s*+(?:https?:|mailto:))")
# The copies of 2022 give the citizens of Estonia as Spain's and the other way round: all ten Estonian Members
# in them are `Spain`, and everyone born in Madrid is `Estonia`. Later copies are not touched.
SWAPPED = {"Estonia": "Spain", "Spain": "Estonia"}


@dataclass(frozen=True, slots=True)
class Sheet:
    """The file taken apart: column names, rows of as many cells, and whether it is a damaged copy of 2022."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    damaged: bool


def url(term: int, version: int) -> str:
    """Address of one version of a term's bulk CSV."""
    return f"https://data.europarl.europa.eu/distribution/meps_{term}_{version}_en.csv"


def matches(url: str) -> bool:
    """Whether this source reads the page at this address."""
    return PATTERN.match(url) is not None


def read(page: Page) -> Reading:
    """What the page says; see `Source.read`. Letters that the file lost stay lost here."""
    return unanswered(page, NAME) or _read(page)


def _read(page: Page) -> Reading:
    term = int(address(page, PATTERN, NAME)["term"])
    sheet = _sheet(page)
    statements: list[Statement] = []
    notes: list[Note] = []
    for number, cells in enumerate(sheet.rows, start=2):
        row = dict(zip(sheet.columns, cells, strict=False))
        if not any(cells):
            continue
        mep_id = person_id(row[ID]) if len(cells) == len(sheet.columns) else None
        if mep_id is None:
            notes.append(Note("a row without an id, or without a cell a column", f"{page.url}, row {number}"))
            continue
        found, troubles = _person(mep_id, row, page, term, damaged=sheet.damaged)
        statements.extend(found)
        notes.extend(troubles)
    if not statements:
        raise PageError(NAME, page.url, "any person: the file has no row with an id")
    return Reading(
        drop_repeats(statements), unread=frozenset(sheet.columns) - USED - LEFT, notes=tuple(notes)
    )


def _sheet(page: Page) -> Sheet:
    text, encoding = _text(page)
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    try:
        rows = [
            tuple(cell.strip() for cell in row)
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        ]
    except csv.Error as error:
        raise PageError(NAME, page.url, f"rows of a CSV file ({error})") from error
    columns = rows[0] if rows else ()
    if ID not in columns:
        raise PageError(NAME, page.url, f"the column {ID} (columns: {', '.join(columns)[:200]!r})")
    return Sheet(columns, tuple(rows[1:]), damaged=encoding == "cp1252" and delimiter == ",")


def _text(page: Page) -> tuple[str, str]:
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return page.body.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise PageError(NAME, page.url, "text in UTF-8 or cp1252")


def _person(
    mep_id: int, row: Mapping[str, str], page: Page, term: int, *, damaged: bool
) -> tuple[list[Statement], list[Note]]:
    """What a row says, and a note for each cell that could not be used."""
    fact = facts(page, NAME)
    statements = [fact(mep_id, Property.TERM, str(term), term=term)]
    notes: list[Note] = []
    given, family = (_legible(row.get(column, "")) for column in ("mep_given_name", "mep_family_name"))
    if given and family:
        statements.append(fact(mep_id, Property.NAME, f"{given} {family.upper()}"))
    for column, cell in row.items():
        if not cell or column not in USED:
            continue
        values = list(_values(column, cell, damaged=damaged)) if _legible(cell) else [None]
        for value in values:
            if value is None:
                notes.append(
                    Note(f"a cell of {column} that cannot be read", f"{page.url}, person {mep_id}: {cell!r}")
                )
            else:
                about, text = value
                sat = term if about is Property.MANDATE else None
                statements.append(fact(mep_id, about, text, term=sat))
    return statements, notes


def _legible(cell: str) -> str:
    """The cell, or nothing where no letter or digit is left of it.

    `####` is what a spreadsheet prints in a column that is too narrow; of names in Greek or Cyrillic script,
    cp1252 leaves `?` only.
    """
    return cell if any(character.isalnum() for character in cell) else ""


def _values(column: str, cell: str, *, damaged: bool) -> Iterator[tuple[Property, str] | None]:
    """What a cell says, in the project's codes; None for what cannot be used."""
    if column in TEXTS:
        yield TEXTS[column], cell
    elif column in DAYS:
        day = _day(cell)
        yield (DAYS[column], day) if day else None
    elif column in COUNTRIES:
        yield COUNTRIES[column], codes.country(SWAPPED.get(cell, cell) if damaged else cell)
    elif column == GENDER:
        if known := codes.gender(cell):
            yield Property.GENDER, known
    else:
        for text in NEXT_ADDRESS.split(cell):
            address = email(text) if ADDRESSES[column] is Property.EMAIL else web_address(text)
            yield (ADDRESSES[column], address) if address else None


def _day(cell: str) -> str | None:
    """The day as printed, a year or month as it stands; None where it is neither, or may be off by one.

    The portal's midnights became `01:00` or `02:00` by time zone, or `12:00` on a clock of twelve hours;
    an hour past noon could be the midnight of the next day.
    """
    match = DAY.fullmatch(cell) or ISO_DAY.fullmatch(cell)
    if match is None:
        return vague_day(cell)
    clock = match.groupdict()
    if clock.get("hour") and (int(clock["hour"]), int(clock["minute"])) > (12, 0):
        return None
    return calendar_day(clock["year"], clock["month"], clock["day"])


def everybody(scope: Scope) -> Iterator[Request]:
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
    NAME, "Parliament's bulk CSV", (DATASET, CSV), matches, read, everybody=everybody, links=links
)
