"""Memberships of a person in the Open Data API: mandates, groups, parties, committees and the rest.

A membership that has no organization, as some of the live ones, says nothing and is a note.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dontspy_data.errors import UnknownCodeError
from dontspy_data.model import codes
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import Property, State
from dontspy_data.sources.findings import Findings
from dontspy_data.sources.json_ld import entries, last_part, records, short, texts
from dontspy_data.sources.values import day

PARLIAMENT = "European Parliament"
PARLIAMENT_OF_TERM = re.compile(r"org/ep-(0|[1-9]\d?)")
MANDATE_ROLE = "MEMBER_PARLIAMENT"
SITTING = frozenset({MANDATE_ROLE, "MEMBER", ""})
USED = frozenset({"organization", "membershipClassification", "role", "represents", "memberDuring"})
# Ids, and the telephone and office that the project leaves.
LEFT = frozenset(
    {"id", "type", "identifier", "notation_codictFunctionId", "notation_codictMandateId", "contactPoint"}
)
PERIOD_FIELDS = frozenset({"id", "type", "startDate", "endDate"})
PERIOD_ID = re.compile(r"time-period/(\d{8})(?:-(\d{8}))?")


@dataclass(frozen=True, slots=True)
class StatedPeriod:
    """When a membership holds, and on the day of the page whether it still does."""

    start_date: str | None
    end_date: str | None
    state: State


ALWAYS = StatedPeriod(None, None, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class StatedMembership:
    """One membership of a person in one period, as the page has it.

    Attributes:
        body: reference, such as `org/6900`.
        kinds: kinds of body in the vocabulary `ep-entities`; mostly one.
        role: code in the vocabulary `ep-roles`; empty if none is given.
        countries: countries represented, as references.
        period: when.
    """

    body: str
    kinds: tuple[str, ...]
    role: str
    countries: tuple[str, ...]
    period: StatedPeriod

    @property
    def term(self) -> int | None:
        """Term of the Parliament, if the body is the Parliament itself."""
        match = PARLIAMENT_OF_TERM.fullmatch(self.body)
        return int(match[1]) if match else None

    @property
    def is_mandate(self) -> bool:
        """Whether it is a seat in the Parliament, and not only said to belong to one."""
        return self.term is not None and (bool(self.countries) or self.role == MANDATE_ROLE)


def body_kind(classification: str) -> Property:
    """Return what a membership of a body is about, from a reference such as `def/ep-entities/WORKING_GROUP`."""
    return codes.body_kind(last_part(classification))


def state_memberships(found: Findings, mep_id: int, row: Mapping[str, Any]) -> frozenset[str]:
    """State what a person's `hasMembership` says, and return names of unknown fields.

    Bodies stand by their references until all pages are read.
    """
    unread: set[str] = set()
    held: list[StatedMembership] = []
    for membership in records(found, row, "hasMembership", mep_id=mep_id):
        with found.row(str(membership.get("id", membership)), mep_id):
            unread |= {f"hasMembership.{key}" for key in membership.keys() - USED - LEFT}
            for period in entries(membership.get("memberDuring")):
                keys = period.keys() if isinstance(period, dict) else set()
                unread |= {f"memberDuring.{key}" for key in keys - PERIOD_FIELDS}
            held.extend(_read_membership(found, mep_id, membership))
    seats = {membership.term for membership in held if membership.is_mandate}
    for stated in held:
        if stated.term is None:
            _state_body(found, mep_id, stated)
        elif _is_listed(found, mep_id, stated.term):
            _state_seat(found, mep_id, stated, stated.term, is_known=stated.term in seats)
    return frozenset(unread)


def _read_membership(
    found: Findings, mep_id: int, membership: Mapping[str, Any]
) -> Iterator[StatedMembership]:
    """Yield a membership in each of its periods."""
    body, kinds, role, countries = (
        texts(found, membership, key, mep_id=mep_id)
        for key in ("organization", "membershipClassification", "role", "represents")
    )
    if not body:
        name = membership.get("id", "a membership without an id")
        found.note("a membership without organization", f"{found.page.url}, {name}")
        return
    for period in list(_periods(found, mep_id, membership)) or [ALWAYS]:
        yield StatedMembership(
            short(body[0]), tuple(kinds), last_part(role[0]) if role else "", tuple(countries), period
        )


def _periods(found: Findings, mep_id: int, membership: Mapping[str, Any]) -> Iterator[StatedPeriod]:
    for entry in entries(membership.get("memberDuring")):
        if isinstance(entry, dict):
            start, end = (_day(found, mep_id, entry, key) for key in ("startDate", "endDate"))
        elif isinstance(entry, str) and (match := PERIOD_ID.search(entry)):
            start, end = (day(digits) if digits else None for digits in match.groups())
        else:
            found.problem(ProblemKind.CELL, str(entry)[:200], "a period of a membership", mep_id=mep_id)
            continue
        if end is None and isinstance(entry, dict) and entry.get("endDate"):
            yield StatedPeriod(start, None, State.UNKNOWN)  # It has an end that cannot be read.
            continue
        over = end is not None and end < found.page.retrieved_at.date().isoformat()
        yield StatedPeriod(start, end, State.ENDED if over else State.ONGOING)


def _day(found: Findings, mep_id: int, period: Mapping[str, Any], key: str) -> str | None:
    """Return a day of a period; a text that is none is a problem."""
    for text in texts(found, period, key, mep_id=mep_id):
        value = day(text)
        if value and len(value) == len("2024-07-16"):
            return value
        found.problem(ProblemKind.CELL, text, f"a day in {key!r}", mep_id=mep_id)
    return None


def _state_body(found: Findings, mep_id: int, membership: StatedMembership) -> None:
    try:
        about = body_kind(membership.kinds[0]) if membership.kinds else Property.OTHER_BODY
    except UnknownCodeError as error:
        found.unknown(error, mep_id=mep_id)
        about = Property.OTHER_BODY
    role, basis = found.role(mep_id, about, membership.role, codes.role)
    period = membership.period
    found.state(
        mep_id,
        about,
        membership.body,
        basis=basis,
        term=_term(period.start_date),
        role=role,
        start_date=period.start_date,
        end_date=period.end_date,
        state=period.state,
    )


def _is_listed(found: Findings, mep_id: int, term: int) -> bool:
    """Return whether a term is in the lookups; one that is not is a problem."""
    if term in {listed.term for listed in codes.terms()}:
        return True
    row = f"{term},YYYY-MM-DD,,SEATS"
    error = UnknownCodeError("parliamentary term", str(term), "terms.csv", row)
    found.unknown(error, mep_id=mep_id, prop=Property.TERM)
    return False


def _state_seat(
    found: Findings, mep_id: int, membership: StatedMembership, term: int, *, is_known: bool
) -> None:
    """State a mandate for each country represented, or a role in the Parliament itself, such as its presidency.

    That somebody is its Member says no more than the mandate, if there is one.
    """
    period = membership.period
    when: dict[str, Any] = {
        "start_date": period.start_date,
        "end_date": period.end_date,
        "state": period.state,
    }
    for country in membership.countries:
        found.cell(mep_id, Property.MANDATE, last_part(country), codes.country, term=term, **when)
    if membership.countries:
        return
    if membership.role not in SITTING:
        role, basis = found.role(mep_id, Property.OTHER_BODY, membership.role, codes.role)
        found.state(mep_id, Property.OTHER_BODY, PARLIAMENT, basis=basis, term=term, role=role, **when)
    elif is_known and not membership.is_mandate:
        found.state(mep_id, Property.TERM, str(term), term=term)
    else:
        found.state(mep_id, Property.TERM, str(term), term=term, **when)


def _term(start: str | None) -> int | None:
    """Return the term that a period begins in; None if that is not told, or before the first term."""
    first = codes.terms()[0].start_date.isoformat()
    return codes.term_on(date.fromisoformat(start)) if start and start >= first else None
