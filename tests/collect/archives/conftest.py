"""A real web archive on loopback, pywb, and a proxy before it that plays faults."""

import random
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from dontspy_data.capture.records import Page
from scripts.parliament.server import serving as serving_handler

from ...pywb import serving, write_pages

START = datetime(2014, 7, 1, 12, tzinfo=UTC)
PEOPLE = range(9_000_001, 9_000_021)
Kept = dict[tuple[str, datetime], str]


def picture(number: int, quality: int = 80) -> bytes:
    """Return a small picture of a colour of its own."""
    buffer = BytesIO()
    shade = (number * 37 % 256, number * 91 % 256, number * 53 % 256)
    Image.new("RGB", (40, 50), shade).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


def url_of(mep_id: int) -> str:
    return f"https://www.europarl.europa.eu/mepphoto/{mep_id}.jpg"


@dataclass
class Archived:
    """What an archive was made to hold, and which of it is to be kept.

    Attributes:
        pages: every answer that the archive received.
        kept: SHA-256 of what is to be in a capture, by address and time.
    """

    pages: list[Page] = field(default_factory=list)
    kept: Kept = field(default_factory=dict)

    def add(self, mep_id: int, years: float, body: bytes, status: int = 200, *, kept: bool = True) -> None:
        at = START + timedelta(days=round(365 * years))
        media_type = "image/jpeg" if body.startswith(b"\xff\xd8") else "text/html"
        self.pages.append(Page(url_of(mep_id), status, (("Content-Type", media_type),), body, at))
        if kept:
            self.kept[url_of(mep_id), at] = sha256(body).hexdigest()


def scripted() -> Archived:
    """Return twenty people's portraits over ten years, with everything that has been seen to happen to one."""
    found = Archived()
    reencoded, replaced, back, challenged, late, *others = PEOPLE
    found.add(reencoded, 0, picture(1))
    found.add(reencoded, 4, picture(1, quality=60))
    for years, look in ((0, 2), (3, 102), (6, 202)):
        found.add(replaced, years, picture(look))
    for years, look in ((0, 3), (2, 103), (4, 3)):
        found.add(back, years, picture(look))
    found.add(challenged, 0, b"<html><title>Checking</title></html>", 202, kept=False)
    found.add(challenged, 1, b"<html><title>Human verification</title></html>", kept=False)
    found.add(challenged, 2, picture(4))
    found.add(late, 0, b"<html>Not found</html>", 404, kept=False)
    found.add(late, 3, picture(5))
    for number, mep_id in enumerate(others, start=6):
        found.add(mep_id, 0, picture(number))
        found.add(
            mep_id, 1, picture(number), kept=False
        )  # between the first and the last: it says nothing more
        found.add(mep_id, 5, picture(number))
    return found


@pytest.fixture(scope="session")
def serve_archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], str]]:
    """Serve a capture as a pywb collection, and return its address."""
    with serving(tmp_path_factory) as serve:
        yield serve


@pytest.fixture(scope="session")
def archived() -> Archived:
    return scripted()


@pytest.fixture(scope="session")
def archive(
    archived: Archived, serve_archive: Callable[[Path], str], tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The address of a pywb collection that holds `archived`."""
    path = tmp_path_factory.mktemp("archived") / "archived.warc.gz"
    return serve_archive(write_pages(path, archived.pages))


@dataclass
class Proxy:
    """A proxy before an archive.

    Attributes:
        address: of the collection behind it.
        share: of the requests that get a fault in place of an answer.
        moments: when requests came, on a clock that only goes forward.
    """

    address: str
    share: float = 0.0
    moments: list[float] = field(default_factory=list)
    faults: int = 0


@pytest.fixture
def proxy(archive: str) -> Iterator[Proxy]:
    origin, _, collection = archive.rpartition("/")
    chance = random.Random(7)
    state = Proxy("")

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.moments.append(time.monotonic())
            if chance.random() < state.share:
                state.faults += 1
                self.send_response(chance.choice((503, 429)))
                self.send_header("Retry-After", "0")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            try:
                with urllib.request.urlopen(f"{origin}{self.path}", timeout=30) as answer:
                    status, headers, body = answer.status, answer.headers, answer.read()
            except urllib.error.HTTPError as error:
                status, headers, body = error.code, error.headers, error.read()
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in (
                    "content-length",
                    "transfer-encoding",
                    "date",
                    "server",
                    "connection",
                ):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with serving_handler(Handler) as address:
        state.address = f"{address}/{collection}"
        yield state
