"""Releases of a few people, and a real S3 server on loopback."""

import json
import os
import signal
import socket
import subprocess
import sysconfig
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

import pytest
from s3fs import S3FileSystem

from dontspy_data.pipeline.build import build_package
from dontspy_data.release.release import release_package

KEY, SECRET = "publisher", "a-secret-for-tests"
HEADER = "mep_id,scope,withdrawn_on,reason\n"
PERSON = "9000002,person,2026-02-01,legal\n"


@dataclass(frozen=True)
class Releases:
    """Releases of the small sample.

    Attributes:
        first: 1.0.0.
        second: 1.0.1, which withdraws the portraits of 9000001 and everything about 9000002.
        rival: also 1.0.1 after the first one, with other bytes.
    """

    first: Path
    second: Path
    rival: Path


@pytest.fixture(scope="session")
def releases(made_once: Any, small_sample: Path) -> Releases:
    root = made_once("releases", lambda root: make_releases(root, small_sample))
    return Releases(root / "1", root / "2", root / "rival")


def make_releases(root: Path, capture: Path) -> None:
    build_package([capture], root / "package", faces=False)
    release_package(root / "package", None, root / "1")
    for name, reason in (("2", "request"), ("rival", "rights")):
        file = root / f"{name}.csv"
        file.write_text(f"{HEADER}9000001,portrait,2026-02-01,{reason}\n{PERSON}")
        build_package([capture], root / f"package-{name}", faces=False, withdrawals=file)
        release_package(root / f"package-{name}", root / "1", root / name)


class Seaweed:
    """`weed server -s3` in a folder of its own, on ports that nobody else has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = _free_ports(8)
        self.process: subprocess.Popen[bytes] | None = None
        identity = {
            "name": KEY,
            "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        (folder / "identities.json").write_text(json.dumps({"identities": [identity]}))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports[3]}"

    def start(self) -> None:
        master, volume, filer, s3, *grpc = self.ports
        words = [
            Path(sysconfig.get_path("scripts"), "weed"),
            "server",
            f"-dir={self.folder}",
            "-ip=127.0.0.1",
            "-s3",
            f"-s3.config={self.folder / 'identities.json'}",
            f"-master.port={master}",
            f"-volume.port={volume}",
            f"-filer.port={filer}",
            f"-s3.port={s3}",
            f"-master.port.grpc={grpc[0]}",
            f"-volume.port.grpc={grpc[1]}",
            f"-filer.port.grpc={grpc[2]}",
            f"-s3.port.grpc={grpc[3]}",
            "-s3.port.iceberg=0",
            "-s3.port.lance=0",
            "-master.volumeSizeLimitMB=64",
            "-volume.max=100",
            "-master.electionTimeout=1s",  # or a server that was killed waits 10 seconds for others
            "-master.telemetry=false",
        ]
        self.process = subprocess.Popen(
            words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        )
        self._wait()

    def kill(self) -> None:
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def _wait(self) -> None:
        end = time.monotonic() + 60
        while time.monotonic() < end:
            try:
                with urlopen(f"{self.url}/status", timeout=1):
                    return
            except HTTPError:
                return  # it answers
            except (URLError, OSError):
                if self.process and self.process.poll() is not None:
                    raise RuntimeError("weed server ended") from None
                time.sleep(0.1)
        raise RuntimeError("weed server does not answer")


@contextmanager
def running(folder: Path) -> Iterator[Seaweed]:
    server = Seaweed(folder)
    server.start()
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture(scope="session")
def seaweed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Seaweed]:
    with running(tmp_path_factory.mktemp("seaweed")) as server:
        yield server


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """The right account in the environment, and nothing of this machine's own settings."""
    for name in list(os.environ):
        if name.startswith("AWS_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    S3FileSystem.clear_instance_cache()
    return monkeypatch


@pytest.fixture
def bucket(seaweed: Seaweed, account: pytest.MonkeyPatch) -> str:
    """Address of a new folder in a bucket."""
    return new_folder(seaweed, account)


@pytest.fixture
def mortal(tmp_path: Path, account: pytest.MonkeyPatch) -> Iterator[tuple[Seaweed, str]]:
    """A server that may be killed, and the address of a folder in a bucket on it."""
    folder = tmp_path / "seaweed"
    folder.mkdir()
    with running(folder) as server:
        url = new_folder(server, account)
        account.setenv("AWS_MAX_ATTEMPTS", "1")
        S3FileSystem.clear_instance_cache()
        yield server, url


def new_folder(server: Seaweed, account: pytest.MonkeyPatch) -> str:
    account.setenv("AWS_ENDPOINT_URL_S3", server.url)
    fs = S3FileSystem(use_listings_cache=False)
    if not fs.exists("bucket"):  # one for all tests, since each bucket takes volumes of its own
        fs.mkdir("bucket")
    return f"s3://bucket/{uuid.uuid4().hex[:8]}"


def _free_ports(number: int) -> list[int]:
    sockets = [socket.socket() for _ in range(number)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
