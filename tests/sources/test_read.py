"""All pages together: what one of them cannot give takes nothing from the others."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dontspy_data.capture.captures import Captures, Page
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import Basis, Property
from dontspy_data.sources import ep_api, ep_lists
from dontspy_data.sources.read import Readings
from scripts.sample.captures import CaptureWriter, read_all

NOON = datetime(2026, 1, 15, 12, tzinfo=UTC)
LIST = b"<meps><mep><id>9000001</id><fullName>Ada EXAMPLE</fullName></mep></meps>"


def read(folder: Path, *answers: tuple[str, int, bytes]) -> Readings:
    """Read a capture of answers, a minute apart."""
    path = folder / "capture.warc.gz"
    with path.open("wb") as stream:
        writer = CaptureWriter(stream, software="test", started_at=NOON)
        for minute, (url, status, body) in enumerate(answers):
            writer.write(Page(url, status, (), body, NOON + timedelta(minutes=minute)))
    return read_all(Captures.open([path]))


def test_a_page_that_cannot_be_read_is_a_problem_and_the_others_are_read(tmp_path: Path) -> None:
    readings = read(
        tmp_path, (ep_lists.directory_url(9), 200, LIST), (ep_lists.directory_url(8), 200, b"<html>Sorry")
    )
    assert {s.value for s in readings.statements if s.property is Property.NAME} == {"Ada EXAMPLE"}
    (problem,) = readings.problems
    assert (problem.kind, problem.url) == (ProblemKind.PAGE, ep_lists.directory_url(8))
    assert {page.url for page in readings.pages} == {ep_lists.directory_url(9), ep_lists.directory_url(8)}


@pytest.mark.parametrize(("status", "body"), [(202, b""), (503, b"no"), (200, LIST[:-9]), (200, b"<html>")])
def test_a_page_that_cannot_be_read_leaves_the_answer_before_it(
    tmp_path: Path, status: int, body: bytes
) -> None:
    readings = read(
        tmp_path, (ep_lists.directory_url(9), 200, LIST), (ep_lists.directory_url(9), status, body)
    )
    assert {s.retrieved_at for s in readings.statements} == {NOON}
    assert [p.retrieved_at for p in readings.problems] == [NOON + timedelta(minutes=1)]
    assert len(readings.pages) == 2


def test_a_page_that_is_gone_takes_the_place_of_the_answer_before_it(tmp_path: Path) -> None:
    readings = read(tmp_path, (ep_lists.directory_url(9), 200, LIST), (ep_lists.directory_url(9), 404, b""))
    assert not list(readings.statements)
    assert not readings.problems


def test_a_membership_of_a_body_without_a_name_stays_and_the_body_is_one_problem(tmp_path: Path) -> None:
    person = (
        b'{"data": [{"identifier": "9000001", "label": "Ada EXAMPLE", "hasMembership": ['
        b'{"organization": "org/7", "membershipClassification": "def/ep-entities/COMMITTEE",'
        b' "memberDuring": {"startDate": "2024-07-16"}}]}]}'
    )
    readings = read(tmp_path, (ep_api.mep_url(9000001), 200, person))
    (held,) = (s for s in readings.statements if s.property is Property.COMMITTEE)
    assert (held.value, held.basis, held.start_date) == ("org/7", Basis.UNKNOWN, "2024-07-16")
    assert [(p.kind, p.found) for p in readings.problems] == [(ProblemKind.BODY, "org/7")]
