"""The report of a refresh: one for each kind of night, as `docs/nights.md` shows them."""

import json
from pathlib import Path

import pytest

from dontspy_data.errors import UsageError
from dontspy_data.pipeline.report import RunRecord, check_report_path, write_report
from scripts.nights import NIGHTS, OUTPUT, Night, page, reports


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[Night, int, str]]:
    return list(reports(tmp_path_factory.mktemp("nights")))


def test_run_scripts_nights_where_this_fails(nights: list[tuple[Night, int, str]]) -> None:
    assert OUTPUT.read_text("utf-8") == page(nights)


def test_each_night_ends_as_it_must_and_says_so_in_the_first_line(
    nights: list[tuple[Night, int, str]],
) -> None:
    assert len(nights) == len(NIGHTS)
    for night, status, report in nights:
        assert status == night.status, night.title
        assert night.told in report.splitlines()[0], night.title
        assert len(report.splitlines()[0]) < 150


def test_a_problem_is_told_on_the_first_night_only(nights: list[tuple[Night, int, str]]) -> None:
    told = ["'represents' is not a field" in report for _, _, report in nights]
    assert told == [True] + [False] * (len(nights) - 1)


def test_a_report_for_programs_has_the_same_subject(tmp_path: Path) -> None:
    record = RunRecord(failed_step="build")
    write_report(record, tmp_path / "a.md")
    write_report(record, tmp_path / "a.json")
    found = json.loads((tmp_path / "a.json").read_text("utf-8"))
    assert found["subject"] == (tmp_path / "a.md").read_text("utf-8").splitlines()[0]
    assert found["outcome"] == "failed"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "a.md"]


@pytest.mark.parametrize("name", ["report", "report.txt", "nowhere/report.md"])
def test_a_report_that_could_not_be_written_is_refused_before_anything_is_asked(
    name: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError):
        check_report_path(tmp_path / name)
