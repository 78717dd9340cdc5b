"""Many portraits at once, in this process or on any `concurrent.futures.Executor`."""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from dontspy_data.portraits.describe import Description, describe

AHEAD = 16


@dataclass(frozen=True, slots=True)
class Job:
    """A portrait to describe: the SHA-256 of its bytes, and the bytes."""

    sha256: str
    body: bytes


@contextmanager
def open_executor(workers: int | None, scheduler: str | None) -> Iterator[Executor | None]:
    """Where portraits are looked at."""
    with ProcessPoolExecutor(workers or os.cpu_count()) as pool:
        yield pool


def describe_all(
    jobs: Iterable[Job], executor: Executor | None, *, faces: bool
) -> Iterator[tuple[Job, Description]]:
    """Descriptions in the order of the jobs."""
    if executor is None:
        for job in jobs:
            yield job, describe(job.body, faces=faces)
        return
    waiting: deque[tuple[Job, Future[Description]]] = deque()
    for job in jobs:
        waiting.append((job, executor.submit(describe, job.body, faces=faces)))
        if len(waiting) > AHEAD:
            first, future = waiting.popleft()
            yield first, future.result()
    for first, future in waiting:
        yield first, future.result()
