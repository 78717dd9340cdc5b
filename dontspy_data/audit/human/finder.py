"""Finding the face as Human does, and cutting it out.

Sources, in the npm package: `src/face/blazeface.ts`, `src/face/facemesh.ts`, `src/face/facemeshutil.ts`, and
`src/config.ts` for what it does unless it is told otherwise. It keeps the faces whose mesh is scored above 0.2; nothing
else of the mesh is used, and so nothing else is converted.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dontspy_data.audit.model import Box, Card, Guess, Pixels, Question, Sight, WeightsFile
from dontspy_data.audit.networks import Network, Values, cropped, resized, resized_by_pillow

DETECTOR_SIZE, MESH_SIZE = 256, 192
LEAST_SCORE = 0.2
LEAST_LOGIT = math.log(LEAST_SCORE / (1 - LEAST_SCORE))

DETECTOR = WeightsFile(
    "detector.onnx", "fea2208d24c972c7801d23934fdb3224e1f180f26793ab6b5a204453ca8ee541", ()
)
MESH = WeightsFile("mesh.onnx", "7111f465224d4ce94f36ef1207d1763b8f6887584e1e0b2fc5a98b715fa15eaf", ())
Head = Callable[[Sequence[Values]], Iterator[tuple[Guess, ...]]]
"""From faces of `MESH_SIZE`, values 0 to 1, to the guesses about each."""


@dataclass(frozen=True, slots=True)
class _Found:
    """A face that was found: its box, the detector's score, and how far it leans to the right, in radians, if known."""

    box: Box
    score: float | None
    lean: float | None


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


def _given(question: Question) -> _Found | None:
    return _Found(question.box, None, None) if question.box else None


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
