from datetime import UTC, datetime
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dontspy_data.capture.captures import Page
from dontspy_data.collect.classify import Verdict, judge
from dontspy_data.sources import SOURCE_OF, api_requests, ep_csv, ep_full_list, ep_profile, portraits
from dontspy_data.sources.endpoints import Endpoint

WHEN = datetime(2026, 1, 2, tzinfo=UTC)
HTML = b"<!DOCTYPE html><html><head><title>Home | A MEMBER</title></head><body>x</body></html>"


def picture() -> bytes:
    out = BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "JPEG")
    return out.getvalue()


JPEG = picture()


def verdict(endpoint: Endpoint, status: int = 200, body: bytes = b"", **headers: str) -> Verdict:
    named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
    return judge(Page("https://host/x", status, named, body, WHEN), endpoint)


@pytest.mark.parametrize(
    ("endpoint", "status", "body", "expected"),
    [
        (portraits.PORTRAIT, 200, JPEG, Verdict.WHOLE),
        (portraits.PORTRAIT, 200, JPEG[:-20], Verdict.TRUNCATED),
        (portraits.PORTRAIT, 200, HTML, Verdict.HTML),
        (portraits.PORTRAIT, 200, b"", Verdict.EMPTY),
        (portraits.PORTRAIT, 200, b"GIF89a...", Verdict.MALFORMED),
        (portraits.PORTRAIT, 404, HTML, Verdict.ABSENT),
        (portraits.PORTRAIT, 304, b"", Verdict.UNCHANGED),
        (portraits.PORTRAIT, 202, JPEG, Verdict.CHALLENGE),
        (ep_full_list.FULL_LIST, 202, HTML, Verdict.CHALLENGE),
        (api_requests.DETAILS, 202, HTML, Verdict.UNEXPECTED),
        (portraits.PORTRAIT, 206, JPEG, Verdict.UNEXPECTED),
        (portraits.PORTRAIT, 403, b"", Verdict.FORBIDDEN),
        (api_requests.DETAILS, 200, b'{"data": []}', Verdict.WHOLE),
        (api_requests.DETAILS, 200, b'{"data": [', Verdict.TRUNCATED),
        (api_requests.DETAILS, 200, b"[1]", Verdict.MALFORMED),
        (api_requests.DETAILS, 200, b"sorry", Verdict.MALFORMED),
        (api_requests.DETAILS, 200, b" \n", Verdict.EMPTY),
        (api_requests.DETAILS, 200, HTML, Verdict.HTML),
        (api_requests.DETAILS, 200, b'<html><input name="p" type="password"></html>', Verdict.LOGIN),
        (api_requests.DETAILS, 204, b"", Verdict.UNEXPECTED),
        (api_requests.DETAILS, 404, b"", Verdict.NOT_FOUND),
        (api_requests.ROSTER, 204, b"", Verdict.WHOLE),
        (api_requests.ROSTER, 429, b"", Verdict.TOO_MANY),
        (api_requests.ROSTER, 500, b"", Verdict.SERVER_ERROR),
        (ep_profile.PROFILE, 200, HTML, Verdict.WHOLE),
        (ep_profile.PROFILE, 200, HTML[:-10], Verdict.TRUNCATED),
        (ep_profile.PROFILE, 200, b"<html><title>Error</title></html>", Verdict.ERROR_PAGE),
        (ep_profile.PROFILE, 200, b"<html><input type='password'></html>", Verdict.LOGIN),
        (ep_profile.PROFILE, 401, HTML, Verdict.FORBIDDEN),
        (ep_full_list.FULL_LIST, 200, b"<meps><mep><id>1</id></mep></meps>", Verdict.WHOLE),
        (ep_full_list.FULL_LIST, 200, b"<meps><mep><id>1</id>", Verdict.TRUNCATED),
        (ep_full_list.FULL_LIST, 200, b"nothing", Verdict.MALFORMED),
        (ep_csv.CSV, 200, b"id;name\n", Verdict.WHOLE),
        (ep_csv.CSV, 200, HTML, Verdict.HTML),
    ],
)
def test_answers_are_told_apart(endpoint: Endpoint, status: int, body: bytes, expected: Verdict) -> None:
    assert verdict(endpoint, status, body) is expected


@pytest.mark.parametrize("status", [200, 202, 403, 405])
def test_a_challenge_is_one_whatever_its_status(status: int) -> None:
    assert verdict(portraits.PORTRAIT, status, JPEG, x_amzn_waf_action="challenge") is Verdict.CHALLENGE


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("noai", Verdict.NOAI),
        ("noindex, NoImageAI", Verdict.NOAI),
        ("*: noai", Verdict.NOAI),
        ("dontspy-data: noai", Verdict.NOAI),
        ("otherbot: noindex, noai", Verdict.WHOLE),
        ("otherbot: noai, dontspy-data: noimageai", Verdict.NOAI),
        ("noindex, noarchive", Verdict.WHOLE),
        ("", Verdict.WHOLE),
    ],
)
def test_a_portrait_may_be_marked_as_not_for_ai(header: str, expected: Verdict) -> None:
    assert verdict(portraits.PORTRAIT, 200, JPEG, X_Robots_Tag=header) is expected


def test_a_mark_that_is_new_counts_although_the_picture_is_the_same() -> None:
    assert verdict(portraits.PORTRAIT, 304, X_Robots_Tag="noai") is Verdict.NOAI


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (404, HTML, Verdict.ABSENT),
        (403, b"", Verdict.FORBIDDEN),
        (503, b"", Verdict.SERVER_ERROR),
        (200, HTML, Verdict.HTML),
    ],
)
def test_only_a_picture_can_be_marked(status: int, body: bytes, expected: Verdict) -> None:
    assert verdict(portraits.PORTRAIT, status, body, X_Robots_Tag="noai") is expected


def test_the_mark_can_be_overruled_and_concerns_portraits_only() -> None:
    page = Page("https://host/x", 200, (("X-Robots-Tag", "noai"),), JPEG, WHEN)
    assert judge(page, portraits.PORTRAIT, ignore_noai=True) is Verdict.WHOLE
    assert verdict(ep_profile.PROFILE, 200, HTML, X_Robots_Tag="noai") is Verdict.WHOLE


@given(st.sampled_from([*SOURCE_OF]), st.integers(200, 599), st.binary(max_size=200))
def test_every_answer_has_a_verdict(endpoint: Endpoint, status: int, body: bytes) -> None:
    assert isinstance(verdict(endpoint, status, body), Verdict)
