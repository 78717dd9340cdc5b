"""A portrait's file as the pixels that face software would see, and the same face seen otherwise."""

from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageOps

from dontspy_data.audit.model import Box, Pixels
from dontspy_data.errors import DontspyError
from dontspy_data.portraits.jpeg import PictureError
from dontspy_data.portraits.opening import open_upright, to_srgb

ANGLE = 5
JPEG_QUALITY = 40
DARKER = 0.6
LARGER = 2
ORIGINAL = "original"
APPLIED, IGNORED = "applied", "ignored"
"""What can be done with a picture's colour profile."""


@dataclass(frozen=True, slots=True)
class View:
    """A picture and where the face is in it.

    Attributes:
        image: mode `RGB`, upright, sRGB.
        box: of the face; None if no box is given.
    """

    image: Image.Image
    box: Box | None

    @property
    def pixels(self) -> Pixels:
        """The picture as an array."""
        return np.asarray(self.image)


def read_picture(body: bytes, name: str, colour: str = APPLIED) -> Image.Image:
    """Open a portrait upright, mode `RGB`.

    Args:
        body: its file.
        name: of the file, for errors.
        colour: `APPLIED` to bring its colours into sRGB by its profile, as a browser does, `IGNORED` to leave them as
            they are stored.

    Raises:
        DontspyError: it is damaged.
    """
    try:
        image = open_upright(body)
    except (OSError, PictureError) as error:
        raise DontspyError(
            f"{name} cannot be read: {error}",
            hint="See what is wrong with the package with: dontspy-data check FOLDER",
        ) from error
    return to_srgb(image, image.info.get("icc_profile")) if colour == APPLIED else image.convert("RGB")


def _original(view: View) -> View:
    return view


def _mirrored(view: View) -> View:
    box = view.box and Box(
        view.image.width - view.box.left - view.box.width, view.box.top, view.box.width, view.box.height
    )
    return View(ImageOps.mirror(view.image), box)


def _compressed(view: View) -> View:
    stream = BytesIO()
    view.image.save(stream, "JPEG", quality=JPEG_QUALITY)
    with Image.open(stream) as image:
        return View(image.convert("RGB"), view.box)


def _rotated(view: View) -> View:
    """Turn a picture about the middle of the box, or of itself, so that a given box stays where it is."""
    box = view.box
    middle = (box.left + box.width / 2, box.top + box.height / 2) if box else None
    turned = view.image.rotate(ANGLE, Image.Resampling.BICUBIC, center=middle, fillcolor=(128, 128, 128))
    return View(turned, view.box)


def _grey(view: View) -> View:
    return View(view.image.convert("L").convert("RGB"), view.box)


def _darker(view: View) -> View:
    return View(view.image.point([round(value * DARKER) for value in range(256)] * 3), view.box)


def _larger(view: View) -> View:
    box = view.box and Box(*(edge * LARGER for edge in astuple(view.box)))
    size = (view.image.width * LARGER, view.image.height * LARGER)
    return View(view.image.resize(size, Image.Resampling.BICUBIC), box)


VARIANTS: Mapping[str, Callable[[View], View]] = {
    ORIGINAL: _original,
    "mirrored": _mirrored,
    "jpeg_40": _compressed,
    "rotated_5": _rotated,
    "greyscale": _grey,
    "darker": _darker,
    "upscaled": _larger,
}
"""The portrait as published, and what a person takes for the same picture of the same face."""
CHANGED = tuple(variant for variant in VARIANTS if variant != ORIGINAL)
