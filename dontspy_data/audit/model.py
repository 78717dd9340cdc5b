"""What a model is to the audit: a card that says where it comes from, and a look at one picture.

Guesses are of age, gender and expression only. A model that answers anything else is refused.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import entry_points
from typing import Protocol, cast

import numpy as np
from numpy.typing import NDArray

from dontspy_data.errors import DontspyError, UsageError

ENTRY_POINTS = "dontspy_data.audit_models"
WEIGHTS_FOLDER = ".audit-models"
"""Where weights that are no Python package are installed, below the working directory."""

Pixels = NDArray[np.uint8]
"""A picture: rows, columns, and red, green and blue from 0 to 255 in sRGB."""


class ModelMissingError(DontspyError):
    """A model whose program or weights are not installed; the hint says how to install them."""


class Attribute(StrEnum):
    """What may be guessed."""

    AGE = "age"
    GENDER = "gender"
    EXPRESSION = "expression"


YEARS = "years"
GENDERS = ("female", "male")
EXPRESSIONS = ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
LABELS: Mapping[Attribute, tuple[str, ...]] = {
    Attribute.AGE: (YEARS,),
    Attribute.GENDER: GENDERS,
    Attribute.EXPRESSION: EXPRESSIONS,
}
"""The labels that each attribute can have."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels of the upright picture."""

    left: float
    top: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Guess:
    """One label of one attribute.

    Attributes:
        attribute: what is guessed.
        label: one of the attribute's `LABELS`.
        value: years for the age, else None.
        score: the model's own confidence in the label, 0 to 1; None where it gives none.
        chosen: whether this label is the model's answer.
    """

    attribute: Attribute
    label: str
    value: float | None
    score: float | None
    chosen: bool


@dataclass(frozen=True, slots=True)
class Sight:
    """What a model says of the face it looked at.

    Attributes:
        score: its own detector's confidence that this is a face, 0 to 1; None where it gives none or was
            given the box.
        guesses: one a label, for every attribute of the model's card.
    """

    score: float | None
    guesses: tuple[Guess, ...]


@dataclass(frozen=True, slots=True)
class WeightsFile:
    """A file of weights.

    Attributes:
        name: of the file.
        sha256: of its bytes.
        attributes: what is guessed from it directly; empty for detectors and landmarks.
    """

    name: str
    sha256: str
    attributes: tuple[Attribute, ...]


@dataclass(frozen=True, slots=True)
class Card:
    """What a model is.

    Attributes:
        name: as given to `--model`.
        version: of the program.
        title: for people.
        description: what it does, in a sentence or two.
        licence: of program and weights.
        training: what its documentation says of the pictures it was trained on.
        homepage: address of its documentation.
        attributes: what it guesses.
        weights: every file of weights that is read.
    """

    name: str
    version: str
    title: str
    description: str
    licence: str
    training: str
    homepage: str
    attributes: tuple[Attribute, ...]
    weights: tuple[WeightsFile, ...]

    def weights_of(self, attribute: Attribute) -> str | None:
        """SHA-256 of the weights that an attribute is guessed from; None for a model without weights."""
        return next((file.sha256 for file in self.weights if attribute in file.attributes), None)


class Model(Protocol):
    """A model. It is looked at from several threads at once."""

    @property
    def card(self) -> Card:
        """What the model is."""

    def look(self, picture: Pixels, box: Box | None) -> Sight | None:
        """What the model says of the one face in a picture.

        Args:
            picture: upright.
            box: where the face is; None for the model to find it by itself. With several, it takes the
                one that its own documentation calls for.

        Returns:
            None where it finds no face.
        """


def installed_models() -> tuple[str, ...]:
    """Names of the models that are installed, sorted."""
    return tuple(sorted({point.name for point in entry_points(group=ENTRY_POINTS)}))


def open_model(name: str) -> Model:
    """A model by the name of its entry point.

    Raises:
        UsageError: there is no such model.
        ModelMissingError: its program or weights are not installed.
    """
    found = [point for point in entry_points(group=ENTRY_POINTS) if point.name == name]
    if not found:
        raise UsageError(
            f"there is no model {name!r}",
            hint=f"There are: {', '.join(installed_models())}. How to add one is in docs/audit.md.",
        )
    return cast("Callable[[], Model]", found[0].load())()


def check_sight(card: Card, sight: Sight) -> None:
    """Nothing but what the card promises, and all of that.

    Raises:
        DontspyError: something is missing, or is more than was promised.
    """
    answered = [(guess.attribute, guess.label) for guess in sight.guesses]
    promised = [(attribute, label) for attribute in card.attributes for label in LABELS[attribute]]
    chosen = [guess.attribute for guess in sight.guesses if guess.chosen]
    aged = [guess.attribute for guess in sight.guesses if guess.value is not None]
    if (
        sorted(answered) != sorted(promised)
        or sorted(chosen) != sorted(card.attributes)
        or aged != [attribute for attribute in card.attributes if attribute is Attribute.AGE]
    ):
        raise DontspyError(
            f"the model {card.name} does not answer as its card says",
            hint="A model gives one guess for each label of each attribute on its card, one of them chosen, and a "
            "value for the age alone; see docs/audit.md.",
        )


def label_guesses(attribute: Attribute, scores: Mapping[str, float]) -> tuple[Guess, ...]:
    """Guesses of an attribute from a score a label; the highest is the answer, the first one on a tie."""
    answer = max(scores, key=lambda label: scores[label])
    return tuple(
        Guess(attribute, label, None, score, chosen=label == answer) for label, score in scores.items()
    )
