"""Run every reader of foreign bytes on mutated input, and count what comes of it.

    python -m scripts.fuzz --number 20000 --seed 1
    python -m scripts.fuzz --seconds 60 --reader ledger --reader checksums

Each reader has a process of its own. What it may do with any input is to read it, or to raise the project's own error;
tracebacks, crashes, hangs, memory beyond a gigabyte and inputs that are accepted though they must not be (wrong
successes) are counted, and the first input of each kind is kept below `--keep`. The corpus is made from the sample.
"""

import argparse
import json
import multiprocessing
import random
import resource
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dontspy_data.errors import DontspyError
from scripts.fuzz_readers import READERS, Corpus, make_corpus

HANG = 5  # seconds
MEMORY = 1 << 30
TOKENS = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\xc2\x85", b"\xed\xa0\x80", b"\r\n", b"\n\n", b'"',
    b"\\u",
    b"../", b"/", b"\\", b"-1", b"0", b"1e999", b"NaN", b"9" * 5000, b"null", b"true", b"[]", b"{}", b"[" * 3000,
    b'{"a":' * 3000, b"10000-01-01", b"2026-02-30", b"\xe0\xa5\xa9", b"%00", b"\x1b[31m", b"A" * 70_000,
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1.5, 10**30, "", "x", "\u2028", "../../x", "9" * 20, [], {}, [[]], [None], {"": None},
)  # fmt: skip


class HangError(BaseException):
    """A reader that takes longer than `HANG`."""


@dataclass
class Outcome:
    """What came of one reader.

    Attributes:
        name: of the reader.
        counts: inputs, by what came of them.
        seconds: how long it took.
        first: the first of each kind of failure, as text.
    """

    name: str
    counts: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    first: dict[str, str] = field(default_factory=dict)


KINDS = ("read", "own errors", "tracebacks", "crashes", "hangs", "memory", "wrong successes")
BAD = KINDS[2:]


def mutated(rng: random.Random, seeds: Sequence[bytes]) -> bytes:
    """Return a seed with one to eight changes."""
    body = bytearray(rng.choice(seeds))
    for _ in range(rng.choice((1, 1, 1, 2, 3, 8))):
        rng.choice(CHANGES)(rng, body, seeds)
    return bytes(body)


def _flip(rng: random.Random, body: bytearray, _: Sequence[bytes]) -> None:
    if body:
        body[rng.randrange(len(body))] ^= 1 << rng.randrange(8)


def _cut(rng: random.Random, body: bytearray, _: Sequence[bytes]) -> None:
    start = rng.randrange(len(body) + 1)
    del body[start : start + int(rng.paretovariate(0.5))]


def _end(rng: random.Random, body: bytearray, _: Sequence[bytes]) -> None:
    del body[rng.randrange(len(body) + 1) :]


def _insert(rng: random.Random, body: bytearray, _: Sequence[bytes]) -> None:
    start = rng.randrange(len(body) + 1)
    body[start:start] = rng.choice(TOKENS)


def _overwrite(rng: random.Random, body: bytearray, _: Sequence[bytes]) -> None:
    start, token = rng.randrange(len(body) + 1), rng.choice(TOKENS)
    body[start : start + len(token)] = token


def _repeat(rng: random.Random, body: bytearray, _: Sequence[bytes]) -> None:
    start = rng.randrange(len(body) + 1)
    piece = body[start : start + rng.randrange(1, 200)]
    body[start:start] = piece * rng.choice((1, 2, 50))


def _splice(rng: random.Random, body: bytearray, seeds: Sequence[bytes]) -> None:
    other = rng.choice(seeds)
    start = rng.randrange(len(body) + 1)
    body[start:] = other[rng.randrange(len(other) + 1) :]


def _json(rng: random.Random, body: bytearray, _: Sequence[bytes]) -> None:
    """Replace, remove or rename one value of a JSON document."""
    try:
        document = json.loads(bytes(body))
    except (ValueError, RecursionError):
        return _flip(rng, body, ())
    holder: Any = [document]
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = rng.choice(keys)
        below = holder[key]
        if not isinstance(below, dict | list) or not below or rng.random() < 0.15:
            break
        holder = below
    match rng.randrange(4):
        case 0 if isinstance(holder, dict):
            del holder[key]
        case 1 if isinstance(holder, dict):
            holder[f"{key}x"] = holder.pop(key)
        case _:
            holder[key] = rng.choice(VALUES)
    body[:] = json.dumps(document).encode()
    return None


