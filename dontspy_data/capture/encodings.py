"""Undoing the content encodings of answers in other people's captures (RFC 9110, section 8.4)."""

import importlib
import zlib
from collections.abc import Callable, Sequence

from dontspy_data.capture.members import LARGEST_RECORD

LIBRARIES = {"br": "brotli", "zstd": "zstandard"}


class EncodingError(ValueError):
    """Say that a body's encoding cannot be undone, and what would help."""


def decoded(body: bytes, encodings: Sequence[str]) -> bytes:
    """Return a body without its encodings.

    A body that does not begin as gzip does is taken as it is: many crawlers undo the encoding and keep the header.

    Args:
        body: as it was sent.
        encodings: their names in the order in which they were applied, lower case.

    Raises:
        EncodingError: an encoding is not known, its library is not installed, or the body is damaged.
    """
    for name in reversed(encodings):
        undo = DECODERS.get(name)
        if undo is None:
            raise EncodingError(f"the encoding {name} is not known")
        try:
            body = undo(body)
        except zlib.error as error:
            raise EncodingError(f"its encoding {name} is damaged ({error})") from error
    return body


def _gunzip(body: bytes) -> bytes:
    return _inflate(body, 31) if body.startswith(b"\x1f\x8b") else body


def _deflate(body: bytes) -> bytes:
    try:
        return _inflate(body, 15)
    except zlib.error:
        return _inflate(body, -15)  # Some servers leave the frame away.


def _inflate(body: bytes, wbits: int) -> bytes:
    inflater = zlib.decompressobj(wbits=wbits)
    found = inflater.decompress(body, LARGEST_RECORD)
    if inflater.unconsumed_tail:
        raise EncodingError(f"it says more than {LARGEST_RECORD:,} bytes")
    if body and not inflater.eof:
        raise EncodingError("it ends early")
    return found


def _brotli(body: bytes) -> bytes:
    library = _library("br")
    try:
        found: bytes = library.decompress(body)
    except library.error as error:
        raise EncodingError(f"its encoding br is damaged ({error})") from error
    return found


def _zstd(body: bytes) -> bytes:
    library = _library("zstd")
    try:
        found: bytes = library.ZstdDecompressor().decompressobj().decompress(body)
    except library.ZstdError as error:
        raise EncodingError(f"its encoding zstd is damaged ({error})") from error
    return found


def _library(encoding: str):  # type: ignore[no-untyped-def]
    name = LIBRARIES[encoding]
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise EncodingError(
            f"its encoding {encoding} needs the package {name}: pip install {name}"
        ) from error


DECODERS: dict[str, Callable[[bytes], bytes]] = {
    "identity": lambda body: body,
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
