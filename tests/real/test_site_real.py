"""The site made from real answers, as a person uses it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from dontspy_data.site.build import build_site

THREE = (96796, 197820, 28615)


@pytest.fixture(scope="module")
def base(package: Path, tmp_path_factory: pytest.TempPathFactory, serve: Callable[[Path], str]) -> str:
    folder = tmp_path_factory.mktemp("real-site") / "site"
    build_site(package, folder)
    return serve(folder)


@pytest.fixture
def page(visitor: Callable[[str], Page], base: str) -> Page:
    return visitor(base)


def test_zile_is_found_without_accents_and_back_undoes_the_search(page: Page, base: str) -> None:
    page.goto(f"{base}index.html")
    expect(page.locator("#status")).to_have_text("370 people with a portrait, of 1,426 in this release")
    page.get_by_label("Name or party").fill("zile")
    expect(page.locator("#cards a")).to_have_count(1)
    expect(page.locator("#cards a")).to_have_attribute("href", "person/28615/index.html")
    page.go_back()
    expect(page.locator("#cards a")).to_have_count(60)


def test_a_former_member_without_a_portrait_is_found_by_name(page: Page, base: str) -> None:
    page.goto(f"{base}index.html?q=adaktusson")
    expect(page.locator("#status")).to_have_text("1 person without a portrait")
    expect(page.locator("#cards .name")).to_have_text(["Lars Adaktusson"])


def test_filters_combine_over_everybody(page: Page, base: str) -> None:
    page.goto(f"{base}index.html?country=LV")
    expect(page.locator("#cards a")).to_have_count(8)
    page.get_by_label("Group").select_option("ECR")
    page.get_by_label("Term").select_option("9")
    expect(page.locator("#status")).to_contain_text("with a portrait")
    assert page.url.endswith("?country=LV&group=ECR&term=9")


def test_paging_through_everybody_with_and_without_a_portrait(page: Page, base: str) -> None:
    page.goto(f"{base}index.html?all=1&page=24")
    expect(page.locator("#cards a")).to_have_count(1426 - 23 * 60)
    page.get_by_role("link", name="Previous").click()
    expect(page.locator("#cards a")).to_have_count(60)


def test_three_members_side_by_side_and_one_who_is_not_there(page: Page, base: str) -> None:
    page.goto(f"{base}individual/index.html#{','.join(map(str, THREE))},999999")
    expect(page.locator("#shown > li")).to_have_count(3)
    expect(page.locator("#shown .box")).to_have_count(3)
    expect(page.locator("#problems")).to_have_text("Nobody in this release has the number 999999.")
    pictures = page.locator("#shown img")
    for at in range(pictures.count()):  # they come after the list that shows them
        expect(pictures.nth(at)).to_have_js_property("complete", True)
    loaded = "images => images.every((one) => one.complete && one.naturalWidth > 0)"
    assert pictures.evaluate_all(loaded)


@pytest.mark.parametrize(
    "path", ["index.html", "person/124831/index.html", "squared/index.html", "coverage/index.html"]
)
def test_pages_of_real_data_are_accessible_and_fit_a_phone(page: Page, base: str, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(base + path)
    violations = Axe().run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in violations] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
