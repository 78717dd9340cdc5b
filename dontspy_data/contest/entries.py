"""The file of contest entries: read, and checked line by line by its schema and against a release.

A CSV file in UTF-8 with the columns of `schemas/contest_entries.json`, in any order.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path

from dontspy_data.check.check import open_whole
from dontspy_data.contest.attachments import AttachmentError, read_attachment
from dontspy_data.contest.records import (
    CellError,
    CsvRecord,
    EntryProblem,
    parse_cell,
    quoted,
    read_header,
    read_records,
    read_rows,
)
from dontspy_data.contest.rules import CONTESTS, LinkError, Rules, link_key, rules_for, says_artificial
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model.schema import Table, shipped_table

FAKEFACE = "fakeface"
CAN_BE_LEFT_OUT = frozenset({"jury_score"})
"""Columns that a file need not have."""
RESOURCE = {"name": "contest_entries", "minimumRows": 0, "maximumRows": 100_000}
LATEST = timedelta(days=366)
"""How long after a release an entry about it can be published: a later date has a wrong year."""


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
    counted_on: date
    counted_by: str
    evidence_url: str
    attachment: str | None
    jury_score: int | None = None

    @property
    def people(self) -> tuple[int, ...]:
        """Numbers of the persons concerned."""
        return tuple(int(number) for number in (self.mep_ids or "").split())

    @property
    def reach(self) -> int:
        """Shares and likes together."""
        return self.shares + self.likes


@dataclass(frozen=True, slots=True)
class ReleaseKeys:
    """People and portraits that are known.

    Attributes:
        people: numbers of all persons.
        portraits: by key, the number of the person in it; pictures only, withdrawn ones not.
        created: day of the release's captures.
    """

    people: frozenset[int]
    portraits: Mapping[str, int]
    created: date


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


def check_entries(
    read: Entries, known: ReleaseKeys, folder: Path, rules: Mapping[str, Rules]
) -> tuple[EntryProblem, ...]:
    """Return everything that is wrong with entries, in the order of their lines.

    Args:
        read: from `read_entries`.
        known: the release that they must be about.
        folder: where their attachments are.
        rules: of each contest.
    """
    found = (
        EntryProblem(entry.line, *wrong)
        for entry in read.entries
        for wrong in _check(entry, known, folder, rules[entry.contest])
    )
    return tuple(sorted([*read.problems, *found, *_check_together(read.entries, rules)]))


def _read_header(table: Table, records: Iterator[CsvRecord | EntryProblem]) -> tuple[str, ...] | EntryProblem:
    header = read_header(records)
    if isinstance(header, EntryProblem):
        return header
    wanted = [field.name for field in table.fields]
    if missing := [name for name in wanted if name not in header and name not in CAN_BE_LEFT_OUT]:
        return EntryProblem(1, "", f"lacks the columns {', '.join(missing)}", "Add them to the first line.")
    if surplus := [name for name in header if name not in wanted]:
        return EntryProblem(1, "", f"has unknown columns: {', '.join(surplus)}", "Remove them.")
    return header


def _read_rows(table: Table, header: tuple[str, ...], records: Iterable[CsvRecord | EntryProblem]) -> Entries:
    entries: list[ContestEntry] = []
    problems: list[EntryProblem] = []
    for row in read_rows(records, len(header)):
        if isinstance(row, EntryProblem):
            problems.append(row)
            continue
        texts = dict(zip(header, (cell.strip() for cell in row.cells), strict=True))
        entry, wrong = _read_row(table, row.line, texts)
        problems += wrong
        if entry:
            entries.append(entry)
    return Entries(tuple(entries), tuple(problems))


def _read_row(
    table: Table, line: int, texts: Mapping[str, str]
) -> tuple[ContestEntry | None, list[EntryProblem]]:
    values, problems = {}, []
    for field in table.schema["fields"]:
        name = field["name"]
        try:
            values[name] = parse_cell(field, texts.get(name, ""))
        except CellError as error:
            problems.append(EntryProblem(line, name, str(error), field["description"]))
    return (None if problems else ContestEntry(line, **values)), problems


def _check_together(entries: Sequence[ContestEntry], rules: Mapping[str, Rules]) -> Iterator[EntryProblem]:
    """Yield what is wrong with entries in combination: a key or link twice, an author too often."""
    keys: dict[str, int] = {}
    links: dict[tuple[str, str], int] = {}
    authors: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        if (line := keys.setdefault(entry.entry_id, entry.line)) != entry.line:
            what = f"{quoted(entry.entry_id)} is already on line {line}"
            yield EntryProblem(entry.line, "entry_id", what, "Give each entry its own key.")
        with suppress(LinkError):  # has its own problem
            link = (entry.contest, link_key(entry.url))
            if (line := links.setdefault(link, entry.line)) != entry.line:
                what = f"{quoted(entry.url)} leads to the same page as the link on line {line}"
                hint = "Keep one entry per link, with its shares and likes once."
                yield EntryProblem(entry.line, "url", what, hint)
        author = (entry.contest, " ".join(unicodedata.normalize("NFKC", entry.author).casefold().split()))
        authors[author] += 1
        most = rules[entry.contest].entries_per_author
        if most and authors[author] > most:
            what = f"is {quoted(entry.author)}, who has {most} entries before this one"
            yield EntryProblem(entry.line, "author", what, "Keep that many of them, chosen by the author.")


_Wrong = tuple[str, str, str]
"""A column, what is wrong with it, and what to do."""


def _check(entry: ContestEntry, known: ReleaseKeys, folder: Path, rules: Rules) -> Iterator[_Wrong]:
    for person in entry.people:
        if person not in known.people:
            yield "mep_ids", f"{person} is not in the release", "Look the number up in the table meps."
    yield from _check_days(entry, known, rules)
    for column, most in (("shares", rules.most_shares), ("likes", rules.most_likes)):
        if (count := getattr(entry, column)) > most:
            hint = f"Look at the evidence; if it is so, raise most_{column} in the contest's file."
            yield column, f"is {count:,}, more than {most:,}", hint
    for column in ("url", "evidence_url"):
        try:
            link_key(getattr(entry, column))
        except LinkError as error:
            yield column, str(error), "Give the address of a page that everybody can open."
    if entry.contest == FAKEFACE:
        yield from _check_fakeface(entry, known)
    else:
        yield from _check_enrichment(entry, known, folder)


def _check_days(entry: ContestEntry, known: ReleaseKeys, rules: Rules) -> Iterator[_Wrong]:
    for column in ("published_on", "counted_on"):
        if (day := getattr(entry, column)) > known.created + LATEST:
            what = f"is {day}, more than a year after the release ({known.created})"
            yield column, what, "Correct the year, or check the entries against a later release."
    published = entry.published_on
    hint = "An entry is published while the contest is open."
    if rules.opens_on and published < rules.opens_on:
        yield "published_on", f"is {published}, and the contest opens on {rules.opens_on}", hint
    if rules.closes_on and published > rules.closes_on:
        yield "published_on", f"is {published}, and the contest closed on {rules.closes_on}", hint
    if entry.counted_on < published:
        what = f"is {entry.counted_on}, before the publication on {published}"
        yield "counted_on", what, "Give the day on which shares and likes were counted."


def _check_fakeface(entry: ContestEntry, known: ReleaseKeys) -> Iterator[_Wrong]:
    if not entry.people:
        yield "mep_ids", "is empty", "Say whose portrait the picture was made from."
    hint = "Copy the words with which the post says that the picture is artificial; a post without is not admitted."
    if not entry.disclosure:
        yield "disclosure", "is empty", hint
    elif not says_artificial(entry.disclosure):
        what = f"is {quoted(entry.disclosure)}, which does not say that the picture is artificial"
        yield "disclosure", what, hint
    original, column = entry.original_portrait_id, "original_portrait_id"
    hint = "Give a portrait_id of the table portraits, of a picture in the release."
    if not original:
        yield column, "is empty", hint
    elif original not in known.portraits:
        yield column, f"{quoted(original)} is not a portrait in the release", hint
    elif known.portraits[original] not in entry.people:
        what = f"is a portrait of {known.portraits[original]}, who is not listed in mep_ids"
        yield column, what, "Name the person in mep_ids, or another portrait."
    if entry.attachment:
        hint = "Leave it empty: pictures are neither stored nor shown."
        yield "attachment", "is for enrichments only", hint


def _check_enrichment(entry: ContestEntry, known: ReleaseKeys, folder: Path) -> Iterator[_Wrong]:
    for column in ("original_portrait_id", "disclosure"):
        if getattr(entry, column):
            yield column, "is for fakeface entries only", "Leave it empty."
    if entry.attachment:
        try:
            read_attachment(folder, entry.attachment, known)
        except AttachmentError as error:
            yield "attachment", str(error), error.hint


def read_release(folder: Path) -> ReleaseKeys:
    """Read the people and portraits of a release, or of an unreleased package.

    Raises:
        UsageError: the folder is not a package.
        DontspyError: its descriptor is damaged.
    """
    package = open_whole(folder)
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
        score: of reach and the jury's score as the rules weigh them, from 0 to 100; None if only reach counts.
    """

    place: int
    reach: int
    entry: ContestEntry
    score: float | None = None


