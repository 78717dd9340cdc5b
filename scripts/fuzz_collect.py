#!/usr/bin/env python3
"""Change answers at random, byte by byte on the wire, and see that each is told for what it is.

    python -m scripts.fuzz_collect [--mutations 100000] [--seed 1]

A server on loopback sends a whole answer of every endpoint (from the bundled sample), after one to four changes to
its status line, headers, body or bytes. Each is asked for once, by the collector's own client. Counted are
tracebacks, answers that take longer than five seconds, and answers that are wrongly called whole: this file's own
strict parser says otherwise, or the body is not a document of its form.
"""

import argparse
import csv
import gzip
import io
import json
import random
import re
import socket
import sys
import threading
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace

from lxml import etree, html
from PIL import Image

from dontspy_data import sample
from dontspy_data.capture.captures import Captures, Page
from dontspy_data.collect.classify import ResponseKind
from dontspy_data.collect.client import Client
from dontspy_data.collect.fetch import Attempts, Fetcher, read_rules
from dontspy_data.collect.throttle import CircuitBreaker, RateLimiter, Timetable
from dontspy_data.sources import SOURCE_OF, SOURCES, ep_api, ep_csv
from dontspy_data.sources.source import ROBOTS, WWW, Endpoint, Form, Request

LONGEST = 5.0  # seconds for one answer
MOST_CHANGES = 4


@dataclass(frozen=True)
class Seed:
    """A whole answer: what was asked for, and the body."""

    request: Request
    body: bytes


def seeds() -> list[Seed]:
    """Return a whole answer of every endpoint that the sample has a page of, and some that it has none of."""
    captures = Captures.open([sample.path()])
    found: dict[Endpoint, Seed] = {}
    for url in captures.urls():
        page = captures.latest(url)
        endpoint = endpoint_of(url)
        if endpoint and page and page.status == 200:
            found.setdefault(endpoint, Seed(Request(endpoint, url), page.body))
    dataset = b'{"OdpDatasetVersions": [{"VersionLabel": "17"}]}'
    found.setdefault(ep_csv.DATASET, Seed(Request(ep_csv.DATASET, f"{ep_csv.DATASETS}9"), dataset))
    rules = Request(replace(ROBOTS, host=WWW), f"https://{WWW}/robots.txt")
    return [*found.values(), Seed(rules, b"User-agent: *\nDisallow: /private/\nCrawl-delay: 1\n")]


def endpoint_of(url: str) -> Endpoint | None:
    """Return the endpoint that gives the page at an address."""
    api = [
        ("mandate-date=", ep_api.ON_DAY),
        ("/meps/show-current", ep_api.CURRENT),
        ("/meps/show-outgoing", ep_api.OUTGOING),
        ("/meps/show-incoming", ep_api.INCOMING),
        ("/corporate-bodies/show-current", ep_api.BODIES),
        ("/corporate-bodies/", ep_api.BODY),
        ("/meps?", ep_api.ROSTER),
        ("/api/v2/meps/", ep_api.DETAILS),
        ("_en.csv", ep_csv.CSV),
    ]
    for part, endpoint in api:
        if part in url:
            return endpoint
    source = next((source for source in SOURCES if source.matches(url)), None)
    return source.endpoints[0] if source else None


@dataclass
class Draft:
    """An answer that changes are made to."""

    status: bytes
    headers: list[bytes]
    body: bytes

    def raw(self) -> bytes:
        """Return the bytes that are sent."""
        return b"\r\n".join([self.status, *self.headers, b"", b""]) + self.body


