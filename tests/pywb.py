"""A real web archive on loopback: pywb, in an environment of its own."""

import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dontspy_data.capture.records import Page
from scripts.sample.captures import CaptureWriter

BIN = Path(__file__).parents[1] / ".venv-web-archive" / "bin"


def write_pages(path: Path, pages: Iterable[Page]) -> Path:
    """Write answers as a capture, as other software may have received them."""
    with path.open("wb") as stream:
        writer = CaptureWriter(stream, software="test", started_at=datetime(2014, 7, 1, tzinfo=UTC))
        for page in pages:
            writer.write(page, reason="OK")
    return path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[Path], str]]:
    """Give a function that serves a capture as a pywb collection and returns its address; skip without pywb."""
    if not (BIN / "wayback").exists():
        pytest.skip("pywb is not installed; make web-archive installs it")
    running: list[subprocess.Popen[bytes]] = []

    def serve(capture: Path) -> str:
        root = tmp_path_factory.mktemp("pywb")
        for words in (["init", "coll"], ["add", "coll", str(capture)]):
            subprocess.run([BIN / "wb-manager", *words], cwd=root, check=True, capture_output=True)
        port = free_port()
        running.append(
            subprocess.Popen(
                [BIN / "wayback", "-p", str(port), "-b", "127.0.0.1"],
                cwd=root,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        address = f"http://127.0.0.1:{port}/coll"
        for _ in range(200):
            try:
                with urllib.request.urlopen(f"{address}/cdx?url=example.org", timeout=5):
                    return address
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.1)
        raise RuntimeError("pywb did not start")

    yield serve
    for process in running:
        process.kill()
        process.wait()
