"""Targets: folders and web servers are read alike, and what is wrong is said."""

import functools
import socket
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.targets.ledger import LEDGER, Ledger, ReleaseEntry
from dontspy_data.targets.open import open_target
from dontspy_data.targets.target import MissingError, UnreachableError

PUBLISHED = Ledger(
    "open-data-faces", (ReleaseEntry("1.0.0", "2026-01-15", "0" * 64, {"meps": 62}, 1000, accepted=None),)
)


class Handler(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        if self.path.endswith("broken.bin"):
            self.send_error(503)
        else:
            super().do_GET()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / LEDGER).write_text(PUBLISHED.to_json(), encoding="utf-8")
    (tmp_path / "1.0.0").mkdir()
    (tmp_path / "1.0.0" / "ä b.bin").write_bytes(bytes(range(256)))
    return tmp_path


@pytest.fixture
def web(folder: Path) -> Iterator[str]:
    handler = functools.partial(Handler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("form", ["{folder}", "{folder}/", "file://{folder}", "{web}", "{web}/"])
def test_every_kind_of_place_is_read_alike(form: str, folder: Path, web: str) -> None:
    target = open_target(form.format(folder=folder, web=web))
    assert not target.url.endswith("/")
    assert target.ledger() == PUBLISHED
    assert target.read("1.0.0/ä b.bin") == bytes(range(256))
    with target.open("1.0.0/ä b.bin") as stream:
        assert stream.read(3) == b"\0\1\2"


@pytest.mark.parametrize("form", ["{folder}", "{web}"])
def test_a_file_that_is_not_there_is_named(form: str, folder: Path, web: str) -> None:
    target = open_target(form.format(folder=folder, web=web))
    with pytest.raises(MissingError, match=r"has no file 1\.0\.0/none"):
        target.read("1.0.0/none")
    with pytest.raises(MissingError, match=r"has no file 1\.0\.0/none"):
        target.open("1.0.0/none").read()


def test_a_place_without_a_ledger_says_what_is_there(folder: Path) -> None:
    with pytest.raises(MissingError, match=r"it has no releases\.json") as error:
        open_target(str(folder / "1.0.0")).ledger()
    assert error.value.hint == "There: ä b.bin."
    with pytest.raises(MissingError) as error:
        open_target(str(folder / "nowhere")).ledger()
    assert error.value.hint == "There is no such folder."
    (folder / "empty").mkdir()
    with pytest.raises(MissingError) as error:
        open_target(str(folder / "empty")).ledger()
    assert error.value.hint == "It is empty."


def test_a_web_address_without_a_ledger_says_which_address_it_takes(web: str) -> None:
    with pytest.raises(MissingError, match="is not a target") as error:
        open_target(f"{web}/1.0.0").ledger()
    assert "the folder that releases.json is in" in error.value.hint


def test_a_server_that_fails_is_not_taken_for_a_missing_file(web: str) -> None:
    with pytest.raises(DontspyError, match=r"broken\.bin cannot be read from .*503") as error:
        open_target(web).read("broken.bin")
    assert not isinstance(error.value, UsageError)


def test_a_server_that_is_gone_is_said(web: str) -> None:
    with pytest.raises(DontspyError, match=r"releases\.json cannot be read from http://127\.0\.0\.1:1"):
        open_target("http://127.0.0.1:1").ledger()


def test_a_server_that_never_answers_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dontspy_data.targets.open.PATIENCE", 0.05)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        target = open_target(f"http://127.0.0.1:{silent.getsockname()[1]}")
        with pytest.raises(UnreachableError, match=r"releases\.json cannot be read"):
            target.ledger()


def test_a_damaged_ledger_is_no_missing_one(folder: Path) -> None:
    (folder / LEDGER).write_text("{", encoding="utf-8")
    with pytest.raises(DontspyError, match="is damaged"):
        open_target(str(folder)).ledger()


@pytest.mark.parametrize("url", ["ftp://example.org/x", "simplecache::s3://x", "github://a:b@/"])
def test_other_addresses_are_refused_with_those_that_work(url: str) -> None:
    with pytest.raises(UsageError) as error:
        open_target(url)
    assert "s3" in error.value.hint


def test_a_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: object, **__: object) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr("fsspec.core.url_to_fs", absent)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(UsageError, match="needs an extra") as error:
        open_target("s3://bucket/faces")
    assert error.value.hint == "Install it: pip install 'dontspy-data[s3]'"
