"""When requests may leave: evenly spaced turns for one endpoint, shared by all threads; and when it is no longer asked.

The limiters of pyrate-limiter and requests-ratelimiter let waiting threads poll, in no order and in a sleep
that nothing ends. Here each thread gets its time at once, a source's `Retry-After` moves everyone's,
and stopping the run ends all waits.
"""

import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime

from dontspy_data.collect.classify import ANSWERED, OUT_OF_ORDER, REFUSALS, Classification, ResponseKind
from dontspy_data.sources import SOURCE_OF
from dontspy_data.sources.source import ROBOTS_TXT, Endpoint

SLOWER = 1.25
LEAST_INTERVAL_AFTER_HOLD = 0.02  # seconds
LONGEST_INTERVAL = 900.0  # seconds; a host that asks for more between two requests is not asked at all
REFUSED_IN_A_ROW = 3  # answers in a row after which an endpoint is no longer asked
OUT_OF_ORDER_IN_A_ROW = 5


@dataclass
class Timetable:
    """Hand out the times of one endpoint's requests, in seconds of a monotonic clock.

    Attributes:
        interval: least time between two requests.
    """

    interval: float
    _next: float = 0.0
    _held_until: float = 0.0

    def take(self, now: float) -> float:
        """Return the time of the next turn, at or after `now`; it is given only once."""
        moment = max(now, self._next, self._held_until)
        self._next = moment + self.interval
        return moment

    def is_held(self, now: float) -> bool:
        """Return whether a pause that the source asked for is not over."""
        return now < self._held_until

    def hold(self, now: float, seconds: float) -> None:
        """Pause for some time, and go slower afterwards: the source said that this was too fast."""
        if not self.is_held(now):
            self.interval = min(max(self.interval * SLOWER, LEAST_INTERVAL_AFTER_HOLD), LONGEST_INTERVAL)
        self._held_until = max(self._held_until, now + seconds)


@dataclass
class RateLimiter:
    """Make threads wait for their turn.

    Attributes:
        timetable: when the turns are.
        stop: ends every wait when it is set.
    """

    timetable: Timetable
    stop: threading.Event
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def wait(self) -> bool:
        """Wait for a turn; return False if the run is stopping, and the request must not be sent."""
        while True:
            with self._lock:
                moment = self.timetable.take(time.monotonic())
            delay = moment - time.monotonic()
            if self.stop.wait(delay) if delay > 0 else self.stop.is_set():
                return False
            with self._lock:
                if not self.timetable.is_held(time.monotonic()):
                    return True

    def hold(self, seconds: float) -> None:
        """Send no request for some time."""
        with self._lock:
            self.timetable.hold(time.monotonic(), seconds)


class CircuitBreaker:
    """Decide which endpoints are still asked. Shared by all threads.

    Attributes:
        open: the endpoints that are no longer asked, and the answer that decided it.
        resting: those of them whose source asked for a long pause, and until when, UTC.
    """

    def __init__(self) -> None:
        self.open: dict[Endpoint, Classification] = {}
        self.resting: dict[Endpoint, datetime] = {}
        self._refused: Counter[Endpoint] = Counter()
        self._out_of_order: Counter[Endpoint] = Counter()
        self._lock = threading.Lock()

    def allows(self, endpoint: Endpoint) -> bool:
        """Return whether an endpoint is still asked."""
        return endpoint not in self.open

    def record(self, endpoint: Endpoint, found: Classification) -> None:
        """Record the last answer for a page, as the result of all its attempts."""
        with self._lock:
            if found.kind in ANSWERED:
                self._refused[endpoint] = self._out_of_order[endpoint] = 0
            elif found.kind in REFUSALS:
                self._refused[endpoint] += 1
            elif found.kind in OUT_OF_ORDER:
                self._out_of_order[endpoint] += 1
            refused = self._refused[endpoint] >= REFUSED_IN_A_ROW
            if refused or self._out_of_order[endpoint] >= OUT_OF_ORDER_IN_A_ROW:
                self.open.setdefault(endpoint, found)

    def rest(self, asked: Endpoint, reason: str, until: datetime) -> None:
        """Stop asking, until a given time, the endpoints that share a rate; for a robots.txt, all of its host."""
        too_many = Classification(ResponseKind.TOO_MANY, reason)
        with self._lock:
            for endpoint in SOURCE_OF:
                if endpoint.host == asked.host and asked.path in (endpoint.path, ROBOTS_TXT):
                    self.open.setdefault(endpoint, too_many)
                    self.resting[endpoint] = max(until, self.resting.get(endpoint, until))
