"""A portrait that holds or may hold a location is withheld, in whatever form the location is written."""

import struct
from collections.abc import Callable
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from dontspy_data.portraits.blocks import UnreadableBlockError, read_blocks
from dontspy_data.portraits.describe import StatusReason, describe
from dontspy_data.portraits.jpeg import read_structure
from dontspy_data.portraits.location import find_location

Splice = Callable[..., bytes]

GPS, EXIF_DIRECTORY = 0x8825, 0x8769
EXIF = b"Exif\x00\x00"
XMP = b"http://ns.adobe.com/xap/1.0/\x00"
EXTENDED = b"http://ns.adobe.com/xmp/extension/\x00"
PHOTOSHOP = b"Photoshop 3.0\x00"
VERSION = {0: b"\x02\x03\x00\x00"}
PLACE = {**VERSION, 1: "N", 2: (50.0, 50.0, 21.0), 3: "E", 4: (4.0, 22.0, 30.0), 29: "2024:07:16"}
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
APP1, APP2, APP5, APP11, APP13, COM = 0xE1, 0xE2, 0xE5, 0xEB, 0xED, 0xFE


def exif_block(gps: dict[int, object] | None = None, endian: str = "<", **main: object) -> bytes:
    """An Exif block with texts on both sides of the GPS directory."""
    exif = Image.Exif()
    exif.endian = endian
    exif[0x010F], exif[0x8298] = "Camera Works", "© Somebody".encode()
    exif.get_ifd(EXIF_DIRECTORY)[0x9003] = "2024:07:16 10:00:00"
    exif.get_ifd(EXIF_DIRECTORY).update({int(tag[1:], 16): value for tag, value in main.items()})
    exif.get_ifd(GPS).update(gps or {})
    return exif.tobytes()


def where_it_is(body: bytes) -> str | None:
    structure = read_structure(body)
    try:
        return find_location(structure, read_blocks(structure))
    except UnreadableBlockError as error:
        return str(error)


def tiff(order: str, *directories: list[tuple[int, int, int, int]], after: bytes = b"") -> bytes:
    """An Exif block of directories in a chain, each of entries (tag, type, count, value)."""
    out, at = (b"II*\x00" if order == "<" else b"MM\x00*") + struct.pack(order + "I", 8), 8
    for n, entries in enumerate(directories):
        at += 6 + 12 * len(entries)
        body = b"".join(struct.pack(order + "HHII", *entry) for entry in entries)
        link = at if n + 1 < len(directories) else 0
        out += struct.pack(order + "H", len(entries)) + body + struct.pack(order + "I", link)
    return EXIF + out + after


def xmp(inner: str = "", attributes: str = "", encoding: str = "utf-8", declared: bool = False) -> bytes:
    text = (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{RDF}"><rdf:Description rdf:about=""'
        f' xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/" {attributes}>'
        f"{inner}</rdf:Description></rdf:RDF></x:xmpmeta>"
    )
    return (f'<?xml version="1.0" encoding="{encoding}"?>' * declared + text).encode(encoding)


def resource(number: int, data: bytes) -> bytes:
    return PHOTOSHOP + b"8BIM" + struct.pack(">HHI", number, 0, len(data)) + data + b"\x00" * (len(data) % 2)


def iptc(*values: tuple[int, bytes]) -> bytes:
    return b"".join(b"\x1c\x02" + struct.pack(">BH", n, len(text)) + text for n, text in values)


def extended(packet: bytes) -> bytes:
    return EXTENDED + b"0" * 32 + struct.pack(">II", len(packet), 0) + packet


PLACED = xmp(attributes='exif:GPSLatitude="50,50.35N" exif:GPSLongitude="4,22.5E"')
GPS_BLOCK = tiff("<", [(0x0002, 5, 3, 26)], after=struct.pack("<6I", 50, 1, 50, 1, 21, 1))

