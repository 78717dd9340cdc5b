"""The card, the site and the contests say the same of what may be done, and do not contradict one another."""

import json
from pathlib import Path

from lxml import html

from dontspy_data import sample
from dontspy_data.contest.rules import forbidden
from dontspy_data.model.schema import dataset

ROOT = Path(__file__).resolve().parents[2]
USES = dataset()["uses"]
LIMITS = [USES["contests"], *USES["limits"]]
ASKED = [USES["licence"], *(one["not"] for one in USES["asked"]), *(one["why"] for one in USES["asked"])]


def card() -> str:
    return (sample.package_path() / "README.md").read_text("utf-8")


def page(site: Path, name: str) -> str:
    text = html.fromstring((site / name / "index.html").read_text("utf-8")).text_content()
    return " ".join(text.split())


def test_the_card_asks_with_reasons_and_says_that_it_asks() -> None:
    assert [text for text in (*ASKED, *LIMITS) if text not in card()] == []
    assert "must not be used" not in card()


def test_the_page_on_contests_has_the_limits() -> None:
    assert [text for text in LIMITS if text not in (ROOT / "docs" / "contest.md").read_text("utf-8")] == []


def test_the_site_says_the_same(site: Path) -> None:
    assert [text for text in LIMITS if text not in page(site, "contests")] == []
    assert [text for text in ASKED if text not in page(site, "about")] == []


def test_what_the_card_asks_not_to_do_the_contests_do_not_ask_for() -> None:
    for column in ("ethnicity", "religion", "political_opinion", "health", "sexuality", "embedding"):
        assert forbidden([column]), column
    assert forbidden(["expression", "age", "gender"]) is None  # guesses that are labelled as such


def test_a_package_carries_what_it_asks() -> None:
    assert json.loads((sample.package_path() / "datapackage.json").read_text("utf-8"))["uses"] == USES
