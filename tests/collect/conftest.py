"""A small parliament on loopback, which answers as told and remembers what it was asked."""

import gzip
import hashlib
import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image

from dontspy_data.collect import CollectOptions, Rates, fetch

API = "https://data.europarl.europa.eu/api/v2"
WWW = "https://www.europarl.europa.eu"
SPARQL = "https://query.wikidata.org/sparql"
MEMBERS = tuple(range(9_000_001, 9_000_013))
COUNTRIES = ("EL", "MT", "FR")
FULL_SPEED = Rates(0, 0)


def jpeg(number: int, size: tuple[int, int] = (40, 50)) -> bytes:
    out = BytesIO()
    colour = (number * 37 % 256, number * 59 % 256, number * 83 % 256)
    Image.new("RGB", size, colour).save(out, "JPEG", comment=f"portrait {number}".encode())
    return out.getvalue()


@dataclass(frozen=True)
class Reply:
    """One answer.

    `send` is how many of the body's bytes really leave, None for all; `wait` holds the answer back until it is
    set, and `reached` is set as soon as somebody has asked.
    """

    status: int = 200
    body: bytes = b""
    type: str = "text/html"
    headers: tuple[tuple[str, str], ...] = ()
    send: int | None = None
    chunked: bool = False
    wait: threading.Event | None = None
    reached: threading.Event = field(default_factory=threading.Event, compare=False)


@dataclass(frozen=True)
class Asked:
    """One request as the server saw it."""

    url: str
    headers: dict[str, str]
    status: int
    sent: int

    @property
    def conditional(self) -> bool:
        return "if-none-match" in self.headers or "if-modified-since" in self.headers


@dataclass
class Parliament:
    """The server's pages and its memory."""

    address: str = ""
    asked: list[Asked] = field(default_factory=list)
    members: tuple[int, ...] = MEMBERS
    _told: dict[str, list[Reply]] = field(default_factory=lambda: defaultdict(list))
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _more: threading.Condition = field(default_factory=threading.Condition)

    def tell(self, url: str, *replies: Reply) -> None:
        """Answer a URL with these in turn, then with the last one again."""
        self._told[url] = list(replies)

    def count(self, part: str) -> int:
        """How many requests had this in their URL."""
        return sum(part in asked.url for asked in self.asked)

    def note(self, asked: Asked) -> None:
        """Remember a request."""
        with self._more:
            self.asked.append(asked)
            self._more.notify_all()

    def wait_for(self, number: int) -> None:
        """Wait until there have been so many requests."""
        with self._more:
            assert self._more.wait_for(lambda: len(self.asked) >= number, 20)

    def reply(self, url: str) -> Reply:
        with self._lock:
            told = self._told.get(url) or self._told.get(urlsplit(url).netloc)
            if told:
                return told.pop(0) if len(told) > 1 else told[0]
        return self.usual(url)

    def usual(self, url: str) -> Reply:
        """What an honest server answers."""
        parts = urlsplit(url)
        path = parts.path
        last = path.rsplit("/", 1)[-1]
        if path.startswith("/api/v2/"):
            return self.api(path.removeprefix("/api/v2/"), last, parse_qs(parts.query))
        if path.startswith("/OdpDatasetService/"):
            return Reply(body=b'{"OdpDatasetVersions": []}', type="application/json")
        if path.startswith("/mepphoto/"):
            mep_id = int(last.removesuffix(".jpg"))
            return Reply(body=jpeg(mep_id), type="image/jpeg") if mep_id in self.members[1:] else Reply(404)
        if path.endswith("/full-list/xml"):
            people = "".join(f"<mep><id>{mep_id}</id></mep>" for mep_id in self.members)
            return Reply(body=f"<meps>{people}</meps>".encode(), type="application/xml")
        if path.endswith("/home"):
            return Reply(body=b"<html><title>Home | A MEMBER</title></html>")
        if url.startswith(f"{SPARQL}?"):
            return Reply(body=b'{"results": {"bindings": []}}', type="application/sparql-results+json")
        return Reply(404)

    def api(self, path: str, last: str, query: dict[str, list[str]]) -> Reply:
        """What an honest API answers."""
        if path == "meps/show-current":
            return document([self.person(mep_id) for mep_id in self.members])
        if path in ("meps/show-outgoing", "meps/show-incoming"):
            return Reply(204)
        if path == "meps":
            offset = int(query["offset"][0])
            some = self.members[offset : offset + 50]
            return document([self.person(mep_id) for mep_id in some]) if some else Reply(204)
        if path.startswith("meps/") and int(last) in self.members:
            return document([self.person(int(last)) | self.details(int(last))])
        if path == "corporate-bodies/show-current":
            return document([{"id": f"org/{number}", "label": str(number)} for number in range(700, 703)])
        if path.startswith("corporate-bodies/"):
            return document([{"id": f"org/{last}", "label": last}])
        return Reply(404)

    @staticmethod
    def person(mep_id: int) -> dict[str, object]:
        country = COUNTRIES[mep_id % len(COUNTRIES)]
        return {"identifier": str(mep_id), "api:country-of-representation": country}

    @staticmethod
    def details(mep_id: int) -> dict[str, object]:
        refs = ["org/ep-10", f"org/{700 + mep_id % 3}", None]
        return {
            "hasMembership": [{"organization": ref} for ref in refs],
            "img": f"{WWW}/mepphoto/{mep_id}.jpg",
        }


def document(data: list[dict[str, object]]) -> Reply:
    return Reply(body=json.dumps({"data": data}).encode(), type="application/ld+json")


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    parliament: Parliament

    def log_message(self, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        url = f"https://{self.headers['Host']}{self.path}"
        reply = self.parliament.reply(url)
        reply.reached.set()
        if reply.wait:
            reply.wait.wait(10)
        status, body, headers = reply.status, reply.body, dict(reply.headers)
        if status == 200 and "ETag" not in headers:
            headers["ETag"] = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if status == 200 and self.headers.get("If-None-Match") == headers["ETag"]:
            status, body = 304, b""
        if headers.get("Content-Encoding") == "gzip":
            body = gzip.compress(body)
        sent = body[: reply.send]
        seen = {name.lower(): value for name, value in self.headers.items()}
        self.parliament.note(Asked(url, seen, status, len(sent)))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", reply.type)
        if reply.chunked:
            self.send_header("Transfer-Encoding", "chunked")
            sent = b"%x\r\n" % len(body) + sent
        elif status not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(sent)
        if reply.send is not None or reply.chunked:
            self.close_connection = True


@pytest.fixture
def parliament() -> Iterator[Parliament]:
    state = Parliament()
    handler = type("OneParliament", (Handler,), {"parliament": state})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    state.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield state
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def replies() -> type[Reply]:
    """What to tell the server to answer."""
    return Reply


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waiting is part of politeness, and of no interest to most tests."""
    monkeypatch.setattr(fetch, "FIRST_BACKOFF", 0.001)


@pytest.fixture
def options(parliament: Parliament, tmp_path: Path) -> CollectOptions:
    """A run against the small parliament, at full speed, on a day of its second year."""
    return CollectOptions(
        tmp_path / "c.warc.gz",
        via=parliament.address,
        rates=FULL_SPEED,
        sources=("ep_api", "portraits"),
        today=date(2025, 6, 1),
    )
