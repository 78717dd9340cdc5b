"""Time, peak memory and rows a second of a build, for 1, 4 and 16 times the sample.

The sample is multiplied by giving each copy its own MEP numbers, so that every page, person and portrait is new.

    python -m scripts.bench [--times 1,4,16] [--capture FILE.warc.gz]
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from dontspy_data import sample
from dontspy_data.capture.captures import Captures, Page
from scripts.sample.captures import CaptureWriter

NUMBER = re.compile(rb"(?<![0-9])9[0-9]{6}(?![0-9])")
STEP = 1000
POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Measure:
    """What one build took: seconds, megabytes over all its processes together, and rows written."""

    seconds: float
    megabytes: float
    rows: int


def copies(captures: Captures, times: int) -> Iterator[Page]:
    """Yield every answer, `times` over, each copy with MEP numbers of its own."""
    for url in captures.urls():
        for page in captures.pages(url):
            for copy in range(times):
                yield replace(page, url=shift(url.encode(), copy).decode(), body=shift_body(page, copy))


def shift_body(page: Page, copy: int) -> bytes:
    """Shift the numbers in a body; a picture stays as it is."""
    return page.body if page.content_type.startswith("image/") else shift(page.body, copy)


def shift(text: bytes, copy: int) -> bytes:
    """Return text with every MEP number of the sample moved up."""
    return NUMBER.sub(lambda found: str(int(found[0]) + copy * STEP).encode(), text)


def multiply(source: Path, target: Path, times: int) -> None:
    """Write a capture with `times` the answers."""
    captures = Captures.open([source])
    first = min(entry.retrieved_at for url in captures.urls() for entry in captures.entries(url))
    with target.open("wb") as stream:
        writer = CaptureWriter(stream, software="bench", started_at=first)
        for page in copies(captures, times):
            writer.write(page)


def measure(capture: Path, output: Path) -> Measure:
    """Build in a process of its own, watching the memory of it and its workers."""
    command = [sys.executable, "-m", "dontspy_data", "build", str(capture), "--output", str(output), "--json"]
    started = time.perf_counter()
    with tempfile.TemporaryFile() as printed:
        process = psutil.Popen(command, stdout=printed, stderr=subprocess.DEVNULL)
        peak = 0
        while process.poll() is None:
            peak = max(peak, memory(process))
            time.sleep(POLL_SECONDS)
        seconds = time.perf_counter() - started
        if process.returncode:
            raise SystemExit(f"the build ended with status {process.returncode}")
        printed.seek(0)
        built = json.load(printed)
    return Measure(seconds, peak / 1e6, sum(built["tables"].values()))


def memory(process: psutil.Process) -> int:
    """Bytes of a process and its children, with shared pages counted once."""
    total = 0
    for one in (process, *process.children(recursive=True)):
        try:
            total += one.memory_full_info().pss
        except psutil.NoSuchProcess:
            continue
    return total


def main() -> None:
    """Measure and print a line for each size."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", default="1,4,16", help="sizes, in copies of the sample")
    parser.add_argument("--capture", type=Path, default=sample.path(), help="capture to multiply")
    args = parser.parse_args()
    print(f"{'times':>6} {'seconds':>8} {'MB':>6} {'rows':>9} {'rows/s':>8}")
    with tempfile.TemporaryDirectory() as folder:
        for times in map(int, args.times.split(",")):
            capture = Path(folder) / f"{times}.warc.gz"
            multiply(args.capture, capture, times)
            took = measure(capture, Path(folder) / f"package-{times}")
            rate = took.rows / took.seconds
            print(
                f"{times:>6} {took.seconds:>8.2f} {took.megabytes:>6.0f} {took.rows:>9,} {rate:>8,.0f}",
                flush=True,
            )


if __name__ == "__main__":
    main()
