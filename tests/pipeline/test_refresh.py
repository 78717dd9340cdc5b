"""Refreshing: captures to a published release, and what stays as it was when a step fails."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dontspy_data import sample
from dontspy_data.cli import main
from dontspy_data.pipeline.refresh import Refresh, captures_in, refresh
from dontspy_data.publish.publish import verify
from dontspy_data.targets.open import open_target


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def words(folder: Path) -> tuple[str, ...]:
    return (
        "refresh",
        "--sample",
        "--output",
        str(folder / "package"),
        "--target",
        str(folder / "target"),
    )


@pytest.fixture
def small(in_process: None, small_sample: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bundled parliament is a smaller one."""
    monkeypatch.setattr(sample, "path", lambda: small_sample)


@pytest.fixture
def first(small: None, tmp_path: Path) -> tuple[str, ...]:
    """The command, where nothing has been published yet."""
    return words(tmp_path)


def publish(folder: Path) -> None:
    done = run(*words(folder))
    assert done.exit_code == 0, done.output
    assert "Published 1.0.0" in done.stdout


@pytest.fixture
def refreshed(small: None, made_once: Any, tmp_path: Path) -> tuple[str, ...]:
    """The command, where it has published once."""
    shutil.copytree(made_once("refreshed", publish), tmp_path, dirs_exist_ok=True)
    return words(tmp_path)


def test_a_refresh_publishes_and_then_finds_nothing_new(refreshed: tuple[str, ...], tmp_path: Path) -> None:
    assert verify(str(tmp_path / "target")).problems == ()
    again = run(*refreshed, "--json")
    assert (again.exit_code, json.loads(again.stdout)["outcome"]) == (0, "unchanged")


def test_without_a_target_it_is_unchanged_where_the_sources_were(tmp_path: Path) -> None:
    shutil.copytree(sample.package_path(), tmp_path / "package")
    done = refresh([sample.path()], Refresh(tmp_path / "package", sources_unchanged=True))
    assert done.as_json()["outcome"] == "unchanged"


def test_a_dry_run_publishes_nothing(first: tuple[str, ...], tmp_path: Path) -> None:
    done = run(*first, "--dry-run")
    assert done.exit_code == 0, done.output
    assert "This would be 1.0.0" in done.stdout
    assert not (tmp_path / "target").exists()


def test_a_purge_that_was_forgotten_or_failed_is_made_up_for(
    refreshed: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "w.csv").write_text("mep_id,scope,withdrawn_on,reason\n9000001,portrait,2026-02-01,request\n")
    withdrawn = (*refreshed, "--withdrawals", tmp_path / "w.csv")
    run(*withdrawn)
    portrait = tmp_path / "target/1.0.0/portraits/9000001.jpg"
    assert portrait.is_file()
    done = run(*withdrawn, "--purge-withdrawn", "--json")
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert (told["outcome"], told["published"], told["purged"]) == ("changed", None, ["1.0.0"])
    assert not portrait.exists()
    assert verify(str(tmp_path / "target"), "1.0.0").problems == ()


def test_a_claim_that_was_left_is_taken_over(first: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "target").mkdir()
    (tmp_path / "target/publishing.json").write_text('{"publishing": "1.0.0"}')
    stuck = run(*first)
    assert stuck.exit_code == 1
    assert "--break-lock" in stuck.stderr
    assert run(*first, "--break-lock").exit_code == 0


def test_what_is_worse_is_not_published(refreshed: tuple[str, ...], tmp_path: Path) -> None:
    before = (tmp_path / "target/releases.json").read_bytes()
    rows = "".join(f"{9000001 + n},portrait,2026-02-01,request\n" for n in range(3))
    (tmp_path / "w.csv").write_text(f"mep_id,scope,withdrawn_on,reason\n{rows}")
    assert run(*refreshed, "--withdrawals", tmp_path / "w.csv").exit_code == 0  # withdrawn is not lost
    after = (tmp_path / "target/releases.json").read_bytes()
    assert after != before
    back = run(*refreshed, "--json")
    assert back.exit_code == 1
    assert "withdrew MEP 9000001" in json.loads(back.stdout)["error"]
    assert (tmp_path / "target/releases.json").read_bytes() == after
    assert [one.version for one in open_target(str(tmp_path / "target")).ledger().releases] == [
        "1.0.0",
        "1.0.1",
    ]


def test_a_package_that_is_not_valid_does_not_take_the_place_of_the_one_before(
    refreshed: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (tmp_path / "package/checksums.sha256").read_bytes()
    monkeypatch.setattr("dontspy_data.check.check.check", lambda _: iter([_Problem()]))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))  # where nobody remembers that it was valid
    failed = run(*refreshed)
    assert failed.exit_code == 1
    assert "the new package is not valid: data/meps.csv is odd" in failed.stderr
    assert (tmp_path / "package/checksums.sha256").read_bytes() == before
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


class _Problem:
    path = "data/meps.csv"
    message = "is odd"


def test_a_capture_that_was_broken_off_goes_on(tmp_path: Path) -> None:
    assert captures_in(tmp_path, "2026-01-01") == (tmp_path / "2026-01-01.warc.gz", ())
    shutil.copyfile(sample.path(), tmp_path / "2026-01-01.warc.gz")
    first = tmp_path / "2026-01-01.warc.gz"
    assert captures_in(tmp_path, "2026-01-01") == (tmp_path / "2026-01-01-2.warc.gz", (first,))
    (tmp_path / "2026-01-03.warc.gz.part").touch()
    assert captures_in(tmp_path, "2026-01-04") == (tmp_path / "2026-01-03.warc.gz", (first,))
