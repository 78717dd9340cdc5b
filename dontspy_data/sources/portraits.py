"""The official portraits: which picture a person has, if any; and all answers for it in the captures.

A web archive's portraits are the same pictures, received on other days: they have the addresses of the site, and only
their origin differs. This module tells a picture's format, whether it is complete, and whether its answer reserves
it against use by AI. Nothing is decoded.

Formats: JPEG (ITU T.81, annex B), PNG (W3C, section 5), GIF89a, RIFF and WebP (RFC 9649), and the boxes of
ISO/IEC 14496-12 that AVIF and HEIC are made of.

Reservations are `X-Robots-Tag` and TDMRep's `tdm-reservation`. `X-Robots-Tag` is a list of rules, some with a value,
which may begin with the name of the robot that they are for; the name applies to its own header line. In doubt, a rule
counts for everybody.

- https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag
- https://www.w3.org/community/reports/tdmrep/CG-FINAL-tdmrep-20240510/ (section 6)
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from dontspy_data.capture.captures import Captures, Entry, Page
from dontspy_data.capture.entries import Remark, read_page
from dontspy_data.capture.records import Origin
from dontspy_data.model.statements import Property, Statement
from dontspy_data.sources.documents import address, other_person, unanswered
from dontspy_data.sources.source import AGENT, WWW, CollectScope, Form, Reading, Request, Source, website

NAME = "portraits"
OK, NOT_THERE = 200, (404, 410)
ABSENT, UNKNOWN = "absent", "unknown"
PORTRAIT = website("portrait", form=Form.JPEG, accept="image/jpeg", leaf=True, may_be_absent=True)
PATTERN = re.compile(rf"https://{re.escape(WWW)}/mepphoto/(?P<id>\d+)\.jpg$")


def url(mep_id: int) -> str:
    """Return the address of a person's portrait."""
    return f"https://{WWW}/mepphoto/{mep_id}.jpg"


def read(page: Page) -> Reading:
    """State the SHA-256 of what was sent as the picture, or that there is none; see `Source.read`.

    Its bytes decide later whether it can be published, so nothing that a server sends is an error here.
    """
    mep_id = int(address(page, PATTERN, NAME)["id"])
    value = ABSENT if unanswered(page, NAME) else page.sha256
    return Reading((Statement(mep_id, Property.PORTRAIT, value, NAME, page.url, page.retrieved_at),))


def pages(mep_id: int, _: CollectScope) -> Iterator[Request]:
    """Yield the request for a person's portrait."""
    yield Request(PORTRAIT, url(mep_id), mep_id)


def read_archived(page: Page) -> Reading:
    """State what a portrait's page says, with the web archive as its source; see `Source.read`."""
    reading = read(page)
    return replace(
        reading,
        statements=tuple(replace(one, source=WEB_ARCHIVE.name) for one in reading.statements),
        problems=tuple(replace(one, source=WEB_ARCHIVE.name) for one in reading.problems),
    )


SOURCE = Source(NAME, "Parliament's portrait", (PORTRAIT,), PATTERN, read, pages=pages)
WEB_ARCHIVE = Source(
    "web_archive", "Web archive", (), re.compile(r"(?!)"), read_archived
)  # no address is its own


@dataclass(frozen=True, slots=True)
class ShownPeriod:
    """A period in which a source gave the same answer: the first and the last time, UTC, to the second."""

    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class PortraitVersion:
    """One distinct answer ever received for a person's portrait.

    Attributes:
        mep_id: the Parliament's number for the person.
        key: SHA-256 of the bytes received; `absent` or `unknown` if there were none.
        source_url: address that was requested; None if none ever was.
        http_status: status of the latest answer; None if none was ever received.
        periods: when the answer was given, oldest first; empty if none was ever received.
        is_current: whether it is the latest answer.
        noai: whether the answer asks that it is not used to train models.
        left_out_for: the header of the answer for which its picture was not collected; None if it was.
        origin: who gave the latest of its answers; None if none was ever received.
        is_held_back: whether its picture was withdrawn, under this number or another, and must not be shown.
    """

    mep_id: int
    key: str
    source_url: str | None
    http_status: int | None
    periods: tuple[ShownPeriod, ...] = ()
    is_current: bool = False
    noai: bool = False
    left_out_for: str | None = None
    origin: Origin | None = None
    is_held_back: bool = False

    @property
    def sha256(self) -> str | None:
        """Digest of the bytes received; None if there were none."""
        return None if self.key in (ABSENT, UNKNOWN) else self.key


