"""Members: one row per person, with the chosen value of every fact; and their official contacts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar

from dontspy_data.model.statements import CONTACTS, DATES, SINGLE, Basis, Property, State, Statement, day
from dontspy_data.resolve.choose import Chosen, Supported, Trust
from dontspy_data.resolve.lost_letters import has_lost_letters
from dontspy_data.resolve.periods import MandateRow, MembershipRow

PROFILE_URL = "https://www.europarl.europa.eu/meps/en/{}"

Value = TypeVar("Value")

UNNAMED = "org/"  # the form of a body whose name no page gives
AS_CHOSEN = SINGLE - DATES - {Property.NAME}
"""Properties whose chosen value is copied to the column of the same name; a person can lack any."""
GROUP, PARTY = Property.POLITICAL_GROUP, Property.NATIONAL_PARTY


@dataclass(frozen=True, slots=True)
class MepRow:
    """A row of the table `meps`, see its schema."""

    mep_id: int
    name: str
    given_name: str | None
    family_name: str | None
    sort_name: str | None
    official_given_name: str | None
    official_family_name: str | None
    name_lost_letters: bool
    gender: str | None
    birth_date: date | None
    birth_place: str | None
    death_date: date | None
    citizenship: str | None
    country: str | None
    political_group: str | None
    national_party: str | None
    latest_term: int | None
    wikidata_id: str | None
    profile_url: str
    name_composed: bool


def mep_rows(
    chosen: Chosen, mandates: Iterable[MandateRow], memberships: Iterable[MembershipRow]
) -> list[MepRow]:
    """Return one row per person with a name, sorted by MEP number."""
    memberships = list(memberships)
    held = {kind: [m for m in memberships if m.kind == kind] for kind in (GROUP, PARTY)}
    terms = _latest((m.mep_id, m, m.term) for m in mandates)
    countries = _latest((m.mep_id, m, m.country) for m in mandates if m.country)
    groups = _latest((m.mep_id, m, m.political_group) for m in held[GROUP] if m.political_group)
    parties = _latest((m.mep_id, m, m.body) for m in held[PARTY] if not m.body.startswith(UNNAMED))
    rows = []
    for mep_id, facts in chosen.items():
        if Property.NAME not in facts:
            continue
        values = {prop.value: statement.value for prop, statement in facts.items()}
        texts: dict[str, Any] = {prop.value: values.get(prop) for prop in AS_CHOSEN}
        names = [values.get(prop) for prop in (Property.NAME, Property.GIVEN_NAME, Property.FAMILY_NAME)]
        rows.append(
            MepRow(
                mep_id=mep_id,
                name=values["name"],
                **texts,
                name_lost_letters=any(name and has_lost_letters(name) for name in names),
                birth_date=day(values.get("birth_date")),
                death_date=day(values.get("death_date")),
                country=countries.get(mep_id),
                political_group=groups.get(mep_id),
                national_party=parties.get(mep_id),
                latest_term=terms.get(mep_id),
                profile_url=PROFILE_URL.format(mep_id),
                name_composed=facts[Property.NAME].basis is Basis.COMPOSED,
            )
        )
    return sorted(rows, key=lambda row: row.mep_id)


def _latest(
    periods: Iterable[tuple[int, MandateRow | MembershipRow, Value]],
) -> Mapping[int, Value]:
    """Return the value of each person's latest period; nothing if two are equally late and differ.

    That happens if a source gives all groups of a term without dates: which of them is the last is unknown.
    """
    found: dict[int, dict[tuple[int, date, date], set[Value]]] = defaultdict(lambda: defaultdict(set))
    for mep_id, period, value in periods:
        found[mep_id][_reach(period)].add(value)
    furthest = {mep_id: held[max(held)] for mep_id, held in found.items()}
    return {mep_id: next(iter(values)) for mep_id, values in furthest.items() if len(values) == 1}


def _reach(period: MandateRow | MembershipRow) -> tuple[int, date, date]:
    reached = period.end_date if period.end_date and period.state == State.ENDED else period.last_seen.date()
    return (-1 if period.term is None else period.term, reached, period.start_date or date.min)


@dataclass(frozen=True, slots=True)
class ContactRow:
    """A row of the table `contacts`, see its schema."""

    mep_id: int
    kind: str
    value: str
    source: str
    retrieved_at: datetime


def contacts(statements: Iterable[Statement], by_trust: Trust) -> list[Supported[ContactRow]]:
    """Return, for each person and kind, the contacts of the most trusted source that has any, sorted by key."""
    found: dict[tuple[int, Property], list[Statement]] = defaultdict(list)
    for statement in statements:
        if statement.property in CONTACTS:
            found[statement.mep_id, statement.property].append(statement)
    chosen: dict[tuple[int, Property, str], Statement] = {}
    for key in sorted(found):
        said = sorted(found[key], key=by_trust)
        for statement in said:
            if statement.source == said[0].source:
                chosen.setdefault((*key, statement.value), statement)
    return [
        Supported(ContactRow(s.mep_id, s.property, s.value, s.source, s.retrieved_at), s)
        for _, s in sorted(chosen.items())
    ]
