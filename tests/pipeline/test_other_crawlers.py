"""Captures that wget, warcit and pywb make of the fictional Parliament give the tables that our own gives."""

import csv
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dontspy_data.capture.captures import Captures, Page
from dontspy_data.capture.records import canonical
from dontspy_data.collect import CollectOptions, Outcome, Rates, collect
from dontspy_data.pipeline.build import build_package
from dontspy_data.sources import portraits
from scripts.sample.captures import CaptureWriter

BIN = Path(__file__).parents[2] / ".venv-web-archive" / "bin"
WHEN_READ = {"retrieved_at", "first_seen", "last_seen", "captured_on", "as_of"}
WHAT_WAS_SENT = {"content_type", "etag", "last_modified"}
WHICH_PAGE_CAME_FIRST = {"statement_id", "url", "chosen"}
"""Of what several pages of a source say, `statements` names the one that was read first."""


class Handler(BaseHTTPRequestHandler):
    """Answers what the sample holds, asked for directly or through a proxy."""

    pages: dict[str, Page]

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        url = self.path if self.path.startswith("http") else f"https://{self.headers['Host']}{self.path}"
        page = self.pages.get(canonical(url))
        self.send_response(page.status if page else 404)
        for name, value in page.headers if page else ():
            if name.lower() not in (
                "content-length",
                "x-robots-tag",
            ):  # A file that warcit packs has no mark.
                self.send_header(name, value)
        body = page.body if page else b""
        self.send_header("Last-Modified", format_datetime(datetime(2026, 1, 2, tzinfo=UTC), usegmt=True))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def server(small_sample: Path) -> Iterator[str]:
    """The address of a server of the small sample's pages."""
    captures = Captures.open([small_sample])
    pages = {url: page for url in captures.urls() if (page := captures.latest(url))}
    handler = type("SampleHandler", (Handler,), {"pages": pages})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as served:
        served.daemon_threads = True
        threading.Thread(target=served.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{served.server_port}"
        served.shutdown()


@pytest.fixture(scope="module")
def ours(server: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our own capture of it."""
    output = tmp_path_factory.mktemp("ours") / "ours.warc.gz"
    outcome = collect(CollectOptions(output, via=server, rates=Rates(0, 0)), lambda _: None)
    assert outcome.outcome is Outcome.CHANGED, outcome.message
    return output


def asked(capture: Path) -> list[str]:
    """The addresses that a capture has an answer of, over http, as a crawler without certificates asks for them."""
    return [url.replace("https://", "http://", 1) for url in Captures.open([capture]).urls()]


def tables(captures: list[Path], folder: Path) -> dict[str, set[tuple[str, ...]]]:
    """The rows of every table but for when they were read."""
    build_package(captures, folder, faces=False)
    found = {}
    for name in ("meps", "mandates", "memberships", "contacts", "portraits", "statements", "pages"):
        with (folder / "data" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            rows = csv.DictReader(stream)
            left = WHEN_READ | WHAT_WAS_SENT | (WHICH_PAGE_CAME_FIRST if name == "statements" else set())
            kept = [column for column in rows.fieldnames or () if column not in left]
            # Of an answer without a body, such as the 204 that ends a roster, wget keeps no record.
            found[name] = {
                tuple(row[column] for column in kept) for row in rows if row.get("status") != "204"
            }
    return found


def same_tables(ours: Path, others: list[Path], tmp_path: Path) -> None:
    mine, theirs = tables([ours], tmp_path / "mine"), tables(others, tmp_path / "theirs")
    assert len(mine["portraits"]) > 10
    for name, rows in mine.items():
        assert rows == theirs[name], name


def wget(*words: str, folder: Path, proxy: str = "") -> None:
    program = shutil.which("wget")
    if program is None:
        pytest.skip("there is no wget on the PATH (Debian: apt-get install wget)")
    environment = {**os.environ, "http_proxy": proxy, "no_proxy": ""}
    usual = ["-q", "-e", "robots=off", "--tries=5", "--waitretry=1", "--no-hsts"]
    done = subprocess.run([program, *usual, *words], cwd=folder, env=environment, check=False)
    assert done.returncode in (0, 8)  # 8: some answers were errors, such as the 404 of who has no portrait


def test_wget(server: str, ours: Path, tmp_path: Path) -> None:
    (tmp_path / "urls.txt").write_text("\n".join(asked(ours)))
    words = ("--warc-file=theirs", "--no-warc-keep-log", "-i", "urls.txt", "-O", "/dev/null")
    wget(*words, folder=tmp_path, proxy=server)
    same_tables(ours, [tmp_path / "theirs.warc.gz"], tmp_path)


def program(name: str) -> Path:
    if not (BIN / name).is_file():
        pytest.skip(f"there is no {name} in .venv-web-archive (make web-archive)")
    return BIN / name


def test_warcit(ours: Path, tmp_path: Path) -> None:
    captures = Captures.open([ours])
    folder = tmp_path / "mepphoto"
    folder.mkdir()
    others = tmp_path / "facts.warc.gz"
    with others.open("wb") as stream:
        writer = CaptureWriter(stream, software="test", started_at=datetime.now(UTC))
        for url in captures.urls():
            page = captures.latest(url)
            assert page is not None
            if portraits.SOURCE.matches(url) and page.status == 200:
                (folder / url.rpartition("/")[2]).write_bytes(page.body)
            else:
                writer.write(page)
    prefix = portraits.url(1).rpartition("/")[0].replace("https", "http") + "/"
    subprocess.run([program("warcit"), "-q", "-n", "theirs", prefix, str(folder)], cwd=tmp_path, check=True)
    same_tables(ours, [others, tmp_path / "theirs.warc.gz"], tmp_path)


LOOPBACK = """
from gevent.monkey import patch_all

patch_all()

import urllib3.util.connection as connection

ask = connection.create_connection
there = ("127.0.0.1", {port})
connection.create_connection = lambda address, *words, **named: ask(
    address if address[0] in ("localhost", "127.0.0.1") else there, *words, **named
)
"""


def test_pywb(server: str, ours: Path, tmp_path: Path) -> None:
    """wget through a recording proxy; to pywb, every host is the server on loopback."""
    manager, wayback = program("wb-manager"), program("wayback")
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(LOOPBACK.format(port=urlsplit(server).port))
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "site"), "PYTHONWARNINGS": "ignore"}
    subprocess.run(
        [manager, "init", "theirs"], cwd=tmp_path, env=environment, check=True, capture_output=True
    )
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["-b", "127.0.0.1", "-p", str(port), "--live", "--proxy", "theirs", "--proxy-record"]
    with (tmp_path / "log").open("wb") as log:
        recorder = subprocess.Popen([wayback, *words], cwd=tmp_path, env=environment, stdout=log, stderr=log)
    try:
        for _ in range(100):
            with closing(socket.socket()) as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.2)
        (tmp_path / "urls.txt").write_text("\n".join(asked(ours)))
        wget("-i", "urls.txt", "-O", "/dev/null", folder=tmp_path, proxy=f"http://127.0.0.1:{port}")
    finally:
        recorder.terminate()
        recorder.wait(20)
    found = sorted((tmp_path / "collections" / "theirs" / "archive").glob("*.warc.gz"))
    assert found, (tmp_path / "log").read_text()
    same_tables(ours, found, tmp_path)
