"""From codes and scores to one box."""

import numpy as np
import pytest

from dontspy_data.audit.face_api import best_face

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
