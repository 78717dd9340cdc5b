"""How well a face can be seen: measures inspired by ISO/IEC 29794-5, each a short formula.

Brightness and sharpness are measured on a patch of 64 by 64 pixels in which the eyes always stand at the
same two places, 32 pixels apart, so that they do not depend on the picture's size. Luma is ITU-R 601-2 as
Pillow computes it, 0 to 255. The schema `faces.json` has each formula and unit.
"""

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image

from dontspy_data.portraits.colour import to_srgb
from dontspy_data.portraits.sampling import Parallelogram, Pixels, square

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
    """The measures of one face.

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
    """Where the patch stands in the picture."""
    right, left = landmarks.right_eye, landmarks.left_eye
    x = np.array([left.x - right.x, left.y - right.y]) / EYE_DISTANCE
    y = np.array([-x[1], x[0]])
    corner = np.array([right.x, right.y]) - x * RIGHT_EYE_IN_PATCH[0] - y * RIGHT_EYE_IN_PATCH[1]
    return Parallelogram(corner, x * PATCH, y * PATCH)


def _luma(pixels: Pixels, icc: bytes | None) -> Pixels:
    return np.asarray(to_srgb(Image.fromarray(pixels), icc).convert("L"))


def _laplacian_variance(luma: Pixels) -> float:
    """Variance of the 4-neighbour Laplacian, a usual measure of focus (Pech-Pacheco et al., 2000)."""
    p = luma.astype(np.int64)
    return float((p[:-2, 1:-1] + p[2:, 1:-1] + p[1:-1, :-2] + p[1:-1, 2:] - 4 * p[1:-1, 1:-1]).var())


def _background_deviation(pixels: Pixels, icc: bytes | None, box: Box) -> float:
    """Standard deviation of luma in the outermost tenths, left and right, above the middle of the face."""
    height = max(1, int(box.top + box.height / 2))
    width = max(1, pixels.shape[1] // 10)
    strips = np.concatenate([pixels[:height, :width], pixels[:height, -width:]], axis=1)
    return float(np.std(_luma(strips, icc)))