def rank(entries: Sequence[ContestEntry], rules: Mapping[str, Rules]) -> tuple[Ranked, ...]:
    """Return entries by contest and place.

    Only reach counts, unless the rules give the jury a weight. Then reach in percent of the contest's largest and the
    jury's score are averaged by their weights; an entry without a score has 0. With the same result, the one published
    earlier goes first; on the same day, the one whose key comes first.

    Args:
        entries: all of them.
        rules: of each contest.
    """
    largest: dict[str, int] = {}
    for entry in entries:
        largest[entry.contest] = max(largest.get(entry.contest, 1), entry.reach)

    def result(entry: ContestEntry) -> Fraction:
        rule = rules[entry.contest]
        if not rule.weight_jury:
            return Fraction(entry.reach)
        share = Fraction(100 * entry.reach, largest[entry.contest])
        weighed = rule.weight_reach * share + rule.weight_jury * (entry.jury_score or 0)
        return weighed / (rule.weight_reach + rule.weight_jury)

    places: Counter[str] = Counter()
    ranked: list[Ranked] = []
    for entry in sorted(entries, key=lambda e: (e.contest, -result(e), e.published_on, e.entry_id)):
        places[entry.contest] += 1
        score = round(float(result(entry)), 1) if rules[entry.contest].weight_jury else None
        ranked.append(Ranked(places[entry.contest], entry.reach, entry, score))
    return tuple(ranked)


