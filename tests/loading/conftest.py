"""Releases of the sample on a target, in a folder and on a web server that can be told to fail."""

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote

import pytest

import dontspy_data as dd
from dontspy_data import sample
from dontspy_data.package.files import CHECKSUMS, DESCRIPTOR, checksums
from dontspy_data.targets.ledger import LEDGER, Ledger, ReleaseEntry

VERSIONS = ("1.0.0", "1.1.0")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's cache, empty and this test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setattr("dontspy_data.targets.files.PAUSE", 0)
    monkeypatch.setattr("platformdirs.user_cache_path", lambda name: folder / name)
    return folder


@pytest.fixture
def faces() -> dd.OpenDataFaces:
    return dd.load("sample")


def seal(release: Path) -> str:
    """Write a release's list of digests anew; its digest is what the ledger gives."""
    text = checksums(release)
    (release / CHECKSUMS).write_text(text, encoding="utf-8")
    return sha256(text.encode()).hexdigest()


def write_ledger(target: Path, *versions: str) -> None:
    entries = [
        ReleaseEntry(
            version, "2026-01-15", sha256((target / version / CHECKSUMS).read_bytes()).hexdigest(), {}, 1
        )
        for version in versions
    ]
    (target / LEDGER).write_text(Ledger("open-data-faces", tuple(entries)).to_json(), encoding="utf-8")


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A target with two releases; never written to."""
    target = tmp_path_factory.mktemp("published")
    for version in VERSIONS:
        release = target / version
        shutil.copytree(sample.package_path(), release)
        descriptor = json.loads((release / DESCRIPTOR).read_text("utf-8"))
        (release / DESCRIPTOR).write_text(json.dumps({**descriptor, "version": version}), encoding="utf-8")
        seal(release)
    write_ledger(target, *VERSIONS)
    return target


@pytest.fixture
def target(published: Path, tmp_path: Path) -> Path:
    """The same, to be damaged."""
    return Path(shutil.copytree(published, tmp_path / "target"))


@dataclass
class Web:
    """A web server: what it was asked for, and how it fails.

    Attributes:
        root: the folder it serves.
        ranges: whether it sends the rest of a file when asked to.
        cut: for some paths, how many bytes it sends before it hangs up, once.
        gone: whether it answers 503 to everything.
    """

    root: Path
    ranges: bool = True
    gone: bool = False
    cut: dict[str, int] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def flip(self, name: str) -> None:
        """Change one bit of a file in its middle."""
        content = bytearray((self.root / name).read_bytes())
        content[len(content) // 2] ^= 1
        (self.root / name).write_bytes(content)

    def seal(self, version: str) -> None:
        """Write a release's list of digests anew."""
        seal(self.root / version)

    def publish(self) -> None:
        """Write the ledger anew."""
        write_ledger(self.root, *VERSIONS)


def handler(web: Web) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_HEAD(self) -> None:
            self.answer(body=False)

        def do_GET(self) -> None:
            self.answer(body=True)

        def answer(self, *, body: bool) -> None:
            name = unquote(self.path).lstrip("/")
            start = int(self.headers.get("Range", "bytes=0-").removeprefix("bytes=").split("-")[0])
            if body:
                web.asked.append(f"{name}+{start}" if start else name)
            path = web.root / name
            if web.gone or not path.is_file():
                self.send_error(503 if web.gone else 404)
                return
            content = path.read_bytes()
            self.send_response(206 if web.ranges and start else 200)
            if web.ranges:
                self.send_header("Accept-Ranges", "bytes")
                if start:
                    self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
                    content = content[start:]
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            if body:
                self.wfile.write(content[: web.cut.pop(name, None)])

    return Handler


@pytest.fixture
def web(target: Path) -> Iterator[Web]:
    web = Web(target)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler(web)) as server:
        web.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield web
        server.shutdown()
        thread.join()
