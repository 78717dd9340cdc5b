"""Threads that fetch: some for each endpoint, so that slow answers of one do not hold up another."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator

from dontspy_data.collect.asks import Ask
from dontspy_data.collect.fetch import Done

IN_FLIGHT = 8
"""Most requests of one lane that wait for an answer at once."""

WINDOW = 64
"""Pages taken from a list before the first is done: what waits in memory does not grow with the list."""


class Crew:
    """Fetches pages and what they lead to, until there is nothing left."""

    def __init__(self, fetch: Callable[[Ask], Done]) -> None:
        self._fetch = fetch
        self._lanes: dict[tuple[str, str], queue.SimpleQueue[Ask | None]] = {}
        self._threads: dict[tuple[str, str], list[threading.Thread]] = {}
        self._results: queue.SimpleQueue[Done | BaseException] = queue.SimpleQueue()
        self._pending = 0

    def work(self, asks: Iterable[Ask], follow: Callable[[Done], Iterable[Ask]]) -> Iterator[Done]:
        """Every page's result as it comes; `follow` says what a result leads to.

        Raises:
            Exception: whatever a thread ran into.
        """
        waiting = iter(asks)
        while True:
            while self._pending < WINDOW and (ask := next(waiting, None)) is not None:
                self._put(ask)
            if not self._pending:
                return
            done = self._results.get()
            self._pending -= 1
            if isinstance(done, BaseException):
                raise done
            for ask in follow(done):
                self._put(ask)
            yield done

    def leave(self, patience: float) -> None:
        """Send the threads home, and leave those behind that take longer than that many seconds."""
        for lane, threads in self._threads.items():
            for _ in threads:
                self._lanes[lane].put(None)
        for threads in self._threads.values():
            for thread in threads:
                thread.join(patience)
                patience = patience if not thread.is_alive() else 0.0

    def _put(self, ask: Ask) -> None:
        lane = (ask.manner.host, ask.manner.endpoint)
        todo = self._lanes.setdefault(lane, queue.SimpleQueue())
        threads = self._threads.setdefault(lane, [])
        todo.put(ask)
        self._pending += 1
        if len(threads) < IN_FLIGHT:
            # Daemons: a run that is stopped does not wait a minute and a half for the API's last answer.
            threads.append(threading.Thread(target=self._run, args=(todo,), daemon=True))
            threads[-1].start()

    def _run(self, todo: "queue.SimpleQueue[Ask | None]") -> None:
        while (ask := todo.get()) is not None:
            try:
                self._results.put(self._fetch(ask))
            except Exception as error:  # noqa: BLE001 -- raised again where the run is led
                self._results.put(error)
