"""Absence is evidence: whoever is on no list of those who sit, or sat in a term that is over, cannot be said to sit."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from dontspy_data.model.codes import terms
from dontspy_data.model.statements import Roster, State
from dontspy_data.resolve.choose import ONE_RUN, Supported
from dontspy_data.resolve.mandates import MandateRow
from dontspy_data.resolve.memberships import MembershipRow

Period = TypeVar("Period", MandateRow, MembershipRow)


@dataclass(frozen=True, slots=True)
class Roll:
    """Who sits, by the latest lists.

    Attributes:
        at: when the latest of them was received, UTC.
        people: everybody who is on any of them.
    """

    at: datetime
    people: frozenset[int]


def roll_of(rosters: Sequence[Roster]) -> Roll | None:
    """Return what the lists of the latest run say together; None if there is none."""
    if not rosters:
        return None
    at = max(roster.retrieved_at for roster in rosters)
    latest = [roster.people for roster in rosters if roster.retrieved_at >= at - ONE_RUN]
    return Roll(at, frozenset().union(*latest))


def ended_with_their_terms(
    mandates: Iterable[Supported[MandateRow]], roll: Roll | None
) -> list[Supported[MandateRow]]:
    """Return mandates, of which those have ended whose term was over when the latest lists were received.

    On which day, no page says. Without such a list, all is as of the day on which pages said that they go on.
    """
    over = {term.term for term in terms() if roll and term.end_date and term.end_date < roll.at.date()}
    return [
        replace(one, row=replace(one.row, state=State.ENDED))
        if one.row.state == State.ONGOING and one.row.term in over
        else one
        for one in mandates
    ]


def without_absent(periods: Iterable[Supported[Period]], roll: Roll | None) -> list[Supported[Period]]:
    """Return periods, of which those go on to nobody knows when whose person is on no list of today.

    A page that says that they go on is older than the lists, or was asked in the same run and is not up to date.
    Periods without dates come from lists of past days and stay as they are: they say what was so on those.
    """
    return [_without_absent(one, roll) if roll else one for one in periods]


def _without_absent(one: Supported[Period], roll: Roll) -> Supported[Period]:
    row = one.row
    is_absent = row.mep_id not in roll.people and row.last_seen <= roll.at + ONE_RUN
    if row.state != State.ONGOING or row.start_date is None or not is_absent:
        return one
    return replace(one, row=replace(row, state=State.UNKNOWN))
