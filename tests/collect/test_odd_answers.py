"""Whatever comes over the wire, each answer has its kind, and the run goes on: one line an oddity."""

import gzip
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from dontspy_data.collect import CollectOptions, client, fetch
from dontspy_data.collect.classify import ResponseKind as Kind
from dontspy_data.collect.run import made_with
from dontspy_data.sources import ep_api, ep_csv, member_page, portraits
from dontspy_data.sources.source import WWW, Request
from tests.collect.conftest import FULL_SPEED, jpeg
from tests.collect.odd_server import OddServer, Step, answer, odd_server

ID = 9_000_001
JPEG = jpeg(1)
PORTRAIT = Request(portraits.PORTRAIT, portraits.url(ID), ID)
DETAILS = Request(ep_api.DETAILS, ep_api.mep_url(ID), ID)
PROFILE = Request(member_page.PROFILE, member_page.profile_url(ID), ID)
CSV = Request(ep_csv.CSV, ep_csv.url(9, 17))
WHOLE_JSON = b'{"data": []}'
WHOLE_HTML = b"<!DOCTYPE html><html><head><title>Home</title></head><body>x</body></html>"
WHOLE_CSV = b"mep_identifier,mep_given_name\n9000001,A\n9000002,B\n"
HTML_TYPE = "Content-Type: text/html"


def picture(kind: str) -> bytes:
    out = BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, kind)
    return out.getvalue()


def chunked(*parts: bytes) -> bytes:
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts)


CHUNKED = "Transfer-Encoding: chunked"
GZIP = "Content-Encoding: gzip"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"></svg>'
AVIF = b"\x00\x00\x00\x18ftypavif\x00\x00\x00\x00avifmif1" + b"\x00\x00\x00\x10mdat12345678"
HEIC = AVIF.replace(b"avif", b"heic")