HOLDING: dict[str, tuple[int, bytes]] = {
    "little endian": (APP1, exif_block(PLACE)),
    "big endian": (APP1, exif_block(PLACE, ">")),
    "a date alone": (APP1, exif_block({**VERSION, 29: "2024:07:16"})),
    "a pointer in the second directory": (
        APP1,
        tiff("<", [(0x0112, 3, 1, 1)], [(GPS, 4, 1, 44)], after=GPS_BLOCK[14:]),
    ),
    "a pointer to nowhere": (APP1, tiff("<", [(GPS, 4, 1, 9_999)])),
    "a pointer of two bytes": (APP1, tiff("<", [(GPS, 3, 1, 26)], after=GPS_BLOCK[14:])),
    "a pointer as a directory's type": (APP1, tiff("<", [(GPS, 13, 1, 26)], after=GPS_BLOCK[14:])),
    "two pointers in one entry": (APP1, tiff("<", [(GPS, 4, 2, 26)], after=struct.pack("<II", 8, 8))),
    "thousands of pointers": (
        APP1,
        tiff("<", [(EXIF_DIRECTORY, 4, 8_000, 8)] * 2_600, after=bytes(2_000)),
    ),
    "a pointer under the Exif directory": (
        APP1,
        tiff("<", [(EXIF_DIRECTORY, 4, 1, 26)], after=tiff("<", [(GPS, 4, 1, 8)])[14:]),
    ),
    "directories under others": (
        APP1,
        tiff("<", [(0x014A, 4, 1, 26)], after=tiff("<", [(GPS, 4, 1, 8)])[14:]),
    ),
    "a directory that nothing points to": (
        APP1,
        tiff("<", [(0x0112, 3, 1, 1)], after=exif_block(PLACE)[14:]),
    ),
    "the camera's own notes": (APP1, exif_block(x927C=b"Apple iOS\x00\x00\x01")),
    "a comment in Exif": (APP1, exif_block(x9286=b"ASCII\x00\x00\x0050.8467, 4.3525")),
    "a comment in UTF-16": (APP1, exif_block(x9286=b"UNICODE\x00" + "GPS 50.8".encode("utf-16-le"))),
    "more entries than bytes": (APP1, tiff("<", [(0x0112, 3, 1, 1)])[:-8]),
    "a value of four gigabytes": (APP1, tiff("<", [(0x8298, 2, 2**32 - 1, 8)])),
    "a directory that follows itself": (APP1, tiff("<", [(EXIF_DIRECTORY, 4, 1, 8)])),
    "no TIFF": (APP1, EXIF + b"something else"),
    "big TIFF": (APP1, EXIF + b"II+\x00\x08\x00\x00\x00" + bytes(16)),
    "attributes in XMP": (APP1, XMP + PLACED),
    "elements in XMP": (APP1, XMP + xmp("<exif:GPSLatitude>50,50.35N</exif:GPSLatitude>")),
    "another prefix": (
        APP1,
        XMP + xmp('<q:GPSLatitude xmlns:q="http://ns.adobe.com/exif/1.0/">50N</q:GPSLatitude>'),
    ),
    "a drone's XMP": (APP1, XMP + xmp(attributes='xmlns:d="http://www.dji.com/" d:GpsLongtitude="4.35"')),
    "another vocabulary": (
        APP1,
        XMP + xmp('<w:lat xmlns:w="http://www.w3.org/2003/01/geo/wgs84_pos#">50.8</w:lat>'),
    ),
    "a geo address": (APP1, XMP + xmp("<dc:source>geo:50.8467,4.3525</dc:source>")),
    "where it was made": (
        APP1,
        XMP
        + xmp(
            '<i:LocationCreated xmlns:i="http://iptc.org/"><exif:GPSAltitude>9</exif:GPSAltitude></i:LocationCreated>'
        ),
    ),
    "numbers in a caption": (APP1, XMP + xmp("<dc:description>Seen at 50.8467, 4.3525</dc:description>")),
    "degrees in a caption": (APP1, XMP + xmp("<dc:description>50° 50\u2032 48\u2033 N</dc:description>")),
    "markup within text": (
        APP1,
        XMP + xmp("<dc:source>&amp;lt;exif:&amp;#71;PSLatitude&amp;gt;</dc:source>"),
    ),
    "character references": (APP1, XMP + xmp("<dc:source>&#71;&#80;&#83;&#76;atitude</dc:source>")),
    "a comment in XMP": (APP1, XMP + xmp("<!-- GPSLatitude=50.8 -->")),
    "XMP in UTF-16": (APP1, XMP + xmp("<exif:GPSLatitude>50N</exif:GPSLatitude>", encoding="utf-16")),
    "XMP in UTF-16, big endian": (APP1, XMP + b"\xfe\xff" + PLACED.decode().encode("utf-16-be")),
    "XMP in UTF-32": (APP1, XMP + PLACED.decode().encode("utf-32")),
    "XMP in EBCDIC": (
        APP1,
        XMP + xmp("<exif:GPSLatitude>50N</exif:GPSLatitude>", encoding="cp037", declared=True),
    ),
    "extended XMP": (APP1, extended(PLACED)),
    "extended XMP in UTF-16": (APP1, extended(PLACED.decode().encode("utf-16"))),
    "XMP cut off": (APP1, XMP + xmp()[:-20]),
    "XMP with entities": (APP1, XMP + b'<!DOCTYPE x [<!ENTITY a "b">]>' + xmp()),
    "text in a comment": (COM, b"lat=50.8467 lon=4.3525"),
    "a longitude alone": (COM, b"Longitude four"),
    "the name of a reference system": (COM, b"in WGS-84"),
    "degrees by their word": (COM, b"50 deg 50.8 min N"),
    "numbers in a comment": (COM, b"N 50.8467 E 4.3525"),
    "XMP in a comment": (COM, PLACED),
    "a caption of IPTC": (APP13, resource(0x0404, iptc((120, b"50.8467,4.3525")))),
    "IPTC cut off": (APP13, resource(0x0404, iptc((120, b"a caption"))[:-3])),
    "Exif in Photoshop's block": (APP13, resource(0x0422, exif_block(PLACE)[6:])),
    "XMP in Photoshop's block": (APP13, resource(0x0424, PLACED)),
    "Photoshop's block cut off": (APP13, resource(0x0404, iptc((120, b"a caption")))[:-4]),
    "a signed manifest": (APP11, b"JP\x00\x01\x00\x00\x00\x01jumbc2pa"),
    "further pictures": (APP2, b"MPF\x00II*\x00\x08\x00\x00\x00"),
    "another profile": (APP2, b"ICC_PROFILE\x00\x02\x02rest of a profile"),
    "Exif in another block": (APP5, exif_block(PLACE)),
    "Exif in a profile": (APP2, b"ICC_PROFILE\x00\x01\x01" + exif_block(PLACE)),
}


