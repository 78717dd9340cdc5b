"""Whatever a server sends as a portrait: a row with a reason, never a crash, a hang or gigabytes."""

import struct
import time
import tracemalloc
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dontspy_data.portraits import jpeg
from dontspy_data.portraits.describe import Description, StatusReason, describe
from dontspy_data.portraits.jpeg import SCAN, open_upright

Jpeg = Callable[..., bytes]
END = b"\xff\xd9"


def refused(body: bytes, reason: StatusReason = StatusReason.UNREADABLE, *, faces: bool = False) -> str:
    found = describe(body, faces=faces)
    assert found.picture is None
    assert found.reason is reason
    assert found.problem
    return found.problem


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = BytesIO()
    image.save(stream, kind, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def at_marker(body: bytes, *markers: int) -> int:
    return min(at for marker in markers if (at := body.find(bytes((0xFF, marker)))) > 0)


def at_scan(body: bytes) -> int:
    """Where the first scan's compressed data begin."""
    at = at_marker(body, 0xDA)
    return at + 2 + int.from_bytes(body[at + 2 : at + 4], "big")


def with_size(body: bytes, width: int, height: int) -> bytes:
    at = at_marker(body, 0xC0, 0xC2) + 5
    return body[:at] + struct.pack(">HH", height, width) + body[at + 4 :]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", "empty"),
        (b"<!DOCTYPE html><title>Challenge</title>", "a web page"),
        (b"\n <html>", "a web page"),
        (b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b'{"error": "not found"}', "JSON"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00", "AVIF"),
        (b"\x00\x00\x00\x1cftypheic\x00\x00\x00\x00", "HEIC"),
        (b"plain words", "something else"),
        *((saved(Image.new("RGB", (4, 4)), name.upper()), name) for name in ("PNG", "WebP", "TIFF", "BMP")),
        (saved(Image.new("L", (4, 4)), "GIF"), "GIF"),
    ],
)
def test_another_format_is_named(body: bytes, kind: str) -> None:
    assert refused(body, StatusReason.OTHER_FORMAT) == f"is not a JPEG file but {kind}"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"\xff\xd8", "cut off"),
        (b"\xff\xd8\xff\xe1\xff\xffExif", "cut off"),
        (b"\xff\xd8\x00\x00\x00\x00", "no marker at byte 2"),
        (b"\xff\xd8\xff\xda\x00\x02\xff\xd9", "0 frame headers"),
        (b"\xff\xd8\xff\xfe\x00\x01\xff\xda\x00\x02", "cut off"),
        (b"\xff\xd8\xff\xc0\x00\x03\x08\xff\xda\x00\x02\xff\xd9", "1 frame headers"),
    ],
)
def test_what_is_no_whole_jpeg_says_why(body: bytes, why: str) -> None:
    assert why in refused(body)


