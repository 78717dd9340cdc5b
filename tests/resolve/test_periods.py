"""Mandates and memberships: dated before undated, one source a term, and nobody in two groups on one day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from dontspy_data.model.statements import Property, Roster, State, Statement
from dontspy_data.resolve.choose import Trust
from dontspy_data.resolve.choose import choose as choose_by
from dontspy_data.resolve.meps import mep_rows
from dontspy_data.resolve.periods import ended_with_their_terms, roll_of, without_absent
from dontspy_data.resolve.periods import mandates as mandates_by
from dontspy_data.resolve.periods import memberships as memberships_by

GROUP, PARTY, MANDATE, TERM = (
    Property.POLITICAL_GROUP,
    Property.NATIONAL_PARTY,
    Property.MANDATE,
    Property.TERM,
)

TRUST = Trust(("ep_api", "ep_profile", "ep_history", "ep_search", "ep_full_list", "ep_directory", "ep_csv"))
choose, mandates, memberships = (
    partial(by, by_trust=TRUST) for by in (choose_by, mandates_by, memberships_by)
)


def said(prop: Property, value: str, source: str, day: str = "2026-01-15", **more: Any) -> Statement:
    at = datetime.fromisoformat(f"{day}T06:00:00").replace(tzinfo=UTC)
    return Statement(9000001, prop, value, source, f"https://{source}.example/", at, **more)


def dated(
    prop: Property, value: str, source: str, start: str, end: str | None = None, **more: Any
) -> Statement:
    state = State.ENDED if end else State.ONGOING
    return said(prop, value, source, start_date=start, end_date=end, state=state, **more)


def test_periods_of_a_term_come_from_one_source() -> None:
    rows = [
        m.row
        for m in memberships(
            [
                dated(GROUP, "EPP", "ep_api", "2024-07-16", role="Member"),
                dated(GROUP, "S&D", "ep_history", "2024-07-16", "2025-01-01", role="Member"),
                dated(GROUP, "ID", "ep_history", "2019-07-02", "2024-07-15", role="Chair"),
            ]
        )
    ]
    assert [(r.political_group, r.role, r.term, r.start_date, r.end_date, r.state) for r in rows] == [
        ("ID", "Chair", 9, date(2019, 7, 2), date(2024, 7, 15), "ended"),
        ("EPP", "Member", 10, date(2024, 7, 16), None, "ongoing"),
    ]
    assert rows[1].body == "Group of the European People's Party (Christian Democrats)"


def test_an_undated_page_confirms_what_is_dated() -> None:
    found = memberships(
        [
            dated(GROUP, "EPP", "ep_api", "2024-07-16", role="Member"),
            said(GROUP, "EPP", "ep_search", "2026-02-01", state=State.ONGOING),
        ]
    )
    assert [(m.row.source, m.row.last_seen.date()) for m in found] == [("ep_api", date(2026, 2, 1))]


def test_an_undated_page_gives_way_to_a_dated_membership_of_that_day() -> None:
    found = memberships(
        [
            dated(GROUP, "EPP", "ep_api", "2024-07-16", role="Member"),
            said(GROUP, "ECR", "ep_search", state=State.ONGOING),
            said(GROUP, "ID", "ep_search", "2023-04-27", state=State.ONGOING, term=9),
        ]
    )
    assert {(m.row.political_group, m.row.start_date) for m in found} == {
        ("EPP", date(2024, 7, 16)),
        ("ID", None),
    }


def test_of_two_undated_pages_of_one_day_the_more_trusted_is_heard() -> None:
    found = memberships(
        [
            said(GROUP, "ECR", "ep_full_list", state=State.ONGOING),
            said(GROUP, "EPP", "ep_search", state=State.ONGOING),
        ]
    )
    assert [(m.row.political_group, m.row.start_date, m.row.state) for m in found] == [
        ("EPP", None, "ongoing")
    ]


def test_several_committees_on_one_day_are_no_conflict() -> None:
    found = memberships(
        [
            said(
                Property.COMMITTEE, "Committee on Fisheries", "ep_profile", role="Member", state=State.ONGOING
            ),
            said(
                Property.COMMITTEE,
                "Committee on Petitions",
                "ep_profile",
                role="Substitute",
                state=State.ONGOING,
            ),
        ]
    )
    assert [(m.row.body, m.row.role) for m in found] == [
        ("Committee on Fisheries", "Member"),
        ("Committee on Petitions", "Substitute"),
    ]


def test_a_membership_keeps_its_key_when_only_its_end_changes() -> None:
    (open_,) = memberships([dated(PARTY, "Vymyšlená strana", "ep_api", "2024-07-16")])
    (ended,) = memberships([dated(PARTY, "Vymyšlená strana", "ep_api", "2024-07-16", "2025-03-01")])
    assert open_.row.membership_id == ended.row.membership_id


def test_a_mandate_has_country_and_periods_where_a_source_has_them() -> None:
    found = mandates(
        [
            said(TERM, "9", "ep_directory", term=9),
            dated(MANDATE, "CZ", "ep_history", "2019-07-02", "2020-01-31", term=9),
            dated(MANDATE, "CZ", "ep_history", "2021-05-01", "2024-07-15", term=9),
            said(MANDATE, "CZ", "ep_search", "2023-04-27", state=State.ONGOING, term=9),
        ]
    )
    assert [(m.row.mandate_id, m.row.country, m.row.start_date, m.row.end_date) for m in found] == [
        ("9000001-9-1", "CZ", date(2019, 7, 2), date(2020, 1, 31)),
        ("9000001-9-2", "CZ", date(2021, 5, 1), date(2024, 7, 15)),
    ]


def test_a_term_without_more_is_a_mandate_without_country() -> None:
    (mandate,) = mandates([said(TERM, "9", "ep_directory", term=9), said(TERM, "9", "ep_csv", term=9)])
    row = mandate.row
    assert (row.term, row.country, row.start_date, row.state, row.source) == (
        9,
        None,
        None,
        "unknown",
        "ep_directory",
    )


def test_a_country_without_dates_is_better_than_a_term_alone() -> None:
    (mandate,) = mandates(
        [
            said(TERM, "9", "ep_api", term=9),
            said(MANDATE, "CZ", "ep_search", "2023-04-27", state=State.ONGOING),
        ]
    )
    assert (mandate.row.country, mandate.row.source, mandate.row.state) == ("CZ", "ep_search", "ongoing")


def on_day(prop: Property, value: str, day: str, term: int) -> Statement:
    return said(prop, value, "ep_api", as_of=day, term=term, state=State.ONGOING)


def test_lists_for_days_of_a_term_say_who_sat_between_them() -> None:
    days = ("2007-01-01", "2008-01-01", "2009-07-13")
    (row,) = (m.row for m in memberships([on_day(GROUP, "ALDE", day, 6) for day in days]))
    assert (row.term, row.start_date, row.end_date, row.state) == (6, None, None, "ongoing")
    assert (row.first_seen.date(), row.last_seen.date()) == (date(2007, 1, 1), date(2009, 7, 13))
    (mandate,) = (m.row for m in mandates([on_day(MANDATE, "GB", day, 6) for day in days]))
    assert (mandate.country, mandate.state) == ("GB", "ongoing")
    assert (mandate.first_seen.date(), mandate.last_seen.date()) == (date(2007, 1, 1), date(2009, 7, 13))


def test_a_list_for_a_day_gives_a_row_in_each_term_and_no_key_twice() -> None:
    found = [
        m.row
        for m in memberships([on_day(GROUP, "S&D", "2014-07-01", 8), on_day(GROUP, "S&D", "2024-07-16", 10)])
    ]
    assert sorted(row.term or 0 for row in found) == [8, 10]
    assert len({row.membership_id for row in found}) == 2


def test_a_list_for_a_day_confirms_the_period_of_that_day_and_gives_way_to_it() -> None:
    period = dated(GROUP, "ID", "ep_api", "2019-07-02", "2022-05-01")
    confirming, contradicting = on_day(GROUP, "ID", "2020-01-01", 9), on_day(GROUP, "EPP", "2021-01-01", 9)
    (row,) = (m.row for m in memberships([period, confirming, contradicting]))
    assert (row.political_group, row.start_date, row.last_seen.date()) == (
        "ID",
        date(2019, 7, 2),
        date(2026, 1, 15),
    )
    later = on_day(GROUP, "NI", "2023-01-01", 9)
    assert {m.row.political_group for m in memberships([period, later])} == {"ID", "NI"}


def group(value: str, *, term: int = 9, state: State = State.UNKNOWN, **more: Any) -> Statement:
    return said(GROUP, value, "ep_csv", term=term, state=state, **more)


def test_all_groups_of_a_term_without_dates_are_kept() -> None:
    rows = [m.row for m in memberships([group("NI"), group("EPP"), group("EPP", term=8)])]
    assert {(row.political_group, row.term, row.start_date) for row in rows} == {
        ("NI", 9, None),
        ("EPP", 9, None),
        ("EPP", 8, None),
    }
    assert len({row.membership_id for row in rows}) == 3


def test_dated_groups_of_a_term_win_over_those_without_dates() -> None:
    page = dated(GROUP, "EPP", "ep_history", "2021-04-29", "2024-07-15")
    rows = [
        m.row for m in memberships([replace(page, term=9), group("NI"), group("EPP"), group("ECR", term=8)])
    ]
    assert [(row.political_group, row.term) for row in rows] == [("ECR", 8), ("EPP", 9)]


def test_of_several_last_groups_without_dates_none_is_the_latest() -> None:
    rows = [m.row for m in memberships([group("NI"), group("EPP")])]
    names = choose([said(Property.NAME, "Ada FABEL", "ep_csv")])
    assert [row.political_group for row in mep_rows(names, [], rows)] == [None]
    assert [row.political_group for row in mep_rows(names, [], rows[:1])] == [rows[0].political_group]


def test_of_now_todays_page_says_more_than_an_older_one_of_a_more_trusted_source() -> None:
    trusted = dated(GROUP, "EPP", "ep_api", "2024-07-16")
    for day, codes_of, states in (
        ("2026-01-15", ["EPP"], ["ongoing"]),
        ("2026-03-01", ["ECR", "EPP"], ["ongoing", "unknown"]),
    ):
        listed = said(GROUP, "ECR", "ep_full_list", day, term=10, state=State.ONGOING)
        before = said(GROUP, "EPP", "ep_api", term=10, state=State.ONGOING)
        rows = [m.row for m in memberships([trusted, before, listed])]
        assert sorted((r.political_group, r.state) for r in rows) == list(zip(codes_of, states, strict=True))


def test_a_name_of_those_who_sit_is_as_old_as_its_page() -> None:
    sits = said(MANDATE, "MT", "ep_full_list", "2026-03-01", term=10, state=State.ONGOING)
    names = [
        said(Property.NAME, "Ada ALT", "ep_api"),
        said(Property.NAME, "Ada NEU", "ep_full_list", "2026-03-01"),
    ]
    for statements, name in (([*names, sits], "Ada NEU"), (names, "Ada ALT")):
        assert choose(statements)[9000001][Property.NAME].value == name


def test_a_mandate_ends_with_its_term() -> None:
    sat = said(MANDATE, "MT", "ep_search", "2023-04-27", term=9, state=State.ONGOING)
    sits = dated(MANDATE, "MT", "ep_api", "2024-07-16", term=10)
    found = mandates([sat, sits])
    for day, first in ((None, "ongoing"), (15, "ongoing"), (17, "ended")):
        roster = Roster(datetime(2024, 7, day or 1, tzinfo=UTC), frozenset({9000001}))
        roll = roll_of([roster] if day else [])
        assert [one.row.state for one in ended_with_their_terms(found, roll)] == [first, "ongoing"]


def test_whoever_is_on_no_list_of_the_same_run_is_not_said_to_sit() -> None:
    goes_on = dated(MANDATE, "MT", "ep_api", "2024-07-16", term=10)
    past = said(MANDATE, "MT", "ep_api", term=9, state=State.ONGOING, as_of="2020-01-01")
    found = mandates([goes_on, past])
    at = goes_on.retrieved_at

    def states(*rosters: Roster) -> list[str]:
        return [one.row.state for one in without_absent(found, roll_of(rosters))]

    def roster(day: datetime, *people: int) -> Roster:
        return Roster(day, frozenset(people))

    assert states() == states(roster(at, 9000001, 1)) == ["ongoing", "ongoing"]
    assert states(roster(at, 1)) == ["ongoing", "unknown"]
    assert states(roster(at, 1), roster(at, 9000001)) == ["ongoing", "ongoing"]
    assert states(roster(at - timedelta(days=30), 1)) == [
        "ongoing",
        "ongoing",
    ]  # the page is newer than the list
