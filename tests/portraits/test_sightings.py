"""What captures saw of portraits: the same reading of `X-Robots-Tag` as the collector has."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dontspy_data.capture import Captures, CaptureWriter, Page
from dontspy_data.portraits.sightings import find_sightings
from dontspy_data.sources import portraits

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