def half(body: bytes) -> bytes:
    start = at_scan(body)
    return body[: start + (len(body) - start) // 2].rstrip(b"\xff") + END


def noisy(body: bytes) -> bytes:
    start = at_scan(body)
    middle = start + (len(body) - start) // 2
    return body[:middle] + bytes(range(1, 200)) + body[middle + 199 :]


def without_last_scan(body: bytes) -> bytes:
    return body[: body.rindex(b"\xff\xda")] + END


DAMAGED: dict[str, Callable[[Jpeg], bytes]] = {
    "half a picture with an end mark": lambda jpeg: half(jpeg((200, 200))),
    "half a progressive picture with an end mark": lambda jpeg: half(jpeg((200, 200), progressive=True)),
    "half a picture with restart markers": lambda jpeg: half(jpeg((200, 200), restart_marker_rows=1)),
    "half a grey picture": lambda jpeg: half(jpeg((200, 200), "L")),
    "half a picture of four colours": lambda jpeg: half(jpeg((200, 200), "CMYK")),
    "a picture whose last scans are missing": lambda jpeg: without_last_scan(
        jpeg((200, 200), progressive=True)
    ),
    "no end mark": lambda jpeg: jpeg((200, 200))[:-2],
    "three quarters": lambda jpeg: jpeg((200, 200))[:-90],
    "other bytes in the scan": lambda jpeg: noisy(jpeg((200, 200), quality=95)),
    "other bytes in a progressive scan": lambda jpeg: noisy(jpeg((200, 200), quality=95, progressive=True)),
    "a header larger than its scan": lambda jpeg: with_size(jpeg((200, 200)), 200, 300),
    "a header much larger than its scan": lambda jpeg: with_size(jpeg((200, 200)), 2000, 3000),
    "a header smaller than its scan": lambda jpeg: with_size(jpeg((200, 200)), 200, 100),
    "nothing but headers": lambda jpeg: (body := jpeg((200, 200)))[: at_scan(body)] + END,
    "a marker inside the scan": lambda jpeg: (
        (body := jpeg((200, 200), quality=95))[: at_scan(body) + 40]
        + b"\xff\x02"
        + body[at_scan(body) + 42 :]
    ),
    "a second frame": lambda jpeg: (
        (body := jpeg())[: (at := at_marker(body, 0xC0))] + body[at : at + 19] + body[at:]
    ),
    "arithmetic coding": lambda jpeg: jpeg().replace(b"\xff\xc0", b"\xff\xc9", 1),
    "lossless": lambda jpeg: jpeg().replace(b"\xff\xc0", b"\xff\xc3", 1),
    "twelve bits": lambda jpeg: jpeg().replace(b"\xff\xc0\x00\x11\x08", b"\xff\xc0\x00\x11\x0c", 1),
    "two channels": lambda jpeg: (
        (body := jpeg())[: (at := at_marker(body, 0xC0) + 9)] + b"\x02" + body[at + 1 :]
    ),
    "no pixels": lambda jpeg: with_size(jpeg(), 0, 50),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_is_found(jpeg_file: Jpeg, name: str) -> None:
    def busy(size: tuple[int, int] = (40, 50), mode: str = "RGB", **options: object) -> bytes:
        noise = Image.effect_noise(size, 60).convert(mode)
        return saved(noise, "JPEG", **options)

    refused(DAMAGED[name](jpeg_file))
    refused(DAMAGED[name](busy))


def many_fill_bytes(body: bytes) -> bytes:
    return body[:2] + b"\xff" * 31_000_000 + body[2:]


def many_fill_bytes_in_the_scan(body: bytes) -> bytes:
    return body[:-2] + b"\xff" * 31_000_000 + body[-2:]


def many_segments(body: bytes) -> bytes:
    return body[:2] + b"\xff\xfe\x00\x02" * 7_700_000 + body[2:]


def many_segments_between_scans(body: bytes) -> bytes:
    at = body.rindex(b"\xff\xda")
    return body[:at] + b"\xff\xfe\x00\x02" * 7_700_000 + body[at:]


def many_scans(body: bytes) -> bytes:
    at = body.index(b"\xff\xda")
    scan = SCAN.match(body, at + 2 + int.from_bytes(body[at + 2 : at + 4], "big"))
    assert scan
    return with_size(body[:at] + body[at : scan.end()] * 200 + body[at:], 4000, 4000)


@pytest.mark.parametrize(
    "grow",
    [many_fill_bytes, many_fill_bytes_in_the_scan, many_segments, many_segments_between_scans, many_scans],
)
def test_what_would_take_long_is_refused_at_once(jpeg_file: Jpeg, grow: Callable[[bytes], bytes]) -> None:
    body = grow(jpeg_file(progressive=True))
    started = time.process_time()
    problem = refused(body)
    assert time.process_time() - started < 5
    assert "more than" in problem


def test_what_would_take_long_is_read_in_time(jpeg_file: Jpeg, splice: Callable[..., bytes]) -> None:
    datasets = b"\x1c\x02\x50\x00\x01A" * 10_000
    body = jpeg_file()
    for start in [b"8BIM\x04\x04\x00\x00" + struct.pack(">I", 20 * len(datasets)), *[b""] * 19][::-1]:
        body = splice(body, 0xED, b"Photoshop 3.0\x00" + start + datasets)
    started = time.process_time()
    assert describe(body, faces=False).problem is None
    assert time.process_time() - started < 5


def test_a_decompression_bomb_is_refused_before_decoding(jpeg_file: Jpeg) -> None:
    tracemalloc.start()
    why = refused(with_size(jpeg_file(), 65500, 65500))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert why == "has 4,290,250,000 pixels, more than the 25,000,000 that are read"
    assert peak < 1_000_000


def test_too_many_bytes_are_refused(person: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jpeg, "MOST_BYTES", len(person) - 1)
    assert "bytes, more than the" in refused(person)
    monkeypatch.setattr(jpeg, "MOST_BYTES", len(person))
    assert describe(person, faces=False).problem is None


@pytest.mark.parametrize(
    "options", [{}, {"progressive": True}, {"subsampling": 2}, {"restart_marker_rows": 1}]
)
@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (96, 8), (32, 640), (3, 2)])
def test_tiny_and_thin_pictures_are_described(
    jpeg_file: Jpeg, size: tuple[int, int], mode: str, options: dict[str, object]
) -> None:
    if mode == "CMYK":
        options = {**options, "subsampling": 0}  # No colour of four is stored coarser than the others.
    found = describe(jpeg_file(size, mode, **options), faces=True)
    assert found.problem is None
    assert found.picture
    assert (found.picture.width, found.picture.height, found.picture.mode) == (*size, mode)
    assert found.picture.faces == ()


