"""The model face-api with its real weights, on drawn portraits. How exact it is: tests/real."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from dontspy_data.audit.face_api import CARD, FaceApi, cut
from dontspy_data.audit.model import Box, ModelMissingError, Question, check_sight
from dontspy_data.audit.subjects import read_subjects
from dontspy_data.audit.views import read_picture
from dontspy_data.errors import DontspyError
from dontspy_data.package.open import open_package


@pytest.fixture(scope="module")
def model(weights: Path) -> FaceApi:
    return FaceApi(weights)


@pytest.fixture(scope="module")
def picture(package: Path) -> np.ndarray:
    path = read_subjects(open_package(package))[0].path
    return np.asarray(read_picture(path.read_bytes(), path.name))


def test_it_answers_as_its_card_says(model: FaceApi, picture: np.ndarray) -> None:
    (sight,) = model.look([Question(picture, Box(55, 70, 60, 75))])
    assert sight is not None
    check_sight(model.card, sight)
    for attribute in ("gender", "expression"):
        scores = [guess.score or 0 for guess in sight.guesses if guess.attribute == attribute]
        assert sum(scores) == pytest.approx(1, abs=1e-5)


def test_the_same_picture_gets_the_same_answer(model: FaceApi, picture: np.ndarray) -> None:
    box = Box(55, 70, 60, 75)
    alone = model.look([Question(picture, box)])
    assert model.look([Question(picture.copy(), box), Question(picture, box)]) == alone * 2


def test_a_box_outside_the_picture_is_no_face(model: FaceApi, picture: np.ndarray) -> None:
    assert cut(picture, Box(500, 500, 50, 50)) is None
    assert model.look([Question(picture, Box(500, 500, 50, 50))]) == [None]


def test_an_empty_wall_is_no_face(model: FaceApi) -> None:
    assert model.look([Question(np.full((215, 170, 3), 120, dtype=np.uint8), None)]) == [None]


def test_the_card_names_the_weights_that_are_read(weights: Path) -> None:
    for file in CARD.weights:
        assert hashlib.sha256((weights / file.name).read_bytes()).hexdigest() == file.sha256
    assert not any("recognition" in file.name for file in CARD.weights)


def test_missing_networks_are_an_error_that_says_how_to_make_them(tmp_path: Path) -> None:
    with pytest.raises(ModelMissingError) as caught:
        FaceApi(tmp_path)
    assert str(tmp_path / "detector.onnx") in str(caught.value)
    assert "make audit-models" in caught.value.hint


def test_other_networks_are_refused(tmp_path: Path) -> None:
    (tmp_path / "detector.onnx").write_bytes(b"something else")
    with pytest.raises(DontspyError) as caught:
        FaceApi(tmp_path)
    assert str(tmp_path / "detector.onnx") in str(caught.value)
