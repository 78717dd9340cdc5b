"""Measure a maintainer's years: build, check, release and publish every month, a quiet refresh, a purge in the end.

    python -m scripts.bench_years [--sizes 1 3 10] [--releases 24] [--before COMMIT] [--folder DIR]

Size 1 is a generated Parliament as large as the ten terms: 4,239 people, of whom 704 sit and have portraits. Each month
one person joins, one changes the group, one birth date is corrected and five portraits are replaced; its capture
holds the pages that changed. Every step is a process of its own, measured whole: seconds by the clock, of
processors, and the most memory of it and its children. What a step uploads are the bytes of files at the target that
were not there before under any name; what changed are those files of a release whose content the release before did not
have. Both are also given without what is made from other files: archives, inline Parquet, SQLite, spreadsheet.

With `--before`, the code of a commit does the same with the same captures, after this code did each size. A size takes
as long as its number says: 1 and 24 releases about twenty minutes, 10 and 3 releases about half an hour.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from datetime import time as moment
from io import BytesIO
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import psutil
from PIL import Image

from dontspy_data.capture.records import Page
from dontspy_data.model.codes import Term, terms
from dontspy_data.package.files import is_made, read_checksums
from scripts.bench import memory
from scripts.parliament.server import API, WWW, answer
from scripts.parliament.state import FIRST, LABELS, TERM_10, Parliament, party
from scripts.sample.captures import CaptureWriter
from scripts.sample.parliament import Mandate, Spell

PEOPLE, SITTING = 4_239, 704
REPLACED = 5
START = date(2026, 9, 5)
POLL_SECONDS = 0.05
BLOCKS, BLOCK = (70, 88), 4
LATEST = f"https://{API}/api/v2"
FORMAT = "format=application%2Fld%2Bjson"
QUIET = """
import sys
from pathlib import Path
from dontspy_data.pipeline.refresh import Refresh, refresh
done = refresh([Path(one) for one in sys.argv[3:]], Refresh(Path(sys.argv[1]), sys.argv[2], accept="a benchmark"))
assert done.is_unchanged, done
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one process took: seconds by the clock, of processors, megabytes of memory and of temporary files."""

    seconds: float
    processor: float
    megabytes: float
    temporary: float


@dataclass
class Taken:
    """What one version of the code took for one size."""

    costs: dict[str, list[Cost]] = field(default_factory=lambda: defaultdict(list))
    uploaded: list[tuple[int, int]] = field(default_factory=list)
    changed: list[int] = field(default_factory=list)
    stored: int = 0


def picture(number: int) -> bytes:
    """Return a JPEG of noise of about the bytes that an official portrait has."""
    noise = np.random.default_rng(number).integers(0, 256, (BLOCKS[1], BLOCKS[0], 3), dtype=np.uint8)
    large = Image.fromarray(noise).resize((BLOCKS[0] * BLOCK, BLOCKS[1] * BLOCK), Image.Resampling.BICUBIC)
    out = BytesIO()
    large.save(out, "JPEG", quality=88)
    return out.getvalue()


class Years:
    """A Parliament of some size, and a capture for each month."""

    def __init__(self, size: float, folder: Path) -> None:
        self.folder = folder
        self.seats = round(SITTING * size)
        self.parliament = Parliament.begin(START, self.seats)
        self.pictures = {mep_id: mep_id for mep_id in self.parliament.people}
        past = terms()[1:-1]
        for number in range(round((PEOPLE - SITTING) * size)):
            self._add_former(past[number % len(past)])
        self.captures: list[Path] = []

    def _add_former(self, term: Term) -> None:
        start, end, number = str(term.start_date), str(term.end_date), term.term
        mep_id = self.parliament.join(TERM_10)
        person = self.parliament.people[mep_id]
        self.parliament.people[mep_id] = replace(
            person,
            born=f"{term.start_date.year - 40}-01-31",
            mandates=(Mandate(number, start, end),),
            groups=(),
            parties=(Spell(number, start, end, party(person.country, 1), ""),),
        )

    def month(self, number: int) -> Path:
        """Let a month pass, and write the capture of what its refresh would receive."""
        people = self.parliament.people
        day = date(
            START.year + (START.month - 1 + number) // 12, (START.month - 1 + number) % 12 + 1, START.day
        )
        self.parliament.day = day
        changed, portraits = self._happen(number) if number else (list(people), list(self.pictures))
        path = self.folder / f"{number:02}.warc.gz"
        then = datetime.combine(day, moment(6), UTC)
        with path.open("wb") as stream:
            writer = CaptureWriter(stream, software="bench", started_at=then)
            for url in (*self._lists(number), *(f"{LATEST}/meps/{one}?{FORMAT}" for one in changed)):
                parts = urlsplit(url)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                status, kind, body = answer(self.parliament, parts.netloc, parts.path, query)
                writer.write(Page(url, status, (("Content-Type", kind),), body, then))
            for one in portraits:
                address = f"https://{WWW}/mepphoto/{one}.jpg"
                writer.write(
                    Page(address, 200, (("Content-Type", "image/jpeg"),), picture(self.pictures[one]), then)
                )
        self.captures.append(path)
        return path

    def _lists(self, number: int) -> Iterator[str]:
        yield f"{LATEST}/meps/show-current?{FORMAT}"
        yield f"{LATEST}/meps/show-current?mandate-date={self.parliament.day}&{FORMAT}"
        if number == 0:
            for body in self.parliament.all_bodies:
                yield f"{LATEST}/corporate-bodies/{body.number}?{FORMAT}&language=en"

    def _happen(self, number: int) -> tuple[list[int], list[int]]:
        """Return whose page changed, and whose portrait."""
        parliament, first = self.parliament, FIRST + 8 * number % (self.seats - 8)
        parliament.change_group(first, LABELS[number % len(LABELS)])
        parliament.edit(first + 1, born=f"1961-01-{1 + number:02}")
        new = parliament.join(str(parliament.day), country="MT")
        self.pictures[new] = new
        replaced = list(range(first + 2, first + 2 + REPLACED))
        for mep_id in replaced:
            self.pictures[mep_id] += 100_000 * number
        return [first, first + 1, new], [new, *replaced]


class Maintainer:
    """Runs the commands of one version of the code, in processes of their own, and counts."""

    def __init__(self, code: Path, folder: Path) -> None:
        self.folder = folder
        self.target = folder / "target"
        self.temporary = folder / "tmp"
        self.temporary.mkdir(parents=True)
        self.environment = {
            **os.environ,
            "PYTHONPATH": str(code),
            "TMPDIR": str(self.temporary),
            "XDG_CACHE_HOME": str(folder / "cache"),
        }
        self.taken = Taken()
        self.release: Path | None = None

    def month(self, captures: Sequence[Path], number: int, withdrawals: Path | None = None) -> None:
        """Build, check, release and publish."""
        package, release = self.folder / "package", self.folder / f"release-{number:02}"
        given = ["--withdrawals", withdrawals] if withdrawals else []
        self.run("build", "build", *captures, "--output", package, *given)
        self.run("check", "check", package)
        previous = ["--previous", self.target] if self.release else []
        self.run("release", "release", package, *previous, "--output", release, "--accept", "a benchmark")
        there = inodes(self.target)
        purge = ["--purge-withdrawn"] if withdrawals else []
        self.run("publish and purge" if purge else "publish", "publish", release, self.target, *purge)
        new = [(path, size) for inode, (path, size) in inodes(self.target).items() if inode not in there]
        uploaded = sum(size for _, size in new)
        self.taken.uploaded.append((uploaded, sum(size for path, size in new if not _is_made_at(path))))
        self.taken.changed.append(_changed(self.release, release))
        if self.release:
            shutil.rmtree(self.release)
        self.release = release
        self.taken.stored = sum(size for _, size in inodes(self.target).values())

    def quiet(self, captures: Sequence[Path]) -> None:
        """Refresh with nothing new."""
        self._measure(
            "quiet refresh", [sys.executable, "-c", QUIET, self.folder / "package", self.target, *captures]
        )

    def run(self, step: str, *words: object) -> None:
        """Run a command and keep what it took."""
        self._measure(step, [sys.executable, "-m", "dontspy_data", *words])

    def _measure(self, step: str, words: Sequence[object]) -> None:
        started, peak, temporary, processor = time.perf_counter(), 0, 0, 0.0
        log = self.folder / "log.txt"
        with log.open("wb") as printed:
            process = psutil.Popen(
                [str(word) for word in words],
                stdout=printed,
                stderr=subprocess.STDOUT,
                env=self.environment,
                cwd=self.folder,
            )
            while process.poll() is None:
                peak = max(peak, memory(process))
                temporary = max(temporary, sum(size for _, size in inodes(self.temporary).values()))
                processor = max(processor, _processor(process))
                time.sleep(POLL_SECONDS)
        if process.returncode:
            raise SystemExit(f"{step} ended with status {process.returncode}:\n{log.read_text()[-3000:]}")
        seconds = time.perf_counter() - started
        self.taken.costs[step].append(Cost(seconds, processor, peak / 1e6, temporary / 1e6))


def inodes(folder: Path) -> Mapping[tuple[int, int], tuple[Path, int]]:
    """Return every file below a folder once, whatever number of names it has: path and size by inode and change.

    A number alone is not enough: a file that is written after another was removed may get the number of that one.
    """
    found: dict[tuple[int, int], tuple[Path, int]] = {}
    for place, _, names in os.walk(folder):  # which passes over what is gone meanwhile
        for name in names:
            path = Path(place, name)
            try:
                about = path.lstat()
            except OSError:
                continue
            found.setdefault((about.st_ino, about.st_mtime_ns), (path.relative_to(folder), about.st_size))
    return found


def _is_made_at(path: Path) -> bool:
    return is_made("/".join(path.parts[1:]))


def _processor(process: psutil.Process) -> float:
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _changed(before: Path | None, release: Path) -> int:
    """Return the bytes of those files whose content the release before did not have, made ones aside."""
    known = set(read_checksums(before).values()) if before else set()
    paths = [
        path for path, digest in read_checksums(release).items() if digest not in known and not is_made(path)
    ]
    return sum((release / path).stat().st_size for path in paths)


def measure(size: float, releases: int, codes: Mapping[str, Path], folder: Path) -> dict[str, Taken]:
    """Play the months for one size with each version of the code, and return what each took."""
    captures = folder / "captures"
    captures.mkdir(parents=True)
    years = Years(size, captures)
    for number in range(releases):
        years.month(number)
    last = FIRST + years.seats - 1
    withdrawals = folder / "withdrawals.csv"
    withdrawals.write_text(f"mep_id,scope,withdrawn_on,reason\n{last},person,2028-10-01,request\n")
    found: dict[str, Taken] = {}
    for name, code in codes.items():
        maintainer = Maintainer(code, folder / name)
        for number in range(releases):
            maintainer.month(years.captures[: number + 1], number)
        maintainer.quiet(years.captures)
        maintainer.month(years.captures, releases, withdrawals)
        found[name] = maintainer.taken
        shutil.rmtree(maintainer.folder)
    return found


def report(size: float, found: Mapping[str, Taken]) -> Iterator[str]:
    """Yield the lines of a table for one size."""
    yield f"\nsize {size:g}: {round(PEOPLE * size):,} people, {round(SITTING * size):,} portraits"
    yield f"{'':>8} {'step':<18} {'times':>5} {'seconds':>8} {'processor':>9} {'MB':>6} {'temp MB':>8}"
    for name, taken in found.items():
        for step, costs in taken.costs.items():
            middle = [
                statistics.median(getattr(one, part) for one in costs) for part in ("seconds", "processor")
            ]
            most = [max(getattr(one, part) for one in costs) for part in ("megabytes", "temporary")]
            yield (
                f"{name:>8} {step:<18} {len(costs):>5} {middle[0]:>8.1f} {middle[1]:>9.1f} "
                f"{most[0]:>6.0f} {most[1]:>8.0f}"
            )
        first, *months, purge = taken.uploaded
        yield f"{name:>8} first release uploaded {first[0] / 1e6:,.1f} MB ({first[1] / 1e6:,.1f} without what is made)"
        if months:
            total, plain = (statistics.mean(one[part] for one in months) / 1e6 for part in (0, 1))
            changed = statistics.mean(taken.changed[1:-1]) / 1e6
            yield (
                f"{name:>8} a month uploaded {total:,.1f} MB ({plain:,.1f} without what is made), "
                f"{plain / changed:.2f} times what changed ({changed:,.1f} MB)"
            )
        yield f"{name:>8} the purge and its release uploaded {purge[0] / 1e6:,.1f} MB"
        yield f"{name:>8} all {len(months) + 2} releases at the target have {taken.stored / 1e6:,.1f} MB"


def main() -> None:
    """Measure and print each size as it is done."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--sizes", type=float, nargs="+", default=[1, 3, 10], help="in ten terms; 0.1 to try it"
    )
    parser.add_argument("--releases", type=int, default=24, help="months")
    parser.add_argument("--before", metavar="COMMIT", help="also measure the code of this commit")
    parser.add_argument("--folder", type=Path, help="work below this folder; by default a temporary one")
    args = parser.parse_args()
    here = Path(__file__).parents[1]
    with tempfile.TemporaryDirectory(dir=args.folder) as name:
        folder = Path(name)
        codes = {"now": here}
        if args.before:
            codes["before"] = folder / "code"
            subprocess.run(
                ["git", "-C", here, "worktree", "add", "-q", "--detach", codes["before"], args.before],
                check=True,
            )
        try:
            for size in args.sizes:
                found = measure(size, args.releases, codes, folder / f"size-{size:g}")
                print("\n".join(report(size, found)), flush=True)
                shutil.rmtree(folder / f"size-{size:g}")
        finally:
            if args.before:
                subprocess.run(
                    ["git", "-C", here, "worktree", "remove", "--force", codes["before"]], check=True
                )


if __name__ == "__main__":
    main()
