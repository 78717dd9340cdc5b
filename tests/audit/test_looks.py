"""Looking at everything once, however often the run is stopped."""

import math
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dontspy_data.audit.looks import BoxSource, Look, asked_about, look_at_all
from dontspy_data.audit.model import YEARS, Attribute, Box, Card, Guess, Pixels, Sight, label_guesses
from dontspy_data.audit.subjects import Subject, read_subjects
from dontspy_data.audit.views import VARIANTS
from dontspy_data.errors import DontspyError
from dontspy_data.package.open import open_package


class Counting:
    """A model that counts, and stops when told."""

    card = Card("counting", "1", "Counting", "", "", "", "", (Attribute.AGE, Attribute.GENDER), ())

    def __init__(self, stop_at: int | None = None) -> None:
        self.boxes: list[Box | None] = []
        self._stop_at, self._lock = stop_at, threading.Lock()

    def look(self, picture: Pixels, box: Box | None) -> Sight | None:
        with self._lock:
            self.boxes.append(box)
            if len(self.boxes) == self._stop_at:
                raise KeyboardInterrupt
        if picture[0, 0, 0] % 5 == 0:
            return None
        age = Guess(Attribute.AGE, YEARS, float(picture.mean()) / 2, 0.25, chosen=True)
        return Sight(0.5, (age, *label_guesses(Attribute.GENDER, {"female": 0.3, "male": 0.7})))


@pytest.fixture(scope="module")
def subjects(package: Path) -> tuple[Subject, ...]:
    return read_subjects(open_package(package))[:12]


def run(subjects: tuple[Subject, ...], model: Counting, journal: Path) -> tuple[Look, ...]:
    return look_at_all(subjects, [model], BoxSource.MODEL, journal)


def test_every_portrait_and_view_is_looked_at_in_order(subjects: tuple[Subject, ...], tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    model = Counting()
    looks = look_at_all(subjects, [model], BoxSource.MODEL, tmp_path / "j", lambda *at: told.append(at))
    assert [(look.subject, look.variant) for look in looks] == [(s, v) for s in subjects for v in VARIANTS]
    assert len(model.boxes) == len(looks)
    assert set(model.boxes) == {None}
    assert told == [(n, 12) for n in range(1, 13)]


def test_a_stopped_run_goes_on_where_it_was(subjects: tuple[Subject, ...], tmp_path: Path) -> None:
    whole = run(subjects, Counting(), tmp_path / "whole")
    journal = tmp_path / "journal"
    with pytest.raises(KeyboardInterrupt):
        run(subjects, Counting(stop_at=50), journal)
    kept = journal.read_bytes().count(b"\n")
    assert 0 < kept < len(whole)
    again = Counting()
    assert run(subjects, again, journal) == whole
    assert len(again.boxes) == len(whole) - kept
    idle = Counting()
    assert run(subjects, idle, journal) == whole
    assert idle.boxes == []


def test_a_line_that_was_cut_off_is_looked_at_again(subjects: tuple[Subject, ...], tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    whole = run(subjects, Counting(), journal)
    journal.write_bytes(journal.read_bytes()[:-20])
    again = Counting()
    assert run(subjects, again, journal) == whole
    assert len(again.boxes) == 1
    idle = Counting()
    assert run(subjects, idle, journal) == whole
    assert idle.boxes == []


def test_answers_of_another_version_are_not_taken(subjects: tuple[Subject, ...], tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    run(subjects, Counting(), journal)
    newer = Counting()
    newer.card = Card("counting", "2", "Counting", "", "", "", "", (Attribute.AGE, Attribute.GENDER), ())
    run(subjects, newer, journal)
    assert len(newer.boxes) == len(subjects) * len(VARIANTS)


@pytest.mark.parametrize("line", ["no JSON", '["key", {"score": 1}]', '["key"]', "[]"])
def test_a_damaged_journal_is_an_error(line: str, subjects: tuple[Subject, ...], tmp_path: Path) -> None:
    journal = tmp_path / "journal"
    journal.write_text(f"{line}\n")
    with pytest.raises(DontspyError, match="damaged"):
        run(subjects, Counting(), journal)


def test_the_packages_boxes_are_given_where_they_are_wanted(
    subjects: tuple[Subject, ...], tmp_path: Path
) -> None:
    model = Counting()
    one_without = (replace(subjects[0], box=None), *subjects[1:])
    assert asked_about(one_without, BoxSource.MODEL) == one_without
    with_box = asked_about(one_without, BoxSource.PACKAGE)
    assert with_box == subjects[1:]
    look_at_all(with_box, [model], BoxSource.PACKAGE, tmp_path / "j")
    assert {subject.box for subject in with_box} <= set(model.boxes)
    assert None not in model.boxes


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
    monkeypatch.setattr(Counting, "look", lambda self, picture, box: Sight(None, guesses))
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
        monkeypatch.setattr(Counting, "look", lambda self, picture, box, sight=sight: sight)
        with pytest.raises(DontspyError, match=f"the model counting {message}") as caught:
            run(subjects, Counting(), tmp_path / str(number))
        assert "is a float from 0 to" in caught.value.hint
