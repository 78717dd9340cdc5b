"""Captures: what is written is read, and what is broken is named."""

import base64
import contextlib
import gzip
import hashlib
import importlib
import io
import tempfile
import zlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.capture.captures import Captures, Page, scan
from dontspy_data.capture.records import canonical
from dontspy_data.errors import CaptureError, UsageError
from scripts.sample.captures import CaptureWriter

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
URL = "https://www.europarl.europa.eu/meps/en/full-list/xml"


def page(url: str = URL, body: bytes = b"<meps/>", at: datetime = NOON, status: int = 200) -> Page:
    return Page(url, status, (("Content-Type", "application/xml; charset=UTF-8"), ("ETag", '"1"')), body, at)


def capture_bytes(*pages: Page) -> bytes:
    stream = io.BytesIO()
    writer = CaptureWriter(stream, software="test", started_at=NOON)
    for one in pages:
        writer.write(one)
    return stream.getvalue()


def write(path: Path, *pages: Page) -> Path:
    path.write_bytes(capture_bytes(*pages))
    return path


def test_what_is_written_is_read(tmp_path: Path) -> None:
    captures = Captures.open(
        [write(tmp_path / "a.warc.gz", page(body=b"\x00\xff" * 9), page("https://x.example/"))]
    )
    read = captures.latest(URL)
    assert list(captures.urls()) == [URL, "https://x.example/"]
    assert read is not None
    assert (read.body, read.status, read.retrieved_at) == (b"\x00\xff" * 9, 200, NOON)
    assert (read.content_type, read.header("etag"), read.header("Age")) == ("application/xml", '"1"', "")
    assert captures.warnings == ()


@given(st.lists(st.tuples(st.binary(max_size=300), st.integers(200, 599)), min_size=1, max_size=5))
def test_any_body_comes_back(answers: list[tuple[bytes, int]]) -> None:
    pages = [page(f"https://x.example/{n}", body, status=status) for n, (body, status) in enumerate(answers)]
    with tempfile.TemporaryDirectory() as folder:
        captures = Captures.open([write(Path(folder) / "a.warc.gz", *pages)])
        for one in pages:
            read = captures.latest(one.url)
            assert read is not None
            assert (read.body, read.status) == (one.body, one.status)


def test_the_same_answers_give_the_same_bytes() -> None:
    assert capture_bytes(page(), page("https://x.example/")) == capture_bytes(
        page(), page("https://x.example/")
    )


def test_the_latest_answer_wins_whatever_the_order_of_the_captures(tmp_path: Path) -> None:
    new = write(tmp_path / "new.warc.gz", page(body=b"new", at=NOON + timedelta(days=1)))
    old = write(tmp_path / "old.warc.gz", page(body=b"old"))
    for paths in ([new, old], [old, new]):
        captures = Captures.open(paths)
        latest = captures.latest(URL)
        assert latest is not None
        assert latest.body == b"new"
        assert [one.body for one in captures.pages(URL)] == [b"old", b"new"]


def test_encodings_of_the_wire_are_not_claimed_of_a_decoded_body(tmp_path: Path) -> None:
    headers = (("Content-Encoding", "gzip"), ("Transfer-Encoding", "chunked"), ("Content-Length", "3"))
    captures = Captures.open([write(tmp_path / "a.warc.gz", Page(URL, 200, headers, b"whole", NOON))])
    read = captures.latest(URL)
    assert read is not None
    assert (read.body, read.headers) == (b"whole", (("Content-Length", "5"),))


def test_a_revisit_has_the_earlier_body_and_its_own_time(tmp_path: Path) -> None:
    old = write(tmp_path / "old.warc.gz", page(body=b"still"))
    later = NOON + timedelta(days=7)
    stream = io.BytesIO()
    CaptureWriter(stream, software="test", started_at=later).write_revisit(
        page(body=b"", at=later, status=304), NOON
    )
    new = tmp_path / "new.warc.gz"
    new.write_bytes(stream.getvalue())

    read = Captures.open([old, new]).latest(URL)
    assert read is not None
    assert (read.body, read.status, read.retrieved_at) == (b"still", 200, later)
    with pytest.raises(CaptureError, match=r"new\.warc\.gz says that .* in none of the captures"):
        Captures.open([new]).latest(URL)


