"""From the detector's numbers to one box, as in the npm package's `src/ssdMobilenetv1`."""

import numpy as np
from numpy.typing import NDArray

from dontspy_data.audit.model import Box

LEAST_SCORE = 0.5
"""face-api's own default."""


def best_face(
    codes: NDArray[np.float32],
    scores: NDArray[np.float32],
    anchors: NDArray[np.float32],
    *,
    width: int,
    height: int,
    size: int,
) -> tuple[Box, float] | None:
    """The face with the highest score and that score; None where no score is above face-api's threshold.

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
