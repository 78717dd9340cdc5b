"""Statements of all pages, held small and given back a person at a time.

As Python objects, the statements of ten times the ten terms would take a gigabyte, and a person's are all that is
needed at once. So they are kept pickled, in this process alone, page by page.
"""

import pickle
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, replace
from operator import attrgetter

from dontspy_data.model.problems import Problem, ProblemKind
from dontspy_data.model.statements import Basis, Property, Statement, each_once
from dontspy_data.sources.source import Body, Reading

NO_BODY = ("", "-")  # how the API labels the party of those who have none
REFERENCE = "org/"
GROUP = Property.POLITICAL_GROUP

_values = attrgetter(*(field.name for field in fields(Statement)))


class PackedStatements:
    """What pages say of people, with the names of the bodies that they refer to.

    Iterating gives every statement once, sorted by person; of one person in the order of reading.
    """

    def __init__(self) -> None:
        """Begin with no statements."""
        self._packed: dict[int, list[bytes]] = defaultdict(list)
        self._bodies: dict[str, Body] = {}
        self._referred: dict[str, Statement] = {}
        self._claims: list[Statement] = []
        self._hides: list[Callable[[Statement], bool]] = []

    def add(self, reading: Reading) -> None:
        """Add what a page says of people and bodies."""
        said: dict[int, list[Statement]] = defaultdict(list)
        for statement in reading.statements:
            said[statement.mep_id].append(statement)
            if statement.value.startswith(REFERENCE):
                self._referred.setdefault(statement.value, statement)
            elif statement.property is Property.WIKIDATA_ID:
                self._claims.append(statement)
        for mep_id, statements in said.items():
            self._packed[mep_id].append(pickle.dumps([_values(statement) for statement in statements]))
        for body in reading.bodies:
            self._bodies.setdefault(body.ref, body)  # A body's own page comes before the list of all.

    def hide(self, hides: Callable[[Statement], bool]) -> None:
        """Leave out, from now on, the statements for which a function is true."""
        self._hides.append(hides)

    def __iter__(self) -> Iterator[Statement]:
        """Yield every statement once, sorted by person."""
        for mep_id in sorted(self._packed):
            said = [Statement(*values) for part in self._packed[mep_id] for values in pickle.loads(part)]  # noqa: S301 - own bytes
            for statement in each_once(self._named(said)):
                if not any(hides(statement) for hides in self._hides):
                    yield statement

    def claims(self) -> Iterator[Statement]:
        """Yield the statements about items of Wikidata, which more than one person may claim."""
        return (one for one in self._claims if not any(hides(one) for hides in self._hides))

    def nameless(self) -> Iterator[Problem]:
        """Yield a problem for each body that statements refer to and no page names."""
        for ref, statement in self._referred.items():
            if ref not in self._bodies:
                yield Problem(
                    source=statement.source,
                    kind=ProblemKind.BODY,
                    url=statement.url,
                    retrieved_at=statement.retrieved_at,
                    found=ref,
                    expected="a page of this body that gives its name",
                    mep_id=None,
                    property=statement.property,
                    hint="Collect the page of this body.",
                )

    def _named(self, statements: Iterable[Statement]) -> Iterator[Statement]:
        """Yield statements with the names of the bodies they refer to.

        A membership of a body that no page names stays, with the reference in place of the name.
        """
        for statement in statements:
            if not statement.value.startswith(REFERENCE):
                yield statement
            elif (found := self._bodies.get(statement.value)) is None:
                yield _unknown(statement)
            elif found.value not in NO_BODY:
                kind = _kind(statement, found)
                called = replace(statement, property=kind, value=found.value)
                is_code = found.basis is Basis.STATED and (kind is found.property or kind is not GROUP)
                yield called if is_code else _unknown(called)


def _unknown(statement: Statement) -> Statement:
    """Return a statement of which no lookup lists the value; a role that none lists, either, is left out."""
    role = None if statement.basis is Basis.UNKNOWN_ROLE else statement.role
    return replace(statement, basis=Basis.UNKNOWN, role=role)


def _kind(statement: Statement, body: Body) -> Property:
    # What the membership says of the body is vague where the body's own page is exact.
    return body.property if statement.property is Property.OTHER_BODY else statement.property