STATUSES = [
    b"HTTP/1.1 %d X" % code
    for code in (100, 103, 101, 200, 201, 202, 203, 204, 206, 300, 301, 302, 304, 307, 400, 401, 403, 404)
] + [
    b"HTTP/1.1 410 X", b"HTTP/1.1 429 X", b"HTTP/1.1 451 X", b"HTTP/1.1 500 X", b"HTTP/1.1 503 X", b"HTTP/1.1 999 X",
    b"HTTP/1.0 200 OK", b"HTTP/2 200 OK", b"HTTP/1.1 200", b"HTTP/1.1  200  OK", b"HTTP/1.1 2000 OK", b"HTTP/1.1 OK",
    b"200 OK", b"", b"ICY 200 OK", b"HTTP/1.1 -200 OK", b"HTTP/1.1 \xff\xfe",
]  # fmt: skip
HEADERS = [
    b"Content-Length: abc", b"Content-Length: -1", b"Content-Length: 0", b"Content-Length: 7", b"Content-Length:",
    b"Content-Length: 99999999999999999999", b"Content-Length: 5, 5", b"Content-Length: +5", b"Content-Length: 0x10",
    b"Transfer-Encoding: chunked", b"Transfer-Encoding: gzip, chunked", b"Transfer-Encoding: identity",
    b"Content-Encoding: gzip", b"Content-Encoding: br", b"Content-Encoding: zstd", b"Content-Encoding: deflate",
    b"Content-Encoding: identity", b"Content-Encoding: gzip, gzip", b"Content-Encoding: \xff",
    b"Location: https://[bad/", b"Location: /elsewhere", b"Location: //x", b"Location: https://other.example/",
    b"Location: \x00", b"Retry-After: Fri, 31 Dec 9999 23:59:59 -1200", b"Retry-After: -1",
    b"Retry-After: " + b"9" * 5000,
    b"X-Robots-Tag: noai", b"X-Robots-Tag: googlebot: noindex", b"tdm-reservation: 1", b"x-amzn-waf-action: challenge",
    b'ETag: "a"', b"ETag: \x01", b"Set-Cookie: a=b; Domain=\xff", b"Connection: upgrade", b"no colon here", b": empty",
    b" folded: line", b"X: " + b"x" * 70_000, b"Trailer: X", b"Content-Type: multipart/mixed; boundary=x",
    b"\x00: \x00",
]  # fmt: skip
PIECES = [
    b"<html>", b"</html>", b"<title>Error</title>", b"<input type=password>", b'{"data":[]}', b"{", b"]", b"\x00",
    b"\xff", b"\xff\xd9", b"\xff\xd8\xff", b"\x1f\x8b\x08", b"\xef\xbb\xbf", b"\n", b'"', b"," * 50, b"<!DOCTYPE x>",
    b"9" * 5000,
    b"[" * 5000, b"<a>" * 3000, b"<title>" * 3000, b"0\r\n\r\n", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"Disallow: /\n",
]  # fmt: skip


Dice = random.Random


def change_status(dice: Dice, draft: Draft, _: list[bytes]) -> None:
    """Give another status line."""
    draft.status = dice.choice(STATUSES)


def drop_header(dice: Dice, draft: Draft, _: list[bytes]) -> None:
    """Leave a header out."""
    if draft.headers:
        draft.headers.pop(dice.randrange(len(draft.headers)))


def repeat_header(dice: Dice, draft: Draft, _: list[bytes]) -> None:
    """Send a header twice."""
    if draft.headers:
        draft.headers.append(dice.choice(draft.headers))


def add_header(dice: Dice, draft: Draft, _: list[bytes]) -> None:
    """Send an odd header too."""
    draft.headers.insert(dice.randrange(len(draft.headers) + 1), dice.choice(HEADERS))


def add_many_headers(dice: Dice, draft: Draft, _: list[bytes]) -> None:
    """Send very many headers."""
    draft.headers += [b"X-%d: 1" % number for number in range(dice.choice((5, 99, 200)))]


def cut_body(dice: Dice, draft: Draft, _: list[bytes]) -> None:
    """Leave the end of the body out."""
    draft.body = draft.body[: dice.randrange(len(draft.body) + 1)]


