"""Mandates and memberships: who sat for which country, and in which body, from when to when; and who no longer sits.

Absence is evidence: nobody sits who is not on any list of sitting Members, or whose term is over.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from dontspy_data.model.codes import groups, term_on, terms
from dontspy_data.model.statements import (
    MEMBERSHIPS,
    ONE_AT_A_TIME,
    Basis,
    Property,
    Roster,
    State,
    Statement,
    day,
    known_role,
    known_value,
    speaks_of,
)
from dontspy_data.resolve.choose import ONE_RUN, Supported, Trust, is_outdated, says_now


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
    """Return the term that a statement is about: as stated, or from its first day; the first term for earlier days."""
    if statement.term is not None:
        return statement.term
    first_day = day(statement.start_date) or speaks_of(statement).date()
    return term_on(max(first_day, terms()[0].start_date))


def _moments(chosen: Statement, said: Iterable[Statement]) -> list[datetime]:
    """Return the times of pages: when retrieved for dated periods, else the time that they are about."""
    return [s.retrieved_at if chosen.start_date else speaks_of(s) for s in said]


def _country(chosen: Statement, said: Sequence[Statement]) -> str | None:
    """Return the country of a mandate; lists give it without dates if the dated page lacks it."""
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
    seen = _moments(chosen[0], (s for s in said if s.property is chosen[0].property))
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


@dataclass(frozen=True, slots=True)
class MembershipRow:
    """A row of the table `memberships`, see its schema."""

    membership_id: str
    mep_id: int
    kind: str
    political_group: str | None
    body: str
    role: str | None
    term: int | None
    start_date: date | None
    end_date: date | None
    state: str
    first_seen: datetime
    last_seen: datetime
    source: str


def memberships(statements: Iterable[Statement], by_trust: Trust) -> list[Supported[MembershipRow]]:
    """Return memberships from statements, sorted by key.

    In each term, the most trusted source that dates a person's memberships of one kind gives all of them.
    Pages that only say who sits in a body now confirm a dated membership, or give one without dates if no
    source has any for that day, or only an older page does and contradicts them. A body without a known name
    never replaces one that has one.
    """
    found: dict[tuple[int, Property], list[Statement]] = defaultdict(list)
    for statement in statements:
        if statement.property in MEMBERSHIPS:
            found[statement.mep_id, statement.property].append(statement)
    rows = [membership for said in found.values() for membership in _of_one_kind(said, by_trust)]
    return sorted(rows, key=lambda m: _order(m.row))


def _order(row: MembershipRow) -> tuple[int, str, date, str, str]:
    return (row.mep_id, row.kind, row.start_date or date.min, row.body, row.role or "")


def _of_one_kind(statements: Sequence[Statement], by_trust: Trust) -> list[Supported[MembershipRow]]:
    dated = _dated([s for s in statements if s.start_date], by_trust)
    undated: list[Statement] = []
    confirmed: dict[int, list[Statement]] = defaultdict(list)
    over: dict[int, datetime] = {}
    undated_ones = (s for s in statements if not s.start_date)
    for statement in sorted(undated_ones, key=lambda s: (s.basis is Basis.UNKNOWN, *by_trust(s))):
        at = [i for i, period in enumerate(dated) if known_value(period) and _meet(period, statement)]
        same = [i for i in at if dated[i].value == statement.value]
        if same:
            confirmed[same[0]].append(statement)
        elif outdated := [i for i in at if _is_over(dated[i], statement)]:
            over.update(dict.fromkeys(outdated, statement.retrieved_at))
            undated.append(statement)
        elif not (at and statement.property in ONE_AT_A_TIME):
            undated.append(statement)
    rows = [
        _membership(
            period,
            [period, *confirmed[i]],
            is_over=i in over and all(is_outdated(one, over[i]) for one in confirmed[i]),
        )
        for i, period in enumerate(dated)
    ]
    return rows + [_membership(said[0], said) for said in _undated(undated).values()]


def _is_over(period: Statement, statement: Statement) -> bool:
    """Return whether a person who can be in only one body at a time is now in another.

    Trust ages: about the present, a page of this run outweighs an earlier one of a more trusted source.
    """
    of_now = period.property in ONE_AT_A_TIME and period.state is State.ONGOING and says_now(statement)
    return of_now and known_value(statement) is not None and is_outdated(period, statement.retrieved_at)


def _dated(statements: Sequence[Statement], by_trust: Trust) -> list[Statement]:
    """Return each term's periods by its most trusted source; for equal starts, the most trusted statement."""
    by_term: dict[int, list[Statement]] = defaultdict(list)
    for statement in statements:
        by_term[_term(statement)].append(statement)
    periods: dict[tuple[str, str | None, str | None], Statement] = {}
    for said in by_term.values():
        said.sort(key=lambda s: (s.basis is Basis.UNKNOWN, *by_trust(s)))
        for statement in said:
            if statement.source == said[0].source:
                periods.setdefault((statement.value, known_role(statement), statement.start_date), statement)
    return sorted(periods.values(), key=lambda s: (s.start_date or "", s.value, s.role or ""))


