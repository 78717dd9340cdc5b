"""Publishing to Zenodo, against a stand-in of InvenioRDM's documented API."""

import hashlib
import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dontspy_data.cli import main
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.loading.dataset import load
from dontspy_data.pipeline.build import build_package
from dontspy_data.pipeline.refresh import Refresh, refresh
from dontspy_data.publish.publish import publish, release_before
from dontspy_data.release.release import release_package
from dontspy_data.release.version import Level
from dontspy_data.targets.invenio import SANDBOX, open_record
from dontspy_data.targets.open import open_target
from dontspy_data.targets.target import ConflictError

TOKEN = "a-token-for-tests"


@dataclass
class Record:
    metadata: dict[str, Any]
    files: dict[str, bytes] = field(default_factory=dict)
    started: set[str] = field(default_factory=set)
    is_published: bool = False


@dataclass
class Invenio:
    """One record and its versions, as InvenioRDM keeps them; numbers are 1, 2, …"""

    records: dict[str, Record] = field(default_factory=dict)
    fail_on: str = ""
    hides_drafts: bool = False

    def described(self, number: str) -> dict[str, Any]:
        record = self.records[number]
        size = sum(map(len, record.files.values()))
        index = int(number) if any(one.is_published for one in self.records.values()) else 1
        files = {"total_bytes": size}
        return {"id": number, "metadata": record.metadata, "files": files, "versions": {"index": index}}


class Handler(BaseHTTPRequestHandler):
    invenio: Invenio

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = self.path.partition("?")[0]
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._send({"message": "Permission denied."}, 403)
        if self.invenio.fail_on and self.invenio.fail_on in path:
            return self._send({"message": "Try later."}, 503)
        for pattern, act in ROUTES:
            if match := re.fullmatch(
                pattern, f"{self.command} /api/records{path.removeprefix('/api/records')}"
            ):
                return act(self, body, *match.groups())
        return self._send({"message": "Not found."}, 404)

    def _send(self, value: Any, status: int = 200) -> None:
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def create(self, body: bytes) -> None:
        number = str(len(self.invenio.records) + 1)
        self.invenio.records[number] = Record(json.loads(body)["metadata"])
        self._send(self.invenio.described(number), 201)

    def new_version(self, _: bytes, of: str) -> None:
        drafts = [number for number, record in self.invenio.records.items() if not record.is_published]
        number = drafts[0] if drafts else str(len(self.invenio.records) + 1)
        if not drafts:  # without version and date, which a new version must give
            kept = {k: v for k, v in self.invenio.records[of].metadata.items() if k not in ("version",)}
            self.invenio.records[number] = Record(kept)
        self._send(self.invenio.described(number), 201)

    def update(self, body: bytes, number: str) -> None:
        self.invenio.records[number].metadata = json.loads(body)["metadata"]
        self._send(self.invenio.described(number))

    def files(self, _: bytes, number: str) -> None:
        held = self.invenio.records[number].files
        entries = [{"key": key, "checksum": _md5(body)} for key, body in held.items()]
        self._send({"entries": entries})

    def start(self, body: bytes, number: str) -> None:
        self.invenio.records[number].started |= {one["key"] for one in json.loads(body)}
        self._send({}, 201)

    def content(self, body: bytes, number: str, key: str) -> None:
        assert key in self.invenio.records[number].started
        self.invenio.records[number].files[key] = body
        self._send({})

    def commit(self, _: bytes, number: str, key: str) -> None:
        self._send({"key": key, "checksum": _md5(self.invenio.records[number].files[key])})

    def delete(self, _: bytes, number: str, key: str) -> None:
        del self.invenio.records[number].files[key]
        self._send(b"", 204)

    def publish(self, _: bytes, number: str) -> None:
        self.invenio.records[number].is_published = True
        self._send(self.invenio.described(number), 202)

    def draft(self, _: bytes, number: str) -> None:
        record = self.invenio.records.get(number)
        if record is None or record.is_published:
            return self._send({"message": "Not found."}, 404)
        return self._send(self.invenio.described(number))

    def versions(self, _: bytes, of: str) -> None:
        record = self.invenio.records.get(of)
        if record is None or (self.invenio.hides_drafts and not record.is_published):
            return self._send({"message": "Not found."}, 404)
        found = [self.invenio.described(n) for n, r in self.invenio.records.items() if r.is_published]
        return self._send({"hits": {"hits": found, "total": len(found)}})

    def read(self, _: bytes, number: str, key: str) -> None:
        self._send(self.invenio.records[number].files[key])