def test_a_capture_cut_off_at_any_byte_is_read_up_to_the_break(tmp_path: Path) -> None:
    whole = capture_bytes(page("https://x.example/1"), page("https://x.example/2", b"two" * 50))
    path = tmp_path / "cut.warc.gz"
    path.write_bytes(whole)
    answers = scan(path).entries
    breaks = {0, answers[0].offset, *(entry.end for entry in answers)}
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        found = scan(path)
        assert len(found.entries) == sum(entry.end <= length for entry in answers)
        assert any("cut.warc.gz is cut off" in warning for warning in found.warnings) == (
            length not in breaks
        )


def test_a_changed_byte_is_never_read_as_data(tmp_path: Path) -> None:
    whole = capture_bytes(page("https://x.example/1"), page("https://x.example/2", b"two" * 50))
    path = tmp_path / "a.warc.gz"
    path.write_bytes(whole)
    sound = [entry.offset for entry in scan(path).entries]
    header_only = set()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            found = scan(path)
        except CaptureError as error:
            assert "a.warc.gz" in str(error)
        else:
            if not found.warnings and [entry.offset for entry in found.entries] == sound:
                header_only.add(at)
    # Ten bytes of each gzip member's header say when and where it was packed, not what it holds.
    starts = [0, *sound]
    assert all(any(start <= at < start + 10 for start in starts) for at in header_only)


def test_a_digest_that_does_not_match_is_named(tmp_path: Path) -> None:
    record = gzip.decompress(capture_bytes(page(body=b"the truth")))
    path = tmp_path / "forged.warc.gz"
    path.write_bytes(gzip.compress(record[record.rindex(b"WARC/1.1") :].replace(b"the truth", b"the false")))
    with pytest.raises(CaptureError, match=r"forged\.warc\.gz.*full-list/xml does not match its digest"):
        scan(path)


