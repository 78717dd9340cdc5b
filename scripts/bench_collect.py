#!/usr/bin/env python3
"""How fast `collect` stores portraits, beside img2dataset on the same portraits, from a server on loopback.

Both ask the same server, in turn, several times; the ratio of the medians is printed. img2dataset runs with two
processes of 32 threads, resizing and re-encoding off, and in shards small enough to keep both processes busy. Its
rate is the one between its first shard's start and its last shard's end, so its start-up is not held against it;
that of `collect` is of the whole run, from the first request to the renamed capture. Processor time is that of all
processes, start-up included.

Then `collect` asks at a polite rate, as it asks the Parliament: what of that run's time is its own work is printed too.

    python -m scripts.bench_collect [--portraits 7040] [--rounds 3] [--polite 96] [--capture FILE.warc.gz]

img2dataset is installed from PyPI into a folder of its own, because it pins other versions than this project.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import venv
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from dontspy_data import sample
from dontspy_data.capture.captures import Captures
from dontspy_data.sources import portraits

FIRST_ID = 9_000_001
POLITE = 1.6  # requests per second
SHARD = 500


@dataclass(frozen=True)
class Result:
    """One run.

    Attributes:
        stored: portraits.
        seconds: that it took.
        busy: processor seconds of all its processes, start-up included.
        peak: memory of its largest process, in MB.
    """

    stored: int
    seconds: float
    busy: float
    peak: float

    @property
    def rate(self) -> float:
        """Portraits per second."""
        return self.stored / self.seconds

    @property
    def wall_ms(self) -> float:
        """Milliseconds a portrait."""
        return 1000 * self.seconds / self.stored

    @property
    def busy_ms(self) -> float:
        """Milliseconds of processor time a portrait."""
        return 1000 * self.busy / self.stored


class StaticServer(asyncio.Protocol):
    """Answers every request with the next picture, ready-made."""

    def __init__(self, answers: Sequence[bytes]) -> None:
        self._answers = answers
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember whom to answer."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer one request; clients here send one at a time, each in one piece."""
        assert self._transport
        path = data.split(b" ", 2)[1]
        if path == b"/robots.txt":
            self._transport.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            return
        number = int(path.rsplit(b"/", 1)[1].removesuffix(b".jpg"))
        self._transport.write(self._answers[number % len(self._answers)])
        if b"connection: close" in data.lower():
            self._transport.close()


