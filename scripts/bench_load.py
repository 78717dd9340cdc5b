"""Time to the first DataFrame, and portraits decoded a second: this library beside others, in one run.

    python -m scripts.bench_load PACKAGE

The same portraits and facts are laid out as each library wants them: Parquet with pictures inside and an image folder
for `datasets`, tar files for `webdataset`. Every run has an interpreter of its own, in an environment that this script
makes below `out/`. What a library caches is shown by its first run. After that everybody runs in turn, several times,
and the best of each is printed, since whatever else the machine does can only make a run slower.
"""

import argparse
import json
import os
import subprocess
import sys
import tarfile
import time
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd

ROOT = Path(__file__).parent.parent
WORK = ROOT / "out" / "bench-load"
OTHERS = ["datasets>=3", "webdataset>=1"]
RUNS = 5
PASSES = 3
FACTS = ["mep_id", "name", "country", "political_group", "gender", "birth_date"]


def main() -> None:
    """Make the environment and the layouts, run everybody, print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("package", type=Path, help="folder of a built package")
    parser.add_argument("--run", nargs=2, metavar=("LIBRARY", "TASK"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    package = arguments.package.resolve()
    if arguments.run:
        library, task = arguments.run
        print(json.dumps(TASKS[task](LIBRARIES[library], package)))
        return
    python = _environment()
    subprocess.run(
        [python, "-m", "scripts.bench_load", package, "--run", "dontspy-data", "layout"], check=True
    )
    first = {library: _run(python, library, "frame", package) for library in LIBRARIES}
    frames, decoded = (
        [{library: _run(python, library, task, package) for library in LIBRARIES} for _ in range(RUNS)]
        for task in ("frame", "decode")
    )
    print(f"{'':24} {'first run':>10} {'DataFrame':>10} {'portraits':>10}")
    print(f"{'':24} {'s':>10} {'s':>10} {'/s':>10}")
    for library in LIBRARIES:
        fastest = min(run[library] for run in frames)
        most = max(run[library] for run in decoded)
        print(f"{library:24} {first[library]:10.2f} {fastest:10.2f} {most:10,.0f}")


def _environment() -> Path:
    """Return the interpreter of an environment with everybody in it."""
    python = WORK / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", WORK / "venv"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "-e", ROOT, *OTHERS], check=True)
    return python


def _run(python: Path, library: str, task: str, package: Path) -> float:
    """Measure seconds from start to end of the interpreter for `frame`, pictures a second for `decode`."""
    environment = {
        **os.environ,
        "HF_HOME": str(WORK / "hf" / library.replace(" ", "-")),
        "HF_HUB_OFFLINE": "1",
    }
    command: list[str | Path] = [python, "-m", "scripts.bench_load", package, "--run", library, task]
    start = time.perf_counter()
    ran = subprocess.run(command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    return float(ran.stdout.splitlines()[-1]) if task == "decode" else seconds


class Ours:
    """This library, on the package as it is."""

    def __init__(self, package: Path) -> None:
        import dontspy_data as dd

        self.faces = dd.load(package)

    def frame(self) -> "pd.DataFrame":
        """Facts of all people."""
        return self.faces.meps[FACTS]

    def pictures(self) -> Iterable[Any]:
        """Yield decoded portraits."""
        return self.faces.iter_portraits()


class Datasets:
    """`datasets`: the same for both of its layouts."""

    def __init__(self, builder: str, **where: str) -> None:
        from datasets import load_dataset

        self.rows = load_dataset(builder, split="train", **where)

    def frame(self) -> "pd.DataFrame":
        """Facts of all people with a portrait."""
        frame: pd.DataFrame = self.rows.select_columns(FACTS).to_pandas()
        return frame

    def pictures(self) -> Iterable[Any]:
        """Yield decoded portraits."""
        return (row["image"] for row in self.rows.select_columns(["image"]))


class WebDataset:
    """`webdataset` over tar files."""

    def __init__(self, shards: Path) -> None:
        self.shards = sorted(map(str, shards.glob("*.tar")))

    def frame(self) -> "pd.DataFrame":
        """Facts of all people with a portrait."""
        import pandas as pd
        import webdataset

        rows = webdataset.WebDataset(self.shards, shardshuffle=False).decode(only=["json"])
        return pd.DataFrame([row["json"] for row in rows])[FACTS]

    def pictures(self) -> Iterable[Any]:
        """Yield decoded portraits."""
        import webdataset

        return (row["jpg"] for row in webdataset.WebDataset(self.shards, shardshuffle=False).decode("pil"))


Library = Ours | Datasets | WebDataset
LIBRARIES: dict[str, Callable[[Path], Library]] = {
    "dontspy-data": Ours,
    "datasets, Parquet": lambda _: Datasets("parquet", data_files=str(WORK / "faces.parquet")),
    "datasets, imagefolder": lambda _: Datasets("imagefolder", data_dir=str(WORK / "imagefolder")),
    "webdataset": lambda _: WebDataset(WORK / "shards"),
}


def time_frame(library: Callable[[Path], Library], package: Path) -> int:
    """Count the rows of the first DataFrame; the time is that of the whole interpreter."""
    return len(library(package).frame())


def count_pictures(library: Callable[[Path], Library], package: Path) -> float:
    """Return portraits decoded a second, all their pixels, after one warm-up pass."""
    opened = library(package)
    for picture in opened.pictures():
        picture.load()
    start = time.perf_counter()
    seen = 0
    for _ in range(PASSES):
        for picture in opened.pictures():
            picture.load()
            seen += 1
    return seen / (time.perf_counter() - start)


def lay_out(_: Callable[[Path], Library], package: Path) -> int:
    """Write the package as the other libraries want it; the number of portraits."""
    import dontspy_data as dd

    faces = dd.load(package)
    people = faces.to_huggingface()
    people.to_parquet(WORK / "faces.parquet")
    folder, shards = WORK / "imagefolder", WORK / "shards"
    folder.mkdir(exist_ok=True)
    shards.mkdir(exist_ok=True)
    rows = list(_rows(faces))
    with tarfile.open(shards / "faces-0.tar", "w") as tar, (folder / "metadata.jsonl").open("w") as metadata:
        for row, body in rows:
            name = str(row["mep_id"])
            (folder / f"{name}.jpg").write_bytes(body)
            metadata.write(json.dumps({"file_name": f"{name}.jpg", **row}) + "\n")
            for suffix, content in (("jpg", body), ("json", json.dumps(row).encode())):
                member = tarfile.TarInfo(f"{name}.{suffix}")
                member.size = len(content)
                tar.addfile(member, BytesIO(content))
    return len(rows)


def _rows(faces: Any) -> Iterator[tuple[dict[str, Any], bytes]]:
    meps = faces.table("meps", columns=FACTS, engine="arrow").to_pylist()
    for row in meps:
        if credit := faces.credits.get(row["mep_id"]):
            birth_date = row["birth_date"] and row["birth_date"].isoformat()
            yield {**row, "birth_date": birth_date}, faces.path(credit.path).read_bytes()


TASKS = {"frame": time_frame, "decode": count_pictures, "layout": lay_out}

if __name__ == "__main__":
    main()
