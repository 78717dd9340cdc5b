"""A model, as the audit sees it: a card that says where it comes from, and a look at one picture.

Guesses are of age, gender and expression only. A model that answers anything else is refused. The project's own models
are networks in ONNX, run by onnxruntime, with the resizing that TensorFlow.js does before it runs them: everything in
float32, pictures as height by width by channels.
"""

import hashlib
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from importlib.metadata import entry_points
from importlib.resources import files
from pathlib import Path
from typing import Any, Protocol, cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model.texts import safe_link
from dontspy_data.portraits.quality import Box as Box  # noqa: PLC0414 - models take it from here

ENTRY_POINTS = "dontspy_data.audit_models"
WEIGHTS_FOLDER = ".audit-models"
"""Where weights outside of Python packages are installed, below the working directory."""

Pixels = NDArray[np.uint8]
"""A picture: rows, columns, and red, green and blue from 0 to 255 in sRGB."""
Values = NDArray[np.float32]
"""Inputs and outputs of networks."""


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
    """What a model says about the face it looked at.

    Attributes:
        score: its own detector's confidence that this is a face, 0 to 1; None if it gives none or was
            given the box.
        guesses: one per label, for every attribute of the model's card.
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
        box: where the face is, in pixels of the picture; None if the model has to find it. Of several
            faces it takes the one that its documentation says.
        options: options of choices on its card that differ from its documentation, by name of the choice.
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
    """A choice in using the model, which changes its answers.

    Attributes:
        name: `colour`, `box`, `alignment`, `margin` or `resize`.
        default: the option in the model's documentation.
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
        training: what its documentation says about the pictures it was trained on.
        homepage: address of its documentation, https:// or http://.
        attributes: what it guesses.
        weights: every file of weights that is read.
        choices: how it is and could be used.
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
        """Return the option of a choice in the model's documentation."""
        return next(one.default for one in self.choices if one.name == choice)

    def option(self, choice: str, question: Question) -> str:
        """Return the option of a choice that a question asks for."""
        return question.options.get(choice) or self.default_of(choice)

    def weights_of(self, attribute: str) -> str | None:
        """Return the SHA-256 of the weights behind an attribute; None for a model without weights."""
        return next((file.sha256 for file in self.weights if attribute in file.attributes), None)


def read_card(name: str) -> Card:
    """Return the card of a model of the project, from `cards/`; missing entries come from the card it is based on."""
    fields = _read_toml(name)
    if other := fields.pop("like", None):
        fields = {**_read_toml(other), **fields}
    weights = (WeightsFile(**{**file, "attributes": _attributes(file)}) for file in fields["weights"])
    choices = (Choice(**{**choice, "others": tuple(choice["others"])}) for choice in fields["choices"])
    return Card(
        **{**fields, "attributes": _attributes(fields), "weights": tuple(weights), "choices": tuple(choices)}
    )


def _read_toml(name: str) -> dict[str, Any]:
    return tomllib.loads(files(__package__).joinpath("cards", f"{name}.toml").read_text("utf-8"))


def _attributes(fields: Mapping[str, Any]) -> tuple[Attribute, ...]:
    return tuple(map(Attribute, fields["attributes"]))


class Model(Protocol):
    """A model, used by one thread at a time."""

    @property
    def card(self) -> Card:
        """What the model is."""

    def look(self, questions: Sequence[Question]) -> Sequence[Sight | None]:
        """Guess about the one face in each picture.

        Args:
            questions: several at once, for models that answer batches faster.

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
        DontspyError: two share a name, or a card's homepage is not a web address.
    """
    cards: dict[str, Card] = {}
    for card in (model.card for model in models):
        if card.name in cards:
            raise DontspyError(
                f"two models are named {card.name}: {cards[card.name].title} and {card.title}",
                hint="Give each card its own name.",
            )
        if safe_link(card.homepage) != card.homepage:
            raise DontspyError(
                f"the card of the model {card.name} has the homepage {card.homepage!r}",
                hint="Give an address that begins with https:// or http://.",
            )
        cards[card.name] = card
    return cards