@pytest.mark.parametrize("name", HOLDING)
def test_what_holds_or_may_hold_a_location_is_withheld(
    jpeg_file: Callable[..., bytes], splice: Splice, name: str
) -> None:
    found = describe(splice(jpeg_file(), *HOLDING[name]), faces=False)
    assert found.picture is None
    assert found.reason is StatusReason.LOCATION
    assert found.problem
    assert found.problem.startswith("may hold a location ")


def test_exif_in_a_second_block_is_read(jpeg_file: Callable[..., bytes], splice: Splice) -> None:
    body = splice(splice(jpeg_file(), APP1, exif_block(PLACE)), APP1, exif_block())
    assert describe(body, faces=False).reason is StatusReason.LOCATION


def test_a_location_between_two_parts_of_extended_xmp(
    jpeg_file: Callable[..., bytes], splice: Splice
) -> None:
    packet = PLACED
    cut = packet.index(b"Latitude") - 1
    parts = [
        EXTENDED + b"0" * 32 + struct.pack(">II", len(packet), at) + part
        for at, part in ((0, packet[:cut]), (cut, packet[cut:]))
    ]
    for order in (parts, parts[::-1]):
        body = jpeg_file()
        for part in order:
            body = splice(body, APP1, part)
        assert describe(body, faces=False).reason is StatusReason.LOCATION


