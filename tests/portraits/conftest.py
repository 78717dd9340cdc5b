"""Pictures for the tests of portraits: the sample's drawn people, and small ones made on the spot."""

import struct
from collections.abc import Callable
from io import BytesIO

import pytest
from PIL import Image

from dontspy_data import sample
from dontspy_data.capture.captures import Captures
from dontspy_data.sources import portraits as source

Splice = Callable[..., bytes]


@pytest.fixture(scope="session")
def people() -> dict[int, bytes]:
    """The latest portraits of the sample's people, by MEP number."""
    captures = Captures.open([sample.path()])
    found = {}
    for url in captures.urls():
        if (match := source.PATTERN.match(url)) and (page := captures.latest(url)) and page.status == 200:
            found[int(match["id"])] = page.body
    return found


@pytest.fixture(scope="session")
def person(people: dict[int, bytes]) -> bytes:
    """One of them, with one face."""
    return people[9000001]


@pytest.fixture(scope="session")
def jpeg_file() -> Callable[..., bytes]:
    """A small picture with a gradient, saved as JPEG with whatever Pillow is told."""

    def make(size: tuple[int, int] = (40, 50), mode: str = "RGB", **options: object) -> bytes:
        stream = BytesIO()
        Image.linear_gradient("L").resize(size).convert(mode).save(stream, "JPEG", **options)  # type: ignore[arg-type]
        return stream.getvalue()

    return make


@pytest.fixture(scope="session")
def splice() -> Splice:
    """Puts one metadata segment into a JPEG file, first of all."""

    def put(body: bytes, marker: int, payload: bytes) -> bytes:
        return body[:2] + struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload + body[2:]

    return put
