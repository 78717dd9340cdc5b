from datetime import UTC, datetime

import pytest

from dontspy_data.capture.captures import Page
from dontspy_data.collect.hosts import read_rules

PORTRAIT = "https://www.europarl.europa.eu/mepphoto/9000001.jpg"


def page(body: bytes, status: int = 200, type_: str = "text/plain") -> Page:
    return Page("https://host/robots.txt", status, (("Content-Type", type_),), body, datetime.now(UTC))


@pytest.mark.parametrize(
    ("body", "allowed"),
    [
        (b"", True),
        (b"User-agent: *\nDisallow: /mepphoto/\n", False),
        (b"User-agent: *\nDisallow: /\nAllow: /mepphoto/\n", True),
        (b"User-agent: other\nDisallow: /\n", True),
        (b"User-agent: dontspy-data\nDisallow: /mepphoto/\n\nUser-agent: *\nAllow: /\n", False),
        (b"User-agent: *\nDisallow: /*.jpg$\n", False),
        (b"\xff\xfe not text", True),
    ],
)
def test_rules_are_for_this_project_or_for_everybody(body: bytes, allowed: bool) -> None:
    assert read_rules(page(body)).allow(PORTRAIT) is allowed


def test_a_host_without_rules_allows_and_one_that_cannot_answer_does_not() -> None:
    everything = b"User-agent: *\nDisallow: /\n"
    assert read_rules(page(everything, status=404)).allow(PORTRAIT)
    assert read_rules(page(everything, status=202)).allow(PORTRAIT)
    assert read_rules(page(b"<html>", type_="text/html")).allow(PORTRAIT)
    assert not read_rules(None).allow(PORTRAIT)


def test_rules_are_rules_whatever_type_they_are_given() -> None:
    rules = b"\xef\xbb\xbfUser-agent: *\nDisallow: /mepphoto/\n"
    assert not read_rules(page(rules, type_="text/html; charset=utf-8")).allow(PORTRAIT)
    assert read_rules(page(b"\n<!DOCTYPE html><p>Disallow: /</p>")).allow(PORTRAIT)


def test_a_host_may_want_it_slower() -> None:
    assert read_rules(page(b"User-agent: *\nCrawl-delay: 2.5\n")).interval == 2.5
    assert read_rules(page(b"User-agent: *\nRequest-rate: 1/10\n")).interval == 10
    assert read_rules(page(b"")).interval == 0
