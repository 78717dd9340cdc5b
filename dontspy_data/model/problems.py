"""Problems and notes: what could not be read or is unknown, and what else a maintainer should know."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dontspy_data.model.statements import Property
from dontspy_data.model.texts import counted


class ProblemKind(StrEnum):
    """What a problem is about, worst first: from the largest thing that could not be used to the smallest."""

    PAGE = "page"  # the whole page could not be read
    PERSON = "person"  # the page is about somebody else than its address says
    ROW = "row"  # one person or period of a page could not be read
    CONTRADICTION = "contradiction"  # what was read is impossible, or contradicts itself
    BODY = "body"  # a body without a name on any page
    CATEGORY = "category"  # a country, group, role, gender or kind of body that no lookup lists
    CELL = "cell"  # one value could not be read
    PORTRAIT = "portrait"  # a portrait that cannot be published
    FIELD = "field"  # a field or column that no source reads; reported once, with the first page that has it


WORST_FIRST = {kind: number for number, kind in enumerate(ProblemKind)}
SHOWN = 200
"""How much of a text a table shows."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that could not be read or is not known: a row of the table `problems`.

    Attributes:
        source: name of the source.
        kind: what it is about.
        url: page that has it.
        retrieved_at: when the page was received, UTC.
        mep_id: the person concerned, where known.
        property: name of the property concerned, where it is about one.
        found: the text as found, shortened so that a table can show it.
        expected: what was expected.
        hint: what would fix it, such as the row to add to a lookup; empty if no fix is known.
    """

    source: str
    kind: ProblemKind
    url: str
    retrieved_at: datetime
    found: str
    expected: str
    mep_id: int | None = None
    property: Property | None = None
    hint: str = ""


@dataclass(frozen=True, slots=True)
class ProblemRow:
    """A row of the table `problems`, see its schema."""

    problem_id: str
    source: str
    kind: str
    property: str | None
    mep_id: int | None
    found: str
    expected: str
    hint: str | None
    url: str
    retrieved_at: datetime


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """Similar problems, which one fix would solve, or show how to.

    Attributes:
        kind: what they are about.
        source: name of the source.
        property: name of the property, if they are about one.
        found: the text found, of the first.
        expected: what was expected, of the first.
        hint: what would fix the first, such as the row to add to a lookup; empty if no fix is known.
        url: page of the first.
        count: how many there are.
    """

    kind: ProblemKind
    source: str
    property: str | None
    found: str
    expected: str
    hint: str
    url: str
    count: int

    def __str__(self) -> str:
        about = f" {self.property}" if self.property else ""
        times = f" ({self.count:,} times)" if self.count > 1 else ""
        return f"{self.kind}: {self.source}{about}: {self.found!r} is not {self.expected}{times}, first {self.url}"


def problem_rows(problems: Iterable[Problem]) -> list[ProblemRow]:
    """Return the rows of the table `problems`: each once, as the latest page has it, sorted by source, kind and id."""
    rows = {row.problem_id: row for row in sorted(map(_row, problems), key=lambda row: row.retrieved_at)}
    return sorted(rows.values(), key=lambda row: (row.source, row.kind, row.problem_id))


def group_problems(problems: Iterable[Problem | ProblemRow]) -> tuple[ProblemGroup, ...]:
    """Group problems that are alike, worst first: by kind, then the most frequent.

    Alike are those of one kind, source and property; categories, bodies and fields only if the same stands there.
    """
    found: dict[tuple[str, ...], list[Problem | ProblemRow]] = defaultdict(list)
    for one in problems:
        same = one.found if one.kind in (ProblemKind.CATEGORY, ProblemKind.BODY, ProblemKind.FIELD) else ""
        found[one.kind, one.source, one.property or "", same].append(one)
    groups = [
        ProblemGroup(
            kind=ProblemKind(alike[0].kind),
            source=alike[0].source,
            property=alike[0].property,
            found=alike[0].found,
            expected=alike[0].expected,
            hint=alike[0].hint or "",
            url=alike[0].url,
            count=len(alike),
        )
        for alike in found.values()
    ]
    return tuple(
        sorted(groups, key=lambda g: (WORST_FIRST[g.kind], -g.count, g.source, g.property or "", g.found))
    )


def count_by_kind(problems: Iterable[Problem | ProblemRow]) -> dict[str, int]:
    """Return how many problems there are of each kind, worst first."""
    counts = Counter(one.kind for one in problems)
    return {kind.value: counts[kind] for kind in ProblemKind if counts[kind]}


def in_words(counts: Mapping[str, int]) -> str:
    """Return numbers of problems by kind in words, such as `2 pages, 1 category`."""
    return ", ".join(counted(count, kind) for kind, count in counts.items())


def _row(problem: Problem) -> ProblemRow:
    about = problem.property.value if problem.property else None
    place = problem.source, problem.kind.value, about, problem.mep_id, problem.url
    said = (*place, problem.found, problem.expected)
    return ProblemRow(
        problem_id=hashlib.sha256(repr(said).encode("utf-8", "backslashreplace")).hexdigest()[:16],
        source=problem.source,
        kind=problem.kind,
        property=problem.property,
        mep_id=problem.mep_id,
        found=_shown(problem.found),
        expected=_shown(problem.expected),
        hint=_shown(problem.hint, 2 * SHOWN) if problem.hint else None,
        url=problem.url,
        retrieved_at=problem.retrieved_at,
    )


def _shown(text: str, most: int = SHOWN) -> str:
    """Return an untrusted text as a table can show it: one line, visible characters only, shortened."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return (line if len(line) <= most else f"{line[: most - 1]}\N{HORIZONTAL ELLIPSIS}") or "(nothing)"


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that could not be used.

    Attributes:
        what: the kind of thing, in the same words each time.
        where: which one: page, person, value.
    """

    what: str
    where: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}"


@dataclass(frozen=True, slots=True)
class Kind:
    """All notes of one kind, in the order in which they came."""

    what: str
    where: tuple[str, ...]

    def __str__(self) -> str:
        if len(self.where) == 1:
            return f"{self.what} ({self.where[0]})"
        return f"{self.what} ({len(self.where):,} times, first {self.where[0]})"


def by_kind(notes: Iterable[Note]) -> tuple[Kind, ...]:
    """Group notes by kind, kinds in the order in which they first came."""
    found: dict[str, list[str]] = defaultdict(list)
    for note in notes:
        found[note.what].append(note.where)
    return tuple(Kind(what, tuple(where)) for what, where in found.items())


Progress = Callable[[int, int], None]
"""Receives how many things are done and how many there are."""
