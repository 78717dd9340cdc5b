"""Many portraits at once, on any `concurrent.futures.Executor`: processes here, or a Dask cluster.

Jobs carry their bytes, so that a worker needs no file of this machine. Descriptions come back in the order
of the jobs, and only a bounded number of bytes is under way, so that memory does not grow with their number.
"""

import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from dontspy_data.portraits.cluster import cluster
from dontspy_data.portraits.describe import Description, describe, given_up

BATCH = 16  # jobs that a worker is given at a time
BATCH_BYTES = 4_000_000
BYTES_UNDER_WAY = 64_000_000
BATCHES_UNDER_WAY = 256  # more than there are workers

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Job:
    """One portrait to describe: the SHA-256 of its bytes, and the bytes."""

    sha256: str
    body: bytes


def describe_all(
    jobs: Iterable[Job], executor: Executor | None, *, faces: bool
) -> Iterator[tuple[Job, Description]]:
    """Every job with its description, in the order of the jobs.

    A worker that dies over a batch costs nobody else's portrait: the batch is tried again, each portrait in
    a process of its own, and one that ends its process again is reported as its problem.

    Args:
        jobs: read as workers have time for them.
        executor: where to describe; this process where it is None.
        faces: whether to look for faces.

    Raises:
        UsageError: `faces` is wanted and the extra is not installed where the work is done.
    """
    if executor is None:
        for job in jobs:
            yield job, describe(job.body, faces=faces)
        return
    waiting: deque[tuple[list[Job], Future[list[Description]]]] = deque()
    size = 0
    for batch in _batches(jobs):
        waiting.append((batch, executor.submit(describe_batch, [job.body for job in batch], faces=faces)))
        size += _bytes(batch)
        while waiting and (
            waiting[0][1].done() or size > BYTES_UNDER_WAY or len(waiting) > BATCHES_UNDER_WAY
        ):
            size -= _bytes(waiting[0][0])
            yield from _results(*waiting.popleft(), faces=faces)
    while waiting:
        yield from _results(*waiting.popleft(), faces=faces)


def describe_batch(bodies: list[bytes], *, faces: bool) -> list[Description]:
    """Descriptions of several portraits, in order: what a worker is asked for."""
    return [describe(body, faces=faces) for body in bodies]


def _batches(jobs: Iterable[Job]) -> Iterator[list[Job]]:
    batch: list[Job] = []
    for job in jobs:
        batch.append(job)
        if len(batch) == BATCH or _bytes(batch) > BATCH_BYTES:
            yield batch
            batch = []
    if batch:
        yield batch


def _bytes(batch: list[Job]) -> int:
    return sum(len(job.body) for job in batch)


def _results(
    batch: list[Job], future: "Future[list[Description]]", *, faces: bool
) -> Iterator[tuple[Job, Description]]:
    try:
        descriptions = future.result()
    except BrokenExecutor:
        descriptions = [_alone(job, faces=faces) for job in batch]
    yield from zip(batch, descriptions, strict=True)


def _alone(job: Job, *, faces: bool) -> Description:
    """A portrait described in a process of its own."""
    with _pool(1) as process:
        try:
            return process.submit(describe, job.body, faces=faces).result()
        except BrokenExecutor:
            return given_up(job.sha256)


class Processes(Executor):
    """A pool of processes that is replaced where one of them has died; else as `ProcessPoolExecutor`."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._processes = _pool(workers)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """A call to be made by one of the processes."""
        with suppress(BrokenProcessPool):
            return self._processes.submit(fn, *args, **kwargs)
        self._processes.shutdown()
        self._processes = _pool(self._workers)
        return self._processes.submit(fn, *args, **kwargs)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes."""
        self._processes.shutdown(wait, cancel_futures=cancel_futures)


@contextmanager
def open_executor(workers: int | None, scheduler: str | None) -> Iterator[Executor]:
    """Where portraits are described.

    Args:
        workers: number of processes on this machine; one a core where it is None.
        scheduler: address of a Dask scheduler to work on instead.

    Raises:
        UsageError: the cluster cannot be used.
    """
    with cluster(scheduler) if scheduler else Processes(workers or os.cpu_count() or 1) as executor:
        yield executor


def _pool(workers: int) -> ProcessPoolExecutor:
    # Started anew rather than copied, so that they share no state with this process.
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))