CHANGES: tuple[Callable[[random.Random, bytearray, Sequence[bytes]], None], ...] = (
    _flip, _flip, _cut, _end, _insert, _insert, _overwrite, _repeat, _splice, _json, _json, _json,
)  # fmt: skip


def run(
    name: str, corpus: Corpus, number: int, seconds: float, seed: int, keep: Path | None = None
) -> Outcome:
    """Run one reader in this process.

    Args:
        name: of the reader.
        corpus: where its seeds are.
        number: of inputs at most.
        seconds: that it may take at most.
        seed: of the random changes; the same one gives the same inputs.
        keep: folder for the first input of each kind of failure; None to keep none.
    """
    reader = next(reader for reader in READERS if reader.name == name)
    signal.signal(signal.SIGALRM, _hang)
    seeds = reader.seeds(corpus)
    rng = random.Random(f"{seed}:{reader.name}")
    outcome = Outcome(reader.name)
    start = time.monotonic()
    with TemporaryDirectory(prefix="fuzz-") as folder:
        read = reader.prepare(corpus, Path(folder))
        for count in range(number):
            if time.monotonic() - start > seconds:
                break
            body = mutated(rng, seeds) if count >= len(seeds) else seeds[count]
            if keep:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{reader.name}-last").write_bytes(body)  # what is there after the process has died
            before = _memory()
            kind, why = _one(read, body)
            if _memory() - before > MEMORY:
                kind, why = "memory", f"{_memory() - before:,} bytes"
            outcome.counts["inputs"] += 1
            outcome.counts[kind] += 1
            if kind in BAD and kind not in outcome.first:
                outcome.first[kind] = why
                if keep:
                    (keep / f"{reader.name}-{kind.replace(' ', '-')}").write_bytes(body)
    outcome.seconds = time.monotonic() - start
    return outcome


def _one(read: Callable[[bytes], str | None], body: bytes) -> tuple[str, str]:
    signal.setitimer(signal.ITIMER_REAL, HANG)
    try:
        wrong = read(body)
    except DontspyError:
        return "own errors", ""
    except HangError:
        return "hangs", f"more than {HANG} s"
    except MemoryError:
        return "memory", "MemoryError"
    except Exception:  # noqa: BLE001  whatever it is, it is what is looked for
        return "tracebacks", traceback.format_exc(limit=-3)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
    return ("wrong successes", wrong) if wrong else ("read", "")


def _hang(*_: object) -> None:
    raise HangError


def _memory() -> int:
    """Return the most memory that this process has had, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def table(outcomes: Sequence[Outcome]) -> str:
    """Return the outcomes as Markdown."""
    columns = ("inputs", *KINDS)
    lines = [f"| reader | {' | '.join(columns)} | seconds |", f"|---|{'---:|' * (len(columns) + 1)}"]
    for one in outcomes:
        cells = " | ".join(f"{one.counts[column]:,}" for column in columns)
        lines.append(f"| {one.name} | {cells} | {one.seconds:.0f} |")
    return "\n".join(lines)


def main() -> int:
    """Run what the command line asks for; return 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--number", type=int, default=20_000, help="inputs a reader")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="at most, a reader")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--reader", action="append", choices=[reader.name for reader in READERS])
    parser.add_argument("--keep", type=Path, help="folder for the first input of each failure")
    given = parser.parse_args()
    chosen = [reader for reader in READERS if not given.reader or reader.name in given.reader]
    outcomes = []
    with TemporaryDirectory(prefix="fuzz-corpus-") as name:
        corpus = make_corpus(Path(name))
        for reader in chosen:
            words = (reader.name, corpus, given.number, given.seconds, given.seed, given.keep)
            with ProcessPoolExecutor(
                1, multiprocessing.get_context("fork")
            ) as pool:  # for its memory, and its death
                try:
                    outcomes.append(pool.submit(run, *words).result())
                except BrokenProcessPool:
                    crashed = Counter({"inputs": 1, "crashes": 1})
                    outcomes.append(Outcome(reader.name, crashed, first={"crashes": f"see {given.keep}"}))
            sys.stderr.write(f"{reader.name}: {dict(outcomes[-1].counts)}\n")
            for kind, why in outcomes[-1].first.items():
                sys.stderr.write(f"  {kind}: {why}\n")
    sys.stdout.write(table(outcomes) + "\n")
    return int(any(one.counts[kind] for one in outcomes for kind in BAD))


if __name__ == "__main__":
    sys.exit(main())