def check_sight(card: Card, sight: Sight) -> None:
    """Check that the guesses are exactly what the card promises, with possible numbers.

    Raises:
        DontspyError: something is missing, is not on the card, or is not an age or score.
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
        # A comparison with NaN is false. Numbers of numpy other than floats could not be kept in the journal.
        if number is not None and not (isinstance(number, float | int) and 0 <= number <= highest):
            raise DontspyError(
                f"the model {card.name} gives the {what} {number!r}",
                hint=f"A model's {what} is a float from 0 to {highest}; clip or convert values outside.",
            )


def label_guesses(attribute: Attribute, scores: Mapping[str, float]) -> tuple[Guess, ...]:
    """Return the guesses of an attribute from one score per label; the highest is the answer, the first on a tie."""
    answer = max(scores, key=lambda label: scores[label])
    return tuple(
        Guess(attribute, label, None, score, chosen=label == answer) for label, score in scores.items()
    )


def gender_guesses(male: float) -> tuple[Guess, ...]:
    """Return the guesses of a network that gives only the share of `male`; at exactly one half it is `female`."""
    return label_guesses(Attribute.GENDER, {"female": 1 - male, "male": male})


def age_guess(years: float) -> Guess:
    """Return the guess of a network that gives an age without a score."""
    return Guess(Attribute.AGE, YEARS, years, None, chosen=True)


def expression_guesses(labels: Sequence[str], scores: Iterable[float]) -> tuple[Guess, ...]:
    """Return the guesses of a network whose scores are of those labels, in that order."""
    return label_guesses(Attribute.EXPRESSION, dict(zip(labels, map(float, scores), strict=True)))


class Network:
    """A network, run in one thread, so that sums are computed in one order."""

    def __init__(self, model: str, folder: Path, file: WeightsFile) -> None:
        """Load a network.

        Args:
            model: name of the model that needs it, for errors.
            folder: of the converted networks.
            file: its name and digest.

        Raises:
            ModelMissingError: it is not there, or onnxruntime is not installed.
            DontspyError: it is not the file that was checked.
        """
        path = folder / file.name
        try:
            body = path.read_bytes()
            import onnxruntime
        except (OSError, ImportError) as error:
            raise ModelMissingError(
                f"the model {model} needs {path} and onnxruntime: {error}",
                hint="Install 'dontspy-data[audit]'; in a checkout, with node and npm, run: make audit-models",
            ) from error
        if hashlib.sha256(body).hexdigest() != file.sha256:
            raise DontspyError(
                f"{path} is not the file that this project was checked with",
                hint=f"Remove {folder} and convert the weights again: make audit-models",
            )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session: Any = onnxruntime.InferenceSession(body, options, providers=["CPUExecutionProvider"])

    def __call__(self, pictures: Sequence[Values]) -> list[Values]:
        """Return each output of the network for all pictures, one row per picture.

        They are run one after the other: on a processor this is faster than a batch, whose values do not stay
        in the cache, and no answer depends on other questions.

        Args:
            pictures: at least one, each of the size that the network takes, in its order of axes.
        """
        answers = [
            self._session.run(None, {"input": np.ascontiguousarray(each[np.newaxis])}) for each in pictures
        ]
        return [np.concatenate(outputs) for outputs in zip(*answers, strict=True)]


def model_folder(model: str) -> Path:
    """Return the folder of a model's converted networks, below the working directory."""
    return Path(WEIGHTS_FOLDER, model)


def resized(picture: NDArray[Any], height: int, width: int) -> Values:
    """Resize as TensorFlow's `resize_bilinear` without aligned corners: bilinear between top left corners of pixels."""
    before = picture.shape[:2]
    if before == (height, width):
        return picture.astype(np.float32)
    down, across = (
        np.arange(size, dtype=np.float32) * np.float32(old / size)
        for size, old in zip((height, width), before, strict=True)
    )
    return _sampled(picture, down, across)


def cropped(picture: NDArray[Any], edges: tuple[float, float, float, float], size: int) -> Values:
    """Cut and resize as TensorFlow's `crop_and_resize`: bilinear, 0 outside of the picture.

    Args:
        picture: the picture to cut.
        edges: top, left, bottom, right, in shares of the picture's height and width.
        size: pixels a side of the result.
    """
    top, left, bottom, right = edges
    steps = np.arange(size) / (size - 1)
    ends = [side - 1 for side in picture.shape[:2]]
    down = (top + (bottom - top) * steps) * ends[0]
    across = (left + (right - left) * steps) * ends[1]
    inside = np.outer((down >= 0) & (down <= ends[0]), (across >= 0) & (across <= ends[1]))
    clipped = (np.clip(places, 0, end) for places, end in zip((down, across), ends, strict=True))
    values: Values = _sampled(picture, *clipped) * inside[..., np.newaxis]
    return values.astype(np.float32)


def _sampled(picture: NDArray[Any], down: NDArray[Any], across: NDArray[Any]) -> Values:
    """Return the picture's interpolated values at each pair of places."""
    (top, bottom, share_down), (left, right, share_across) = (
        _neighbours(places, side - 1) for places, side in zip((down, across), picture.shape[:2], strict=True)
    )
    rows = np.union1d(top, bottom)  # Most rows of a large picture are never used.
    kept = _between(
        picture[np.ix_(rows, left)], picture[np.ix_(rows, right)], share_across[np.newaxis, :, np.newaxis]
    )
    above, below = kept[np.searchsorted(rows, top)], kept[np.searchsorted(rows, bottom)]
    return _between(above, below, share_down[:, np.newaxis, np.newaxis])


def _neighbours(places: NDArray[Any], last: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Values]:
    low = places.astype(np.int64)
    high = np.minimum(np.ceil(places).astype(np.int64), last)
    return low, high, (places - low).astype(np.float32)


def _between(start: NDArray[Any], end: NDArray[Any], share: Values) -> Values:
    first = start.astype(np.float32)
    return first + (end.astype(np.float32) - first) * share


def resized_by_pillow(picture: Pixels, size: int, method: str) -> Values:
    """Resize to a square as Pillow does, which uses every pixel when it makes a picture smaller.

    Args:
        picture: values 0 to 255.
        size: pixels a side of the result.
        method: `antialiased` (bilinear) or `bicubic`.
    """
    resampling = {"antialiased": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}[method]
    return np.asarray(Image.fromarray(picture).resize((size, size), resampling), dtype=np.float32)
