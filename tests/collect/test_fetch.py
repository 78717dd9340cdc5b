import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from dontspy_data.capture.captures import Page
from dontspy_data.collect.classify import Classification, ResponseKind, classify
from dontspy_data.collect.client import Client, retry_after
from dontspy_data.collect.fetch import ATTEMPTS, LARGEST_RULES, Attempts, Fetcher, RobotsRules, read_rules
from dontspy_data.collect.throttle import REFUSED_IN_A_ROW, CircuitBreaker, RateLimiter, Timetable
from dontspy_data.sources import ep_api, member_page, portraits, wikidata
from dontspy_data.sources.source import ROBOTS, Request

ASK = Request(portraits.PORTRAIT, portraits.url(9_000_002), 9_000_002)
PROFILE = Request(member_page.PROFILE, "https://www.europarl.europa.eu/meps/en/9000002/NAME/home", 9_000_002)
HTML = b"<html><title>Home</title></html>"


@pytest.fixture
def breaker() -> CircuitBreaker:
    return CircuitBreaker()


@pytest.fixture
def ask(parliament, breaker):
    stop = threading.Event()
    client = Client(parliament.address)
    fetcher = Fetcher(client, breaker, stop, ignore_noai=False)

    def once(what: Request = ASK, limiter: RateLimiter | None = None) -> Attempts:
        return fetcher.fetch(what, limiter or RateLimiter(Timetable(0.0), stop), {})

    yield once
    client.close()


def test_a_fault_that_passes_is_counted_and_got_over(parliament, ask, replies) -> None:
    whole = parliament.usual(ASK.url)
    parliament.tell(
        ASK.url,
        replies(503),
        replies(body=whole.body, send=100),
        replies(body=HTML, type="image/jpeg"),
        replies(body=whole.body[:-9]),
        whole,
    )
    attempts = ask()
    assert attempts.found.kind is ResponseKind.WHOLE
    assert [fault.kind for fault in attempts.faults] == [
        ResponseKind.SERVER_ERROR,
        ResponseKind.CUT,
        ResponseKind.HTML,
        ResponseKind.TRUNCATED,
    ]
    assert attempts.requests == len(parliament.asked) == 5


@pytest.mark.parametrize(
    ("reply", "verdict", "requests"),
    [
        ({"status": 500}, ResponseKind.SERVER_ERROR, ATTEMPTS),
        ({"status": 202, "headers": (("x-amzn-waf-action", "challenge"),)}, ResponseKind.CHALLENGE, 1),
        ({"status": 403}, ResponseKind.FORBIDDEN, 1),
        ({"status": 404}, ResponseKind.ABSENT, 1),
        (
            {"status": 302, "headers": (("Location", "https://ecas.example/login"),)},
            ResponseKind.OTHER_HOST,
            1,
        ),
        ({"status": 302, "headers": (("Location", ASK.url),)}, ResponseKind.REDIRECTS, 6),
        ({"status": 429, "headers": (("Retry-After", "3600"),)}, ResponseKind.TOO_MANY, 1),
    ],
)
def test_what_does_not_pass_is_left_in_time(parliament, ask, replies, reply, verdict, requests) -> None:
    parliament.tell(ASK.url, replies(**reply))
    assert ask().found.kind is verdict
    assert len(parliament.asked) == requests


def test_a_redirect_on_the_same_host_is_followed_and_kept_under_its_first_address(
    parliament, ask, replies
) -> None:
    parliament.tell(PROFILE.url, replies(301, headers=(("Location", "/meps/en/9000002/REAL_NAME/home"),)))
    attempts = ask(PROFILE)
    assert attempts.found.kind is ResponseKind.WHOLE
    assert attempts.page is not None
    assert attempts.page.url == PROFILE.url
    assert [asked.url.rsplit("/", 2)[1] for asked in parliament.asked] == ["NAME", "REAL_NAME"]


def test_retry_after_is_kept_to_by_everybody(parliament, ask, replies) -> None:
    parliament.tell(ASK.url, replies(429, headers=(("Retry-After", "0"),)), parliament.usual(ASK.url))
    limiter = RateLimiter(Timetable(0.0), threading.Event())
    assert [fault.kind for fault in ask(limiter=limiter).faults] == [ResponseKind.TOO_MANY]
    assert limiter.timetable.interval > 0


@pytest.mark.parametrize(("status", "seconds"), [(429, "3600"), (503, "901"), (429, "9" * 30)])
def test_a_long_rest_that_is_asked_for_is_kept_in_the_whole_lane(
    parliament, ask, breaker, replies, status, seconds
) -> None:
    parliament.tell(ASK.url, replies(status, headers=(("Retry-After", seconds),)))
    before = datetime.now(UTC)
    assert ask().requests == 1
    assert {breaker.open[one].kind for one in (portraits.PORTRAIT, member_page.PROFILE)} == {
        ResponseKind.TOO_MANY
    }
    assert breaker.allows(ep_api.DETAILS)
    assert breaker.resting[member_page.PROFILE] - before >= timedelta(seconds=900)
    assert ask(PROFILE).found.kind is ResponseKind.NOT_ASKED
    assert len(parliament.asked) == 1


def test_who_waits_for_a_turn_does_not_leave_after_a_refusal(parliament, ask, breaker) -> None:
    class Refused(RateLimiter):
        """While this thread waits for its turn, others are refused."""

        def wait(self) -> bool:
            for _ in range(REFUSED_IN_A_ROW):
                breaker.record(portraits.PORTRAIT, Classification(ResponseKind.CHALLENGE))
            return True

    attempts = ask(limiter=Refused(Timetable(0.0), threading.Event()))
    assert (attempts.found.kind, attempts.requests, attempts.faults) == (ResponseKind.NOT_ASKED, 0, ())
    assert parliament.asked == []


