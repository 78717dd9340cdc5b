"""How much of a source may fail, and what is lost without any problem being told."""

from datetime import UTC, datetime

import pytest

from dontspy_data.capture.captures import Page
from dontspy_data.errors import PageError
from dontspy_data.model import codes
from dontspy_data.model.statements import Property
from dontspy_data.sources.findings import Findings, SourceCounts, over_budget, problem_of
from dontspy_data.sources.source import Reading
from dontspy_data.sources.values import day

PAGE = Page("https://www.example/1", 200, (), b"", datetime(2026, 1, 15, tzinfo=UTC))
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
    found = Findings(PAGE, "ep_csv")
    for number, text in enumerate(texts, start=1):
        found.cell(number, Property.BIRTH_DATE, text, day)
    return found.reading()


BROKEN = Reading(problems=(problem_of(PageError("ep_csv", PAGE.url, "rows"), PAGE, "ep_csv"),))
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
    found = Findings(PAGE, "ep_csv")
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
    found = Findings(PAGE, "ep_csv")
    for number in range(1, 4):
        found.cell(number, Property.POLITICAL_GROUP, f"Group of the Moon {number}", codes.group)
    assert any("3 of 3 cells of political_group" in clause for clause in over(found.reading()))


def test_what_is_lost_in_silence_is_found_by_its_completeness() -> None:
    whole = days(*[GOOD] * 20)
    lost = Reading(statements=whole.statements[:15], cells=whole.cells)
    (clause,) = over(lost)
    assert "20 people with a text for birth_date, 15 (75%)" in clause
    assert over(Reading(statements=whole.statements[:18], cells=whole.cells)) == []
