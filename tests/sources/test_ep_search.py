"""The advanced search, in the markup of April 2023."""

import re
from pathlib import Path

import pytest

from dontspy_data.errors import PageError
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import Property, State
from dontspy_data.sources import ep_lists

URL = ep_lists.search_url("GR")
PAGE = (Path(__file__).parents[1] / "pages" / "search-of-a-country.html").read_text(encoding="utf-8")
BLOCK = re.findall(r'<div class="col-6.*?</a>\s*</div>', PAGE, re.DOTALL)[0]
LINES = re.findall(r"<span class=.sln-additional-info.*</span>", BLOCK, re.DOTALL)[0]


def block(mep_id=9000001, name="Ada EXAMPLE DE TALE", lines=("Renew Europe Group", "Greece", "Komma (Neo)")):
    printed = "<br>\n".join(f'<span class="sln-additional-info">{line}</span>' for line in lines)
    changed = BLOCK.replace("9000001", str(mep_id)).replace("Ada EXAMPLE DE TALE", name)
    return changed.replace(LINES, printed)


def html(*blocks, count=None):
    number = len(blocks) if count is None else count
    return PAGE.replace(BLOCK, "".join(blocks)).replace("Result(s): 1", f"Result(s): {number}")


def test_a_person_sits_now_for_a_country_in_a_group_and_a_party(page, only):
    reading = ep_lists.read_search(page(URL, html(block())))
    assert only(reading, Property.NAME).value == "Ada EXAMPLE DE TALE"
    expected = {
        Property.MANDATE: "GR",
        Property.POLITICAL_GROUP: "Renew",
        Property.NATIONAL_PARTY: "Komma (Neo)",
    }
    for about, value in expected.items():
        statement = only(reading, about)
        assert (statement.value, statement.term, statement.state) == (value, 10, State.ONGOING)
        assert (statement.start_date, statement.end_date) == (None, None)
    assert only(reading, Property.PORTRAIT_URL).value == "https://www.europarl.europa.eu/mepphoto/9000001.jpg"
    assert {s.mep_id for s in reading.statements} == {9000001}
    assert not reading.notes


def test_every_person_of_the_page_is_read(page, values):
    reading = ep_lists.read_search(page(URL, html(block(9000001, "Ada ONE"), block(9000002, "Bo TWO"))))
    assert values(reading, Property.NAME) == ["Ada ONE", "Bo TWO"]


@pytest.mark.parametrize(
    "lines", [("Non-attached Members", "Greece"), ("Non-attached Members", "Greece", "-")]
)
def test_no_party_is_no_statement(page, values, lines):
    reading = ep_lists.read_search(page(URL, html(block(lines=lines))))
    assert values(reading, Property.NATIONAL_PARTY) == []
    assert values(reading, Property.POLITICAL_GROUP) == ["NI"]


def test_a_count_that_differs_from_the_list_is_a_problem_and_who_is_listed_is_read(page, values):
    reading = ep_lists.read_search(page(URL, html(block(), count=21)))
    assert values(reading, Property.NAME)
    (problem,) = reading.problems
    assert (problem.kind, problem.found) == (ProblemKind.ROW, "1 persons")
    assert "21" in problem.expected


def test_no_result_is_believed_only_where_the_page_says_so(page):
    assert ep_lists.read_search(page(URL, html(count=0))).notes
    with pytest.raises(PageError, match="the number of results"):
        ep_lists.read_search(page(URL, html().replace("Result(s): 0", "")))


@pytest.mark.parametrize(
    ("broken", "kind", "about"),
    [
        (block(9000002, lines=("Renew Europe Group",)), ProblemKind.CELL, Property.MANDATE),
        (block(9000002, lines=("Renew Europe Group", "Greece", "Komma", "new")), ProblemKind.ROW, None),
        (block(9000002, name=""), ProblemKind.CELL, Property.NAME),
        (block("x"), ProblemKind.ROW, None),
        (
            block(9000002, lines=("Group of the Moon", "Greece")),
            ProblemKind.CATEGORY,
            Property.POLITICAL_GROUP,
        ),
        (block(9000002, lines=("Renew Europe Group", "Atlantis")), ProblemKind.CATEGORY, Property.MANDATE),
    ],
)
def test_a_block_that_is_damaged_is_a_problem_and_the_others_are_read(page, broken, kind, about):
    whole = ep_lists.read_search(page(URL, html(block(9000001))))
    reading = ep_lists.read_search(page(URL, html(broken, block(9000001))))
    assert [s for s in reading.statements if s.mep_id == 9000001] == list(whole.statements)
    assert [(p.kind, p.property) for p in reading.problems] == [(kind, about)]
