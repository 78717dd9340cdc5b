"""The site as a person uses it, in Debian's Chromium."""

import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from dontspy_data.site.labels import fold

KINDS = {
    "list": "explore/index.html",
    "story": "index.html",
    "search": "explore/index.html?q=zil&all=1",
    "person": "person/9000003/index.html",
    "no portrait": "person/9000049/index.html",
    "countries": "country/index.html",
    "country": "country/LV/index.html",
    "groups": "group/index.html",
    "group": "group/Greens-EFA/index.html",
    "alphabet": "a-z/index.html",
    "comparison": "individual/index.html#9000003,9000039,9,abc",
    "wall": "squared/index.html",
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
    "comparison": "individual/index.html#9000003",
    "how wrong": "software/index.html",
    "data": "data/index.html",
}
SIGNS = "\u2019 \u2018 \u02bc \u00b4 ` \u2010 \u2011 \u2013 \u1ffd"


def names(page: Page) -> list[str]:
    return page.locator("#cards .name").all_inner_texts()


def test_search_ignores_accents_and_case_and_lives_in_the_address(page: Page, base: str) -> None:
    page.goto(f"{base}explore/index.html")
    expect(page.locator("#cards .card")).to_have_count(59)
    page.get_by_label("Name or party").fill("ZILITE")
    expect(page.locator("#cards .card")).to_have_count(1)
    assert names(page) == ["Rūta ZĪLĪTE-PARAUGA"]
    assert page.url == f"{base}explore/index.html?q=ZILITE"
    page.go_back()
    expect(page.locator("#cards .card")).to_have_count(59)
    expect(page.get_by_label("Name or party")).to_have_value("")


def test_an_index_that_comes_late_does_not_undo_a_newer_question(page: Page, base: str) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/open-data-faces.json", hold)
    page.goto(f"{base}explore/index.html")
    with page.expect_request("**/open-data-faces.json"):
        page.get_by_label("Name or party").fill("zil")
    page.get_by_role("button", name="Clear").click()
    with page.expect_response("**/open-data-faces.json"):
        held[0].continue_()
    page.wait_for_timeout(200)
    expect(page.locator("#cards .card")).to_have_count(59)


def test_names_fold_in_the_browser_as_they_do_in_the_index(page: Page, base: str, site: Path) -> None:
    index = json.loads((site / "open-data-faces.json").read_text("utf-8"))
    texts = [row[1] for row in index["people"]] + index["parties"] + ["ŁØĐÐß ÆŒÞĦ ıİ", "Ἀθῆναι", SIGNS]
    page.goto(f"{base}explore/index.html")
    folded = page.evaluate("async (texts) => texts.map((await import('../static/people.js')).fold)", texts)
    assert folded == [fold(text) for text in texts]


def test_filters_combine_and_an_address_restores_them(page: Page, base: str) -> None:
    page.goto(f"{base}explore/index.html")
    page.get_by_label("Country").select_option("LV")
    expect(page.locator("#cards .card")).to_have_count(2)
    page.get_by_label("Group").select_option("ECR")
    expect(page.locator("#status")).to_have_text("1 person with a portrait")
    assert names(page) == ["Ģirts ZĪLMANIS"]
    page.goto(page.url)
    expect(page.get_by_label("Country")).to_have_value("LV")
    expect(page.locator("#cards .card")).to_have_count(1)
    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#cards .card")).to_have_count(59)


def test_people_without_a_portrait_are_counted_and_can_be_shown(page: Page, base: str) -> None:
    page.goto(f"{base}explore/index.html")
    page.get_by_label("Also the 3 without a portrait").check()
    expect(page.locator("#status")).to_have_text("62 people")
    expect(page.locator("#cards .card")).to_have_count(60)
    page.get_by_role("link", name="Page 2").click()
    expect(page.locator("#cards .card")).to_have_count(2)
    expect(page.locator("#found")).to_be_focused()


