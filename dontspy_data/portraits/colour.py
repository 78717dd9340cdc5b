"""Colours: any picture as sRGB, through the profile it brings.

`srgb.icc` is the built-in sRGB profile of Little CMS as `PIL.ImageCms.createProfile("sRGB")` writes it, with
the date of creation set to 1 January 2000; a profile made anew would carry the time of day into every crop.
"""

from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO

from PIL import Image, ImageCms

LARGEST_PROFILE = 1 << 22  # Press profiles have half a megabyte.


@cache
def srgb_profile() -> bytes:
    """The fixed sRGB profile."""
    return files(__package__).joinpath("srgb.icc").read_bytes()


@lru_cache(maxsize=4)
def profile_name(icc: bytes) -> str | None:
    """The name that an ICC profile gives itself; None where it cannot be read."""
    try:
        name = ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(BytesIO(icc)))
    except (ImageCms.PyCMSError, OSError):
        return None
    return " ".join(name.split()) or None


def to_srgb(image: Image.Image, icc: bytes | None) -> Image.Image:
    """The picture in sRGB (mode `RGB`). Without a profile that fits, Pillow's plain conversion is used."""
    transform = _transform(icc, image.mode) if icc and len(icc) <= LARGEST_PROFILE else None
    return ImageCms.applyTransform(image, transform) or image if transform else image.convert("RGB")


@lru_cache(maxsize=4)
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
