"""Aligned crops: a face upright in the middle of a small square, cut as the FFHQ dataset cuts.

Source of the formula: Karras, Laine and Aila (2019), doi:10.1109/CVPR.2019.00453, appendix C, and the
dataset's `download_ffhq.py`.
"""

import math
import struct
from dataclasses import dataclass
from io import BytesIO
from xml.sax.saxutils import escape

import numpy as np
from PIL import Image

from dontspy_data.portraits.opening import srgb_profile, to_srgb
from dontspy_data.portraits.quality import Landmarks, Parallelogram, Pixels, share_outside, square

SIZE = 160
QUALITY = 92
IMAGE_DESCRIPTION, COPYRIGHT = 0x010E, 0x8298
SOI = b"\xff\xd8"
XMP_PREFIX = b"http://ns.adobe.com/xap/1.0/\x00"
XMP_PACKET = """\
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/" xmlns:rights="http://ns.adobe.com/xap/1.0/rights/">
<dc:source>{address}</dc:source><photoshop:Credit>{credit}</photoshop:Credit>
<dc:rights><rdf:Alt><rdf:li xml:lang="x-default">{credit}</rdf:li></rdf:Alt></dc:rights>
<rights:WebStatement>{address}</rights:WebStatement>
</rdf:Description></rdf:RDF></x:xmpmeta>"""


@dataclass(frozen=True, slots=True)
class Crop:
    """An aligned crop.

    Attributes:
        body: a JPEG file of 160 by 160 pixels in sRGB, not yet credited.
        padding: share of its pixels that lie outside the picture, 0 to 1, rounded to 0.0001. They repeat
            the picture's nearest edge.
    """

    body: bytes
    padding: float


def aligned_crop(pixels: Pixels, icc: bytes | None, landmarks: Landmarks) -> Crop:
    """Return the square around a face, from its eyes and the corners of its mouth.

    Args:
        pixels: the picture, upright, red, green and blue.
        icc: the profile of its colours; None for sRGB.
        landmarks: of the face, in pixels of the upright picture, the eyes at least a pixel apart.
    """
    part = _square_of(landmarks)
    crop = to_srgb(Image.fromarray(square(pixels, part, SIZE)), icc)
    stream = BytesIO()
    crop.save(stream, "JPEG", quality=QUALITY, subsampling=0, icc_profile=srgb_profile())
    return Crop(stream.getvalue(), round(share_outside(pixels, part), 4))


def _square_of(landmarks: Landmarks) -> Parallelogram:
    """FFHQ's square: `eyes`, `half_x` and `half_y` are c, x and y in its own words."""
    right_eye, left_eye, right_mouth, left_mouth = (
        np.array([point.x, point.y])
        for point in (
            landmarks.right_eye,
            landmarks.left_eye,
            landmarks.right_mouth,
            landmarks.left_mouth,
        )
    )
    eye_to_eye, eyes = left_eye - right_eye, (left_eye + right_eye) / 2
    eyes_to_mouth = (right_mouth + left_mouth) / 2 - eyes
    across = eye_to_eye + np.array([eyes_to_mouth[1], -eyes_to_mouth[0]])
    length = max(math.hypot(*eye_to_eye) * 2.0, math.hypot(*eyes_to_mouth) * 1.8)
    # A mouth above the eyes can cancel the direction out; then the line of the eyes is as good.
    across = across if math.hypot(*across) >= 1 else eye_to_eye
    half_x = across / math.hypot(*across) * length
    half_y = np.array([-half_x[1], half_x[0]])
    return Parallelogram(eyes + eyes_to_mouth * 0.1 - half_x - half_y, 2 * half_x, 2 * half_y)


def credited(body: bytes, *, credit: str, address: str) -> bytes:
    """Add to a crop whom to credit and where the whole picture is; its pixels stay as they are.

    Args:
        body: the crop as it was cut.
        credit: credit line of the whole picture.
        address: address of the whole picture.
    """
    exif = Image.Exif()
    exif[IMAGE_DESCRIPTION] = f"Detail of {address}".encode()
    exif[COPYRIGHT] = credit.encode()
    xmp = XMP_PACKET.format(credit=escape(credit), address=escape(address)).encode()
    blocks = (exif.tobytes(), XMP_PREFIX + xmp)
    return SOI + b"".join(map(_app1, blocks)) + body[len(SOI) :]


def _app1(payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, 0xE1, len(payload) + 2) + payload
