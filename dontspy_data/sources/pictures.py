"""What a picture's bytes are, its format and whether they are all there; and whether it is reserved against use by AI.

Nothing is decoded.

Formats: JPEG (ITU T.81, annex B), PNG (W3C, section 5), GIF89a, RIFF and WebP (RFC 9649), and the boxes of
ISO/IEC 14496-12 that AVIF and HEIC are made of.

Reservations are `X-Robots-Tag` and TDMRep's `tdm-reservation`. `X-Robots-Tag` is a list of rules, some with a value,
which may begin with the name of the robot that they are for; the name holds for its own header line. What may be meant
for everybody counts as meant for everybody.

- https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag
- https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/ (section 6)
"""

import re

from dontspy_data.capture.records import Page

JPEG = "JPEG"
START = b"\xff\xd8"
END_OF_IMAGE = 0xD9
START_OF_SCAN = 0xDA
# In the data of a scan, 0xFF begins a marker unless a zero, a restart marker or more padding follows.
MARKER_IN_SCAN = re.compile(rb"\xff([^\x00\xd0-\xd7\xff])", re.DOTALL)
BRANDS = {
    b"avif": "AVIF",
    b"avis": "AVIF",
    b"heic": "HEIC",
    b"heix": "HEIC",
    b"mif1": "HEIC",
    b"msf1": "HEIC",
}
MAGIC = (
    (START, JPEG),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF8", "GIF"),
    (b"BM", "BMP"),
    (b"II*\x00", "TIFF"),
    (b"MM\x00*", "TIFF"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\x00\x00\x00\x0cJXL ", "JPEG XL"),
    (b"\x00\x00\x00\x0cjP  ", "JPEG 2000"),
)


def picture_format(data: bytes) -> str | None:
    """Return the name of a picture's format; None for what is no picture."""
    for magic, name in MAGIC:
        if data.startswith(magic):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[4:8] == b"ftyp":
        return BRANDS.get(data[8:12])
    head = data[:1024].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return (
        "SVG" if head.startswith((b"<?xml", b"<svg", b"<!--", b"<!doctype svg")) and b"<svg" in head else None
    )


def is_whole_picture(data: bytes, name: str) -> bool:
    """Return whether a picture of a format ends where its format says; True for formats that do not say."""
    if name == JPEG:
        return is_whole(data)
    if name == "PNG":
        return data.rstrip(b"\x00").endswith(b"IEND\xaeB`\x82")
    if name == "GIF":
        return data.rstrip(b"\x00").endswith(b";")
    if name == "WebP":
        return len(data) >= 8 + int.from_bytes(data[4:8], "little")
    if name in BRANDS.values():
        return _ends_with_a_box(data)
    return name != "SVG" or b"</svg" in data[-256:].lower()


def _ends_with_a_box(data: bytes) -> bool:
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4])
        if size == 1:
            size = int.from_bytes(data[at + 8 : at + 16])
        if size == 0:  # up to the end of the file
            return True
        if size < 8:
            return False
        at += size
    return at == len(data)


def is_whole(data: bytes) -> bool:
    """Return whether the data is a JPEG from its first marker to its end-of-image marker, a scan in between."""
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
    """Return the marker's code at a position and the byte after it; None if there is no marker."""
    if data[at : at + 1] != b"\xff":
        return None
    while data[at : at + 1] == b"\xff":
        at += 1
    return (data[at], at + 1) if at < len(data) else None


AGENT = "dontspy-data"
"""How rules for robots name this project."""

NO_AI = frozenset({"noai", "noimageai", "noml"})
RULES = NO_AI | {
    "all", "index", "follow", "none", "noindex", "nofollow", "noarchive", "nocache", "nosnippet", "noimageindex",
    "notranslate", "noodp", "noydir", "nositelinkssearchbox", "indexifembedded", "max-snippet",
    "max-image-preview", "max-video-preview", "unavailable_after",
}  # fmt: skip


def reserved_by(page: Page) -> str:
    """Return the header line that reserves an answer against use by AI; empty if none does."""
    for value in page.values("tdm-reservation"):
        if value.strip() != "0":
            return f"tdm-reservation: {value}"
    for value in page.values("X-Robots-Tag"):
        if _line_says_no_ai(value.lower()):
            return f"X-Robots-Tag: {value}"
    return ""


def _line_says_no_ai(line: str) -> bool:
    agent = ""
    for part in re.split("[,;]", line):
        before, colon, after = (word.strip() for word in part.partition(":"))
        # A name is followed by a rule; whatever else follows a colon is the value of a rule.
        if colon and re.split(r"[\s:]", after)[0] in RULES:
            agent, before = before, after
        is_for_us = agent in ("", "*") or agent.startswith(AGENT)
        if is_for_us and not NO_AI.isdisjoint(re.split(r"[\s:]+", before)):
            return True
    return False
