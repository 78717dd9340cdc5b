"""The wall, search, comparison and the guessing game as a person uses them, in Debian's Chromium."""

import csv
import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route, expect

from dontspy_data.site.people import fold

QUERIES = Path(__file__).with_name("queries.csv")
SIGNS = "\u2019 \u2018 \u02bc \u00b4 ` \u2010 \u2011 \u2013 \u1ffd"
FIRST = """async ([root, queries]) => {
  const { search } = await import(`${root}static/search.js`);
  const { loadPeople } = await import(`${root}static/people.js`);
  const index = await loadPeople(`${root}open-data-faces.json`);
  return queries.map((query) => search(index, query).found.map((person) => person.id));
}"""


def names(page: Page) -> list[str]:
    return page.locator("#wall .name").all_inner_texts()


def faces(page: Page, count: int) -> None:
    expect(page.locator("#wall .face")).to_have_count(count)


def found(page: Page, base: str, queries: list[str]) -> list[list[int]]:
    page.goto(f"{base}about/index.html")
    ids: list[list[int]] = page.evaluate(FIRST, [base, queries])
    return ids


def test_what_people_type_finds_whom_they_should_first(page: Page, base: str) -> None:
    with QUERIES.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert len(rows) >= 60
    answers = found(page, base, [row["query"] for row in rows])
    wrong = [
        (row["query"], ids[:3])
        for row, ids in zip(rows, answers, strict=True)
        if (str(ids[0]) if ids else "") != row["first"]
    ]
    assert wrong == []


def test_a_word_is_found_at_the_beginning_of_names_and_memberships_only(page: Page, base: str) -> None:
    index = json.loads(page.request.get(f"{base}open-data-faces.json").body())
    epp = next(place for place, group in enumerate(index["groups"]) if group[0] == "EPP")
    in_group = {row[0] for row in index["people"] if epp in row[3]}
    in_epp, inside_a_name, malta, everybody = found(page, base, ["EPP", "sterfrau", "Malta", ""])
    assert set(in_epp) == in_group
    assert inside_a_name == []
    assert set(malta) == {9000041, 9000042}
    assert len(everybody) == 62
    assert malta[0] == 9000041  # who has a portrait stands first


def test_names_fold_in_the_browser_as_they_do_in_python(page: Page, base: str, site: Path) -> None:
    index = json.loads((site / "open-data-faces.json").read_text("utf-8"))
    texts = [row[1] for row in index["people"]] + index["parties"] + ["ŁØĐÐß ÆŒÞĦ ıİ", "Ἀθῆναι", SIGNS]
    page.goto(f"{base}about/index.html")
    folded = page.evaluate("async (texts) => texts.map((await import('../static/search.js')).fold)", texts)
    assert folded == [fold(text) for text in texts]


def test_search_lives_in_the_address_and_back_undoes_it(page: Page, base: str) -> None:
    page.goto(f"{base}explore/index.html")
    faces(page, 59)
    page.get_by_role("searchbox").fill("ZILITE")
    faces(page, 1)
    assert names(page) == ["Rūta ZĪLĪTE-PARAUGA"]
    assert page.url == f"{base}explore/index.html?q=ZILITE"
    page.go_back()
    faces(page, 59)
    expect(page.get_by_role("searchbox")).to_have_value("")


def test_a_search_in_the_address_loads_no_picture_that_it_does_not_show(page: Page, base: str) -> None:
    loaded: list[str] = []

    def note(request: Request) -> None:
        if request.resource_type == "image":
            loaded.append(request.url)

    page.on("request", note)
    page.goto(f"{base}explore/index.html?q=zilite", wait_until="networkidle")
    assert [re.sub(r".*/pictures/(\d+)-.*", r"\1", url) for url in loaded if "/pictures/" in url] == [
        "9000039"
    ]
    assert all(url.endswith(".webp") for url in loaded if "/pictures/" in url)


def test_an_index_that_comes_late_does_not_undo_a_newer_question(page: Page, base: str) -> None:
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/open-data-faces.json", hold)
    page.goto(f"{base}explore/index.html")
    with page.expect_request("**/open-data-faces.json"):
        page.get_by_role("searchbox").fill("zil")
    page.get_by_role("button", name="Clear").click()
    with page.expect_response("**/open-data-faces.json"):
        held[0].continue_()
    page.wait_for_timeout(200)
    faces(page, 59)


