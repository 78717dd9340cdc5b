from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dontspy_data.capture.captures import Page
from dontspy_data.collect.classify import classify
from dontspy_data.collect.fetch import LARGEST_RULES, Attempts, RobotsRules, read_rules
from dontspy_data.sources.source import ROBOTS

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
