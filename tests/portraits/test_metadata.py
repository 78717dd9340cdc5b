"""What pictures say of themselves, in Exif, IPTC and XMP."""

import struct
from collections.abc import Callable
from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from PIL import Image

from dontspy_data.portraits import metadata
from dontspy_data.portraits.blocks import Blocks, UnreadableBlockError, read_blocks
from dontspy_data.portraits.jpeg import read_structure
from dontspy_data.portraits.metadata import Metadata, clean, decode, read_metadata, read_xmp, rights

PHOTOSHOP = b"Photoshop 3.0\x00"
XMP = b"http://ns.adobe.com/xap/1.0/\x00"


def exif_block(
    main: dict[int, object] | None = None, more: dict[int, object] | None = None, endian: str = "<"
) -> bytes:
    exif = Image.Exif()
    exif.endian = endian
    exif.update(main or {})
    exif.get_ifd(0x8769).update(more or {})
    return exif.tobytes()


def iptc_block(*values: tuple[int, int, bytes]) -> bytes:
    data = b"".join(b"\x1c" + struct.pack(">BBH", r, d, len(v)) + v for r, d, v in values)
    other = b"8BIM\x04\x25\x04name\x00" + struct.pack(">I", 3) + b"abc\x00"
    return PHOTOSHOP + other + b"8BIM\x04\x04\x00\x00" + struct.pack(">I", len(data)) + data


