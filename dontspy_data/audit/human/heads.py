"""What guesses about the face that Human has cut out: its own networks, GEAR, or SSR-Net.

Sources, in the npm package: `src/face/faceres.ts`, `src/gear/*.ts`.
"""

import math
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from dontspy_data.audit.model import YEARS, Attribute, Guess, WeightsFile, label_guesses
from dontspy_data.audit.networks import Network, Values, cropped, resized

HUMAN, GEAR, SSRNET = "human", "gear", "ssrnet"
AGE_GENDER_SIZE, EXPRESSION_SIZE = 224, 64
GREY = np.array([0.2989, 0.5870, 0.1140], dtype=np.float32)
EXPRESSIONS = ("angry", "disgusted", "fearful", "happy", "sad", "surprised", "neutral")
"""In the order of the network's answer."""
HEADS_HUMAN = (
    WeightsFile(
        "age_gender.onnx",
        "806c6029028fbd7e27c95d6de5bc1f3555ffca9df7d686b7686d1bf7b6292be8",
        (Attribute.AGE, Attribute.GENDER),
    ),
    WeightsFile(
        "expression.onnx",
        "d07c49c27130c1e60d0644cc64923055a9d8cf18756557e19597bb08afb668d1",
        (Attribute.EXPRESSION,),
    ),
)
HEADS_GEAR = (
    WeightsFile(
        "age_gender.onnx",
        "0c2f7ab8185815eab3636e7eac32cce605a23a405a3d449472baaf58cd274935",
        (Attribute.AGE, Attribute.GENDER),
    ),
)
HEADS_SSRNET = (
    WeightsFile(
        "age.onnx", "451ae22fc5958c85b620c52f3d1d7413e84d5bf8b25f7e43bd00d5baafc5d214", (Attribute.AGE,)
    ),
    WeightsFile(
        "gender.onnx", "a8e9ca6bbe6fff943ad90f56aa5163a4aa7368c6dde6322b4ada1d7d469b0753", (Attribute.GENDER,)
    ),
)


def _tenths(value: float) -> float:
    return math.floor(10 * value + 0.5) / 10


def _years(value: float) -> Guess:
    return Guess(Attribute.AGE, YEARS, max(value, 0.0), None, chosen=True)


def _genders(female: float, male: float) -> tuple[Guess, ...]:
    return label_guesses(Attribute.GENDER, {"female": female, "male": male})


class HumanHead:
    """Human's own networks for age and gender, and for the expression."""

    def __init__(self, folder: Path) -> None:
        """Load the networks; errors are those of `Human`."""
        self._age_gender, self._expression = (Network(HUMAN, folder, file) for file in HEADS_HUMAN)

    def __call__(self, faces: Sequence[Values]) -> Iterator[tuple[Guess, ...]]:
        """Yield the guesses about each face."""
        size = AGE_GENDER_SIZE
        ages, genders = self._age_gender([resized(face, size, size) * np.float32(255) for face in faces])
        (expressions,) = self._expression(
            [_grey(resized(face, EXPRESSION_SIZE, EXPRESSION_SIZE)) for face in faces]
        )
        for age, gender, expression in zip(ages, genders, expressions, strict=True):
            male = float(gender[0])
            yield (
                _years(_year_of(age)),
                *_genders(1 - male, male),
                *label_guesses(
                    Attribute.EXPRESSION, dict(zip(EXPRESSIONS, map(float, expression), strict=True))
                ),
            )


def _grey(face: Values) -> Values:
    """Return one channel from -1 to 1."""
    grey: Values = ((face * GREY).sum(axis=2, keepdims=True) - np.float32(0.5)) * np.float32(2)
    return grey


def _year_of(shares: Values) -> float:
    """Return Human's age: the likeliest year, moved towards the likelier of its neighbours."""
    best = int(np.argmax(shares))
    # Beyond the first and last year there is nothing, and in JavaScript no comparison with nothing is true.
    before = float(shares[best - 1]) if best > 0 else math.nan
    after = float(shares[best + 1]) if best + 1 < len(shares) else math.nan
    moved = -100 * before if before > after else 100 * after
    return math.floor(10 * best + moved + 0.5) / 10 if not math.isnan(moved) else float(best)


class GearHead:
    """GEAR's network, whose ages are bands."""

    SIZE = 198
    EDGES = (0.0, 0.1, 0.9, 0.9)
    """What Human cuts out for it: top, left, bottom, right."""
    YEARS = (15, 23, 28, 35.5, 45.5, 55.5, 65)

    def __init__(self, folder: Path) -> None:
        """Load the network; errors are those of `Human`."""
        (self._network,) = (Network(GEAR, folder, file) for file in HEADS_GEAR)

    def __call__(self, faces: Sequence[Values]) -> Iterator[tuple[Guess, ...]]:
        """Yield the guesses about each face."""
        ages, genders = self._network([cropped(face, self.EDGES, self.SIZE) for face in faces])
        for shares, (male, female) in zip(ages, genders, strict=True):
            yield (_years(_tenths(self._age(shares))), *_genders(float(female), float(male)))

    def _age(self, shares: Values) -> float:
        """Start from the likeliest band and move towards the others, by their shares, the likelier first."""
        (age, _), *others = sorted(
            zip(self.YEARS, map(float, shares), strict=True), key=lambda pair: -pair[1]
        )
        for year, share in others:
            age += share * (year - age)
        return age


class SsrnetHead:
    """SSR-Net for the age, and a network of its own for the gender."""

    SIZE = 64

    def __init__(self, folder: Path) -> None:
        """Load the networks; errors are those of `Human`."""
        self._age, self._gender = (Network(SSRNET, folder, file) for file in HEADS_SSRNET)

    def __call__(self, faces: Sequence[Values]) -> Iterator[tuple[Guess, ...]]:
        """Yield the guesses about each face."""
        small = [resized(face, self.SIZE, self.SIZE) for face in faces]
        (ages,) = self._age([face * np.float32(255) for face in small])
        (genders,) = self._gender([_grey(face) for face in small])
        for (age,), (female, male) in zip(ages, genders, strict=True):
            yield (_years(math.trunc(10 * float(age)) / 10), *_genders(float(female), float(male)))
