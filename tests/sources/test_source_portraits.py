"""The portrait that a person has, or that there is none."""

import hashlib
from io import BytesIO

import pytest
from PIL import Image

from dontspy_data.model.statements import Property
from dontspy_data.sources import portraits

URL = portraits.url(9000001)


def picture(kind):
    stream = BytesIO()
    Image.new("RGB", (4, 5), "navy").save(stream, kind)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"])
def test_a_picture_is_known_by_its_bytes(page, kind):
    body = picture(kind)
    (statement,) = portraits.read(page(URL, body)).statements
    assert (statement.mep_id, statement.property) == (9000001, Property.PORTRAIT)
    assert statement.value == hashlib.sha256(body).hexdigest()


def test_a_picture_without_a_byte_is_described_as_that(page):
    (statement,) = portraits.read(page(URL, b"")).statements
    assert statement.value == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize("status", [404, 410])
def test_no_picture_is_absent_and_not_unknown(page, status):
    (statement,) = portraits.read(page(URL, "<html>", status=status)).statements
    assert statement.value == "absent"


@pytest.mark.parametrize("body", ["<html>Not a picture</html>", "RIFF1234WAVE", "{}", "%PDF-1.7"])
def test_a_page_served_as_a_picture_is_no_error(page, body):
    (statement,) = portraits.read(page(URL, body, headers=(("Content-Type", "image/jpeg"),))).statements
    assert statement.value == hashlib.sha256(body.encode()).hexdigest()