def _md5(body: bytes) -> str:
    return f"md5:{hashlib.md5(body).hexdigest()}"


ROUTES: list[tuple[str, Any]] = [
    (r"POST /api/records", Handler.create),
    (r"POST /api/records/(\d+)/versions", Handler.new_version),
    (r"GET /api/records/(\d+)/versions", Handler.versions),
    (r"GET /api/records/(\d+)/draft", Handler.draft),
    (r"PUT /api/records/(\d+)/draft", Handler.update),
    (r"GET /api/records/(\d+)/draft/files", Handler.files),
    (r"POST /api/records/(\d+)/draft/files", Handler.start),
    (r"PUT /api/records/(\d+)/draft/files/([^/]+)/content", Handler.content),
    (r"POST /api/records/(\d+)/draft/files/([^/]+)/commit", Handler.commit),
    (r"DELETE /api/records/(\d+)/draft/files/([^/]+)", Handler.delete),
    (r"POST /api/records/(\d+)/draft/actions/publish", Handler.publish),
    (r"GET /api/records/(\d+)/files/([^/]+)/content", Handler.read),
]


@pytest.fixture
def invenio(monkeypatch: pytest.MonkeyPatch) -> Iterator[Invenio]:
    invenio = Invenio()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"invenio": invenio}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("ZENODO_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("ZENODO_TOKEN", TOKEN)
    yield invenio
    server.shutdown()
    server.server_close()


def test_releases_become_versions_of_one_record(invenio: Invenio, releases: Any) -> None:
    done = publish(releases.first, open_target("zenodo:new"))
    assert done.address.endswith("/records/1")
    assert publish(releases.second, open_target("zenodo:1")).address.endswith("/records/2")
    ledger = open_target("zenodo:1").ledger()
    assert [one.version for one in ledger.releases] == ["1.0.0", "1.0.1"]
    record = invenio.records["2"]
    assert (record.metadata["version"], record.metadata["rights"]) == ("1.0.1", [{"id": "cc-by-4.0"}])
    names = {path.name for path in releases.second.iterdir() if path.is_file()}
    assert record.files.keys() == {*names, "open-data-faces-1.0.1.zip"}
    assert record.files["README.md"] == (releases.second / "README.md").read_bytes()


def test_publishing_again_uploads_nothing(invenio: Invenio, releases: Any) -> None:
    publish(releases.first, open_target("zenodo:new"))
    again = publish(releases.first, open_target("zenodo:1"))
    assert (again.changed, again.uploaded) == (False, 0)
    assert len(invenio.records) == 1


def test_a_version_has_its_bytes_for_good(invenio: Invenio, releases: Any) -> None:
    publish(releases.first, open_target("zenodo:new"))
    publish(releases.second, open_target("zenodo:1"))
    with pytest.raises(ConflictError, match=r"has a release 1\.0\.1 with other bytes"):
        publish(releases.rival, open_target("zenodo:1"))


def test_a_server_that_fails_publishes_nothing_and_the_next_try_completes(
    invenio: Invenio, releases: Any
) -> None:
    publish(releases.first, open_target("zenodo:new"))
    invenio.fail_on = "meps.sqlite/content"
    with pytest.raises(DontspyError, match="answered 503: Try later"):
        publish(releases.second, open_target("zenodo:1"))
    assert [one.version for one in open_target("zenodo:1").ledger().releases] == ["1.0.0"]
    invenio.fail_on = ""
    done = publish(releases.second, open_target("zenodo:1"))
    assert 0 < done.uploaded < done.files
    assert len(invenio.records) == 2


@pytest.mark.parametrize("hides_drafts", [False, True])
def test_the_draft_of_a_first_release_is_gone_on_with(
    invenio: Invenio, releases: Any, hides_drafts: bool
) -> None:
    invenio.hides_drafts = hides_drafts
    invenio.fail_on = "meps.sqlite/content"
    with pytest.raises(DontspyError, match="answered 503") as error:
        publish(releases.first, open_target("zenodo:new"))
    assert error.value.hint.endswith(f"dontspy-data publish {releases.first} zenodo:1")
    assert open_target("zenodo:1").ledger().releases == ()
    invenio.fail_on = ""
    done = publish(releases.first, open_target("zenodo:1"))
    assert 0 < done.uploaded < done.files
    assert [record.is_published for record in invenio.records.values()] == [True]
    with pytest.raises(UsageError, match="answered 404") as error:
        open_target("zenodo:9").ledger()
    assert "zenodo:new for the first" in error.value.hint
    invenio.records["2"] = Record({})
    invenio.hides_drafts = True
    with pytest.raises(UsageError, match="is the draft of a later version"):
        publish(releases.second, open_target("zenodo:2"))


def test_what_is_withdrawn_stays_withdrawn(invenio: Invenio, releases: Any, tmp_path: Path) -> None:
    publish(releases.first, open_target("zenodo:new"))
    publish(releases.second, open_target("zenodo:1"))
    assert open_target("zenodo:1").ledger().releases[1].withdrew == (9000001, 9000002)
    rival = releases.first.parent / "package-rival"
    release_package(rival, releases.first, tmp_path / "2.0.0", raised=Level.MAJOR)
    with pytest.raises(
        ConflictError, match=r"made to follow 1\.0\.0, and the latest release at zenodo:1 is 1\.0\.1"
    ):
        publish(tmp_path / "2.0.0", open_target("zenodo:1"))
    assert len(invenio.records) == 2


def test_the_release_before_is_read_from_the_latest_record(
    invenio: Invenio, releases: Any, tmp_path: Path
) -> None:
    publish(releases.first, open_target("zenodo:new"))
    publish(releases.second, open_target("zenodo:1"))
    with release_before("zenodo:1") as folder:
        assert folder is not None
        made = release_package(releases.first.parent / "package-rival", folder, tmp_path / "next")
        assert made.version == "1.0.2"
    record = invenio.records["2"]
    name = "open-data-faces-1.0.1.zip"
    record.files[name] = record.files[name][:-1]
    with pytest.raises(DontspyError, match="is refused"), release_before("zenodo:1"):
        raise AssertionError("a damaged zip was read")


def test_a_refresh_knows_the_release_before(invenio: Invenio, small_sample: Path, tmp_path: Path) -> None:
    build_package([small_sample], tmp_path / "package")
    release_package(tmp_path / "package", None, tmp_path / "1.0.0")
    publish(tmp_path / "1.0.0", open_target("zenodo:new"))
    done = refresh([small_sample], Refresh(tmp_path / "package", "zenodo:1"))
    assert done.is_unchanged
    assert len(invenio.records) == 1
    with pytest.raises(UsageError, match="creates a new record every time") as error:
        Refresh(tmp_path / "package", "zenodo:new")
    assert "the number of that record" in error.value.hint
    with pytest.raises(UsageError, match="cannot be removed by a program"):
        Refresh(tmp_path / "package", "zenodo:1", purge_withdrawn=True)


def test_a_record_is_verified_got_and_loaded_like_any_other_target(
    invenio: Invenio, releases: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    publish(releases.first, open_target("zenodo:new"))
    publish(releases.second, open_target("zenodo:1"))
    found = CliRunner().invoke(main, ["verify", "zenodo:1@1.0.0"])
    assert found.exit_code == 0, found.output
    got = CliRunner().invoke(main, ["get", "zenodo:1@1.0.0", "-o", str(tmp_path / "got")])
    assert got.exit_code == 0, got.output
    assert (tmp_path / "got/checksums.sha256").read_bytes() == (
        releases.first / "checksums.sha256"
    ).read_bytes()
    assert len(load("zenodo:1").meps) == 23


def test_somebody_elses_draft_is_left_alone(invenio: Invenio, releases: Any) -> None:
    publish(releases.first, open_target("zenodo:new"))
    invenio.records["2"] = Record({"version": "9.9.9"}, {"notes.txt": b"mine"})
    with pytest.raises(ConflictError, match=r"has a draft of 9\.9\.9 with files"):
        publish(releases.second, open_target("zenodo:1"))


def test_a_wrong_token_is_said_and_not_shown(
    invenio: Invenio, releases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ZENODO_TOKEN", "guessed")
    with pytest.raises(DontspyError, match="answered 403") as error:
        publish(releases.first, open_target("zenodo:new"))
    assert "ZENODO_TOKEN" in error.value.hint
    assert "guessed" not in f"{error.value}{error.value.hint}"
    assert invenio.records == {}


def test_what_cannot_be_done_is_said(releases: Any) -> None:
    with pytest.raises(UsageError, match="cannot be removed by a program"):
        publish(releases.first, open_target("zenodo:1"), purge_withdrawn=True)
    with pytest.raises(UsageError, match="names no record"):
        publish(releases.first, open_target("zenodo:https://zenodo.org/records/1"))
    assert open_record("1", sandbox=True).server.base == SANDBOX