def checked_entries(
    path: Path, release: Path, rules: Path | None = None
) -> tuple[Entries, tuple[EntryProblem, ...]]:
    """Return the entries of a file, and everything that is wrong with them.

    Args:
        path: of the file; its attachments are beside it.
        release: folder of the release that they must be about.
        rules: the contest's file; None for `contest.toml` beside the entries, if it exists.

    Raises:
        UsageError: a file cannot be read, or the folder is not a package.
        DontspyError: the release is not whole.
    """
    known, read = read_release(release), read_entries(path)
    return read, check_entries(read, known, path.parent, rules_for(path, rules))


def ranked_entries(path: Path, release: Path, rules: Path | None = None) -> tuple[Ranked, ...]:
    """Return the entries of a file by contest and place; arguments as for `checked_entries`.

    Raises:
        UsageError: a file cannot be read, or the folder is not a package.
        DontspyError: something is wrong with an entry, or the release is not whole.
    """
    read, problems = checked_entries(path, release, rules)
    if problems:
        more = f", and {len(problems) - 1:,} more" if len(problems) > 1 else ""
        raise DontspyError(
            f"{path} cannot be ranked: {problems[0]}{more}",
            hint=f"See them all with: dontspy-data entries check {path} --release {release}",
        )
    weighed = rules_for(path, rules)
    unjudged = [e.entry_id for e in read.entries if weighed[e.contest].weight_jury and e.jury_score is None]
    if unjudged:
        raise DontspyError(
            f"{path} cannot be ranked: the jury has a weight, and gave no score to {', '.join(unjudged)}",
            hint="Fill in jury_score, or leave weight_jury out of the contest's file.",
        )
    return rank(read.entries, weighed)


@dataclass(frozen=True, slots=True)
class ContestStanding:
    """One contest: its name, its rules, and its entries from the first place on."""

    key: str
    rules: Rules
    entries: tuple[Ranked, ...]


def read_standings(path: Path | None, release: Path, rules: Path | None) -> tuple[ContestStanding, ...]:
    """Return the standings of each contest; arguments and errors as for `ranked_entries`, without a file no entries."""
    said = rules_for(path, rules)
    ranked = ranked_entries(path, release, rules) if path else ()
    return tuple(
        ContestStanding(key, said[key], tuple(one for one in ranked if one.entry.contest == key))
        for key in CONTESTS
    )
