"""Memberships of a person in the Open Data API: mandates, groups, parties, committees and the rest.

A membership that has no organization, as some of the live ones, says nothing and is a note.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from dontspy_data.errors import PageError, UnknownCodeError
from dontspy_data.model import codes
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import Property, State
from dontspy_data.sources.findings import Findings
from dontspy_data.sources.json_ld import day, entries, last_part, records, texts

PARLIAMENT = "European Parliament"
PARLIAMENT_OF_TERM = re.compile(r"org/ep-(0|[1-9]\d?)")
MANDATE_ROLES = frozenset({"MEMBER_PARLIAMENT", "MEMBER"})
FULL_DAY = len("YYYY-MM-DD")
USED = frozenset({"organization", "membershipClassification", "role", "represents", "memberDuring"})
# Ids, and the telephone and office that the project leaves.
LEFT = frozenset(
    {"id", "type", "identifier", "notation_codictFunctionId", "notation_codictMandateId", "contactPoint"}
)
PERIOD_FIELDS = frozenset({"id", "type", "startDate", "endDate"})


@dataclass(frozen=True, slots=True)
class ApiPeriod:
    """When a membership holds, and whether it still does on the day of the page."""

    start: str | None
    end: str | None
    state: State

    def as_fields(self) -> dict[str, Any]:
        """Return the fields of a statement."""
        return {"start_date": self.start, "end_date": self.end, "state": self.state}


def memberships(found: Findings, mep_id: int, row: Mapping[str, Any]) -> set[str]:
    """Read a person's `hasMembership`. Bodies stand by their references, such as `org/6900`.

    Returns:
        Names of fields that are neither used nor knowingly left.
    """
    unread: set[str] = set()
    for entry in entries(row.get("hasMembership")):
        with found.row(str(entry), mep_id):
            if not isinstance(entry, dict):
                raise PageError(found.source, found.page.url, "an object in 'hasMembership'")
            unread |= {f"hasMembership.{key}" for key in entry.keys() - USED - LEFT}
            unread |= _membership(found, mep_id, entry)
    return unread


def _membership(found: Findings, mep_id: int, membership: Mapping[str, Any]) -> set[str]:
    at = found.page, found.source
    organization = texts(membership, "organization", *at)
    kinds = texts(membership, "membershipClassification", *at)
    term = PARLIAMENT_OF_TERM.fullmatch(organization[0]) if organization else None
    if not term and not (organization and kinds):
        name = membership.get("id", "a membership without an id")
        found.note("a membership without organization or classification", f"{found.page.url}, {name}")
        return set()
    about = Property.MANDATE if term else _kind(found, mep_id, last_part(kinds[0]))
    periods = records(membership, "memberDuring", *at)
    for period in [_period(found, mep_id, about, one) for one in periods] or [
        ApiPeriod(None, None, State.UNKNOWN)
    ]:
        if term:
            _of_parliament(found, mep_id, int(term[1]), membership, period)
        else:
            code = next((last_part(text) for text in texts(membership, "role", *at)), "")
            role, basis = found.role(mep_id, about, code, codes.role)
            when = {**period.as_fields(), "term": _term(period.start)}
            found.cell(mep_id, about, organization[0], role=role, basis=basis, **when)
    return {f"memberDuring.{key}" for period in periods for key in period.keys() - PERIOD_FIELDS}


def _kind(found: Findings, mep_id: int, kind: str) -> Property:
    """Return what a membership of a kind of body is about; of an unknown kind, a problem, some other body."""
    try:
        return codes.body_kind(kind)
    except UnknownCodeError as error:
        found.unknown(error, mep_id=mep_id, prop=Property.OTHER_BODY)
        return Property.OTHER_BODY


def _of_parliament(
    found: Findings, mep_id: int, term: int, membership: Mapping[str, Any], period: ApiPeriod
) -> None:
    """State a mandate for each country represented, or a role in the Parliament itself, such as its presidency."""
    if term not in {listed.term for listed in codes.terms()}:
        raise UnknownCodeError("parliamentary term", str(term), "terms.csv", f"{term},YYYY-MM-DD,,SEATS")
    at = found.page, found.source
    when = {**period.as_fields(), "term": term}
    code = next((last_part(text) for text in texts(membership, "role", *at)), "")
    countries = texts(membership, "represents", *at)
    for country in countries:
        found.cell(mep_id, Property.MANDATE, last_part(country), codes.country, **when)
    if countries:
        return
    if code in MANDATE_ROLES:
        found.state(mep_id, Property.TERM, str(term), **when)
    else:
        role, basis = found.role(mep_id, Property.OTHER_BODY, code, codes.role)
        found.state(mep_id, Property.OTHER_BODY, PARLIAMENT, role=role, basis=basis, **when)


def _period(found: Findings, mep_id: int, about: Property, period: Mapping[str, Any]) -> ApiPeriod:
    start, end = (_day(found, mep_id, about, period, key) for key in ("startDate", "endDate"))
    if end is None and period.get("endDate"):
        return ApiPeriod(start, None, State.UNKNOWN)
    over = end is not None and end < found.page.retrieved_at.date().isoformat()
    return ApiPeriod(start, end, State.ENDED if over else State.ONGOING)


def _day(found: Findings, mep_id: int, about: Property, period: Mapping[str, Any], key: str) -> str | None:
    """Return a day of a period; None, and a problem, if it is none of the calendar, or only a month or a year."""
    for text in texts(period, key, found.page, found.source):
        if (known := day(text)) and len(known) == FULL_DAY:
            return known
        found.problem(ProblemKind.CELL, text, f"a day in {key}", mep_id=mep_id, prop=about)
    return None


def _term(start: str | None) -> int | None:
    """Return the term that a period begins in; None if that is not told, or before the first."""
    first = codes.terms()[0].start_date.isoformat()
    return codes.term_on(date.fromisoformat(start)) if start and start >= first else None