@pytest.mark.parametrize("marker", [0x01, 0xBF, 0xCC, 0xD0, 0xD7, 0xD8, 0xDC, 0xDE, 0xF0, 0xFD])
def test_a_location_behind_a_marker_that_has_no_length(
    jpeg_file: Callable[..., bytes], splice: Splice, marker: int
) -> None:
    # Who takes the marker for a segment reads the next one's marker as its length, and passes over the location.
    block = exif_block(PLACE)
    rest = 0xFFE1 - len(block) - 8
    body = splice(splice(jpeg_file(), COM, b"." * rest), APP1, block)
    found = describe(body[:2] + bytes((0xFF, marker)) + body[2:], faces=False)
    assert found.picture is None
    assert found.reason is StatusReason.UNREADABLE


def test_a_second_picture_behind_the_first(jpeg_file: Callable[..., bytes], splice: Splice) -> None:
    second = splice(jpeg_file(), APP1, exif_block(PLACE))
    assert describe(jpeg_file() + second, faces=False).reason is StatusReason.LOCATION


def test_padding_behind_the_end_is_nothing(jpeg_file: Callable[..., bytes]) -> None:
    assert describe(jpeg_file() + bytes(500) + b"\r\n", faces=False).picture


def test_metadata_between_scans(jpeg_file: Callable[..., bytes]) -> None:
    body = jpeg_file(progressive=True)
    at = body.rindex(b"\xff\xda")
    block = struct.pack(">BBH", 0xFF, APP1, len(exif_block()) + 2) + exif_block()
    assert describe(body[:at] + block + body[at:], faces=False).reason is StatusReason.LOCATION


HARMLESS: dict[str, tuple[int, bytes]] = {
    "a version alone": (APP1, exif_block(VERSION)),
    "a version alone, big endian": (APP1, exif_block(VERSION, ">")),
    "a version in XMP": (APP1, XMP + xmp("<exif:GPSVersionID>2.3.0.0</exif:GPSVersionID>")),
    "facts": (APP1, exif_block()),
    "a place's name": (
        APP1,
        XMP + xmp(attributes='xmlns:p="http://ns.adobe.com/photoshop/1.0/" p:City="Brussels"'),
    ),
    "numbers of a brush": (APP1, XMP + xmp("<dc:source>d 0.565651 0.335168</dc:source>")),
    "XMP in UTF-16": (APP1, XMP + xmp("<dc:source>archive</dc:source>", encoding="utf-16")),
    "a caption": (APP13, resource(0x0404, iptc((120, "Ana Example, 16°".encode()), (90, b"Brussels")))),
    "a comment": (COM, b"Saved at quality 92"),
}


@pytest.mark.parametrize("name", HARMLESS)
def test_what_is_no_location_is_published(person: bytes, splice: Splice, name: str) -> None:
    assert describe(splice(person, *HARMLESS[name]), faces=False).problem is None


@settings(max_examples=200)
@given(at=st.integers(0, 2000), value=st.integers(0, 255), order=st.sampled_from("<>"))
def test_a_damaged_block_never_hides_a_location_that_pillow_still_finds(
    jpeg_file: Callable[..., bytes], splice: Splice, at: int, value: int, order: str
) -> None:
    block = bytearray(exif_block(PLACE, order))
    block[len(EXIF) + at % (len(block) - len(EXIF))] = value
    body = splice(jpeg_file(), APP1, bytes(block))
    if where_it_is(body) is None:
        try:
            left = Image.open(BytesIO(body)).getexif().get_ifd(GPS)
        except (SyntaxError, ValueError, struct.error):
            return
        assert set(left) <= {0}


@settings(max_examples=200)
@given(st.sampled_from([APP1, APP2, APP5, APP11, APP13, COM, 0xE0, 0xEE]), st.binary(max_size=300))
def test_any_block_is_looked_at(
    jpeg_file: Callable[..., bytes], splice: Splice, marker: int, data: bytes
) -> None:
    for start in (b"", EXIF, XMP, PHOTOSHOP + b"8BIM\x04\x04\x00\x00", EXIF + b"II*\x00\x08\x00\x00\x00"):
        where_it_is(splice(jpeg_file(), marker, start + data))
