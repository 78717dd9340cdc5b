"""A location goes, and nothing else."""

from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from dontspy_data.portraits.describe import describe
from dontspy_data.portraits.jpeg import EXIF, XMP, parse
from dontspy_data.portraits.location import XMP_EXTENSION, LocationError, without_location

GPS = 0x8825
XMP_WITH_PLACE = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/"'
    b' xmlns:dc="http://purl.org/dc/elements/1.1/" exif:GPSLatitude="50,50.35N" dc:format="image/jpeg">'
    b"<exif:GPSLongitude>4,22.5E</exif:GPSLongitude><exif:GPSMapDatum/><dc:source>archive</dc:source>"
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def exif_block(*, gps: dict[int, object], order: str = "little", thumbnail: bool = False) -> bytes:
    """An Exif block with texts on both sides of the location."""
    exif = Image.Exif()
    exif.endian = "<" if order == "little" else ">"
    exif[0x010F], exif[0x8298], exif[0x9C9B] = "Camera Works", "© Somebody".encode(), b"after\x00"
    exif.get_ifd(0x8769)[0x9003] = "2024:07:16 10:00:00"
    exif.get_ifd(GPS).update(gps)
    if thumbnail:
        exif.get_ifd(1)[0x0112] = 1
    return exif.tobytes()


PLACE: dict[int, object] = {
    0: b"\x02\x03\x00\x00",
    1: "N",
    2: (50.0, 50.0, 21.0),
    3: "E",
    4: (4.0, 22.0, 30.0),
    29: "2024:07:16",
}


def pixels(body: bytes) -> Image.Image:
    return Image.open(BytesIO(body)).convert("RGB")


def exif_of(body: bytes) -> dict[int, object]:
    exif = Image.open(BytesIO(body)).getexif()
    return {
        **{k: v for k, v in exif.items() if k not in (GPS, 0x8769)},
        **dict(exif.get_ifd(0x8769)),
        **dict(exif.get_ifd(1)),
    }


@pytest.mark.parametrize("order", ["little", "big"])
@pytest.mark.parametrize("thumbnail", [False, True])
def test_a_location_is_removed_and_everything_else_stays(
    person: bytes, splice: Callable[..., bytes], order: str, thumbnail: bool
) -> None:
    body = splice(person, 0xE1, exif_block(gps=PLACE, order=order, thumbnail=thumbnail))
    assert Image.open(BytesIO(body)).getexif().get_ifd(GPS)[2]

    found = describe(body, faces=False)

    published = found.published
    assert published is not None
    assert len(published) == len(body)
    assert not Image.open(BytesIO(published)).getexif().get_ifd(GPS)
    assert GPS not in Image.open(BytesIO(published)).getexif()
    assert exif_of(published) == exif_of(body)
    assert ImageChops.difference(pixels(body), pixels(published)).getbbox() is None
    assert body[parse(body).scan_start :] == published[parse(published).scan_start :]
    assert b"2024:07:16\x00" in body
    assert b"2024:07:16\x00" not in published


def test_a_picture_without_location_keeps_its_bytes(person: bytes) -> None:
    found = describe(person, faces=False)
    assert found.picture is not None
    assert found.published is None
    assert found.picture.sha256 == found.source_sha256


def test_a_version_alone_is_no_location(person: bytes, splice: Callable[..., bytes]) -> None:
    body = splice(person, 0xE1, exif_block(gps={0: b"\x02\x03\x00\x00"}))
    assert without_location(body) is body


@pytest.mark.parametrize("prefix", [XMP, XMP_EXTENSION + b"0" * 40])
def test_a_location_in_xmp_is_blanked(person: bytes, splice: Callable[..., bytes], prefix: bytes) -> None:
    body = splice(person, 0xE1, prefix + XMP_WITH_PLACE)
    cleaned = without_location(body)
    assert len(cleaned) == len(body)
    assert b"GPS" not in cleaned
    assert b"50,50.35N" not in cleaned
    assert b"4,22.5E" not in cleaned
    assert b"<dc:source>archive</dc:source>" in cleaned
    assert b'dc:format="image/jpeg"' in cleaned


def test_the_location_of_a_second_picture_in_the_file_goes_too(
    person: bytes, splice: Callable[..., bytes]
) -> None:
    second = splice(person, 0xE1, exif_block(gps=PLACE))
    cleaned = without_location(person + second)
    assert cleaned[: len(person)] == person
    assert not Image.open(BytesIO(cleaned[len(person) :])).getexif().get_ifd(GPS)


def test_a_location_that_overlaps_other_metadata_is_refused(
    person: bytes, splice: Callable[..., bytes]
) -> None:
    block = bytearray(exif_block(gps=PLACE)[len(EXIF) :])
    # The camera's make is made to stand on the bytes of the latitude.
    make = next(n for n in range(10, 100, 12) if block[n : n + 2] == b"\x0f\x01")
    block[make + 8 : make + 12] = block.find(b"\x32\x00\x00\x00\x01\x00\x00\x00").to_bytes(4, "little")
    body = splice(person, 0xE1, EXIF + bytes(block))
    with pytest.raises(LocationError, match="overlap"):
        without_location(body)
    found = describe(body, faces=False)
    assert found.picture is None
    assert found.problem == "has a location whose bytes overlap other metadata"


def test_a_location_in_words_that_are_no_property_is_refused(
    person: bytes, splice: Callable[..., bytes]
) -> None:
    body = splice(person, 0xE1, XMP + b"<a><exif:GPSLatitude>50<b/>N</exif:GPSLatitude></a>")
    with pytest.raises(LocationError, match="not written as a property"):
        without_location(body)


@example(noise=[(760, 0)])  # the location's directory laid over another one
@given(noise=st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 255)), max_size=8))
def test_damaged_metadata_never_changes_length_or_pixels(
    jpeg_file: Callable[..., bytes], splice: Callable[..., bytes], noise: list[tuple[int, int]]
) -> None:
    block = bytearray(exif_block(gps=PLACE))
    for position, value in noise:
        block[len(EXIF) + position % (len(block) - len(EXIF))] = value
    body = splice(jpeg_file(), 0xE1, bytes(block))
    try:
        cleaned = without_location(body)
    except LocationError:
        return
    assert len(cleaned) == len(body)
    assert cleaned[parse(body).segments[0].end :] == body[parse(body).segments[0].end :]
    assert without_location(cleaned) == cleaned