def change_byte(dice: Dice, draft: Draft, _: list[bytes]) -> None:
    """Change one byte of the body."""
    if draft.body:
        at = dice.randrange(len(draft.body))
        draft.body = draft.body[:at] + bytes([dice.randrange(256)]) + draft.body[at + 1 :]


def insert_piece(dice: Dice, draft: Draft, _: list[bytes]) -> None:
    """Put something odd into the body."""
    at = dice.choice((0, len(draft.body), dice.randrange(len(draft.body) + 1)))
    draft.body = draft.body[:at] + dice.choice(PIECES) + draft.body[at:]


def swap_body(dice: Dice, draft: Draft, bodies: list[bytes]) -> None:
    """Send the body of another endpoint."""
    draft.body = dice.choice(bodies)


def compress(dice: Dice, draft: Draft, _: list[bytes]) -> None:
    """Send the body as gzip, whole or cut, and say so or not."""
    draft.body = gzip.compress(draft.body, mtime=0)[: dice.choice((None, -1, -8, 20))]
    draft.headers += dice.choice(([], [b"Content-Encoding: gzip"]))


def chunk(dice: Dice, draft: Draft, _: list[bytes]) -> None:
    """Send the body in chunks, with a good end or an odd one."""
    size = dice.choice((100, 10_000, 1_000_000))
    parts = [draft.body[at : at + size] for at in range(0, len(draft.body), size)]
    ends = (b"0\r\n\r\n", b"0\r\n\r\n", b"", b"0\r\nX: 1\r\n\r\n", b"zz\r\n", b"-1\r\n")
    draft.body = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + dice.choice(ends)
    draft.headers.append(b"Transfer-Encoding: chunked")


CHANGES = (
    change_status, drop_header, repeat_header, add_header, add_header, add_many_headers, cut_body, change_byte,
    insert_piece, insert_piece, swap_body, compress, chunk,
)  # fmt: skip


def mutated(dice: Dice, seed: Seed, bodies: list[bytes]) -> bytes:
    """Return the bytes of a changed answer."""
    draft = Draft(
        b"HTTP/1.1 200 OK", [b"Connection: close", b"Content-Length: %d" % len(seed.body)], seed.body
    )
    for _ in range(dice.randint(1, MOST_CHANGES)):
        dice.choice(CHANGES)(dice, draft, bodies)
    if dice.randrange(2):  # Mostly the length is right, so that what else is odd is seen.
        others = [header for header in draft.headers if not header.lower().startswith(b"content-length")]
        draft.headers = [*others, b"Content-Length: %d" % len(draft.body)]
    raw = draft.raw()
    if dice.randrange(8) == 0:
        at = dice.randrange(len(raw))
        raw = raw[:at] + dice.choice((b"", raw[at + 1 :], b"\r\n" + raw[at:], b"\x00" + raw[at:]))
    return raw


@dataclass
class Wire:
    """A server that sends prepared bytes, whatever it is asked, to one connection after the other."""

    address: str = ""
    raw: bytes = b""
    asked: list[str] = field(default_factory=list)

    def talk(self, listener: socket.socket) -> None:
        """Answer until the listener is closed: the first address with the bytes, every other with a 404."""
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                head = connection.recv(65536)
                self.asked.append(head.split(b" ")[1].decode("latin-1"))
                is_first = self.asked[-1] == self.asked[0]
                connection.sendall(
                    self.raw
                    if is_first
                    else b"HTTP/1.1 404 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                )


@contextmanager
def wire() -> Iterator[Wire]:
    """Serve on loopback."""
    server = Wire()
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        server.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        threading.Thread(target=server.talk, args=(listener,), daemon=True).start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)


def fetched(server: Wire, client: Client, request: Request, raw: bytes) -> Attempts:
    """Ask once for a page, as a run does, where the server answers these bytes."""
    server.raw, server.asked = raw, []
    stop = threading.Event()
    fetcher = Fetcher(client, CircuitBreaker(), stop, ignore_noai=False)
    return fetcher.fetch(request, RateLimiter(Timetable(0.0), stop), {})


