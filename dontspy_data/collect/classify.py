"""Telling good answers from bad ones: a pure function from a server's response to the kind of answer that it is.

A response that is not understood never counts as whole, unchanged or absent.
"""

import csv
import io
import json
import re
from dataclasses import dataclass
from enum import StrEnum

from lxml import etree

from dontspy_data.capture.captures import Page
from dontspy_data.sources.documents import CHALLENGE
from dontspy_data.sources.portraits import JPEG, is_whole_picture, picture_format, reserved_by
from dontspy_data.sources.source import WWW, Endpoint, Form


class ResponseKind(StrEnum):
    """What an answer is."""

    WHOLE = "whole"
    UNCHANGED = "unchanged"
    ABSENT = "absent"
    OTHER_FORMAT = "other_format"
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
    UNREACHABLE = "unreachable"
    TOO_SLOW = "too_slow"
    CUT = "shorter_than_declared"
    TOO_LARGE = "too_large"
    ENCODING = "content_encoding"
    EMPTY = "empty"
    HTML = "html_in_place_of_data"
    TRUNCATED = "truncated"
    MALFORMED = "malformed"
    ERROR_PAGE = "error_page"
    NOAI = "noai"
    STOPPED = "stopped"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True)
class Classification:
    """What an answer is, and why.

    Attributes:
        kind: what it is.
        reason: why, in a few words such as `HTTP 503`; empty for a good answer.
    """

    kind: ResponseKind
    reason: str = ""

    def __str__(self) -> str:
        return self.reason or self.kind.value.replace("_", " ")


GOOD = frozenset({ResponseKind.WHOLE, ResponseKind.UNCHANGED, ResponseKind.ABSENT, ResponseKind.OTHER_FORMAT})
"""Answers that are kept."""

ANSWERED = GOOD | {ResponseKind.NOAI}
"""The source answered the request, whether the answer is kept or not."""

REFUSALS = frozenset(
    {
        ResponseKind.CHALLENGE,
        ResponseKind.FORBIDDEN,
        ResponseKind.LOGIN,
        ResponseKind.ROBOTS,
        ResponseKind.TOO_MANY,
    }
)
"""The source refused. Only after a 429 is the page requested again, when the source allows it."""

DOWN = frozenset(
    {ResponseKind.SERVER_ERROR, ResponseKind.UNREACHABLE, ResponseKind.TOO_SLOW, ResponseKind.CUT}
)
"""Faults of the server, whatever the request."""

OUT_OF_ORDER = DOWN | {
    ResponseKind.HTML,
    ResponseKind.ERROR_PAGE,
    ResponseKind.UNEXPECTED,
    ResponseKind.EMPTY,
    ResponseKind.ENCODING,
    ResponseKind.MALFORMED,
    ResponseKind.TOO_LARGE,
}
"""Faults that, several in a row, point to the server and not the page."""

WORTH_RETRYING = OUT_OF_ORDER - {ResponseKind.TOO_SLOW, ResponseKind.TOO_LARGE} | {
    ResponseKind.TOO_MANY,
    ResponseKind.TRUNCATED,
}
"""Faults that may pass if the page is requested again; not those where trying again costs as much."""

BY_STATUS = {
    **dict.fromkeys((401, 403, 407, 451), ResponseKind.FORBIDDEN),
    **dict.fromkeys((404, 410), ResponseKind.NOT_FOUND),
    **dict.fromkeys((408, 425), ResponseKind.SERVER_ERROR),
    429: ResponseKind.TOO_MANY,
}
WHOLE = Classification(ResponseKind.WHOLE)


