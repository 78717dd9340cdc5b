"""Describing portraits from their bytes, and finding those that look the same. Results are equal on every machine.

Pictures that look the same, whatever size and quality they were saved in, have similar perceptual hashes. A hash
is the sign pattern of a picture's 16 by 16 lowest frequencies. 256 bits are needed: portraits on the same white
background agree in nearly all of the usual 64 bits. On real portraits, different people stay above 40 bits
apart and re-encodings of one picture below 15.

Method: pHash (Zauner, 2010, section 3.2.1), in whole numbers throughout, so that every machine gives the
same bits.
"""

import csv
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dontspy_data.portraits import jpeg
from dontspy_data.portraits.blocks import Blocks, UnreadableBlockError, read_blocks
from dontspy_data.portraits.faces import Face, find_faces
from dontspy_data.portraits.jpeg import PictureError, Structure, read_structure
from dontspy_data.portraits.location import find_location
from dontspy_data.portraits.metadata import Metadata, read_metadata
from dontspy_data.sources.portraits import JPEG, picture_format

OTHERS = ((b"%PDF", "PDF"), (b"<", "a web page"), (b"{", "JSON"), (b"[", "JSON"))
"""What servers send instead of pictures, by its first bytes."""


class Status(StrEnum):
    """What is known about a person's portrait, so that a blank never means two things."""

    PRESENT = "present"
    PLACEHOLDER = "placeholder"  # a stock picture in place of a portrait
    ABSENT = "absent"  # asked for, and the source says that there is none
    UNKNOWN = "unknown"  # never requested, or not fit to be published
    WITHDRAWN = "withdrawn"


class StatusReason(StrEnum):
    """Why a portrait has its status, if the status alone does not say."""

    LOCATION = "location"  # its metadata hold or may hold a location
    OTHER_FORMAT = "other_format"  # not a JPEG file
    UNREADABLE = "unreadable"  # damaged, cut off, or beyond a limit
    DISPUTED = "disputed"  # the source shows it for two people
    NOAI = "noai"  # not collected, since its answer asks not to be used by AI
    HELD_BACK = "held_back"  # a picture that was withdrawn under another number
    REFUSED = "refused"  # the source answered with a refusal or an error
    NOT_ASKED = "not_asked"  # never asked for


@dataclass(frozen=True, slots=True)
class Picture:
    """The measurements of a readable picture.

    Attributes:
        width: pixels across, as stored.
        height: pixels down, as stored.
        mode: Pillow's name of the colour mode: `L`, `RGB` or `CMYK`.
        icc_profile: name of the embedded colour profile; None if there is none.
        metadata: what its metadata say.
        phash: perceptual hash, 64 hexadecimal digits.
        faces: the faces in it, largest first; None if faces were not looked for.
    """

    width: int
    height: int
    mode: str
    icc_profile: str | None
    metadata: Metadata
    phash: str
    faces: tuple[Face, ...] | None


@dataclass(frozen=True, slots=True)
class Description:
    """The description of the bytes that a server sent as a portrait.

    Attributes:
        size: number of bytes.
        picture: None if the bytes are not a picture that can be published.
        reason: why there is no picture, else None.
        problem: the same for people, else None; it reads on from "The portrait …".
    """

    size: int
    picture: Picture | None
    reason: StatusReason | None = None
    problem: str | None = None


def describe(body: bytes, *, faces: bool) -> Description:
    """Return the description of a portrait.

    Args:
        body: the bytes as received, not necessarily a picture.
        faces: whether to look for faces (needs the extra `faces`).

    Raises:
        UsageError: `faces` is wanted and the extra is not installed.
    """
    if (kind := _format(body)) != JPEG:
        return Description(len(body), None, StatusReason.OTHER_FORMAT, f"is not a JPEG file but {kind}")
    try:
        structure = read_structure(body)
        blocks = read_blocks(structure)
        if where := find_location(structure, blocks):
            return Description(len(body), None, StatusReason.LOCATION, f"may hold a location {where}")
        with warnings.catch_warnings(action="ignore"):  # Pillow's, about odd metadata
            return Description(len(body), _picture(body, structure, blocks, faces=faces))
    except UnreadableBlockError as error:
        return Description(len(body), None, StatusReason.LOCATION, f"may hold a location {error}")
    except PictureError as error:
        return Description(len(body), None, StatusReason.UNREADABLE, str(error))
    except MemoryError:
        return Description(len(body), None, StatusReason.UNREADABLE, "needs more memory than there is")


