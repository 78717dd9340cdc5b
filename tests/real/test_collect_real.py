"""Whole runs against the Parliament on loopback: real portraits, a real roster, and faults on request."""

import json
import random
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from dontspy_data.capture.captures import Captures
from dontspy_data.collect import CollectOptions, Outcome, Rates, collect, fetch
from dontspy_data.sources import ep_api, ep_lists, portraits, wikidata

MEMBERS = 378
FULL_SPEED = Rates(0, 0)


@dataclass
class Replay:
    """The server and its log."""

    address: str

    def log(self) -> list[dict[str, object]]:
        with urllib.request.urlopen(f"{self.address}/__log") as answer:
            return [json.loads(line) for line in answer.read().splitlines()]

    def reset(self) -> None:
        urllib.request.urlopen(urllib.request.Request(f"{self.address}/__reset", method="POST")).close()


@pytest.fixture
def replay(shared: Path) -> Iterator[Callable[..., Replay]]:
    """Starts a server with some faults."""
    started: list[subprocess.Popen[str]] = []

    def start(*faults: str, roster: bool = True) -> Replay:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        folder = shared / "ep"
        argv = [sys.executable, str(folder / "server.py"), "--warc", str(folder / "captures.warc.gz")]
        argv += ["--roster", str(folder / "roster.json")] if roster else []
        process = subprocess.Popen([*argv, "--port", str(port), *faults], stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout
        assert process.stdout.readline().startswith("serving")
        return Replay(f"http://127.0.0.1:{port}")

    yield start
    for process in started:
        process.kill()
        process.communicate()


def real_portraits(shared: Path) -> dict[str, bytes]:
    captures = Captures.open([shared / "ep" / "captures.warc.gz"])
    pages = (captures.latest(url) for url in captures.urls() if portraits.SOURCE.matches(url))
    return {page.url: page.body for page in pages if page}


def got(path: Path) -> dict[str, bytes]:
    captures = Captures.open([path])
    pages = (captures.latest(url) for url in captures.urls() if portraits.SOURCE.matches(url))
    return {page.url: page.body for page in pages if page and page.status == 200}


def test_the_whole_roster_and_every_portrait_there_is(replay, shared, tmp_path) -> None:
    server = replay()
    options = CollectOptions(tmp_path / "c.warc.gz", via=server.address, rates=FULL_SPEED)
    outcome = collect(options, lambda _: None)
    assert outcome.outcome is Outcome.CHANGED
    counts = outcome.stats.endpoints
    assert counts[ep_api.DETAILS].stored == MEMBERS
    assert counts[portraits.PORTRAIT].stored + counts[portraits.PORTRAIT].absent == MEMBERS
    there = real_portraits(shared)
    mine = got(options.output)
    assert mine == {url: body for url, body in there.items() if url in mine}
    assert len(mine) == counts[portraits.PORTRAIT].stored > 100

    server.reset()
    again = CollectOptions(
        tmp_path / "d.warc.gz", via=server.address, rates=FULL_SPEED, since=(options.output,)
    )
    assert collect(again, lambda _: None).outcome is Outcome.UNCHANGED
    asked = [entry for entry in server.log() if "/mepphoto/" in str(entry["path"])]
    assert Counter(entry["status"] for entry in asked) == {304: len(mine), 404: MEMBERS - len(mine)}
    assert sum(int(str(entry["bytes"])) for entry in asked if entry["status"] != 404) == 0


def test_every_kind_of_fault_at_once(replay, shared, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(fetch, "FIRST_BACKOFF", 0.05)
    shares = ["--fail", "0.2", "--truncate", "0.05", "--cut", "0.05", "--html-photo", "0.03"]
    server = replay("--rate", "250/1", "--latency", "5", *shares)
    options = CollectOptions(tmp_path / "c.warc.gz", via=server.address, rates=Rates(60, 60))
    outcome = collect(options, lambda _: None)
    assert outcome.outcome is Outcome.CHANGED
    there, mine = real_portraits(shared), got(options.output)
    assert all(there[url] == body for url, body in mine.items())
    missing = outcome.stats.missing
    assert set(missing) <= {"truncated", "html_in_place_of_data"}
    assert outcome.stats.endpoints[portraits.PORTRAIT].missing == sum(missing.values())
    assert set(outcome.stats.faults) == {
        "truncated",
        "html_in_place_of_data",
        "server_error",
        "shorter_than_declared",
    }
    log = server.log()
    times = sorted(float(str(entry["at"])) for entry in log)
    busiest = max(sum(at <= other < at + 1 for other in times) for at in times)
    assert busiest <= 250
    kept = {urlsplit(url).path for url in mine}
    answered = Counter(entry["path"] for entry in log if entry["status"] == 200 and entry["path"] in kept)
    cut = outcome.stats.faults["shorter_than_declared"]
    assert sum(answered.values()) - len(answered) <= cut


def test_a_challenge_for_the_lists_is_a_refusal(replay, tmp_path) -> None:
    server = replay("--waf")
    options = CollectOptions(
        tmp_path / "c.warc.gz",
        via=server.address,
        rates=FULL_SPEED,
        sources=("ep_full_list", "ep_search", "portraits"),
    )
    outcome = collect(options, lambda _: None)
    assert outcome.outcome is Outcome.REFUSED
    assert outcome.exit == 3
    assert not options.output.exists()


def test_public_pages_stand_in_for_an_api_that_is_not_there(replay, tmp_path) -> None:
    server = replay(roster=False)
    options = CollectOptions(
        tmp_path / "c.warc.gz",
        via=server.address,
        rates=FULL_SPEED,
        countries=frozenset({"GR", "MT"}),
        fallback=True,
    )
    outcome = collect(options, lambda _: None)
    assert outcome.fallback
    assert outcome.stats.endpoints[ep_lists.SEARCH].stored == 2
    assert outcome.stats.endpoints[portraits.PORTRAIT].stored == 27


def test_wikidata_answers_the_query(replay, tmp_path) -> None:
    options = CollectOptions(
        tmp_path / "c.warc.gz", via=replay().address, rates=FULL_SPEED, sources=("wikidata",)
    )
    assert collect(options, lambda _: None).outcome is Outcome.CHANGED
    page = Captures.open([options.output]).latest(wikidata.url())
    assert page is not None
    assert len({statement.mep_id for statement in wikidata.read(page).statements}) > 100


def test_killed_ten_times_it_gives_the_same_capture(replay, tmp_path) -> None:
    server = replay()
    whole, killed = tmp_path / "whole.warc.gz", tmp_path / "killed.warc.gz"

    def start(output: Path, rate: int) -> "subprocess.Popen[bytes]":
        speed = ["--api-rate", str(rate), "--www-rate", str(rate)]
        words = ["collect", "--output", str(output), "--via", server.address, *speed]
        return subprocess.Popen([sys.executable, "-m", "dontspy_data", *words], stdout=subprocess.DEVNULL)

    assert start(whole, 0).wait(60) == 0
    chance = random.Random(3)
    for _ in range(10):
        process = start(killed, 60)
        time.sleep(chance.uniform(0.2, 0.8))
        process.kill()
        process.wait()
    assert start(killed, 0).wait(60) == 0
    first, second = Captures.open([whole]), Captures.open([killed])
    assert list(first.urls()) == list(second.urls())
    for url in first.urls():
        one, other = first.latest(url), second.latest(url)
        assert one and other and (one.status, one.body) == (other.status, other.body)
