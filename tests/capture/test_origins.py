"""Where an answer came from is kept with it: the server, a web archive, or somebody's folder."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from dontspy_data.capture.captures import Captures
from dontspy_data.capture.records import Origin, Page, info_record, resource_record, response_record

URL = "https://www.europarl.europa.eu/mepphoto/9000001.jpg"
AT = datetime(2015, 6, 1, 12, tzinfo=UTC)


def page(origin: Origin, via: str) -> Page:
    return Page(URL, 200, (("Content-Type", "image/jpeg"),), b"\xff\xd8\xff", AT, origin=origin, via=via)


def read(tmp_path: Path, record: bytes) -> Page:
    path = tmp_path / "one.warc.gz"
    path.write_bytes(info_record("test", AT, {}) + record)
    found = Captures.open([path]).latest(URL)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("origin", "via"),
    [
        (Origin.SERVER, ""),
        (Origin.WEB_ARCHIVE, f"https://archive.example/coll/20150601120000id_/{URL}"),
        (Origin.IMPORTED, "import.csv"),
    ],
)
def test_an_answer_keeps_its_origin(tmp_path: Path, origin: Origin, via: str) -> None:
    found = read(tmp_path, response_record(page(origin, via)))
    assert (found.origin, found.via, found.retrieved_at) == (origin, via, AT)


def test_a_resource_is_a_whole_answer_without_headers_but_its_type(tmp_path: Path) -> None:
    found = read(tmp_path, resource_record(page(Origin.IMPORTED, "import.csv")))
    assert (found.status, found.body, found.headers) == (
        200,
        b"\xff\xd8\xff",
        (("Content-Type", "image/jpeg"),),
    )
    assert found.origin is Origin.IMPORTED


def test_a_resource_that_is_not_of_the_web_is_no_answer(tmp_path: Path) -> None:
    path = tmp_path / "one.warc.gz"
    path.write_bytes(resource_record(Page("urn:screenshot:1", 200, (), b"x", AT)))
    assert not list(Captures.open([path]).urls())


def test_an_origin_that_nobody_knows_is_the_server(tmp_path: Path) -> None:
    from dataclasses import replace

    odd = replace(page(Origin.WEB_ARCHIVE, "x"), origin="somewhere")  # type: ignore[arg-type]
    assert read(tmp_path, response_record(odd)).origin is Origin.SERVER
