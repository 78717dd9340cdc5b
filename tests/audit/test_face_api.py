"""The model face-api: its boxes and squares, and with its real weights on drawn portraits. How exact: tests/real."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.audit.face_api import (
    CARD,
    FaceApi,
    aligned_box,
    best_face,
    cut,
    landmark_points,
    rescaled,
    square,
)
from dontspy_data.audit.looks import read_picture
from dontspy_data.audit.model import Box, ModelMissingError, Question, check_sight, resized
from dontspy_data.audit.subjects import read_subjects
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


ANCHORS = np.array([[0.1, 0.2, 0.5, 0.4], [0.0, 0.0, 0.2, 0.2]], dtype=np.float32)
STILL = np.zeros((2, 4), dtype=np.float32)


def find(scores: list[float], codes: np.ndarray = STILL, width: int = 512, height: int = 512):  # type: ignore[no-untyped-def]
    return best_face(codes, np.array(scores, dtype=np.float32), ANCHORS, width=width, height=height)


def test_the_best_score_wins_and_its_anchor_is_the_box() -> None:
    box, score = find([0.9, 0.6])
    assert score == pytest.approx(0.9)
    assert (box.left, box.top) == pytest.approx((0.2 * 512, 0.1 * 512), rel=1e-5)
    assert (box.width, box.height) == pytest.approx((0.2 * 512, 0.4 * 512), rel=1e-5)


def test_a_score_of_one_half_is_no_face() -> None:
    assert find([0.5, 0.1]) is None


def test_codes_move_and_stretch_the_anchor() -> None:
    codes = np.array([[1, -2, 0, 5 * np.log(2)], [0, 0, 0, 0]], dtype=np.float32)
    box, _ = find([0.9, 0.6], codes)
    # The centre moves by a tenth of the height and minus two tenths of the width; the width doubles.
    centre_x, centre_y = 0.3 - 0.2 * 0.2, 0.3 + 0.1 * 0.4
    assert box.left == pytest.approx((centre_x - 0.2) * 512, rel=1e-4)
    assert box.top == pytest.approx((centre_y - 0.2) * 512, rel=1e-4)


def test_padding_below_or_to_the_right_is_undone() -> None:
    box, _ = find([0.9, 0.6], width=256, height=512)
    # The square is 512 wide for a picture of 256, so a share of it is twice that of the picture.
    assert box.left == pytest.approx(0.2 * 512, rel=1e-5)
    assert box.top == pytest.approx(0.1 * 512, rel=1e-5)


def test_boxes_end_at_the_edge_of_the_square() -> None:
    codes = np.array([[-10, 0, 10, 0], [0, 0, 0, 0]], dtype=np.float32)
    box, _ = find([0.9, 0.6], codes)
    assert box.top == 0


EDGES = st.floats(-50, 150, allow_nan=False)
SIZES = st.floats(0, 200, allow_nan=False)


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height * 1000 + width).integers(0, 256, (height, width, 3), dtype=np.uint8)


@given(left=EDGES, top=EDGES, width=SIZES, height=SIZES)
def test_a_cut_is_inside_the_picture_or_nothing(left: float, top: float, width: float, height: float) -> None:
    whole = noise(40, 60)
    part = cut(whole, Box(left, top, width, height))
    if part is None:
        assert min(left + width, 60) - max(left, 0) < 1 or min(top + height, 40) - max(top, 0) < 1
    else:
        assert 0 < part.shape[0] <= 40
        assert 0 < part.shape[1] <= 60
        assert np.shares_memory(part, whole)


def test_a_cut_is_rounded_down() -> None:
    assert cut(noise(40, 60), Box(10.9, 5.2, 20.9, 9.99)).shape == (9, 20, 3)  # type: ignore[union-attr]


@pytest.mark.parametrize(("height", "width", "before", "after"), [(10, 7, 1, 2), (10, 6, 2, 2)])
def test_padding_is_black_and_the_odd_pixel_comes_after(
    height: int, width: int, before: int, after: int
) -> None:
    whole = np.full((height, width, 3), 200, dtype=np.uint8)
    padded = square(whole, height, centred=True)
    assert (padded[:, :before] == 0).all()
    assert (padded[:, width + before :] == 0).all()
    assert (padded[:, before : before + width] == 200).all()
    assert padded.shape[1] == width + before + after
    turned = square(whole.transpose(1, 0, 2), height, centred=False)
    assert (turned[width:] == 0).all()
    assert (turned[:width] == 200).all()


@given(before=st.integers(1, 40), after=st.integers(1, 40))
def test_resizing_is_the_formula_of_tensorflow(before: int, after: int) -> None:
    whole = noise(before, before)
    found = resized(whole, after, after)
    for row, column in [(0, 0), (after - 1, after // 2), (after // 3, after - 1)]:
        y, x = row * before / after, column * before / after
        low_y, low_x = int(y + 1e-6), int(x + 1e-6)
        high_y, high_x = min(low_y + 1, before - 1), min(low_x + 1, before - 1)
        top = whole[low_y, low_x] + (whole[low_y, high_x].astype(float) - whole[low_y, low_x]) * (x - low_x)
        bottom = whole[high_y, low_x] + (whole[high_y, high_x].astype(float) - whole[high_y, low_x]) * (
            x - low_x
        )
        np.testing.assert_allclose(found[row, column], top + (bottom - top) * (y - low_y), atol=0.01)


@given(left=EDGES, top=EDGES, width=SIZES, height=SIZES, times=st.integers(0, 3))
def test_a_box_turned_into_shares_and_back_stays(
    left: float, top: float, width: float, height: float, times: int
) -> None:
    turned = rescaled(Box(left, top, width, height), 170, 215, times)
    found = [turned.left, turned.top, turned.width, turned.height]
    np.testing.assert_allclose(found, [left, top, width, height], atol=1e-9)


@pytest.mark.parametrize(("width", "height"), [(80, 100), (100, 80), (90, 90)])
def test_landmarks_are_brought_back_from_the_padded_square(width: int, height: int) -> None:
    wanted = np.random.default_rng(3).uniform(0, 1, (68, 2)) * [width, height]
    side = max(width, height)
    raw = (wanted + np.array([side - width, side - height]) / 2) / side
    found = landmark_points(raw.astype(np.float32).reshape(136), width, height)
    np.testing.assert_allclose(found, wanted, atol=1e-3)


def test_the_aligned_box_holds_all_landmarks_with_a_margin() -> None:
    points = np.array([[10.0, 20.0], [60.0, 120.0], [30.0, 40.0]])
    assert aligned_box(points, Box(100, 200, 70, 130), 0.2) == Box(105, 210, 60, 120)
