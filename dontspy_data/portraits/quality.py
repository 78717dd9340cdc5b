"""How well a face can be seen: measures inspired by ISO/IEC 29794-5, each a short formula.

Brightness and sharpness are measured on a patch of 64 by 64 pixels in which the eyes always stand at the
same two places, 32 pixels apart, so that they do not depend on the picture's size. Luma is ITU-R 601-2 as
Pillow computes it, 0 to 255. The schema `faces.json` has each formula and unit.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dontspy_data.portraits.sampling import square

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


def measure(image: Image.Image, landmarks: Landmarks, *, box: tuple[float, float, float, float]) -> Quality:
    """The measures of one face.

    Args:
        image: the picture, upright, mode `RGB`.
        landmarks: of the face, in pixels of `image`, the eyes at least a pixel apart.
        box: left, top, width and height of the face, in pixels of `image`.
    """
    right, left, nose = landmarks.right_eye, landmarks.left_eye, landmarks.nose
    across, down = left.x - right.x, left.y - right.y
    apart = landmarks.eye_distance
    off_centre = (nose.x - (right.x + left.x) / 2) * across + (nose.y - (right.y + left.y) / 2) * down
    patch = _patch(image, landmarks)
    right_half, left_half = float(patch[:, : PATCH // 2].mean()), float(patch[:, PATCH // 2 :].mean())
    return Quality(
        eye_distance=round(apart, 2),
        face_share=round(_visible_area(box, image.size) / (image.width * image.height), 4),
        roll=round(math.degrees(math.atan2(down, across)), 2),
        yaw_proxy=round(off_centre / apart**2, 4),
        sharpness=round(_laplacian_variance(patch), 1),
        exposure=round(float(patch.mean()) / 255, 4),
        dark_share=round(float((patch <= DARK).mean()), 4),
        bright_share=round(float((patch >= BRIGHT).mean()), 4),
        illumination_balance=round((left_half - right_half) / max(left_half + right_half, 1.0), 4),
        background_uniformity=round(1 - _background_deviation(image, box) / WIDEST_DEVIATION, 4),
    )


def _visible_area(box: tuple[float, float, float, float], size: tuple[int, int]) -> float:
    left, top, width, height = box
    visible_width = min(left + width, size[0]) - max(left, 0)
    visible_height = min(top + height, size[1]) - max(top, 0)
    return max(visible_width, 0) * max(visible_height, 0)


def _patch(image: Image.Image, landmarks: Landmarks) -> NDArray[np.float64]:
    """The face's luma, turned and scaled so that the eyes stand at their places."""
    right, left = landmarks.right_eye, landmarks.left_eye
    along = np.array([left.x - right.x, left.y - right.y]) / EYE_DISTANCE
    down = np.array([-along[1], along[0]])
    corner = np.array([right.x, right.y]) - along * RIGHT_EYE_IN_PATCH[0] - down * RIGHT_EYE_IN_PATCH[1]
    patch = square(image, PATCH, corner, along * PATCH, down * PATCH)
    return np.asarray(patch.convert("L"), dtype=np.float64)


def _laplacian_variance(patch: NDArray[np.float64]) -> float:
    """Variance of the 4-neighbour Laplacian, a usual measure of focus (Pech-Pacheco et al., 2000)."""
    laplacian = (
        patch[:-2, 1:-1] + patch[2:, 1:-1] + patch[1:-1, :-2] + patch[1:-1, 2:] - 4 * patch[1:-1, 1:-1]
    )
    return float(laplacian.var())


def _background_deviation(image: Image.Image, box: tuple[float, float, float, float]) -> float:
    """Standard deviation of luma in the outermost tenths, left and right, above the middle of the face."""
    height = min(max(1, int(box[1] + box[3] / 2)), image.height)
    width = max(1, image.width // 10)
    strips = [
        np.asarray(image.crop((start, 0, start + width, height)).convert("L"), dtype=np.float64).ravel()
        for start in (0, image.width - width)
    ]
    return float(np.concatenate(strips).std())
