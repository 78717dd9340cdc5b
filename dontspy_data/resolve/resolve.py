"""Resolving: from the statements of all sources to the rows of the tables; every statement is kept.

Impossible or contradictory statements become problems of the page that they are from.
"""

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from operator import attrgetter

from dontspy_data.model.codes import seats_on, term_on
from dontspy_data.model.problems import Note, Problem, ProblemKind
from dontspy_data.model.statements import DATES, Basis, Property, Roster, State, Statement, day, statement_id
from dontspy_data.resolve.choose import (
    FULL_DATE,
    Chosen,
    Supported,
    Trust,
    choose,
    compose_names,
    restore_names,
)
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

STATEMENTS_AT_ONCE = 10_000
"""The number of statements held as Python objects at a time, or those of one person if more."""


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

    A person without a name on any page is left out, with a note; nobody else is.

    Args:
        statements: those of all pages, sorted by person.
        sources: names of all sources, most trusted first.
        rosters: the pages that list everybody who sits on their day.
        contested: Wikidata items that are claimed for several people.

    Yields:
        rows of people in batches, in the order of their numbers; finally, without rows, what only
        all people together show.
    """
    by_trust, roll, across = Trust(sources), roll_of(rosters), AcrossPeople()
    for of_some in _batches(statements):
        yield _resolve(of_some, by_trust, roll, contested, across)
    yield Resolved(problems=tuple(across.problems()), notes=tuple(across.notes()))


def _batches(statements: Iterable[Statement]) -> Iterator[list[Statement]]:
    """Yield the statements of people in batches."""
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
    across: "AcrossPeople",
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
    across.add(facts, mandate_rows)
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


OF_AGE = 18
ONE_OF = (Property.GENDER, *sorted(DATES))
"""Properties that have one value per person, whatever the spelling."""


def contradictions(
    statements: Iterable[Statement], chosen: Chosen, mandates: Sequence[Supported[MandateRow]]
) -> Iterator[Problem]:
    """Yield impossible statements about one person, each as a problem of the page that it is from.

    Nobody sits before the age of 18 or after death, or has two mandates at once. No person has two genders or dates of
    birth or death.

    Args:
        statements: everything that was said of some people.
        chosen: the statements chosen for each of them.
        mandates: with the statements that they were chosen from.
    """
    yield from _differing(statements)
    for one in mandates:
        yield from _at_an_age(one, chosen.get(one.row.mep_id, {}))
    yield from _two_at_once(mandates)


class AcrossPeople:
    """What only all people together show: two with the same name and birth date, or more people than seats."""

    def __init__(self) -> None:
        """Begin without people."""
        self._same: dict[tuple[str, str], list[Statement]] = defaultdict(list)
        self._sitting: Counter[int] = Counter()
        self._day = date.min

    def add(self, chosen: Chosen, mandates: Iterable[MandateRow]) -> None:
        """Add people, by the statements chosen for them and their mandates."""
        for facts in chosen.values():
            if Property.NAME in facts and Property.BIRTH_DATE in facts:
                name = facts[Property.NAME]
                self._same[name.value.casefold(), facts[Property.BIRTH_DATE].value].append(name)
        for row in mandates:
            if row.state == State.ONGOING and row.end_date is None:
                self._sitting[row.term] += 1
                self._day = max(self._day, row.last_seen.date())

    def problems(self) -> Iterator[Problem]:
        """Yield a problem for each further person with the same name and date of birth."""
        for (_, born), names in self._same.items():
            for name in names[1:]:
                found = f"{', '.join(str(one.mep_id) for one in names)}: {name.value}, born {born}"
                yield _contradiction(name, found, "one number of a person")

    def notes(self) -> Iterator[Note]:
        """Yield a note, with both numbers, if the latest term had more ongoing mandates than seats."""
        if not self._sitting:
            return
        seats, sitting = seats_on(self._day), self._sitting[term_on(self._day)]
        if sitting > seats:
            where = f"{sitting:,} for {seats:,} seats on {self._day}"
            yield Note("more mandates go on than there are seats", where)


def _differing(statements: Iterable[Statement]) -> Iterator[Problem]:
    said: dict[tuple[int, Property], dict[str, Statement]] = defaultdict(dict)
    for one in statements:
        is_vague = one.property in DATES and not FULL_DATE.fullmatch(one.value)
        if one.property in ONE_OF and one.basis is not Basis.UNKNOWN and not is_vague:
            said[one.mep_id, one.property].setdefault(one.value, one)
    for (_, prop), values in sorted(said.items()):
        if len(values) > 1:
            last = values[max(values)]
            yield _contradiction(
                last, ", ".join(sorted(values)), f"one {prop.value.replace('_', ' ')} of a person"
            )


def _at_an_age(mandate: Supported[MandateRow], facts: Mapping[Property, Statement]) -> Iterator[Problem]:
    row = mandate.row
    born, died = (
        date.fromisoformat(facts[prop].value) if prop in facts else None
        for prop in (Property.BIRTH_DATE, Property.DEATH_DATE)
    )
    if born and row.start_date and _years_between(born, row.start_date) < OF_AGE:
        found = f"born {born}, a Member from {row.start_date}"
        yield _contradiction(facts[Property.BIRTH_DATE], found, f"{OF_AGE} years of age")
    last = row.end_date if row.state == State.ENDED else row.start_date
    if died and last and last > died:
        found = f"died {died}, a Member on {last}"
        yield _contradiction(facts[Property.DEATH_DATE], found, "no mandate after death")


def _years_between(start: date, end: date) -> int:
    return end.year - start.year - ((end.month, end.day) < (start.month, start.day))


def _two_at_once(mandates: Iterable[Supported[MandateRow]]) -> Iterator[Problem]:
    """Yield mandates of one term that were ongoing at the same time when last seen; earlier terms have ended since."""
    ongoing = [one for one in mandates if one.row.state == State.ONGOING]
    counts = Counter((one.row.mep_id, one.row.term) for one in ongoing)
    for one in ongoing:
        row = one.row
        if (number := counts[row.mep_id, row.term]) > 1:
            found = f"{number} mandates go on in term {row.term}, one from {row.start_date}"
            yield _contradiction(one.chosen, found, "one ongoing mandate of a person")


def _contradiction(said: Statement, found: str, expected: str) -> Problem:
    at = said.url, said.retrieved_at
    kind = ProblemKind.CONTRADICTION
    return Problem(said.source, kind, *at, found, expected, said.mep_id, said.property)
