"""What captures hold of portraits: each different answer once, with the periods in which it stood."""

import hashlib
import io
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dontspy_data.capture.captures import Captures, Page
from dontspy_data.capture.records import remark_record, response_record, revisit_record
from dontspy_data.model.statements import Property
from dontspy_data.portraits.rows import portrait_rows
from dontspy_data.sources import portraits
from dontspy_data.sources.portraits import PortraitReader, PortraitVersion
from scripts.sample.captures import CaptureWriter

Headers = tuple[tuple[str, str], ...]

DAY = datetime(2026, 1, 15, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("tag", "noai"),
    [
        ("noai", True),
        ("noindex, NoImageAI", True),
        ("*: noai", True),
        ("dontspy-data: noimageai", True),
        ("otherbot: noai", False),
        ("noindex", False),
    ],
)
def test_a_portrait_not_for_ai_is_marked(tmp_path: Path, tag: str, noai: bool) -> None:
    stream = io.BytesIO()
    headers = (("Content-Type", "image/jpeg"), ("X-Robots-Tag", tag))
    page = Page(portraits.url(9000001), 200, headers, b"\xff\xd8\xff", DAY)
    CaptureWriter(stream, software="test", started_at=DAY).write(page)
    capture = tmp_path / "a.warc.gz"
    capture.write_bytes(stream.getvalue())
    (seen,) = versions(tmp_path, capture.read_bytes())
    assert (seen.noai, seen.sha256, seen.is_current) == (noai, page.sha256, True)


JPEG = b"\xff\xd8\xff"
URL = portraits.url(9000001)
ETAG = (("ETag", '"1"'),)
MARKED = (*ETAG, ("X-Robots-Tag", "noai"))


def answer(days: int, status: int = 200, body: bytes = JPEG, headers: Headers = ETAG) -> Page:
    return Page(URL, status, headers, body, DAY + timedelta(days=days))


def days_of(version: PortraitVersion) -> list[tuple[int, int]]:
    return [((p.first_seen - DAY).days, (p.last_seen - DAY).days) for p in version.periods]


def read(tmp_path: Path, *records: bytes) -> tuple[PortraitReader, list[Page]]:
    capture = tmp_path / "b.warc.gz"
    capture.write_bytes(b"".join(records))
    reader = PortraitReader(Captures.open([capture]), URL)
    return reader, list(reader.read())


def versions(tmp_path: Path, *records: bytes) -> tuple[PortraitVersion, ...]:
    return read(tmp_path, *records)[0].versions


def test_an_answer_left_out_for_its_mark_supersedes_the_picture(tmp_path: Path) -> None:
    older, current = versions(
        tmp_path,
        response_record(answer(0)),
        remark_record(answer(1, headers=MARKED), "X-Robots-Tag: noai"),
        remark_record(answer(2, 304, headers=MARKED), "X-Robots-Tag: noai"),
    )
    assert (older.is_current, older.noai, older.periods[-1].last_seen) == (False, False, DAY)
    assert (current.is_current, current.noai, current.sha256) == (True, True, None)
    assert days_of(current) == [(1, 2)]
    (row,) = portrait_rows([current], {}, set()).portraits
    assert (row.portrait_id, row.status, row.noai, row.http_status) == (
        "9000001-unknown",
        "unknown",
        True,
        304,
    )
    assert row.problem == ("was left out of the capture, since its answer has the header X-Robots-Tag: noai")


def test_a_marked_picture_that_was_collected_all_the_same_stays_current(tmp_path: Path) -> None:
    (seen,) = versions(tmp_path, response_record(answer(0)), revisit_record(answer(1, 304, b"", MARKED), DAY))
    assert (seen.is_current, seen.noai, seen.sha256) == (True, True, answer(0).sha256)
    assert days_of(seen) == [(0, 1)]


