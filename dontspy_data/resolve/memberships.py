"""Memberships: who was in which body, in what role, from when to when."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from dontspy_data.model.codes import groups
from dontspy_data.model.statements import (
    MEMBERSHIPS,
    Basis,
    Property,
    State,
    Statement,
    day,
    known_role,
    known_value,
    speaks_of,
)
from dontspy_data.resolve.choose import Supported, Trust, is_outdated, says_now
from dontspy_data.resolve.mandates import moments, term_of

ONE_AT_A_TIME = frozenset({Property.POLITICAL_GROUP, Property.NATIONAL_PARTY})


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
    Pages that only say who sits in a body now confirm a dated membership, or give one without dates where no
    source has any for that day, or the page that has it is older and says something else. A body that no lookup or
    page names takes the place of none that is known.
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
    """Return whether somebody who can be in one body at a time is in another by now.

    Trust has an age: of now, the page of this run says more than one of an earlier run of a more trusted source.
    """
    of_now = period.property in ONE_AT_A_TIME and period.state is State.ONGOING and says_now(statement)
    return of_now and known_value(statement) is not None and is_outdated(period, statement.retrieved_at)


def _dated(statements: Sequence[Statement], by_trust: Trust) -> list[Statement]:
    """Return each term's periods by its most trusted source; of one that starts twice, the most trusted statement."""
    by_term: dict[int, list[Statement]] = defaultdict(list)
    for statement in statements:
        by_term[_term(statement) if statement.term is None else statement.term].append(statement)
    periods: dict[tuple[str, str | None, str | None], Statement] = {}
    for said in by_term.values():
        said.sort(key=lambda s: (s.basis is Basis.UNKNOWN, *by_trust(s)))
        for statement in said:
            if statement.source == said[0].source:
                periods.setdefault((statement.value, known_role(statement), statement.start_date), statement)
    return sorted(periods.values(), key=lambda s: (s.start_date or "", s.value, s.role or ""))


def _undated(statements: Sequence[Statement]) -> Mapping[tuple[str, str | None, int | None], list[Statement]]:
    """Group statements without dates by body and term, and by role where a person can have several in a body.

    Of bodies of which a person has one at a time, the most trusted page of a day gives all that it has in a term.
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
        return statement.term == (_term(period) if period.term is None else period.term)
    seen = speaks_of(statement).date().isoformat()
    return (period.start_date or "") <= seen <= (period.end_date or "9999")


def _term(statement: Statement) -> int:
    return term_of(date.fromisoformat(statement.start_date or ""))


def _membership(
    chosen: Statement, support: Sequence[Statement], *, is_over: bool = False
) -> Supported[MembershipRow]:
    is_group = chosen.property is Property.POLITICAL_GROUP
    role = next(filter(None, map(known_role, support)), None)
    begins = chosen.start_date or ("" if chosen.term is None else f"term {chosen.term}")
    key = "|".join((chosen.property, chosen.value, role or "", begins))
    seen = moments(chosen, support)
    row = MembershipRow(
        membership_id=f"{chosen.mep_id}-{hashlib.sha256(key.encode()).hexdigest()[:10]}",
        mep_id=chosen.mep_id,
        kind=chosen.property,
        political_group=known_value(chosen) if is_group else None,
        body=_body_name(chosen),
        role=role,
        term=_term(chosen) if chosen.term is None and chosen.start_date else chosen.term,
        start_date=day(chosen.start_date),
        end_date=day(chosen.end_date),
        state=State.UNKNOWN if is_over else chosen.state or State.UNKNOWN,
        first_seen=min(seen),
        last_seen=max(seen),
        source=chosen.source,
    )
    return Supported(row, chosen)


def _body_name(statement: Statement) -> str:
    """Return the name of a group by its code, and of any other body as it stands."""
    code = known_value(statement) if statement.property is Property.POLITICAL_GROUP else None
    return next((group.name_en for group in groups() if group.code == code), statement.value)
