"""Asking about everything once, however often the run is stopped, and on whatever workers."""

import math
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dontspy_data.audit.always_fifty import load
from dontspy_data.audit.looks import PICTURE, VARIANTS, Look, Plan
from dontspy_data.audit.model import YEARS, Attribute, Card, Guess, Question, Sight, label_guesses
from dontspy_data.audit.runner import UNDER_WAY, drawn, look_at_all
from dontspy_data.audit.subjects import Subject, read_subjects
from dontspy_data.errors import DontspyError
from dontspy_data.package.open import open_package
from dontspy_data.portraits.engine import open_executor

PLAN = Plan(choices=())
QUESTIONS = len(VARIANTS)


class Counting:
    """A model that counts, and stops when told."""

    card = Card("counting", "1", "Counting", "", "", "", "", (Attribute.AGE, Attribute.GENDER), ())

    def __init__(self, stop_at: int | None = None) -> None:
        self.asked = 0
        self._stop_at = stop_at

    def look(self, questions: Sequence[Question]) -> list[Sight | None]:
        return [self.look_at(question) for question in questions]

    def look_at(self, question: Question) -> Sight | None:
        self.asked += 1
        if self.asked == self._stop_at:
            raise KeyboardInterrupt
        picture = question.picture
        if picture[0, 0, 0] % 5 == 0:
            return None
        age = Guess(Attribute.AGE, YEARS, float(picture.mean()) / 2, 0.25, chosen=True)
        return Sight(0.5, (age, *label_guesses(Attribute.GENDER, {"female": 0.3, "male": 0.7})))


@pytest.fixture(scope="module")
def subjects(package: Path) -> tuple[Subject, ...]:
    return read_subjects(open_package(package))[:12]


def run(subjects: tuple[Subject, ...], model: Any, journal: Path) -> list[Look]:
    return list(look_at_all(subjects, [model], PLAN, journal))


