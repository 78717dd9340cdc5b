"""Captures: what is written is read, and what is broken is named."""

import gzip
import io
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.capture import Captures, CaptureWriter, Page, scan
from dontspy_data.errors import CaptureError, UsageError

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
    with pytest.raises(CaptureError, match=r"new\.warc\.gz says that .* is in none of the captures"):
        Captures.open([new]).latest(URL)


def test_a_capture_cut_off_at_any_byte_is_read_up_to_the_break(tmp_path: Path) -> None:
    whole = capture_bytes(page("https://x.example/1"), page("https://x.example/2", b"two" * 50))
    path = tmp_path / "cut.warc.gz"
    path.write_bytes(whole)
    answers, _ = scan(path)
    breaks = {0, answers[0].offset, *(entry.end for entry in answers)}
    for length in range(len(whole) + 1):
        path.write_bytes(whole[:length])
        entries, warning = scan(path)
        assert len(entries) == sum(entry.end <= length for entry in answers)
        assert ("cut.warc.gz is cut off" in warning) == (length not in breaks)


def test_a_changed_byte_is_never_read_as_data(tmp_path: Path) -> None:
    whole = capture_bytes(page("https://x.example/1"), page("https://x.example/2", b"two" * 50))
    path = tmp_path / "a.warc.gz"
    path.write_bytes(whole)
    sound = [entry.offset for entry in scan(path)[0]]
    header_only = set()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            entries, warning = scan(path)
        except CaptureError as error:
            assert "a.warc.gz" in str(error)
        else:
            if not warning and [entry.offset for entry in entries] == sound:
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
