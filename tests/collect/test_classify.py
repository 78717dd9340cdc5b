from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dontspy_data.capture.captures import Page
from dontspy_data.collect.classify import ResponseKind, classify
from dontspy_data.sources import SOURCE_OF, ep_api, ep_csv, ep_lists, member_page, portraits
from dontspy_data.sources.source import Endpoint

WHEN = datetime(2026, 1, 2, tzinfo=UTC)
HTML = b"<!DOCTYPE html><html><head><title>Home | A MEMBER</title></head><body>x</body></html>"


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "JPEG")
    return out.getvalue()


JPEG = picture()


def kind_of(endpoint: Endpoint, status: int = 200, body: bytes = b"", **headers: str) -> ResponseKind:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    page = Page("https://host/x", status, named, body, WHEN)
    return classify(page, endpoint, conditional=True).kind


@pytest.mark.parametrize(
    ("endpoint", "status", "body", "expected"),
    [
        (portraits.PORTRAIT, 200, JPEG, ResponseKind.WHOLE),
        (portraits.PORTRAIT, 200, JPEG[:-20], ResponseKind.TRUNCATED),
        (portraits.PORTRAIT, 200, HTML, ResponseKind.HTML),
        (portraits.PORTRAIT, 200, b"", ResponseKind.EMPTY),
        (portraits.PORTRAIT, 200, b"GIF89a...;", ResponseKind.OTHER_FORMAT),
        (portraits.PORTRAIT, 404, HTML, ResponseKind.ABSENT),
        (portraits.PORTRAIT, 304, b"", ResponseKind.UNCHANGED),
        (portraits.PORTRAIT, 202, JPEG, ResponseKind.CHALLENGE),
        (ep_lists.FULL_LIST, 202, HTML, ResponseKind.CHALLENGE),
        (ep_api.DETAILS, 202, HTML, ResponseKind.UNEXPECTED),
        (portraits.PORTRAIT, 206, JPEG, ResponseKind.UNEXPECTED),
        (portraits.PORTRAIT, 403, b"", ResponseKind.FORBIDDEN),
        (ep_api.DETAILS, 200, b'{"data": []}', ResponseKind.WHOLE),
        (ep_api.DETAILS, 200, b'{"data": [', ResponseKind.TRUNCATED),
        (ep_api.DETAILS, 200, b"[1]", ResponseKind.MALFORMED),
        (ep_api.DETAILS, 200, b"sorry", ResponseKind.MALFORMED),
        (ep_api.DETAILS, 200, b" \n", ResponseKind.EMPTY),
        (ep_api.DETAILS, 200, HTML, ResponseKind.HTML),
        (ep_api.DETAILS, 200, b'<html><input name="p" type="password"></html>', ResponseKind.LOGIN),
        (ep_api.DETAILS, 204, b"", ResponseKind.UNEXPECTED),
        (ep_api.DETAILS, 404, b"", ResponseKind.NOT_FOUND),
        (ep_api.ROSTER, 204, b"", ResponseKind.WHOLE),
        (ep_api.ROSTER, 429, b"", ResponseKind.TOO_MANY),
        (ep_api.ROSTER, 500, b"", ResponseKind.SERVER_ERROR),
        (member_page.PROFILE, 200, HTML, ResponseKind.WHOLE),
        (member_page.PROFILE, 200, HTML[:-10], ResponseKind.TRUNCATED),
        (member_page.PROFILE, 200, b"<html><title>Error</title></html>", ResponseKind.ERROR_PAGE),
        (member_page.PROFILE, 200, b"<html><input type='password'></html>", ResponseKind.LOGIN),
        (member_page.PROFILE, 401, HTML, ResponseKind.FORBIDDEN),
        (ep_lists.FULL_LIST, 200, b"<meps><mep><id>1</id></mep></meps>", ResponseKind.WHOLE),
        (ep_lists.FULL_LIST, 200, b"<meps><mep><id>1</id>", ResponseKind.TRUNCATED),
        (ep_lists.FULL_LIST, 200, b"nothing", ResponseKind.MALFORMED),
        (ep_csv.CSV, 200, b"mep_identifier;name\n1;A\n", ResponseKind.WHOLE),
        (ep_csv.CSV, 200, HTML, ResponseKind.HTML),
    ],
)
def test_answers_are_told_apart(endpoint: Endpoint, status: int, body: bytes, expected: ResponseKind) -> None:
    assert kind_of(endpoint, status, body) is expected


@pytest.mark.parametrize("status", [200, 202, 403, 405])
def test_a_challenge_is_one_whatever_its_status(status: int) -> None:
    assert kind_of(portraits.PORTRAIT, status, JPEG, x_amzn_waf_action="challenge") is ResponseKind.CHALLENGE


def test_a_mark_that_is_new_counts_although_the_picture_is_the_same() -> None:
    assert kind_of(portraits.PORTRAIT, 304, X_Robots_Tag="noai") is ResponseKind.NOAI


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (404, HTML, ResponseKind.ABSENT),
        (403, b"", ResponseKind.FORBIDDEN),
        (503, b"", ResponseKind.SERVER_ERROR),
        (200, HTML, ResponseKind.HTML),
    ],
)
def test_only_a_picture_can_be_marked(status: int, body: bytes, expected: ResponseKind) -> None:
    assert kind_of(portraits.PORTRAIT, status, body, X_Robots_Tag="noai") is expected


def test_the_mark_can_be_overruled_and_concerns_portraits_only() -> None:
    page = Page("https://host/x", 200, (("X-Robots-Tag", "noai"),), JPEG, WHEN)
    assert classify(page, portraits.PORTRAIT, ignore_noai=True).kind is ResponseKind.WHOLE
    assert kind_of(member_page.PROFILE, 200, HTML, X_Robots_Tag="noai") is ResponseKind.WHOLE


@given(st.sampled_from([*SOURCE_OF]), st.integers(200, 599), st.binary(max_size=200))
def test_every_answer_has_a_kind(endpoint: Endpoint, status: int, body: bytes) -> None:
    assert isinstance(kind_of(endpoint, status, body), ResponseKind)
