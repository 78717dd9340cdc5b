"""Resizing as TensorFlow does it, against its formulas written out for one pixel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.audit.model import cropped, resized, resized_by_pillow


def picture(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(height * 1000 + width).integers(0, 256, (height, width, 3), dtype=np.uint8)


def between(whole: np.ndarray, y: float, x: float) -> np.ndarray:
    """The value between four pixels."""
    low_y, low_x = int(y), int(x)
    high_y, high_x = min(low_y + 1, whole.shape[0] - 1), min(low_x + 1, whole.shape[1] - 1)
    values = whole.astype(float)
    top = values[low_y, low_x] * (1 - (x - low_x)) + values[low_y, high_x] * (x - low_x)
    bottom = values[high_y, low_x] * (1 - (x - low_x)) + values[high_y, high_x] * (x - low_x)
    return top * (1 - (y - low_y)) + bottom * (y - low_y)


@given(
    edges=st.tuples(*[st.floats(-0.5, 1.5)] * 4).filter(lambda e: e[0] < e[2] and e[1] < e[3]),
    size=st.integers(2, 9),
)
def test_a_cut_is_the_formula_of_tensorflow_and_black_outside(
    edges: tuple[float, float, float, float], size: int
) -> None:
    whole = picture(11, 7)
    top, left, bottom, right = edges
    found = cropped(whole, edges, size)
    for row in range(size):
        for column in range(size):
            y = (top + (bottom - top) * row / (size - 1)) * 10
            x = (left + (right - left) * column / (size - 1)) * 6
            if min(abs(y), abs(y - 10), abs(x), abs(x - 6)) < 1e-6:
                continue  # at the very edge a rounding error decides
            inside = 0 <= y <= 10 and 0 <= x <= 6
            wanted = between(whole, y, x) if inside else np.zeros(3)
            assert found[row, column] == pytest.approx(wanted, abs=0.01)


def test_height_and_width_are_resized_by_themselves() -> None:
    whole = picture(6, 10)
    found = resized(whole, 3, 5)
    assert found.shape == (3, 5, 3)
    assert found[2, 4] == pytest.approx(between(whole, 4, 8))
    assert np.array_equal(resized(whole, 6, 10), whole.astype(np.float32))


@pytest.mark.parametrize("method", ["antialiased", "bicubic"])
def test_pillow_looks_at_every_pixel(method: str) -> None:
    stripes = np.zeros((40, 40, 3), dtype=np.uint8)
    stripes[:, ::2] = 200
    assert resized_by_pillow(stripes, 10, method)[:, 1:-1] == pytest.approx(100, abs=15)
    assert set(np.unique(resized(stripes, 10, 10))) == {200.0}
