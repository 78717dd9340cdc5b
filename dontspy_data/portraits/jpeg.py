"""JPEG files as segments: where each one stands, so that metadata is read and changed without a decoder.

Nothing here decodes pixels. The walk stops at the first scan, and every length comes from the file's own
two-byte fields, so that work and memory are bounded by the size of the file.

Format: ITU-T T.81, annex B; Exif 2.32, 4.5.4 (APP1); ICC.1:2022, B.4 (APP2).
"""

import struct
from dataclasses import dataclass

SOI = b"\xff\xd8"
START_OF_FRAME = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
START_OF_SCAN = 0xDA
APP0, APP1, APP2, APP13, APP14, APP15 = 0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xEF
COMMENT = 0xFE
EXIF = b"Exif\x00\x00"
XMP = b"http://ns.adobe.com/xap/1.0/\x00"
ICC = b"ICC_PROFILE\x00"
PHOTOSHOP = b"Photoshop 3.0\x00"


class JpegError(Exception):
    """The bytes are not a JPEG file that can be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Segment:
    """One marker segment.

    Attributes:
        marker: second byte of the marker.
        start: position of the marker's first byte in the file.
        end: position after the payload.
        payload: bytes after the length field.
    """

    marker: int
    start: int
    end: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Jpeg:
    """A file up to its first scan.

    Attributes:
        segments: the marker segments before the first scan, in the file's order.
        scan_start: position of the first scan's marker.
        width: pixels across.
        height: pixels down.
        scans: number of scans, counted by their markers.
    """

    segments: tuple[Segment, ...]
    scan_start: int
    width: int
    height: int
    scans: int


def parse(body: bytes) -> Jpeg:
    """The file's segments, size and number of scans.

    Raises:
        JpegError: the bytes are no JPEG file, are cut off before the first scan, or are of a kind that
            ordinary decoders do not read (not 8 bits a channel, no or several frames).
    """
    if not body.startswith(SOI):
        raise JpegError(f"is not a JPEG file but {_kind(body)}")
    segments, scan_start = _segments(body)
    frames = [segment for segment in segments if segment.marker in START_OF_FRAME]
    if len(frames) != 1 or len(frames[0].payload) < 6:
        raise JpegError(f"has {len(frames)} usable frame headers where a JPEG file has one")
    precision, height, width = struct.unpack_from(">BHH", frames[0].payload)
    if precision != 8:
        raise JpegError(f"has {precision} bits a channel where ordinary decoders read 8")
    if not width or not height:
        raise JpegError(f"says that it is {width} by {height} pixels")
    return Jpeg(segments, scan_start, width, height, body.count(b"\xff\xda", scan_start))


def _segments(body: bytes) -> tuple[tuple[Segment, ...], int]:
    found: list[Segment] = []
    position = len(SOI)
    while position + 4 <= len(body):
        if body[position] != 0xFF:
            raise JpegError(f"is damaged: no marker at byte {position:,}")
        marker = body[position + 1]
        if marker == 0xFF:  # fill byte (B.1.1.2)
            position += 1
            continue
        if marker == START_OF_SCAN:
            return tuple(found), position
        (length,) = struct.unpack_from(">H", body, position + 2)
        end = position + 2 + length
        if length < 2 or end > len(body):
            break
        found.append(Segment(marker, position, end, body[position + 4 : end]))
        position = end
    raise JpegError("is cut off before the picture begins")


_KINDS = (
    (b"\x89PNG", "PNG"),
    (b"GIF8", "GIF"),
    (b"RIFF", "WebP"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"<", "a web page"),
)


def _kind(body: bytes) -> str:
    if not body:
        return "empty"
    return next((name for magic, name in _KINDS if body.lstrip().startswith(magic)), "something else")


def payloads(jpeg: Jpeg, marker: int, prefix: bytes) -> list[bytes]:
    """Payloads of the segments of one kind, without the prefix that tells the kind."""
    return [
        segment.payload[len(prefix) :]
        for segment in jpeg.segments
        if segment.marker == marker and segment.payload.startswith(prefix)
    ]


def icc_profile(jpeg: Jpeg) -> bytes | None:
    """The embedded ICC profile; None where there is none or where a part of it is missing."""
    chunks = sorted(payloads(jpeg, APP2, ICC))
    # Each chunk begins with its number, from 1, and the number of chunks.
    if not chunks or [chunk[:2] for chunk in chunks] != [
        bytes((n + 1, len(chunks))) for n in range(len(chunks))
    ]:
        return None
    return b"".join(chunk[2:] for chunk in chunks)


def without_metadata(body: bytes, jpeg: Jpeg) -> bytes:
    """The file with what a decoder needs and nothing else: same pixels, no metadata to trip over.

    APP14 stays, because it says how the colours are stored.
    """
    kept = [
        body[segment.start : segment.end]
        for segment in jpeg.segments
        if not (APP0 <= segment.marker <= APP15 or segment.marker == COMMENT) or segment.marker == APP14
    ]
    return b"".join((SOI, *kept, body[jpeg.scan_start :]))