def never_asked(mep_id: int) -> PortraitVersion:
    """Return the version for a person whose portrait was never requested."""
    return PortraitVersion(mep_id, UNKNOWN, None, None, is_current=True)


class PortraitReader:
    """Reads all answers for one person's portrait, each picture's bytes once.

    Attributes:
        versions: every distinct answer, the current one last, once all answers are read.
        pages: the page of each version that was received, as received when its latest period began.
    """

    def __init__(self, captures: Captures, url: str) -> None:
        match = PATTERN.match(url)
        self._mep_id, self._captures, self._url = int(match["id"]) if match else 0, captures, url
        self._found: dict[str, PortraitVersion] = {}
        self.pages: dict[str, Page] = {}

    @property
    def versions(self) -> tuple[PortraitVersion, ...]:  # noqa: D102 - an attribute, see the class
        return tuple(replace(one, is_current=one is self._latest) for one in self._found.values())

    @property
    def _latest(self) -> PortraitVersion | None:
        return next(reversed(self._found.values()), None)

    def read(self) -> Iterator[Page]:
        """Yield the page of each answer that differs from the one before.

        Raises:
            CaptureError: an answer refers to one that none of the captures holds.
        """
        original: Entry | None = None
        reserved, origin = False, Origin.SERVER
        answer = partial(PortraitVersion, self._mep_id, source_url=self._url)
        for one in self._in_order():
            latest = self._latest
            if isinstance(one, Remark):
                left_out = answer(UNKNOWN, http_status=one.status, noai=True, origin=Origin.SERVER)
                self._add(one, replace(left_out, left_out_for=one.why))
                original = None
                continue
            if latest is None or original is None or self._captures.original(one) != original:
                page, original = self._captures.page(one), self._captures.original(one)
                reserved, origin = bool(reserved_by(page)), page.origin
                key, status = _key(page), page.status
                if latest is None or latest.key != key:
                    self.pages[key] = whole_seconds(page)
                    yield self.pages[key]
            else:  # Most answers confirm the one before, whose bytes are not read again.
                key, status = latest.key, latest.http_status or OK
            # A confirmation can have a mark of its own.
            noai = reserved or (one.revisits is not None and bool(reserved_by(read_page(one))))
            self._add(one, answer(key, http_status=status, noai=noai, origin=origin))

    def _in_order(self) -> list[Entry | Remark]:
        answers: list[Entry | Remark] = [
            *self._captures.entries(self._url),
            *self._captures.remarks(self._url),
        ]
        return sorted(answers, key=lambda one: one.retrieved_at)

    def _add(self, answer: Entry | Remark, version: PortraitVersion) -> None:
        """Add a version for an answer, so that the last one received comes last."""
        at, latest = answer.retrieved_at.astimezone(UTC).replace(microsecond=0), self._latest
        before = self._found.pop(version.key, None)
        periods = before.periods if before else ()
        stands = periods[-1:] if latest is before else ()
        now = ShownPeriod(stands[0].first_seen if stands else at, at)
        self._found[version.key] = replace(version, periods=(*periods[: len(periods) - len(stands)], now))


def _key(page: Page) -> str:
    if page.status == OK:
        return page.sha256 if other_person(page) is None else UNKNOWN
    # Anything else that is sent without a picture means the same.
    return ABSENT if page.status in NOT_THERE else UNKNOWN


def whole_seconds(page: Page) -> Page:
    """Return a page with its time to the second, as tables give it: statements must find their page by it."""
    return replace(page, retrieved_at=page.retrieved_at.astimezone(UTC).replace(microsecond=0))


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
    """Return the name of a picture's format; None if it is not a picture."""
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
