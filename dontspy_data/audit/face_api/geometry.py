"""Boxes and squares as face-api makes and cuts them, step for step, so that its numbers come out.

Sources, in the npm package: `src/classes/Box.ts`, `src/classes/FaceLandmarks.ts`, `src/dom/NetInput.ts`,
`src/ops/padToSquare.ts`, `src/ssdMobilenetv1`.
"""

import math

import numpy as np
from numpy.typing import NDArray

from dontspy_data.audit.model import Box, Pixels
from dontspy_data.audit.networks import resized, resized_by_pillow

LEAST_SCORE = 0.5
"""face-api's own default."""
MARGIN = 0.2
"""What face-api itself adds to the box around the landmarks, as a share of its width and height."""
BILINEAR = "bilinear"


def rescaled(box: Box, width: int, height: int, times: int) -> Box:
    """Return the box after so many turns into shares of the picture and back.

    face-api does that, and a float's last digit then decides on which side of a whole pixel an edge is cut.
    """
    for _ in range(times):
        box = Box(
            box.left * (1 / width) * width,
            box.top * (1 / height) * height,
            box.width * (1 / width) * width,
            box.height * (1 / height) * height,
        )
    return box


def cut(picture: Pixels, box: Box) -> Pixels | None:
    """Cut out the part of a picture inside a box, in whole pixels; return None if nothing is inside."""
    height, width = picture.shape[:2]
    left, top = max(box.left, 0.0), max(box.top, 0.0)
    inner_width = math.floor(min(box.left + box.width - left, width - left))
    inner_height = math.floor(min(box.top + box.height - top, height - top))
    if inner_width <= 0 or inner_height <= 0:
        return None
    x, y = math.floor(left), math.floor(top)
    return picture[y : y + inner_height, x : x + inner_width]


def square(picture: Pixels, size: int, *, centred: bool, resize: str = BILINEAR) -> NDArray[np.float32]:
    """Pad the picture with black to a square and resize it, values 0 to 255.

    Args:
        picture: rows, columns, three colours.
        size: pixels a side of the result.
        centred: whether padding goes to both sides, else below or to the right.
        resize: `bilinear` as TensorFlow.js does it, or a method of `resized_by_pillow`.
    """
    height, width = picture.shape[:2]
    missing = abs(height - width)
    # JavaScript rounds halves up.
    after = math.floor(missing * 0.5 + 0.5) if centred else missing
    sides = [(0, 0), (0, 0), (0, 0)]
    sides[1 if height > width else 0] = (missing - after, after)
    padded = np.pad(picture, sides) if missing else picture
    return resized(padded, size, size) if resize == BILINEAR else resized_by_pillow(padded, size, resize)


def landmark_points(raw: NDArray[np.float32], width: int, height: int, size: int) -> NDArray[np.float64]:
    """Return the 68 points in pixels of the face that was looked at.

    Args:
        raw: the network's answer, shares of the padded square, x and y in turn.
        width: of the face in pixels.
        height: of the face in pixels.
        size: pixels a side of the square that the network saw.
    """
    scale = size / max(width, height)
    inner = np.array([width * scale, height * scale])
    padding = np.array([max(0.0, inner[1] - inner[0]) / 2, max(0.0, inner[0] - inner[1]) / 2])
    shares = (raw.reshape(68, 2) * np.float32(size) - padding.astype(np.float32)) / inner.astype(np.float32)
    points: NDArray[np.float64] = shares.astype(np.float64) * np.array([width, height])
    return points


def aligned_box(points: NDArray[np.float64], detected: Box, margin: float = MARGIN) -> Box:
    """Return the box around the landmarks, with a margin.

    Args:
        points: in pixels of the detected face.
        detected: box of that face in the picture.
        margin: added to the box around the landmarks, as a share of its width and height.
    """
    moved = points + np.array([detected.left, detected.top])
    left, top = (float(value) for value in moved.min(axis=0))
    right, bottom = (max(0.0, float(value)) for value in moved.max(axis=0))
    across, down = (right - left) * margin, (bottom - top) * margin
    return Box(left - across / 2, top - down / 2, right - left + across, bottom - top + down)


def best_face(
    codes: NDArray[np.float32],
    scores: NDArray[np.float32],
    anchors: NDArray[np.float32],
    *,
    width: int,
    height: int,
    size: int,
) -> tuple[Box, float] | None:
    """Return the face with the highest score, and that score; None if no score is above the threshold.

    face-api weeds out overlapping boxes before it takes the best; the best is never weeded out.

    Args:
        codes: of the boxes, relative to their anchors, one row a box.
        scores: probability of a face, one a box.
        anchors: top, left, bottom, right, in shares of the square.
        width: of the picture in pixels.
        height: of the picture in pixels.
        size: pixels a side of the square that the network saw.
    """
    best = int(np.argmax(scores))
    if not scores[best] > LEAST_SCORE:
        return None
    top, left, bottom, right = (float(edge) for edge in np.clip(_decoded(codes[best], anchors[best]), 0, 1))
    scale = size / max(width, height)
    # The square is padded below or to the right; JavaScript rounds halves up.
    across, down = (size / np.floor(side * scale + 0.5) for side in (width, height))
    return (
        Box(
            left * across * width,
            top * down * height,
            (right - left) * across * width,
            (bottom - top) * down * height,
        ),
        float(scores[best]),
    )


def _decoded(code: NDArray[np.float32], anchor: NDArray[np.float32]) -> NDArray[np.float32]:
    """Top, left, bottom, right in shares of the square. The code is of centre and size, scaled by 10 and 5."""
    sizes = anchor[2:] - anchor[:2]
    centres = code[:2] / np.float32(10) * sizes + anchor[:2] + sizes / np.float32(2)
    halves = np.exp(code[2:] / np.float32(5)) * sizes / np.float32(2)
    return np.concatenate([centres - halves, centres + halves])