def strict_body(raw: bytes, *, is_gzip_wanted: bool) -> bytes | None:
    """Return the body of a well-formed answer with status 200; None for any other. Nothing of the collector is used."""
    while True:
        found = re.search(rb"\r?\n\r?\n", raw)
        if found is None:
            return None
        head, rest = raw[: found.start()], raw[found.end() :]
        lines = re.split(rb"\r?\n", head)
        status = re.match(rb"HTTP/1\.\d\s+(\d{3})(?:\s|$)", lines[0])
        if status is None:
            return None
        if status[1].startswith(b"1") and status[1] != b"101":
            raw = rest
            continue
        break
    if status[1] != b"200":
        return None
    headers: dict[bytes, list[bytes]] = {}
    name = b""
    for line in lines[1:]:
        if line[:1] in b" \t" and line[:1]:
            continue  # the value before goes on
        if b":" not in line:
            return None
        name, _, value = line.partition(b":")
        headers.setdefault(name.strip().lower(), []).append(value.strip())
    return _unwrapped(headers, rest, is_gzip_wanted=is_gzip_wanted)


def _unwrapped(headers: dict[bytes, list[bytes]], rest: bytes, *, is_gzip_wanted: bool) -> bytes | None:
    transfer = {value.lower() for value in headers.get(b"transfer-encoding", [])}
    lengths = {part.strip() for value in headers.get(b"content-length", []) for part in value.split(b",")}
    if len(lengths) > 1 or not all(length.isdigit() for length in lengths):
        return None
    if transfer - {b"chunked", b"identity"}:
        return None
    if b"chunked" in transfer:
        rest_or_none = _dechunked(rest)
    elif lengths:
        length = int(lengths.pop())
        rest_or_none = rest[:length] if len(rest) >= length else None
    else:
        rest_or_none = rest
    codings = [
        part.strip().lower()
        for value in headers.get(b"content-encoding", [])
        for part in value.split(b",")
        if part.strip().lower() not in (b"", b"identity")
    ]
    if rest_or_none is None or not codings:
        return rest_or_none
    if codings != [b"gzip"] or not is_gzip_wanted:
        return None
    try:
        return gzip.decompress(rest_or_none) if rest_or_none else b""
    except (OSError, EOFError, zlib.error):
        return None


def _dechunked(rest: bytes) -> bytes | None:
    out = b""
    while found := re.match(rb"[ \t]*([0-9A-Fa-f]+)[ \t]*(?:;[^\n]*)?\r?\n", rest):
        size = int(found[1], 16)
        rest = rest[found.end() :]
        if size == 0:
            return out
        if len(rest) < size + 2:
            return None
        out, rest = out + rest[:size], rest[size + 2 :]
    return None


def is_document(body: bytes, endpoint: Endpoint) -> bool:
    """Return whether a body is a whole document of an endpoint's form, as other libraries see it."""
    return CHECKS[endpoint.form](body, endpoint.needs)


def _is_json(body: bytes, needs: str) -> bool:
    document = json.loads(body)
    return isinstance(document, dict) and (not needs or needs in document)


def _is_xml(body: bytes, needs: str) -> bool:
    return str(etree.fromstring(body, etree.XMLParser(resolve_entities=False)).tag) == needs


def _is_html(body: bytes, _: str) -> bool:
    return html.document_fromstring(body) is not None and b"</html" in body.lower()


def _is_csv(body: bytes, needs: str) -> bool:
    text = body.decode("utf-8-sig", errors="replace")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    return needs in text.splitlines()[0] and bool(rows) and text.endswith(("\n", "\r"))


def _is_jpeg(body: bytes, _: str) -> bool:
    try:
        Image.open(io.BytesIO(body)).load()
    except OSError as error:
        # A changed byte in the tables or the scan is for the build to find: this is about what is missing.
        return "truncated" not in str(error)
    except (SyntaxError, ValueError):
        return True
    return True


