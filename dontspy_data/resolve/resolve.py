"""Resolving: from what all sources say to the rows of the tables, every statement kept."""

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter

from dontspy_data.model.problems import Note, Problem
from dontspy_data.model.statements import Roster, Statement, day, statement_id
from dontspy_data.resolve.choose import Trust, choose, compose_names, restore_names
from dontspy_data.resolve.meps import ContactRow, MepRow, contacts, mep_rows
from dontspy_data.resolve.periods import (
    MandateRow,
    MembershipRow,
    ended_with_their_terms,
    mandates,
    memberships,
    roll_of,
    without_absent,
)
from dontspy_data.resolve.plausibility import Everybody, contradictions

STATEMENTS_AT_ONCE = 10_000
"""Statements that are held as Python objects at a time, and not fewer than one person's."""


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A row of the table `statements`, see its schema."""

    statement_id: str
    mep_id: int
    property: str
    value: str
    term: int | None
    role: str | None
    start_date: date | None
    end_date: date | None
    state: str | None
    source: str
    url: str
    retrieved_at: datetime
    basis: str
    is_chosen: bool
    as_of: date | None


@dataclass(frozen=True, slots=True)
class Resolved:
    """Rows of the tables that follow from statements alone, each sorted by its key."""

    meps: Sequence[MepRow] = ()
    mandates: Sequence[MandateRow] = ()
    memberships: Sequence[MembershipRow] = ()
    contacts: Sequence[ContactRow] = ()
    statements: Sequence[StatementRow] = ()
    problems: Sequence[Problem] = ()
    notes: Sequence[Note] = ()


def resolve(
    statements: Iterable[Statement],
    sources: Sequence[str],
    rosters: Sequence[Roster] = (),
    contested: Container[str] = (),
) -> Iterator[Resolved]:
    """Choose among statements and lay them out as tables, some people at a time.

    A person of whom no page gives a name is left out, with a note; nobody else's statements are.

    Args:
        statements: what all pages say, sorted by person.
        sources: names of all sources, most trusted first.
        rosters: the pages that list everybody who sits on their day.
        contested: Wikidata items that are claimed for several people.

    Yields:
        rows of some people after those of others, in the order of their numbers; in the end what all people together
        show, without rows.
    """
    by_trust, roll, everybody = Trust(sources), roll_of(rosters), Everybody()
    for of_some in _batches(statements):
        yield _resolve(of_some, by_trust, roll, contested, everybody)
    yield Resolved(problems=tuple(everybody.problems()), notes=tuple(everybody.notes()))


def _batches(statements: Iterable[Statement]) -> Iterator[list[Statement]]:
    """Yield the statements of some people after those of others."""
    batch: list[Statement] = []
    for _, of_one in groupby(statements, key=attrgetter("mep_id")):
        batch += of_one
        if len(batch) >= STATEMENTS_AT_ONCE:
            yield batch
            batch = []
    yield batch


def _resolve(
    statements: Sequence[Statement],
    by_trust: Trust,
    roll: Roster | None,
    contested: Container[str],
    everybody: Everybody,
) -> Resolved:
    everything = [*statements, *restore_names(statements, by_trust)]
    everything += compose_names(everything)
    facts = choose(everything, by_trust, contested)
    sat = without_absent(ended_with_their_terms(mandates(everything, by_trust), roll), roll)
    held = without_absent(memberships(everything, by_trust), roll)
    reached = contacts(everything, by_trust)
    meps = mep_rows(facts, [m.row for m in sat], [m.row for m in held])
    named = {row.mep_id for row in meps}
    chosen = {s for of_person in facts.values() for s in of_person.values()}
    chosen |= {m.chosen for m in sat} | {m.chosen for m in held} | {c.chosen for c in reached}
    nameless = sorted({s.mep_id for s in everything} - named)
    mandate_rows = [m.row for m in sat if m.row.mep_id in named]
    everybody.add(facts, mandate_rows)
    return Resolved(
        meps=meps,
        mandates=mandate_rows,
        memberships=[m.row for m in held if m.row.mep_id in named],
        contacts=[c.row for c in reached if c.row.mep_id in named],
        statements=_statement_rows(everything, chosen, named),
        problems=[p for p in contradictions(everything, facts, sat) if p.mep_id in named],
        notes=[Note("a person left out, since no page gives a name", str(mep_id)) for mep_id in nameless],
    )


def _statement_rows(
    statements: Iterable[Statement], chosen: set[Statement], named: set[int]
) -> list[StatementRow]:
    rows = [
        StatementRow(
            statement_id=statement_id(statement),
            mep_id=statement.mep_id,
            property=statement.property,
            value=statement.value,
            term=statement.term,
            role=statement.role,
            start_date=day(statement.start_date),
            end_date=day(statement.end_date),
            state=statement.state,
            source=statement.source,
            url=statement.url,
            retrieved_at=statement.retrieved_at,
            basis=statement.basis,
            is_chosen=statement in chosen,
            as_of=day(statement.as_of),
        )
        for statement in dict.fromkeys(statements)
        if statement.mep_id in named
    ]
    return sorted(rows, key=lambda row: (row.mep_id, row.property, row.source, row.statement_id))