ROWS: list[tuple[str, Request, bytes | tuple[Step, ...], Kind]] = [
    # The head
    ("whole", PORTRAIT, answer(JPEG), Kind.WHOLE),
    ("no status line", PORTRAIT, b"hello\r\n\r\n", Kind.MALFORMED),
    ("a status of words", PORTRAIT, answer(JPEG, status="OK fine"), Kind.MALFORMED),
    ("a status of 9999", PORTRAIT, answer(JPEG, status="9999 OK"), Kind.MALFORMED),
    ("a status of 999", PORTRAIT, answer(JPEG, status="999 No"), Kind.UNEXPECTED),
    ("HTTP/9", PORTRAIT, answer(JPEG, version="HTTP/9"), Kind.MALFORMED),
    ("nothing at all", PORTRAIT, b"", Kind.CUT),
    ("half a head", PORTRAIT, b"HTTP/1.1 200 OK\r\nContent-Le", Kind.CUT),
    ("a header without a colon", PORTRAIT, answer(JPEG, "X-Robots-Tag noai"), Kind.MALFORMED),
    ("a header line of 70 kB", PORTRAIT, answer(JPEG, f"X: {'x' * 70_000}"), Kind.MALFORMED),
    ("200 headers", PORTRAIT, answer(JPEG, *(f"X-{n}: 1" for n in range(200))), Kind.MALFORMED),
    ("a folded mark", PORTRAIT, answer(JPEG, "X-Robots-Tag: noindex,\r\n noai"), Kind.NOAI),
    ("an interim answer", PORTRAIT, b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + answer(JPEG), Kind.WHOLE),
    ("only interim answers", PORTRAIT, b"HTTP/1.1 103 Early Hints\r\n\r\n" * 20, Kind.MALFORMED),
    ("another protocol", PORTRAIT, answer(b"", status="101 Switching Protocols"), Kind.UNEXPECTED),
    ("bytes that are no text", PORTRAIT, answer(JPEG, "X: \xff\xfe\x01"), Kind.WHOLE),
    # The length
    ("a length twice, the same", PORTRAIT, answer(JPEG, f"Content-Length: {len(JPEG)}"), Kind.WHOLE),
    ("a length twice", PORTRAIT, answer(JPEG, "Content-Length: 7"), Kind.MALFORMED),
    ("a length of letters", PORTRAIT, answer(JPEG, "Content-Length: abc", length=False), Kind.MALFORMED),
    ("a length of -1", PORTRAIT, answer(JPEG, "Content-Length: -1", length=False), Kind.MALFORMED),
    ("a length of 5000 digits", PORTRAIT, answer(b"", f"Content-Length: {'9' * 5000}", length=False), Kind.TOO_LARGE),
    ("shorter than declared", PORTRAIT, answer(JPEG)[:-9], Kind.CUT),
    ("longer than declared", PORTRAIT, answer(JPEG) + b"more", Kind.WHOLE),
    ("no length, whole", PORTRAIT, answer(JPEG, length=False), Kind.WHOLE),
    ("no length, cut", PORTRAIT, answer(JPEG[:-9], length=False), Kind.TRUNCATED),
    ("chunks", PORTRAIT, answer(chunked(JPEG, b""), CHUNKED, length=False), Kind.WHOLE),
    ("chunks without an end", PORTRAIT, answer(chunked(JPEG), CHUNKED, length=False), Kind.CUT),
    ("a chunk of letters", PORTRAIT, answer(b"zz\r\n" + JPEG, CHUNKED, length=False), Kind.CUT),
    ("a chunk of -1", PORTRAIT, answer(b"-1\r\n" + JPEG, CHUNKED, length=False), Kind.CUT),
    # The encoding
    ("gzip", DETAILS, answer(gzip.compress(WHOLE_JSON), GZIP), Kind.WHOLE),
    ("gzip, cut", DETAILS, answer(gzip.compress(WHOLE_JSON)[:-3], GZIP), Kind.CUT),
    ("gzip that is none", DETAILS, answer(WHOLE_JSON, GZIP), Kind.ENCODING),
    ("gzip with a wrong sum", DETAILS, answer(gzip.compress(WHOLE_JSON)[:-8] + b"12345678", GZIP), Kind.ENCODING),
    ("gzip twice", DETAILS, answer(gzip.compress(gzip.compress(WHOLE_JSON)), "Content-Encoding: gzip, gzip"),
     Kind.ENCODING),
    ("gzip of a picture", PORTRAIT, answer(gzip.compress(JPEG), GZIP), Kind.ENCODING),
    ("brotli", DETAILS, answer(WHOLE_JSON, "Content-Encoding: br"), Kind.ENCODING),
    ("an encoding of its own", CSV, answer(WHOLE_CSV, "Content-Encoding: aws-chunked"), Kind.ENCODING),
    ("identity", DETAILS, answer(WHOLE_JSON, "Content-Encoding: identity"), Kind.WHOLE),
    ("two lines of encoding", DETAILS, answer(gzip.compress(WHOLE_JSON), GZIP, "Content-Encoding: br"), Kind.ENCODING),
    ("a bomb", DETAILS, answer(gzip.compress(bytes(8_000_000)), GZIP), Kind.TOO_LARGE),
    # Where it leads
    ("an address that is none", PORTRAIT, answer(b"", "Location: https://[bad/", status="302 Found"), Kind.MALFORMED),
    ("two addresses", PORTRAIT, answer(b"", "Location: /a", "Location: /b", status="302 Found"), Kind.MALFORMED),
    ("a mail address", PORTRAIT, answer(b"", "Location: mailto:x@y.example", status="302 Found"), Kind.MALFORMED),
    ("a password", PORTRAIT, answer(b"", f"Location: https://a:b@{WWW}/x", status="302 Found"), Kind.MALFORMED),
    ("another port", PORTRAIT, answer(b"", f"Location: https://{WWW}:8443/x", status="302 Found"), Kind.OTHER_HOST),
    ("a port that is none", PORTRAIT, answer(b"", f"Location: https://{WWW}:9e9", status="302 Found"), Kind.MALFORMED),
    ("to nothing", PORTRAIT, answer(b"", "Location: /gone.jpg", status="302 Found"), Kind.NOT_FOUND),
    ("nowhere", PORTRAIT, answer(b"", status="302 Found"), Kind.UNEXPECTED),
    # When to come again
    ("the year 9999", PORTRAIT,
     answer(b"", "Retry-After: Fri, 31 Dec 9999 23:59:59 -1200", status="429 Slow"), Kind.TOO_MANY),
    ("two times", PORTRAIT, answer(b"", "Retry-After: 1", "Retry-After: 99999", status="503 No"), Kind.SERVER_ERROR),
    ("5000 digits", PORTRAIT, answer(b"", f"Retry-After: {'9' * 5000}", status="429 Slow"), Kind.TOO_MANY),
    # The status
    ("304 that nobody asked for", PORTRAIT, answer(b"", status="304 Not Modified"), Kind.UNEXPECTED),
    ("206", CSV, answer(WHOLE_CSV, status="206 Partial Content"), Kind.UNEXPECTED),
    ("203", DETAILS, answer(WHOLE_JSON, status="203 Elsewhere"), Kind.UNEXPECTED),
    ("404", PORTRAIT, answer(b"", status="404 Not Found"), Kind.ABSENT),
    ("a challenge", PORTRAIT, answer(b"", "x-amzn-waf-action: challenge", status="405 No"), Kind.CHALLENGE),
    # The body
    ("JSON 5000 deep", DETAILS, answer(b"[" * 5000 + b"]" * 5000), Kind.MALFORMED),
    ("JSON 100,000 deep", DETAILS, answer(b'{"data":' * 100_000), Kind.MALFORMED),
    ("a number of 5000 digits", DETAILS, answer(b'{"data": [{"identifier": %s}]}' % (b"9" * 5000)), Kind.TRUNCATED),
    ("an error in JSON", DETAILS, answer(b'{"error": "try again"}'), Kind.MALFORMED),
    ("JSON that is a list", DETAILS, answer(b"[1]"), Kind.MALFORMED),
    ("JSON that is not UTF-8", DETAILS, answer(b'{"data": "\xff\xfe\xfa"}'), Kind.TRUNCATED),
    ("HTML for JSON", DETAILS, answer(WHOLE_HTML), Kind.HTML),
    ("HTML for a picture", PORTRAIT, answer(WHOLE_HTML, "Content-Type: image/jpeg"), Kind.HTML),
    ("JSON for a page", PROFILE, answer(WHOLE_JSON, HTML_TYPE), Kind.MALFORMED),
    ("a picture for a page", PROFILE, answer(JPEG, HTML_TYPE), Kind.MALFORMED),
    ("HTML, cut", PROFILE, answer(WHOLE_HTML[:-12], HTML_TYPE), Kind.TRUNCATED),
    ("a megabyte of titles", PROFILE, answer(b"<title>" * 150_000 + b"</html>", HTML_TYPE), Kind.WHOLE),
    ("a megabyte of fields", PROFILE, answer(b"<input " * 2_800 + b"</html>", HTML_TYPE), Kind.WHOLE),
    ("a CSV", CSV, answer(WHOLE_CSV), Kind.WHOLE),
    ("a CSV, cut in a row", CSV, answer(WHOLE_CSV[:-4]), Kind.TRUNCATED),
    ("a CSV, cut in a cell", CSV, answer(WHOLE_CSV[:-2] + b'"\n'), Kind.MALFORMED),
    ("a CSV with a short row", CSV, answer(WHOLE_CSV + b"9000003\n"), Kind.MALFORMED),
    ("another CSV", CSV, answer(b"id,name\n1,A\n"), Kind.MALFORMED),
    ("JSON for a CSV", CSV, answer(WHOLE_JSON), Kind.TRUNCATED),
    ("a picture for a CSV", CSV, answer(JPEG + b"\n"), Kind.MALFORMED),
    ("HTML for a CSV", CSV, answer(WHOLE_HTML), Kind.HTML),
    ("PNG", PORTRAIT, answer(picture("PNG")), Kind.OTHER_FORMAT),
    ("GIF", PORTRAIT, answer(picture("GIF")), Kind.OTHER_FORMAT),
    ("WebP", PORTRAIT, answer(picture("WEBP")), Kind.OTHER_FORMAT),
    ("AVIF", PORTRAIT, answer(AVIF), Kind.OTHER_FORMAT),
    ("HEIC", PORTRAIT, answer(HEIC), Kind.OTHER_FORMAT),
    ("SVG", PORTRAIT, answer(SVG), Kind.OTHER_FORMAT),
    ("PNG, cut", PORTRAIT, answer(picture("PNG")[:-5]), Kind.TRUNCATED),
    ("WebP, cut", PORTRAIT, answer(picture("WEBP")[:-5]), Kind.TRUNCATED),
    ("AVIF, cut", PORTRAIT, answer(AVIF[:-5]), Kind.TRUNCATED),
    ("PDF", PORTRAIT, answer(b"%PDF-1.7\n%%EOF"), Kind.MALFORMED),
    ("JSON for a picture", PORTRAIT, answer(WHOLE_JSON), Kind.MALFORMED),
    # The mark
    ("reserved", PORTRAIT, answer(JPEG, "tdm-reservation: 1"), Kind.NOAI),
    ("not reserved", PORTRAIT, answer(JPEG, "tdm-reservation: 0"), Kind.WHOLE),
    ("marked, and a PNG", PORTRAIT, answer(picture("PNG"), "X-Robots-Tag: noai"), Kind.NOAI),
]  # fmt: skip


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OddServer]:
    monkeypatch.setattr(fetch, "ATTEMPTS", 2)
    monkeypatch.setattr(fetch, "ATTEMPTS_TOO_MANY", 2)
    with odd_server() as server:
        yield server


