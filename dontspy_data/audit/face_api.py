"""The campaign's own stack: the networks of `@vladmandic/face-api`, run by onnxruntime.

`scripts/convert_face_api.py` converts the npm package's weights once. The answers are those of face-api in node with
TensorFlow.js's wasm backend, given the same pixels: ages within 0.01 year and probabilities within 0.0001. A browser
gives slightly others, since it resizes with its canvas. The package's network for identifying people is never opened.

Boxes and squares are computed and cut step by step as in face-api, to get the same numbers. Sources, in the npm
package: `src/classes/Box.ts`, `src/classes/FaceLandmarks.ts`, `src/dom/NetInput.ts`, `src/ops/padToSquare.ts`,
`src/ssdMobilenetv1`.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dontspy_data.audit.model import (
    EXPRESSIONS,
    Box,
    Guess,
    Network,
    Pixels,
    Question,
    Sight,
    Values,
    age_guess,
    expression_guesses,
    gender_guesses,
    model_folder,
    read_card,
    resized,
    resized_by_pillow,
)

NAME = "face-api"
FACE_SIZE = 112
PICTURE_SIZE = 512
MEAN_COLOUR = np.array([122.782, 117.001, 104.298], dtype=np.float32)
LEAST_SCORE = 0.5
"""face-api's own default."""
BILINEAR = "bilinear"
CARD = read_card(NAME)


