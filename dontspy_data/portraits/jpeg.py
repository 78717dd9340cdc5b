"""A JPEG file: its structure, within limits that bound the cost of any later step; and its pixels.

Code that shows, measures or checks a portrait opens it here, so that what is published is what was checked.

A decoder that meets damage fills the rest with grey and says so in a warning that Pillow drops. `decode_strictly`
asks libjpeg-turbo through simplejpeg, which takes its warnings for errors.

`srgb.icc` is the built-in sRGB profile of Little CMS as `PIL.ImageCms.createProfile("sRGB")` writes it, with
the date of creation set to 1 January 2000; a newly made profile would carry its time of creation into every crop.

Format: ITU-T T.81, annex B.
"""

import re
import struct
from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

import simplejpeg
from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

MOST_BYTES = 32_000_000  # The largest real portrait has 620 kB,
MOST_PIXELS = 25_000_000  # or 5.2 million pixels.
MOST_SEGMENTS = 256  # Real portraits have about twenty segments,
MOST_FILL_BYTES = 1_024  # and no fill bytes.
MOST_PIXELS_SCANNED = 250_000_000  # Each scan is a pass over all pixels; progressive pictures have about ten.

SOI, EOI, START_OF_SCAN = 0xD8, 0xD9, 0xDA
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
ORDINARY_FRAMES = (0xC0, 0xC1, 0xC2)  # baseline, extended and progressive, with Huffman codes
PROGRESSIVE = 0xC2
TABLES = frozenset({0xC4, 0xDB, 0xDD})
METADATA = frozenset({*range(0xE0, 0xF0), 0xFE})
MODES = {1: "L", 3: "RGB", 4: "CMYK"}
ANYWHERE = TABLES | METADATA
BEFORE_SCANS = ANYWHERE | FRAMES
# The coded data of a scan, up to the fill bytes before the next marker; zeros and restart markers are part of it.
SCAN = re.compile(rb"[^\xff]*+(?:\xff++[\x00\xd0-\xd7][^\xff]*+)*+")
PADDING = b"\x00\xff\r\n\t "


class PictureError(Exception):
    """The bytes are not a picture that can be shown; the message reads on from "The portrait …"."""


class Segment(NamedTuple):
    """A marker segment: the second byte of its marker, and the bytes after its length."""

    marker: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Structure:
    """The structure of a JPEG file.

    Attributes:
        segments: the marker segments before the picture, in the file's order.
        width: pixels across, as stored.
        height: pixels down, as stored.
        mode: Pillow's name of the colour mode: `L`, `RGB` or `CMYK`.
        has_late_metadata: whether there are metadata between the scans.
        has_more: whether something other than padding follows the end of the picture.
    """

    segments: tuple[Segment, ...]
    width: int
    height: int
    mode: str
    has_late_metadata: bool
    has_more: bool


def read_structure(body: bytes) -> Structure:
    """Return the structure of a JPEG file, in a time that its limits bound.

    Raises:
        PictureError: the bytes are damaged, cut off, beyond a limit, or of a kind that browsers do not show.
    """
    if len(body) > MOST_BYTES:
        raise PictureError(f"has {len(body):,} bytes, more than the {MOST_BYTES:,} that are read")
    if not body.startswith(b"\xff\xd8"):
        raise PictureError("is not a JPEG file")
    before: list[Segment] = []
    scans: list[bytes] = []
    late = False
    for marker, payload, end in _walk(body):
        if marker == EOI:
            frame = _frame(before)
            _check_scans(frame, scans)
            more = bool(body[end:].strip(PADDING))
            height, width = struct.unpack_from(">HH", frame.payload, 1)
            return Structure(tuple(before), width, height, MODES[frame.payload[5]], late, more)
        if marker == START_OF_SCAN:
            scans.append(payload)
        elif marker not in (ANYWHERE if scans else BEFORE_SCANS):
            # Decoders that treat it as a marker without a length would see other segments than those examined here.
            raise PictureError(f"is damaged: it has the marker {marker:02X} where none is allowed")
        elif not scans:
            before.append(Segment(marker, payload))
        else:
            late = late or marker in METADATA
    raise PictureError("is cut off: it has no end mark")


