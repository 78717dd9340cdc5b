"""Boxes and squares: cut inside the picture, padded to a square, resized between top left corners."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.audit.face_api import aligned_box, cut, landmark_points, rescaled, square
from dontspy_data.audit.model import Box
from dontspy_data.audit.networks import resized

EDGES = st.floats(-50, 150, allow_nan=False)
SIZES = st.floats(0, 200, allow_nan=False)


def picture(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height * 1000 + width).integers(0, 256, (height, width, 3), dtype=np.uint8)


@given(left=EDGES, top=EDGES, width=SIZES, height=SIZES)
def test_a_cut_is_inside_the_picture_or_nothing(left: float, top: float, width: float, height: float) -> None:
    whole = picture(40, 60)
    part = cut(whole, Box(left, top, width, height))
    if part is None:
        assert min(left + width, 60) - max(left, 0) < 1 or min(top + height, 40) - max(top, 0) < 1
    else:
        assert 0 < part.shape[0] <= 40
        assert 0 < part.shape[1] <= 60
        assert np.shares_memory(part, whole)


def test_a_cut_is_rounded_down() -> None:
    assert cut(picture(40, 60), Box(10.9, 5.2, 20.9, 9.99)).shape == (9, 20, 3)  # type: ignore[union-attr]


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
    whole = picture(before, before)
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
