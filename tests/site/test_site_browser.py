"""The site as a person uses it, in Debian's Chromium; and what holds for every page, on every kind of page there is."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from lxml import html
from playwright.sync_api import Browser, Page, expect

from ..axe import faults

CONTRAST = {"runOnly": ["color-contrast"]}
LONG_WORDS = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) found.push(walker.currentNode);
  for (const text of found) {
    if (text.data.trim() && !text.parentElement.closest("script, style, svg, template, .num, .number"))
      text.data = "m".repeat(400);
  }
}"""
WIDER = "document.documentElement.scrollWidth - innerWidth"


def kinds(site: Path) -> Iterator[str]:
    """Pages of a site, until every kind of element in every kind of surroundings has been on one of them."""
    seen: set[tuple[Any, ...]] = set()
    for path in sorted(site.rglob("*.html"), key=lambda path: (len(path.parts), path)):
        tree = html.fromstring(path.read_bytes().decode())
        found = {
            (one.tag, *(one.get(name) for name in ("class", "role", "type")), up.tag, up.get("class"))
            for one in tree.iter()
            if isinstance(one.tag, str) and (up := one.getparent()) is not None
        }
        if found - seen:
            seen |= found
            yield path.relative_to(site).as_posix()


def test_every_kind_of_page_is_accessible_in_light_and_dark_and_holds_words_of_400_letters(
    audited_page: Page, audited_base: str, audited: Path
) -> None:
    page, found, visited = audited_page, [], list(kinds(audited))
    assert {"index.html", "404.html", "audit/audit.html", "software/index.html"} <= set(visited)
    for path in visited:
        page.emulate_media(color_scheme="light")
        page.set_viewport_size({"width": 390, "height": 844})
        page.goto(audited_base + path)
        if page.locator("#target").count():  # it has moved: the page that it leads to is visited by itself
            continue
        found += [(path, *fault) for fault in faults(page)]
        page.emulate_media(color_scheme="dark")
        found += [(path, "dark", *fault) for fault in faults(page, CONTRAST)]
        found += [(path, "too wide")] * (page.evaluate(WIDER) > 0)
        page.evaluate(LONG_WORDS)
        for width in (390, 1440):
            page.set_viewport_size({"width": width, "height": 844})
            found += [(path, "too wide with long words", width)] * (page.evaluate(WIDER) > 0)
    assert found == []


def test_what_scripts_draw_is_accessible(audited_page: Page, audited_base: str) -> None:
    audited_page.set_viewport_size({"width": 390, "height": 844})
    for path, drawn in (
        ("compare/index.html#9000003,9000039,9,abc", "#shown thead th"),
        ("fr/explore/index.html?q=zil&all=1&sort=old", "#wall li"),
    ):
        audited_page.goto(audited_base + path)
        expect(audited_page.locator(drawn)).to_have_count(2)
        assert faults(audited_page) == []
        assert audited_page.evaluate(WIDER) <= 0


def test_a_members_page_begins_with_the_face_and_every_guess_on_a_scale(
    audited_page: Page, audited_base: str
) -> None:
    for width, height in ((1440, 900), (390, 844)):
        audited_page.set_viewport_size({"width": width, "height": height})
        audited_page.goto(f"{audited_base}person/9000003/index.html")
        expect(audited_page.get_by_role("heading", level=1)).to_have_text("Joost VAN DER VOORBEELD")
        expect(audited_page.locator(".intro .brackets")).to_be_in_viewport(ratio=1)
        scale = audited_page.locator("[aria-labelledby=scale-age]")
        expect(scale.locator("circle.guess")).to_be_in_viewport(ratio=1)
        expect(scale.locator("line.fact")).to_be_in_viewport()
        expect(scale.locator(".verdict")).to_have_text("8 years too young")
    born = audited_page.locator(".facts > div", has_text="Born on")
    expect(born).to_contain_text("19 January 1966")
    expect(born.get_by_role("link").first).to_have_attribute("href", re.compile("^https://data.europarl"))
    expect(audited_page.locator(".portraits img")).to_have_count(2)


def test_languages_are_chosen_by_link_and_stay_chosen(audited_page: Page, audited_base: str) -> None:
    page = audited_page
    page.goto(f"{audited_base}index.html")
    page.get_by_role("link", name="Polski").click()
    expect(page.locator("html")).to_have_attribute("lang", "pl")
    assert page.url == f"{audited_base}pl/index.html"
    page.locator(".top nav").get_by_role("link", name="Przeglądaj").click()
    page.locator("#wall a").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "pl")
    expect(page.locator("h3 .truth").first).to_contain_text("oficjalnie")
    page.get_by_role("link", name="English").click()
    expect(page.locator("h3 .truth").first).to_contain_text("official")


def test_a_member_is_found_from_the_front_page_and_without_scripts(browser: Browser, base: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{base}index.html")
    page.get_by_label("Find a Member").fill("voorbeeld")
    page.get_by_role("button", name="Find").click()
    assert page.url.endswith("explore/index.html?q=voorbeeld")
    expect(page.locator("#wall li").first).to_be_visible()
    context.close()


@pytest.mark.parametrize("width", [390, 768])
def test_where_one_is_can_be_seen_in_the_navigation(page: Page, base: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{base}about/index.html")
    expect(page.locator(".top nav a[aria-current]")).to_be_in_viewport(ratio=1)


def test_charts_of_the_report_can_be_read_on_a_phone(browser: Browser, audited: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto((audited / "audit" / "audit.html").as_uri())
    words = """(svgs) => Math.min(...svgs.flatMap((svg) => [...svg.querySelectorAll("text")].map((text) =>
      text.getAttribute("font-size") * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width)))"""
    assert page.locator("section svg").evaluate_all(words) > 10  # pixels high
    assert page.evaluate(WIDER) <= 0
    context.close()