def test_a_profile_that_makes_no_sense_is_no_profile(person: bytes, splice: Callable[..., bytes]) -> None:
    found = describe(splice(person, 0xE2, b"ICC_PROFILE\x00\x01\x01" + bytes(500)), faces=True)
    assert found.picture is None or found.picture.icc_profile is None


def holds(found: Description, body: bytes) -> None:
    """What is described can be opened as whoever shows it will; what is not has a reason."""
    assert (found.picture is None) == bool(found.problem) == bool(found.reason)
    if found.picture:
        image = open_upright(body)
        assert {*image.size} == {found.picture.width, found.picture.height}


RESOLUTION_OF_ONE_BYTE = (
    b"II*\x00\x08\x00\x00\x00\x02\x00"
    b"\x1a\x01\x01\x00\x01\x00\x00\x00H\x00\x00\x00"
    b"\x28\x01\x03\x00\x01\x00\x00\x00\x02\x00\x00\x00"
    b"\x00\x00\x00\x00"
)


@pytest.mark.parametrize(
    ("marker", "block"),
    [(0xE0, b"JFIF\x00\x01"), (0xEE, b"Adobe\x01"), (0xE1, b"Exif\x00\x00" + RESOLUTION_OF_ONE_BYTE)],
)
def test_what_pillow_cannot_open_is_not_published(
    jpeg_file: Jpeg, splice: Callable[..., bytes], marker: int, block: bytes
) -> None:
    refused(splice(jpeg_file(), marker, block))


def test_a_block_whose_parts_pillow_cannot_read_is_not_published(
    person: bytes, splice: Callable[..., bytes]
) -> None:
    parts = (b"8BIM\x04\x04", b"\x00\x00" + struct.pack(">I", 0))
    body = person
    for part in reversed(parts):
        body = splice(body, 0xED, b"Photoshop 3.0\x00" + part)
    refused(body)


@given(st.binary(max_size=600))
def test_any_bytes_are_described(data: bytes) -> None:
    assert describe(data, faces=True).problem
    assert describe(b"\xff\xd8" + data, faces=True).problem


@settings(max_examples=150, deadline=None)
@given(
    cut=st.floats(0, 1),
    changes=st.lists(st.tuples(st.floats(0, 1, exclude_max=True), st.integers(0, 255)), max_size=6),
    progressive=st.booleans(),
    mode=st.sampled_from(["L", "RGB", "CMYK"]),
)
def test_damaged_pictures_are_described(
    jpeg_file: Jpeg, cut: float, changes: list[tuple[float, int]], progressive: bool, mode: str
) -> None:
    body = bytearray(jpeg_file((33, 41), mode, progressive=progressive))
    del body[max(2, int(len(body) * max(cut, 0.3))) :]
    for place, value in changes:
        body[int(len(body) * place)] = value
    holds(describe(bytes(body), faces=True), bytes(body))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(2, 6000), st.integers(0, 255)), min_size=1, max_size=30))
def test_a_damaged_portrait_is_described(person: bytes, changes: list[tuple[int, int]]) -> None:
    body = bytearray(person)
    for place, value in changes:
        body[place % len(body)] = value
    holds(describe(bytes(body), faces=False), bytes(body))
