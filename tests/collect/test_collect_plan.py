"""What to ask for, and what that would take, before anything is asked."""

from dataclasses import replace
from pathlib import Path

import pytest

from dontspy_data.collect import plan
from dontspy_data.collect.links import Person
from dontspy_data.collect.options import SEATS, CollectOptions, Rates, check_options, user_agent
from dontspy_data.collect.outcome import Stats
from dontspy_data.collect.plan import estimate, seconds
from dontspy_data.collect.progress import in_words, speed
from dontspy_data.errors import UsageError
from dontspy_data.sources import ENDPOINTS, SOURCES, ep_api, ep_csv, ep_directory, portraits, source_of
from dontspy_data.sources.endpoints import DATA, WWW, Endpoint, Request

OPTIONS = CollectOptions(Path("c.warc.gz"))
EVERYTHING = replace(OPTIONS, sources=tuple(source.NAME for source in SOURCES), terms=(9, 10))


def kinds(asks) -> list[Endpoint]:
    return [request.endpoint for request in asks]


def test_by_default_the_api_says_who_the_members_are() -> None:
    assert kinds(plan.lists(OPTIONS)) == [ep_api.CURRENT, ep_api.ROSTER]
    assert kinds(plan.pages_of(OPTIONS, 9_000_001)) == [ep_api.DETAILS]


def test_a_past_term_has_no_page_of_those_who_sit_now() -> None:
    past = replace(OPTIONS, terms=(8,), sources=("ep_api", "ep_full_list", "ep_search", "ep_directory"))
    assert kinds(plan.lists(past)) == [ep_api.ROSTER, ep_directory.DIRECTORY]
    assert kinds(plan.fallback_lists(past)) == [ep_directory.DIRECTORY]


def test_every_page_that_is_asked_for_has_a_source_that_reads_it() -> None:
    asks = [*plan.lists(EVERYTHING), *plan.at_large(EVERYTHING), *plan.pages_of(EVERYTHING, 9_000_001)]
    asks += [
        plan.body("org/7001"),
        plan.portrait(9_000_001),
        plan.bulk_csv(9, 17),
    ]
    asks += [*plan.lists(replace(EVERYTHING, countries=frozenset({"GR", "GB"})))]
    unread = {request.endpoint for request in asks if source_of(request.url) is None}
    assert unread == {ep_csv.DATASET}
    assert {request.endpoint for request in asks} == set(ENDPOINTS)
    assert all(request.url.startswith(f"https://{request.endpoint.host}/") for request in asks)


def test_the_api_is_asked_for_countries_in_its_own_codes() -> None:
    chosen = replace(OPTIONS, countries=frozenset({"GR", "MT", "GB"}))
    assert plan.roster_page(chosen, 10, 50).url.endswith("&country-of-representation=EL,MT,UK")


def test_a_roster_is_read_until_a_page_names_nobody() -> None:
    page = plan.roster_page(OPTIONS, 10, 0)
    (after,) = plan.next_page(OPTIONS, page, [Person(9_000_001)])
    assert (after.offset, after.term) == (ep_api.PAGE_SIZE, 10)
    assert not list(plan.next_page(OPTIONS, after, []))
    assert not list(plan.next_page(OPTIONS, Request(ep_api.CURRENT, ""), [Person(9_000_001)]))


def test_the_chosen_are_sorted_limited_and_never_withdrawn() -> None:
    chosen = replace(OPTIONS, limit=2, withdrawn=frozenset({1}))
    assert plan.choose(chosen, {5, 1, 3, 4}) == [3, 4]


def test_people_of_other_countries_are_left_out_where_the_list_says() -> None:
    chosen = replace(OPTIONS, countries=frozenset({"GR"}))
    people = [Person(1, "GR"), Person(2, "MT"), Person(3)]
    assert plan.wanted(chosen, ep_api.CURRENT, people) == {1}
    assert plan.wanted(chosen, ep_api.ROSTER, people) == {1, 2, 3}
    assert plan.wanted(OPTIONS, ep_api.CURRENT, people) == {1, 2, 3}


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"sources": ("ep_api", "twitter")}, "no source twitter"),
        ({"countries": frozenset({"EL"})}, "elected in EL"),
        ({"terms": (11,)}, "no term 11"),
        ({"via": "127.0.0.1:8099"}, "no address"),
        ({"rates": Rates(www=0)}, "without a limit"),
        ({"rates": Rates(api=500 / 300)}, "fewer than 500 in 5 minutes"),
        ({"rates": Rates(api=100)}, "100 requests a second are too many"),
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
        ({"output": Path(__file__)}, "there already"),
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
    check_options(replace(OPTIONS, sources=("wikidata",), via="http://127.0.0.1:8099/", rates=Rates(0, 0, 0)))


def test_the_default_pace_is_below_the_limit_of_the_api() -> None:
    assert Rates().api * 300 < 500
    assert Rates().www <= 2
    assert sum(SEATS.values()) == 720


def test_the_agent_has_the_form_that_each_host_asks_for() -> None:
    project, environment, version = user_agent(DATA).rsplit("-", 2)
    assert (project, environment) == ("dontspy-data", "prd")
    assert version[0].isdecimal()
    assert user_agent(WWW) == user_agent(DATA)


def test_named_people_are_counted_exactly() -> None:
    rows = {row.kind: row for row in estimate(replace(OPTIONS, mep_ids=(1, 2, 3), withdrawn=frozenset({2})))}
    assert (rows[ep_api.DETAILS].requests, rows[ep_api.DETAILS].exact) == (2, True)
    assert (rows[portraits.PORTRAIT].requests, rows[portraits.PORTRAIT].seconds) == (2, 1.0)
    assert not rows[ep_api.BODY].exact
    assert ep_api.ROSTER not in rows


def test_a_whole_term_takes_minutes_and_its_size_is_a_guess() -> None:
    rows = estimate(OPTIONS)
    by_kind = {row.kind: row for row in rows}
    assert 720 < by_kind[ep_api.DETAILS].requests < 900
    assert not by_kind[ep_api.DETAILS].exact
    assert by_kind[ep_api.CURRENT].exact
    assert 300 < seconds(rows) < 900


def test_limits_and_countries_make_it_less() -> None:
    def people(**changed: object) -> int:
        rows = {row.kind: row for row in estimate(replace(OPTIONS, **changed))}
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
    assert speed(stats, 10.0) == "2.0 pages a second, 5 s left, 0 retries, 0 refusals"
    assert speed(stats, 0.0) == "0.0 pages a second, 0 retries, 0 refusals"
