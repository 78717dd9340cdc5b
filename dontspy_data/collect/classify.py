"""Telling good answers from bad ones: a pure function from what a server sent to a verdict."""

import json
import re
from enum import StrEnum

from lxml import etree

from dontspy_data.capture.captures import Page
from dontspy_data.sources.endpoints import WWW, Endpoint, Form
from dontspy_data.sources.portraits import says_no_ai


class Verdict(StrEnum):
    """What an answer is."""

    WHOLE = "whole"
    UNCHANGED = "unchanged"
    ABSENT = "absent"
    CHALLENGE = "challenge"
    FORBIDDEN = "forbidden"
    LOGIN = "login_page"
    ROBOTS = "robots_txt"
    TOO_MANY = "too_many_requests"
    SERVER_ERROR = "server_error"
    NOT_FOUND = "not_found"
    UNEXPECTED = "unexpected_status"
    OTHER_HOST = "redirected_to_other_host"
    REDIRECTS = "too_many_redirects"
    FOREIGN_IMAGE = "image_on_unlisted_host"
    UNREACHABLE = "unreachable"
    CUT = "shorter_than_declared"
    TOO_LARGE = "too_large"
    EMPTY = "empty"
    HTML = "html_in_place_of_data"
    TRUNCATED = "truncated"
    MALFORMED = "malformed"
    ERROR_PAGE = "error_page"
    NOAI = "noai"
    STOPPED = "stopped"
    NOT_ASKED = "not_asked"


GOOD = frozenset({Verdict.WHOLE, Verdict.UNCHANGED, Verdict.ABSENT})
"""Answers that are kept."""

ANSWERED = GOOD | {Verdict.NOAI}
"""The source answered what was asked, whether that is kept or not."""

REFUSALS = frozenset({Verdict.CHALLENGE, Verdict.FORBIDDEN, Verdict.LOGIN, Verdict.ROBOTS, Verdict.TOO_MANY})
"""The source said no. Only 429 is asked again, when the source says so."""

WORTH_RETRYING = frozenset(
    {
        Verdict.TOO_MANY,
        Verdict.SERVER_ERROR,
        Verdict.UNREACHABLE,
        Verdict.CUT,
        Verdict.EMPTY,
        Verdict.HTML,
        Verdict.TRUNCATED,
        Verdict.MALFORMED,
        Verdict.ERROR_PAGE,
        Verdict.UNEXPECTED,
    }
)
"""Faults that may have passed when the page is asked for again."""

DOWN = frozenset({Verdict.SERVER_ERROR, Verdict.UNREACHABLE, Verdict.CUT})
"""Faults of the server, whatever is asked of it."""

OUT_OF_ORDER = DOWN | {Verdict.HTML, Verdict.ERROR_PAGE, Verdict.UNEXPECTED, Verdict.EMPTY}
"""Faults that, several in a row, are the server's and not the page's."""

BY_STATUS = {
    304: Verdict.UNCHANGED,
    401: Verdict.FORBIDDEN,
    403: Verdict.FORBIDDEN,
    407: Verdict.FORBIDDEN,
    408: Verdict.SERVER_ERROR,
    425: Verdict.SERVER_ERROR,
    429: Verdict.TOO_MANY,
    451: Verdict.FORBIDDEN,
    404: Verdict.NOT_FOUND,
    410: Verdict.NOT_FOUND,
}
TITLE = re.compile(rb"<title[^>]*>(.*?)</title", re.IGNORECASE | re.DOTALL)
ERROR_TITLE = re.compile(
    rb"\b(error|not found|unavailable|access denied|forbidden|bad gateway|maintenance|request rejected)\b",
    re.IGNORECASE,
)
LARGEST_LOGIN_PAGE = 20_000  # bytes
PASSWORD_FIELD = re.compile(rb"<input[^>]+type=[\"']?password", re.IGNORECASE)
LOOKS_LIKE_HTML = re.compile(
    rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body|title|script)", re.IGNORECASE
)


def judge(page: Page, endpoint: Endpoint, *, ignore_noai: bool = False) -> Verdict:
    """What an answer is, by its status, its headers and its body.

    Args:
        page: the answer, as it was received.
        endpoint: what was asked for.
        ignore_noai: whether a portrait marked `noai` or `noimageai` is as good as another.
    """
    verdict = _judge(page, endpoint)
    is_picture = endpoint.is_picture and verdict in (Verdict.WHOLE, Verdict.UNCHANGED)
    return Verdict.NOAI if is_picture and not ignore_noai and says_no_ai(page) else verdict


