"""The site as a person uses it, in Debian's Chromium."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

KINDS = {
    "front": "index.html",
    "wall": "explore/index.html",
    "search": "explore/index.html?q=zil&all=1&sort=old",
    "person": "person/9000003/index.html",
    "no portrait": "person/9000049/index.html",
    "comparison": "compare/index.html#9000003,9000039,9,abc",
    "choosing": "compare/index.html",
    "coverage": "coverage/index.html",
    "data": "data/index.html",
    "dictionary": "data/dictionary/index.html",
    "datasheet": "data/datasheet/index.html",
    "contests": "contests/index.html",
    "api": "api/index.html",
    "about": "about/index.html",
}
WITH_AUDIT = {
    "person": "person/9000003/index.html",
    "comparison": "compare/index.html#9000003",
    "guessing": "guess/index.html",
    "how wrong": "software/index.html",
    "data": "data/index.html",
}


def test_a_person_has_facts_with_sources_and_portraits_before(page: Page, base: str) -> None:
    page.goto(f"{base}person/9000003/index.html")
    expect(page.get_by_role("heading", level=1)).to_have_text("Joost VAN DER VOORBEELD")
    born = page.locator(".facts > div", has_text="Born on")
    expect(born).to_contain_text("19 January 1966")
    expect(born.get_by_role("link").first).to_have_attribute("href", re.compile("^https://data.europarl"))
    expect(page.get_by_alt_text("Earlier portrait of Joost VAN DER VOORBEELD")).to_be_visible()
    expect(page.locator(".intro .box")).to_be_hidden()
    page.get_by_label("Show what face detection draws").check()
    expect(page.locator(".intro .box")).to_be_visible()
    expect(page.get_by_text("guess")).to_have_count(0)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_page_is_accessible_and_fits_a_phone(page: Page, base: str, kind: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(base + KINDS[kind])
    if kind == "comparison":
        expect(page.locator("#shown thead th")).to_have_count(2)
    violations = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("kind", ["person", "how wrong", "format", "dictionary"])
def test_no_table_of_words_is_cut_off_on_a_phone(audited_page: Page, audited_base: str, kind: str) -> None:
    audited_page.set_viewport_size({"width": 390, "height": 844})
    audited_page.goto(audited_base + {**KINDS, **WITH_AUDIT, "format": "contests/index.html"}[kind])
    expect(audited_page.locator(".stacked").first).to_be_visible()
    widths = "scrolls => scrolls.map((one) => one.scrollWidth - one.clientWidth)"
    assert set(audited_page.locator(".scroll:has(.stacked)").evaluate_all(widths)) == {0}


def test_a_guess_on_a_phone_stands_with_its_verdict(audited_page: Page, audited_base: str) -> None:
    audited_page.set_viewport_size({"width": 390, "height": 844})
    audited_page.goto(f"{audited_base}person/9000003/index.html")
    verdict = audited_page.locator(".stacked td.wrong").first
    expect(verdict).to_have_text("8 years too young")
    box = verdict.bounding_box()
    assert box
    assert 0 <= box["x"] < box["x"] + box["width"] <= 390


@pytest.mark.parametrize("width", [390, 768])
def test_where_one_is_can_be_seen_in_the_navigation(page: Page, base: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{base}about/index.html")
    expect(page.locator(".top nav a[aria-current]")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("kind", WITH_AUDIT)
def test_pages_with_guesses_are_accessible(audited_page: Page, audited_base: str, kind: str) -> None:
    audited_page.set_viewport_size({"width": 390, "height": 844})
    audited_page.goto(audited_base + WITH_AUDIT[kind])
    if kind == "comparison":
        expect(audited_page.locator("#shown .guess >> nth=0")).to_be_visible()
    violations = Axe().run(audited_page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == []
    assert audited_page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_charts_of_the_report_can_be_read_on_a_phone(browser: Browser, audited: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto((audited / "audit" / "audit.html").as_uri())
    words = """(svgs) => Math.min(...svgs.flatMap((svg) => [...svg.querySelectorAll("text")].map((text) =>
      text.getAttribute("font-size") * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width)))"""
    assert page.locator("section svg").evaluate_all(words) > 10  # pixels high
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


@pytest.mark.parametrize("kind", ["wall", "person", "comparison", "coverage"])
def test_dark_pages_have_enough_contrast(browser: Browser, base: str, kind: str) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(base + KINDS[kind])
    violations = Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    assert [one["nodes"][0]["html"] for one in violations] == []
    context.close()