@pytest.mark.parametrize("content", [b"<html>", gzip.compress(b"not a record")], ids=["html", "gzip"])
def test_what_is_no_capture_is_said(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "page.html"
    path.write_bytes(content)
    with pytest.raises(CaptureError, match=r"page\.html is not a capture"):
        scan(path)


def test_a_missing_capture_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no capture at"):
        Captures.open([tmp_path / "none.warc.gz"])


def warc(path: Path, *records: tuple[str, dict[str, str], bytes]) -> Path:
    """A capture of other software's making: a record is its type, its headers and its block."""
    members = []
    for number, (kind, headers, block) in enumerate(records):
        lines = {
            "WARC-Type": kind,
            "WARC-Record-ID": f"<urn:uuid:{number}>",
            "WARC-Date": f"2026-01-15T12:00:{number:02}Z",
            "WARC-Target-URI": URL,
            "Content-Type": "application/http; msgtype=response",
            "Content-Length": str(len(block)),
            **headers,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items() if value)
        members.append(gzip.compress(f"WARC/1.1\r\n{head}\r\n".encode() + block + b"\r\n\r\n"))
    path.write_bytes(b"".join(members))
    return path


HTTP = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n"
SAME = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
OTHER = "https://x.example/other"


def sha1(body: bytes) -> str:
    return f"sha1:{base64.b32encode(hashlib.sha1(body).digest()).decode()}"


def test_several_records_in_one_gzip_member_are_an_error_with_a_way_out(tmp_path: Path) -> None:
    path = tmp_path / "one.warc.gz"
    path.write_bytes(gzip.compress(gzip.decompress(capture_bytes(page(), page("https://x.example/")))))
    with pytest.raises(CaptureError, match=r"one\.warc\.gz.*more than one record") as caught:
        scan(path)
    assert "warcio recompress" in caught.value.hint


def test_a_capture_without_answers_is_named(tmp_path: Path) -> None:
    empty, idle = tmp_path / "empty.warc.gz", write(tmp_path / "idle.warc.gz")
    empty.write_bytes(b"")
    warnings = Captures.open([empty, idle, write(tmp_path / "some.warc.gz", page())]).warnings
    assert warnings == ("empty.warc.gz holds no answers", "idle.warc.gz holds no answers")


def test_what_is_no_answer_over_http_is_skipped(tmp_path: Path) -> None:
    path = warc(
        tmp_path / "a.warc.gz",
        ("response", {"WARC-Target-URI": "dns:x.example", "Content-Type": "text/dns"}, b"x 1 IN A 1.2.3.4"),
        ("response", {}, b""),
        ("metadata", {"Content-Type": "application/warc-fields"}, b"via: elsewhere\r\n"),
        ("response", {"WARC-Target-URI": OTHER}, HTTP + b"here"),
    )
    assert [entry.url for entry in scan(path).entries] == [OTHER]


@pytest.mark.parametrize(
    ("headers", "block", "said"),
    [
        ({"WARC-Date": "garbage"}, HTTP, "WARC-Date is 'garbage', which is not a time"),
        ({"WARC-Date": ""}, HTTP, "WARC-Date is '', which is not a time"),
        ({}, b"HTTP/1.1 abc\r\n\r\nx", "'abc' is not an HTTP status"),
        ({"WARC-Target-URI": ""}, HTTP, "no WARC record"),
        ({"Content-Length": ""}, HTTP, "the record does not say how long it is"),
    ],
    ids=["date", "no date", "status", "no address", "no length"],
)
def test_a_record_that_makes_no_sense_is_named_by_file_and_byte(
    tmp_path: Path, headers: dict[str, str], block: bytes, said: str
) -> None:
    good = ("response", {"WARC-Target-URI": OTHER}, HTTP)
    path = warc(tmp_path / "odd.warc.gz", ("response", {}, HTTP), ("response", headers, block), good)
    first, after = scan(path).entries
    (warning,) = scan(path).warnings
    assert after.url == OTHER
    assert "odd.warc.gz is damaged in the record at byte" in warning
    assert f"at byte {first.end:,}: {said}" in warning
    with pytest.raises(CaptureError, match=r"odd\.warc\.gz"):
        scan(warc(tmp_path / "odd.warc.gz", ("response", headers, block)))


def test_a_time_without_a_zone_is_utc(tmp_path: Path) -> None:
    path = warc(tmp_path / "a.warc.gz", ("response", {"WARC-Date": "2026-01-15T12:00:00"}, HTTP))
    assert scan(path).entries[0].retrieved_at == NOON


@pytest.mark.parametrize(
    "headers",
    [
        {"WARC-Refers-To-Target-URI": OTHER, "WARC-Refers-To-Date": "2026-01-15T12:00:00Z"},
        {"WARC-Refers-To-Target-URI": OTHER, "WARC-Payload-Digest": sha1(b"first"), "WARC-Profile": SAME},
        {"WARC-Payload-Digest": sha1(b"first"), "WARC-Profile": SAME},
    ],
    ids=["date", "digest", "digest alone"],
)
def test_a_revisit_of_another_address_has_its_body(tmp_path: Path, headers: dict[str, str]) -> None:
    first = {"WARC-Target-URI": OTHER, "WARC-Payload-Digest": sha1(b"first")}
    path = warc(
        tmp_path / "a.warc.gz",
        ("response", first, HTTP + b"first"),
        ("response", {}, HTTP + b"not this one"),
        ("revisit", headers, b"HTTP/1.1 200 OK\r\nX-Robots-Tag: noai\r\n\r\n"),
    )
    read = Captures.open([path]).latest(URL)
    assert read is not None
    assert (read.url, read.body, read.header("X-Robots-Tag")) == (URL, b"first", "noai")


def test_a_revisit_without_a_date_confirms_the_latest_answer_before_it(tmp_path: Path) -> None:
    path = warc(
        tmp_path / "a.warc.gz",
        ("response", {}, HTTP + b"old"),
        ("response", {}, HTTP + b"new"),
        ("revisit", {"WARC-Profile": NOT_MODIFIED}, b""),
        ("revisit", {"WARC-Profile": NOT_MODIFIED}, b"HTTP/1.1 304 Not Modified\r\n\r\n"),
        ("response", {}, HTTP + b"newest"),
    )
    captures = Captures.open([path])
    assert [one.body for one in captures.pages(URL)] == [b"old", b"new", b"new", b"new", b"newest"]
    assert [one.status for one in captures.pages(URL)] == [200] * 5


@pytest.mark.parametrize(
    "headers",
    [
        {"WARC-Profile": NOT_MODIFIED},
        {"WARC-Profile": SAME, "WARC-Payload-Digest": sha1(b"unheard of")},
        {"WARC-Refers-To-Target-URI": "https://x.example/unheard-of"},
        {"WARC-Refers-To-Date": "2026-01-15T12:00:00Z"},
    ],
    ids=["first of all", "digest", "address", "itself"],
)
def test_a_revisit_of_nothing_that_is_held_is_never_an_empty_answer(
    tmp_path: Path, headers: dict[str, str]
) -> None:
    path = warc(tmp_path / "a.warc.gz", ("revisit", headers, HTTP), ("response", {}, HTTP + b"later"))
    captures = Captures.open([path])
    with pytest.raises(CaptureError, match="in none of the captures"):
        captures.page(captures.entries(URL)[0])


@pytest.mark.parametrize("stray", [b"\0" * 4096, b"\r\n\r\n"])
def test_padding_after_and_between_records_is_nothing(tmp_path: Path, stray: bytes) -> None:
    one, two = write(tmp_path / "1.warc.gz", page()), write(tmp_path / "2.warc.gz", page(OTHER))
    path = tmp_path / "a.warc.gz"
    path.write_bytes(one.read_bytes() + stray + two.read_bytes() + stray)
    found = scan(path)
    assert [entry.url for entry in found.entries] == [URL, OTHER]
    assert (found.warnings, found.problems) == ((), [])


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9])
def test_what_is_damaged_is_left_out_with_file_and_byte(tmp_path: Path, at: float) -> None:
    path = write(
        tmp_path / "a.warc.gz", *(page(f"https://x.example/{n}", bytes(range(256)) * 9) for n in range(3))
    )
    entries = scan(path).entries
    content = bytearray(path.read_bytes())
    hurt = entries[1].offset + int((entries[1].end - entries[1].offset) * at)
    content[hurt : hurt + 9] = b"\x55" * 9
    path.write_bytes(content)
    found = scan(path)
    assert [entry.url for entry in found.entries] == ["https://x.example/0", "https://x.example/2"]
    assert f"a.warc.gz is damaged in the record at byte {entries[1].offset:,}" in found.warnings[0]


