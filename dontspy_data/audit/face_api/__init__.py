"""The campaign's own stack: the networks of `@vladmandic/face-api`, run by onnxruntime.

`scripts/convert_face_api.py` converts the npm package's weights once. The answers are those of face-api in node with
TensorFlow.js's wasm backend, given the same pixels: ages within 0.01 year and probabilities within 0.0001. A browser
gives slightly others, since it resizes with its canvas. The package's network that tells people apart is never opened.
"""

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dontspy_data.audit.face_api.geometry import (
    aligned_box,
    best_face,
    cut,
    landmark_points,
    rescaled,
    square,
)
from dontspy_data.audit.model import (
    EXPRESSIONS,
    WEIGHTS_FOLDER,
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
from dontspy_data.errors import DontspyError

FACE_SIZE = 112
PICTURE_SIZE = 512
MEAN_COLOUR = np.array([122.782, 117.001, 104.298], dtype=np.float32)
WEIGHTS = (
    WeightsFile("detector.onnx", "32dca3d31d05ef3992fc64d508fe442570fed7a59c759d7e43fb2cae169ffcee", ()),
    WeightsFile("landmarks.onnx", "058d4a2d6b0b500d7f845170b13fc96623189935b13cb51c1d178bbcc7473ba5", ()),
    WeightsFile(
        "age_gender.onnx",
        "a609b3a942fb2f39900dcba1275e19b6a966e70b4a396085b1738acb092d0708",
        (Attribute.AGE, Attribute.GENDER),
    ),
    WeightsFile(
        "expression.onnx",
        "e95166d870ec3e8cc4ec709336730e35159a2b5e3a0e3df5817df5cf655163db",
        (Attribute.EXPRESSION,),
    ),
)
CARD = Card(
    name="face-api",
    version="1.7.15",
    title="face-api (campaign's stack)",
    description="The npm package @vladmandic/face-api: SSD MobileNet v1 finds the face, 68 landmarks frame it, a small "
    "Xception network guesses age and gender, and a small dense network the expression.",
    licence="MIT, program and weights",
    training="Age and gender: UTKFace, FGNET, Chalearn, Wiki, IMDB, CACD, MegaAge and MegaAge-Asian. "
    "Expression: public datasets and pictures scraped from the web, not named. Landmarks: about 35,000 pictures, "
    "not named. Detector: WIDER FACE. (README of face-api.js, from which the weights come.)",
    homepage="https://github.com/vladmandic/face-api",
    attributes=(Attribute.AGE, Attribute.GENDER, Attribute.EXPRESSION),
    weights=WEIGHTS,
)


class FaceApi:
    """The four networks together."""

    card = CARD

    def __init__(self, folder: Path) -> None:
        """Load the networks.

        Args:
            folder: of the converted networks.

        Raises:
            ModelMissingError: they are not there, or onnxruntime is not installed.
            DontspyError: they are not those that were checked.
        """
        networks = [_session(folder, file) for file in WEIGHTS]
        self._detection, self._landmarks, self._age_gender, self._expression = networks

    def look(self, picture: Pixels, box: Box | None) -> Sight | None:
        """Return what face-api says of the face with the highest score, or of the face in the box.

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
        points = landmark_points(raw[0], face.shape[1], face.shape[0], FACE_SIZE)
        aligned = cut(picture, rescaled(aligned_box(points, detected), width, height, 3))
        if aligned is None:
            return None
        return Sight(score, self._guesses(_face_input(aligned)))

    def _detect(self, picture: Pixels) -> tuple[Box, float] | None:
        height, width = picture.shape[:2]
        size = PICTURE_SIZE
        values = square(picture, size, centred=False) / np.float32(127.5) - np.float32(1)
        codes, classes, anchors = _run(self._detection, values)
        return best_face(codes[0], classes[0, :, 1], anchors, width=width, height=height, size=size)

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
    return (square(face, FACE_SIZE, centred=True) - MEAN_COLOUR) / np.float32(255)


def _run(session: Any, values: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    batch = np.ascontiguousarray(values.transpose(2, 0, 1)[np.newaxis])
    outputs: list[NDArray[np.float32]] = session.run(None, {"input": batch})
    return outputs


def _session(folder: Path, file: WeightsFile) -> Any:
    """Return an onnxruntime session in one thread, so that its sums have one order."""
    try:
        body = (folder / file.name).read_bytes()
        import onnxruntime
    except (OSError, ImportError) as error:
        raise ModelMissingError(
            f"the model face-api needs {folder / file.name} and onnxruntime: {error}",
            hint="Install 'dontspy-data[audit]'; in a checkout, with node and npm, run: make audit-models",
        ) from error
    if hashlib.sha256(body).hexdigest() != file.sha256:
        raise DontspyError(
            f"{folder / file.name} is not the file that this project was checked with",
            hint=f"Remove {folder} and convert the weights again: make audit-models",
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(body, options, providers=["CPUExecutionProvider"])


def model_folder() -> Path:
    """Return the folder of the converted networks, below the working directory."""
    return Path(WEIGHTS_FOLDER, "face-api")


def load() -> FaceApi:
    """Load the model, with the weights below the working directory.

    Raises:
        ModelMissingError: the extra `audit` or the converted weights are not installed.
        DontspyError: the weights are not those that were checked.
    """
    return FaceApi(model_folder())