def test_every_portrait_and_view_is_looked_at_in_order(subjects: tuple[Subject, ...], tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    model = Counting()
    looks = list(look_at_all(subjects, [model], PLAN, tmp_path / "j", progress=lambda *at: told.append(at)))
    assert [(look.subject, look.answered.variant) for look in looks] == [
        (s, v) for s in subjects for v in VARIANTS
    ]
    assert {look.answered.varied for look in looks} == {PICTURE}
    assert model.asked == len(looks)
    assert told == [(n, 12) for n in range(1, 13)]


def test_a_stopped_run_goes_on_where_it_was(subjects: tuple[Subject, ...], tmp_path: Path) -> None:
    whole = run(subjects, Counting(), tmp_path / "whole")
    journal = tmp_path / "journal"
    with pytest.raises(KeyboardInterrupt):
        run(subjects, Counting(stop_at=50), journal)
    kept = journal.read_bytes().count(b"\n")
    assert 0 < kept < len(subjects)
    again = Counting()
    assert run(subjects, again, journal) == whole
    assert again.asked == len(whole) - kept * QUESTIONS
    idle = Counting()
    assert run(subjects, idle, journal) == whole
    assert idle.asked == 0


def test_a_line_that_was_cut_off_is_looked_at_again(subjects: tuple[Subject, ...], tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    whole = run(subjects, Counting(), journal)
    journal.write_bytes(journal.read_bytes()[:-20])
    again = Counting()
    assert run(subjects, again, journal) == whole
    assert again.asked == QUESTIONS
    idle = Counting()
    assert run(subjects, idle, journal) == whole
    assert idle.asked == 0


def test_answers_of_another_version_or_plan_are_not_taken(
    subjects: tuple[Subject, ...], tmp_path: Path
) -> None:
    journal = tmp_path / "journal"
    run(subjects, Counting(), journal)
    newer = Counting()
    newer.card = Card("counting", "2", "Counting", "", "", "", "", (Attribute.AGE, Attribute.GENDER), ())
    run(subjects, newer, journal)
    assert newer.asked == len(subjects) * QUESTIONS
    fewer = Counting()
    list(look_at_all(subjects, [fewer], Plan(variants=("darker",), choices=()), journal))
    assert fewer.asked == len(subjects) * 2


@pytest.mark.parametrize("line", ["no JSON", '["key", [{"score": 1}]]', '["key"]', "[]"])
def test_a_damaged_journal_is_an_error(line: str, subjects: tuple[Subject, ...], tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    journal.write_text(f"{line}\n")
    with pytest.raises(DontspyError, match="damaged"):
        run(subjects, Counting(), journal)


@pytest.mark.usefixtures("models")
def test_processes_give_the_same_answers(subjects: tuple[Subject, ...], tmp_path: Path) -> None:
    here = run(subjects, load(), tmp_path / "here")
    with open_executor(1, None) as executor:
        there = list(look_at_all(subjects, [load()], PLAN, tmp_path / "there", executor=executor))
    assert there == here
    assert (tmp_path / "there").read_bytes() == (tmp_path / "here").read_bytes()


class Dying(Executor):
    """An executor whose workers die, and that counts what it is given."""

    def __init__(self) -> None:
        self.given = 0

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        self.given += 1
        future: Future[Any] = Future()
        future.set_exception(BrokenExecutor("gone"))
        return future


def test_a_worker_that_dies_is_an_error_that_says_how_to_go_on(
    subjects: tuple[Subject, ...], tmp_path: Path
) -> None:
    with pytest.raises(DontspyError, match=subjects[0].path.name) as caught:
        list(look_at_all(subjects, [Counting()], PLAN, tmp_path / "j", executor=Dying()))
    assert "--workers" in caught.value.hint


def test_only_some_portraits_are_under_way(subjects: tuple[Subject, ...], tmp_path: Path) -> None:
    many, executor = subjects * 20, Dying()
    with pytest.raises(DontspyError):
        list(look_at_all(many, [Counting()], PLAN, tmp_path / "j", executor=executor))
    assert executor.given == UNDER_WAY + 1 < len(many)


def test_who_is_drawn_depends_on_the_seed_and_on_nobody_else(subjects: tuple[Subject, ...]) -> None:
    some = drawn(subjects, 4, 1)
    assert len(some) == 4
    assert drawn(subjects[::-1], 4, 1) == some != drawn(subjects, 4, 2)
    assert some < drawn(subjects, 5, 1)
    kept = [one for one in subjects if one.portrait_id in some]
    assert drawn(kept, 3, 1) < some


@pytest.mark.parametrize(
    "guesses",
    [
        (),
        (Guess(Attribute.AGE, YEARS, 50.0, None, chosen=True),),
        (
            Guess(Attribute.AGE, YEARS, None, None, chosen=True),
            *label_guesses(Attribute.GENDER, {"female": 0.3, "male": 0.7}),
        ),
        (
            Guess(Attribute.AGE, YEARS, 50.0, None, chosen=True),
            Guess(Attribute.GENDER, "female", None, 0.3, chosen=False),
            Guess(Attribute.GENDER, "male", None, 0.7, chosen=False),
        ),
        (
            Guess(Attribute.AGE, YEARS, 50.0, None, chosen=True),
            *label_guesses(Attribute.GENDER, {"female": 0.3, "male": 0.7}),
            *label_guesses(Attribute.EXPRESSION, {"happy": 1.0}),
        ),
    ],
)
def test_a_model_that_does_not_keep_to_its_card_is_refused(
    guesses: tuple[Guess, ...], subjects: tuple[Subject, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Counting, "look_at", lambda self, question: Sight(None, guesses))
    with pytest.raises(DontspyError, match="counting does not answer as its card says"):
        run(subjects, Counting(), tmp_path / "j")


@pytest.mark.parametrize(
    ("age", "score", "message"),
    [
        (math.nan, 0.5, "gives the age nan"),
        (math.inf, 0.5, "gives the age inf"),
        (-0.1, 0.5, "gives the age -0.1"),
        (151.0, 0.5, "gives the age 151.0"),
        (50.0, 7.0, "gives the score 7.0"),
        (50.0, math.nan, "gives the score nan"),
        (50.0, np.float32(0.5), r"gives the score .*float32\(0.5\)"),
    ],
)
def test_numbers_that_cannot_be_true_are_refused(
    age: float,
    score: float,
    message: str,
    subjects: tuple[Subject, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    genders = label_guesses(Attribute.GENDER, {"female": 0.0, "male": 1.0})
    in_guess = Sight(None, (Guess(Attribute.AGE, YEARS, age, score, chosen=True), *genders))
    in_sight = Sight(score, (Guess(Attribute.AGE, YEARS, age, None, chosen=True), *genders))
    for number, sight in enumerate([in_guess, in_sight]):
        monkeypatch.setattr(Counting, "look_at", lambda self, question, sight=sight: sight)
        with pytest.raises(DontspyError, match=f"the model counting {message}") as caught:
            run(subjects, Counting(), tmp_path / str(number))
        assert "is a float from 0 to" in caught.value.hint
