import threading
import time
from dataclasses import dataclass, field
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.collect.throttle import RateLimiter, Timetable

seconds = st.floats(0, 100, allow_nan=False)


@given(st.floats(0.01, 10), st.lists(seconds, min_size=2, max_size=30))
def test_turns_are_evenly_slimiterd_and_never_in_the_past(interval: float, pauses: list[float]) -> None:
    timetable = Timetable(interval)
    now, moments = 0.0, []
    for pause in pauses:
        now += pause
        moments.append(timetable.take(now))
        assert moments[-1] >= now
    gaps = [later - earlier for earlier, later in pairwise(moments)]
    assert all(gap >= interval - 1e-9 for gap in gaps)


@given(st.floats(0.01, 5), seconds, seconds)
def test_nobody_goes_while_the_source_wants_quiet_and_it_is_slower_after(
    interval: float, now: float, quiet: float
) -> None:
    timetable = Timetable(interval)
    timetable.hold(now, quiet)
    assert timetable.take(now) >= now + quiet
    assert timetable.interval > interval


@dataclass
class NotedTimetable(Timetable):
    """A timetable that remembers the turns it gave, in their order."""

    given: list[float] = field(default_factory=list)

    def take(self, now: float) -> float:
        self.given.append(super().take(now))
        return self.given[-1]


def test_one_refusal_of_many_requests_at_once_slows_down_once() -> None:
    timetable = Timetable(1.0)
    for _ in range(8):
        timetable.hold(100.0, 5.0)
    assert timetable.interval == 1.25


def test_threads_share_the_timetable() -> None:
    timetable = NotedTimetable(0.001)
    limiter = RateLimiter(timetable, threading.Event())

    def leave() -> None:
        for _ in range(5):
            limiter.wait()

    threads = [threading.Thread(target=leave) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(timetable.given) == 20
    assert all(later - earlier >= 0.001 - 1e-9 for earlier, later in pairwise(timetable.given))


def test_a_wait_ends_when_the_run_stops() -> None:
    stop = threading.Event()
    limiter = RateLimiter(Timetable(3600.0), stop)
    assert limiter.wait()
    answers: list[bool] = []
    thread = threading.Thread(target=lambda: answers.append(limiter.wait()))
    thread.start()
    stop.set()
    thread.join(5)
    assert answers == [False]


def test_quiet_holds_those_who_already_wait() -> None:
    class Stop(threading.Event):
        """Someone else is told to be quiet while this thread waits for its turn."""

        waits = 0

        def wait(self, timeout: float | None = None) -> bool:
            self.waits += 1
            if self.waits == 1:
                limiter.hold(0.2)
                return False
            return super().wait(timeout)

    stop = Stop()
    limiter = RateLimiter(Timetable(0.001), stop)
    limiter.timetable.take(time.monotonic() + 0.01)
    assert limiter.wait()
    assert stop.waits == 2
    assert not limiter.timetable.is_held(time.monotonic())
