from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dontspy_data.capture.captures import Page
from dontspy_data.collect.page import PreviousCrawl
from dontspy_data.errors import UsageError
from scripts.sample.captures import CaptureWriter

WHEN = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC)
LATER = WHEN + timedelta(days=7)
PAGE = Page(
    "https://host/1",
    200,
    (("ETag", '"a"'), ("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")),
    b"body",
    WHEN,
)
SHA = PAGE.sha256


def write(path: Path, *pages: tuple[Page, datetime | None]) -> Path:
    with path.open("wb") as stream:
        writer = CaptureWriter(stream, software="test", started_at=WHEN)
        for page, refers_to in pages:
            if refers_to is None:
                writer.write(page)
            else:
                writer.write_revisit(page, refers_to)
    return path


def test_a_capture_knows_validators_and_bodies(tmp_path: Path) -> None:
    earlier = PreviousCrawl.open([write(tmp_path / "a.warc.gz", (PAGE, None))])
    known = earlier.validators(PAGE.url)
    assert known is not None
    assert known.conditions() == {
        "If-None-Match": '"a"',
        "If-Modified-Since": "Thu, 01 Jan 2026 00:00:00 GMT",
    }
    assert (known.retrieved_at, known.sha256, known.has_body) == (WHEN, SHA, True)
    assert earlier.validators("https://host/2") is None


def test_a_capture_of_revisits_knows_what_they_confirm(tmp_path: Path) -> None:
    confirmed = replace(PAGE, status=304, headers=(("ETag", '"a"'),), body=b"", retrieved_at=LATER)
    first = write(tmp_path / "a.warc.gz", (PAGE, None))
    second = write(tmp_path / "b.warc.gz", (confirmed, WHEN))
    both, alone = (
        PreviousCrawl.open([first, second]).validators(PAGE.url),
        PreviousCrawl.open([second]).validators(PAGE.url),
    )
    assert both is not None
    assert alone is not None
    assert (both.etag, both.retrieved_at, both.sha256, both.has_body) == ('"a"', LATER, SHA, True)
    assert (alone.etag, alone.retrieved_at, alone.sha256, alone.has_body) == ('"a"', LATER, "", False)


def test_a_package_knows_its_latest_pages_to_the_second(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "pages.csv").write_text(
        "url,source,retrieved_at,sha256,etag,last_modified\n"
        f'https://host/1,portraits,2026-01-09T03:04:05Z,{SHA},"""b""",\n'
        f'https://host/1,portraits,2026-01-02T03:04:05Z,{SHA},"""a""","Thu, 01 Jan 2026 00:00:00 GMT"\n',
        encoding="utf-8",
    )
    known = PreviousCrawl.open([tmp_path]).validators("https://host/1")
    assert known is not None
    assert known.conditions() == {"If-None-Match": '"b"'}
    assert known.retrieved_at == LATER.replace(microsecond=0)
    assert not known.has_body


def test_a_folder_that_is_no_package_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not a package"):
        PreviousCrawl.open([tmp_path])


def test_a_package_knows_what_was_left_out(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "pages.csv").write_text(
        "url,retrieved_at,sha256,etag,last_modified\n", encoding="utf-8"
    )
    (tmp_path / "data" / "portraits.csv").write_text(
        "source_url,status,is_current,noai\n"
        "https://host/1,unknown,true,true\n"
        "https://host/2,present,true,true\n"
        "https://host/3,unknown,true,\n",
        encoding="utf-8",
    )
    earlier = PreviousCrawl.open([tmp_path])
    assert [number for number in (1, 2, 3, 4) if earlier.left_out(f"https://host/{number}")] == [1]