def _is_rules(body: bytes, _: str) -> bool:
    return not body.lstrip().startswith((b"<", b"{", b"\x1f\x8b", b"\x89PNG", b"\xff\xd8"))


CHECKS: dict[Form, Callable[[bytes, str], bool]] = {
    Form.JSON: _is_json,
    Form.XML: _is_xml,
    Form.HTML: _is_html,
    Form.CSV: _is_csv,
    Form.JPEG: _is_jpeg,
    Form.TEXT: _is_rules,
}


MARKED = re.compile(rb"^x-robots-tag *: *noai *\r?$", re.MULTILINE | re.IGNORECASE)


def problem(seed: Seed, raw: bytes, done: Attempts) -> str:
    """Return what is wrong with how an answer was told; empty if nothing is."""
    page, endpoint = done.page, seed.request.endpoint
    if page is None or done.found.kind is not ResponseKind.WHOLE or page.redirected_to:
        return ""
    if endpoint.is_picture and MARKED.search(raw.partition(b"\r\n\r\n")[0]):
        return "whole, although it is marked"
    if page.status == 204 and endpoint.may_be_empty:
        return ""
    expected = strict_body(raw, is_gzip_wanted=endpoint.form is not Form.JPEG)
    if expected is None or page.body != expected:
        return "whole, where the answer is not well-formed, or has another body"
    try:
        is_whole = not page.body or is_document(page.body, endpoint)
    except (ValueError, RecursionError, etree.LxmlError, csv.Error) as error:
        return f"whole, and unreadable ({error})"
    return "" if is_whole else "whole, and no such document"


def follow(seed: Seed, done: Attempts) -> None:
    """Do with a whole answer what a run does next, so that it may raise."""
    page: Page | None = done.page
    if page is None or done.found.kind is not ResponseKind.WHOLE:
        return
    if seed.request.endpoint.form is Form.TEXT:
        rules = read_rules(done)
        rules.problem(f"https://{WWW}/mepphoto/1.jpg")
    elif source := SOURCE_OF.get(seed.request.endpoint):
        source.links(seed.request, page)


def main() -> None:
    """Run so many mutations and print what was found."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--mutations", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    words = parser.parse_args()
    dice = Dice(words.seed)
    known = seeds()
    bodies = [seed.body for seed in known]
    kinds: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    started, slowest = time.monotonic(), 0.0
    with wire() as server:
        client = Client(server.address)
        for number in range(words.mutations):
            seed = dice.choice(known)
            raw = mutated(dice, seed, bodies)
            begun = time.monotonic()
            try:
                done = fetched(server, client, seed.request, raw)
                follow(seed, done)
                kinds[done.found.kind.value] += 1
                fault = problem(seed, raw, done)
            except Exception:  # noqa: BLE001 -- whatever it is, it is what this looks for
                fault = f"traceback: {traceback.format_exc(limit=-3)}"
            took = time.monotonic() - begun
            slowest = max(slowest, took)
            fault = fault or ("hang" if took > LONGEST else "")
            if fault:
                faults[fault.partition(":")[0]] += 1
                print(
                    f"{number} {seed.request.endpoint.name}: {fault}\n  {raw[:300]!r} … {raw[-80:]!r}",
                    flush=True,
                )
    seconds = time.monotonic() - started
    print(
        f"{words.mutations:,} mutations of {len(known)} endpoints in {seconds:.0f} s, the slowest {slowest:.2f} s"
    )
    print(", ".join(f"{count:,} {kind}" for kind, count in kinds.most_common()))
    print(f"faults: {dict(faults) or 'none'}")
    sys.exit(bool(faults))


if __name__ == "__main__":
    from dontspy_data.collect import fetch

    fetch.ATTEMPTS = fetch.ATTEMPTS_TOO_MANY = 1
    main()
