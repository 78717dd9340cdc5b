"""Portraits: the drawn faces as JPEG files, with what real files have inside, and the traps among them.

The marks of rights imitate those of real portraits word for word, since reading them is what is tried here;
the pictures themselves are this project's, drawn by `scripts/sample/draw.py`.
"""

import io
import struct
from functools import cache

from PIL import Image, ImageCms, ImageFilter

from scripts.sample.draw import face, silhouette
from scripts.sample.parliament import Person

ABSENT = 9000042
SILHOUETTES = frozenset({9000049, 9000053})
CMYK = 9000010
NAME_NEVER_FILLED_IN = 9000011
SOMEONE_ELSE = 9000019
GPS_POSITION = 9000022
GPS_VERSION_ONLY = 9000024
IPTC_AND_XMP = 9000028
LARGE = 9000036
NO_AI = 9000043

DESCRIPTION, SOFTWARE, MOMENT, ARTIST, COPYRIGHT, GPS = 0x010E, 0x0131, 0x0132, 0x013B, 0x8298, 0x8825
USUAL_COPYRIGHT = "© European Union 2024 - Source : EP"
XMP = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:xmpRights="http://ns.adobe.com/xap/1.0/rights/"
 photoshop:Credit="Studio Beispiel &amp; Uzorak" xmpRights:Marked="True">
<dc:rights><rdf:Alt>
<rdf:li xml:lang="x-default">© Studio Beispiel &amp; Uzorak, all rights reserved</rdf:li>
</rdf:Alt></dc:rights>
<dc:creator><rdf:Seq><rdf:li>Uzorka Snimateljić</rdf:li></rdf:Seq></dc:creator>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


def portrait(person: Person) -> bytes:
    """Return the JPEG file of a person."""
    if person.id in SILHOUETTES:
        return _jpeg(silhouette(), b"")
    size = (1911, 2417) if person.id == LARGE else (170, 215)
    picture = face(person.id, woman=person.gender == "female", size=size)
    if person.id == LARGE:
        picture = picture.filter(ImageFilter.GaussianBlur(3))  # keeps the file small
    exif = _exif(person)
    if person.id == CMYK:
        return _jpeg(picture.convert("CMYK"), exif)
    if person.id == IPTC_AND_XMP:
        return _with_app13(_jpeg(picture, exif, xmp=XMP.encode()), _iptc_rights())
    return _jpeg(picture, exif)


def earlier_portrait(person: Person) -> bytes:
    """Return the portrait that the person had before: another one, or the same with a position in its metadata."""
    if person.id == GPS_POSITION:
        return _jpeg(face(person.id, woman=person.gender == "female"), _exif(person, placed=True))
    return _jpeg(face(person.id + 500, woman=person.gender == "female"), _exif(person))


def _jpeg(picture: Image.Image, exif: bytes, *, xmp: bytes = b"") -> bytes:
    stream = io.BytesIO()
    profile = None if picture.mode == "CMYK" else _srgb()
    quality = 70 if picture.width > 1000 else 85
    picture.save(stream, "JPEG", quality=quality, dpi=(108, 108), icc_profile=profile, exif=exif, xmp=xmp)
    return stream.getvalue()


@cache
def _srgb() -> bytes:
    """LittleCMS's sRGB profile with a fixed date; the date is twelve bytes from the 24th (ICC.1, 7.2.8)."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = struct.pack(">6H", 2024, 7, 16, 0, 0, 0)
    return bytes(profile)


def _exif(person: Person, *, placed: bool = False) -> bytes:
    description = f"{person.name} official portrait - {person.terms[-1]}th Parliamentary term"
    artist, copyright_ = "", USUAL_COPYRIGHT
    if person.id == NAME_NEVER_FILLED_IN:
        description, artist = "Prenom NOM - 10th Parliamentary term", "Prenom NOM"
    if person.id == SOMEONE_ELSE:
        artist, copyright_ = "Alguien Más", "© Someone Else"
    if person.id == IPTC_AND_XMP:
        copyright_ = ""
    tags = Image.Exif()
    # Real files hold UTF-8 where EXIF asks for ASCII; Pillow writes bytes as they are.
    for tag, text in ((DESCRIPTION, description), (ARTIST, artist), (COPYRIGHT, copyright_)):
        if text:
            tags[tag] = text.encode()
    tags[SOFTWARE] = "scripts/make_sample.py"
    tags[MOMENT] = "2024:07:16 10:00:00"
    if person.id in {GPS_POSITION, GPS_VERSION_ONLY}:
        tags.get_ifd(GPS)[0] = b"\x02\x03\x00\x00"
    if placed:
        tags.get_ifd(GPS).update(
            {1: "N", 2: (48.0, 34.0, 51.5), 3: "E", 4: (7.0, 46.0, 8.4), 29: "2024:07:16"}
        )
    return tags.tobytes()


def _iptc_rights() -> bytes:
    """IPTC-IIM datasets in a Photoshop resource 0x0404: UTF-8 marked, by-line, credit, copyright notice."""
    texts = (
        (1, 90, "\x1b%G"),
        (2, 80, "Uzorka Snimateljić"),
        (2, 110, "Studio Beispiel & Uzorak"),
        (2, 116, "© Studio Beispiel & Uzorak"),
    )
    datasets = b""
    for record, number, text in texts:
        value = text.encode()
        datasets += struct.pack(">BBBH", 0x1C, record, number, len(value)) + value
    block = b"8BIM" + struct.pack(">HHI", 0x0404, 0, len(datasets)) + datasets
    return b"Photoshop 3.0\0" + block + b"\0" * (len(datasets) % 2)


def _with_app13(jpeg: bytes, payload: bytes) -> bytes:
    """Return the file with an APP13 segment after its first segment, the JFIF header."""
    end = 4 + struct.unpack(">H", jpeg[4:6])[0]
    return jpeg[:end] + b"\xff\xed" + struct.pack(">H", len(payload) + 2) + payload + jpeg[end:]
