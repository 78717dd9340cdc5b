"""Threads that fetch pages, a queue for each endpoint, and what their pages lead to."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator

from dontspy_data.collect.page import PageResult
from dontspy_data.sources.endpoints import Request

IN_FLIGHT = 8
"""Most requests of one endpoint that wait for an answer at once."""

WINDOW = 64
"""Pages taken from a list before the first is done: what waits in memory does not grow with the list."""


class WorkerPool:
    """Fetch pages and what they lead to, until there is nothing left."""

    def __init__(self, collect: Callable[[Request], PageResult]) -> None:
        self._collect = collect
        self._queues: dict[tuple[str, str], queue.SimpleQueue[Request | None]] = {}
        self._threads: dict[tuple[str, str], list[threading.Thread]] = {}
        self._results: queue.SimpleQueue[PageResult | BaseException] = queue.SimpleQueue()
        self._pending = 0

    def work(
        self, requests: Iterable[Request], follow: Callable[[PageResult], Iterable[Request]]
    ) -> Iterator[PageResult]:
        """Yield every page's result as it comes; `follow` says what a result leads to.

        Raises:
            Exception: whatever a thread ran into.
        """
        waiting = iter(requests)
        while True:
            while self._pending < WINDOW and (request := next(waiting, None)) is not None:
                self._put(request)
            if not self._pending:
                return
            result = self._results.get()
            self._pending -= 1
            if isinstance(result, BaseException):
                raise result
            for request in follow(result):
                self._put(request)
            yield result

    def stop(self, patience: float) -> None:
        """Stop the workers; abandon any that take longer than `patience` seconds."""
        for key, threads in self._threads.items():
            for _ in threads:
                self._queues[key].put(None)
        for threads in self._threads.values():
            for thread in threads:
                thread.join(patience)
                patience = patience if not thread.is_alive() else 0.0

    def _put(self, request: Request) -> None:
        key = (request.endpoint.host, request.endpoint.path)
        todo = self._queues.setdefault(key, queue.SimpleQueue())
        threads = self._threads.setdefault(key, [])
        todo.put(request)
        self._pending += 1
        if len(threads) < IN_FLIGHT:
            # Daemons: a run that is stopped does not wait a minute and a half for the API's last answer.
            threads.append(threading.Thread(target=self._run, args=(todo,), daemon=True))
            threads[-1].start()

    def _run(self, todo: "queue.SimpleQueue[Request | None]") -> None:
        while (request := todo.get()) is not None:
            try:
                self._results.put(self._collect(request))
            except Exception as error:  # noqa: BLE001 -- raised again where the run is led
                self._results.put(error)
