"""When to leave a source alone: it says no, asks for a long rest, or is out of order several times in a row."""

import threading
from collections import Counter
from datetime import datetime

from dontspy_data.collect.answers import ANSWERED, OUT_OF_ORDER, REFUSALS, Verdict
from dontspy_data.collect.asks import MANNERS, ROBOTS_TXT, Kind, Manner

REFUSED_IN_A_ROW = 3
OUT_OF_ORDER_IN_A_ROW = 5


class Breaker:
    """Which kinds of page are still asked for. Shared by all threads.

    Attributes:
        closed: the kinds that are not asked for any more, and the answer that decided it.
        resting: those of them whose source asked for a rest, and until when, UTC.
    """

    def __init__(self) -> None:
        self.closed: dict[Kind, Verdict] = {}
        self.resting: dict[Kind, datetime] = {}
        self._refused: Counter[Kind] = Counter()
        self._out_of_order: Counter[Kind] = Counter()
        self._lock = threading.Lock()

    def may_ask(self, kind: Kind) -> bool:
        """Whether pages of a kind are still asked for."""
        return kind not in self.closed

    def note(self, kind: Kind, verdict: Verdict) -> None:
        """Take the last answer for a page into account, all its tries together."""
        with self._lock:
            if verdict in ANSWERED:
                self._refused[kind] = self._out_of_order[kind] = 0
            elif verdict in REFUSALS:
                self._refused[kind] += 1
            elif verdict in OUT_OF_ORDER:
                self._out_of_order[kind] += 1
            if self._refused[kind] >= REFUSED_IN_A_ROW or self._out_of_order[kind] >= OUT_OF_ORDER_IN_A_ROW:
                self.closed.setdefault(kind, verdict)

    def rest(self, manner: Manner, until: datetime) -> None:
        """Ask for nothing more in a lane, or of a host whose robots.txt it was: the source wants a long rest."""
        with self._lock:
            for kind, other in MANNERS.items():
                if other.host == manner.host and manner.endpoint in (other.endpoint, ROBOTS_TXT):
                    self.closed.setdefault(kind, Verdict.TOO_MANY)
                    self.resting[kind] = max(until, self.resting.get(kind, until))