def xmp_block(inner: str, attributes: str = "") -> bytes:
    return (
        XMP
        + f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/" {attributes}>{inner}</rdf:Description></rdf:RDF>
</x:xmpmeta><?xpacket end="w"?>""".encode()
    )


def blocks_of(body: bytes) -> Blocks:
    return read_blocks(read_structure(body))


@pytest.fixture
def described(jpeg_file: Callable[..., bytes], splice: Callable[..., bytes]) -> Callable[..., Metadata]:
    def make(exif: bytes = b"", iptc: bytes = b"", xmp: bytes = b"") -> Metadata:
        body = jpeg_file()
        for marker, payload in ((0xE1, xmp), (0xED, iptc), (0xE1, exif)):
            body = splice(body, marker, payload) if payload else body
        return read_metadata(blocks_of(body))

    return make


def test_nothing_said_is_nothing_read(described: Callable[..., Metadata]) -> None:
    assert described() == Metadata()


@pytest.mark.parametrize("endian", ["<", ">"])
def test_exif_in_both_byte_orders(described: Callable[..., Metadata], endian: str) -> None:
    found = described(
        exif_block(
            {
                0x010F: "NIKON CORPORATION",
                0x0110: "NIKON D850",
                0x0112: 6,
                0x013B: "Alex Example",
                0x8298: "© European Union 2024 - Source : EP".encode(),
                0x010E: "Chamber",
            },
            {0x9003: "2024:07:16 10:11:12"},
            endian,
        )
    )
    assert found == Metadata(
        orientation=6,
        captured_on=date(2024, 7, 16),
        camera="NIKON D850",
        photographer="Alex Example",
        copyright="© European Union 2024 - Source : EP",
        caption="Chamber",
    )


def test_exif_goes_before_iptc_before_xmp(described: Callable[..., Metadata]) -> None:
    iptc = iptc_block((1, 90, b"\x1b%G"), (2, 80, b"Iptc One"), (2, 80, b"Iptc Two"), (2, 116, b"Iptc"))
    xmp = xmp_block(
        "<dc:creator><rdf:Seq><rdf:li>Xmp</rdf:li></rdf:Seq></dc:creator>"
        '<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">Xmp</rdf:li></rdf:Alt></dc:rights>'
        "<dc:description><rdf:Alt><rdf:li>Xmp A</rdf:li><rdf:li>Xmp B</rdf:li></rdf:Alt></dc:description>"
        "<xmpRights:UsageTerms>Ask first</xmpRights:UsageTerms>",
        'photoshop:Credit="Credited"',
    )
    found = described(exif_block({0x8298: "Exif"}), iptc, xmp)
    assert found.copyright == "Exif"
    assert found.photographer == "Iptc One, Iptc Two"
    assert found.caption == "Xmp A"
    assert found.usage_terms == "Ask first"
    assert found.credit == "Credited"


def test_blank_exif_gives_way_to_what_is_said_elsewhere(described: Callable[..., Metadata]) -> None:
    found = described(exif_block({0x8298: "      "}), iptc_block((2, 116, b"Iptc")))
    assert found.copyright == "Iptc"


def test_an_empty_dataset_says_nothing(described: Callable[..., Metadata]) -> None:
    assert described(iptc=iptc_block((2, 80, b""), (2, 116, b""), (2, 116, b"Iptc"))) == Metadata(
        copyright="Iptc"
    )


@pytest.mark.parametrize(
    ("stored", "meant"),
    [
        (b" \x00(c) Agency X", "(c) Agency X"),  # the form for an editor's copyright alone
        (b"(c) A Photographer\x00(c) Agency X", "(c) A Photographer, (c) Agency X"),
        (b"\xc2\xa9\x00\x00", "Iptc"),
    ],
)
def test_a_copyright_has_two_parts(described: Callable[..., Metadata], stored: bytes, meant: str) -> None:
    assert described(exif_block({0x8298: stored}), iptc_block((2, 116, b"Iptc"))).copyright == meant


def test_of_alternatives_the_default_is_read(described: Callable[..., Metadata]) -> None:
    languages = '<rdf:li xml:lang="fr">Fr</rdf:li><rdf:li xml:lang="x-default">En</rdf:li>'
    assert (
        described(xmp=xmp_block(f"<dc:rights><rdf:Alt>{languages}</rdf:Alt></dc:rights>")).copyright == "En"
    )


@pytest.mark.parametrize(
    "text",
    [
        *("", "   ", "©", "-", "N/A", "\x00\x07"),
        *("Prenom NOM - 9th Parliamentary term", "Prénom Nom", "- 8th Parliamentary term"),
    ],
)
def test_templates_and_blanks_say_nothing(text: str) -> None:
    assert clean(text) is None


def test_a_caption_with_a_term_is_no_template() -> None:
    assert clean("Ana EXAMPLE - 9th Parliamentary term") == "Ana EXAMPLE - 9th Parliamentary term"


@pytest.mark.parametrize(
    ("stored", "meant"),
    [
        ("© Ünion".encode(), "© Ünion"),
        ("© Ünion".encode().decode("latin-1").encode(), "© Ünion"),
        ("© Łódź".encode().decode("latin-1").encode().decode("latin-1").encode(), "© Łódź"),
        ("Anna\u2019s".encode().decode("cp1252").encode(), "Anna\u2019s"),
        ("© Ünion".encode("cp1252"), "© Ünion"),
        (b"caf\xe9 \x9ctat", "café œtat"),
        ("Ã la carte".encode(), "Ã la carte"),
    ],
)
def test_mojibake_is_repaired(stored: bytes, meant: str) -> None:
    assert clean(decode(stored)) == meant


@given(st.text())
def test_what_is_written_as_utf8_once_or_twice_reads_the_same(text: str) -> None:
    twice = text.encode().decode("latin-1").encode()
    assert clean(decode(twice)) == clean(decode(text.encode()))


@given(st.binary(max_size=300))
def test_clean_text_is_one_line_of_visible_characters(data: bytes) -> None:
    text = clean(decode(data))
    assert text is None or (text and text == " ".join(text.split()) and text.isprintable())
    assert clean(text or "") == text


@pytest.mark.parametrize(
    ("taken", "changed", "captured_on"),
    [
        ("2024:07:16 10:11:12", "2024:07:20 10:00:00", date(2024, 7, 16)),
        ("2024:07:16 10:11:12", "2024:07:16 09:30:00", date(2024, 7, 16)),
        ("2024:07:16 10:11:12", "2024:07:10 09:30:00", None),
        ("1980:01:01 00:00:00", "2024:07:10 09:30:00", None),
        ("0000:00:00 00:00:00", "2024:07:10 09:30:00", None),
        ("    :  :     :  :  ", "2024:07:10 09:30:00", None),
        ("2024:07:16 10:11:12", "rubbish", date(2024, 7, 16)),
    ],
)
def test_the_day_of_capture_is_checked_for_sense(
    described: Callable[..., Metadata], taken: str, changed: str, captured_on: date | None
) -> None:
    assert described(exif_block({0x0132: changed}, {0x9003: taken})).captured_on == captured_on


@pytest.mark.parametrize("orientation", [0, 9, 65535])
def test_nonsense_orientation_is_upright(described: Callable[..., Metadata], orientation: int) -> None:
    assert described(exif_block({0x0112: orientation})).orientation == 1


def test_a_packet_with_entities_is_not_read(
    jpeg_file: Callable[..., bytes], splice: Callable[..., bytes]
) -> None:
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'
    secret = (
        '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:rights>&f;</dc:rights></rdf:Description></rdf:RDF>'
    )
    for packet in (bomb, secret.encode(), secret.encode("utf-16")):
        with pytest.raises(UnreadableBlockError):
            blocks_of(splice(jpeg_file(), 0xE1, XMP + packet))


@given(data=st.binary(max_size=400))
def test_readers_take_any_bytes(
    jpeg_file: Callable[..., bytes], splice: Callable[..., bytes], data: bytes
) -> None:
    plain = jpeg_file()
    for marker, start in (
        (0xE1, b"Exif\x00\x00"),
        (0xE1, b"Exif\x00\x00II*\x00\x08\x00\x00\x00"),
        (0xE1, b"Exif\x00\x00MM\x00*\x00\x00\x00\x08"),
        (0xED, PHOTOSHOP + b"8BIM\x04\x04\x00\x00" + struct.pack(">I", len(data))),
        (0xE1, XMP),
    ):
        with suppress(UnreadableBlockError):
            read_metadata(blocks_of(splice(plain, marker, start + data)))


def test_only_wanted_properties_are_kept() -> None:
    packet = xmp_block("<dc:creator>A</dc:creator><dc:other>B</dc:other>")[len(XMP) :]
    assert read_xmp(etree.fromstring(packet)) == {f"{metadata.DC}creator": "A"}


@pytest.mark.parametrize(
    "notice",
    [
        "© European Union 2019 - Source : EP",
        "© European Union 2014 - Source EP",
        "© European Union, 2024 \u2013 Source: European Parliament",
        "(c) European Union 2024 - EP",
        "European Union 2024",
        "European Union",
        "© European Parliament 2009",
    ],
)
def test_the_union_allows_reuse(notice: str) -> None:
    found = rights(Metadata(copyright=notice))
    assert (found.status, found.holder, found.credit_line) == ("reuse", "European Union", notice)
    assert found.url == "https://www.europarl.europa.eu/legal-notice/en/"


@pytest.mark.parametrize(
    "notice",
    [
        "Alex Example",
        "© European Union 2024 / Agency",
        "© Agency for the European Union",
        "© European Unionists",
        "www.example.org",
    ],
)
def test_anyone_else_is_unclear_and_named(notice: str) -> None:
    found = rights(Metadata(copyright=notice, usage_terms="Creative Commons"))
    assert (found.status, found.holder, found.url) == ("unclear", notice, None)
    assert notice in found.credit_line


def test_nobody_named_is_not_stated() -> None:
    found = rights(Metadata())
    assert (found.status, found.holder) == ("not_stated", None)
    assert found.credit_line == "Source: European Parliament"


def test_a_photographer_alone_is_unclear() -> None:
    found = rights(Metadata(photographer="Alex Example"))
    assert (found.status, found.holder) == ("unclear", "Alex Example")
    assert found.credit_line.count("Alex Example") == 1


def test_a_photographer_is_credited_beside_the_holder() -> None:
    found = rights(Metadata(copyright="© European Union 2024 - Source : EP", photographer="Alex Example"))
    assert found.status == "reuse"
    assert found.credit_line == "© European Union 2024 - Source : EP, photographer: Alex Example"
