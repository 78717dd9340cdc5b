"""A canvas to lay soft-edged shapes on, in the coordinates of the commonest real portrait, 170 x 215.

It is larger than that by a whole number, and made smaller at the end, so that edges are smooth.
"""

import math
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
Point = tuple[float, float]
Shape = tuple[float, ...]
"""Four numbers: an ellipse in that box. More: a polygon, x and y in turn."""
Box = tuple[int, int, int, int]

WIDTH, HEIGHT = 170, 215


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Mix two colours; `share` of the other, 0 to 1."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


class Canvas:
    """A picture in the making.

    Attributes:
        image: the picture as it stands, `detail` times as large as a portrait.
    """

    def __init__(self, ground: Colour, detail: int) -> None:
        self.image = Image.new("RGB", (WIDTH * detail, HEIGHT * detail), ground)
        self._detail = detail

    def finished(self, size: tuple[int, int]) -> Image.Image:
        """Return the picture in the size asked for."""
        return self.image.resize(size, Image.Resampling.LANCZOS)

    def paint(
        self,
        shape: Shape,
        colour: Colour,
        *,
        blur: float = 0.4,
        share: float = 1,
        within: Image.Image | None = None,
    ) -> None:
        """Lay a colour on.

        Args:
            shape: where.
            colour: what.
            blur: how far the edge is soft.
            share: how much of the colour covers what is below, 0 to 1.
            within: a mask of the whole canvas that nothing is painted outside of.
        """
        box = self._box(_corners(shape), blur)
        mask = self._drawn(shape, box, blur)
        if share < 1:
            mask = mask.point([round(level * share) for level in range(256)])
        self._paste(colour, mask, box, within)

    def line(self, points: Sequence[Point], colour: Colour, width: float, *, blur: float = 0.3) -> None:
        """Draw a line through points."""
        box = self._box(points, blur + width)
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]), 0)
        scaled = [(x * self._detail - box[0], y * self._detail - box[1]) for x, y in points]
        ImageDraw.Draw(mask).line(scaled, fill=255, width=max(1, round(width * self._detail)), joint="curve")
        self._paste(colour, mask.filter(ImageFilter.GaussianBlur(blur * self._detail)), box, None)

    def mask(self, *shapes: Shape, blur: float = 0.5, without: Sequence[Image.Image] = ()) -> Image.Image:
        """Return a mask of the whole canvas: the shapes together, less the masks in `without`."""
        whole = (0, 0, *self.image.size)
        mask = Image.new("L", self.image.size, 0)
        for shape in shapes:
            mask = ImageChops.lighter(mask, self._drawn(shape, whole, blur))
        for other in without:
            mask = ImageChops.multiply(mask, ImageChops.invert(other))
        return mask

    def fill(self, colour: Colour, mask: Image.Image, *, share: float = 1) -> None:
        """Lay a colour on through a mask of the whole canvas."""
        self.image.paste(colour, (0, 0), mask.point([round(level * share) for level in range(256)]))

    def _box(self, points: Sequence[Point], margin: float) -> Box:
        """Return the part of the canvas that a shape and its soft edge touch."""
        pad = math.ceil((3 * margin + 1) * self._detail)
        left, top = (math.floor(min(axis) * self._detail) - pad for axis in zip(*points, strict=True))
        right, bottom = (math.ceil(max(axis) * self._detail) + pad for axis in zip(*points, strict=True))
        return max(0, left), max(0, top), min(self.image.width, right), min(self.image.height, bottom)

    def _drawn(self, shape: Shape, box: Box, blur: float) -> Image.Image:
        mask = Image.new("L", (box[2] - box[0], box[3] - box[1]), 0)
        pen = ImageDraw.Draw(mask)
        scaled = [number * self._detail - box[place % 2] for place, number in enumerate(shape)]
        if len(scaled) == 4:
            pen.ellipse((scaled[0], scaled[1], scaled[2], scaled[3]), fill=255)
        else:
            pen.polygon(scaled, fill=255)
        return mask.filter(ImageFilter.GaussianBlur(blur * self._detail))

    def _paste(self, colour: Colour, mask: Image.Image, box: Box, within: Image.Image | None) -> None:
        if within is not None:
            mask = ImageChops.multiply(mask, within.crop(box))
        self.image.paste(colour, (box[0], box[1]), mask)


def _corners(shape: Shape) -> list[Point]:
    return list(zip(shape[::2], shape[1::2], strict=True))