def _walk(body: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Yield marker, payload and end of each segment; the compressed picture is skipped."""
    position, segments, fill_bytes = 2, 0, 0
    while position + 2 <= len(body):
        if segments > MOST_SEGMENTS or fill_bytes > MOST_FILL_BYTES:
            raise PictureError(f"has more than {MOST_SEGMENTS} segments or {MOST_FILL_BYTES:,} fill bytes")
        if body[position] != 0xFF:
            raise PictureError(f"is damaged: there is no marker at byte {position:,}")
        marker = body[position + 1]
        if marker == 0xFF:  # B.1.1.2
            position, fill_bytes = position + 1, fill_bytes + 1
            continue
        if marker == EOI:
            yield marker, b"", position + 2
            return
        end = position + 2 + int.from_bytes(body[position + 2 : position + 4], "big")
        if end < position + 4 or end > len(body):
            return
        yield marker, body[position + 4 : end], end
        position, segments = end, segments + 1
        if marker == START_OF_SCAN:
            position = SCAN.match(body, end).end()  # type: ignore[union-attr]  # It also matches an empty text.


def _frame(segments: list[Segment]) -> Segment:
    frames = [segment for segment in segments if segment.marker in FRAMES]
    sizes = [len(one.payload) - 6 - 3 * one.payload[5] if len(one.payload) > 5 else -1 for one in frames]
    if len(frames) != 1 or sizes[0] < 0:
        raise PictureError(f"has {len(frames)} frame headers of a usable kind where a JPEG file has one")
    frame = frames[0]
    if frame.marker not in ORDINARY_FRAMES:
        raise PictureError(f"is coded in a way that browsers do not read (frame {frame.marker:02X})")
    if frame.payload[5] not in MODES:
        raise PictureError(f"has {frame.payload[5]} channels where browsers read 1, 3 or 4")
    if frame.payload[0] != 8:
        raise PictureError(f"has {frame.payload[0]} bits per channel where browsers read 8")
    height, width = struct.unpack_from(">HH", frame.payload, 1)
    if not width or not height:
        raise PictureError(f"says that it is {width} by {height} pixels")
    if width * height > MOST_PIXELS:
        raise PictureError(f"has {width * height:,} pixels, more than the {MOST_PIXELS:,} that are read")
    return frame


def _check_scans(frame: Segment, scans: list[bytes]) -> None:
    """Raise PictureError if there are too many scans or some are missing, which no decoder reports.

    Each coefficient of each component must be there to its last bit (G.1.1.1.1).
    """
    height, width = struct.unpack_from(">HH", frame.payload, 1)
    if width * height * len(scans) > MOST_PIXELS_SCANNED:
        raise PictureError(f"has {len(scans):,} scans of {width * height:,} pixels, more than are read")
    open_bits: dict[int, list[int]] = defaultdict(lambda: [1] * 64)
    for scan in scans:
        if not scan or len(scan) < 4 + 2 * scan[0]:
            raise PictureError("is damaged: a scan has no whole header")
        first, last, bits = scan[1 + 2 * scan[0] : 4 + 2 * scan[0]]
        for component in scan[1 : 1 + 2 * scan[0] : 2]:
            if frame.marker == PROGRESSIVE:
                open_bits[component][first : last + 1] = [bits & 0x0F] * len(range(first, min(last, 63) + 1))
            else:  # One scan has all of a component.
                open_bits[component] = []
    components = frame.payload[6 : 6 + 3 * frame.payload[5] : 3]
    if any(any(open_bits[component]) for component in components):
        raise PictureError("is cut off: scans are missing")


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
"""The operation that turns a picture upright, by its Exif orientation."""


def decode_strictly(body: bytes, structure: Structure) -> Image.Image:
    """Return the pixels of a picture as they are stored: mode `L`, `CMYK`, or `RGBX` for a picture in RGB.

    For grey and RGB pictures, libjpeg-turbo gives simplejpeg and Pillow the same pixels, so one pass is enough.
    Pillow holds RGB in four bytes per pixel; as `RGBX`, it uses the decoder's memory unchanged.

    Raises:
        PictureError: the decoder warns of damage, such as half a picture with an end mark.
    """
    try:
        if structure.mode in DIRECT:
            colours, mode = DIRECT[structure.mode]
            decoded = simplejpeg.decode_jpeg(body, colorspace=colours)
            return Image.frombuffer(mode, (structure.width, structure.height), decoded, "raw", mode, 0, 1)
        # A small picture is enough: all of its bits are still read, and the rest of the work is saved.
        simplejpeg.decode_jpeg(body, colorspace="CMYK", min_factor=8)
    except ValueError as error:
        raise PictureError(f"is damaged, or of a kind in which damage cannot be detected: {error}") from error
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
    except UnidentifiedImageError as error:  # Its message contains a memory address.
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
    """Return the description in an ICC profile; None if it cannot be read."""
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
