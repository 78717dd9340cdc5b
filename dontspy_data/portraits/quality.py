"""How well a face can be seen: measures inspired by ISO/IEC 29794-5, each a short formula, and the samples they use.

Brightness and sharpness are measured on a patch of 64 by 64 pixels in which the eyes are always at the
same two places, 32 pixels apart, so that they do not depend on the picture's size. Luma is ITU-R 601-2 as
Pillow computes it, 0 to 255. The schema `faces.json` has each formula and unit.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dontspy_data.errors import UsageError
from dontspy_data.portraits.jpeg import to_srgb

Pixels = NDArray[np.uint8]
Vector = NDArray[np.float64]
MARGIN = 2  # pixels that bicubic interpolation reaches over an edge
PATCH = 64
EYE_DISTANCE = 32.0
RIGHT_EYE_IN_PATCH = (16.0, 22.0)
DARK, BRIGHT = 25, 230  # a tenth of the range at each end
WIDEST_DEVIATION = 127.5  # the standard deviation of a picture half black, half white


@dataclass(frozen=True, slots=True)
class Point:
    """A place in a picture, in pixels from the left and from the top."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in a picture, in pixels."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Landmarks:
    """Five points of a face; left and right are the person's own."""

    right_eye: Point
    left_eye: Point
    nose: Point
    right_mouth: Point
    left_mouth: Point

    @property
    def eye_distance(self) -> float:
        """Pixels between the eyes."""
        return math.dist((self.right_eye.x, self.right_eye.y), (self.left_eye.x, self.left_eye.y))


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


@dataclass(frozen=True, slots=True)
class Quality:
    """How well a face can be seen; see `faces.json` for formulas and units."""

    eye_distance: float
    face_share: float
    roll: float
    yaw_proxy: float
    sharpness: float
    exposure: float
    dark_share: float
    bright_share: float
    illumination_balance: float
    background_uniformity: float


def measure(pixels: Pixels, icc: bytes | None, landmarks: Landmarks, box: Box) -> Quality:
    """Measure one face.

    Args:
        pixels: the picture, upright, red, green and blue.
        icc: the profile of its colours; None for sRGB.
        landmarks: of the face, in pixels of the upright picture, the eyes at least a pixel apart.
        box: of the face, in pixels of the upright picture.
    """
    right, left, nose = landmarks.right_eye, landmarks.left_eye, landmarks.nose
    across, down = left.x - right.x, left.y - right.y
    off_centre = (nose.x - (right.x + left.x) / 2) * across + (nose.y - (right.y + left.y) / 2) * down
    patch = _luma(square(pixels, _patch(landmarks), PATCH), icc)
    right_half, left_half = float(patch[:, : PATCH // 2].mean()), float(patch[:, PATCH // 2 :].mean())
    return Quality(
        eye_distance=round(landmarks.eye_distance, 2),
        face_share=round(_visible_area(box, pixels) / (pixels.shape[0] * pixels.shape[1]), 4),
        roll=round(math.degrees(math.atan2(down, across)), 2),
        yaw_proxy=round(off_centre / landmarks.eye_distance**2, 4),
        sharpness=round(_laplacian_variance(patch), 1),
        exposure=round(float(patch.mean()) / 255, 4),
        dark_share=round(float((patch <= DARK).mean()), 4),
        bright_share=round(float((patch >= BRIGHT).mean()), 4),
        illumination_balance=round((left_half - right_half) / max(left_half + right_half, 1.0), 4),
        background_uniformity=round(1 - _background_deviation(pixels, icc, box) / WIDEST_DEVIATION, 4),
    )


def _visible_area(box: Box, pixels: Pixels) -> float:
    height, width = pixels.shape[:2]
    visible_width = min(box.left + box.width, width) - max(box.left, 0)
    visible_height = min(box.top + box.height, height) - max(box.top, 0)
    return float(max(visible_width, 0) * max(visible_height, 0))


def _patch(landmarks: Landmarks) -> Parallelogram:
    """Return the patch's position in the picture."""
    right, left = landmarks.right_eye, landmarks.left_eye
    x = np.array([left.x - right.x, left.y - right.y]) / EYE_DISTANCE
    y = np.array([-x[1], x[0]])
    corner = np.array([right.x, right.y]) - x * RIGHT_EYE_IN_PATCH[0] - y * RIGHT_EYE_IN_PATCH[1]
    return Parallelogram(corner, x * PATCH, y * PATCH)


def _luma(pixels: Pixels, icc: bytes | None) -> Pixels:
    return np.asarray(to_srgb(Image.fromarray(pixels), icc).convert("L"))


def _laplacian_variance(luma: Pixels) -> float:
    """Return the variance of the 4-neighbour Laplacian, a usual measure of focus (Pech-Pacheco et al., 2000)."""
    p = luma.astype(np.int64)
    return float((p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:] - 4 * p[1:-1, 1:-1]).var())


def _background_deviation(pixels: Pixels, icc: bytes | None, box: Box) -> float:
    """Return the standard deviation of luma in the outermost tenths, left and right, above the middle of the face."""
    height = max(1, int(box.top + box.height / 2))
    width = max(1, pixels.shape[1] // 10)
    strips = np.concatenate([pixels[:height, :width], pixels[:height, -width:]], axis=1)
    return float(np.std(_luma(strips, icc)))


def square(pixels: Pixels, part: Parallelogram, size: int) -> Pixels:
    """Sample a part of a picture as `size` by `size` pixels.

    If the sample is much smaller than the part, the picture is averaged first, to avoid
    aliasing. Outside of the picture its nearest edge is repeated.
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
    # OpenCV counts from the centre of the first pixel, everything else here from its corner.
    start = (part.corner - origin) / scale + (step_x + step_y) / 2 - 0.5
    matrix = np.column_stack([step_x, step_y, start])
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    sampled: Pixels = cv2.warpAffine(near, matrix, (size, size), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    return sampled


def _around(pixels: Pixels, part: Parallelogram, margin: int) -> tuple[Pixels, Vector]:
    """Return the part's surroundings, as far as they are in the picture, and where they begin."""
    size = np.array([pixels.shape[1], pixels.shape[0]])
    low = np.clip(np.floor(part.corners.min(axis=0)) - margin, 0, size - 1).astype(int)
    high = np.clip(np.ceil(part.corners.max(axis=0)) + margin, low + 1, size).astype(int)
    return np.ascontiguousarray(pixels[low[1] : high[1], low[0] : high[0]]), low.astype(np.float64)


def share_outside(pixels: Pixels, part: Parallelogram) -> float:
    """Return the share of a part's area that lies outside the picture, 0 to 1."""
    height, width = pixels.shape[:2]
    picture = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    inside: float = opencv().intersectConvexConvex(part.corners.astype(np.float32), picture)[0]
    area = abs(float(part.x[0] * part.y[1] - part.x[1] * part.y[0]))
    return min(max(1 - inside / area, 0.0), 1.0)


@cache
def opencv() -> Any:
    """Import the module `cv2`, on one thread per picture, so that sums are made in the same order.

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
    """Return the error for an extra that is not installed."""
    return UsageError(
        "looking for faces needs OpenCV and the detector's weights, which are not installed",
        hint="Install them with: pip install 'dontspy-data[faces]'",
    )