@pytest.mark.parametrize(
    "url",
    [
        "http://www.europarl.europa.eu/meps/en/full-list/xml",
        "http://www.europarl.europa.eu:80/meps/en/full-list/xml",
        "https://www.europarl.europa.eu:443/meps/en/full-list/xml",
        "https://WWW.Europarl.EUROPA.eu/meps/en/full-list/xml",
        "https://www.europarl.europa.eu./meps/en/full-list/xml#top",
        "<https://www.europarl.europa.eu/meps/en/full-list/xml>",
        "https://www.europarl.europa.eu/meps/en/full-list/xml?_=123&utm_source=x&PHPSESSID=9",
    ],
)
def test_one_page_has_one_address(tmp_path: Path, url: str) -> None:
    path = warc(tmp_path / "a.warc.gz", ("response", {"WARC-Target-URI": url}, HTTP + b"here"))
    assert list(Captures.open([path]).urls()) == [URL]


@pytest.mark.parametrize(
    "url",
    [
        URL,
        "https://x.example/A?b=1&c=2",
        "https://x.example:8443/",
        "https://data.europarl.europa.eu/api/v2/meps?parliamentary-term=10&format=application%2Fld%2Bjson&offset=0",
        "dns:x.example",
        "https://[bad/",
        "https://x.example:none/",
    ],
)
def test_an_address_of_ours_and_what_is_none_stay_as_they_are(url: str) -> None:
    assert canonical(url) == url


