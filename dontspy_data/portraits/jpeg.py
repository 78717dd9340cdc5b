"""How a JPEG file is put together, held against limits that bound what any later step costs. Nothing is decoded.

Format: ITU-T T.81, annex B.
"""

import re
import struct
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

MOST_BYTES = 32_000_000  # The largest real portrait has 620 kB,
MOST_PIXELS = 25_000_000  # or 5.2 million pixels.
MOST_SEGMENTS = 256  # Real portraits have about twenty,
MOST_FILL_BYTES = 1_024  # and none of these.
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
    """The bytes are no picture that can be shown; the message reads on from "The portrait …"."""


class Segment(NamedTuple):
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
        mode: Pillow's name of the colour mode: `L`, `RGB` or `CMYK`.
        has_late_metadata: whether there are metadata between the scans.
        has_more: whether something other than padding lies behind the end of the picture.
    """

    segments: tuple[Segment, ...]
    width: int
    height: int
    mode: str
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
            return Structure(tuple(before), width, height, MODES[frame.payload[5]], late, more)
        if marker == START_OF_SCAN:
            scans.append(payload)
        elif marker not in (ANYWHERE if scans else BEFORE_SCANS):
            # Decoders that take it for a marker without a length would see other segments than are looked at here.
            raise PictureError(f"is damaged: it has the marker {marker:02X} where none can stand")
        elif not scans:
            before.append(Segment(marker, payload))
        else:
            late = late or marker in METADATA
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
            position = SCAN.match(body, end).end()  # type: ignore[union-attr]  # It matches nothing as well.


def _frame(segments: list[Segment]) -> Segment:
    frames = [segment for segment in segments if segment.marker in FRAMES]
    sizes = [len(one.payload) - 6 - 3 * one.payload[5] if len(one.payload) > 5 else -1 for one in frames]
    if len(frames) != 1 or sizes[0] < 0:
        raise PictureError(f"has {len(frames)} frame headers that can be used where a JPEG file has one")
    frame = frames[0]
    if frame.marker not in ORDINARY_FRAMES:
        raise PictureError(f"is coded in a way that browsers do not read (frame {frame.marker:02X})")
    if frame.payload[5] not in MODES:
        raise PictureError(f"has {frame.payload[5]} channels where browsers read 1, 3 or 4")
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
        for component in scan[1 : 1 + 2 * scan[0] : 2]:
            if frame.marker == PROGRESSIVE:
                open_bits[component][first : last + 1] = [bits & 0x0F] * len(range(first, min(last, 63) + 1))
            else:  # One scan has all of a component.
                open_bits[component] = []
    components = frame.payload[6 : 6 + 3 * frame.payload[5] : 3]
    if any(any(open_bits[component]) for component in components):
        raise PictureError("is cut off: scans are missing")