def test_facets_combine_recount_and_come_back_from_the_address(page: Page, base: str) -> None:
    page.goto(f"{base}explore/index.html")
    page.get_by_text("Country", exact=True).click()
    page.get_by_role("checkbox", name="Latvia").check()
    faces(page, 2)
    page.get_by_role("checkbox", name="Malta").check()
    faces(page, 3)  # either country
    page.keyboard.press("Escape")
    expect(page.locator("summary", has_text="Country")).to_be_focused()
    page.get_by_text("Group", exact=True).click()
    ecr = page.locator("label", has_text="ECR")
    expect(ecr.locator(".num")).to_have_text("1")
    ecr.click()
    expect(page.locator("#status")).to_have_text("1 person with a portrait")
    assert names(page) == ["Ģirts ZĪLMANIS"]
    assert page.url.endswith("?country=LV,MT&group=ECR")
    page.goto(page.url)
    faces(page, 1)
    expect(page.get_by_role("button", name="Remove")).to_have_text(["Latvia", "Malta", "ECR"])
    page.get_by_role("button", name="Remove ECR").click()
    faces(page, 3)
    page.get_by_role("button", name="Clear").click()
    faces(page, 59)


def test_who_is_looked_for_by_name_is_found_without_a_portrait_too(page: Page, base: str) -> None:
    page.goto(f"{base}explore/index.html?q=amostra")
    expect(page.locator("#wall .name")).to_have_text(["Inês AMOSTRA"])
    expect(page.locator("#status")).to_have_text("1 person without a portrait")
    page.get_by_role("searchbox").fill("amostar")
    expect(page.locator("#status")).to_have_text(
        "Nobody is spelt “amostar”. Near it: 1 person without a portrait"
    )
    page.get_by_label("Also the 3 without a portrait").check()
    page.get_by_role("searchbox").fill("")
    expect(page.locator("#status")).to_have_text("62 people")


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("?country=MT&group=EPP", "1 person without a portrait"),
        ("?all=0&country=MT", "1 person with a portrait, and 1 without"),
        ("?country=XX", "Nobody: this release has no “XX”"),
        ("?q=zzz&country=LV", "Nobody fits"),
        ("?page=9", "59 people with a portrait, and 3 without"),
    ],
)
def test_what_an_address_asks_for_is_said(page: Page, base: str, query: str, says: str) -> None:
    page.goto(f"{base}explore/index.html{query}")
    expect(page.locator("#status")).to_have_text(says)


def test_where_nobody_fits_there_is_a_way_on(page: Page, base: str) -> None:
    page.goto(f"{base}explore/index.html?q=zzz&country=LV")
    page.get_by_role("button", name="Clear the search and filters").press("Enter")
    faces(page, 59)
    expect(page.locator("#nobody")).to_be_hidden()
    expect(page.locator("#found")).to_be_focused()


def test_the_wall_goes_by_how_wrong_the_software_is(audited_page: Page, audited_base: str) -> None:
    audited_page.goto(f"{audited_base}explore/index.html")
    audited_page.get_by_label("Order").select_option("old")
    expect(audited_page.locator("#wall .line").first).to_contain_text("always-fifty 50")
    ages = [
        int(text.split(";")[0].removeprefix("is "))
        for text in audited_page.locator("#wall .line").all_inner_texts()
        if text.startswith("is ")
    ]
    assert len(ages) > 50
    assert ages == sorted(ages)  # who is youngest is guessed most too old
    audited_page.goto(f"{audited_base}explore/index.html?reading=misread&all=1")
    expect(audited_page.locator("#status")).to_have_text("26 people")  # every woman, and no man


def test_boxes_can_be_left_out(page: Page, base: str) -> None:
    page.goto(f"{base}explore/index.html")
    expect(page.locator("#wall .boxes").first).to_be_visible()
    page.get_by_label("Boxes").uncheck()
    expect(page.locator("#wall .boxes").first).to_be_hidden()
    assert page.url.endswith("?boxes=0")


def test_the_wall_and_a_person_with_the_keyboard_alone(page: Page, base: str) -> None:
    page.goto(f"{base}explore/index.html")
    page.get_by_role("searchbox").focus()
    page.keyboard.type("zil")
    faces(page, 2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    expect(page.locator("#wall a").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ģirts ZĪLMANIS")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("a-z/index.html", "explore/index.html?all=1"),
        ("country/LV/index.html", "explore/index.html?country=LV&all=1"),
        ("group/Greens-EFA/index.html", "explore/index.html?group=Greens%2FEFA&all=1"),
        ("squared/index.html", "explore/index.html"),
        ("individual/index.html#9000003,9000040", "compare/index.html#9000003,9000040"),
    ],
)
def test_old_addresses_go_on(page: Page, base: str, old: str, new: str) -> None:
    page.goto(base + old)
    page.wait_for_url(base + new)


def test_a_comparison_from_an_address_with_bad_ids_in_it(page: Page, base: str) -> None:
    page.goto(f"{base}compare/index.html#9000003,9000039,9000040,9,abc")
    expect(page.locator("#shown thead th")).to_have_count(3)
    expect(page.locator("#shown .box")).to_have_count(3)
    problems = page.get_by_role("list", name="What could not be shown")
    expect(problems).to_contain_text("Nobody in this release has the number 9.")
    expect(problems).to_contain_text("“abc” is not a number of the Parliament.")
    page.get_by_label("Boxes and points").uncheck()
    expect(page.locator("#shown .box").first).to_be_hidden()


