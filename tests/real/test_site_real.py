"""The site made from real answers, as a person uses it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from dontspy_data.site.build import build_site
from dontspy_data.site.people import fold

from ..axe import faults

THREE = (96796, 197820, 28615)
FIRST = """async ([root, queries]) => {
  const { search } = await import(`${root}static/search.js`);
  const { loadPeople } = await import(`${root}static/people.js`);
  const index = await loadPeople(`${root}open-data-faces.json`);
  return queries.map((query) => search(index, query).found.map((person) => person.id));
}"""


@pytest.fixture(scope="module")
def base(package: Path, tmp_path_factory: pytest.TempPathFactory, serve: Callable[[Path], str]) -> str:
    folder = tmp_path_factory.mktemp("real-site") / "site"
    build_site(package, folder)
    return serve(folder)


@pytest.fixture
def page(visitor: Callable[[str], Page], base: str) -> Page:
    return visitor(base)


def test_zile_is_found_without_accents_and_back_undoes_the_search(page: Page, base: str) -> None:
    page.goto(f"{base}explore/index.html")
    expect(page.locator("#status")).to_have_text("370 people with a portrait, of 1,426 in this release")
    page.get_by_role("searchbox").fill("zile")
    expect(page.locator("#wall a")).to_have_count(1)
    expect(page.locator("#wall a")).to_have_attribute("href", "../person/28615/index.html")
    page.go_back()
    expect(page.locator("#wall a")).to_have_count(96)


def test_facets_combine_over_everybody(page: Page, base: str) -> None:
    page.goto(f"{base}explore/index.html?country=LV&group=ECR&term=9")
    expect(page.locator("#status")).to_contain_text("with a portrait")
    page.goto(f"{base}explore/index.html?all=1&page=15")
    expect(page.locator("#wall a")).to_have_count(1426 - 14 * 96)


def test_names_as_people_misspell_them_find_whom_they_should_first(page: Page, base: str) -> None:
    """Of every twentieth person: without accents, turned about with a comma, and without the third letter."""
    index = page.request.get(f"{base}open-data-faces.json").json()
    asked = {}
    for row in index["people"][::20]:
        family = max((word for word in row[1].split() if word.isupper()), key=len, default=row[1].split()[-1])
        given = row[1].split()[0]
        asked[fold(row[1])] = row[1]
        asked[f"{family}, {given}"] = row[1]
        if len(family) > 6 and row[1].count("?") == 0:
            asked[f"{given} {family[:2]}{family[3:]}"] = row[1]
    page.goto(f"{base}explore/index.html")
    found = page.evaluate(FIRST, [base, list(asked)])
    names = {row[0]: row[1] for row in index["people"]}
    missed = [
        query
        for query, ids in zip(asked, found, strict=True)
        if asked[query] not in [names[one] for one in ids[:3]]
    ]
    assert len(asked) > 100
    assert len(missed) <= len(asked) // 100, missed  # of two Lords without a family name, say


def test_three_members_side_by_side_and_one_who_is_not_there(page: Page, base: str) -> None:
    page.goto(f"{base}compare/index.html#{','.join(map(str, THREE))},999999")
    expect(page.locator("#shown thead th")).to_have_count(3)
    expect(page.locator("#shown .box")).to_have_count(3)
    expect(page.locator("#problems")).to_have_text("Nobody in this release has the number 999999.")
    pictures = page.locator("#shown img")
    for at in range(pictures.count()):  # they come after the list that shows them
        expect(pictures.nth(at)).to_have_js_property("complete", True)
    loaded = "images => images.every((one) => one.complete && one.naturalWidth > 0)"
    assert pictures.evaluate_all(loaded)


@pytest.mark.parametrize(
    "path", ["index.html", "person/124831/index.html", "explore/index.html", "coverage/index.html"]
)
def test_pages_of_real_data_are_accessible_and_fit_a_phone(page: Page, base: str, path: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(base + path)
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
