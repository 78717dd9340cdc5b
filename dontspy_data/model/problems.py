"""Notes: what could not be used, told to the person who builds, many of a kind as one."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass


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
    """Notes by kind, kinds in the order in which they first came."""
    found: dict[str, list[str]] = defaultdict(list)
    for note in notes:
        found[note.what].append(note.where)
    return tuple(Kind(what, tuple(where)) for what, where in found.items())


Progress = Callable[[int, int], None]
"""Told how many things are done and how many there are."""
