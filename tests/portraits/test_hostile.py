"""Whatever a server sends as a portrait: a row with a reason, never a crash, a hang or gigabytes."""

import struct
import tracemalloc
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dontspy_data.portraits import describe as module
from dontspy_data.portraits.describe import describe
from dontspy_data.portraits.jpeg import parse


def problem(body: bytes, *, faces: bool = False) -> str:
    found = describe(body, faces=faces)
    assert found.picture is None
    assert found.problem
    return found.problem


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    stream = BytesIO()
    image.save(stream, kind, **options)  # type: ignore[arg-type]
    return stream.getvalue()


def frame_at(body: bytes) -> int:
    return next(s.start for s in parse(body).segments if s.marker in (0xC0, 0xC2))


def with_size(body: bytes, width: int, height: int) -> bytes:
    at = frame_at(body) + 5
    return body[:at] + struct.pack(">HH", height, width) + body[at + 4 :]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "is not a JPEG file but empty"),
        (b"<!DOCTYPE html><title>Challenge</title>", "is not a JPEG file but a web page"),
        (b"\n <html>", "is not a JPEG file but a web page"),
        (saved(Image.new("RGB", (4, 4)), "PNG"), "is not a JPEG file but PNG"),
        (saved(Image.new("I;16", (4, 4)), "PNG"), "is not a JPEG file but PNG"),
        (saved(Image.new("RGB", (4, 4)), "WEBP"), "is not a JPEG file but WebP"),
        (saved(Image.new("RGB", (4, 4)), "TIFF"), "is not a JPEG file but TIFF"),
        (
            saved(Image.new("L", (4, 4)), "GIF", save_all=True, append_images=[Image.new("L", (4, 4), 9)]),
            "is not a JPEG file but GIF",
        ),
        (b"\xff\xd8", "is cut off before the picture begins"),
        (b"\xff\xd8\xff\xe1\xff\xffExif", "is cut off before the picture begins"),
        (b"\xff\xd8\x00\x00\x00\x00", "is damaged: no marker at byte 2"),
        (b"\xff\xd8\xff\xda\x00\x02", "has 0 usable frame headers where a JPEG file has one"),
        (b"\xff\xd8\xff\xfe\x00\x01\xff\xda\x00\x02", "is cut off before the picture begins"),
    ],
)
def test_what_is_no_jpeg_is_named(body: bytes, why: str) -> None:
    assert problem(body) == why


def test_a_decompression_bomb_is_refused_before_decoding(jpeg_file: Callable[..., bytes]) -> None:
    tracemalloc.start()
    why = problem(with_size(jpeg_file(), 65500, 65500))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert why == "has 4,290,250,000 pixels, more than the 25,000,000 that are read"
    assert peak < 1_000_000


def test_many_scans_are_refused(jpeg_file: Callable[..., bytes]) -> None:
    body = jpeg_file(progressive=True)
    start = parse(body).scan_start
    scan = body[start : body.index(b"\xff", start + 20)]
    assert "scans, more than the 32 that are read" in problem(body[:start] + scan * 40 + body[start:])


def test_too_many_bytes_are_refused(person: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", len(person) - 1)
    assert "bytes, more than the" in problem(person)
    monkeypatch.setattr(module, "MOST_BYTES", len(person))
    assert describe(person, faces=False).problem is None


def test_twelve_bits_are_refused(jpeg_file: Callable[..., bytes]) -> None:
    body = jpeg_file()
    at = frame_at(body) + 4
    twelve = body[:at] + b"\x0c" + body[at + 1 :]
    assert problem(twelve) == "has 12 bits a channel where ordinary decoders read 8"


def test_no_pixels_are_refused(jpeg_file: Callable[..., bytes]) -> None:
    assert problem(with_size(jpeg_file(), 0, 50)) == "says that it is 0 by 50 pixels"


def test_two_frames_are_refused(jpeg_file: Callable[..., bytes]) -> None:
    body = jpeg_file()
    frame = next(s for s in parse(body).segments if s.marker == 0xC0)
    twice = body[: frame.start] + body[frame.start : frame.end] + body[frame.start :]
    assert problem(twice) == "has 2 usable frame headers where a JPEG file has one"


def test_a_cut_off_picture_says_so(person: bytes) -> None:
    assert problem(person[: len(person) * 3 // 4]).startswith("cannot be decoded: image file is truncated")


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (96, 8), (32, 640), (3, 2)])
def test_tiny_and_thin_pictures_are_described(
    jpeg_file: Callable[..., bytes], size: tuple[int, int], mode: str
) -> None:
    found = describe(jpeg_file(size, mode), faces=True)
    assert found.problem is None
    assert found.picture
    assert (found.picture.width, found.picture.height, found.picture.mode) == (*size, mode)
    assert found.picture.faces == ()


def test_huge_and_nested_metadata_is_carried(person: bytes, splice: Callable[..., bytes]) -> None:
    body = person
    for _ in range(20):  # more than a megabyte of Exif, each with a whole picture inside
        body = splice(body, 0xE1, b"Exif\x00\x00II*\x00\x08\x00\x00\x00" + person[:60_000])
    found = describe(body, faces=False)
    assert found.problem is None
    assert found.published is None


def test_a_broken_profile_is_no_profile(person: bytes, splice: Callable[..., bytes]) -> None:
    body = splice(person, 0xE2, b"ICC_PROFILE\x00\x01\x01" + bytes(500))
    plain = splice(person, 0xE2, b"ICC_PROFILE\x00\x01\x02" + bytes(500))
    for changed in (body, plain):
        found = describe(changed, faces=True)
        assert found.picture
        assert found.picture.icc_profile is None


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
    jpeg_file: Callable[..., bytes],
    cut: float,
    changes: list[tuple[float, int]],
    progressive: bool,
    mode: str,
) -> None:
    body = bytearray(jpeg_file((33, 41), mode, progressive=progressive))
    del body[max(2, int(len(body) * max(cut, 0.3))) :]
    for place, value in changes:
        body[int(len(body) * place)] = value
    found = describe(bytes(body), faces=True)
    assert (found.picture is None) == bool(found.problem)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(2, 6000), st.integers(0, 255)), min_size=1, max_size=30))
def test_damaged_metadata_of_a_portrait_is_described(person: bytes, changes: list[tuple[int, int]]) -> None:
    body = bytearray(person)
    for place, value in changes:
        body[place % len(body)] = value
    found = describe(bytes(body), faces=False)
    assert (found.picture is None) == bool(found.problem)
