"""What a model is to the audit: a card that says where it comes from, and a look at one picture.

Guesses are of age, gender and expression only. A model that answers anything else is refused.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import entry_points
from importlib.resources import files
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model.texts import web_address
from dontspy_data.portraits.quality import Box as Box  # noqa: PLC0414 - models take it from here

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
OLDEST = 150
"""No age in years is higher."""
GENDERS = ("female", "male")
EXPRESSIONS = ("neutral", "happy", "sad", "angry", "fearful", "disgusted", "surprised")
LABELS: Mapping[Attribute, tuple[str, ...]] = {
    Attribute.AGE: (YEARS,),
    Attribute.GENDER: GENDERS,
    Attribute.EXPRESSION: EXPRESSIONS,
}
"""The labels that each attribute can have."""
FER_2013 = ("angry", "disgusted", "fearful", "happy", "sad", "surprised", "neutral")
"""Expressions in the order in which networks that were trained on FER-2013 answer."""


class BoxSource(StrEnum):
    """Where the face's box comes from."""

    MODEL = "model"
    PACKAGE = "package"
    ORIGINAL = "original"


@dataclass(frozen=True, slots=True)
class Guess:
    """One label of one attribute.

    Attributes:
        attribute: what is guessed.
        label: one of the attribute's `LABELS`.
        value: years for the age, 0 to `OLDEST`, else None.
        score: the model's own confidence in the label, 0 to 1; None if it gives none.
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
        score: its own detector's confidence that this is a face, 0 to 1; None if it gives none or was
            given the box.
        guesses: one a label, for every attribute of the model's card.
        box: where its detector found the face, in pixels of the picture; None if it has no detector.
    """

    score: float | None
    guesses: tuple[Guess, ...]
    box: Box | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked about.

    Attributes:
        picture: upright.
        box: where the face is, in pixels of the picture; None for the model to find it by itself. Of several
            faces it takes the one that its own documentation calls for.
        options: of the choices on its card, those that are not to be as its documentation says, by name.
    """

    picture: Pixels
    box: Box | None
    options: Mapping[str, str] = field(default_factory=dict)


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
class Choice:
    """A way of using the model that can be otherwise, and would give other answers.

    Attributes:
        name: `colour`, `box`, `alignment`, `margin` or `resize`.
        default: the option that the model's own documentation calls for.
        others: options that it can be asked for as well.
        text: what the documentation says, and what the other options are.
    """

    name: str
    default: str
    others: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """What a model is.

    Attributes:
        name: as given to `--model`; that of its entry point.
        version: of the program.
        title: for people.
        description: what it does, in a sentence or two.
        licence: of program and weights.
        training: what its documentation says of the pictures it was trained on.
        homepage: address of its documentation, https:// or http://.
        attributes: what it guesses.
        weights: every file of weights that is read.
        choices: how it is used, and could be.
        not_asked: what else it could answer, and how it is kept from being asked.
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
    choices: tuple[Choice, ...] = ()
    not_asked: str = ""

    def default_of(self, choice: str) -> str:
        """Return the option of a choice that the model's documentation calls for."""
        return next(one.default for one in self.choices if one.name == choice)

    def option(self, choice: str, question: Question) -> str:
        """Return the option of a choice that a question asks for."""
        return question.options.get(choice) or self.default_of(choice)

    def weights_of(self, attribute: str) -> str | None:
        """Return the SHA-256 of the weights behind an attribute; None for a model without weights."""
        return next((file.sha256 for file in self.weights if attribute in file.attributes), None)


def read_card(name: str) -> Card:
    """Return the card of one of the project's own models, from `cards/`; what it lacks is as on the card it is like."""
    told = _read_told(name)
    if other := told.pop("like", None):
        told = {**_read_told(other), **told}
    weights = (WeightsFile(**{**file, "attributes": _attributes(file)}) for file in told["weights"])
    choices = (Choice(**{**choice, "others": tuple(choice["others"])}) for choice in told["choices"])
    return Card(
        **{**told, "attributes": _attributes(told), "weights": tuple(weights), "choices": tuple(choices)}
    )


def _read_told(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("cards", f"{name}.toml").read_text("utf-8"))


def _attributes(told: Mapping[str, Any]) -> tuple[Attribute, ...]:
    return tuple(map(Attribute, told["attributes"]))


