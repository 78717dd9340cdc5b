"""What cannot be so, or not together: each is a problem, and nothing else is."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from dontspy_data.model.problems import Note, ProblemKind
from dontspy_data.model.statements import Property, State, Statement
from dontspy_data.resolve.resolve import resolve

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
NAME = Statement(9000001, Property.NAME, "Ada EXAMPLE", "ep_api", "https://www.example/1", NOON)
BORN = replace(NAME, property=Property.BIRTH_DATE, value="1970-02-28")
DIED = replace(NAME, property=Property.DEATH_DATE, value="2025-02-28")
SITS = replace(
    NAME, property=Property.MANDATE, value="MT", term=10, start_date="2024-07-16", state=State.ONGOING
)
SAT = replace(SITS, end_date="2025-02-28", state=State.ENDED)
OTHER = replace(NAME, mep_id=9000002)


def found(*statements: Statement) -> list[tuple[int | None, Property | None]]:
    said = sorted([NAME, *statements], key=lambda statement: statement.mep_id)
    problems = [problem for part in resolve(said, ["ep_api", "ep_csv"]) for problem in part.problems]
    assert all(problem.kind is ProblemKind.CONTRADICTION for problem in problems)
    return [(problem.mep_id, problem.property) for problem in problems]


def notes(statements: Sequence[Statement]) -> list[Note]:
    return [note for part in resolve(statements, ["ep_api"]) for note in part.notes]


@pytest.mark.parametrize(
    "statements",
    [
        (BORN, SITS),
        (BORN, DIED, SAT),
        (BORN, replace(BORN, value="1970"), replace(BORN, source="ep_csv")),  # a vague day is no other
        (BORN, OTHER, replace(BORN, mep_id=9000002, value="1971-02-28")),
        (SITS, replace(SITS, term=9, start_date="2019-07-02")),  # went on when it was last seen
    ],
)
def test_what_can_be_is_no_problem(statements: tuple[Statement, ...]) -> None:
    assert found(*statements) == []


@pytest.mark.parametrize(
    ("statements", "problem"),
    [
        ((replace(BORN, value="2006-07-17"), SITS), (9000001, Property.BIRTH_DATE)),
        ((DIED, replace(SAT, end_date="2025-03-01")), (9000001, Property.DEATH_DATE)),
        ((DIED, replace(SITS, start_date="2025-03-01")), (9000001, Property.DEATH_DATE)),
        ((BORN, replace(BORN, source="ep_csv", value="1971-02-28")), (9000001, Property.BIRTH_DATE)),
        ((BORN, OTHER, replace(BORN, mep_id=9000002)), (9000002, Property.NAME)),
        (
            (
                replace(NAME, property=Property.GENDER, value="male"),
                replace(NAME, property=Property.GENDER, value="female", source="ep_csv"),
            ),
            (9000001, Property.GENDER),
        ),
    ],
)
def test_what_cannot_be_is_one(statements: tuple[Statement, ...], problem: tuple[int, Property]) -> None:
    assert found(*statements) == [problem]


def test_two_mandates_that_go_on_in_one_term_are_two_problems() -> None:
    assert found(SITS, replace(SITS, start_date="2025-01-01")) == [(9000001, Property.MANDATE)] * 2


def test_more_members_than_seats_are_noted_with_both_numbers() -> None:
    people = [replace(one, mep_id=9000000 + number) for number in range(721) for one in (NAME, SITS)]
    (note,) = notes(people)
    assert "721 for 720 seats" in note.where
    assert not notes(people[:-2])