@dataclass(frozen=True, slots=True)
class _Face:
    """A detected face: the question it answers, its box, the detector's score, and the pixels in the box."""

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
        networks = [Network(NAME, folder, file) for file in CARD.weights]
        self._detection, self._landmarks, self._age_gender, self._expression = networks

    def look(self, questions: Sequence[Question]) -> list[Sight | None]:
        """Return face-api's guesses for the face with the highest score, or for the face in the box.

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
        values = square(picture, PICTURE_SIZE, centred=False) / np.float32(127.5) - np.float32(1)
        codes, classes, anchors = self._detection([values.transpose(2, 0, 1)])
        return best_face(codes[0], classes[0, :, 1], anchors, width=width, height=height)

    def _framed(self, faces: Sequence[_Face]) -> Iterator[tuple[_Face, Pixels]]:
        """Yield each face with the part of its picture that guesses are made from, if any."""
        (raw,) = self._landmarks([_face_input(face.region, face.option("resize")) for face in faces])
        for face, shares in zip(faces, raw, strict=True):
            if face.option("alignment") == "detector":
                yield face, face.region
                continue
            picture, region = face.question.picture, face.region
            points = landmark_points(shares, region.shape[1], region.shape[0])
            box = aligned_box(points, face.box, float(face.option("margin")))
            framed = cut(picture, rescaled(box, picture.shape[1], picture.shape[0], 3))
            if framed is not None:
                yield face, framed

    def _guesses(self, inputs: Sequence[Values]) -> Iterator[tuple[Guess, ...]]:
        years, genders = self._age_gender(inputs)
        (expressions,) = self._expression(inputs)
        for age, gender, expression in zip(years, genders, expressions, strict=True):
            # The first class is male. At exactly one half face-api says female.
            yield (
                age_guess(float(age[0])),
                *gender_guesses(float(gender[0])),
                *expression_guesses(EXPRESSIONS, expression),
            )


def _face_input(face: Pixels, resize: str) -> Values:
    values = (square(face, FACE_SIZE, centred=True, resize=resize) - MEAN_COLOUR) / np.float32(255)
    return values.transpose(2, 0, 1)


def rescaled(box: Box, width: int, height: int, times: int) -> Box:
    """Return the box after a number of conversions into shares of the picture and back.

    face-api converts it so, and a float's last digit then decides on which side of a whole pixel an edge is cut.
    """
    for _ in range(times):
        box = Box(
            box.left * (1 / width) * width,
            box.top * (1 / height) * height,
            box.width * (1 / width) * width,
            box.height * (1 / height) * height,
        )
    return box


def cut(picture: Pixels, box: Box) -> Pixels | None:
    """Cut out the part of a picture inside a box, in whole pixels; return None if nothing is inside."""
    height, width = picture.shape[:2]
    left, top = max(box.left, 0.0), max(box.top, 0.0)
    inner_width = math.floor(min(box.left + box.width - left, width - left))
    inner_height = math.floor(min(box.top + box.height - top, height - top))
    if inner_width <= 0 or inner_height <= 0:
        return None
    x, y = math.floor(left), math.floor(top)
    return picture[y : y + inner_height, x : x + inner_width]


def square(picture: Pixels, size: int, *, centred: bool, resize: str = BILINEAR) -> Values:
    """Pad the picture with black to a square and resize it, values 0 to 255.

    Args:
        picture: rows, columns, three colours.
        size: pixels per side of the result.
        centred: whether padding goes to both sides, else below or to the right.
        resize: `bilinear` as TensorFlow.js does it, or a method of `resized_by_pillow`.
    """
    height, width = picture.shape[:2]
    missing = abs(height - width)
    # JavaScript rounds halves up.
    after = math.floor(missing * 0.5 + 0.5) if centred else missing
    sides = [(0, 0), (0, 0), (0, 0)]
    sides[1 if height > width else 0] = (missing - after, after)
    padded = np.pad(picture, sides) if missing else picture
    return resized(padded, size, size) if resize == BILINEAR else resized_by_pillow(padded, size, resize)


def landmark_points(raw: Values, width: int, height: int) -> NDArray[np.float64]:
    """Return the 68 landmarks in pixels of the face.

    Args:
        raw: the network's answer, shares of the padded square, x and y in turn.
        width: of the face in pixels.
        height: of the face in pixels.
    """
    scale = FACE_SIZE / max(width, height)
    inner = np.array([width * scale, height * scale])
    padding = np.array([max(0.0, inner[1] - inner[0]) / 2, max(0.0, inner[0] - inner[1]) / 2])
    shares = (raw.reshape(68, 2) * np.float32(FACE_SIZE) - padding.astype(np.float32)) / inner.astype(
        np.float32
    )
    points: NDArray[np.float64] = shares.astype(np.float64) * np.array([width, height])
    return points


def aligned_box(points: NDArray[np.float64], detected: Box, margin: float) -> Box:
    """Return the box around the landmarks, with a margin.

    Args:
        points: in pixels of the detected face.
        detected: box of that face in the picture.
        margin: added to the box around the landmarks, as a share of its width and height.
    """
    moved = points + np.array([detected.left, detected.top])
    left, top = (float(value) for value in moved.min(axis=0))
    right, bottom = (max(0.0, float(value)) for value in moved.max(axis=0))
    across, down = (right - left) * margin, (bottom - top) * margin
    return Box(left - across / 2, top - down / 2, right - left + across, bottom - top + down)


def best_face(
    codes: Values, scores: Values, anchors: Values, *, width: int, height: int
) -> tuple[Box, float] | None:
    """Return the face with the highest score, and that score; None if no score is above the threshold.

    face-api removes overlapping boxes before it takes the best one, which is never removed.

    Args:
        codes: of the boxes, relative to their anchors, one row per box.
        scores: probability of a face, one per box.
        anchors: top, left, bottom, right, in shares of the square.
        width: of the picture in pixels.
        height: of the picture in pixels.
    """
    best = int(np.argmax(scores))
    if not scores[best] > LEAST_SCORE:
        return None
    top, left, bottom, right = (float(edge) for edge in np.clip(_decoded(codes[best], anchors[best]), 0, 1))
    scale = PICTURE_SIZE / max(width, height)
    # The square is padded below or to the right; JavaScript rounds halves up.
    across, down = (PICTURE_SIZE / np.floor(side * scale + 0.5) for side in (width, height))
    left, wide = left * across * width, (right - left) * across * width
    top, high = top * down * height, (bottom - top) * down * height
    return Box(left, top, wide, high), float(scores[best])


def _decoded(code: Values, anchor: Values) -> Values:
    """Return top, left, bottom, right in shares of the square. The code is of centre and size, scaled by 10 and 5."""
    sizes = anchor[2:] - anchor[:2]
    centres = code[:2] / np.float32(10) * sizes + anchor[:2] + sizes / np.float32(2)
    halves = np.exp(code[2:] / np.float32(5)) * sizes / np.float32(2)
    return np.concatenate([centres - halves, centres + halves])


def load() -> FaceApi:
    """Load the model, with the weights below the working directory.

    Raises:
        ModelMissingError: the extra `audit` or the converted weights are not installed.
        DontspyError: the weights are not those that were checked.
    """
    return FaceApi(model_folder(NAME))