class Model(Protocol):
    """A model, used by one thread at a time."""

    @property
    def card(self) -> Card:
        """What the model is."""

    def look(self, questions: Sequence[Question]) -> Sequence[Sight | None]:
        """Guess about the one face in each picture.

        Args:
            questions: several at once, for models that answer many quicker than one after the other.

        Returns:
            As many answers, in their order; None if it finds no face.
        """


def installed_models() -> tuple[str, ...]:
    """List the models that are installed, sorted."""
    return tuple(sorted({point.name for point in entry_points(group=ENTRY_POINTS)}))


def open_model(name: str) -> Model:
    """Open a model by the name of its entry point.

    Raises:
        UsageError: there is no such model.
        ModelMissingError: its program or weights are not installed.
        DontspyError: several packages offer it, it cannot be loaded, or its card gives it another name.
    """
    found = {point.value: point for point in entry_points(group=ENTRY_POINTS) if point.name == name}
    if not found:
        raise UsageError(
            f"there is no model {name!r}",
            hint=f"There are: {', '.join(installed_models())}. How to add one is in docs/audit.md.",
        )
    if len(found) > 1:
        raise DontspyError(
            f"several installed packages offer a model {name!r}: {', '.join(sorted(found))}",
            hint="Uninstall one of them, or give its entry point and its card another name.",
        )
    (point,) = found.values()
    try:
        make = cast("Callable[[], Model]", point.load())
    except (ImportError, AttributeError) as error:
        raise DontspyError(
            f"the model {name} cannot be loaded: {error}",
            hint=f"Its entry point names {point.value}: install what that needs, or correct it.",
        ) from error
    model = make()
    if model.card.name != name:
        raise DontspyError(
            f"the model {name} has a card that names it {model.card.name!r}",
            hint="Give its entry point and its card the same name.",
        )
    return model


def cards_of(models: Sequence[Model]) -> dict[str, Card]:
    """Return the cards of models by name, in their order.

    Raises:
        DontspyError: two share a name, or a card's homepage is no web address.
    """
    cards: dict[str, Card] = {}
    for card in (model.card for model in models):
        if card.name in cards:
            raise DontspyError(
                f"two models are named {card.name}: {cards[card.name].title} and {card.title}",
                hint="Give each card a name of its own.",
            )
        if web_address(card.homepage) != card.homepage:
            raise DontspyError(
                f"the card of the model {card.name} has the homepage {card.homepage!r}",
                hint="Give an address that begins with https:// or http://.",
            )
        cards[card.name] = card
    return cards


def check_sight(card: Card, sight: Sight) -> None:
    """Check that the guesses are what the card promises, all of it, in numbers that can be true.

    Raises:
        DontspyError: something is missing, is more than was promised, or is no age or score.
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
    _check_numbers(card, "age", [guess.value for guess in sight.guesses], OLDEST)
    _check_numbers(card, "score", [sight.score, *(guess.score for guess in sight.guesses)], 1)


def _check_numbers(card: Card, what: str, numbers: Iterable[float | None], highest: float) -> None:
    for number in numbers:
        # A comparison with NaN is false. Numbers of numpy that are no floats could not be kept in the journal.
        if number is not None and not (isinstance(number, float | int) and 0 <= number <= highest):
            raise DontspyError(
                f"the model {card.name} gives the {what} {number!r}",
                hint=f"A model's {what} is a float from 0 to {highest}; cut off or convert what goes beyond.",
            )


def label_guesses(attribute: Attribute, scores: Mapping[str, float]) -> tuple[Guess, ...]:
    """Guesses of an attribute from a score a label; the highest is the answer, the first one on a tie."""
    answer = max(scores, key=lambda label: scores[label])
    return tuple(
        Guess(attribute, label, None, score, chosen=label == answer) for label, score in scores.items()
    )


def gender_guesses(male: float) -> tuple[Guess, ...]:
    """Return the guesses of a network that gives the share of `male` alone; at exactly one half it is `female`."""
    return label_guesses(Attribute.GENDER, {"female": 1 - male, "male": male})


def age_guess(years: float) -> Guess:
    """Return the guess of a network that gives an age without a score."""
    return Guess(Attribute.AGE, YEARS, years, None, chosen=True)


def expression_guesses(labels: Sequence[str], scores: Iterable[float]) -> tuple[Guess, ...]:
    """Return the guesses of a network whose scores are of those labels, in that order."""
    return label_guesses(Attribute.EXPRESSION, dict(zip(labels, map(float, scores), strict=True)))
