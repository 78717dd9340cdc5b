"""The file of contest entries: read, and checked line by line by its schema and against a release.

A CSV file in UTF-8 with the columns of `schemas/contest_entries.json`, in any order.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from dontspy_data.contest.attachments import AttachmentError, read_attachment
from dontspy_data.contest.cells import CellError, parse_cell
from dontspy_data.contest.problem import Problem
from dontspy_data.contest.release import Release
from dontspy_data.errors import UsageError
from dontspy_data.package.metadata import Table, shipped_table

FAKEFACE = "fakeface"
RESOURCE = {"name": "contest_entries", "minimumRows": 0, "maximumRows": 100_000}


@dataclass(frozen=True, slots=True)
class Entry:
    """A contest entry; what its columns mean is in `schemas/contest_entries.json`.

    Attributes:
        line: where it stands in the file, counted from 1; of a record over several lines, the last.
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

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


def read_entries(path: Path) -> Entries:
    """The entries of a file, and what is wrong with those that do not fit the schema.

    Raises:
        UsageError: there is no such file, or it is not text in UTF-8.
    """
    table = shipped_table(RESOURCE)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, strict=True)
            header = next(reader, [])
            if problem := _header_problem(table, header):
                return Entries((), (problem,))
            return _read_rows(table, header, ((reader.line_num, cells) for cells in reader))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise UsageError(
            f"{path} cannot be read as entries: {error}",
            hint="Name a CSV file in UTF-8 with a header row; see docs/contest.md.",
        ) from error


def check_entries(read: Entries, release: Release, folder: Path) -> tuple[Problem, ...]:
    """Everything that is wrong with entries, in the order of their lines.

    Args:
        read: from `read_entries`.
        release: what they have to be about.
        folder: where their attachments are.
    """
    found = (problem for entry in read.entries for problem in _check(entry, release, folder))
    return tuple(sorted([*read.problems, *found]))


def _header_problem(table: Table, header: list[str]) -> Problem | None:
    wanted = [field.name for field in table.fields]
    if missing := [name for name in wanted if name not in header]:
        return Problem(1, "", f"lacks the columns {', '.join(missing)}", "Add them to the first line.")
    if surplus := [name for name in header if header.count(name) > 1 or name not in wanted]:
        return Problem(1, "", f"has columns that nobody asked for: {', '.join(surplus)}", "Remove them.")
    return None


def _read_rows(table: Table, header: list[str], rows: Iterable[tuple[int, list[str]]]) -> Entries:
    entries: list[Entry] = []
    problems: list[Problem] = []
    lines: dict[str, int] = {}
    for line, cells in rows:
        if len(cells) != len(header):
            problems.append(_length_problem(line, len(cells), len(header)))
            continue
        texts = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        entry, wrong = _read_row(table, line, texts)
        key = texts["entry_id"]
        if key and key in lines:
            mend = "Give each entry a key of its own."
            wrong.append(Problem(line, "entry_id", f"{key} stands on line {lines[key]} already", mend))
        lines.setdefault(key, line)
        problems += wrong
        if entry and not wrong:
            entries.append(entry)
    return Entries(tuple(entries), tuple(problems))


def _length_problem(line: int, found: int, wanted: int) -> Problem:
    if found == 0:
        return Problem(line, "", "is empty", "Remove the line.")
    return Problem(
        line,
        "",
        f"has {found} cells, and there are {wanted} columns",
        "Put cells with a comma inside in quotes.",
    )


def _read_row(table: Table, line: int, texts: Mapping[str, str]) -> tuple[Entry | None, list[Problem]]:
    values, problems = {}, []
    for field in table.schema["fields"]:
        name = field["name"]
        try:
            values[name] = parse_cell(field, texts[name])
        except CellError as error:
            problems.append(Problem(line, name, str(error), field["description"]))
    return (None if problems else Entry(line, **values)), problems


def _check(entry: Entry, release: Release, folder: Path) -> Iterator[Problem]:
    for person in entry.people:
        if person not in release.people:
            yield Problem(
                entry.line,
                "mep_ids",
                f"{person} is nobody in the release",
                "Look the number up in the table meps.",
            )
    if entry.contest == FAKEFACE:
        yield from _check_fakeface(entry, release)
    else:
        for column in ("original_portrait_id", "disclosure"):
            if getattr(entry, column):
                yield Problem(entry.line, column, "is for fakeface entries only", "Leave it empty.")
        yield from _check_attachment(entry, release, folder)


def _check_fakeface(entry: Entry, release: Release) -> Iterator[Problem]:
    if not entry.people:
        yield Problem(entry.line, "mep_ids", "is empty", "Say whose portrait the picture was made from.")
    if not entry.disclosure:
        mend = "Copy the words with which the post says that the picture is artificial; a post without is not admitted."
        yield Problem(entry.line, "disclosure", "is empty", mend)
    original = entry.original_portrait_id
    mend = "Give a portrait_id of the table portraits, of a picture in the release."
    if not original:
        yield Problem(entry.line, "original_portrait_id", "is empty", mend)
    elif original not in release.portraits:
        yield Problem(entry.line, "original_portrait_id", f"{original} is no portrait in the release", mend)
    elif release.portraits[original] not in entry.people:
        yield Problem(
            entry.line,
            "original_portrait_id",
            f"{original} shows {release.portraits[original]}, whom mep_ids does not name",
            "Name the person in mep_ids, or another portrait.",
        )
    if entry.attachment:
        mend = "Leave it empty: pictures are neither stored nor shown."
        yield Problem(entry.line, "attachment", "is for enrichments only", mend)


def _check_attachment(entry: Entry, release: Release, folder: Path) -> Iterator[Problem]:
    if not entry.attachment:
        return
    try:
        read_attachment(folder, entry.attachment, release)
    except AttachmentError as error:
        yield Problem(entry.line, "attachment", str(error), error.hint)
