"""The command as people and schedulers run it: signals, locks, exit statuses."""

import json
import random
import re
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dontspy_data.capture.captures import Captures, scan
from dontspy_data.capture.store import part_of
from dontspy_data.sources import ep_api, portraits, wikidata

SECOND = portraits.url(9_000_002)


@pytest.fixture
def command(parliament, tmp_path):
    """Starts `collect`, and ends whatever of it still runs."""
    started: list[subprocess.Popen[str]] = []

    def start(
        *words: str, output: str = "c.warc.gz", rate: float = 0, room: str = "unlimited"
    ) -> subprocess.Popen[str]:
        where = ["--output", str(tmp_path / output), "--via", parliament.address]
        speed = ["--api-rate", str(rate), "--www-rate", str(rate)]
        argv = [sys.executable, "-m", "dontspy_data", "collect", *where, *speed, *words]
        # A limit on a file's size stops a write in its middle, as a full disk does.
        argv = ["sh", "-c", f'ulimit -f {room}; exec "$@"', "sh", *argv]
        started.append(subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


def contents(path: Path) -> dict[str, tuple[int, bytes]]:
    """Every page of a capture but for when it came."""
    captures = Captures.open([path])
    assert not captures.warnings
    pages = (captures.latest(url) for url in captures.urls())
    return {page.url: (page.status, page.body) for page in pages if page}


def test_a_run_ends_with_a_summary_and_status_0(command) -> None:
    process = command()
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "portrait   11 stored, 1 absent" in out
    assert re.search(r"Changed: 3\d pages", out)
    assert err == ""


def test_the_summary_is_there_for_programs_too(command) -> None:
    out, _ = command("--json").communicate(timeout=30)
    summary = json.loads(out)
    assert summary["outcome"] == "changed"
    assert summary["kinds"]["portrait"]["stored"] == 11


def test_a_dry_run_asks_each_host_for_its_rules_and_one_page(parliament, command, tmp_path) -> None:
    process = command("--dry-run", "--json", "--sources", "ep_api,portraits,wikidata", rate=2)
    plan = json.loads(process.communicate(timeout=30)[0])
    assert process.returncode == 0
    assert {row["kind"]: row["exact"] for row in plan["requests"]}["portrait"] is False
    # Nobody was named, so that the first on the list has the portrait that is asked for: there is none, which is good.
    asked = [asked.url for asked in parliament.asked]
    assert sorted(asked) == sorted(
        [
            *(
                f"https://{host}/robots.txt"
                for host in (ep_api.DATA, "www.europarl.europa.eu", wikidata.HOST)
            ),
            ep_api.current_url(),
            portraits.url(9_000_001),
            wikidata.url(),
        ]
    )
    assert [(host["kind"], host["is_good"]) for host in plan["hosts"]] == [
        ("current", True),
        ("wikidata", True),
        ("portrait", True),
    ]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("host", "reply", "status", "said"),
    [
        ("www.europarl.europa.eu", {"status": 202}, 0, "robots.txt could not be read"),
        ("data.europarl.europa.eu", {"status": 403}, 3, "HTTP 403"),
        ("data.europarl.europa.eu", {"status": 503}, 1, "HTTP 503"),
        ("data.europarl.europa.eu", {"body": b"<html>Welcome</html>"}, 1, "robots.txt could not be read"),
    ],
)
def test_a_dry_run_says_what_a_host_answers(parliament, command, replies, host, reply, status, said) -> None:
    parliament.tell(host, replies(**reply))
    process = command("--dry-run", "--mep", "9000002", "--sources", "ep_api,portraits")
    out, _ = process.communicate(timeout=30)
    assert process.returncode == status
    (line,) = (line for line in out.splitlines() if line.startswith(f"{host} answers"))
    assert said in line
    assert parliament.count(host) <= 2  # nothing is tried again


def test_a_refusal_ends_with_status_3_and_says_what_to_do(parliament, command, replies, tmp_path) -> None:
    refusal = replies(202, headers=(("x-amzn-waf-action", "challenge"),))
    parliament.tell("www.europarl.europa.eu", refusal)
    process = command("--sources", "ep_full_list,portraits")
    out, err = process.communicate(timeout=30)
    assert process.returncode == 3
    assert "Refused" in out
    assert "again" in err
    assert not (tmp_path / "c.warc.gz").exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--sources", "elsewhere"), "there is no source elsewhere"),
        (("--sources", ""), "no source is named"),
        (("--mep", "-5"), "-5 is not in the range x>=1"),
    ],
)
def test_wrong_words_end_with_status_2(command, words, said) -> None:
    process = command(*words)
    _, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert said in err


def test_blanks_between_sources_do_not_matter(command) -> None:
    process = command("--dry-run", "--json", "--mep", "9000002", "--sources", "ep_api, portraits")
    plan = json.loads(process.communicate(timeout=30)[0])
    assert {"details", "portrait"} <= {row["kind"] for row in plan["requests"]}


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_is_clean_and_says_how_to_go_on(parliament, command, replies, tmp_path, by) -> None:
    held = replies(wait=threading.Event())
    parliament.tell(SECOND, held)
    process = command()
    assert held.reached.wait(20)
    process.send_signal(by)
    out, err = process.communicate(timeout=20)
    held.wait.set()
    assert process.returncode == 1
    assert "stopped" in out
    assert "same command" in err
    assert "Traceback" not in err
    assert Captures.open([part_of(tmp_path / "c.warc.gz")]).urls()
    parliament.tell(SECOND, parliament.usual(SECOND))
    assert command().wait(30) == 0


def test_a_second_collector_on_the_same_output_is_refused(parliament, command, replies) -> None:
    held = replies(wait=threading.Event())
    parliament.tell(SECOND, held)
    first = command()
    assert held.reached.wait(20)
    second = command()
    _, err = second.communicate(timeout=20)
    assert second.returncode == 2
    assert "another collector" in err
    held.wait.set()
    parliament.tell(SECOND, parliament.usual(SECOND))
    assert first.wait(30) == 0


def test_a_full_disk_is_said_and_the_next_run_goes_on(parliament, command, tmp_path) -> None:
    process = command(room="18")  # blocks of 512 or 1,024 bytes
    _, err = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "could not be written" in err
    assert "Traceback" not in err
    held = {entry.url for entry in scan(part_of(tmp_path / "c.warc.gz")).entries}
    assert len(held) > 3
    seen = len(parliament.asked)
    assert command().wait(30) == 0
    assert not held & {asked.url for asked in parliament.asked[seen:]}


def test_killed_again_and_again_it_gets_there_and_asks_for_nothing_twice(
    parliament, command, tmp_path
) -> None:
    assert command(output="undisturbed.warc.gz").wait(30) == 0
    parliament.asked.clear()
    output = tmp_path / "c.warc.gz"
    chance = random.Random(7)
    held: set[str] = set()
    for _ in range(10):
        seen = len(parliament.asked)
        process = command(rate=40)
        # Killed some requests after it began to request, each time at another moment of its work.
        parliament.wait_for(seen + chance.randint(1, 4))
        process.kill()
        process.wait()
        assert not held & {asked.url for asked in parliament.asked[seen:]}
        held = {entry.url for entry in scan(part_of(output)).entries}
    seen = len(parliament.asked)
    assert command().wait(30) == 0
    assert not held & {asked.url for asked in parliament.asked[seen:]}
    assert contents(output) == contents(tmp_path / "undisturbed.warc.gz")
