"""Problems and notes: what could not be read or is not known, and what else a maintainer should hear of."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from dontspy_data.model.statements import Property


class ProblemKind(StrEnum):
    """What a problem is about, from the largest thing that could not be used to the smallest."""

    PAGE = "page"  # the whole page could not be read
    ROW = "row"  # one person or period of a page could not be read
    CELL = "cell"  # one value could not be read
    CATEGORY = "category"  # a country, group, role, gender or kind of body that nobody has listed
    PERSON = "person"  # the page is about somebody else than its address says
    BODY = "body"  # a body that no page names


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
        found: what stands there, as it stands there, cut to a length that a table can show.
        expected: what would have been understood.
        hint: what would mend it, such as the row to add to a lookup; empty if nothing is known to.
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
"""Told how many things are done and how many there are."""