@pytest.fixture
def options(server: OddServer, tmp_path: Path) -> CollectOptions:
    return CollectOptions(
        tmp_path / "c.warc.gz", via=server.address, rates=FULL_SPEED, sources=("portraits",), mep_ids=(ID,)
    )


def kinds(server: OddServer, options: CollectOptions, request: Request) -> list[Kind]:
    """What became of one page, all its attempts, as a run finds it."""
    from contextlib import closing
    from threading import Event

    from dontspy_data.capture.store import Store
    from dontspy_data.collect.fetch import Hosts
    from dontspy_data.collect.page import PageCollector, PreviousCrawl
    from dontspy_data.collect.throttle import CircuitBreaker

    stop, breaker = Event(), CircuitBreaker()
    with (
        closing(Store.open(options.output, made_with(options))) as store,
        closing(client.Client(server.address)) as asker,
    ):
        fetcher = fetch.Fetcher(asker, breaker, stop, ignore_noai=False)
        hosts = Hosts(fetcher, FULL_SPEED, stop)
        previous = PreviousCrawl.open(options.since)
        collector = PageCollector(fetcher, hosts, store, previous, datetime.now(UTC))
        result = collector.collect(request)
    return [*(fault.kind for fault in result.attempts.faults), result.found.kind]


@pytest.mark.parametrize(
    ("request_", "sent", "expected"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS]
)
def test_each_answer_has_its_kind(server, options, request_, sent, expected) -> None:
    server.tell(request_.url, sent)
    started = time.monotonic()
    assert set(kinds(server, options, request_)) == {expected}
    assert time.monotonic() - started < 5
    is_answer = expected in (Kind.WHOLE, Kind.ABSENT, Kind.OTHER_FORMAT, Kind.NOAI)
    assert server.count(request_.url) <= (1 if is_answer else 2)
