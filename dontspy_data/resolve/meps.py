"""Members: one row a person, with the chosen value of every fact."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from dontspy_data.model.statements import Property, State, day
from dontspy_data.resolve.choose import Chosen
from dontspy_data.resolve.lost_letters import has_lost_letters
from dontspy_data.resolve.mandates import MandateRow
from dontspy_data.resolve.memberships import MembershipRow

PROFILE_URL = "https://www.europarl.europa.eu/meps/en/{}"

Period = TypeVar("Period", MandateRow, MembershipRow)


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


def mep_rows(
    chosen: Chosen, mandates: Iterable[MandateRow], memberships: Iterable[MembershipRow]
) -> list[MepRow]:
    """One row a person that has a name, sorted by MEP number."""
    sat = _latest((m.mep_id, m) for m in mandates)
    countries = _latest((m.mep_id, m) for m in mandates if m.country)
    memberships = list(memberships)
    groups = _latest((m.mep_id, m) for m in memberships if m.political_group)
    parties = _latest((m.mep_id, m) for m in memberships if m.kind == Property.NATIONAL_PARTY)
    rows = []
    for mep_id, facts in chosen.items():
        if Property.NAME not in facts:
            continue
        values = {prop.value: statement.value for prop, statement in facts.items()}
        names = [values.get(prop) for prop in (Property.NAME, Property.GIVEN_NAME, Property.FAMILY_NAME)]
        rows.append(
            MepRow(
                mep_id=mep_id,
                name=values["name"],
                given_name=values.get("given_name"),
                family_name=values.get("family_name"),
                sort_name=values.get("sort_name"),
                official_given_name=values.get("official_given_name"),
                official_family_name=values.get("official_family_name"),
                name_lost_letters=any(name and has_lost_letters(name) for name in names),
                gender=values.get("gender"),
                birth_date=day(values.get("birth_date")),
                birth_place=values.get("birth_place"),
                death_date=day(values.get("death_date")),
                citizenship=values.get("citizenship"),
                country=countries[mep_id].country if mep_id in countries else None,
                political_group=groups[mep_id].political_group if mep_id in groups else None,
                national_party=parties[mep_id].body if mep_id in parties else None,
                latest_term=sat[mep_id].term if mep_id in sat else None,
                wikidata_id=values.get("wikidata_id"),
                profile_url=PROFILE_URL.format(mep_id),
            )
        )
    return sorted(rows, key=lambda row: row.mep_id)


def _latest(periods: Iterable[tuple[int, Period]]) -> Mapping[int, Period]:
    """The period of each person that reaches furthest."""
    found: dict[int, list[Period]] = defaultdict(list)
    for mep_id, period in periods:
        found[mep_id].append(period)
    return {mep_id: max(held, key=_reach) for mep_id, held in found.items()}


def _reach(period: MandateRow | MembershipRow) -> tuple[int, date, date]:
    reached = period.end_date if period.end_date and period.state == State.ENDED else period.last_seen.date()
    return (-1 if period.term is None else period.term, reached, period.start_date or date.min)
