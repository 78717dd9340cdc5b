"""When requests may leave: evenly spaced turns for one endpoint, shared by all threads that ask it.

The limiters of pyrate-limiter and requests-ratelimiter let waiting threads poll, in no order and in a sleep
that nothing ends. Here each thread is given its moment at once, a source's `Retry-After` moves everyone's,
and stopping the run ends all waits.
"""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from dontspy_data.collect.classify import ANSWERED, OUT_OF_ORDER, REFUSALS, Verdict
from dontspy_data.sources import SOURCE_OF
from dontspy_data.sources.endpoints import ROBOTS_TXT, Endpoint

SLOWER = 1.25
LEAST_INTERVAL_AFTER_HOLD = 0.02  # seconds


@dataclass
class Turns:
    """The timetable of one endpoint; times are seconds on any clock that only goes forward.

    Attributes:
        interval: least time between two requests.
    """

    interval: float
    _next: float = 0.0
    _held_until: float = 0.0

    def take(self, now: float) -> float:
        """The moment of the next turn, at or after `now`; nobody else is given it."""
        moment = max(now, self._next, self._held_until)
        self._next = moment + self.interval
        return moment

    def is_held(self, now: float) -> bool:
        """Whether the source has asked for quiet that is not over."""
        return now < self._held_until

    def hold(self, now: float, seconds: float) -> None:
        """Let nobody go for some time, and go slower after it: the source said that this was too fast."""
        if not self.is_held(now):
            self.interval = max(self.interval * SLOWER, LEAST_INTERVAL_AFTER_HOLD)
        self._held_until = max(self._held_until, now + seconds)


@dataclass
class Pace:
    """Turns that threads wait for.

    Attributes:
        turns: the timetable.
        stop: ends every wait when it is set.
    """

    turns: Turns
    stop: threading.Event
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self) -> bool:
        """Wait for a turn. False where the run is stopping, and the request must not leave."""
        while True:
            with self._lock:
                moment = self.turns.take(time.monotonic())
            delay = moment - time.monotonic()
            if self.stop.wait(delay) if delay > 0 else self.stop.is_set():
                return False
            with self._lock:
                if not self.turns.is_held(time.monotonic()):
                    return True

    def hold(self, seconds: float) -> None:
        """Let no request leave for some time."""
        with self._lock:
            self.turns.hold(time.monotonic(), seconds)


REFUSED_IN_A_ROW = 3
OUT_OF_ORDER_IN_A_ROW = 5


class Breaker:
    """Which endpoints are still asked for. Shared by all threads.

    Attributes:
        closed: those that are not asked for any more, and the answer that decided it.
        resting: those of them whose source asked for a rest, and until when, UTC.
    """

    def __init__(self) -> None:
        self.closed: dict[Endpoint, Verdict] = {}
        self.resting: dict[Endpoint, datetime] = {}
        self._refused: Counter[Endpoint] = Counter()
        self._out_of_order: Counter[Endpoint] = Counter()
        self._lock = threading.Lock()

    def may_ask(self, endpoint: Endpoint) -> bool:
        """Whether pages of a kind are still asked for."""
        return endpoint not in self.closed

    def note(self, endpoint: Endpoint, verdict: Verdict) -> None:
        """Take the last answer for a page into account, all its tries together."""
        with self._lock:
            if verdict in ANSWERED:
                self._refused[endpoint] = self._out_of_order[endpoint] = 0
            elif verdict in REFUSALS:
                self._refused[endpoint] += 1
            elif verdict in OUT_OF_ORDER:
                self._out_of_order[endpoint] += 1
            if (
                self._refused[endpoint] >= REFUSED_IN_A_ROW
                or self._out_of_order[endpoint] >= OUT_OF_ORDER_IN_A_ROW
            ):
                self.closed.setdefault(endpoint, verdict)

    def rest(self, endpoint: Endpoint, until: datetime) -> None:
        """Ask for nothing more at an endpoint, or of a host whose robots.txt it was: the source wants a long rest."""
        with self._lock:
            for other in SOURCE_OF:
                if other.host == endpoint.host and endpoint.path in (other.path, ROBOTS_TXT):
                    self.closed.setdefault(other, Verdict.TOO_MANY)
                    self.resting[other] = max(until, self.resting.get(other, until))