def test_a_comparison_begins_with_faces_and_its_rows_align(audited_page: Page, audited_base: str) -> None:
    page = audited_page
    page.goto(f"{audited_base}compare/index.html")
    expect(page.locator("#start .face")).to_have_count(24)
    for count in (1, 2):  # the second link adds to the first once that has been drawn
        page.locator("#start a").nth(count - 1).click()
        expect(page.locator("#shown thead th")).to_have_count(count)
    expect(page.locator("#start")).to_be_hidden()
    guess = page.locator("#shown tr", has=page.get_by_role("rowheader", name="always-fifty guesses age"))
    expect(guess.locator(".says")).to_have_text(["50 years", "50 years"])
    page.goto(f"{audited_base}compare/index.html")
    page.get_by_role("button", name="Two at random").click()
    expect(page.locator("#shown thead th")).to_have_count(2)


def test_people_are_added_and_removed_with_the_keyboard(page: Page, base: str) -> None:
    page.goto(f"{base}compare/index.html#9000003,9000039")
    field = page.get_by_role("combobox", name="Add a person")
    field.press_sequentially("zilm")
    expect(page.get_by_role("option")).to_have_count(1)
    field.press("Enter")
    expect(page.locator("#shown thead a")).to_have_text(
        ["Joost VAN DER VOORBEELD", "Rūta ZĪLĪTE-PARAUGA", "Ģirts ZĪLMANIS"]
    )
    expect(page.get_by_label("Address to share")).to_have_value(page.url)
    buttons = page.locator("#shown button")
    for left, focused in ((2, 1), (1, 0)):
        buttons.nth(1).press("Enter")
        expect(page.locator("#shown thead th")).to_have_count(left)
        expect(buttons.nth(focused)).to_be_focused()
    buttons.nth(0).press("Enter")
    expect(field).to_be_focused()
    field.fill("xyzxyz")
    field.press("Enter")
    expect(page.locator("#status")).to_have_text(
        "Nobody in this release is called “xyzxyz” or has that number."
    )


def test_ten_faces_are_guessed_and_nothing_leaves_the_page(audited_page: Page, audited_base: str) -> None:
    asked: list[str] = []
    page = audited_page
    page.goto(f"{audited_base}guess/index.html")
    expect(page.locator("#game h2")).to_have_text("Face 1 of 10")
    page.on("request", lambda request: asked.append(request.method))
    for _ in range(10):
        page.locator("#age").fill("40")
        page.get_by_role("button", name="That is my guess").click()
        expect(page.locator(".result li")).to_contain_text(["You: 40, ", "always-fifty: 50, "])
        page.locator(".result button").click()
    expect(page.locator(".score th")).to_have_text(["You", "always-fifty"])
    assert set(asked) <= {"GET"}
    assert page.evaluate("localStorage.length + sessionStorage.length") == 0


def test_the_wall_speaks_the_language_of_its_address(page: Page, base: str) -> None:
    page.goto(f"{base}pl/explore/index.html?country=LV")
    expect(page.locator("#status")).to_have_text("2 osoby z portretem")
    expect(page.get_by_role("button", name="Usuń: Łotwa")).to_be_visible()
    expect(page.locator("#wall a").first).to_have_attribute("href", re.compile(r"^\.\./\.\./pl/person/"))
    page.goto(f"{base}fr/explore/index.html?q=lettonie")
    expect(page.locator("#status")).to_have_text("2 personnes avec portrait")


def test_markup_in_a_name_is_text_on_the_wall_and_in_a_comparison(page: Page, base: str) -> None:
    page.goto(f"{base}explore/index.html?q=9000034")
    expect(page.locator("#wall .name")).to_have_text(["Robin <script>ALERT</script>"])
    page.goto(f"{base}compare/index.html#9000034")
    expect(page.locator("#shown thead a")).to_have_text(["Robin <script>ALERT</script>"])


@pytest.mark.parametrize("where", ["without JavaScript", "from a file"])
def test_everybody_can_be_reached(browser: Browser, audited_base: str, audited: Path, where: str) -> None:
    context = browser.new_context(java_script_enabled=where == "from a file")
    page = context.new_page()
    page.goto(
        f"{audited_base}explore/index.html"
        if where == "without JavaScript"
        else (audited / "explore/index.html").as_uri()
    )
    faces(page, 59)
    page.get_by_role("link", name="Page 2").click()
    faces(page, 3)
    expect(page.locator("#choose")).to_be_hidden()
    page.goto(page.url.replace("explore/page/2/", "guess/"))
    expect(page.locator(".quiz li")).to_have_count(10)
    page.goto(page.url.replace("guess/", "a-z/"))
    page.wait_for_url("**/explore/index.html?all=1")
    page.locator("#wall a").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    context.close()
