"""Opening a portrait: its pixels decoded, upright, and in sRGB.

Whoever shows, measures or checks a portrait opens it here, so that what is published is what was checked.

A decoder that meets damage fills the rest with grey and says so in a warning that Pillow drops. `decode_strictly`
asks libjpeg-turbo through simplejpeg, which takes its warnings for errors.

`srgb.icc` is the built-in sRGB profile of Little CMS as `PIL.ImageCms.createProfile("sRGB")` writes it, with
the date of creation set to 1 January 2000; a profile made anew would carry the time of day into every crop.
"""

import struct
from contextlib import suppress
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path

import simplejpeg
from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

from dontspy_data.portraits.jpeg import MOST_PIXELS, PictureError, Structure

LARGEST_PROFILE = 1 << 22  # Press profiles have half a megabyte.

DIRECT = {"RGB": ("RGBX", "RGBX"), "L": ("Gray", "L")}
"""Colours that simplejpeg decodes as Pillow does: simplejpeg's name, and the mode that Pillow holds them in."""

TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture upright, by its Exif orientation."""


def decode_strictly(body: bytes, structure: Structure) -> Image.Image:
    """Return the pixels of a picture as they are stored: mode `L`, `CMYK`, or `RGBX` for a picture in RGB.

    Of grey pictures and those in RGB, libjpeg-turbo gives simplejpeg and Pillow the same pixels, so one pass is enough.
    Pillow holds RGB in four bytes a pixel; as `RGBX`, it takes the decoder's memory as it is.

    Raises:
        PictureError: the decoder warns of damage, such as half a picture with an end mark.
    """
    try:
        if structure.mode in DIRECT:
            colours, mode = DIRECT[structure.mode]
            decoded = simplejpeg.decode_jpeg(body, colorspace=colours)
            return Image.frombuffer(mode, (structure.width, structure.height), decoded, "raw", mode, 0, 1)
        # A small picture is enough: its bits are read all the same, and the rest of the work is spared.
        simplejpeg.decode_jpeg(body, colorspace="CMYK", min_factor=8)
    except ValueError as error:
        raise PictureError(f"is damaged, or of a kind in which damage cannot be found: {error}") from error
    return open_stored(body)


def open_stored(source: Path | bytes) -> Image.Image:
    """Return a portrait's pixels as they are stored; `info` has the metadata.

    Raises:
        PictureError: they do not decode as JPEG, or are too many.
        OSError: the file cannot be read.
    """
    body = source if isinstance(source, bytes) else source.read_bytes()
    try:
        image = Image.open(BytesIO(body), formats=("JPEG",))
        if image.width * image.height > MOST_PIXELS:
            raise PictureError(f"has more than {MOST_PIXELS:,} pixels")
        image.load()
    except UnidentifiedImageError as error:  # Its message has an address in memory.
        raise PictureError("cannot be decoded: its headers are damaged") from error
    except (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError) as error:
        raise PictureError(f"cannot be decoded: {error}") from error
    return image


def open_upright(source: Path | bytes) -> Image.Image:
    """Return a portrait's pixels upright, in their own mode and colours; `info` has the metadata.

    Raises:
        PictureError: they do not decode as JPEG, or are too many.
        OSError: the file cannot be read.
    """
    image = open_stored(source)
    # Image.getexif falls back on XMP for the orientation, which browsers do not.
    exif = Image.Exif()
    with suppress(SyntaxError, ValueError, struct.error):
        exif.load(image.info.get("exif", b""))
        if exif.get(ExifTags.Base.Orientation) in TURNS:
            return ImageOps.exif_transpose(image)
    return image


def turned(image: Image.Image, orientation: int) -> Image.Image:
    """Return a stored picture as its Exif orientation, 1 to 8, turns it."""
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image


@cache
def srgb_profile() -> bytes:
    """Return the fixed sRGB profile."""
    return files(__package__).joinpath("srgb.icc").read_bytes()


@lru_cache(maxsize=16)
def profile_name(icc: bytes) -> str | None:
    """Return the name that an ICC profile gives itself; None if it cannot be read."""
    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(icc)))
    except (ImageCms.PyCMSError, OSError):
        return None
    return " ".join(name.split()) or None


def to_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """Return a picture in sRGB (mode `RGB`). Without a profile that fits, Pillow's plain conversion is used."""
    transform = _transform(icc, image.mode) if icc and len(icc) <= LARGEST_PROFILE else None
    return ImageCms.applyTransform(image, transform) or image if transform else image.convert("RGB")


@lru_cache(maxsize=16)
def _transform(icc: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    try:
        return ImageCms.buildTransform(
            ImageCms.ImageCmsProfile(BytesIO(icc)),
            ImageCms.ImageCmsProfile(BytesIO(srgb_profile())),
            mode,
            "RGB",
            ImageCms.Intent.PERCEPTUAL,
        )
    except (ImageCms.PyCMSError, OSError):
        return None
