"""The official portraits: which picture a person has, or that there is none."""

import re

from dontspy_data.capture.captures import Page
from dontspy_data.model.statements import Property
from dontspy_data.sources.documents import address, facts, unanswered
from dontspy_data.sources.endpoints import WWW, Endpoint, Form
from dontspy_data.sources.reading import Reading

NAME = "portraits"
PORTRAIT = Endpoint("portrait", WWW, "", Form.JPEG, "image/jpeg", leaf=True, may_be_absent=True)
PATTERN = re.compile(rf"https://{re.escape(WWW)}/mepphoto/(?P<id>\d+)\.jpg$")

ABSENT = "absent"
AGENT = "dontspy-data"  # how rules for robots name this project
NO_AI = frozenset({"noai", "noimageai"})
JPEG = "JPEG"
FORMATS = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"%PDF", "PDF"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
)
BRANDS = {
    b"avif": "AVIF",
    b"avis": "AVIF",
    b"heic": "HEIC",
    b"heix": "HEIC",
    b"mif1": "HEIF",
    b"msf1": "HEIF",
}


def url(mep_id: int) -> str:
    """Address of a person's portrait."""
    return f"https://{WWW}/mepphoto/{mep_id}.jpg"


def matches(url: str) -> bool:
    """Whether this source reads the page at this address."""
    return PATTERN.match(url) is not None


def read(page: Page) -> Reading:
    """The picture's SHA-256, or that there is none; see `Source.read`."""
    mep_id = int(address(page, PATTERN, NAME)["id"])
    fact = facts(page, NAME)
    if unanswered(page, NAME):
        return Reading(statements=(fact(mep_id, Property.PORTRAIT, ABSENT),))
    return Reading(statements=(fact(mep_id, Property.PORTRAIT, page.sha256),))


def says_no_ai(page: Page) -> bool:
    """Whether `X-Robots-Tag` has a rule against use by AI, for everybody or for this project."""
    agent = ""
    for item in page.header("X-Robots-Tag").lower().split(","):
        before, colon, after = (part.strip() for part in item.rpartition(":"))
        if colon:
            agent = before
        if after in NO_AI and agent in ("", "*", AGENT):
            return True
    return False


def format_of(body: bytes) -> str:
    """Return the name of the format that some bytes begin as, such as `JPEG`, `PNG` or `a web page`."""
    if not body:
        return "empty"
    for magic, name in FORMATS:
        if body.startswith(magic):
            return name
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "WebP"
    if body[4:8] == b"ftyp":  # ISO base media, with its main brand and those that it is like
        brands = [body[8:12], *(body[n : n + 4] for n in range(16, min(64, len(body)), 4))]
        return next((BRANDS[brand] for brand in brands if brand in BRANDS), "something else")
    start = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<"):
        return "SVG" if b"<svg" in start else "a web page"
    return "JSON" if start[:1] in (b"{", b"[") else "something else"
