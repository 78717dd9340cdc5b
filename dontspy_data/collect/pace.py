"""When requests may leave: evenly spaced turns for one endpoint, shared by all threads that ask it.

The limiters of pyrate-limiter and requests-ratelimiter let waiting threads poll, in no order and in a sleep
that nothing ends. Here each thread is given its moment at once, a source's `Retry-After` moves everyone's,
and stopping the run ends all waits.
"""

import threading
import time
from dataclasses import dataclass, field

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
