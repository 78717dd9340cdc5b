"""Mandates: who sat in the Parliament in which term, for which country, from when to when."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dontspy_data.model.codes import term_on, terms
from dontspy_data.model.statements import Property, State, Statement, day, known_value, speaks_of
from dontspy_data.resolve.choose import Supported, Trust


@dataclass(frozen=True, slots=True)
class MandateRow:
    """A row of the table `mandates`, see its schema."""

    mandate_id: str
    mep_id: int
    term: int
    country: str | None
    start_date: date | None
    end_date: date | None
    state: str
    first_seen: datetime
    last_seen: datetime
    source: str


def mandates(statements: Iterable[Statement], by_trust: Trust) -> list[Supported[MandateRow]]:
    """Return mandates from statements, sorted by key.

    In each term, the most trusted source that dates a person's periods gives all of them. Without any, there is
    one row for the term, with the country where a source says it.
    """
    found: dict[tuple[int, int], list[Statement]] = defaultdict(list)
    for statement in statements:
        if statement.property in (Property.MANDATE, Property.TERM):
            found[statement.mep_id, _term(statement)].append(statement)
    return [mandate for key in sorted(found) for mandate in _of_one_term(*key, found[key], by_trust)]


def _term(statement: Statement) -> int:
    if statement.term is not None:
        return statement.term
    return term_of(
        date.fromisoformat(statement.start_date) if statement.start_date else speaks_of(statement).date()
    )


def moments(chosen: Statement, said: Iterable[Statement]) -> list[datetime]:
    """Return when pages say so: those of a dated period when retrieved, others at the moment of which they speak."""
    return [s.retrieved_at if chosen.start_date else speaks_of(s) for s in said]


def term_of(first_day: date) -> int:
    """Return the term that a period belongs to by its first day; the first term if that is earlier than all."""
    return term_on(max(first_day, terms()[0].start_date))


def _country(chosen: Statement, said: Sequence[Statement]) -> str | None:
    """Return the country that a mandate is for, which lists give without dates if the dated page does not have it."""
    countries = (s for s in (chosen, *said) if s.property is Property.MANDATE)
    return next(filter(None, map(known_value, countries)), None)


def _of_one_term(
    mep_id: int, term: int, statements: Sequence[Statement], by_trust: Trust
) -> list[Supported[MandateRow]]:
    said = sorted(statements, key=lambda s: (s.property is not Property.MANDATE, *by_trust(s)))
    dated = [s for s in said if s.start_date]
    periods: dict[str, Statement] = {}
    for statement in dated:
        if statement.source == dated[0].source:
            periods.setdefault(statement.start_date or "", statement)
    chosen = [periods[start] for start in sorted(periods)] or said[:1]
    seen = moments(chosen[0], (s for s in said if s.property is chosen[0].property))
    return [
        Supported(
            MandateRow(
                mandate_id=f"{mep_id}-{term}-{number}",
                mep_id=mep_id,
                term=term,
                country=_country(statement, said),
                start_date=day(statement.start_date),
                end_date=day(statement.end_date),
                state=statement.state or State.UNKNOWN,
                first_seen=min(seen),
                last_seen=max(seen),
                source=statement.source,
            ),
            statement,
        )
        for number, statement in enumerate(chosen, start=1)
    ]
