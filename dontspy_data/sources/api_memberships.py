"""Memberships of a person in the Open Data API: mandates, groups, parties, committees and the rest.

A membership that has no organization, as some of the live ones, says nothing and is a note.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any

from dontspy_data.capture.captures import Page
from dontspy_data.errors import UnknownCodeError
from dontspy_data.model import codes
from dontspy_data.model.problems import Note
from dontspy_data.model.statements import Property, State, Statement
from dontspy_data.sources.documents import facts
from dontspy_data.sources.json_ld import day, last_part, records, texts

PARLIAMENT = "European Parliament"
PARLIAMENT_OF_TERM = re.compile(r"org/ep-(0|[1-9]\d?)")
MANDATE_ROLE = "MEMBER_PARLIAMENT"
USED = frozenset({"organization", "membershipClassification", "role", "represents", "memberDuring"})
# Ids, and the telephone and office that the project leaves.
LEFT = frozenset(
    {"id", "type", "identifier", "notation_codictFunctionId", "notation_codictMandateId", "contactPoint"}
)
PERIOD_FIELDS = frozenset({"id", "type", "startDate", "endDate"})


@dataclass(frozen=True, slots=True)
class Held:
    """A person's memberships: statements, what could not be used, and names of unknown fields."""

    statements: tuple[Statement, ...]
    notes: tuple[Note, ...]
    unread: frozenset[str]


@dataclass(frozen=True, slots=True)
class StatedPeriod:
    """When a membership holds, and on the day of the page whether it still does."""

    start: str | None
    end: str | None
    state: State


def body_kind(classification: str) -> Property:
    """Return what a membership of a body is about, from a reference such as `def/ep-entities/WORKING_GROUP`."""
    return codes.body_kind(last_part(classification))


def memberships(mep_id: int, row: Mapping[str, Any], page: Page, source: str) -> Held:
    """What a person's `hasMembership` says. Bodies stand by their references, such as `org/6900`.

    Raises:
        PageError: a field is of another kind than documented.
        UnknownCodeError: a country or a term is not listed.
    """
    statements: list[Statement] = []
    notes: list[Note] = []
    unread: set[str] = set()
    for membership in records(row, "hasMembership", page, source):
        unread |= {f"hasMembership.{key}" for key in membership.keys() - USED - LEFT}
        periods = records(membership, "memberDuring", page, source)
        unread |= {f"memberDuring.{key}" for period in periods for key in period.keys() - PERIOD_FIELDS}
        organization = texts(membership, "organization", page, source)
        kind = texts(membership, "membershipClassification", page, source)
        term = PARLIAMENT_OF_TERM.fullmatch(organization[0]) if organization else None
        for period in [_period(p, page, source) for p in periods] or [
            StatedPeriod(None, None, State.UNKNOWN)
        ]:
            fact = partial(
                facts(page, source),
                mep_id,
                start_date=period.start,
                end_date=period.end,
                state=period.state,
            )
            if term:
                statements.extend(_of_parliament(int(term[1]), membership, fact, page, source))
            elif organization and kind:
                role = _role(membership, page, source)
                statements.append(
                    fact(body_kind(kind[0]), organization[0], term=_term(period.start), role=role)
                )
            else:
                name = membership.get("id", "a membership without an id")
                notes.append(
                    Note("a membership without organization or classification", f"{page.url}, {name}")
                )
    return Held(tuple(statements), tuple(notes), frozenset(unread))


def _of_parliament(
    term: int, membership: Mapping[str, Any], fact: partial[Statement], page: Page, source: str
) -> list[Statement]:
    """A mandate for each country represented, or a role in the Parliament itself, such as its presidency."""
    if term not in {listed.term for listed in codes.terms()}:
        raise UnknownCodeError("parliamentary term", str(term), "terms.csv", f"{term},YYYY-MM-DD,,SEATS")
    role = _role(membership, page, source)
    countries = texts(membership, "represents", page, source)
    if countries:
        return [fact(Property.MANDATE, codes.country(last_part(c)), term=term) for c in countries]
    if role == _role_name(MANDATE_ROLE):
        return [fact(Property.TERM, str(term), term=term)]
    return [fact(Property.OTHER_BODY, PARLIAMENT, term=term, role=role)]


def _period(period: Mapping[str, Any], page: Page, source: str) -> StatedPeriod:
    start, end = (_day(period, key, page, source) for key in ("startDate", "endDate"))
    over = end is not None and end < page.retrieved_at.date().isoformat()
    return StatedPeriod(start, end, State.ENDED if over else State.ONGOING)


def _day(period: Mapping[str, Any], key: str, page: Page, source: str) -> str | None:
    found = texts(period, key, page, source)
    return day(found[0]) if found else None


def _term(start: str | None) -> int | None:
    """The term that a period begins in; None where that is not told, or before the direct elections."""
    first = codes.terms()[0].start_date.isoformat()
    return codes.term_on(date.fromisoformat(start)) if start and start >= first else None


def _role(membership: Mapping[str, Any], page: Page, source: str) -> str | None:
    roles = texts(membership, "role", page, source)
    return _role_name(last_part(roles[0])) if roles else None


def _role_name(code: str) -> str:
    """A role as the site prints it: `CHAIR_VICE` is `Vice-Chair`, `MEMBER_SUBSTITUTE` is `Substitute`."""
    first, _, rank = code.partition("_")
    if (first, rank) == ("MEMBER", "SUBSTITUTE"):
        return "Substitute"
    if rank in ("VICE", "CO"):
        return f"{rank.title()}-{first.title()}"
    return code.replace("_", " ").title()
