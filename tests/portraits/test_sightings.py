"""What captures saw of portraits: the same reading of `X-Robots-Tag` as the collector has."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dontspy_data.capture.captures import Captures, CaptureWriter, Page
from dontspy_data.capture.records import remark_record, response_record, revisit_record
from dontspy_data.portraits.rows import portrait_rows
from dontspy_data.portraits.sightings import Sighting, find_sightings
from dontspy_data.sources import portraits

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
    (seen,) = find_sightings(Captures.open([capture]), [9000001]).seen
    assert (seen.noai, seen.sha256, seen.is_current) == (noai, page.sha256, True)


JPEG = b"\xff\xd8\xff"
URL = portraits.url(9000001)
ETAG = (("ETag", '"1"'),)
MARKED = (*ETAG, ("X-Robots-Tag", "noai"))


def answer(days: int, status: int = 200, body: bytes = JPEG, headers: Headers = ETAG) -> Page:
    return Page(URL, status, headers, body, DAY + timedelta(days=days))


def sightings(tmp_path: Path, *records: bytes) -> tuple[Sighting, ...]:
    capture = tmp_path / "a.warc.gz"
    capture.write_bytes(b"".join(records))
    return find_sightings(Captures.open([capture]), [9000001]).seen


def test_an_answer_left_out_for_its_mark_supersedes_the_picture(tmp_path: Path) -> None:
    older, current = sightings(
        tmp_path,
        response_record(answer(0)),
        remark_record(answer(1, headers=MARKED), "X-Robots-Tag: noai"),
        remark_record(answer(2, 304, headers=MARKED), "X-Robots-Tag: noai"),
    )
    assert (older.is_current, older.noai, older.last_seen) == (False, False, DAY)
    assert (current.is_current, current.noai, current.sha256) == (True, True, None)
    assert (current.first_seen, current.last_seen) == (DAY + timedelta(days=1), DAY + timedelta(days=2))
    (row,) = portrait_rows([current], {}, set()).portraits
    assert (row.portrait_id, row.status, row.noai, row.http_status) == (
        "9000001-unknown",
        "unknown",
        True,
        304,
    )
    assert row.problem == ("was left out of the capture, since its answer has the header X-Robots-Tag: noai")


def test_a_marked_picture_that_was_collected_all_the_same_stays_current(tmp_path: Path) -> None:
    (seen,) = sightings(
        tmp_path, response_record(answer(0)), revisit_record(answer(1, 304, b"", MARKED), DAY)
    )
    assert (seen.is_current, seen.noai, seen.sha256) == (True, True, answer(0).sha256)
    assert (seen.first_seen, seen.last_seen) == (DAY, DAY + timedelta(days=1))


def test_every_picture_has_its_first_and_last_time(tmp_path: Path) -> None:
    other = JPEG + b"other"
    seen = sightings(
        tmp_path,
        response_record(answer(0)),
        revisit_record(answer(1, 304, b""), DAY),
        response_record(answer(2, 404, b"none")),
        response_record(answer(3, body=other)),
        response_record(answer(4)),
        revisit_record(answer(5, 304, b""), DAY + timedelta(days=4)),
    )
    days = {one.sha256: ((one.first_seen - DAY).days, (one.last_seen - DAY).days) for one in seen}
    assert days == {None: (2, 2), answer(3, body=other).sha256: (3, 3), answer(0).sha256: (0, 5)}
    assert [one.is_current for one in seen] == [False, False, True]
