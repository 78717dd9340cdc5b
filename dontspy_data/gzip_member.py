"""One gzip member: compressed with zlib, or stored as it is.

Format: RFC 1952 (gzip) and RFC 1951, section 3.2.4 (stored blocks).
"""

import struct
import zlib

HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # deflate, no time, no name, unknown system
LONGEST_BLOCK = 0xFFFF


def compressed(data: bytes) -> bytes:
    """A member that zlib has compressed."""
    return zlib.compress(data, wbits=31)


def stored(data: bytes) -> bytes:
    """A member whose content is stored, for what is compressed already.

    zlib's level 0 gives as much, and takes five times as long for a portrait, most of it for memory that stored
    blocks have no use for.
    """
    view = memoryview(data)
    parts: list[bytes | memoryview] = [HEADER]
    for start in range(0, max(len(data), 1), LONGEST_BLOCK):
        block = view[start : start + LONGEST_BLOCK]
        last = start + LONGEST_BLOCK >= len(data)
        parts += (struct.pack("<BHH", last, len(block), len(block) ^ 0xFFFF), block)
    parts.append(struct.pack("<II", zlib.crc32(data), len(data) & 0xFFFFFFFF))
    return b"".join(parts)
