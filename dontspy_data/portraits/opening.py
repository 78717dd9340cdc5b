"""Opening a portrait: its bytes held against limits, its pixels decoded, upright, and in sRGB.

Whoever shows, measures or checks a portrait opens it here, so that what is published is what was checked.

A decoder that meets damage fills the rest with grey and says so in a warning that Pillow drops. `decode_strictly`
asks libjpeg-turbo through simplejpeg, which takes its warnings for errors.

`srgb.icc` is the built-in sRGB profile of Little CMS as `PIL.ImageCms.createProfile("sRGB")` writes it, with
the date of creation set to 1 January 2000; a profile made anew would carry the time of day into every crop.

Format: ITU-T T.81, annex B.
"""

import re
import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import cast

import simplejpeg
from PIL import ExifTags, Image, ImageCms, ImageOps
from PIL.JpegImagePlugin import JpegImageFile

MOST_BYTES = 32_000_000  # The largest real portrait has 620 kB,
MOST_PIXELS = 25_000_000  # or 5.2 million pixels.
MOST_SEGMENTS = 256  # Real portraits have about twenty,
MOST_FILL_BYTES = 1_024  # and none of these.
MOST_PIXELS_SCANNED = 250_000_000  # Each scan is a pass over all pixels; progressive pictures have about ten.
LARGEST_PROFILE = 1 << 22  # Press profiles have half a megabyte.

SOI, EOI, START_OF_SCAN = 0xD8, 0xD9, 0xDA
FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
ORDINARY_FRAMES = (0xC0, 0xC1, 0xC2)  # baseline, extended and progressive, with Huffman codes
PROGRESSIVE = 0xC2
TABLES = frozenset({0xC4, 0xDB, 0xDD})
METADATA = frozenset({*range(0xE0, 0xF0), 0xFE})
NEXT_MARKER = re.compile(rb"\xff(?![\x00\xd0-\xd7\xff])")
DIRECT = {"RGB": "RGB", "L": "Gray"}
"""Colours that simplejpeg decodes as Pillow does, by Pillow's name of the mode."""
PADDING = b"\x00\xff\r\n\t "


class PictureError(Exception):
    """The bytes are no picture that can be shown; the message reads on from "The portrait …"."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A marker segment: the second byte of its marker, and the bytes after its length."""

    marker: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Structure:
    """How a JPEG file is put together.

    Attributes:
        segments: the marker segments before the picture, in the file's order.
        width: pixels across, as stored.
        height: pixels down, as stored.
        has_late_metadata: whether there are metadata between the scans.
        has_more: whether something other than padding lies behind the end of the picture.
    """

    segments: tuple[Segment, ...]
    width: int
    height: int
    has_late_metadata: bool
    has_more: bool


def read_structure(body: bytes) -> Structure:
    """Return how a JPEG file is put together, in a time that its limits bound.

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
            return Structure(tuple(before), width, height, late, more)
        if marker == START_OF_SCAN:
            scans.append(payload)
        elif not scans:
            before.append(Segment(marker, payload))
        elif marker in METADATA:
            late = True
        elif marker not in TABLES:
            raise PictureError(f"is damaged: it has the marker {marker:02X} inside the picture")
    raise PictureError("is cut off: it has no end mark")


def _walk(body: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Yield marker, payload and end of each segment; the compressed picture is passed over."""
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
            found = NEXT_MARKER.search(body, end)
            if found is None:
                return
            position = found.start()
            fill_bytes += body.count(b"\xff\xff", end, position + 1)


def _frame(segments: list[Segment]) -> Segment:
    frames = [segment for segment in segments if segment.marker in FRAMES]
    if len(frames) != 1 or len(frames[0].payload) < 6 + 3 * frames[0].payload[5]:
        raise PictureError(f"has {len(frames)} frame headers that can be used where a JPEG file has one")
    frame = frames[0]
    if frame.marker not in ORDINARY_FRAMES:
        raise PictureError(f"is coded in a way that browsers do not read (frame {frame.marker:02X})")
    if frame.payload[0] != 8:
        raise PictureError(f"has {frame.payload[0]} bits a channel where browsers read 8")
    height, width = struct.unpack_from(">HH", frame.payload, 1)
    if not width or not height:
        raise PictureError(f"says that it is {width} by {height} pixels")
    if width * height > MOST_PIXELS:
        raise PictureError(f"has {width * height:,} pixels, more than the {MOST_PIXELS:,} that are read")
    return frame