def test_each_redirect_and_each_new_try_takes_a_turn(parliament, ask, replies) -> None:
    target = "https://www.europarl.europa.eu/other"
    parliament.tell(PROFILE.url, replies(503), replies(301, headers=(("Location", target),)))
    parliament.tell(target, replies(body=HTML))
    timetable = Timetable(0.001)
    ask(PROFILE, RateLimiter(timetable, threading.Event()))
    before = timetable.take(0.0)
    assert before > 0
    assert len(parliament.asked) == 3


def page(retry: str) -> Page:
    return Page("https://host/x", 429, (("Retry-After", retry),), b"", datetime.now(UTC))


def test_retry_after_is_seconds_or_a_date() -> None:
    assert retry_after(page("7")) == 7
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=90), usegmt=True)
    assert retry_after(page(soon)) == pytest.approx(90, abs=5)
    assert retry_after(page("Wed, 21 Oct 2015 07:28:00 GMT")) == 0
    assert retry_after(page("later")) is None
    assert retry_after(page("")) is None
    assert retry_after(None) is None


def test_hosts_are_told_who_asks(parliament, ask) -> None:
    ask()
    ask(Request(wikidata.ITEMS, "https://query.wikidata.org/sparql?query=x"))
    agents = [asked.headers["user-agent"] for asked in parliament.asked]
    assert agents[0].startswith("dontspy-data-prd-")
    assert "(https://" in agents[1]


PORTRAIT = "https://www.europarl.europa.eu/mepphoto/9000001.jpg"
HOST = replace(ROBOTS, host="www.europarl.europa.eu")
ALL = b"User-agent: *\nDisallow: /\n"


def rules(body: bytes, status: int = 200, type_: str = "text/plain", moved: str = "") -> RobotsRules:
    page = Page("https://host/robots.txt", status, (("Content-Type", type_),), body, datetime.now(UTC), moved)
    return read_rules(Attempts(page, classify(page, HOST)))


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        (b"", True),
        (b"User-agent: *\nDisallow: /mepphoto/\n", False),
        (b"User-agent: *\nDisallow: /\nAllow: /mepphoto/\n", True),
        (b"User-agent: other\nDisallow: /\n", True),
        (b"User-agent: dontspy-data\nDisallow: /mepphoto/\n\nUser-agent: *\nAllow: /\n", False),
        (b"User-agent: *\nDisallow: /*.jpg$\n", False),
        (b"# Z\xfcrich\nUser-agent: *\nDisallow:\n", True),
        (b"\xef\xbb\xbfUser-agent: *\nDisallow: /mepphoto/\n", False),
        (b"# nothing but a comment\n", True),
    ],
)
def test_rules_are_for_this_project_or_for_everybody(body: bytes, allowed: bool) -> None:
    assert rules(body).unread is None
    assert (rules(body).problem(PORTRAIT) is None) is allowed
    # Rules are rules, whatever type they are given.
    assert (rules(body, type_="text/html").problem(PORTRAIT) is None) is allowed


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"<html>please wait</html>", 200),
        (b"\n<!DOCTYPE html><p>Disallow:</p>", 200),
        (ALL, 202),
        (ALL, 206),
        (ALL, 429),
        (ALL, 503),
        (b'{"error": "no"}', 200),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00", 200),
        (b"U\x00s\x00e\x00r\x00", 200),
        (b"welcome", 200),
    ],
)
def test_rules_that_cannot_be_read_allow_nothing_and_say_why(body: bytes, status: int) -> None:
    found = rules(body, status)
    problem = found.problem(PORTRAIT)
    assert problem is not None
    assert found.unread is not None
    assert problem.kind is found.unread.kind
    assert "robots.txt could not be read" in problem.reason


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
def test_a_host_without_rules_allows_everything(status: int) -> None:
    assert rules(ALL, status).problem(PORTRAIT) is None
    assert rules(ALL, status, moved="https://other.example/robots.txt").problem(PORTRAIT) is None


def test_so_much_of_the_rules_is_read_and_no_half_line() -> None:
    comment = b"#" * 62 + b"\n"
    body = b"User-agent: *\nDisallow: /a/\n" + comment * (LARGEST_RULES // len(comment) + 1)
    assert rules(body[: LARGEST_RULES - 12] + b"\nDisallow: /").problem(PORTRAIT) is None
    assert rules(body[:LARGEST_RULES]).problem("https://www.europarl.europa.eu/a/") is not None


@pytest.mark.parametrize(
    ("line", "seconds"),
    [
        (b"Crawl-delay: 2.5", 2.5),
        (b"Crawl-delay: nan", 0),
        (b"Request-rate: 1/10", 10),
        (b"", 0),
        (b"Crawl-delay: soon", 0),
    ],
)
def test_a_host_may_want_it_slower(line: bytes, seconds: float) -> None:
    found = rules(b"User-agent: *\nDisallow:\n" + line + b"\n")
    assert found.interval == seconds
    assert found.problem(PORTRAIT) is None


@pytest.mark.parametrize(
    "line",
    [
        b"Crawl-delay: 1e10",
        b"Request-rate: 1/99999",
    ],
)
def test_a_host_that_wants_more_than_a_run_can_wait_is_not_asked(line: bytes) -> None:
    problem = rules(b"User-agent: *\n" + line + b"\n").problem(PORTRAIT)
    assert problem is not None
