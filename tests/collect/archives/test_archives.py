"""Collecting from a real web archive."""

import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dontspy_data.capture.captures import Captures
from dontspy_data.capture.records import Origin
from dontspy_data.collect.archives import ArchiveOptions, collect_archive, estimate_archive
from dontspy_data.collect.outcome import Outcome
from dontspy_data.collect.replay import open_archive
from dontspy_data.errors import UsageError

from ...pywb import write_pages
from .conftest import Archived, picture

PORTRAIT = "https://www.europarl.europa.eu/mepphoto/{}.jpg"


@pytest.fixture(autouse=True)
def short_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dontspy_data.collect.fetch.FIRST_BACKOFF", 0.01)


def options(tmp_path: Path, address: str, **given: Any) -> ArchiveOptions:
    return ArchiveOptions(tmp_path / "found.warc.gz", open_archive(address), **{"rate": 0.0, **given})


def held(*paths: Path) -> dict[tuple[str, Any], str]:
    captures = Captures.open(paths)
    pages = (page for url in captures.urls() for page in captures.pages(url))
    return {(page.url, page.retrieved_at): page.sha256 for page in pages}


def test_every_version_with_its_days_and_nothing_else(tmp_path: Path, archive: str, archived: Any) -> None:
    outcome = collect_archive(options(tmp_path, archive))
    assert (outcome.outcome, outcome.exit) == (Outcome.CHANGED, 0)
    assert held(tmp_path / "found.warc.gz") == archived.kept
    assert outcome.stored + outcome.confirmed == len(archived.kept)
    assert not outcome.unusable  # the index says that the challenge is a web page
    captures = Captures.open([tmp_path / "found.warc.gz"])
    page = next(captures.pages(PORTRAIT.format(9_000_006)))
    assert (page.origin, page.header("Content-Type")) == (Origin.WEB_ARCHIVE, "image/jpeg")
    assert page.via == f"{archive}/20140701120000id_/{page.url}"


def test_a_second_run_transfers_nothing(tmp_path: Path, archive: str) -> None:
    first = options(tmp_path, archive)
    collect_archive(first)
    again = replace(first, output=tmp_path / "again.warc.gz", since=(first.output,))
    outcome = collect_archive(again)
    assert (outcome.outcome, outcome.stored, outcome.confirmed) == (Outcome.UNCHANGED, 0, 0)
    assert estimate_archive(replace(again, output=tmp_path / "other.warc.gz")).fetched == 0


def test_an_estimate_asks_the_index_alone(tmp_path: Path, proxy: Any, archived: Any) -> None:
    estimate = estimate_archive(options(tmp_path, proxy.address, rate=50.0))
    bodies = set(archived.kept.values())
    assert estimate.fetched == len(bodies) + 1  # the picture that came back
    assert estimate.seconds == pytest.approx(estimate.fetched / 50)
    assert len(proxy.moments) <= 5


def test_one_person_alone(tmp_path: Path, archive: str) -> None:
    outcome = collect_archive(options(tmp_path, archive, mep_ids=(9_000_002,)))
    assert (outcome.stored, outcome.listed) == (3, 3)


def test_who_is_withdrawn_is_not_fetched(tmp_path: Path, archive: str) -> None:
    collect_archive(options(tmp_path, archive, withdrawn=frozenset({9_000_002})))
    assert PORTRAIT.format(9_000_002) not in set(Captures.open([tmp_path / "found.warc.gz"]).urls())


def test_faults_change_nothing_and_the_rate_holds(tmp_path: Path, proxy: Any, archived: Any) -> None:
    proxy.share, rate = 0.3, 100.0
    outcome = collect_archive(options(tmp_path, proxy.address, rate=rate))
    assert outcome.outcome is Outcome.CHANGED
    assert proxy.faults > 5
    assert held(tmp_path / "found.warc.gz") == archived.kept
    for first in proxy.moments:
        assert (
            sum(first <= moment < first + 1 for moment in proxy.moments) <= rate + 3
        )  # of jitter on loopback


def test_a_run_that_is_killed_ten_times_ends_the_same(tmp_path: Path, archive: str, archived: Any) -> None:
    output = tmp_path / "found.warc.gz"
    words = ["collect", "--output", str(output), "--from", archive, "--archive-rate", "40"]
    for number in range(10):
        process = subprocess.Popen(
            [sys.executable, "-m", "dontspy_data", *words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(0.4 + 0.07 * number)
        process.kill()
        process.wait()
    if not output.exists():
        subprocess.run([sys.executable, "-m", "dontspy_data", *words], check=True, capture_output=True)
    assert held(output) == archived.kept


def test_an_archive_that_is_not_there_is_said(tmp_path: Path, closed_port: int) -> None:
    outcome = collect_archive(options(tmp_path, f"http://127.0.0.1:{closed_port}/coll"))
    assert (outcome.outcome, outcome.exit) == (Outcome.FAILED, 1)
    assert "connection refused" in outcome.message
    assert not (tmp_path / "found.warc.gz").exists()


@pytest.mark.parametrize(
    "given", [{"sources": ("ep_api",)}, {"rate": 0.0, "archive": open_archive("wayback")}]
)
def test_options_that_make_no_sense(tmp_path: Path, given: dict[str, Any]) -> None:
    made = replace(options(tmp_path, "http://127.0.0.1:1/coll"), **given)
    with pytest.raises(UsageError):
        collect_archive(made)


@pytest.fixture
def closed_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_terms_and_countries_mean_nothing_to_an_archive(run: Callable[..., Any], tmp_path: Path) -> None:
    done = run("collect", "--output", tmp_path / "x.warc.gz", "--from", "wayback", "--term", "9")
    assert done.returncode == 2
    assert "--term" in done.stderr


@pytest.fixture
def run() -> Callable[..., "subprocess.CompletedProcess[str]"]:
    return lambda *words: subprocess.run(
        [sys.executable, "-m", "dontspy_data", *map(str, words)], capture_output=True, text=True, check=False
    )


def test_an_unusable_capture_is_not_fetched_again(
    tmp_path: Path, serve_archive: Callable[[Path], str]
) -> None:
    found = Archived()
    found.add(9_000_001, 0, picture(1))
    found.add(9_000_002, 0, picture(7)[:-40])
    address = serve_archive(write_pages(tmp_path / "archived.warc.gz", found.pages))
    first = options(tmp_path, address)
    outcome = collect_archive(first)
    assert (outcome.stored, sum(outcome.unusable.values())) == (1, 1)
    assert list(Captures.open([first.output]).urls()) == [PORTRAIT.format(9_000_001)]
    again = replace(first, output=tmp_path / "again.warc.gz", since=(first.output,))
    assert estimate_archive(again).fetched == 0
    assert collect_archive(again).outcome is Outcome.UNCHANGED


def test_what_its_server_reserved_is_left_out_and_told(
    tmp_path: Path, serve_archive: Callable[[Path], str]
) -> None:
    found = Archived()
    found.add(9_000_001, 0, picture(1))
    marked = replace(found.pages[0], headers=(*found.pages[0].headers, ("X-Robots-Tag", "noai")))
    first = options(tmp_path, serve_archive(write_pages(tmp_path / "archived.warc.gz", [marked])))
    assert collect_archive(first).unusable == {"X-Robots-Tag: noai": 1}
    (remark,) = Captures.open([first.output]).remarks(PORTRAIT.format(9_000_001))
    assert remark.why == "X-Robots-Tag: noai"
