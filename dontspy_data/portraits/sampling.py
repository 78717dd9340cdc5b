"""Turned and scaled squares out of a picture, for crops and for measuring."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dontspy_data.errors import UsageError

Pixels = NDArray[np.uint8]
Vector = NDArray[np.float64]
MARGIN = 2  # pixels that bicubic interpolation reaches over an edge


@dataclass(frozen=True, slots=True)
class Parallelogram:
    """A part of a picture, in pixels; it may reach outside.

    Attributes:
        corner: its top left corner.
        x: the way from there to its top right corner.
        y: the way from there to its bottom left corner.
    """

    corner: Vector
    x: Vector
    y: Vector

    @property
    def corners(self) -> Vector:
        """Its corners, going round."""
        return np.array(
            [self.corner, self.corner + self.x, self.corner + self.x + self.y, self.corner + self.y]
        )


def square(pixels: Pixels, part: Parallelogram, size: int) -> Pixels:
    """A part of a picture as `size` by `size` pixels.

    Where the square is much smaller than what it shows, the picture is averaged first, so that fine
    patterns do not turn into false ones. Outside of the picture its nearest edge is repeated.
    """
    cv2 = opencv()
    factor = max(1, int(math.hypot(*part.x) / size))
    near, origin = _around(pixels, part, MARGIN * factor)
    if factor > 1:
        width, height = max(1, near.shape[1] // factor), max(1, near.shape[0] // factor)
        scale = np.array([near.shape[1] / width, near.shape[0] / height])
        near = cv2.resize(near, (width, height), interpolation=cv2.INTER_AREA)
    else:
        scale = np.ones(2)
    step_x, step_y = part.x / scale / size, part.y / scale / size
    # OpenCV counts from the middle of the first pixel, everything else here from its corner.
    start = (part.corner - origin) / scale + (step_x + step_y) / 2 - 0.5
    matrix = np.column_stack([step_x, step_y, start])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    sampled: Pixels = cv2.warpAffine(near, matrix, (size, size), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return sampled


def _around(pixels: Pixels, part: Parallelogram, margin: int) -> tuple[Pixels, Vector]:
    """The part's surroundings, as far as they are in the picture, and where they begin."""
    size = np.array([pixels.shape[1], pixels.shape[0]])
    low = np.clip(np.floor(part.corners.min(axis=0)) - margin, 0, size - 1).astype(int)
    high = np.clip(np.ceil(part.corners.max(axis=0)) + margin, low + 1, size).astype(int)
    return np.ascontiguousarray(pixels[low[1] : high[1], low[0] : high[0]]), low.astype(np.float64)


def share_outside(pixels: Pixels, part: Parallelogram) -> float:
    """Share of a part's area that lies outside the picture, 0 to 1."""
    height, width = pixels.shape[:2]
    picture = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    inside: float = opencv().intersectConvexConvex(part.corners.astype(np.float32), picture)[0]
    area = abs(float(part.x[0] * part.y[1] - part.x[1] * part.y[0]))
    return min(max(1 - inside / area, 0.0), 1.0)


@cache
def opencv() -> Any:
    """The module `cv2`, working on one picture with one thread, so that sums are made in the same order.

    Raises:
        UsageError: the extra is not installed.
    """
    try:
        import cv2
    except ImportError as error:
        raise missing_extra() from error
    cv2.setNumThreads(1)
    return cv2


def missing_extra() -> UsageError:
    """What to say where the extra is not installed."""
    return UsageError(
        "looking for faces needs OpenCV and the detector's weights, which are not installed",
        hint="Install them with: pip install 'dontspy-data[faces]'",
    )
