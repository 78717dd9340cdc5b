"""What a source collects on a page, and what becomes of rows, cells and categories that cannot be read."""

from datetime import UTC, datetime

import pytest

from dontspy_data.capture.captures import Page
from dontspy_data.errors import PageError, UnknownCodeError
from dontspy_data.model import codes
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import Basis, Property
from dontspy_data.sources.findings import FOREIGN, Findings, SourceCounts, over_budget, problem_of
from dontspy_data.sources.source import Reading
from dontspy_data.sources.values import day

PAGE = Page("https://www.example/1", 200, (), b"", datetime(2026, 1, 15, tzinfo=UTC))


@pytest.fixture
def found() -> Findings:
    return Findings(PAGE, "ep_csv")


def test_a_cell_is_a_fact_and_is_counted(found: Findings) -> None:
    assert found.cell(9000001, Property.BIRTH_DATE, "28-02-1970", day) == "1970-02-28"
    reading = found.reading()
    assert [(s.mep_id, s.property, s.value, s.basis) for s in reading.statements] == [
        (9000001, Property.BIRTH_DATE, "1970-02-28", Basis.STATED)
    ]
    assert reading.cells == {(9000001, Property.BIRTH_DATE): 1}
    assert not reading.problems


def test_a_cell_that_cannot_be_read_is_counted_and_a_problem_with_what_was_expected(found: Findings) -> None:
    assert found.cell(9000001, Property.BIRTH_DATE, "30-02-1970", day, expected="a day") is None
    reading = found.reading()
    assert not reading.statements
    assert reading.cells == {(9000001, Property.BIRTH_DATE): 1}
    (problem,) = reading.problems
    assert (problem.kind, problem.found, problem.expected) == (ProblemKind.CELL, "30-02-1970", "a day")
    assert (problem.mep_id, problem.property, problem.source) == (9000001, Property.BIRTH_DATE, "ep_csv")
    assert (problem.url, problem.retrieved_at) == (PAGE.url, PAGE.retrieved_at)


@pytest.mark.parametrize("text", ["", "NKN"])
def test_a_cell_that_says_nothing_is_neither(found: Findings, text: str) -> None:
    found.cell(9000001, Property.GENDER, text, codes.gender)
    assert not found.reading().cells
    assert not found.reading().problems


def test_an_unknown_category_is_stated_as_printed_and_a_problem_with_the_row_to_add(found: Findings) -> None:
    found.cell(9000001, Property.POLITICAL_GROUP, "Group of the Moon", codes.group, term=9, role="Chair")
    reading = found.reading()
    (statement,), (problem,) = reading.statements, reading.problems
    assert (statement.value, statement.basis, statement.role) == ("Group of the Moon", Basis.UNKNOWN, "Chair")
    assert (problem.kind, problem.found) == (ProblemKind.CATEGORY, "Group of the Moon")
    assert "group_labels.csv: Group of the Moon,," in problem.hint


def test_an_unknown_role_is_kept_as_printed_beside_a_value_that_is_known(found: Findings) -> None:
    def no_role(text: str) -> str:
        raise UnknownCodeError("role", text, "roles.csv", f"{text},ROLE")

    role, basis = found.role(9000001, Property.COMMITTEE, "WIZARD", no_role)
    found.state(9000001, Property.COMMITTEE, "Committee on Fish", role=role, basis=basis)
    assert [(s.role, s.basis) for s in found.reading().statements] == [("WIZARD", Basis.UNKNOWN_ROLE)]
    assert [p.kind for p in found.reading().problems] == [ProblemKind.CATEGORY]


@pytest.mark.parametrize("error", [*FOREIGN, PageError])
def test_whatever_a_row_raises_is_a_problem_of_this_row_alone(
    found: Findings, error: type[Exception]
) -> None:
    for number in (1, 2, 3):
        with found.row(f"row {number}"):
            if number == 2:
                raise PageError("ep_csv", PAGE.url, "an id") if error is PageError else error("broken")
            found.state(9000000 + number, Property.NAME, "Ada EXAMPLE")
    reading = found.reading()
    assert [s.mep_id for s in reading.statements] == [9000001, 9000003]
    assert [(p.kind, p.found) for p in reading.problems] == [(ProblemKind.ROW, "row 2")]
    assert reading.rows == 3


