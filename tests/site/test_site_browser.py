"""The site as a person uses it, in Debian's Chromium."""

import json
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from dontspy_data.site.labels import fold

KINDS = {
    "list": "index.html",
    "search": "index.html?q=zil&all=1",
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


def names(page: Page) -> list[str]:
    return page.locator("#cards .name").all_inner_texts()


def test_search_ignores_accents_and_case_and_lives_in_the_address(page: Page, base: str) -> None:
    page.goto(f"{base}index.html")
    expect(page.locator("#cards .card")).to_have_count(59)
    page.get_by_label("Name or party").fill("ZILITE")
    expect(page.locator("#cards .card")).to_have_count(1)
    assert names(page) == ["Rūta ZĪLĪTE-PARAUGA"]
    assert page.url == f"{base}index.html?q=ZILITE"
    page.go_back()
    expect(page.locator("#cards .card")).to_have_count(59)
    expect(page.get_by_label("Name or party")).to_have_value("")


def test_an_index_that_comes_late_does_not_undo_a_newer_question(page: Page, base: str) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/open-data-faces.json", hold)
    page.goto(f"{base}index.html")
    with page.expect_request("**/open-data-faces.json"):
        page.get_by_label("Name or party").fill("zil")
    page.get_by_role("button", name="Clear").click()
    with page.expect_response("**/open-data-faces.json"):
        held[0].continue_()
    page.wait_for_timeout(200)
    expect(page.locator("#cards .card")).to_have_count(59)


def test_names_fold_in_the_browser_as_they_do_in_the_index(page: Page, base: str, site: Path) -> None:
    index = json.loads((site / "open-data-faces.json").read_text("utf-8"))
    texts = [row[1] for row in index["people"]] + index["parties"] + ["ŁØĐÐß ÆŒÞĦ ıİ", "Ἀθῆναι"]
    page.goto(f"{base}index.html")
    folded = page.evaluate("async (texts) => texts.map((await import('./static/people.js')).fold)", texts)
    assert folded == [fold(text) for text in texts]


def test_filters_combine_and_an_address_restores_them(page: Page, base: str) -> None:
    page.goto(f"{base}index.html")
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
    page.goto(f"{base}index.html")
    page.get_by_label("Also the 3 without a portrait").check()
    expect(page.locator("#status")).to_have_text("62 people")
    expect(page.locator("#cards .card")).to_have_count(60)
    page.get_by_role("link", name="Page 2").click()
    expect(page.locator("#cards .card")).to_have_count(2)
    expect(page.locator("#found")).to_be_focused()


def test_the_list_and_a_person_with_the_keyboard_alone(page: Page, base: str) -> None:
    page.goto(f"{base}index.html")
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


def test_markup_in_a_name_is_text_wherever_it_is_shown(page: Page, base: str, site: Path) -> None:
    index = json.loads((site / "open-data-faces.json").read_text("utf-8"))
    mep_id, name = next((row[0], row[1]) for row in index["people"] if "<" in row[1])
    page.goto(f"{base}index.html?q={mep_id}")
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
    page.goto(f"{base}index.html" if where == "without JavaScript" else (site / "index.html").as_uri())
    expect(page.locator("#cards .card")).to_have_count(59)
    expect(page.locator("#filters")).to_be_hidden()
    expect(page.locator(".no-js")).to_be_visible()
    assert page.locator("h1").evaluate("element => getComputedStyle(element).fontWeight") == "800"
    page.locator("#cards a").first.click()
    expect(page.locator("dl.facts")).to_be_visible()
    context.close()
