"""Whole runs against the small parliament."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dontspy_data.capture.captures import Captures
from dontspy_data.capture.store import part_of
from dontspy_data.collect import CollectOptions, CollectOutcome, Outcome, collect
from dontspy_data.collect.classify import ResponseKind
from dontspy_data.collect.plan import check_options
from dontspy_data.collect.run import IN_FLIGHT, WorkerPool
from dontspy_data.errors import Exit, UsageError
from dontspy_data.model import codes
from dontspy_data.sources import ep_api, ep_lists, portraits, wikidata
from dontspy_data.sources.source import ROBOTS, Request

NEXT_TERM = "term,start_date,end_date,seats\n10,2024-07-16,2029-07-16,720\n11,2029-07-17,,720\n"
FIRST, SECOND, THIRD = 9_000_001, 9_000_002, 9_000_003


def run(options: CollectOptions) -> CollectOutcome:
    return collect(options, lambda _: None)


def captured(*paths: Path) -> Captures:
    return Captures.open(paths)


def test_by_default_the_api_and_the_portraits_are_collected(parliament, options) -> None:
    outcome = run(options)
    assert outcome.outcome is Outcome.CHANGED
    assert outcome.exit is Exit.DONE
    kinds = outcome.stats.endpoints
    assert {kind: count.stored for kind, count in kinds.items()} == {
        ep_api.BODIES: 1,
        ep_api.CURRENT: 1,
        ep_api.OUTGOING: 1,
        ep_api.INCOMING: 1,
        ep_api.ON_DAY: 2,
        ep_api.ROSTER: 2,
        ep_api.DETAILS: 12,
        ep_api.BODY: 3,
        portraits.PORTRAIT: 11,
        ROBOTS: 0,
    }
    assert kinds[portraits.PORTRAIT].absent == 1
    assert all(count.done == count.total for count in kinds.values())
    capture = captured(options.output)
    page = capture.latest(portraits.url(SECOND))
    assert page is not None
    assert page.body == parliament.usual(portraits.url(SECOND)).body
    assert page.header("ETag")
    absent = capture.latest(portraits.url(FIRST))
    assert absent is not None
    assert absent.status == 404
    assert len(parliament.asked) == outcome.stats.requests == len({asked.url for asked in parliament.asked})
    json.dumps(outcome.as_json())


def test_every_page_is_shown_to_who_watches(parliament, options) -> None:
    seen: list[int] = []
    collect(options, lambda stats: seen.append(sum(count.done for count in stats.endpoints.values())))
    assert seen == list(range(1, 36))


@pytest.mark.parametrize(
    ("choice", "ids"),
    [
        ({"limit": 2}, {9_000_001, 9_000_002}),
        ({"countries": frozenset({"GR"})}, {9_000_003, 9_000_006, 9_000_009, 9_000_012}),
        ({"mep_ids": (9_000_004,)}, {9_000_004}),
        ({"withdrawn": frozenset(range(9_000_002, 9_000_013))}, {9_000_001}),
        ({"mep_ids": (9_000_004, 9_000_005), "withdrawn": frozenset({9_000_004})}, {9_000_005}),
    ],
)
def test_who_is_asked_about(parliament, options, choice, ids) -> None:
    members = parliament.members
    if "countries" in choice:
        # The server knows nothing of the filter: the roster of those who left stays empty.
        parliament.tell(
            f"{ep_api.roster_url(10)}&country-of-representation=EL",
            replace(parliament.usual("https://x/404"), status=204),
        )
    run(replace(options, **choice))
    asked = {mep_id for mep_id in members if parliament.count(f"/meps/{mep_id}")}
    assert asked == ids
    assert {mep_id for mep_id in members if parliament.count(f"/mepphoto/{mep_id}.jpg")} == ids


def test_withdrawn_people_are_asked_about_nowhere(parliament, options) -> None:
    run(
        replace(
            options, withdrawn=frozenset({THIRD}), sources=("ep_api", "portraits", "ep_profile", "ep_history")
        )
    )
    assert not [asked.url for asked in parliament.asked if str(THIRD) in asked.url]


def test_faults_are_counted_and_never_stored(parliament, options, replies) -> None:
    whole = parliament.usual(portraits.url(SECOND)).body
    parliament.tell(portraits.url(SECOND), replies(body=whole[:-30], type="image/jpeg"))
    parliament.tell(portraits.url(THIRD), replies(body=b"<html>no</html>", type="image/jpeg"))
    parliament.tell(portraits.url(9_000_004), replies(body=whole, send=50), replies(503), replies(body=whole))
    outcome = run(options)
    assert outcome.outcome is Outcome.CHANGED
    assert outcome.stats.faults == {
        ResponseKind.TRUNCATED: 5,
        ResponseKind.HTML: 5,
        ResponseKind.CUT: 1,
        ResponseKind.SERVER_ERROR: 1,
    }
    assert outcome.stats.missing == {ResponseKind.TRUNCATED: 1, ResponseKind.HTML: 1}
    capture = captured(options.output)
    assert capture.latest(portraits.url(SECOND)) is None
    assert capture.latest(portraits.url(THIRD)) is None
    assert capture.latest(portraits.url(9_000_004)) is not None
    assert "HTML in place of JPEG on 1 of 12, JPEG that ends early on 1 of 12" in outcome.warnings[0]


def test_a_picture_on_another_host_is_not_asked_for(parliament, options, replies) -> None:
    body = json.dumps({"data": [{"img": "https://pictures.example/1.jpg"}]}).encode()
    parliament.tell(ep_api.mep_url(SECOND), replies(body=body))
    run(options)
    assert parliament.count("pictures.example") == 0
    assert parliament.count(f"/mepphoto/{SECOND}.jpg") == 1


def test_a_portrait_marked_noai_is_left_out_and_remarked_on(parliament, options, replies) -> None:
    marked = replace(parliament.usual(portraits.url(SECOND)), headers=(("X-Robots-Tag", "noai"),))
    parliament.tell(portraits.url(SECOND), marked)
    outcome = run(options)
    assert outcome.outcome is Outcome.CHANGED
    assert captured(options.output).latest(portraits.url(SECOND)) is None
    assert "--ignore-noai" in outcome.warnings[0]
    other = replace(options, output=options.output.with_name("all.warc.gz"), ignore_noai=True)
    run(other)
    assert captured(other.output).latest(portraits.url(SECOND)) is not None


def test_a_mark_that_is_new_is_a_change_once_and_its_end_is_another(parliament, options, replies) -> None:
    usual = parliament.usual(portraits.url(SECOND))
    marked = replace(usual, headers=(("X-Robots-Tag", "noai"),))
    told = [(), (marked,), (marked,), (replies(304), usual)]  # The last 304 does not repeat the mark.
    outcomes, captures = [], []
    for number, telling in enumerate(told):
        parliament.tell(portraits.url(SECOND), *telling)
        output = options.output.with_name(f"{number}.warc.gz")
        outcomes.append(run(replace(options, output=output, since=tuple(captures))))
        captures.append(output)
    changed = [(outcome.outcome, outcome.stats.new) for outcome in outcomes]
    assert changed == [
        (Outcome.CHANGED, 35),
        (Outcome.CHANGED, 1),
        (Outcome.UNCHANGED, 0),
        (Outcome.CHANGED, 1),
    ]
    assert [remark.why for remark in captured(*captures).remarks(portraits.url(SECOND))] == [
        "X-Robots-Tag: noai",
        "X-Robots-Tag: noai",
    ]
    page = captured(*captures).latest(portraits.url(SECOND))
    assert page is not None
    assert page.body == usual.body


def test_nothing_unchanged_is_transferred_twice(parliament, options, replies) -> None:
    run(options)
    parliament.asked.clear()
    again = replace(options, output=options.output.with_name("d.warc.gz"), since=(options.output,))
    outcome = run(again)
    assert outcome.outcome is Outcome.UNCHANGED
    assert outcome.exit is Exit.UNCHANGED
    pictures = [asked for asked in parliament.asked if "/mepphoto/" in asked.url]
    assert sum(asked.sent for asked in pictures) == 0
    # What was absent has no validator to ask with.
    assert [asked.url for asked in pictures if not asked.conditional] == [portraits.url(FIRST)]

    parliament.tell(portraits.url(THIRD), replies(body=parliament.usual(portraits.url(SECOND)).body))
    third = replace(
        options, output=options.output.with_name("e.warc.gz"), since=(options.output, again.output)
    )
    outcome = run(third)
    assert outcome.outcome is Outcome.CHANGED
    assert outcome.stats.new == 1
    all_of_them = captured(options.output, again.output, third.output)
    for url in captured(options.output).urls():
        page = all_of_them.latest(url)
        assert page is not None
        assert page.body == parliament.reply(url).body


def test_a_package_tells_what_is_unchanged_too(parliament, options, tmp_path) -> None:
    run(options)
    package = tmp_path / "package"
    (package / "data").mkdir(parents=True)
    lines = ["url,retrieved_at,sha256,etag,last_modified"]
    capture = captured(options.output)
    for url in capture.urls():
        page = capture.latest(url)
        assert page is not None
        etag = page.header("ETag").replace('"', '""')
        at = page.retrieved_at.astimezone(UTC).replace(microsecond=0).isoformat()
        lines.append(f'"{url}",{at},{page.sha256},"{etag}",')
    (package / "data" / "pages.csv").write_text("\n".join(lines), encoding="utf-8")
    parliament.asked.clear()
    again = replace(options, output=options.output.with_name("d.warc.gz"), since=(package,))
    assert run(again).outcome is Outcome.UNCHANGED
    assert sum(asked.sent for asked in parliament.asked if "/mepphoto/" in asked.url) == 0
    # What the API says leads on to other pages, so it is read anew: a package has no raw answers.
    assert not [asked for asked in parliament.asked if "/api/v2/meps" in asked.url and asked.conditional]
    both = captured(options.output, again.output)
    page = both.latest(portraits.url(SECOND))
    assert page is not None
    assert page.body == parliament.usual(portraits.url(SECOND)).body


def test_an_interrupted_run_is_gone_on_with_and_asks_for_nothing_again(parliament, options) -> None:
    run(options)
    whole = options.output.read_bytes()
    options.output.unlink()
    part_of(options.output).write_bytes(whole[: len(whole) // 2])
    before = len(captured(part_of(options.output)))
    parliament.asked.clear()
    outcome = run(options)
    assert outcome.outcome is Outcome.CHANGED
    assert sum(count.held for count in outcome.stats.endpoints.values()) == before > 5
    pages = [asked for asked in parliament.asked if not asked.url.endswith("robots.txt")]
    assert len(pages) == 35 - before
    assert len(captured(options.output)) == 35


def test_an_interrupted_run_with_revisits_is_gone_on_with(parliament, options) -> None:
    run(options)
    again = replace(options, output=options.output.with_name("d.warc.gz"), since=(options.output,))
    run(again)
    whole = again.output.read_bytes()
    again.output.unlink()
    part_of(again.output).write_bytes(whole[: len(whole) // 2])
    outcome = run(again)
    assert outcome.outcome is Outcome.UNCHANGED
    assert len(captured(again.output)) == 35


def test_a_damaged_part_file_is_gone_on_with_and_said(parliament, options) -> None:
    run(options)
    part = part_of(options.output)
    options.output.rename(part)
    part.write_bytes(part.read_bytes() + bytes(9000))
    parliament.asked.clear()
    outcome = run(options)
    assert outcome.outcome is Outcome.CHANGED
    assert "c.warc.gz.part was damaged" in outcome.warnings[0]
    assert len(captured(options.output)) == 35
    assert {asked.url.rsplit("/", 1)[1] for asked in parliament.asked} <= {"robots.txt"}


def challenge(replies):
    return replies(202, body=b"<html></html>", headers=(("x-amzn-waf-action", "challenge"),))


def test_a_challenge_is_a_refusal_and_the_source_is_left_alone(parliament, options, replies) -> None:
    parliament.tell("www.europarl.europa.eu", challenge(replies))
    outcome = run(replace(options, sources=("ep_search",)))
    assert outcome.outcome is Outcome.REFUSED
    assert outcome.exit is Exit.REFUSED
    assert not options.output.exists()
    assert "again" in outcome.hint
    # Three refusals in a row, and what was on its way by then.
    assert parliament.count("/search/") <= 3 + IN_FLIGHT
    assert outcome.stats.endpoints[ep_lists.SEARCH].not_asked > 10


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [
        ({"status": 429, "headers": (("Retry-After", "3600"),)}, Outcome.REFUSED),
        ({"status": 200, "body": b"<html>sorry</html>"}, Outcome.FAILED),
        ({"status": 200, "body": b""}, Outcome.FAILED),
        ({"status": 206, "body": b"part"}, Outcome.FAILED),
        ({"status": 200, "body": b"GIF89a"}, Outcome.FAILED),
    ],
)
def test_a_run_for_which_no_portrait_came_is_not_done(parliament, options, replies, reply, outcome) -> None:
    for mep_id in parliament.members:
        parliament.tell(portraits.url(mep_id), replies(**reply))
    found = run(options)
    assert found.outcome is outcome
    assert not options.output.exists()
    for mep_id in parliament.members:
        parliament.tell(portraits.url(mep_id), parliament.usual(portraits.url(mep_id)))
    before = parliament.count("/api/v2/")
    assert run(options).outcome is Outcome.CHANGED
    assert parliament.count("/api/v2/") == before


@pytest.mark.parametrize(
    ("status", "body"), [(202, b"<html>please wait</html>"), (403, b""), (401, b""), (451, b"")]
)
def test_facts_are_whole_where_portraits_are_refused(parliament, options, replies, status, body) -> None:
    parliament.tell("www.europarl.europa.eu", replies(status, body=body))
    parliament.tell("https://www.europarl.europa.eu/robots.txt", replies(404))
    outcome = run(options)
    assert outcome.outcome is Outcome.CHANGED
    assert outcome.refused == ("portrait",)
    assert "refused: portrait (www.europarl.europa.eu)" in outcome.message
    assert outcome.warnings[0].startswith("refused: portrait")
    assert captured(options.output).latest(ep_api.mep_url(SECOND)) is not None
    # Where nothing else was asked for, it is the run that is refused.
    alone = replace(
        options, sources=("portraits",), mep_ids=(SECOND,), output=options.output.with_name("p.warc.gz")
    )
    assert run(alone).outcome is Outcome.REFUSED


def test_a_source_that_is_out_of_order_is_left_alone(parliament, options, replies) -> None:
    parliament.members = tuple(range(9_000_001, 9_000_061))
    for mep_id in parliament.members:
        parliament.tell(portraits.url(mep_id), replies(body=b"<html>sorry</html>"))
    outcome = run(options)
    assert outcome.outcome is Outcome.FAILED
    assert outcome.stats.endpoints[portraits.PORTRAIT].not_asked >= 60 - 5 - IN_FLIGHT


@pytest.mark.parametrize("status", [503, 206])
def test_one_person_without_an_answer_is_no_success(parliament, options, replies, status) -> None:
    parliament.tell(portraits.url(SECOND), replies(status))
    outcome = run(replace(options, mep_ids=(SECOND,)))
    assert outcome.outcome is Outcome.FAILED
    assert f"portrait (www.europarl.europa.eu): HTTP {status} on 1 of 1" in outcome.message


def test_a_server_that_is_not_there_is_said(options) -> None:
    outcome = run(replace(options, mep_ids=(SECOND,), via="http://127.0.0.1:1"))
    assert outcome.outcome is Outcome.FAILED
    assert (
        "details (data.europarl.europa.eu): robots.txt could not be read: connection refused"
        in outcome.message
    )


def test_a_long_rest_is_a_refusal_that_says_until_when(parliament, options, replies) -> None:
    parliament.members = tuple(range(9_000_001, 9_000_061))
    for mep_id in parliament.members:
        parliament.tell(portraits.url(mep_id), replies(429, headers=(("Retry-After", "3600"),)))
    outcome = run(options)
    assert outcome.outcome is Outcome.REFUSED
    until = datetime.now(UTC) + timedelta(seconds=3600)
    assert re.search(r"asked to wait until \d\d:\d\d UTC", outcome.message)
    assert any(f"{until - timedelta(seconds=ago):%H:%M}" in outcome.message for ago in (0, 60))
    # Only what was on its way when the first answer came.
    assert parliament.count("/mepphoto/") <= IN_FLIGHT


def test_a_host_that_wants_a_rest_before_it_says_its_rules_is_refused(parliament, options, replies) -> None:
    parliament.tell("www.europarl.europa.eu", replies(429, headers=(("Retry-After", "3600"),)))
    outcome = run(options)
    assert outcome.outcome is Outcome.REFUSED
    assert "HTTP 429, 12 not asked and asked to wait" in outcome.message
    assert parliament.count("www.europarl.europa.eu") == 1


@pytest.mark.parametrize(
    ("host", "sources", "said"),
    [
        ("www.europarl.europa.eu", ("ep_search", "portraits"), "default sources give the facts"),
        ("data.europarl.europa.eu", ("ep_api", "portraits"), "--fallback"),
    ],
)
def test_the_hint_after_a_refusal_is_of_use(parliament, options, replies, host, sources, said) -> None:
    parliament.tell(host, challenge(replies))
    outcome = run(replace(options, sources=sources))
    assert outcome.outcome is Outcome.REFUSED
    assert said in outcome.hint
    assert "ep_api,portraits" not in outcome.hint


def test_robots_txt_is_a_refusal(parliament, options, replies) -> None:
    rules = replies(body=b"User-agent: *\nDisallow: /mepphoto/\n", type="text/plain")
    parliament.tell("https://www.europarl.europa.eu/robots.txt", rules)
    outcome = run(options)
    assert outcome.refused == ("portrait",)
    assert parliament.count("/mepphoto/") == 0
    assert 3 <= outcome.stats.missing[ResponseKind.ROBOTS] <= 3 + IN_FLIGHT


def test_an_api_that_is_down_fails_and_says_what_would_help(parliament, options, replies) -> None:
    parliament.tell("data.europarl.europa.eu", replies(503))
    outcome = run(options)
    assert outcome.outcome is Outcome.FAILED
    assert outcome.stats.endpoints[ep_api.CURRENT].missing == 1
    assert "--fallback" in outcome.hint
    assert run(replace(options, fallback=True)).outcome is Outcome.CHANGED


def test_public_lists_stand_in_for_an_api_that_is_down(parliament, options, replies) -> None:
    for url in (ep_api.current_url(), ep_api.roster_url(10)):
        parliament.tell(url, replies(503))
    without = run(options)
    assert without.outcome is Outcome.FAILED
    assert "--fallback" in without.hint
    outcome = run(replace(options, fallback=True))
    assert outcome.outcome is Outcome.CHANGED
    assert outcome.fallback
    assert outcome.as_json()["fallback"] is True
    assert captured(options.output).latest(ep_lists.full_list_url()) is not None


def test_profiles_stand_in_for_details_that_are_not_to_be_had(parliament, options, replies) -> None:
    parliament.tell(ep_api.mep_url(SECOND), replies(403))
    outcome = run(replace(options, fallback=True))
    assert outcome.outcome is Outcome.CHANGED
    assert outcome.fallback
    assert parliament.count("/home") == 1
    assert parliament.count(f"/meps/en/{SECOND}/") == 1


def test_lists_that_name_nobody_are_no_reason_to_finish(parliament, options) -> None:
    parliament.members = ()
    outcome = run(options)
    assert outcome.outcome is Outcome.FAILED
    assert not options.output.exists()


def test_wikidata_is_asked_once_and_told_how_to_reach_the_project(parliament, options) -> None:
    outcome = run(replace(options, sources=("wikidata",)))
    assert outcome.outcome is Outcome.CHANGED
    (asked,) = (asked for asked in parliament.asked if "sparql" in asked.url)
    assert asked.url == wikidata.url()
    assert asked.headers["user-agent"].startswith("dontspy-data/")
    assert asked.headers["accept"] == "application/sparql-results+json"


def test_the_latest_bulk_csv_is_found(parliament, options, replies) -> None:
    dataset = "OdpDatasetService/Datasets/members-of-the-european-parliament-meps-parliamentary-term9"
    versions = json.dumps({"OdpDatasetVersions": [{"VersionLabel": "8"}, {"VersionLabel": "17"}]}).encode()
    parliament.tell(f"https://data.europarl.europa.eu/{dataset}", replies(body=versions))
    csv = "https://data.europarl.europa.eu/distribution/meps_9_17_en.csv"
    parliament.tell(csv, replies(body=b"mep_identifier;name\n", type="text/csv"))
    outcome = run(replace(options, sources=("ep_csv",), terms=(9,)))
    assert outcome.outcome is Outcome.CHANGED
    assert captured(options.output).latest(csv) is not None


def test_an_output_that_is_there_is_left_alone(parliament, options) -> None:
    options.output.write_bytes(b"mine")
    with pytest.raises(UsageError, match="exists already"):
        run(options)
    assert options.output.read_bytes() == b"mine"
    assert not parliament.asked


def test_times_are_those_of_the_answers(parliament, options) -> None:
    before = datetime.now(UTC)
    run(options)
    capture = captured(options.output)
    for url in capture.urls():
        assert before <= capture.entries(url)[0].retrieved_at <= datetime.now(UTC)


def test_a_term_of_the_maintainers_own_lookups_is_the_one_that_sits(tmp_path, parliament, options) -> None:
    (tmp_path / "terms.csv").write_text(NEXT_TERM, encoding="utf-8")
    with codes.using(codes.open_lookups(tmp_path)):
        assert CollectOptions(tmp_path / "x.warc.gz").terms == (11,)
        seen: list[int] = []
        pool = WorkerPool(lambda request: seen.append(codes.terms()[-1].term))
        list(pool.work([Request(ROBOTS, "https://x.example/robots.txt")], lambda _: ()))
        pool.stop(1.0)
    assert seen == [11]
    with pytest.raises(UsageError, match="no term 11"):
        check_options(replace(options, terms=(11,)))


def test_whoever_is_no_longer_listed_is_asked_about_once_more(parliament, options) -> None:
    run(options)
    parliament.members = parliament.members[:-1]
    gone = (ep_api.mep_url(THIRD + 9), ep_api.on_day_url(options.today))
    captures = [options.output]
    for number, asked in enumerate((1, 0)):
        parliament.asked.clear()
        output = options.output.with_name(f"{number}.warc.gz")
        outcome = run(replace(options, output=output, since=tuple(captures)))
        captures.append(output)
        assert outcome.is_complete
        assert [parliament.count(url) for url in gone] == [asked, asked]


def test_whoever_sat_in_a_package_and_is_not_listed_is_asked_about(parliament, options, tmp_path) -> None:
    (tmp_path / "package/data").mkdir(parents=True)
    (tmp_path / "package/data/pages.csv").write_text("url,retrieved_at,etag,last_modified,sha256\n")
    mandates = "mep_id,state\n7,ongoing\n8,ended\n"
    (tmp_path / "package/data/mandates.csv").write_text(mandates)
    run(replace(options, since=(tmp_path / "package",)))
    assert [parliament.count(f"/meps/{number}?") for number in (7, 8)] == [1, 0]
