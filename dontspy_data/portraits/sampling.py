"""Turned and scaled squares out of a picture, for crops and for measuring."""

import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Vector = NDArray[np.float64]
MARGIN = 2  # pixels that bicubic interpolation reaches over the edge


def square(image: Image.Image, size: int, corner: Vector, x: Vector, y: Vector) -> Image.Image:
    """The square of `size` by `size` pixels that stands on a parallelogram of the picture.

    Where the square is much smaller than what it shows, the picture is averaged first, so that nothing
    flickers. Outside of the picture its nearest edge is repeated. Memory is bounded by the picture and
    the square, wherever the parallelogram lies.

    Args:
        image: a picture of any mode that Pillow resamples.
        size: of the square.
        corner: where in the picture the square's top left corner stands.
        x: from there to its top right corner.
        y: from there to its bottom left corner.
    """
    factor = max(1, int(math.hypot(*x) / size))
    corners = np.array([corner, corner + x, corner + y, corner + x + y])
    low, high = np.floor(corners.min(axis=0)), np.ceil(corners.max(axis=0))
    left, top = (int(np.clip(low[n] - MARGIN * factor, 0, image.size[n] - 1)) for n in (0, 1))
    right, bottom = (
        int(np.clip(high[n] + MARGIN * factor, start + 1, image.size[n]))
        for n, start in ((0, left), (1, top))
    )
    near = np.asarray(image.crop((left, top, right, bottom)).reduce(factor))
    origin = np.array([left, top], dtype=np.float64)
    first = np.floor((low - origin) / factor).astype(int) - MARGIN
    last = np.ceil((high - origin) / factor).astype(int) + MARGIN
    columns = np.clip(np.arange(first[0], last[0] + 1), 0, near.shape[1] - 1)
    rows = np.clip(np.arange(first[1], last[1] + 1), 0, near.shape[0] - 1)
    start, step_x, step_y = (corner - origin) / factor - first, x / factor / size, y / factor / size
    return Image.fromarray(near[rows][:, columns]).transform(
        (size, size),
        Image.Transform.AFFINE,
        (step_x[0], step_y[0], start[0], step_x[1], step_y[1], start[1]),
        Image.Resampling.BICUBIC,
    )


def share_outside(image: Image.Image, size: int, corner: Vector, x: Vector, y: Vector) -> float:
    """Share of a square's pixels whose centres lie outside the picture, 0 to 1; arguments as for `square`."""
    steps = (np.arange(size) + 0.5) / size
    places = corner + steps[None, :, None] * x + steps[:, None, None] * y
    inside = (places >= 0) & (places <= np.array(image.size))
    return 1 - float(inside.all(axis=2).mean())