def _judge(page: Page, endpoint: Endpoint) -> Verdict:
    # AWS WAF: https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-how-it-works.html
    # The website's challenge is a 202, which means nothing else there, whether it has that header or not.
    if page.header("x-amzn-waf-action") or (page.status == 202 and endpoint.host == WWW):
        return Verdict.CHALLENGE
    if page.status == 200:
        return _judge_body(page.body, endpoint.form)
    if page.status == 204 and endpoint.may_be_empty:
        return Verdict.WHOLE  # The API says that an offset is past the end.
    verdict = BY_STATUS.get(page.status, Verdict.SERVER_ERROR if page.status >= 500 else Verdict.UNEXPECTED)
    if verdict is Verdict.NOT_FOUND and endpoint.may_be_absent:
        return Verdict.ABSENT
    return verdict


def _judge_body(body: bytes, form: Form) -> Verdict:
    if not body.strip():
        return Verdict.EMPTY
    if form is not Form.HTML and LOOKS_LIKE_HTML.match(body[:512]):
        return Verdict.LOGIN if _is_login(body) else Verdict.HTML
    return JUDGES[form](body)


def _is_login(body: bytes) -> bool:
    return PASSWORD_FIELD.search(body) is not None


def _judge_html(body: bytes) -> Verdict:
    title = TITLE.search(body)
    if title and ERROR_TITLE.search(title[1]):
        return Verdict.ERROR_PAGE
    # The site's own pages may offer a login in their header; one that is about nothing else is short.
    if _is_login(body) and len(body) < LARGEST_LOGIN_PAGE:
        return Verdict.LOGIN
    return Verdict.WHOLE if b"</html" in body[-2048:].lower() else Verdict.TRUNCATED


def _judge_json(body: bytes) -> Verdict:
    try:
        document = json.loads(body)
    except ValueError:
        return Verdict.TRUNCATED if body.lstrip()[:1] in (b"{", b"[") else Verdict.MALFORMED
    return Verdict.WHOLE if isinstance(document, dict) else Verdict.MALFORMED


def _judge_xml(body: bytes) -> Verdict:
    try:
        etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return Verdict.TRUNCATED if body.lstrip()[:1] == b"<" else Verdict.MALFORMED
    return Verdict.WHOLE


def _judge_jpeg(body: bytes) -> Verdict:
    if not body.startswith(START):
        return Verdict.MALFORMED
    return Verdict.WHOLE if is_whole(body) else Verdict.TRUNCATED


def _judge_text(_: bytes) -> Verdict:
    return Verdict.WHOLE


JUDGES = {
    Form.HTML: _judge_html,
    Form.JSON: _judge_json,
    Form.XML: _judge_xml,
    Form.JPEG: _judge_jpeg,
    Form.CSV: _judge_text,
    Form.TEXT: _judge_text,
}

START = b"\xff\xd8"
END_OF_IMAGE = 0xD9
START_OF_SCAN = 0xDA
# In the data of a scan, 0xFF begins a marker unless a zero, a restart marker or more padding follows.
MARKER_IN_SCAN = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])", re.DOTALL)


def is_whole(data: bytes) -> bool:
    """Whether the data is a JPEG from its first marker to its end-of-image marker, with a scan in between."""
    if not data.startswith(START):
        return False
    at, scans = 2, 0
    while (marker := _marker(data, at)) is not None:
        code, at = marker
        if code == END_OF_IMAGE:
            return scans > 0
        end = at + int.from_bytes(data[at : at + 2])
        if end < at + 2 or end > len(data):
            return False
        at = end
        if code == START_OF_SCAN:
            scans += 1
            found = MARKER_IN_SCAN.search(data, at)
            if found is None:
                return False
            at = found.start()
    return False


def _marker(data: bytes, at: int) -> tuple[int, int] | None:
    """The marker's code at a position and the byte after it; None where there is no marker."""
    if data[at : at + 1] != b"\xff":
        return None
    while data[at : at + 1] == b"\xff":
        at += 1
    return (data[at], at + 1) if at < len(data) else None