def _undated(statements: Sequence[Statement]) -> Mapping[tuple[str, str | None, int | None], list[Statement]]:
    """Group statements without dates by body and term, and by role if a person can have several in a body.

    For bodies that a person belongs to one at a time, the most trusted page of a day decides for the whole term.
    """
    given: dict[tuple[date, int | None], str] = {}
    found: dict[tuple[str, str | None, int | None], list[Statement]] = defaultdict(list)
    for statement in statements:
        role = known_role(statement)
        if statement.property in ONE_AT_A_TIME:
            at = speaks_of(statement).date(), statement.term
            known = (statement.value, None, statement.term) in found
            if given.setdefault(at, statement.url) != statement.url and not known:
                continue
            role = None
        found[statement.value, role, statement.term].append(statement)
    return found


def _meet(period: Statement, statement: Statement) -> bool:
    """Return whether a dated membership and an undated one are about the same time: a day, or a term."""
    if statement.state is not State.ONGOING and statement.term is not None:
        return statement.term == _term(period)
    seen = speaks_of(statement).date().isoformat()
    return (period.start_date or "") <= seen <= (period.end_date or "9999")


def _membership(
    chosen: Statement, support: Sequence[Statement], *, is_over: bool = False
) -> Supported[MembershipRow]:
    is_group = chosen.property is Property.POLITICAL_GROUP
    role = next(filter(None, map(known_role, support)), None)
    begins = chosen.start_date or ("" if chosen.term is None else f"term {chosen.term}")
    key = "|".join((chosen.property, chosen.value, role or "", begins))
    seen = _moments(chosen, support)
    row = MembershipRow(
        membership_id=f"{chosen.mep_id}-{hashlib.sha256(key.encode()).hexdigest()[:10]}",
        mep_id=chosen.mep_id,
        kind=chosen.property,
        political_group=known_value(chosen) if is_group else None,
        body=_body_name(chosen),
        role=role,
        term=_term(chosen) if chosen.start_date else chosen.term,
        start_date=day(chosen.start_date),
        end_date=day(chosen.end_date),
        state=State.UNKNOWN if is_over else chosen.state or State.UNKNOWN,
        first_seen=min(seen),
        last_seen=max(seen),
        source=chosen.source,
    )
    return Supported(row, chosen)


def _body_name(statement: Statement) -> str:
    """Return the name of a group by its code, and that of any other body unchanged."""
    code = known_value(statement) if statement.property is Property.POLITICAL_GROUP else None
    return next((group.name_en for group in groups() if group.code == code), statement.value)


Period = TypeVar("Period", MandateRow, MembershipRow)


def roll_of(rosters: Sequence[Roster]) -> Roster | None:
    """Return the combined lists of the latest run; None if there are none."""
    if not rosters:
        return None
    at = max(roster.retrieved_at for roster in rosters)
    latest = [roster.people for roster in rosters if roster.retrieved_at >= at - ONE_RUN]
    return Roster(at, frozenset().union(*latest))


def ended_with_their_terms(
    mandates: Iterable[Supported[MandateRow]], roll: Roster | None
) -> list[Supported[MandateRow]]:
    """Return mandates, ended if their term was over when the latest lists were received.

    No page says on which day. Without such a list, mandates stay as pages gave them.
    """
    over = {
        term.term for term in terms() if roll and term.end_date and term.end_date < roll.retrieved_at.date()
    }
    return [
        replace(one, row=replace(one.row, state=State.ENDED))
        if one.row.state == State.ONGOING and one.row.term in over
        else one
        for one in mandates
    ]


def without_absent(periods: Iterable[Supported[Period]], roll: Roster | None) -> list[Supported[Period]]:
    """Return periods, with an unknown end if they were ongoing and the person is on no current list.

    A page that calls them ongoing is older than the lists, or was fetched in the same run and is out of date.
    Periods without dates come from lists of past days and stay unchanged, since they hold for those days.
    """
    return [_without_absent(one, roll) if roll else one for one in periods]


def _without_absent(one: Supported[Period], roll: Roster) -> Supported[Period]:
    row = one.row
    is_absent = row.mep_id not in roll.people and row.last_seen <= roll.retrieved_at + ONE_RUN
    if row.state != State.ONGOING or row.start_date is None or not is_absent:
        return one
    return replace(one, row=replace(row, state=State.UNKNOWN))
