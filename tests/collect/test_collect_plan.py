"""What to ask for, and what that would take, before anything is asked."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from dontspy_data.collect import plan
from dontspy_data.collect.outcome import Stats, in_words
from dontspy_data.collect.plan import (
    CollectOptions,
    Rates,
    check_options,
    estimate,
    rate_of,
    seconds,
    user_agent,
)
from dontspy_data.commands.output import speed
from dontspy_data.errors import UsageError
from dontspy_data.model.codes import country_seats
from dontspy_data.sources import SOURCE_OF, SOURCES, ep_api, ep_csv, member_page, portraits, source_of
from dontspy_data.sources.source import DATA, WWW, Person, Request

OPTIONS = CollectOptions(Path("c.warc.gz"), today=date(2025, 6, 1))
EVERYTHING = replace(OPTIONS, sources=tuple(source.name for source in SOURCES), terms=(9, 10))


def names(requests) -> list[str]:
    return [request.endpoint.name for request in requests]


def test_by_default_all_is_asked_that_answers_scripts() -> None:
    assert names(plan.lists(OPTIONS)) == ["current", "outgoing", "incoming", "on_day", "on_day", "roster"]
    assert names(plan.everybody(OPTIONS)) == ["bodies", "dataset", "wikidata"]
    assert names(plan.pages_of(OPTIONS, 9_000_001)) == ["details", "portrait"]


def test_a_past_term_has_no_page_of_those_who_sit_now() -> None:
    past = replace(OPTIONS, terms=(8,), sources=("ep_api", "ep_full_list", "ep_search", "ep_directory"))
    assert set(names(plan.lists(past))) == {"on_day", "roster", "directory"}


def test_the_appointed_parliament_has_a_roster_and_a_data_set() -> None:
    first = replace(OPTIONS, terms=(0,))
    check_options(first)
    assert set(names(plan.lists(first))) == {"on_day", "roster"}
    assert [r.url.endswith("term0") for r in plan.everybody(first)] == [False, True, False]


def test_every_request_goes_to_its_endpoint_s_host_and_a_source_reads_the_answer() -> None:
    asked = [*plan.lists(EVERYTHING), *plan.everybody(EVERYTHING), *plan.pages_of(EVERYTHING, 9_000_001)]
    asked += [*plan.lists(replace(EVERYTHING, countries=frozenset({"GR", "GB"})))]
    unread = {request.endpoint.name for request in asked if source_of(request.url) is None}
    assert unread == set()
    assert {*SOURCE_OF} - {request.endpoint for request in asked} == {ep_api.BODY, ep_csv.CSV}
    assert all(request.url.startswith(f"https://{request.endpoint.host}/") for request in asked)


def test_no_two_endpoints_share_a_name() -> None:
    assert (
        len({endpoint.name for endpoint in SOURCE_OF})
        == len(SOURCE_OF)
        == sum(len(source.endpoints) for source in SOURCES)
    )


def test_the_api_is_asked_for_countries_in_its_own_codes() -> None:
    chosen = replace(OPTIONS, sources=("ep_api",), countries=frozenset({"GR", "MT", "GB"}))
    lists = [*plan.lists(chosen)]
    assert all(request.url.endswith("&country-of-representation=EL,MT,UK") for request in lists)
    assert all(request.is_filtered for request in lists)


@pytest.mark.parametrize(
    ("term", "days"),
    [
        (1, ["1979-07-17", *(f"{year}-01-01" for year in range(1980, 1985)), "1984-07-23"]),
        (
            6,
            [
                "2004-07-20",
                *(f"{year}-01-01" for year in range(2005, 2010)),
                "2009-07-13",
            ],
        ),
        (
            9,
            [
                "2019-07-02",
                "2020-01-01",
                "2020-01-31",
                "2020-02-01",
                *(f"{year}-01-01" for year in range(2021, 2025)),
                "2024-07-15",
            ],
        ),
        (10, ["2024-07-16", "2025-01-01"]),
    ],
)
def test_days_are_those_on_which_the_parliament_changes(term: int, days: list[str]) -> None:
    assert [day.isoformat() for day in ep_api.days_of(term, OPTIONS.today)] == days


def test_what_a_page_leads_to_is_asked_of_wanted_sources_only() -> None:
    led = [Request(ep_api.BODY, "b"), Request(member_page.PROFILE, "p"), Request(ep_csv.CSV, "c")]
    assert [r.url for r in plan.followed(replace(OPTIONS, sources=("ep_api",)), led)] == ["b"]
    assert [r.url for r in plan.followed(replace(OPTIONS, sources=("ep_api",), fallback=True), led)] == [
        "b",
        "p",
    ]


def test_the_fewest_requests_stand_in_first() -> None:
    fallback = replace(OPTIONS, fallback=True)
    found = [names(requests)[0] for requests in plan.stand_in_lists(fallback, 10)]
    assert found == ["full_list", "directory", "search"]
    assert [names(requests) for requests in plan.stand_in_lists(fallback, 8)] == [["directory"]]
    assert plan.stand_in_lists(OPTIONS, 10) == []


def test_the_chosen_are_sorted_limited_and_never_withdrawn() -> None:
    chosen = replace(OPTIONS, limit=2, withdrawn=frozenset({1}))
    assert plan.choose(chosen, {5, 1, 3, 4}) == [3, 4]


def test_people_of_other_countries_are_left_out_where_the_list_says() -> None:
    chosen = replace(OPTIONS, countries=frozenset({"GR"}))
    people = [Person(1, "GR"), Person(2, "MT"), Person(3)]
    whole = Request(ep_api.CURRENT, "")
    assert plan.wanted(chosen, whole, people) == {1}
    assert plan.wanted(chosen, replace(whole, is_filtered=True), people) == {1, 3}
    assert plan.wanted(OPTIONS, whole, people) == {1, 2, 3}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sources": ("ep_api", "twitter")}, "no source twitter"),
        ({"countries": frozenset({"EL"})}, "elected in EL"),
        ({"terms": (11,)}, "no term 11"),
        ({"via": "127.0.0.1:8099"}, "is not the address"),
        ({"rates": Rates(www=0)}, "without a limit"),
        ({"rates": Rates(api=500 / 300)}, "fewer than 500 in 5 minutes"),
        ({"rates": Rates(api=100)}, "100 requests per second are too many"),
        ({"rates": Rates(www=float("inf"))}, "a rate is a number"),
        ({"rates": Rates(api=float("nan")), "via": "http://127.0.0.1:8099"}, "a rate is a number"),
        ({"sources": ()}, "no source is named"),
        ({"sources": ("ep_search",), "mep_ids": (9_000_001,)}, "ep_search has no pages about one person"),
        ({"sources": ("ep_full_list",), "terms": (9,)}, "only those who sit now"),
        ({"sources": ("ep_full_list", "portraits"), "terms": (9,)}, "cannot say who"),
        (
            {"sources": ("ep_directory", "portraits"), "countries": frozenset({"MT"})},
            "ep_directory does not say for which country",
        ),
        ({"sources": ("portraits",)}, "cannot say who"),
        ({"output": Path(__file__)}, "exists already"),
    ],
)
def test_options_that_make_no_sense_are_said(wrong, said) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        check_options(replace(OPTIONS, **wrong))
    assert caught.value.hint


def test_options_that_make_sense_pass() -> None:
    check_options(OPTIONS)
    check_options(EVERYTHING)
    check_options(replace(OPTIONS, sources=("portraits",), mep_ids=(9_000_001,)))
    check_options(replace(OPTIONS, sources=("wikidata", "ep_csv")))
    check_options(replace(OPTIONS, sources=("wikidata",), mep_ids=(9_000_001,)))
    check_options(replace(OPTIONS, sources=("ep_full_list", "portraits"), countries=frozenset({"MT"})))
    check_options(replace(OPTIONS, rates=Rates(api=1.66)))
    check_options(replace(OPTIONS, sources=("wikidata",), via="http://127.0.0.1:8099/", rates=Rates(0, 0)))


def test_the_default_pace_is_below_the_limit_of_the_api() -> None:
    rates = {(endpoint.host, rate_of(endpoint, Rates())) for endpoint in SOURCE_OF}
    assert all(rate * 300 < 500 for host, rate in rates if host == DATA)
    assert all(rate <= 2 for _, rate in rates)


def test_a_rate_that_is_given_overrides_those_of_one_host() -> None:
    rates = {(endpoint.host, rate_of(endpoint, Rates(api=0.5))) for endpoint in SOURCE_OF}
    assert rates == {(DATA, 0.5), (WWW, 2.0), ("query.wikidata.org", 1.0)}
    assert sum(country_seats().values()) == 720


def test_the_agent_has_the_form_that_each_host_asks_for() -> None:
    project, environment, version = user_agent(ep_api.ROSTER).rsplit("-", 2)
    assert (project, environment) == ("dontspy-data", "prd")
    assert version[0].isdecimal()
    assert user_agent(portraits.PORTRAIT) == user_agent(ep_api.ROSTER)


def test_named_people_are_counted_exactly() -> None:
    rows = {
        row.endpoint: row for row in estimate(replace(OPTIONS, mep_ids=(1, 2, 3), withdrawn=frozenset({2})))
    }
    assert (rows[ep_api.DETAILS].requests, rows[ep_api.DETAILS].exact) == (2, True)
    assert (rows[portraits.PORTRAIT].requests, rows[portraits.PORTRAIT].seconds) == (2, 1.0)
    assert not rows[ep_api.BODY].exact
    assert ep_api.ROSTER not in rows


def test_a_whole_term_takes_minutes_and_its_size_is_a_guess() -> None:
    rows = estimate(OPTIONS)
    by_kind = {row.endpoint: row for row in rows}
    assert 720 < by_kind[ep_api.DETAILS].requests < 900
    assert not by_kind[ep_api.DETAILS].exact
    assert by_kind[ep_api.CURRENT].exact
    assert 300 < seconds(rows) < 900


def test_limits_and_countries_make_it_less() -> None:
    def people(**changed: object) -> int:
        rows = {row.endpoint: row for row in estimate(replace(OPTIONS, **changed))}
        return rows[ep_api.DETAILS].requests

    assert people(limit=5) == 5
    assert 5 < people(countries=frozenset({"MT"})) < 10
    assert people(terms=(9, 10)) > people(terms=(10,))


def test_kinds_of_one_endpoint_are_asked_in_turn() -> None:
    rows = estimate(replace(OPTIONS, sources=("ep_profile", "portraits"), mep_ids=tuple(range(1, 101))))
    assert seconds(rows) == 100.0


def test_lengths_of_time_in_words() -> None:
    assert [in_words(value) for value in (0.4, 89, 120, 3700, 7500)] == [
        "0 s",
        "89 s",
        "2 min",
        "1 h 02 min",
        "2 h 05 min",
    ]


def test_speed_counts_what_was_asked_in_this_run() -> None:
    stats = Stats()
    stats.expect(portraits.PORTRAIT, 40)
    count = stats.endpoints[portraits.PORTRAIT]
    count.held, count.stored = 10, 20
    assert speed(stats, 10.0) == "2.0 pages per second, 5 s left, 0 retries, 0 refusals"
    assert speed(stats, 0.0) == "0.0 pages per second, 0 retries, 0 refusals"
