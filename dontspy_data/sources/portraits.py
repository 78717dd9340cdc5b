"""The official portraits: which picture a person has, or that there is none; and what all captures hold of each.

A web archive's portraits are the same pictures, received on other days: they have the addresses of the site, and what
tells them apart is their origin.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from dontspy_data.capture.captures import Captures, Entry, Page
from dontspy_data.capture.entries import Remark, read_page
from dontspy_data.capture.records import Origin
from dontspy_data.model.statements import Property, Statement
from dontspy_data.sources.documents import address, other_person, unanswered
from dontspy_data.sources.pictures import reserved_by
from dontspy_data.sources.source import WWW, CollectScope, Form, Reading, Request, Source, website

NAME = "portraits"
OK, NOT_THERE = 200, (404, 410)
ABSENT, UNKNOWN = "absent", "unknown"
PORTRAIT = website("portrait", form=Form.JPEG, accept="image/jpeg", leaf=True, may_be_absent=True)
PATTERN = re.compile(rf"https://{re.escape(WWW)}/mepphoto/(?P<id>\d+)\.jpg$")


def url(mep_id: int) -> str:
    """Return the address of a person's portrait."""
    return f"https://{WWW}/mepphoto/{mep_id}.jpg"


def read(page: Page) -> Reading:
    """Return the SHA-256 of what was sent as the picture, or that there is none; see `Source.read`.

    Whether that can be published is found out from its bytes later, so that nothing that a server sends is an error.
    """
    mep_id = int(address(page, PATTERN, NAME)["id"])
    value = ABSENT if unanswered(page, NAME) else page.sha256
    return Reading((Statement(mep_id, Property.PORTRAIT, value, NAME, page.url, page.retrieved_at),))


def pages(mep_id: int, _: CollectScope) -> Iterator[Request]:
    """Yield the request for a person's portrait."""
    yield Request(PORTRAIT, url(mep_id), mep_id)


def read_archived(page: Page) -> Reading:
    """Return what a portrait's page says, as said by the web archive that had received it; see `Source.read`."""
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
    """A time in which a source gave the same answer: its first and its last, UTC, to the second."""

    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class PortraitVersion:
    """One different answer ever received for a person's portrait.

    Attributes:
        mep_id: the Parliament's number for the person.
        key: SHA-256 of the bytes received; `absent` or `unknown` if there were none.
        source_url: address that was asked; None if none ever was.
        http_status: status of the latest answer; None if none was ever received.
        periods: when the answer stood, oldest first; empty if none was ever received.
        is_current: whether it is the latest answer.
        noai: whether the answer asks that it is not used to train models.
        left_out_for: the header of the answer for which its picture was not collected; None if it was.
        origin: who gave the latest of its answers; None if none was ever received.
        is_held_back: whether its picture was withdrawn, under this number or another, and is not to be seen.
    """

    mep_id: int
    key: str
    source_url: str | None
    http_status: int | None
    periods: tuple[ShownPeriod, ...]
    is_current: bool
    noai: bool
    left_out_for: str | None = None
    origin: Origin | None = None
    is_held_back: bool = False

    @property
    def sha256(self) -> str | None:
        """Digest of the bytes received; None if there were none."""
        return None if self.key in (ABSENT, UNKNOWN) else self.key


def never_asked(mep_id: int) -> PortraitVersion:
    """Return what is known of the portrait of a person whom no source was asked about."""
    return PortraitVersion(mep_id, UNKNOWN, None, None, (), is_current=True, noai=False)


class PortraitReader:
    """Reads all answers for one person's portrait, each picture's bytes once.

    Attributes:
        versions: every different answer, the current one last, once all answers are read.
        pages: the page of each version that was received, as it came when its latest period began.
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
        for one in self._in_order():
            if isinstance(one, Remark):
                self._add(
                    one.retrieved_at,
                    UNKNOWN,
                    one.status,
                    noai=True,
                    left_out_for=one.why,
                    origin=Origin.SERVER,
                )
                original = None
                continue
            latest = self._latest
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
            self._add(one.retrieved_at, key, status, noai=noai, origin=origin)

    def _in_order(self) -> list[Entry | Remark]:
        answers: list[Entry | Remark] = [
            *self._captures.entries(self._url),
            *self._captures.remarks(self._url),
        ]
        return sorted(answers, key=lambda one: one.retrieved_at)

    def _add(
        self,
        at: datetime,
        key: str,
        status: int | None,
        *,
        noai: bool,
        origin: Origin,
        left_out_for: str | None = None,
    ) -> None:
        at = at.astimezone(UTC).replace(microsecond=0)
        latest, before = (
            self._latest,
            self._found.pop(key, None),
        )  # so that the last received is the last in order
        periods = before.periods if before else ()
        stands = periods[-1:] if latest is before else ()
        now = ShownPeriod(stands[0].first_seen if stands else at, at)
        periods = (*periods[: len(periods) - len(stands)], now)
        self._found[key] = PortraitVersion(
            self._mep_id,
            key,
            self._url,
            status,
            periods,
            is_current=False,
            noai=noai,
            left_out_for=left_out_for,
            origin=origin,
        )


def _key(page: Page) -> str:
    if page.status == OK:
        return page.sha256 if other_person(page) is None else UNKNOWN
    # Whatever else is sent if there is no picture says the same.
    return ABSENT if page.status in NOT_THERE else UNKNOWN


def whole_seconds(page: Page) -> Page:
    """Return a page with its time to the second, as tables give it: statements must find their page by it."""
    return replace(page, retrieved_at=page.retrieved_at.astimezone(UTC).replace(microsecond=0))
