import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from dontspy_data.capture.captures import Page
from dontspy_data.collect.classify import Classification, ResponseKind
from dontspy_data.collect.client import Client, retry_after
from dontspy_data.collect.fetch import ATTEMPTS, Attempts, Fetcher
from dontspy_data.collect.throttle import REFUSED_IN_A_ROW, CircuitBreaker, RateLimiter, Timetable
from dontspy_data.sources import ep_api, ep_profile, portraits, wikidata
from dontspy_data.sources.source import Request

ASK = Request(portraits.PORTRAIT, portraits.url(9_000_002), 9_000_002)
PROFILE = Request(ep_profile.PROFILE, "https://www.europarl.europa.eu/meps/en/9000002/NAME/home", 9_000_002)
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
    assert {breaker.open[one].kind for one in (portraits.PORTRAIT, ep_profile.PROFILE)} == {
        ResponseKind.TOO_MANY
    }
    assert breaker.allows(ep_api.DETAILS)
    assert breaker.resting[ep_profile.PROFILE] - before >= timedelta(seconds=900)
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