def classify(
    page: Page, endpoint: Endpoint, *, conditional: bool = False, ignore_noai: bool = False
) -> Classification:
    """Return what an answer is, by its status, its headers and its body.

    Args:
        page: the answer, as it was received.
        endpoint: what was asked for.
        conditional: whether the request was conditional.
        ignore_noai: whether portraits marked as not for AI are accepted.
    """
    found = _classify(page, endpoint, conditional=conditional)
    is_picture = endpoint.is_picture and found.kind in GOOD - {ResponseKind.ABSENT}
    if is_picture and not ignore_noai and (mark := reserved_by(page)):
        return Classification(ResponseKind.NOAI, mark)
    return found


def _classify(page: Page, endpoint: Endpoint, *, conditional: bool) -> Classification:
    # AWS WAF: https://docs.aws.amazon.com/waf/latest/developerguide/waf-captcha-and-challenge-how-it-works.html
    # The website's challenge is a 202, with that header or without; a 202 means nothing else there.
    if page.header(CHALLENGE) or (page.status == 202 and endpoint.host == WWW):
        return Classification(ResponseKind.CHALLENGE, f"HTTP {page.status}, a challenge")
    if page.status == 200:
        return _classify_body(page.body, endpoint)
    if page.status == 204 and endpoint.may_be_empty:
        return WHOLE
    if page.status == 304 and conditional:
        return Classification(ResponseKind.UNCHANGED)
    why = f"HTTP {page.status}"
    kind = BY_STATUS.get(page.status)
    if kind is ResponseKind.NOT_FOUND and endpoint.may_be_absent:
        if not page.redirected_to:
            return Classification(ResponseKind.ABSENT)
        why = f"redirected to {page.redirected_to}, {why}"
    server_error = 500 <= page.status < 600
    return Classification(
        kind or (ResponseKind.SERVER_ERROR if server_error else ResponseKind.UNEXPECTED), why
    )


def _classify_body(body: bytes, endpoint: Endpoint) -> Classification:
    form = endpoint.form
    if not body.strip():
        return (
            WHOLE if form in (Form.TEXT, Form.INDEX) else Classification(ResponseKind.EMPTY, "an empty body")
        )
    if form is not Form.HTML and LOOKS_LIKE_HTML.match(body[:512]):
        kind = ResponseKind.LOGIN if _is_login(body) else ResponseKind.HTML
        return Classification(kind, f"HTML in place of {form.label}")
    return JUDGES[form](body, endpoint.needs)


LARGEST_LOGIN_PAGE = 20_000  # bytes
LOOKS_LIKE_HTML = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype html|html|head|body|title|script)", re.IGNORECASE
)
ERROR_TITLE = re.compile(
    rb"\b(error|not found|unavailable|access denied|forbidden|bad gateway|maintenance|request rejected)\b",
    re.IGNORECASE,
)


def _malformed(form: Form, why: str) -> Classification:
    return Classification(ResponseKind.MALFORMED, f"no {form.label} of this kind: {why}")


def _truncated(form: Form) -> Classification:
    return Classification(ResponseKind.TRUNCATED, f"{form.label} that ends early")


def _is_login(body: bytes) -> bool:
    tags = (rest.partition(b">")[0] for rest in body.lower().split(b"<input")[1:])
    return any(re.search(rb"\stype\s*=\s*[\"']?password", tag) for tag in tags)


def title_of(body: bytes) -> bytes:
    """Return the text of the first `<title>`, in time linear in the size of the page."""
    start = re.search(rb"<title\b", body, re.IGNORECASE)
    return body[start.end() : start.end() + 4096].partition(b">")[2].partition(b"<")[0] if start else b""


def _judge_html(body: bytes, needs: str) -> Classification:
    if ERROR_TITLE.search(title_of(body)):
        return Classification(ResponseKind.ERROR_PAGE, "an error page")
    # The site's own pages may offer a login in their header; a page that is only a login is short.
    if len(body) < LARGEST_LOGIN_PAGE and _is_login(body):
        return Classification(ResponseKind.LOGIN, "a login page")
    if not re.search(rb"<[a-z!]", body[:4096], re.IGNORECASE):
        return _malformed(Form.HTML, "there is no tag in it")
    if needs.encode() not in body:
        return _malformed(Form.HTML, f"there is no {needs} in it")
    return WHOLE if b"</html" in body[-2048:].lower() else _truncated(Form.HTML)


