"""The Parliament's real portraits, as a real web archive would have received them over the years."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from dontspy_data.capture.captures import Captures
from dontspy_data.capture.records import Page
from dontspy_data.collect.archives import ArchiveOptions, collect_archive
from dontspy_data.collect.outcome import Outcome
from dontspy_data.collect.replay import open_archive

from ..pywb import serving, write_pages

YEAR = timedelta(days=365)
CHALLENGE = (("Content-Type", "text/html"),)


def reencoded(page: Page) -> bytes:
    buffer = BytesIO()
    Image.open(BytesIO(page.body)).convert("RGB").save(buffer, "JPEG", quality=70)
    return buffer.getvalue()


def over_the_years(portraits: list[Page]) -> Iterator[tuple[Page, bool]]:
    """Yield the portraits and earlier and later answers for twenty of them, each with whether it is to be kept."""
    one, two, three, four, five, *others = portraits[:20]
    yield from ((page, True) for page in portraits)
    yield replace(one, body=reencoded(one), retrieved_at=one.retrieved_at + YEAR), True
    yield replace(two, body=portraits[20].body, retrieved_at=two.retrieved_at - YEAR), True
    yield replace(two, body=portraits[21].body, retrieved_at=two.retrieved_at + YEAR), True
    yield replace(three, body=portraits[22].body, retrieved_at=three.retrieved_at + YEAR), True
    yield replace(three, retrieved_at=three.retrieved_at + 2 * YEAR), True
    challenge = replace(four, status=202, headers=CHALLENGE, body=b"<html><title>Checking</title></html>")
    yield replace(challenge, retrieved_at=four.retrieved_at + YEAR), False
    absent = replace(five, status=404, headers=CHALLENGE, body=b"<html>Not found</html>")
    yield replace(absent, retrieved_at=five.retrieved_at - YEAR), False
    for page in others:
        yield replace(page, retrieved_at=page.retrieved_at + YEAR), False  # neither the first nor the last
        yield replace(page, retrieved_at=page.retrieved_at + 2 * YEAR), True


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], str]]:
    with serving(tmp_path_factory) as serve:
        yield serve


def held(capture: Path) -> set[tuple[str, str, str]]:
    captures = Captures.open([capture])
    return {
        (page.url, page.retrieved_at.isoformat(), page.sha256)
        for url in captures.urls()
        for page in captures.pages(url)
    }


def test_every_version_with_its_days(shared: Path, serve: Callable[[Path], str], tmp_path: Path) -> None:
    recorded = Captures.open([shared / "ep" / "captures.warc.gz"])
    pages = [page for url in recorded.urls() if "/mepphoto/" in url for page in recorded.pages(url)]
    portraits = [page for page in pages if page.status == 200][:60]
    answers = list(over_the_years(portraits))
    address = serve(write_pages(tmp_path / "archived.warc.gz", (page for page, _ in answers)))
    first = ArchiveOptions(tmp_path / "found.warc.gz", open_archive(address), rate=0.0)
    assert collect_archive(first).outcome is Outcome.CHANGED
    assert held(first.output) == {
        (page.url, page.retrieved_at.replace(microsecond=0).isoformat(), sha256(page.body).hexdigest())
        for page, is_kept in answers
        if is_kept
    }
    again = replace(first, output=tmp_path / "again.warc.gz", since=(first.output,))
    outcome = collect_archive(again)
    assert (outcome.outcome, outcome.stored, outcome.confirmed) == (Outcome.UNCHANGED, 0, 0)