def _format(body: bytes) -> str:
    start = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n")
    other = next((name for magic, name in OTHERS if start.startswith(magic)), "something else")
    return picture_format(body) or (other if body else "empty")


def _picture(body: bytes, structure: Structure, blocks: Blocks, *, faces: bool) -> Picture:
    metadata, icc = read_metadata(blocks), blocks.profile
    stored = jpeg.decode_strictly(body, structure)
    if not blocks.are_usual:
        jpeg.open_stored(body)  # The picture is shown with Pillow, which fails on some metadata.
    upright = jpeg.turned(stored, metadata.orientation)
    coloured, profile = (upright, icc) if structure.mode == "RGB" else (jpeg.to_srgb(upright, icc), b"")
    return Picture(
        width=structure.width,
        height=structure.height,
        mode=structure.mode,
        icc_profile=jpeg.profile_name(icc) if icc else None,
        metadata=metadata,
        phash=fingerprint(coloured.convert("L")),
        faces=find_faces(coloured.convert("RGB"), profile, metadata.orientation) if faces else None,
    )


BITS = 256
SIDE = 16
SAMPLES = 64
NEAR = 16  # bits; real re-encodings, down to a third of the size at quality 50, stay within 14


def fingerprint(grey: Image.Image) -> str:
    """Return the perceptual hash of a grey picture (mode `L`, upright): 64 hexadecimal digits.

    Bit n, most significant first, tells whether frequency n (row by row) is above the median.
    """
    # Whole numbers below 2 to the 53rd, which double precision adds and multiplies exactly, in any order.
    samples = np.asarray(grey.resize((SAMPLES, SAMPLES), Image.Resampling.BILINEAR), dtype=np.float64)
    basis = _basis()
    frequencies = (basis @ samples @ basis.T).ravel()
    median = np.sort(frequencies)[BITS // 2 - 1]
    return np.packbits(frequencies > median).tobytes().hex()


@cache
def _basis() -> NDArray[np.float64]:
    """Return the first rows of the discrete cosine transform (type II), scaled to whole numbers."""
    rows, columns = np.arange(SIDE)[:, None], np.arange(SAMPLES)[None, :]
    basis: NDArray[np.float64] = np.cos(np.pi * rows * (2 * columns + 1) / (2 * SAMPLES))
    whole: NDArray[np.float64] = np.rint(basis * 2**14)
    return whole


def distance(first: str, second: str) -> int:
    """Count the bits in which two hashes differ."""
    return (int(first, 16) ^ int(second, 16)).bit_count()


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """The hash of one person's portrait."""

    mep_id: int
    portrait_id: str
    phash: str


@dataclass(frozen=True, slots=True)
class NearDuplicate:
    """Two portraits of different people that look the same.

    Attributes:
        first: portrait id that sorts first.
        second: the other portrait id.
        bits: number of bits in which their hashes differ.
    """

    first: str
    second: str
    bits: int


def near_duplicates(fingerprints: Iterable[Fingerprint], *, within: int = NEAR) -> Iterator[NearDuplicate]:
    """Return pairs of portraits of different people whose hashes differ in at most `within` bits, sorted by id.

    All pairs are compared: about a second for five thousand portraits.
    """
    portraits = sorted(fingerprints, key=lambda f: f.portrait_id)
    if not portraits:
        return
    hashes = np.array([list(bytes.fromhex(p.phash)) for p in portraits], dtype=np.uint8).view(np.uint64)
    for n, portrait in enumerate(portraits):
        bits = np.bitwise_count(hashes[n + 1 :] ^ hashes[n]).sum(axis=1)
        for offset in np.flatnonzero(bits <= within):
            other = portraits[n + 1 + int(offset)]
            if other.mep_id != portrait.mep_id:
                yield NearDuplicate(portrait.portrait_id, other.portrait_id, int(bits[offset]))


@cache
def stock_pictures() -> frozenset[str]:
    """Return the perceptual hashes of the known stock pictures."""
    lines = files(__package__).joinpath("placeholders.csv").read_text(encoding="utf-8").splitlines()
    return frozenset(row["phash"] for row in csv.DictReader(lines))
