"""A real Dask scheduler with two workers on loopback."""

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor

import dask
import pytest
from distributed import LocalCluster

from dontspy_data.errors import Exit, UsageError
from dontspy_data.portraits import engine as module
from dontspy_data.portraits.engine import Job, cluster, describe_all, open_executor

pytestmark = pytest.mark.filterwarnings("ignore")  # Dask's own, about files and loops that it leaves open


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 0}),
        LocalCluster(
            n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50
        ) as local,
    ):
        yield local.scheduler_address


def test_a_cluster_gives_what_this_process_gives(address: str, people: dict[int, bytes]) -> None:
    jobs = [Job(hashlib.sha256(body).hexdigest(), body) for body in list(people.values())[:35]]
    with open_executor(None, address) as executor:
        assert list(describe_all(jobs, executor, faces=True)) == list(describe_all(jobs, None, faces=True))


def test_errors_come_back_as_they_are(address: str) -> None:
    with cluster(address) as executor, pytest.raises(ZeroDivisionError):
        executor.submit(divmod, 1, 0).result()


def test_a_worker_that_dies_is_a_broken_executor(address: str) -> None:
    with cluster(address) as executor:
        with pytest.raises(BrokenExecutor):
            executor.submit(os._exit, 7).result()
        assert executor.submit(divmod, 7, 2).result() == (3, 1)


def test_workers_with_other_versions_are_refused(address: str) -> None:
    other = {**module.versions(), "pillow": "1.0"}
    with pytest.raises(UsageError, match=r"pillow 1\.0, here "):
        module._check_workers({address: other}, address)


def test_a_cluster_without_workers_is_refused() -> None:
    with (
        LocalCluster(n_workers=0, host="127.0.0.1", dashboard_address=None, silence_logs=50) as local,
        pytest.raises(UsageError, match="has no workers"),
        cluster(local.scheduler_address),
    ):
        pass


def test_nobody_at_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PATIENCE", "1s")
    with (
        pytest.raises(UsageError, match="no Dask scheduler answers at") as caught,
        cluster("tcp://127.0.0.1:9"),
    ):
        pass
    assert caught.value.exit == Exit.USAGE


def test_no_address_at_all() -> None:
    with pytest.raises(UsageError, match="no Dask scheduler answers at"), cluster("nonsense://"):
        pass
