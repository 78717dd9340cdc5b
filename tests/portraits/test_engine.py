"""The same descriptions in the same order, however many workers, and none lost to a worker that dies."""

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from typing import Any

import pytest

from dontspy_data.errors import DontspyError
from dontspy_data.portraits import engine
from dontspy_data.portraits.describe import StatusReason, describe
from dontspy_data.portraits.engine import Job, Processes, describe_all, open_executor

DEADLY = b"\xff\xd8 ends its process"


def job(body: bytes) -> Job:
    return Job(hashlib.sha256(body).hexdigest(), body)


@pytest.fixture(scope="session")
def jobs(people: dict[int, bytes]) -> list[Job]:
    return [job(body) for body in list(people.values())[:37]]


def test_processes_and_threads_give_what_this_process_gives(jobs: list[Job]) -> None:
    alone = list(describe_all(jobs, None, faces=True))
    assert [done.sha256 for done, _ in alone] == [job.sha256 for job in jobs]
    with open_executor(2, None) as processes, ThreadPoolExecutor(3) as threads:
        for executor in (processes, threads):
            assert list(describe_all(jobs, executor, faces=True)) == alone


def test_only_so_many_jobs_are_read_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BATCHES_UNDER_WAY", 3)
    read = 0

    def endless() -> Iterator[Job]:
        nonlocal read
        while True:
            read += 1
            yield job(b"%d" % read)

    with ThreadPoolExecutor(1) as executor:
        described = describe_all(endless(), executor, faces=False)
        for n in range(1, 200):
            next(described)
            assert read <= n + 5 * engine.BATCH


def test_only_so_many_bytes_are_read_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "BATCH_BYTES", 1_000)
    monkeypatch.setattr(engine, "BYTES_UNDER_WAY", 10_000)
    read = 0

    def large() -> Iterator[Job]:
        nonlocal read
        for n in range(50):
            read += 1
            yield job(b"%04d" % n * 500)

    with ThreadPoolExecutor(1) as executor:
        described = describe_all(large(), executor, faces=False)
        next(described)
        assert read < 10
        assert len(list(described)) == 49


def test_nothing_to_do_is_done() -> None:
    with ThreadPoolExecutor(1) as executor:
        assert list(describe_all([], executor, faces=True)) == []


class Deadly(ProcessPoolExecutor):
    """Processes that end at the sight of one portrait."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        bodies = args[0] if isinstance(args[0], list) else [args[0]]
        return super().submit(os._exit, 7) if DEADLY in bodies else super().submit(fn, *args, **kwargs)


@pytest.fixture
def deadly(monkeypatch: pytest.MonkeyPatch) -> Iterator[Executor]:
    spawn = engine.multiprocessing.get_context("spawn")
    monkeypatch.setattr(engine, "_pool", lambda workers: Deadly(workers, mp_context=spawn))
    monkeypatch.setattr(engine, "BATCH", 2)
    with Processes(2) as executor:
        yield executor


def test_a_portrait_that_ends_its_process_is_reported_and_costs_no_other(
    deadly: Executor, jobs: list[Job]
) -> None:
    given = [*jobs[:3], job(DEADLY), *jobs[3:7]]
    found = list(describe_all(given, deadly, faces=False))
    assert [done for done, _ in found] == given
    expected = [description for _, description in describe_all(jobs[:7], None, faces=False)]
    assert [description for done, description in found if done.body != DEADLY] == expected
    (lost,) = (description for done, description in found if done.body == DEADLY)
    assert lost.picture is None
    assert lost.reason is StatusReason.UNREADABLE
    assert "ended the process" in (lost.problem or "")


def never_ends(*_: object, **__: object) -> None:
    while True:
        pass


def hang_at(body: bytes, *, faces: bool) -> object:
    """Describe a portrait, and never end with one."""
    return never_ends() if body == DEADLY else describe(body, faces=faces)


def slow_worker(bodies: list[bytes], *, faces: bool) -> object:
    """Describe in a worker in which one portrait never ends, and the deadline is near."""
    engine.DEADLINE, engine.describe = 1.0, hang_at  # type: ignore[assignment]
    return [engine.describe_in_time(body, faces=faces) for body in bodies]


def test_a_portrait_that_takes_too_long_ends_its_worker() -> None:
    spawn = engine.multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as processes, pytest.raises(BrokenExecutor):
        processes.submit(slow_worker, [DEADLY], faces=False).result(timeout=60)


class NoWorker(ProcessPoolExecutor):
    """Processes that all end before they have done anything."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        return super().submit(os._exit, 7)


def test_a_machine_on_which_no_worker_lives_stops_the_build(
    monkeypatch: pytest.MonkeyPatch, jobs: list[Job]
) -> None:
    spawn = engine.multiprocessing.get_context("spawn")
    monkeypatch.setattr(engine, "_pool", lambda workers: NoWorker(workers, mp_context=spawn))
    monkeypatch.setattr(engine, "BATCH", 2)
    with Processes(2) as executor, pytest.raises(DontspyError, match="no portrait can be described"):
        list(describe_all(jobs[:4], executor, faces=False))


def test_pictures_that_fail_alike_on_a_sound_machine_are_rows(jobs: list[Job]) -> None:
    broken = [job(b"\xff\xd8\xff" + bytes(n)) for n in range(1, 4)]
    with ThreadPoolExecutor(1) as executor:
        found = [
            description for _, description in describe_all([broken[0], broken[0]], executor, faces=False)
        ]
    assert [description.reason for description in found] == [StatusReason.UNREADABLE] * 2


def test_no_process_to_start_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(ProcessPoolExecutor, "submit", refuse)
    with pytest.raises(DontspyError, match="no worker process can be started"):
        engine._alone(job(DEADLY), faces=False)


def test_errors_for_people_come_through(monkeypatch: pytest.MonkeyPatch, jobs: list[Job]) -> None:
    from dontspy_data.errors import UsageError
    from dontspy_data.portraits import faces
    from dontspy_data.portraits import quality as opencv

    def missing() -> None:
        raise opencv.missing_extra()

    monkeypatch.setattr(faces, "opencv", missing)
    with ThreadPoolExecutor(1) as executor, pytest.raises(UsageError, match="not installed"):
        list(describe_all(jobs, executor, faces=True))
