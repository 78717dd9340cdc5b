"""When to leave a source alone: it has said no, or has been out of order, several times in a row."""

import threading
from collections import Counter

from dontspy_data.collect.answers import DOWN, GOOD, REFUSALS, Verdict
from dontspy_data.collect.asks import Kind

REFUSED_IN_A_ROW = 3
DOWN_IN_A_ROW = 5


class Breaker:
    """Which kinds of page are still asked for. Shared by all threads.

    Attributes:
        closed: the kinds that are not asked for any more, and the answer that decided it.
    """

    def __init__(self) -> None:
        self.closed: dict[Kind, Verdict] = {}
        self._refused: Counter[Kind] = Counter()
        self._down: Counter[Kind] = Counter()
        self._lock = threading.Lock()

    def may_ask(self, kind: Kind) -> bool:
        """Whether pages of a kind are still asked for."""
        return kind not in self.closed

    def note(self, kind: Kind, verdict: Verdict) -> None:
        """Take the last answer for a page into account, all its tries together."""
        with self._lock:
            if verdict in GOOD:
                self._refused[kind] = self._down[kind] = 0
            elif verdict in REFUSALS:
                self._refused[kind] += 1
            elif verdict in DOWN:
                self._down[kind] += 1
            if self._refused[kind] >= REFUSED_IN_A_ROW or self._down[kind] >= DOWN_IN_A_ROW:
                self.closed.setdefault(kind, verdict)
