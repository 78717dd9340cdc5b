"""Publishing to the Hugging Face Hub, against a stand-in of its API, by the Hub's own client.

The client reads its settings when it is imported: one test has a process of its own, which finds them in the
environment, and for the others they are changed where the client keeps them.
"""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner, Result
from huggingface_hub import HfFileSystem, constants

from dontspy_data.cli import main

TARGET = "hf://datasets/someone/faces"
Run = Callable[..., Result]


def load(name: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


stand_in = load("hub_server")


@pytest.fixture
def hub() -> Iterator[Any]:
    hub = stand_in.Hub()
    server = stand_in.serve(hub)
    hub.port = server.server_port
    yield hub
    server.shutdown()
    server.server_close()


def in_a_process(hub: Any, folder: Path, *words: object) -> "subprocess.CompletedProcess[str]":
    environment = {
        **os.environ,
        "HF_ENDPOINT": f"http://127.0.0.1:{hub.port}",
        "HF_TOKEN": stand_in.TOKEN,
        "HF_HOME": str(folder / "hub"),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
    return subprocess.run(
        [sys.executable, "-m", "dontspy_data", *map(str, words)],
        env=environment,
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        check=False,
    )


@pytest.fixture
def run(hub: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    address = f"http://127.0.0.1:{hub.port}"
    template = constants.HUGGINGFACE_CO_URL_TEMPLATE.replace(constants.ENDPOINT, address)
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "ENDPOINT", address)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)

    def command(*words: object, token: str = stand_in.TOKEN) -> Result:
        monkeypatch.setenv("HF_TOKEN", token)
        HfFileSystem.clear_instance_cache()
        return CliRunner().invoke(main, [str(word) for word in words])

    return command


def test_a_release_is_one_commit_with_its_card_at_the_root(
    hub: Any, run: Run, releases: Any, tmp_path: Path
) -> None:
    done = in_a_process(hub, tmp_path, "publish", releases.first, TARGET, "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["outcome"] == "changed"
    assert len(hub.commits) == 2
    there = {path: body for path, body in hub.files.items() if path.startswith("1.0.0/")}
    for path, body in there.items():
        assert (releases.first / path.removeprefix("1.0.0/")).read_bytes() == body
    assert len(there) == sum(path.is_file() for path in releases.first.rglob("*"))
    card = hub.files["README.md"].decode()
    front = yaml.safe_load(card.split("---\n")[1])
    pictures, *tables = front["configs"]
    assert {one["split"]: one["path"] for one in pictures["data_files"]}.keys() == {"train", "test"}
    paths = [*(one["path"] for one in pictures["data_files"]), *(one["data_files"] for one in tables)]
    assert all(path in hub.files for path in paths)
    assert front["license_link"] in hub.files
    assert "](1.0.0/data/meps.csv)" in card
    asked = len(hub.asked)
    again = run("publish", releases.first, TARGET)
    assert again.exit_code == 0
    assert not [one for one in hub.asked[asked:] if "preupload" in one or "/commit/" in one]


def test_a_purge_leaves_nothing_in_the_history(hub: Any, run: Run, releases: Any) -> None:
    run("publish", releases.first, TARGET)
    old = dict(hub.files)
    done = run("publish", releases.second, TARGET, "--purge-withdrawn")
    assert done.exit_code == 0, done.stderr
    assert len(hub.commits) == 1
    assert not [path for path in hub.files if "9000001.jpg" in path or "9000002" in path]
    portrait = old["1.0.0/portraits/9000001.jpg"]
    assert not [path for path, body in hub.files.items() if portrait in body]
    assert not [digest for digest, body in hub.large.items() if portrait in body]
    assert hub.forgotten
    for version in ("1.0.0", "1.0.1"):
        assert run("verify", f"{TARGET}@{version}").exit_code == 0


def test_a_history_that_was_not_forgotten_is_forgotten_by_the_next_purge(
    hub: Any, run: Run, releases: Any
) -> None:
    run("publish", releases.first, TARGET)
    hub.fails_on = "super-squash"
    failed = run("publish", releases.second, TARGET, "--purge-withdrawn")
    assert failed.exit_code == 1
    assert "the Hub answered 500" in failed.stderr
    assert len(hub.commits) > 1
    hub.fails_on = ""
    done = run("publish", releases.second, TARGET, "--purge-withdrawn")
    assert done.exit_code == 0, done.stderr
    assert len(hub.commits) == 1


@pytest.mark.parametrize("words", [("publish", "RELEASE", TARGET), ("verify", TARGET), ("releases", TARGET)])
def test_answers_that_make_no_sense_are_said(words: Any, hub: Any, run: Run, releases: Any) -> None:
    hub.answers_nonsense = True
    done = run(*(releases.first if word == "RELEASE" else word for word in words))
    assert done.exit_code in (1, 2)
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("Error: ")


def test_who_is_slower_is_told(hub: Any, run: Run, releases: Any) -> None:
    hub.before_commit = lambda hub: hub.push({**hub.files, "notes.txt": b"meanwhile"})
    done = run("publish", releases.first, TARGET)
    assert done.exit_code == 1
    assert "somebody else published" in done.stderr
    assert hub.files == {"notes.txt": b"meanwhile"}


def test_a_wrong_token_is_said_and_not_shown(hub: Any, run: Run, releases: Any) -> None:
    done = run("publish", releases.first, TARGET, token="hf_the_wrong_one")
    assert done.exit_code != 0
    assert "HF_TOKEN" in done.stderr
    assert "hf_the_wrong_one" not in done.stdout + done.stderr
    assert len(hub.commits) == 1