def test_a_defect_of_our_own_is_not_taken_for_a_damaged_row(found: Findings) -> None:
    with pytest.raises(AssertionError), found.row("row"):
        raise AssertionError


READ_PAGE = Page("https://www.example/1", 200, (), b"", datetime(2026, 1, 15, tzinfo=UTC))
BUDGETS = {"default": {"pages": 0.1, "rows": 0.1, "cells": 0.1}}
COMPLETENESS = {"default": 0.9}


def over(*readings: Reading, **budgets: dict[str, float]) -> list[str]:
    """Return what is over budget after these pages of `ep_csv`."""
    counts = SourceCounts()
    for reading in readings:
        counts.add(reading)
    return list(over_budget({"ep_csv": counts}, {**BUDGETS, **budgets}, COMPLETENESS))


def days(*texts: str) -> Reading:
    """Read a birth date for each of so many people."""
    found = Findings(READ_PAGE, "ep_csv")
    for number, text in enumerate(texts, start=1):
        found.cell(number, Property.BIRTH_DATE, text, day)
    return found.reading()


BROKEN = Reading(problems=(problem_of(PageError("ep_csv", READ_PAGE.url, "rows"), READ_PAGE, "ep_csv"),))
GOOD = "28-02-1970"


def test_nothing_read_is_not_over() -> None:
    assert over(Reading()) == []


@pytest.mark.parametrize(
    ("broken", "whole", "is_over"), [(1, 2, False), (1, 1, True), (2, 3, True), (2, 22, False)]
)
def test_pages(broken: int, whole: int, is_over: bool) -> None:
    clauses = over(*[BROKEN] * broken, *[days(GOOD)] * (whole - broken))
    assert bool(clauses) == is_over
    assert all(f"{broken} of {whole} pages" in clause for clause in clauses)


@pytest.mark.parametrize(
    ("broken", "whole", "is_over"), [(1, 2, False), (2, 2, True), (2, 21, False), (3, 21, True)]
)
def test_rows(broken: int, whole: int, is_over: bool) -> None:
    found = Findings(READ_PAGE, "ep_csv")
    for number in range(whole):
        with found.row(f"row {number}"):
            if number < broken:
                raise ValueError
    assert bool(over(found.reading())) == is_over


@pytest.mark.parametrize(
    ("broken", "whole", "is_over"), [(1, 1, False), (2, 3, True), (2, 20, False), (3, 20, True)]
)
def test_cells_of_a_property(broken: int, whole: int, is_over: bool) -> None:
    clauses = over(days(*["never"] * broken, *[GOOD] * (whole - broken)))
    assert any("cells of birth_date" in clause for clause in clauses) == is_over


def test_a_budget_of_a_source_goes_before_the_default() -> None:
    reading = days(*["never"] * 5, *[GOOD] * 45)
    assert over(reading) == []
    assert over(reading, ep_csv={"cells": 0.05})
    assert over(reading, ep_csv={"birth_date": 0.05})
    assert over(reading, ep_csv={"cells": 0.05, "birth_date": 0.1}) == []


def test_unknown_categories_count_as_cells_that_failed() -> None:
    found = Findings(READ_PAGE, "ep_csv")
    for number in range(1, 4):
        found.cell(number, Property.POLITICAL_GROUP, f"Group of the Moon {number}", codes.group)
    assert any("3 of 3 cells of political_group" in clause for clause in over(found.reading()))


def test_what_is_lost_in_silence_is_found_by_its_completeness() -> None:
    whole = days(*[GOOD] * 20)
    lost = Reading(statements=whole.statements[:15], cells=whole.cells)
    (clause,) = over(lost)
    assert "20 people with a text for birth_date, 15 (75%)" in clause
    assert over(Reading(statements=whole.statements[:18], cells=whole.cells)) == []
