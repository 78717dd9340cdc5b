"""What reading a page gives."""

from collections.abc import Iterable
from dataclasses import dataclass

from dontspy_data.model.problems import Note, Problem
from dontspy_data.model.statements import Property, Statement


@dataclass(frozen=True, slots=True)
class Body:
    """A corporate body of the Parliament, as its own page names it.

    Statements name a body by its reference until all pages are read; then the reference gives way to
    the group's code or the body's name.

    Attributes:
        ref: reference in the Open Data API, such as `org/6900`.
        property: what a membership of this body is a statement about.
        value: the group's code, or the body's name.
    """

    ref: str
    property: Property
    value: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What one page says.

    Attributes:
        statements: facts about persons, in the page's order.
        bodies: bodies that statements of other pages refer to.
        unread: names of fields that the page has and the source neither uses nor knowingly leaves.
        problems: what could not be read or is not known; the rest of the page is read all the same.
        notes: what else a maintainer should hear of.
    """

    statements: tuple[Statement, ...] = ()
    bodies: tuple[Body, ...] = ()
    unread: frozenset[str] = frozenset()
    problems: tuple[Problem, ...] = ()
    notes: tuple[Note, ...] = ()


def drop_repeats(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Statements in their first order, each once."""
    return tuple(dict.fromkeys(statements))