def _judge_json(body: bytes, needs: str) -> Classification:
    try:
        document = json.loads(body)
    except RecursionError:
        return _malformed(Form.JSON, "it is nested too deeply")
    except ValueError:
        if body.lstrip()[:1] in (b"{", b"["):
            return _truncated(Form.JSON)
        return _malformed(Form.JSON, f"it begins {body[:16]!r}")
    if not isinstance(document, dict):
        return _malformed(Form.JSON, f"a {type(document).__name__} in place of an object")
    return WHOLE if not needs or needs in document else _malformed(Form.JSON, f"there is no {needs!r} in it")


def _judge_xml(body: bytes, needs: str) -> Classification:
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.LxmlError, ValueError):
        return (
            _truncated(Form.XML)
            if body.lstrip()[:1] == b"<"
            else _malformed(Form.XML, f"it begins {body[:16]!r}")
        )
    return WHOLE if needs in ("", root.tag) else _malformed(Form.XML, f"<{root.tag}> in place of <{needs}>")


def _judge_csv(body: bytes, needs: str) -> Classification:
    if not body.endswith((b"\n", b"\r")):
        return _truncated(Form.CSV)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = body.decode("cp1252", errors="replace")
    delimiter = ";" if ";" in text.partition("\n")[0] else ","
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = next(rows, [])
        if needs and needs not in (cell.strip() for cell in header):
            return _malformed(Form.CSV, f"there is no column {needs}")
        for row in rows:
            if row and len(row) != len(header):
                return _malformed(
                    Form.CSV, f"line {rows.line_num} has {len(row)} cells, the header {len(header)}"
                )
    except csv.Error as error:
        return _malformed(Form.CSV, str(error))
    return WHOLE


def _judge_picture(body: bytes, _: str) -> Classification:
    name = picture_format(body)
    if name is None:
        return _malformed(Form.JPEG, f"it begins {body[:16]!r}")
    if not is_whole_picture(body, name):
        return Classification(ResponseKind.TRUNCATED, f"{name} that ends early")
    return WHOLE if name == JPEG else Classification(ResponseKind.OTHER_FORMAT, f"{name} in place of {JPEG}")


CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
RULE = re.compile(
    r"[ \t]*(?:user-?agent|disallow|allow|sitemap|crawl-?delay|request-rate|host)[ \t]*:", re.IGNORECASE
)


def _judge_rules(body: bytes, _: str) -> Classification:
    """Accept rules for robots: only comments, or rules from the first line on."""
    text = body.decode("utf-8-sig", errors="replace")
    if CONTROL.search(text) or text.lstrip().startswith("<"):
        return _malformed(Form.TEXT, "it has control characters or begins with a tag")
    lines = [line for line in re.split(r"[\r\n]", text) if line.strip() and not line.lstrip().startswith("#")]
    if lines and not RULE.match(lines[0]):
        return _malformed(Form.TEXT, "it does not begin with a rule")
    return WHOLE


def _judge_index(body: bytes, _: str) -> Classification:
    """Accept a web archive's index: an array or an object first, and no line that ends inside one."""
    text = body.strip()
    if text and text[:1] not in (b"[", b"{"):
        return _malformed(Form.INDEX, "it does not begin with an array or an object")
    return WHOLE if not text or text[-1:] in (b"]", b"}") else _truncated(Form.INDEX)


JUDGES = {
    Form.INDEX: _judge_index,
    Form.HTML: _judge_html,
    Form.JSON: _judge_json,
    Form.XML: _judge_xml,
    Form.JPEG: _judge_picture,
    Form.CSV: _judge_csv,
    Form.TEXT: _judge_rules,
}