def _check_scans(frame: Segment, scans: list[bytes]) -> None:
    """Raise PictureError where scans are too many or missing, which no decoder remarks on.

    Each coefficient of each component must have come to its last bit (G.1.1.1.1).
    """
    height, width = struct.unpack_from(">HH", frame.payload, 1)
    if width * height * len(scans) > MOST_PIXELS_SCANNED:
        raise PictureError(f"has {len(scans):,} scans of {width * height:,} pixels, more than are read")
    open_bits: dict[int, list[int]] = defaultdict(lambda: [1] * 64)
    for scan in scans:
        if not scan or len(scan) < 4 + 2 * scan[0]:
            raise PictureError("is damaged: a scan has no whole header")
        first, last, bits = scan[1 + 2 * scan[0] : 4 + 2 * scan[0]]
        if frame.marker != PROGRESSIVE:
            first, last, bits = 0, 63, 0
        for component in scan[1 : 1 + 2 * scan[0] : 2]:
            open_bits[component][first : last + 1] = [bits & 0x0F] * len(range(first, min(last, 63) + 1))
    components = frame.payload[6 : 6 + 3 * frame.payload[5] : 3]
    if any(any(open_bits[component]) for component in components):
        raise PictureError("is cut off: scans are missing")


def open_header(body: bytes) -> JpegImageFile:
    """Return a picture whose metadata are read and whose pixels are not yet.

    Raises:
        PictureError: the bytes are no JPEG file that Pillow reads, or hold too many pixels.
    """
    try:
        image = Image.open(BytesIO(body), formats=("JPEG",))
    except (OSError, SyntaxError, ValueError, struct.error, Image.DecompressionBombError) as error:
        raise PictureError(f"cannot be decoded: {error}") from error
    if image.width * image.height > MOST_PIXELS:
        raise PictureError(f"has more than {MOST_PIXELS:,} pixels")
    return cast("JpegImageFile", image)


def decode_strictly(body: bytes, header: JpegImageFile) -> Image.Image:
    """Return the pixels of a picture as they are stored, with the `info` of its header.

    Of grey pictures and those in RGB, libjpeg-turbo gives simplejpeg and Pillow the same pixels, so one pass is enough.

    Raises:
        PictureError: the decoder warns of damage, such as half a picture with an end mark.
    """
    try:
        if header.mode in DIRECT:
            decoded = simplejpeg.decode_jpeg(body, colorspace=DIRECT[header.mode])
            pixels = Image.fromarray(decoded if header.mode == "RGB" else decoded[..., 0])
            pixels.info = header.info
            return pixels
        # A small picture is enough: its bits are read all the same, and the rest of the work is spared.
        simplejpeg.decode_jpeg(body, colorspace="CMYK", min_factor=8)
    except ValueError as error:
        raise PictureError(f"is damaged, or of a kind in which damage cannot be found: {error}") from error
    return _loaded(header)


def open_stored(source: Path | bytes) -> Image.Image:
    """Return a portrait's pixels as they are stored; `info` has the metadata.

    Raises:
        PictureError: they do not decode as JPEG, or are too many.
        OSError: the file cannot be read.
    """
    body = source if isinstance(source, bytes) else source.read_bytes()
    return _loaded(open_header(body))


def _loaded(image: JpegImageFile) -> Image.Image:
    try:
        image.load()
    except (OSError, SyntaxError, ValueError, struct.error) as error:
        raise PictureError(f"cannot be decoded: {error}") from error
    return image


def open_upright(source: Path | bytes) -> Image.Image:
    """Return a portrait's pixels upright, in their own mode and colours; `info` has the metadata.

    Raises:
        PictureError: they do not decode as JPEG, or are too many.
        OSError: the file cannot be read.
    """
    return upright(open_stored(source))


def upright(image: Image.Image) -> Image.Image:
    """Return a stored picture as its Exif orientation turns it."""
    return image if orientation_of(exif(image)) == 1 else ImageOps.exif_transpose(image)


def orientation_of(exif: Image.Exif) -> int:
    """Return the orientation that an Exif block gives, 1 to 8; 1 where nothing or nonsense is given."""
    found = exif.get(ExifTags.Base.Orientation)
    return found if isinstance(found, int) and 1 <= found <= 8 else 1


def exif(image: Image.Image) -> Image.Exif:
    """Return the Exif block of a picture; empty if it has none that can be read."""
    # Image.getexif falls back on XMP for the orientation, which browsers do not.
    found = Image.Exif()
    try:
        found.load(image.info.get("exif", b""))
    except (SyntaxError, ValueError, struct.error):
        return Image.Exif()
    return found


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
