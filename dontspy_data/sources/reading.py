"""What reading a page gives. Sources collect it in `Findings`, which says how to report problems."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from dontspy_data.model.problems import Note, Problem
from dontspy_data.model.statements import Basis, Property, Statement


@dataclass(frozen=True, slots=True)
class Body:
    """A corporate body of the Parliament, as its own page names it.

    Statements name a body by its reference until all pages are read; then the reference gives way to
    the group's code or the body's name.

    Attributes:
        ref: reference in the Open Data API, such as `org/6900`.
        property: what a membership of this body is a statement about.
        value: the group's code, or the body's name.
        basis: `Basis.UNKNOWN` for a group that no lookup lists; its value is the name as printed.
    """

    ref: str
    property: Property
    value: str
    basis: Basis = Basis.STATED


@dataclass(frozen=True, slots=True)
class Reading:
    """What one page says.

    Attributes:
        statements: facts about persons, in the page's order.
        bodies: bodies that statements of other pages refer to.
        unread: names of fields that the page has and the source neither uses nor knowingly leaves.
        problems: what could not be read or is not known; the rest of the page is read all the same.
        notes: what else a maintainer should hear of.
        cells: for each person and property, how many texts the page has that say something.
        rows: how many rows, persons or periods the page has.
    """

    statements: tuple[Statement, ...] = ()
    bodies: tuple[Body, ...] = ()
    unread: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()
    cells: Mapping[tuple[int, Property], int] = field(default_factory=dict)
    rows: int = 0


def drop_repeats(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Return statements in their first order, each once."""
    return tuple(dict.fromkeys(statements))
