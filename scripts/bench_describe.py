"""Portraits per second with and without faces, by number and kind of workers, and memory for 1, 4 and 16 times as many.

Workers are warmed up first: starting them takes as long for ten portraits as for a million. Processor time
is given beside, because it says on a busy machine what the clock does not.

    python -m scripts.bench_describe [--capture FILE.warc.gz] [--portraits 370]
"""

import argparse
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import distributed
import psutil

from dontspy_data import sample
from dontspy_data.capture.captures import Captures, Entry
from dontspy_data.portraits.engine import Job, describe_all, open_executor
from dontspy_data.sources import portraits

POLL_SECONDS = 0.02
WARM_UP = 64


@dataclass(frozen=True)
class Measure:
    """What describing took: portraits, seconds by the clock and of processors, megabytes at the peak."""

    portraits: int
    seconds: float
    processor_seconds: float
    megabytes: float


class Portraits:
    """The portraits of a capture, read when they are asked for."""

    def __init__(self, capture: Path) -> None:
        self._captures = Captures.open([capture])
        found = (e for url in self._captures.urls() for e in self._captures.entries(url))
        self.entries: list[Entry] = [e for e in found if portraits.SOURCE.matches(e.url) and e.status == 200]

    def jobs(self, count: int) -> Iterator[Job]:
        """Yield so many jobs, the capture's portraits over and over."""
        for n in range(count):
            page = self._captures.page(self.entries[n % len(self.entries)])
            yield Job(page.sha256, page.body)


class Watch:
    """Peak memory of this process and its children while something runs, with shared pages counted once."""

    def __init__(self) -> None:
        self.peak = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._poll)

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _poll(self) -> None:
        while not self._stop.wait(POLL_SECONDS):
            self.peak = max(self.peak, sum(one.memory_full_info().pss for one in processes()))


def processes() -> list[psutil.Process]:
    """Yield this process and its children."""
    own = psutil.Process()
    return [own, *own.children(recursive=True)]


def processor_seconds() -> float:
    """Return seconds that processors have spent on this process and its children so far."""
    return sum(sum(one.cpu_times()[:2]) for one in processes())


@contextmanager
def dask_workers() -> Iterator[Executor]:
    """Yield two Dask workers on loopback."""
    local_cluster: Any = distributed.LocalCluster
    with (
        local_cluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster,
        open_executor(None, cluster.scheduler_address) as executor,
    ):
        yield executor


def measure(source: Portraits, count: int, executor: Executor | None, *, faces: bool, watch: bool) -> Measure:
    """Describe so many portraits, after a warm-up."""
    for _ in describe_all(source.jobs(WARM_UP), executor, faces=faces):
        pass
    started, spent = time.perf_counter(), processor_seconds()
    with Watch() if watch else nullcontext() as watching:
        described = sum(1 for _ in describe_all(source.jobs(count), executor, faces=faces))
    return Measure(
        described,
        time.perf_counter() - started,
        processor_seconds() - spent,
        watching.peak / 1e6 if watching else 0,
    )


def print_speeds(source: Portraits, count: int) -> None:
    """Print a line for each way to work."""
    print(
        f"{'workers':<14} {'faces':<6} {'portraits':>9} {'seconds':>8} {'a second':>9} {'processor ms each':>18}"
    )
    for name, workers in (
        ("this process", nullcontext()),
        ("1 process", open_executor(1, None)),
        ("2 processes", open_executor(2, None)),
        ("2 Dask workers", dask_workers()),
    ):
        with workers as executor:
            for faces in (False, True):
                took = measure(source, count, executor, faces=faces, watch=False)
                print(
                    f"{name:<14} {'yes' if faces else 'no':<6} {took.portraits:>9,} {took.seconds:>8.2f}"
                    f" {took.portraits / took.seconds:>9,.0f}"
                    f" {1000 * took.processor_seconds / took.portraits:>18.2f}",
                    flush=True,
                )


def print_memory(source: Portraits, count: int) -> None:
    """Print a line for each size."""
    print(f"{'times':<14} {'faces':<6} {'portraits':>9} {'MB peak':>8}")
    for faces in (False, True):
        for times in (1, 4, 16):
            with open_executor(2, None) as executor:
                took = measure(source, count * times, executor, faces=faces, watch=True)
            print(
                f"{times:<14} {'yes' if faces else 'no':<6} {took.portraits:>9,} {took.megabytes:>8.0f}",
                flush=True,
            )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--capture", type=Path, default=sample.path(), help="capture with portraits")
    parser.add_argument("--portraits", type=int, default=370, help="portraits to describe at a time")
    args = parser.parse_args()
    source = Portraits(args.capture)
    print_speeds(source, args.portraits)
    print()
    print_memory(source, args.portraits)


if __name__ == "__main__":
    main()
