"""The Wayback Machine's dialect, spoken by a stub: pages with a resume key, revisits, its own headers, redirects.

After its CDX server (https://github.com/internetarchive/wayback/tree/master/wayback-cdx-server): the key stands,
URL-encoded, after an empty row; the server decodes what it is given once more than HTTP does.
"""

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, quote_plus, unquote_plus, urlsplit

import pytest

from dontspy_data.capture.captures import Captures
from dontspy_data.collect.archives import ArchiveOptions, collect_archive
from dontspy_data.collect.outcome import Outcome
from dontspy_data.collect.replay import FIELDS, open_archive
from scripts.parliament.server import serving

from .conftest import picture, url_of

PAGE = 3
"""Lines that the stub gives at a time, however many it is asked for."""


def digest(body: bytes) -> str:
    return base64.b32encode(hashlib.sha1(body).digest()).decode()


class Wayback:
    """What the stub holds.

    Attributes:
        lines: of the index, sorted as a CDX is.
        bodies: by timestamp and address.
        moved: where a capture is redirected to.
        asked: paths of all requests.
        address: of the index.
    """

    def __init__(self) -> None:
        self.lines: list[list[str]] = []
        self.bodies: dict[tuple[str, str], bytes] = {}
        self.moved: dict[tuple[str, str], str] = {}
        self.asked: list[str] = []
        self.address = ""

    def add(
        self, mep_id: int, stamp: str, body: bytes, *, status: str = "200", kind: str = "image/jpeg"
    ) -> None:
        url = url_of(mep_id)
        key = f"eu,europa,europarl)/mepphoto/{mep_id}.jpg"
        self.lines.append([key, stamp, url, kind, status, digest(body), str(len(body))])
        self.lines.sort()
        self.bodies[stamp, url] = body

    def index(self, query: dict[str, list[str]]) -> bytes:
        assert query["matchType"] == ["prefix"]
        prefix = query["url"][0].removeprefix("https://")
        found = [line for line in self.lines if line[2].removeprefix("https://").startswith(prefix)]
        after = unquote_plus(query.get("resumeKey", [""])[0])
        rest = [line for line in found if f"{line[0]} {line[1]}!" > after]
        rows: list[list[str]] = [list(FIELDS), *rest[:PAGE]]
        if len(rest) > PAGE:
            rows += [[], [quote_plus(f"{rest[PAGE - 1][0]} {rest[PAGE - 1][1]}!")]]
        return json.dumps(rows).encode()


@pytest.fixture
def wayback() -> Iterator[Wayback]:
    state = Wayback()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            state.asked.append(parts.path)
            if parts.path == "/cdx/search/cdx":
                self.answer(200, state.index(parse_qs(parts.query)), {"Content-Type": "application/json"})
                return
            if not parts.path.startswith("/web/"):
                self.answer(404, b"", {})
                return
            stamp, _, url = parts.path.removeprefix("/web/").partition("id_/")
            if other := state.moved.get((stamp, url)):
                self.answer(302, b"", {"Location": f"/web/{other}id_/{url}"})
                return
            moment = datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
            headers = {
                "Content-Type": "image/jpeg",
                "Memento-Datetime": format_datetime(moment, usegmt=True),
                "x-archive-orig-content-type": "image/jpeg",
                "x-archive-orig-etag": f'"{stamp}"',
                "x-archive-orig-date": "Tue, 01 Jul 2014 12:00:00 GMT",
            }
            self.answer(200, state.bodies[stamp, url], headers)

        def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with serving(Handler) as address:
        state.address = f"{address}/cdx/search/cdx"
        yield state


def collect(tmp_path: Path, wayback: Wayback, name: str = "found", **given: Any) -> Any:
    options = ArchiveOptions(
        tmp_path / f"{name}.warc.gz", open_archive(wayback.address), sources=("portraits",), rate=0.0, **given
    )
    return collect_archive(options)


def versions(*paths: Path) -> list[tuple[str, str, str]]:
    captures = Captures.open(paths)
    return [
        (page.url, page.retrieved_at.strftime("%Y%m%d%H%M%S"), digest(page.body))
        for url in captures.urls()
        for page in captures.pages(url)
    ]


def test_every_page_of_the_index_is_read_once_and_every_version_kept(
    tmp_path: Path, wayback: Wayback
) -> None:
    for number in range(1, 11):
        wayback.add(9_000_000 + number, "20140701120000", picture(number))
    outcome = collect(tmp_path, wayback)
    assert (outcome.outcome, outcome.listed, outcome.stored) == (Outcome.CHANGED, 10, 10)
    assert wayback.asked.count("/cdx/search/cdx") == 4
    assert versions(tmp_path / "found.warc.gz") == [
        (url_of(9_000_000 + number), "20140701120000", digest(picture(number))) for number in range(1, 11)
    ]


def test_revisits_of_the_index_confirm_without_being_fetched(tmp_path: Path, wayback: Wayback) -> None:
    first = picture(1)
    wayback.add(9_000_001, "20140701120000", first)
    wayback.add(9_000_001, "20160701120000", first, status="-", kind="warc/revisit")
    wayback.add(9_000_001, "20180701120000", picture(2))
    wayback.add(9_000_001, "20200701120000", first, status="-", kind="warc/revisit")
    outcome = collect(tmp_path, wayback)
    assert (outcome.stored, outcome.confirmed) == (
        3,
        1,
    )  # the picture that came back is fetched as of its day
    assert [stamp[:4] for _, stamp, _ in versions(tmp_path / "found.warc.gz")] == [
        "2014",
        "2016",
        "2018",
        "2020",
    ]
    again = collect(tmp_path, wayback, "again", since=(tmp_path / "found.warc.gz",))
    assert again.outcome is Outcome.UNCHANGED


def test_the_servers_own_headers_are_kept_and_the_archives_are_not(tmp_path: Path, wayback: Wayback) -> None:
    wayback.add(9_000_001, "20140701120000", picture(1))
    collect(tmp_path, wayback)
    page = Captures.open([tmp_path / "found.warc.gz"]).latest(url_of(9_000_001))
    assert page is not None
    assert page.header("ETag") == '"20140701120000"'
    assert not page.header("Memento-Datetime")


def test_errors_redirects_challenges_and_other_bytes_are_none(tmp_path: Path, wayback: Wayback) -> None:
    wayback.add(9_000_001, "20140701120000", b"<html>", status="404", kind="text/html")
    wayback.add(9_000_002, "20140701120000", b"", status="302", kind="text/html")
    wayback.add(9_000_003, "20140701120000", b"<html>Checking</html>", kind="text/html")
    wayback.add(9_000_004, "20140701120000", picture(4))
    wayback.bodies["20140701120000", url_of(9_000_004)] = picture(5)  # not those of the index
    wayback.add(9_000_005, "20140701120000", picture(5))
    wayback.bodies["20150701120000", url_of(9_000_005)] = picture(5)
    wayback.moved["20140701120000", url_of(9_000_005)] = "20150701120000"
    wayback.add(9_000_006, "20140701120000", picture(6))
    outcome = collect(tmp_path, wayback)
    assert versions(tmp_path / "found.warc.gz") == [(url_of(9_000_006), "20140701120000", digest(picture(6)))]
    assert sum(outcome.unusable.values()) == 2
    assert any("digest" in reason for reason in outcome.unusable)
    assert any("redirect" in reason for reason in outcome.unusable)
