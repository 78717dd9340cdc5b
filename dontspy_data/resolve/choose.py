"""Choosing among statements: one value for a person and property."""

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Generic, TypeVar

from dontspy_data.model.statements import DATES, NAMES, SINGLE, TEXTS, Basis, Property, State, Statement
from dontspy_data.resolve.lost_letters import has_lost_letters, restore

FULL_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")

ONE_RUN = timedelta(days=1)
"""The most time between pages of one run; what a page says about the present is as old as the page."""

Chosen = Mapping[int, Mapping[Property, Statement]]
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Supported(Generic[Row]):
    """A row of a table, and the statement that it was chosen from."""

    row: Row
    chosen: Statement


@dataclass(frozen=True)
class Trust:
    """Order statements: most trusted source first, then the latest page.

    Attributes:
        sources: names of all sources, most trusted first.
    """

    sources: Sequence[str]

    @cached_property
    def _ranks(self) -> Mapping[str, int]:
        return {name: rank for rank, name in enumerate(self.sources)}

    def rank(self, statement: Statement) -> int:
        """Return how many sources are trusted more than the statement's."""
        return self._ranks[statement.source]

    def __call__(self, statement: Statement) -> tuple[int, float, str, str]:
        """Return the sort key of a statement."""
        return self.rank(statement), -statement.retrieved_at.timestamp(), statement.value, statement.url


def choose(statements: Iterable[Statement], by_trust: Trust, contested: Container[str] = ()) -> Chosen:
    """Return the statement chosen for each person and single-valued property.

    A whole value beats one with lost letters and a full date beats a vague one, whatever the source; for sitting
    Members, a name from the latest run beats one from an earlier run; then the more trusted source, then the later
    page. Never chosen are vague dates, damaged texts (except a person's name that no source has whole), categories that
    no lookup lists, and Wikidata items that are claimed twice.

    Args:
        statements: all statements about some people.
        by_trust: orders equally good statements.
        contested: Wikidata items that are claimed for several people, see `contested_items`.
    """
    candidates: dict[int, dict[Property, list[Statement]]] = defaultdict(lambda: defaultdict(list))
    sitting: dict[int, datetime] = {}
    for statement in statements:
        if statement.property in SINGLE and statement.basis is not Basis.UNKNOWN:
            candidates[statement.mep_id][statement.property].append(statement)
        elif says_now(statement):
            latest = sitting.get(statement.mep_id, statement.retrieved_at)
            sitting[statement.mep_id] = max(latest, statement.retrieved_at)
    return {
        mep_id: {
            prop: best
            for prop, best in _best(candidates[mep_id], sitting.get(mep_id), by_trust).items()
            if not _is_vague(best)
            and (prop is not Property.WIKIDATA_ID or _is_one_item(candidates[mep_id][prop], contested))
        }
        for mep_id in sorted(candidates)
    }


def says_now(statement: Statement) -> bool:
    """Return whether a statement is about the day on which its page was received, and not about a period."""
    is_dated = statement.start_date is not None or statement.as_of is not None
    return statement.state is State.ONGOING and not is_dated


def is_outdated(statement: Statement, latest: datetime) -> bool:
    """Return whether a page about the present is from an earlier run than another one."""
    return latest - statement.retrieved_at > ONE_RUN


def _best(
    candidates: Mapping[Property, Sequence[Statement]], sitting: datetime | None, by_trust: Trust
) -> dict[Property, Statement]:
    """Choose the best statement of each property; never a damaged one, except names if no whole name exists.

    Args:
        candidates: statements of one person by property.
        sitting: when the latest page was received that says that the person sits now; None if none does.
        by_trust: orders equally good statements.
    """

    def is_old_name(statement: Statement) -> bool:
        return statement.property in NAMES and sitting is not None and is_outdated(statement, sitting)

    best = {
        prop: min(found, key=lambda s: (_is_damaged(s), _is_vague(s), is_old_name(s), *by_trust(s)))
        for prop, found in candidates.items()
    }
    name_is_damaged = Property.NAME in best and _is_damaged(best[Property.NAME])
    kept = NAMES if name_is_damaged else frozenset()
    return {prop: one for prop, one in best.items() if prop in kept or not _is_damaged(one)}


def restore_names(statements: Sequence[Statement], by_trust: Trust) -> list[Statement]:
    """Return statements of given and family names with letters put back from whole names of the same person.

    Each is attributed to the page that has the whole name, since that page is where the letters come from.
    """
    names: dict[int, list[Statement]] = defaultdict(list)
    for statement in statements:
        if statement.property is Property.NAME and not has_lost_letters(statement.value):
            names[statement.mep_id].append(statement)
    restored = []
    for statement in statements:
        if statement.property in NAMES - {Property.NAME} and has_lost_letters(statement.value):
            for name in sorted(names[statement.mep_id], key=lambda s: (by_trust.rank(s), s.url)):
                if part := restore(statement.value, name.value):
                    restored.append(replace(name, property=statement.property, value=part))
                    break
    stated = frozenset(statements)
    return [replace(one, basis=Basis.RESTORED) for one in dict.fromkeys(restored) if one not in stated]


def compose_names(statements: Iterable[Statement]) -> list[Statement]:
    """Return names of persons whose name no page prints, from the given and family name of each page.

    Parts keep their own case: which letters the Parliament would print as capitals (`McALLISTER`, `in 't VELD`) does
    not follow from them.
    """
    parts: dict[int, dict[str, dict[Property, Statement]]] = defaultdict(lambda: defaultdict(dict))
    printed: set[int] = set()
    for statement in statements:
        if statement.property is Property.NAME:
            printed.add(statement.mep_id)
        elif statement.property in NAMES:
            parts[statement.mep_id][statement.url].setdefault(statement.property, statement)
    return [
        _composed(of_page)
        for mep_id, pages in parts.items()
        if mep_id not in printed
        for of_page in pages.values()
    ]


def _composed(parts: Mapping[Property, Statement]) -> Statement:
    found = [parts[part] for part in (Property.GIVEN_NAME, Property.FAMILY_NAME) if part in parts]
    whole = " ".join(part.value for part in found)
    return replace(found[-1], property=Property.NAME, value=whole, basis=Basis.COMPOSED)


def _is_damaged(statement: Statement) -> bool:
    return statement.property in TEXTS and has_lost_letters(statement.value)


def _is_vague(statement: Statement) -> bool:
    return statement.property in DATES and not FULL_DATE.fullmatch(statement.value)


def contested_items(claims: Iterable[Statement]) -> frozenset[str]:
    """Return the Wikidata items that are claimed for more than one person."""
    people: dict[str, set[int]] = defaultdict(set)
    for claim in claims:
        people[claim.value].add(claim.mep_id)
    return frozenset(item for item, claimants in people.items() if len(claimants) > 1)


def _is_one_item(claims: Iterable[Statement], contested: Container[str]) -> bool:
    """Return whether the statements about a person's Wikidata item name exactly one, which nobody else has."""
    items = {claim.value for claim in claims}
    return len(items) == 1 and not any(item in contested for item in items)
