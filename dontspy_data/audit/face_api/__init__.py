"""The campaign's own stack: the networks of `@vladmandic/face-api`, run by onnxruntime.

`scripts/convert_face_api.py` converts the npm package's weights once. The answers are those of face-api in node with
TensorFlow.js's wasm backend, given the same pixels: ages within 0.01 year and probabilities within 0.0001. A browser
gives slightly others, since it resizes with its canvas. The package's network that tells people apart is never opened.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dontspy_data.audit.face_api.geometry import (
    BILINEAR,
    MARGIN,
    aligned_box,
    best_face,
    cut,
    landmark_points,
    rescaled,
    square,
)
from dontspy_data.audit.model import (
    EXPRESSIONS,
    YEARS,
    Attribute,
    Box,
    Card,
    Choice,
    Guess,
    Pixels,
    Question,
    Sight,
    WeightsFile,
    label_guesses,
)
from dontspy_data.audit.networks import Network, Values, model_folder

NAME = "face-api"
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
    name=NAME,
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
    choices=(
        Choice(
            "colour",
            "applied",
            ("ignored",),
            "Its documentation gives it an <img> of a web page, whose colour profile the browser applies. In node, "
            "tf.node.decodeImage ignores it.",
        ),
        Choice(
            "alignment",
            "landmarks",
            ("detector",),
            "Its documentation calls withFaceLandmarks() before withAgeAndGender(): the box around 68 landmarks "
            "is cut out. Without that call, the detector's box is (`detector`).",
        ),
        Choice(
            "margin",
            str(MARGIN),
            ("0", "0.4"),
            "What FaceLandmarks.align adds to the box around the landmarks, as a share of its width and height.",
        ),
        Choice(
            "resize",
            BILINEAR,
            ("antialiased", "bicubic"),
            "TensorFlow.js resizes between corners of pixels (`bilinear`), as in node. A browser's canvas smooths, as "
            "Pillow does with `antialiased` and `bicubic`.",
        ),
    ),
    not_asked="The package's face_recognition_model, which tells people apart, is neither opened nor converted.",
)


@dataclass(frozen=True, slots=True)
class _Face:
    """A face that was found: the question it answers, its box, the detector's score, and the pixels in the box."""

    place: int
    question: Question
    box: Box
    score: float | None
    region: Pixels

    def option(self, choice: str) -> str:
        return CARD.option(choice, self.question)


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
        networks = [Network(NAME, folder, file) for file in WEIGHTS]
        self._detection, self._landmarks, self._age_gender, self._expression = networks

    def look(self, questions: Sequence[Question]) -> list[Sight | None]:
        """Return what face-api says of the face with the highest score, or of the face in the box.

        Returns:
            None if its detector finds no face, or the box lies outside the picture.
        """
        sights: list[Sight | None] = [None] * len(questions)
        faces = [
            face
            for place, question in enumerate(questions)
            if (face := self._find(place, question)) is not None
        ]
        framed = list(self._framed(faces)) if faces else []
        if framed:
            inputs = [_face_input(region, face.option("resize")) for face, region in framed]
            for (face, _), guesses in zip(framed, self._guesses(inputs), strict=True):
                sights[face.place] = Sight(face.score, guesses, face.box)
        return sights

    def _find(self, place: int, question: Question) -> _Face | None:
        height, width = question.picture.shape[:2]
        # face-api keeps a box as shares of the picture and turns it into pixels whenever it uses it.
        found = (
            (rescaled(question.box, width, height, 1), None)
            if question.box
            else self._detect(question.picture)
        )
        if not found:
            return None
        box, score = found
        region = cut(question.picture, rescaled(box, width, height, 2))
        return None if region is None else _Face(place, question, box, score, region)

    def _detect(self, picture: Pixels) -> tuple[Box, float] | None:
        height, width = picture.shape[:2]
        size = PICTURE_SIZE
        values = square(picture, size, centred=False) / np.float32(127.5) - np.float32(1)
        codes, classes, anchors = self._detection([values.transpose(2, 0, 1)])
        return best_face(codes[0], classes[0, :, 1], anchors, width=width, height=height, size=size)

    def _framed(self, faces: Sequence[_Face]) -> Iterator[tuple[_Face, Pixels]]:
        """Yield each face with the part of its picture that is guessed from, if there is any."""
        (raw,) = self._landmarks([_face_input(face.region, face.option("resize")) for face in faces])
        for face, shares in zip(faces, raw, strict=True):
            if face.option("alignment") == "detector":
                yield face, face.region
                continue
            picture, region = face.question.picture, face.region
            points = landmark_points(shares, region.shape[1], region.shape[0], FACE_SIZE)
            box = aligned_box(points, face.box, float(face.option("margin")))
            framed = cut(picture, rescaled(box, picture.shape[1], picture.shape[0], 3))
            if framed is not None:
                yield face, framed

    def _guesses(self, inputs: Sequence[Values]) -> Iterator[tuple[Guess, ...]]:
        years, genders = self._age_gender(inputs)
        (expressions,) = self._expression(inputs)
        for age, gender, expression in zip(years, genders, expressions, strict=True):
            # The first class is male. At exactly one half face-api says female.
            male = float(gender[0])
            yield (
                Guess(Attribute.AGE, YEARS, float(age[0]), None, chosen=True),
                *label_guesses(Attribute.GENDER, {"female": 1 - male, "male": male}),
                *label_guesses(
                    Attribute.EXPRESSION, dict(zip(EXPRESSIONS, map(float, expression), strict=True))
                ),
            )


def _face_input(face: Pixels, resize: str) -> Values:
    values = (square(face, FACE_SIZE, centred=True, resize=resize) - MEAN_COLOUR) / np.float32(255)
    return values.transpose(2, 0, 1)


def load() -> FaceApi:
    """Load the model, with the weights below the working directory.

    Raises:
        ModelMissingError: the extra `audit` or the converted weights are not installed.
        DontspyError: the weights are not those that were checked.
    """
    return FaceApi(model_folder(NAME))
