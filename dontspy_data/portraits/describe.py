"""One portrait's bytes in, everything that can be said of it out. Pure, and the same on every machine."""

import hashlib
from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from dontspy_data.portraits import colour, jpeg, metadata
from dontspy_data.portraits.faces import Face, find_faces
from dontspy_data.portraits.fingerprint import fingerprint
from dontspy_data.portraits.location import LocationError, without_location
from dontspy_data.portraits.metadata import Metadata

MOST_BYTES = 32_000_000  # The largest real portrait has 620 kB,
MOST_PIXELS = 25_000_000  # or 5.2 million pixels.
MOST_SCANS = 32  # Progressive pictures have about ten; each costs another pass over all pixels.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""What turns a picture upright, by its Exif orientation."""


@dataclass(frozen=True, slots=True)
class Picture:
    """What is measured of a picture that can be read.

    Attributes:
        width: pixels across, as stored.
        height: pixels down, as stored.
        mode: Pillow's name of the colour mode: `L`, `RGB` or `CMYK`.
        icc_profile: name of the embedded colour profile; None where there is none.
        metadata: what its metadata says.
        phash: perceptual hash, 64 hexadecimal digits.
        sha256: of the bytes to publish.
        size: number of bytes to publish.
        published: the bytes to publish where they differ from those received, else None.
        faces: the faces in it, largest first; None where nobody looked for any.
    """

    width: int
    height: int
    mode: str
    icc_profile: str | None
    metadata: Metadata
    phash: str
    sha256: str
    size: int
    published: bytes | None
    faces: tuple[Face, ...] | None


@dataclass(frozen=True, slots=True)
class Description:
    """What can be said of the bytes that a server sent as a portrait.

    Attributes:
        source_sha256: of the bytes received.
        picture: None where the bytes are not a picture that can be published.
        problem: why that is so, else None; it reads on from "The portrait …".
    """

    source_sha256: str
    picture: Picture | None
    problem: str | None

    @property
    def published(self) -> bytes | None:
        """The bytes to publish where they differ from those received (a location was removed), else None."""
        return self.picture.published if self.picture else None


def given_up(digest: str) -> Description:
    """What is said of a portrait that ended the process of every worker it was given to."""
    return Description(digest, None, "ended the process that was to describe it, twice")


class _UnusableError(Exception):
    """The bytes cannot be published as a portrait; the message says why."""


def describe(body: bytes, *, faces: bool) -> Description:
    """Everything that can be said of a portrait.

    Args:
        body: the bytes as received, whatever they are.
        faces: whether to look for faces (needs the extra `faces`).

    Raises:
        UsageError: `faces` is wanted and the extra is not installed.
    """
    digest = hashlib.sha256(body).hexdigest()
    try:
        return Description(digest, _picture(body, digest, faces=faces), None)
    except (_UnusableError, jpeg.JpegError, LocationError) as error:
        return Description(digest, None, str(error))


def _picture(body: bytes, digest: str, *, faces: bool) -> Picture:
    if len(body) > MOST_BYTES:
        raise _UnusableError(f"has {len(body):,} bytes, more than the {MOST_BYTES:,} that are read")
    parsed = jpeg.parse(body)
    texts = metadata.read(parsed)
    image = _decode(body, parsed)
    icc = jpeg.icc_profile(parsed)
    turn = UPRIGHT.get(texts.orientation)
    upright = image.transpose(turn) if turn is not None else image
    coloured, profile = (upright, icc) if image.mode == "RGB" else (colour.to_srgb(upright, icc), None)
    cleaned = without_location(body)
    changed = cleaned != body
    return Picture(
        width=parsed.width,
        height=parsed.height,
        mode=image.mode,
        icc_profile=colour.profile_name(icc) if icc else None,
        metadata=texts,
        phash=fingerprint(coloured.convert("L")),
        sha256=hashlib.sha256(cleaned).hexdigest() if changed else digest,
        size=len(cleaned),
        published=cleaned if changed else None,
        faces=find_faces(coloured, profile, texts.orientation) if faces else None,
    )


def _decode(body: bytes, parsed: jpeg.Jpeg) -> Image.Image:
    """The picture's pixels, decoded from nothing but what a decoder needs."""
    pixels = parsed.width * parsed.height
    if pixels > MOST_PIXELS:
        raise _UnusableError(f"has {pixels:,} pixels, more than the {MOST_PIXELS:,} that are read")
    if parsed.scans > MOST_SCANS:
        raise _UnusableError(f"has {parsed.scans:,} scans, more than the {MOST_SCANS} that are read")
    try:
        with Image.open(BytesIO(jpeg.without_metadata(body, parsed)), formats=("JPEG",)) as image:
            image.load()
    except (OSError, ValueError) as error:
        raise _UnusableError(f"cannot be decoded: {error}") from error
    return image