def test_who_is_looked_for_by_name_is_found_without_a_portrait_too(page: Page, base: str) -> None:
    page.goto(f"{base}explore/index.html?q=amostra")
    expect(page.locator("#cards .name")).to_have_text(["Inês AMOSTRA"])
    expect(page.locator("#status")).to_have_text("1 person without a portrait")
    page.get_by_label("Name or party").fill("9000003")
    expect(page.locator("#status")).to_have_text("1 person with a portrait")
    page.get_by_label("Name or party").fill("a")
    expect(page.locator("#status")).to_have_text(re.compile(r"^\d+ people, \d+ with a portrait$"))


def test_filters_that_leave_nobody_with_a_portrait_show_the_others(page: Page, base: str) -> None:
    page.goto(f"{base}explore/index.html?country=MT&group=EPP")
    expect(page.locator("#cards .name")).to_have_text(["Marthese XBIHA"])
    expect(page.locator("#status")).to_have_text("1 person without a portrait")


def test_where_nobody_fits_there_is_a_way_on(page: Page, base: str) -> None:
    page.goto(f"{base}explore/index.html?q=zzz&country=LV")
    expect(page.locator("#status")).to_have_text("Nobody fits")
    page.get_by_role("button", name="Clear the search and filters").press("Enter")
    expect(page.locator("#cards .card")).to_have_count(59)
    expect(page.locator("#nobody")).to_be_hidden()
    expect(page.locator("#found")).to_be_focused()


def test_a_country_that_is_not_there_is_said(page: Page, base: str) -> None:
    page.goto(f"{base}explore/index.html?country=XX")
    expect(page.locator("#status")).to_have_text("Nobody: this release has no country “XX”")
    expect(page.get_by_label("Country")).to_have_value("XX")
    page.get_by_label("Country").select_option("LV")
    expect(page.locator("#cards .card")).to_have_count(2)
    expect(page.locator("#country option", has_text="XX")).to_have_count(0)


def test_only_one_in_the_address_ticks_the_box(page: Page, base: str) -> None:
    page.goto(f"{base}explore/index.html?all=0&country=MT")
    expect(page.locator("#status")).to_contain_text("with a portrait, and 1 without a portrait")
    expect(page.get_by_label("Also the 3 without a portrait")).not_to_be_checked()


