"""What reading a page gives."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from dontspy_data.capture.captures import Page
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


class Source(Protocol):
    """One place that states facts: a module with these names."""

    NAME: str

    def matches(self, url: str) -> bool:
        """Whether a page at this address is this source's."""

    def read(self, page: Page) -> Reading:
        """What the page says. Pure: it looks at nothing but the page.

        Raises:
            PageError: the page is not what this source knows; the message says what was missing.
            UnknownCodeError: a country, group or other category that nobody has listed.
        """


def drop_repeats(statements: Iterable[Statement]) -> tuple[Statement, ...]:
    """Statements in their first order, each once."""
    return tuple(dict.fromkeys(statements))