def test_every_picture_has_its_first_and_last_time(tmp_path: Path) -> None:
    other = JPEG + b"other"
    seen = versions(
        tmp_path,
        response_record(answer(0)),
        revisit_record(answer(1, 304, b""), DAY),
        response_record(answer(2, 404, b"none")),
        response_record(answer(3, body=other)),
        response_record(answer(4)),
        revisit_record(answer(5, 304, b""), DAY + timedelta(days=4)),
    )
    first, second = answer(0).sha256, answer(3, body=other).sha256
    assert {one.key: days_of(one) for one in seen} == {
        "absent": [(2, 2)],
        second: [(3, 3)],
        first: [(0, 1), (4, 5)],
    }
    assert [one.is_current for one in seen] == [False, False, True]


def test_a_page_is_given_when_the_answer_changes_and_the_latest_of_each_stands(tmp_path: Path) -> None:
    other = JPEG + b"other"
    reader, given = read(
        tmp_path,
        response_record(answer(0)),
        revisit_record(answer(1, 304, b""), DAY),
        response_record(answer(2)),
        response_record(answer(3, body=other)),
        response_record(answer(4)),
    )
    assert [(page.retrieved_at - DAY).days for page in given] == [0, 3, 4]
    assert {key: (page.retrieved_at - DAY).days for key, page in reader.pages.items()} == {
        answer(0).sha256: 4,
        answer(3, body=other).sha256: 3,
    }
    for one in reader.versions:
        assert one.periods[-1].first_seen == reader.pages[one.key].retrieved_at


def test_what_is_neither_a_picture_nor_absent_is_one_version(tmp_path: Path) -> None:
    (one,) = versions(
        tmp_path,
        response_record(answer(0, 403, b"no")),
        remark_record(answer(1, headers=MARKED), "X-Robots-Tag: noai"),
        response_record(answer(2, 503, b"later")),
    )
    assert (one.key, one.http_status, days_of(one)) == ("unknown", 503, [(0, 2)])


@given(st.lists(st.sampled_from([200, 201, 404, 503]), min_size=1, max_size=12))
def test_periods_tell_what_stood_on_each_day(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[int]
) -> None:
    pages = [
        answer(day, 200 if kind < 300 else kind, b"%d" % kind if kind < 300 else b"")
        for day, kind in enumerate(kinds)
    ]
    found = versions(tmp_path_factory.mktemp("days"), *map(response_record, pages))
    for day, page in enumerate(pages):
        key = page.sha256 if page.status == 200 else {404: "absent"}.get(page.status, "unknown")
        standing = [v.key for v in found for first, last in days_of(v) if first <= day <= last]
        assert standing == [key]
    assert len([one for one in found if one.is_current]) == 1


ADDRESS = portraits.url(9000001)


def picture(kind):
    stream = BytesIO()
    Image.new("RGB", (4, 5), "navy").save(stream, kind)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP"])
def test_a_picture_is_known_by_its_bytes(page, kind):
    body = picture(kind)
    (statement,) = portraits.read(page(ADDRESS, body)).statements
    assert (statement.mep_id, statement.property) == (9000001, Property.PORTRAIT)
    assert statement.value == hashlib.sha256(body).hexdigest()


def test_a_picture_without_a_byte_is_described_as_that(page):
    (statement,) = portraits.read(page(ADDRESS, b"")).statements
    assert statement.value == hashlib.sha256(b"").hexdigest()


@pytest.mark.parametrize("status", [404, 410])
def test_no_picture_is_absent_and_not_unknown(page, status):
    (statement,) = portraits.read(page(ADDRESS, "<html>", status=status)).statements
    assert statement.value == "absent"


@pytest.mark.parametrize("body", ["<html>Not a picture</html>", "RIFF1234WAVE", "{}", "%PDF-1.7"])
def test_a_page_served_as_a_picture_is_no_error(page, body):
    (statement,) = portraits.read(page(ADDRESS, body, headers=(("Content-Type", "image/jpeg"),))).statements
    assert statement.value == hashlib.sha256(body.encode()).hexdigest()
