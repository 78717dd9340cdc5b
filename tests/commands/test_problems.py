"""`problems` and `build`: what could not be read, what would mend it, and when there is too much of it."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dontspy_data.capture.captures import Page
from dontspy_data.check.check import check
from dontspy_data.cli import main
from dontspy_data.sources import ep_lists
from scripts.sample.captures import CaptureWriter

Build = Callable[..., Result]
DOWN = b"<html>We are down"
DAY = datetime(2026, 2, 1, tzinfo=UTC)
MOON = b"""<meps><mep><id>9000001</id><fullName>Ada EXAMPLE</fullName><country>Malta</country>
<politicalGroup>Group of the Moon</politicalGroup></mep></meps>"""


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def build(small_sample: Path, tmp_path: Path, in_process: None) -> Build:
    """Build the small sample and more pages."""

    def built(pages: dict[str, bytes], *words: object) -> Result:
        path = write(tmp_path / "more.warc.gz", pages)
        return run("build", small_sample, path, "-o", tmp_path / "package", "--no-faces", *words)

    return built


def write(path: Path, pages: dict[str, bytes]) -> Path:
    with path.open("wb") as stream:
        writer = CaptureWriter(stream, software="test", started_at=DAY)
        for url, body in pages.items():
            writer.write(Page(url, 200, (), body, DAY))
    return path


@pytest.fixture
def with_moon(build: Build, tmp_path: Path) -> Path:
    assert build({ep_lists.full_list_url("en"): MOON}).exit_code == 0
    return tmp_path / "package"


def test_an_unknown_group_is_told_with_the_row_that_mends_it(
    build: Build, with_moon: Path, tmp_path: Path
) -> None:
    told = json.loads(run("problems", with_moon, "--json").stdout)
    (group,) = (one for one in told["problems"] if one["found"] == "Group of the Moon")
    file, row = group["hint"].rpartition("lookups/")[2].split(": ")
    assert "Group of the Moon" in run("problems", with_moon).stdout
    assert not [one for one in check(with_moon) if "problems" in one.path]
    own = tmp_path / "lookups"
    own.mkdir()
    (own / file).write_text("label,language,code\n" + row.replace("CODE", "NI") + "\n", encoding="utf-8")
    assert build({ep_lists.full_list_url("en"): MOON}, "--lookups", own).exit_code == 0
    again = json.loads(run("problems", with_moon, "--json").stdout)
    assert "Group of the Moon" not in {one["found"] for one in again["problems"]}
    about = json.loads((with_moon / "datapackage.json").read_text("utf-8"))
    assert about["lookups"]["hash"].startswith("sha256:")


def test_one_page_of_many_is_within_budget(build: Build) -> None:
    done = build({ep_lists.directory_url(7): DOWN}, "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["outcome"]) == (0, "done")
    assert next((one["kind"], one["url"]) for one in told["problems"]) == ("page", ep_lists.directory_url(7))


def test_over_budget_the_package_is_written_and_is_not_released_without_a_reason(
    build: Build, tmp_path: Path
) -> None:
    done = build({ep_lists.directory_url(7): DOWN, ep_lists.directory_url(8): DOWN}, "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["outcome"]) == (1, "over_budget")
    assert any("ep_directory: 2 of 3 pages" in clause for clause in told["over_budget"])
    refused = run("release", tmp_path / "package", "-o", tmp_path / "release")
    assert refused.exit_code == 1
    assert "ep_directory: 2 of 3 pages" in refused.stderr
    accepted = run("release", tmp_path / "package", "-o", tmp_path / "release", "--accept", "a test")
    assert accepted.exit_code == 0