def test_the_list_and_a_person_with_the_keyboard_alone(page: Page, base: str) -> None:
    page.goto(f"{base}explore/index.html")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Name or party")).to_be_focused()
    page.keyboard.type("zil")
    expect(page.locator("#cards .card")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#cards a").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ģirts ZĪLMANIS")


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


def test_a_comparison_from_an_address_with_bad_ids_in_it(page: Page, base: str) -> None:
    page.goto(f"{base}individual/index.html#9000003,9000039,9000040,9,abc")
    expect(page.locator("#shown > li")).to_have_count(3)
    expect(page.locator("#shown .box")).to_have_count(3)
    problems = page.get_by_role("list", name="What could not be shown")
    expect(problems).to_contain_text("Nobody in this release has the number 9.")
    expect(problems).to_contain_text("“abc” is not a number of the Parliament.")
    page.get_by_label("Draw boxes and points").uncheck()
    expect(page.locator("#shown .box").first).to_be_hidden()


def test_the_picker_adds_and_removes_people_with_the_keyboard(page: Page, base: str) -> None:
    page.goto(f"{base}individual/index.html")
    expect(page.locator("#status")).to_contain_text("Nobody yet")
    field = page.get_by_role("combobox", name="Add a person")
    field.press_sequentially("zilm")
    expect(page.get_by_role("option")).to_have_count(1)
    field.press("Enter")
    expect(page.locator("#shown h2")).to_have_text(["Ģirts ZĪLMANIS"])
    assert page.url.endswith("#9000040")
    expect(page.get_by_label("Address to share")).to_have_value(page.url)
    page.get_by_role("button", name="Remove Ģirts ZĪLMANIS").press("Enter")
    expect(page.locator("#shown > li")).to_have_count(0)


def test_the_keyboard_goes_on_where_a_person_was_removed(page: Page, base: str) -> None:
    page.goto(f"{base}individual/index.html#9000003,9000040,9000039")
    expect(page.locator("#shown > li")).to_have_count(3)
    buttons = page.locator("#shown button")
    buttons.nth(1).press("Enter")
    expect(page.locator("#shown > li")).to_have_count(2)
    expect(buttons.nth(1)).to_be_focused()
    buttons.nth(1).press("Enter")
    expect(page.locator("#shown > li")).to_have_count(1)
    expect(buttons.nth(0)).to_be_focused()
    buttons.nth(0).press("Enter")
    expect(page.locator("#shown > li")).to_have_count(0)
    expect(page.get_by_role("combobox", name="Add a person")).to_be_focused()


def test_the_picker_says_when_nobody_is_called_so(page: Page, base: str) -> None:
    page.goto(f"{base}individual/index.html")
    expect(page.locator("#status")).to_contain_text("Nobody yet")
    field = page.get_by_role("combobox", name="Add a person")
    field.fill("xyzxyz")
    field.press("Enter")
    expect(page.locator("#status")).to_have_text(
        "Nobody in this release is called “xyzxyz” or has that number."
    )


def test_a_comparison_is_printed_from_the_first_page_on(page: Page, base: str) -> None:
    page.emulate_media(media="print")
    page.goto(f"{base}individual/index.html#9000003")
    expect(page.locator("#shown > li")).to_have_css("break-inside", "auto")
    expect(page.locator("#shown figure")).to_have_css("break-inside", "avoid")


def test_markup_in_a_name_is_text_wherever_it_is_shown(page: Page, base: str, site: Path) -> None:
    index = json.loads((site / "open-data-faces.json").read_text("utf-8"))
    mep_id, name = next((row[0], row[1]) for row in index["people"] if "<" in row[1])
    page.goto(f"{base}explore/index.html?q={mep_id}")
    expect(page.locator("#cards .name")).to_have_text([name])
    page.goto(f"{base}person/{mep_id}/index.html")
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.goto(f"{base}individual/index.html#{mep_id}")
    expect(page.locator("#shown h2")).to_have_text([name])


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_page_is_accessible_and_fits_a_phone(page: Page, base: str, kind: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(base + KINDS[kind])
    if kind == "comparison":
        expect(page.locator("#shown > li")).to_have_count(2)
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
        expect(audited_page.locator("#shown .guesses")).to_be_visible()
    violations = Axe().run(audited_page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == []
    assert audited_page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_charts_of_the_report_can_be_read_on_a_phone(browser: Browser, audited: Path) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    page.goto((audited / "audit" / "audit.html").as_uri())
    wide = page.locator("section svg").first.evaluate("(svg) => svg.getBoundingClientRect().width")
    assert wide > 500
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    context.close()


@pytest.mark.parametrize("kind", ["list", "person", "comparison", "coverage"])
def test_dark_pages_have_enough_contrast(browser: Browser, base: str, kind: str) -> None:
    context = browser.new_context(color_scheme="dark")
    page = context.new_page()
    page.goto(base + KINDS[kind])
    violations = Axe().run(page, options={"runOnly": ["color-contrast"]}).response["violations"]
    assert [one["nodes"][0]["html"] for one in violations] == []
    context.close()


@pytest.mark.parametrize("where", ["without JavaScript", "from a file"])
def test_the_list_can_be_read(browser: Browser, base: str, site: Path, where: str) -> None:
    context = browser.new_context(java_script_enabled=where == "from a file")
    page = context.new_page()
    page.goto(
        f"{base}explore/index.html"
        if where == "without JavaScript"
        else (site / "explore" / "index.html").as_uri()
    )
    expect(page.locator("#cards .card")).to_have_count(59)
    expect(page.locator("#filters")).to_be_hidden()
    expect(page.locator(".no-js")).to_be_visible()
    assert page.locator("h1").evaluate("element => getComputedStyle(element).fontWeight") == "800"
    page.locator("#cards a").first.click()
    expect(page.locator("dl.facts")).to_be_visible()
    context.close()
