"""Whole runs against odd servers: they go on, end, and tell the truth."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dontspy_data.capture.captures import Captures
from dontspy_data.capture.records import response_record
from dontspy_data.capture.store import Store, part_of
from dontspy_data.collect import CollectOptions, CollectOutcome, Outcome, client, collect, fetch, throttle
from dontspy_data.collect.classify import ResponseKind as Kind
from dontspy_data.collect.plan import lists
from dontspy_data.collect.run import made_with
from dontspy_data.sources import ep_api, ep_lists, portraits
from dontspy_data.sources.source import WWW
from tests.collect.conftest import FULL_SPEED, jpeg
from tests.collect.odd_server import OddServer, answer, odd_server
from tests.collect.test_odd_answers import ROWS, WHOLE_JSON, picture

ID = 9_000_001
URL = portraits.url(ID)
JPEG = jpeg(1)
ROBOTS = f"https://{WWW}/robots.txt"


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OddServer]:
    monkeypatch.setattr(fetch, "ATTEMPTS", 2)
    monkeypatch.setattr(fetch, "ATTEMPTS_TOO_MANY", 2)
    with odd_server() as server:
        yield server


@pytest.fixture
def options(server: OddServer, tmp_path: Path) -> CollectOptions:
    return CollectOptions(
        tmp_path / "c.warc.gz", via=server.address, rates=FULL_SPEED, sources=("portraits",), mep_ids=(ID,)
    )


def run(options: CollectOptions) -> CollectOutcome:
    return collect(options, lambda _: None)


def test_a_run_over_every_odd_portrait_goes_on_to_its_end(server, options, monkeypatch) -> None:
    monkeypatch.setattr(throttle, "OUT_OF_ORDER_IN_A_ROW", 1000)
    monkeypatch.setattr(throttle, "REFUSED_IN_A_ROW", 1000)
    monkeypatch.setattr(
        fetch, "LONGEST_WAIT", 1e9
    )  # one that asks for a long rest would end the others' asking
    rows = [row for row in ROWS if row[1].endpoint is portraits.PORTRAIT and "Retry-After" not in str(row[2])]
    for number, (_, _, sent, _) in enumerate(rows, ID):
        server.tell(portraits.url(number), sent)
    outcome = run(replace(options, mep_ids=tuple(range(ID, ID + len(rows)))))
    assert outcome.outcome is Outcome.CHANGED
    count = outcome.stats.endpoints[portraits.PORTRAIT]
    kinds = [row[3] for row in rows]
    assert count.stored == kinds.count(Kind.WHOLE) + kinds.count(Kind.OTHER_FORMAT)
    assert (count.absent, count.noai) == (kinds.count(Kind.ABSENT), kinds.count(Kind.NOAI))
    assert count.done == count.total == len(rows)


@pytest.mark.parametrize(
    "sent",
    [
        (b"HTTP/1.1 200 OK\r\n", *([b"X", 0.05] * 60)),
        (b"HTTP/1.1 200 OK\r\n", *([b"X: 1\r\n", 0.05] * 60)),
        (answer(JPEG)[:-60], *([b"x", 0.05] * 60)),
        (5.0,),
    ],
    ids=["head", "headers", "body", "silence"],
)
def test_an_answer_that_drips_is_given_up_in_time(server, options, monkeypatch, sent) -> None:
    monkeypatch.setattr(client, "DEADLINE", 0.5)
    monkeypatch.setattr(client, "SILENCE_SECONDS", 0.4)
    server.tell(URL, sent)
    outcome = run(options)
    assert outcome.outcome is Outcome.FAILED
    assert outcome.seconds < 4
    assert set(outcome.stats.missing) <= {Kind.TOO_SLOW, Kind.UNREACHABLE}


def robots(
    *headers: str, body: bytes = b"User-agent: *\nDisallow: /mepphoto/\n", status: str = "200 OK"
) -> bytes:
    return answer(body, *headers, status=status)


@pytest.mark.parametrize(
    ("sent", "outcome"),
    [
        (robots(), Outcome.REFUSED),
        (robots("Content-Encoding: br"), Outcome.FAILED),
        (robots("x-amzn-waf-action: challenge", status="202 Accepted", body=b""), Outcome.REFUSED),
        (robots(body=b"<html>please wait</html>"), Outcome.FAILED),
        (robots()[:-5], Outcome.FAILED),
        (robots("Location: https://other.example/robots.txt", status="301 Moved"), Outcome.REFUSED),
        (robots("Location: /robots.txt", status="301 Moved"), Outcome.FAILED),
        (robots("Location: https://[bad/", status="301 Moved"), Outcome.FAILED),
        (robots("Location: https://gone.example/robots.txt", status="301 Moved"), Outcome.CHANGED),
        (robots(body=b"User-agent: *\nCrawl-delay: 1e10\n"), Outcome.REFUSED),
        (robots(status="404 Not Found"), Outcome.CHANGED),
        (robots(status="500 Oh"), Outcome.FAILED),
    ],
)
def test_rules_that_were_not_understood_allow_nothing(server, options, sent, outcome) -> None:
    server.tell(ROBOTS, sent)
    server.tell("https://other.example/robots.txt", robots())
    server.tell(URL, answer(JPEG))
    found = run(options)
    assert found.outcome is outcome
    assert server.count(URL) == (outcome is Outcome.CHANGED)
    assert outcome is Outcome.CHANGED or "robots.txt" in found.message


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"identifier": "9" * 5000}], "the lists name none of the people wanted"),
        ([{"identifier": "9000001", "img": "https://[bad/1.jpg", "hasMembership": 7}], ""),
        ([{"identifier": "9000001", "api:country-of-representation": {"x": 1}}], ""),
        ([["not", "a", "person"], None, 7], "the lists name none of the people wanted"),
    ],
)
def test_a_list_with_odd_rows_names_those_it_can(server, options, rows, said) -> None:
    everyone = replace(options, mep_ids=(), sources=("ep_api", "portraits"))
    for request in lists(everyone):
        server.tell(request.url, answer(json.dumps({"data": rows}).encode()))
    server.tell(ep_api.roster_url(10, 50), answer(b'{"data": []}'))
    server.tell(ep_api.bodies_url(), answer(WHOLE_JSON))
    server.tell(ep_api.mep_url(ID), answer(b'{"data": [{}]}'))
    server.tell(URL, answer(JPEG))
    outcome = run(everyone)
    assert outcome.outcome is (Outcome.FAILED if said else Outcome.CHANGED)
    assert said in outcome.message


def test_where_a_redirect_ends_is_kept(server, options) -> None:
    server.tell(URL, answer(b"", "Location: /new/1.jpg", status="301 Moved"))
    server.tell(f"https://{WWW}/new/1.jpg", answer(JPEG))
    assert run(options).outcome is Outcome.CHANGED
    page = Captures.open([options.output]).latest(URL)
    assert page is not None
    assert (page.body, page.redirected_to) == (JPEG, f"https://{WWW}/new/1.jpg")


def test_a_redirect_to_what_the_rules_disallow_is_not_followed(server, options) -> None:
    server.tell(ROBOTS, robots(body=b"User-agent: *\nDisallow: /new/\n"))
    server.tell(URL, answer(b"", "Location: /new/1.jpg", status="301 Moved"))
    assert run(options).outcome is Outcome.REFUSED
    assert server.count(f"https://{WWW}/new/1.jpg") == 0


def test_a_portrait_in_another_format_is_fetched_once_and_kept(server, options) -> None:
    server.tell(URL, answer(picture("PNG")))
    outcome = run(options)
    assert outcome.outcome is Outcome.CHANGED
    assert outcome.warnings == ("1 portrait kept in the capture, but not used: PNG in place of JPEG",)
    assert server.count(URL) == 1
    page = Captures.open([options.output]).latest(URL)
    assert page is not None
    assert page.body == picture("PNG")


THEN = "Last-Modified: Thu, 01 Jan 2026 00:00:00 GMT"
LATER = "Last-Modified: Fri, 02 Jan 2026 00:00:00 GMT"


def again(options: CollectOptions, number: int) -> CollectOptions:
    """The options of a later run that knows the runs before it."""
    before = tuple(options.output.with_name(f"{n}.warc.gz") for n in range(number))
    return replace(options, output=options.output.with_name(f"{number}.warc.gz"), since=before)


def test_a_304_leaves_standing_what_it_leaves_out(server, options) -> None:
    server.tell(URL, answer(JPEG, THEN), *[answer(b"", status="304 Not Modified", length=False)] * 2)
    outcomes = [run(again(options, number)).outcome for number in range(3)]
    assert outcomes == [Outcome.CHANGED, Outcome.UNCHANGED, Outcome.UNCHANGED]
    asked = [headers.get("if-modified-since") for url, headers in server.asked if url == URL]
    assert asked == [None, *["Thu, 01 Jan 2026 00:00:00 GMT"] * 2]


def test_a_304_brings_the_stored_headers_up_to_date(server, options) -> None:
    not_modified = answer(
        b"", 'ETag: "2"', LATER, "Content-Type: text/html", status="304 Not Modified", length=False
    )
    server.tell(URL, answer(JPEG, THEN, "X-Kept: 1", "Content-Type: image/jpeg"), not_modified)
    for number in range(3):
        run(again(options, number))
    *_, (_, headers) = [one for one in server.asked if one[0] == URL]
    assert (headers["if-none-match"], headers["if-modified-since"]) == (
        '"2"',
        "Fri, 02 Jan 2026 00:00:00 GMT",
    )
    page = Captures.open(list(again(options, 3).since)).latest(URL)
    assert page is not None
    assert (page.status, page.body, page.header("X-Kept"), page.content_type) == (
        200,
        JPEG,
        "1",
        "image/jpeg",
    )
    assert page.values("ETag") == ('"2"',)


def test_a_304_about_another_answer_is_not_believed(server, options) -> None:
    other = answer(b"", 'ETag: "b"', status="304 Not Modified", length=False)
    server.tell(URL, answer(JPEG, 'ETag: "a"'), other, answer(jpeg(2), 'ETag: "b"'))
    run(again(options, 0))
    assert run(again(options, 1)).outcome is Outcome.CHANGED
    page = Captures.open(list(again(options, 2).since)).latest(URL)
    assert page is not None
    assert page.body == jpeg(2)


@pytest.mark.parametrize(
    "tags", [['ETag: "a"', 'ETag: "b"'], ["ETag: a b\x01"], ["Last-Modified: yesterday"]]
)
def test_validators_that_are_none_are_not_asked_with(server, options, tags) -> None:
    server.tell(URL, answer(JPEG, *tags))
    for number in range(2):
        run(again(options, number))
    assert not [
        headers for _, headers in server.asked if {"if-none-match", "if-modified-since"} & headers.keys()
    ]


def test_the_file_of_a_run_with_other_options_is_set_aside_and_said(server, options) -> None:
    server.tell(URL, answer(b"", status="503 No"))
    assert run(options).outcome is Outcome.FAILED
    server.tell(URL, answer(JPEG))
    outcome = run(replace(options, ignore_noai=True))
    assert outcome.outcome is Outcome.CHANGED
    assert "c.warc.gz.part was made with other options (ignore-noai was false)" in outcome.warnings[0]
    assert options.output.with_name("c.warc.gz.part.aside").is_file()


def test_the_file_of_a_run_at_another_rate_is_gone_on_with(server, options) -> None:
    server.tell(URL, answer(b"", status="503 No"))
    run(options)
    outcome = run(replace(options, rates=replace(FULL_SPEED, www=500), fallback=True))
    assert outcome.warnings[0].startswith("could not be fetched")


@pytest.mark.parametrize(("hours", "asked"), [(12.0, 0), (1.0, 1)])
def test_lists_of_an_interrupted_run_are_asked_for_again_when_they_are_old(
    server, options, hours, asked
) -> None:
    everyone = replace(options, mep_ids=(), sources=("ep_full_list", "portraits"), resume_hours=hours)
    url = ep_lists.full_list_url()
    body = f"<meps><mep><id>{ID}</id></mep></meps>".encode()
    before = datetime.now(UTC) - timedelta(hours=2)
    store = Store.open(options.output, made_with(everyone))
    store.add(response_record(client.Page(url, 200, (), body, before)))
    store.add(response_record(client.Page(URL, 200, (), JPEG, before)))
    store.close()
    server.tell(url, answer(body))
    outcome = run(everyone)
    assert outcome.outcome is Outcome.CHANGED
    assert (server.count(url), server.count(URL)) == (asked, 0)
    assert any("more than 1 h old" in warning for warning in outcome.warnings) == bool(asked)
    assert not part_of(options.output).exists()
