"""Many files at once."""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

AT_ONCE = 8

T = TypeVar("T")
R = TypeVar("R")


def each(act: Callable[[T], R], things: Iterable[T]) -> list[R]:
    """What an act gives for every thing, in order; the first failure is raised, and what has not begun is left."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        futures = [pool.submit(act, thing) for thing in things]
        try:
            return [future.result() for future in futures]
        finally:
            pool.shutdown(cancel_futures=True)
