"""One portrait's bytes in, everything that can be said of it out. Pure, and the same on every machine."""

import warnings
from dataclasses import dataclass
from enum import StrEnum

from dontspy_data.portraits import opening
from dontspy_data.portraits.blocks import Blocks, UnreadableBlockError, read_blocks
from dontspy_data.portraits.faces import Face, find_faces
from dontspy_data.portraits.fingerprint import fingerprint
from dontspy_data.portraits.jpeg import PictureError, Structure, read_structure
from dontspy_data.portraits.location import find_location
from dontspy_data.portraits.metadata import Metadata, read_metadata
from dontspy_data.sources.pictures import JPEG, picture_format

OTHERS = ((b"%PDF", "PDF"), (b"<", "a web page"), (b"{", "JSON"), (b"[", "JSON"))
"""What is sent in place of pictures, by its first bytes."""


class Status(StrEnum):
    """What is known of a person's portrait, so that a blank never means two things."""

    PRESENT = "present"
    PLACEHOLDER = "placeholder"  # a stock picture in place of a portrait
    ABSENT = "absent"  # asked for, and the source says that there is none
    UNKNOWN = "unknown"  # never asked for, or nothing that can be published
    WITHDRAWN = "withdrawn"


class StatusReason(StrEnum):
    """Why a portrait has its status, where there is more to say."""

    LOCATION = "location"  # its metadata hold or may hold a location
    OTHER_FORMAT = "other_format"  # not a JPEG file
    UNREADABLE = "unreadable"  # damaged, cut off, or beyond a limit
    DISPUTED = "disputed"  # the source shows it for two people
    NOAI = "noai"  # not collected, since its answer asks that it is not used by AI
    HELD_BACK = "held_back"  # a picture that was withdrawn under another number
    REFUSED = "refused"  # the source answered with a refusal or an error
    NOT_ASKED = "not_asked"  # never asked for


@dataclass(frozen=True, slots=True)
class Picture:
    """What is measured of a picture that can be read.

    Attributes:
        width: pixels across, as stored.
        height: pixels down, as stored.
        mode: Pillow's name of the colour mode: `L`, `RGB` or `CMYK`.
        icc_profile: name of the embedded colour profile; None if there is none.
        metadata: what its metadata says.
        phash: perceptual hash, 64 hexadecimal digits.
        faces: the faces in it, largest first; None if nobody looked for any.
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
    """What can be said of the bytes that a server sent as a portrait.

    Attributes:
        size: number of bytes.
        picture: None if the bytes are not a picture that can be published.
        reason: why that is so, else None.
        problem: the same for people, else None; it reads on from "The portrait …".
    """

    size: int
    picture: Picture | None
    reason: StatusReason | None = None
    problem: str | None = None


def describe(body: bytes, *, faces: bool) -> Description:
    """Return everything that can be said of a portrait.

    Args:
        body: the bytes as received, whatever they are.
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
    stored = opening.decode_strictly(body, structure)
    if not blocks.are_usual:
        opening.open_stored(body)  # Whoever shows the picture opens it with Pillow, which stumbles over some.
    upright = opening.turned(stored, metadata.orientation)
    coloured, profile = (upright, icc) if structure.mode == "RGB" else (opening.to_srgb(upright, icc), b"")
    return Picture(
        width=structure.width,
        height=structure.height,
        mode=structure.mode,
        icc_profile=opening.profile_name(icc) if icc else None,
        metadata=metadata,
        phash=fingerprint(coloured.convert("L")),
        faces=find_faces(coloured.convert("RGB"), profile, metadata.orientation) if faces else None,
    )
