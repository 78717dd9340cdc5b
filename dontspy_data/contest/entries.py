"""The file of contest entries: read, and checked line by line by its schema and against a release.

A CSV file in UTF-8 with the columns of `schemas/contest_entries.json`, in any order.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from dontspy_data.contest.attachments import AttachmentError, read_attachment
from dontspy_data.contest.records import (
    CellError,
    CsvRecord,
    EntryProblem,
    ReleaseKeys,
    parse_cell,
    read_header,
    read_records,
    read_rows,
    shown,
)
from dontspy_data.errors import UsageError
from dontspy_data.model.schema import Table, shipped_table
from dontspy_data.package.open import open_package

FAKEFACE = "fakeface"
RESOURCE = {"name": "contest_entries", "minimumRows": 0, "maximumRows": 100_000}
LATEST = timedelta(days=366)
"""How long after a release an entry about it can be published: what is later is a year misspelt."""
UNIQUE = (
    ("entry_id", ("entry_id",), "Give each entry a key of its own."),
    ("url", ("contest", "url"), "Keep one entry a link, with its shares and likes once."),
)
"""What no two entries share: the column that is wrong, the cells that tell entries apart, and the mend."""


@dataclass(frozen=True, slots=True)
class ContestEntry:
    """A contest entry; what its columns mean is in `schemas/contest_entries.json`.

    Attributes:
        line: where it begins in the file, counted from 1.
    """

    line: int
    entry_id: str
    contest: str
    title: str
    author: str
    url: str
    mep_ids: str | None
    original_portrait_id: str | None
    disclosure: str | None
    published_on: date
    shares: int
    likes: int
    attachment: str | None

    @property
    def people(self) -> tuple[int, ...]:
        """Numbers of the persons concerned."""
        return tuple(int(number) for number in (self.mep_ids or "").split())


@dataclass(frozen=True, slots=True)
class Entries:
    """What is in a file of entries.

    Attributes:
        entries: those that fit the schema, in the file's order.
        problems: what is wrong with the file and its other lines.
    """

    entries: tuple[ContestEntry, ...]
    problems: tuple[EntryProblem, ...]


def read_entries(path: Path) -> Entries:
    """Read the entries of a file, and what is wrong with those that do not fit the schema.

    Raises:
        UsageError: there is no such file.
    """
    try:
        body = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read as entries: {error}",
            hint="Name a CSV file in UTF-8 with a header row; see docs/contest.md.",
        ) from error
    table = shipped_table(RESOURCE)
    records = read_records(body)
    header = _read_header(table, records)
    return Entries((), (header,)) if isinstance(header, EntryProblem) else _read_rows(table, header, records)


def check_entries(read: Entries, known: ReleaseKeys, folder: Path) -> tuple[EntryProblem, ...]:
    """Return everything that is wrong with entries, in the order of their lines.

    Args:
        read: from `read_entries`.
        known: what they have to be about.
        folder: where their attachments are.
    """
    found = (problem for entry in read.entries for problem in _check(entry, known, folder))
    return tuple(sorted([*read.problems, *found]))


def _read_header(table: Table, records: Iterator[CsvRecord | EntryProblem]) -> tuple[str, ...] | EntryProblem:
    header = read_header(records)
    if isinstance(header, EntryProblem):
        return header
    wanted = [field.name for field in table.fields]
    if missing := [name for name in wanted if name not in header]:
        return EntryProblem(1, "", f"lacks the columns {', '.join(missing)}", "Add them to the first line.")
    if surplus := [name for name in header if name not in wanted]:
        return EntryProblem(1, "", f"has columns that nobody asked for: {', '.join(surplus)}", "Remove them.")
    return header


def _read_rows(table: Table, header: tuple[str, ...], records: Iterable[CsvRecord | EntryProblem]) -> Entries:
    entries: list[ContestEntry] = []
    problems: list[EntryProblem] = []
    lines: dict[tuple[str, ...], int] = {}
    for row in read_rows(records, len(header)):
        if isinstance(row, EntryProblem):
            problems.append(row)
            continue
        texts = dict(zip(header, (cell.strip() for cell in row.cells), strict=True))
        entry, wrong = _read_row(table, row.line, texts)
        wrong += _repeated(lines, row.line, texts)
        problems += wrong
        if entry and not wrong:
            entries.append(entry)
    return Entries(tuple(entries), tuple(problems))


def _repeated(
    lines: dict[tuple[str, ...], int], line: int, texts: Mapping[str, str]
) -> Iterator[EntryProblem]:
    """Yield what an earlier line in `lines` has already, and note the line itself there."""
    for column, names, mend in UNIQUE:
        key = (column, *(texts[name] for name in names))
        if texts[column] and lines.setdefault(key, line) != line:
            yield EntryProblem(
                line, column, f"{shown(texts[column])} stands on line {lines[key]} already", mend
            )


def _read_row(
    table: Table, line: int, texts: Mapping[str, str]
) -> tuple[ContestEntry | None, list[EntryProblem]]:
    values, problems = {}, []
    for field in table.schema["fields"]:
        name = field["name"]
        try:
            values[name] = parse_cell(field, texts[name])
        except CellError as error:
            problems.append(EntryProblem(line, name, str(error), field["description"]))
    return (None if problems else ContestEntry(line, **values)), problems


def _check(entry: ContestEntry, known: ReleaseKeys, folder: Path) -> Iterator[EntryProblem]:
    for person in entry.people:
        if person not in known.people:
            yield EntryProblem(
                entry.line,
                "mep_ids",
                f"{person} is nobody in the release",
                "Look the number up in the table meps.",
            )
    if entry.published_on > known.created + LATEST:
        yield EntryProblem(
            entry.line,
            "published_on",
            f"is {entry.published_on}, more than a year after the release ({known.created})",
            "Correct the year, or check the entries against a later release.",
        )
    if entry.contest == FAKEFACE:
        yield from _check_fakeface(entry, known)
    else:
        for column in ("original_portrait_id", "disclosure"):
            if getattr(entry, column):
                yield EntryProblem(entry.line, column, "is for fakeface entries only", "Leave it empty.")
        yield from _check_attachment(entry, known, folder)


def _check_fakeface(entry: ContestEntry, known: ReleaseKeys) -> Iterator[EntryProblem]:
    if not entry.people:
        yield EntryProblem(entry.line, "mep_ids", "is empty", "Say whose portrait the picture was made from.")
    if not entry.disclosure:
        mend = "Copy the words with which the post says that the picture is artificial; a post without is not admitted."
        yield EntryProblem(entry.line, "disclosure", "is empty", mend)
    original = entry.original_portrait_id
    mend = "Give a portrait_id of the table portraits, of a picture in the release."
    if not original:
        yield EntryProblem(entry.line, "original_portrait_id", "is empty", mend)
    elif original not in known.portraits:
        yield EntryProblem(
            entry.line, "original_portrait_id", f"{shown(original)} is no portrait in the release", mend
        )
    elif known.portraits[original] not in entry.people:
        yield EntryProblem(
            entry.line,
            "original_portrait_id",
            f"{original} shows {known.portraits[original]}, whom mep_ids does not name",
            "Name the person in mep_ids, or another portrait.",
        )
    if entry.attachment:
        mend = "Leave it empty: pictures are neither stored nor shown."
        yield EntryProblem(entry.line, "attachment", "is for enrichments only", mend)


def _check_attachment(entry: ContestEntry, known: ReleaseKeys, folder: Path) -> Iterator[EntryProblem]:
    if not entry.attachment:
        return
    try:
        read_attachment(folder, entry.attachment, known)
    except AttachmentError as error:
        yield EntryProblem(entry.line, "attachment", str(error), error.hint)


def read_release(folder: Path) -> ReleaseKeys:
    """Read the people and portraits of a release, or of a package that is none yet.

    Raises:
        UsageError: the folder is no package.
        DontspyError: its descriptor is damaged.
    """
    package = open_package(folder)
    portraits = package.read("portraits", ["portrait_id", "mep_id", "path"]).to_pylist()
    return ReleaseKeys(
        people=frozenset(package.read("meps", ["mep_id"])["mep_id"].to_pylist()),
        portraits={row["portrait_id"]: row["mep_id"] for row in portraits if row["path"]},
        created=date.fromisoformat(package.descriptor["created"][:10]),
    )


@dataclass(frozen=True, slots=True)
class Ranked:
    """An entry and its place in its contest.

    Attributes:
        place: from 1; no two entries of a contest share one.
        reach: shares and likes together.
        entry: the entry.
    """

    place: int
    reach: int
    entry: ContestEntry


def rank(entries: Iterable[ContestEntry]) -> tuple[Ranked, ...]:
    """Entries by contest and place.

    With the same sum, the one published earlier goes first; on the same day, the one whose key comes first.
    """
    ordered = sorted(
        entries,
        key=lambda entry: (entry.contest, -(entry.shares + entry.likes), entry.published_on, entry.entry_id),
    )
    places: dict[str, int] = {}
    ranked: list[Ranked] = []
    for entry in ordered:
        places[entry.contest] = places.get(entry.contest, 0) + 1
        ranked.append(Ranked(places[entry.contest], entry.shares + entry.likes, entry))
    return tuple(ranked)