def serve(capture: Path, to_parent: Connection) -> None:
    """Serve a capture's portraits for ever; sends the port and the mean size first."""
    held = Captures.open([capture])
    pages = (held.latest(url) for url in held.urls() if portraits.SOURCE.matches(url))
    bodies = [page.body for page in pages if page and page.body.startswith(b"\xff\xd8")]
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n"
    answers = [head % len(body) + body for body in bodies]

    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: StaticServer(answers), "127.0.0.1", 0, backlog=512)
        to_parent.send((server.sockets[0].getsockname()[1], sum(map(len, bodies)) // len(bodies)))
        await server.serve_forever()

    asyncio.run(run())


def run_measured(argv: list[str], log: Path) -> tuple[float, float]:
    """Run a command to its end; its processor seconds and its peak memory in MB."""
    with log.open("wb") as stream:
        process = subprocess.Popen(argv, stdout=stream, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"{argv[0]} ended with status {process.returncode}:\n{log.read_text()[-2000:]}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def run_collect(port: int, number: int, folder: Path, rate: float = 0.0) -> Result:
    """Run `collect`, with no rate limit unless one is given."""
    words = ["--via", f"http://127.0.0.1:{port}", "--www-rate", str(rate), "--sources", "portraits", "--json"]
    people = [word for mep_id in range(FIRST_ID, FIRST_ID + number) for word in ("--mep", str(mep_id))]
    output = ["--output", str(folder / "c.warc.gz")]
    log = folder / "collect.json"
    busy, peak = run_measured(
        [sys.executable, "-m", "dontspy_data", "collect", *words, *output, *people], log
    )
    summary = json.loads(log.read_text())
    return Result(summary["kinds"]["portrait"]["stored"], summary["seconds"], busy, peak)


def run_img2dataset(python: Path, port: int, number: int, folder: Path) -> Result:
    """img2dataset with everything but the download switched off."""
    urls = folder / "urls.txt"
    ids = range(FIRST_ID, FIRST_ID + number)
    urls.write_text("".join(f"http://127.0.0.1:{port}/mepphoto/{mep_id}.jpg\n" for mep_id in ids))
    settings = {
        "url_list": urls,
        "output_folder": folder / "images",
        "processes_count": 2,
        "thread_count": 32,
        "resize_mode": "no",
        "disable_all_reencoding": True,
        "output_format": "webdataset",
        "number_sample_per_shard": SHARD,
        "enable_wandb": False,
    }
    words = [f"--{name}={value}" for name, value in settings.items()]
    busy, peak = run_measured([str(python.with_name("img2dataset")), *words], folder / "img2dataset.log")
    shards = [json.loads(path.read_text()) for path in (folder / "images").glob("*_stats.json")]
    seconds = max(shard["end_time"] for shard in shards) - min(shard["start_time"] for shard in shards)
    return Result(sum(shard["successes"] for shard in shards), seconds, busy, peak)


def install_img2dataset(folder: Path) -> Path:
    """Make an environment with img2dataset; return its Python."""
    python = folder / "bin" / "python"
    if not python.with_name("img2dataset").exists():
        venv.create(folder, with_pip=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "img2dataset", "setuptools<81"], check=True
        )
    return python


def report(name: str, result: Result) -> None:
    """Print one line on one run."""
    print(
        f"{name:<12} {result.stored:>7,} stored {result.seconds:>8.2f} s {result.rate:>8.0f}/s"
        f" {result.wall_ms:>6.2f} ms and {result.busy_ms:>6.2f} ms of processor a portrait {result.peak:>5.0f} MB"
    )


def report_polite(port: int, number: int) -> None:
    """Say what of a polite run's time is the collector's own work."""
    with tempfile.TemporaryDirectory() as folder:
        start = run_collect(port, 1, Path(folder))
    with tempfile.TemporaryDirectory() as folder:
        result = run_collect(port, number, Path(folder), POLITE)
    work = result.busy - start.busy
    print(
        f"at {POLITE} requests per second, {number:,} portraits take {result.seconds:.1f} s, of which {work:.2f} s "
        f"({work / result.seconds:.1%}) are work, and {start.busy:.2f} s more to start"
    )


def main() -> None:
    """Run both in turn and print rates, the ratio of the medians, and peak memory by number of portraits."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--portraits", type=int, default=7040)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--polite", type=int, default=96, help="portraits of the polite run")
    parser.add_argument("--capture", type=Path, default=sample.path(), help="where the portraits come from")
    parser.add_argument(
        "--env", type=Path, default=Path(".venv-img2dataset"), help="img2dataset's environment"
    )
    words = parser.parse_args()
    python = install_img2dataset(words.env.resolve())
    mine, theirs = multiprocessing.Pipe()
    server = multiprocessing.get_context("spawn").Process(
        target=serve, args=(words.capture, theirs), daemon=True
    )
    server.start()
    port, size = mine.recv()
    print(f"{words.portraits:,} portraits of {size:,} bytes on average")
    results: dict[str, list[Result]] = {"collect": [], "img2dataset": []}
    for _ in range(words.rounds):
        for name, found in results.items():
            with tempfile.TemporaryDirectory() as folder:
                if name == "collect":
                    found.append(run_collect(port, words.portraits, Path(folder)))
                else:
                    found.append(run_img2dataset(python, port, words.portraits, Path(folder)))
            report(name, found[-1])
    rates = {name: statistics.median(result.rate for result in found) for name, found in results.items()}
    print(f"ratio of the medians, collect to img2dataset: {rates['collect'] / rates['img2dataset']:.2f}")
    report_polite(port, words.polite)
    for number in (words.portraits // 10, words.portraits):
        with tempfile.TemporaryDirectory() as folder:
            print(
                f"peak of collect with {number:,} portraits: {run_collect(port, number, Path(folder)).peak:.0f} MB"
            )
    server.terminate()


if __name__ == "__main__":
    main()
