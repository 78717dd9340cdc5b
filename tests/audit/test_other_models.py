"""Human, GEAR, SSR-Net and fer with their real weights, on drawn portraits. How exact they are: tests/real."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from dontspy_data.audit import fer
from dontspy_data.audit.human import ANCHORS, HEADS, Human, _gear_age, _likeliest_year
from dontspy_data.audit.looks import read_picture
from dontspy_data.audit.model import Attribute, Box, Question, check_sight, model_folder, read_card
from dontspy_data.audit.subjects import read_subjects
from dontspy_data.package.open import open_package

ROOT = Path(__file__).resolve().parents[2]
NAMES = [*HEADS, fer.NAME]


@pytest.fixture(scope="module")
def question(package: Path) -> Question:
    path = read_subjects(open_package(package))[0].path
    return Question(np.asarray(read_picture(path.read_bytes(), path.name)), Box(55, 70, 60, 75))


@pytest.fixture(scope="module", params=NAMES)
def model(request: pytest.FixtureRequest) -> Any:
    name = request.param
    if not (ROOT / model_folder(name)).is_dir():
        pytest.skip(f"{name} is not installed; make audit-models installs it")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        return fer.load() if name == fer.NAME else Human(name)


def test_it_answers_as_its_card_says_whatever_else_is_asked(model: Any, question: Question) -> None:
    wall = Question(np.full((215, 170, 3), 120, dtype=np.uint8), None)
    outside = Question(question.picture, Box(5000, 5000, 40, 40))
    (alone,) = model.look([question])
    assert model.look([wall, question, wall]) == [None, alone, None]
    if alone:  # a drawn face is none to Human's mesh
        check_sight(model.card, alone)
        assert set(model.card.attributes) == {guess.attribute for guess in alone.guesses}
        assert alone.box == question.box
    if model.card.name == fer.NAME:
        assert model.look([outside]) == [None]


@pytest.mark.parametrize("name", NAMES)
def test_every_card_says_what_was_not_asked_and_what_was_chosen(name: str) -> None:
    card = read_card(name)
    assert card.name == name
    assert card.not_asked
    assert {choice.name for choice in card.choices} >= {"colour", "margin", "resize"}
    for choice in card.choices:
        assert choice.default not in choice.others
        assert len(choice.text) > 30
    assert all(card.weights_of(attribute) for attribute in card.attributes)


def test_every_option_can_be_asked_for(model: Any, question: Question) -> None:
    asked = [
        Question(question.picture, question.box, {choice.name: option})
        for choice in model.card.choices
        for option in choice.others
        if choice.name != "colour"
    ]
    assert len(model.look(asked)) == len(asked) > 2


@pytest.mark.parametrize(("height", "width"), [(1, 1), (2, 50), (60, 20)])
@pytest.mark.parametrize("box", [None, Box(-5, -5, 8, 8), Box(0.2, 0.3, 0.4, 0.4)])
def test_any_picture_and_box_is_no_error(height: int, width: int, box: Box | None, model: Any) -> None:
    noise = np.random.default_rng(height).integers(0, 256, (height, width, 3), dtype=np.uint8)
    (sight,) = model.look([Question(noise, box)])
    if sight:
        check_sight(model.card, sight)


@pytest.mark.parametrize("logit", [-1e6, -1.4, np.nan])
def test_a_picture_without_anything_like_a_face_is_no_error(logit: float) -> None:
    finder = object.__new__(Human)
    rows = [(512, 1), (384, 1), (512, 16), (384, 16)]
    finder._detector = lambda pictures: [np.full((1, *shape), logit, dtype=np.float32) for shape in rows]  # type: ignore[assignment]
    finder.card = read_card("human")
    assert finder.look([Question(np.zeros((20, 10, 3), dtype=np.uint8), None)]) == [None]


def test_anchors_are_those_of_blazeface() -> None:
    assert ANCHORS.shape == (896, 2)
    assert ANCHORS[:3].tolist() == [[8, 8], [8, 8], [24, 8]]
    assert ANCHORS[-1].tolist() == [240, 240]


@pytest.mark.parametrize(
    ("shares", "years"),
    [
        ({40: 0.5, 41: 0.2, 39: 0.1}, 42.0),
        ({40: 0.5, 41: 0.1, 39: 0.3}, 37.0),
        ({0: 0.6, 1: 0.2}, 2.0),
        ({99: 0.6, 98: 0.2}, 99.0),
    ],
)
def test_humans_age_is_the_likeliest_year_moved_towards_its_neighbour(
    shares: dict[int, float], years: float
) -> None:
    row = np.zeros(100, dtype=np.float32)
    for year, share in shares.items():
        row[year] = share
    assert _likeliest_year(row) == pytest.approx(years)


def test_gears_age_moves_from_the_likeliest_band_to_the_others() -> None:
    shares = np.array([0, 0, 0, 0, 0.75, 0.25, 0], dtype=np.float32)
    assert _gear_age(shares) == pytest.approx(45.5 + 0.25 * 10)


def test_human_needs_no_answer_about_attributes_it_has_not() -> None:
    assert read_card("gear").attributes == (Attribute.AGE, Attribute.GENDER)
    assert read_card("ssrnet").attributes == (Attribute.AGE, Attribute.GENDER)
    assert fer.CARD.attributes == (Attribute.EXPRESSION,)