@given(st.text(max_size=60))
def test_canonical_addresses_are_canonical(text: str) -> None:
    once = canonical(f"https://{text}")
    assert canonical(once) == once


def test_a_resource_is_an_answer(tmp_path: Path) -> None:
    path = warc(
        tmp_path / "a.warc.gz",
        ("resource", {"Content-Type": "image/jpeg"}, b"\xff\xd8picture"),
        ("resource", {"WARC-Target-URI": "urn:thumbnail:x", "Content-Type": "image/jpeg"}, b"no page"),
    )
    (read,) = Captures.open([path]).pages(URL)
    assert (read.status, read.body, read.content_type) == (200, b"\xff\xd8picture", "image/jpeg")


def encoded(encoding: str, body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Encoding: " + encoding.encode() + b"\r\n\r\n" + body


RAW_DEFLATE = zlib.compressobj(wbits=-15)
RAW = RAW_DEFLATE.compress(b"here") + RAW_DEFLATE.flush()


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b"here", mtime=0)),
        ("X-Gzip", gzip.compress(b"here", mtime=0)),
        ("gzip", b"here"),
        ("deflate", zlib.compress(b"here")),
        ("deflate", RAW),
        ("identity", b"here"),
        ("deflate, gzip", gzip.compress(zlib.compress(b"here"), mtime=0)),
    ],
)
def test_the_encodings_of_others_are_undone(tmp_path: Path, encoding: str, body: bytes) -> None:
    path = warc(tmp_path / "a.warc.gz", ("response", {}, encoded(encoding, body)))
    (read,) = Captures.open([path]).pages(URL)
    assert read.body == b"here"


def test_chunks_that_a_crawler_kept_are_put_together(tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
    body = gzip.compress(b"here", mtime=0)
    chunks = b"%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n" % (5, body[:5], len(body) - 5, body[5:])
    path = warc(tmp_path / "a.warc.gz", ("response", {}, head + chunks))
    (read,) = Captures.open([path]).pages(URL)
    assert read.body == b"here"


@pytest.mark.parametrize(("encoding", "library"), [("br", "brotli"), ("zstd", "zstandard")])
def test_an_encoding_needs_its_library_or_says_which(tmp_path: Path, encoding: str, library: str) -> None:
    module = None
    with contextlib.suppress(ImportError):
        module = importlib.import_module(library)
    body = b"" if module is None else module.compress(b"here")
    path = warc(
        tmp_path / "a.warc.gz",
        ("response", {}, encoded(encoding, body)),
        ("response", {"WARC-Target-URI": OTHER}, HTTP),
    )
    captures = Captures.open([path])
    if module is None:
        assert list(captures.urls()) == [OTHER]
        assert (
            f"its encoding {encoding} needs the package {library}: pip install {library}"
            in captures.warnings[0]
        )
    else:
        assert [one.body for one in captures.pages(URL)] == [b"here"]


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(b"here", mtime=0)[:-3]),
        ("deflate", b"none"),
        ("rot13", b"urer"),
        ("br", b"\xff\xff\xff"),
    ],
)
def test_an_answer_whose_encoding_cannot_be_undone_is_left_out(
    tmp_path: Path, encoding: str, body: bytes
) -> None:
    path = warc(
        tmp_path / "a.warc.gz",
        ("response", {}, encoded(encoding, body)),
        ("response", {"WARC-Target-URI": OTHER}, HTTP),
    )
    captures = Captures.open([path])
    assert list(captures.urls()) == [OTHER]
    assert URL in captures.warnings[0]
