"""Problems as rows of a table and in groups, worst first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.model.problems import (
    SHOWN,
    Problem,
    ProblemKind,
    count_by_kind,
    group_problems,
    in_words,
    problem_rows,
)
from dontspy_data.model.statements import Property

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
CELL = Problem(
    "ep_csv",
    ProblemKind.CELL,
    "https://www.example/1",
    NOON,
    "31/02/1970",
    "a day",
    9000001,
    Property.BIRTH_DATE,
)
GROUP = replace(
    CELL, kind=ProblemKind.CATEGORY, property=Property.POLITICAL_GROUP, found="Moon", hint="Moon,,CODE"
)
PAGE = replace(CELL, kind=ProblemKind.PAGE, mep_id=None, property=None, found="HTTP 202")


def test_a_problem_that_was_there_before_has_the_same_id_and_is_there_once() -> None:
    again = replace(CELL, retrieved_at=NOON + timedelta(days=31))
    (row,) = problem_rows([again, CELL])
    assert row.retrieved_at == again.retrieved_at
    assert problem_rows([CELL])[0].problem_id == row.problem_id
    assert len(problem_rows([CELL, replace(CELL, mep_id=9000002), replace(CELL, found="x")])) == 3


@given(st.text(), st.text())
def test_any_text_is_shown_in_one_line_that_is_not_empty_or_too_long(found: str, expected: str) -> None:
    (row,) = problem_rows([replace(CELL, found=found, expected=expected)])
    for text in (row.found, row.expected):
        assert 0 < len(text) <= SHOWN
        assert text.isprintable()


def test_groups_are_worst_first_and_one_a_category() -> None:
    cells = [replace(CELL, mep_id=number, found=f"{number}") for number in range(9)]
    others = [replace(GROUP, mep_id=3), replace(GROUP, found="Sun"), GROUP, PAGE]
    groups = group_problems([*cells, *others])
    assert [(group.kind, group.count) for group in groups] == [
        (ProblemKind.PAGE, 1),
        (ProblemKind.CATEGORY, 2),
        (ProblemKind.CATEGORY, 1),
        (ProblemKind.CELL, 9),
    ]
    assert groups[1].hint == "Moon,,CODE"
    assert group_problems(problem_rows([*cells, *others])) == groups


def test_counts_in_words_are_worst_first() -> None:
    counts = count_by_kind([CELL, GROUP, GROUP, PAGE])
    assert in_words(counts) == "1 page, 2 categories, 1 cell"
