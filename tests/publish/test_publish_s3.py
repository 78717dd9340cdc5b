"""Publishing to a real S3 server (SeaweedFS), which checks secrets and digests."""

import threading
import time
from pathlib import Path
from typing import Any

import pytest
from s3fs import S3FileSystem

from dontspy_data.errors import DontspyError
from dontspy_data.publish.publish import publish, verify
from dontspy_data.targets.ledger import Ledger
from dontspy_data.targets.open import open_target
from dontspy_data.targets.stores import S3Store
from dontspy_data.targets.target import ConflictError, UnreachableError


def listing(url: str) -> dict[str, str]:
    fs = S3FileSystem(use_listings_cache=False)
    return {path: entry["ETag"] for path, entry in fs.find(url, detail=True).items()}


def test_a_release_is_published_once(bucket: str, releases: Any) -> None:
    done = publish(releases.first, open_target(bucket))
    assert done.uploaded == done.files == len(listing(bucket)) - 2  # and the ledger and the manifest
    before = listing(bucket)
    again = publish(releases.first, open_target(bucket))
    assert (again.changed, again.uploaded) == (False, 0)
    assert listing(bucket) == before
    assert verify(bucket).problems == ()


def test_readers_find_what_was_published(bucket: str, releases: Any) -> None:
    publish(releases.first, open_target(bucket))
    publish(releases.second, open_target(bucket))
    target = open_target(bucket)
    assert [one.version for one in target.ledger().releases] == ["1.0.0", "1.0.1"]
    assert target.read("1.0.1/CHANGELOG.md") == (releases.second / "CHANGELOG.md").read_bytes()


def test_of_two_publishers_at_once_one_wins_and_one_is_told(bucket: str, releases: Any) -> None:
    publish(releases.first, open_target(bucket))
    start = threading.Barrier(2)
    outcomes: list[str] = []

    def attempt(release: Path) -> None:
        start.wait()
        try:
            publish(release, open_target(bucket))
            outcomes.append("won")
        except ConflictError as error:
            outcomes.append(str(error))

    threads = [threading.Thread(target=attempt, args=(one,)) for one in (releases.second, releases.rival)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = [one for one in outcomes if one != "won"]
    assert len(told) == 1
    assert "somebody else" in told[0] or "with other bytes" in told[0]
    assert verify(bucket).problems == ()
    assert len(open_target(bucket).ledger().releases) == 2


def test_a_ledger_written_meanwhile_is_not_overwritten(
    bucket: str, releases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(releases.first, open_target(bucket))
    sizes = S3Store.sizes

    def meanwhile(self: S3Store, folder: str) -> Any:
        ledger = self.target.read("releases.json")
        S3FileSystem().pipe_file(self.target.path("releases.json"), ledger + b"\n")
        return sizes(self, folder)

    monkeypatch.setattr(S3Store, "sizes", meanwhile)
    with pytest.raises(ConflictError, match="somebody else published"):
        publish(releases.second, open_target(bucket))
    assert [one.version for one in open_target(bucket).ledger().releases] == ["1.0.0"]


def test_a_wrong_secret_is_said_and_writes_nothing(
    bucket: str, releases: Any, account: pytest.MonkeyPatch
) -> None:
    publish(releases.first, open_target(bucket))
    before = listing(bucket)
    account.setenv("AWS_SECRET_ACCESS_KEY", "guessed-wrong")
    S3FileSystem.clear_instance_cache()
    with pytest.raises(DontspyError) as error:
        publish(releases.second, open_target(bucket))
    assert "guessed-wrong" not in f"{error.value} {error.value.hint}"
    assert "cannot be read or written" in str(error.value)
    assert "AWS_SECRET_ACCESS_KEY" in error.value.hint
    account.setenv("AWS_SECRET_ACCESS_KEY", "a-secret-for-tests")
    S3FileSystem.clear_instance_cache()
    assert listing(bucket) == before


def test_a_server_that_dies_leaves_the_old_release_and_the_next_try_completes(
    mortal: Any, releases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    server, url = mortal
    publish(releases.first, open_target(url))
    put = S3Store.put
    puts: list[str] = []

    def dying(self: S3Store, path: str, source: Path) -> None:
        puts.append(path)
        if len(puts) == 30:
            server.kill()
        put(self, path, source)

    with monkeypatch.context() as patch:
        patch.setattr(S3Store, "put", dying)
        with pytest.raises(DontspyError, match="cannot be read"):
            publish(releases.second, open_target(url))
    server.start()
    S3FileSystem.clear_instance_cache()
    assert [one.version for one in _ledger_once_it_can_be_read(url).releases] == ["1.0.0"]
    assert verify(url).problems == ()
    done = publish(releases.second, open_target(url))
    assert 0 < done.uploaded < done.files
    assert (verify(url).version, verify(url).problems) == ("1.0.1", ())


def _ledger_once_it_can_be_read(url: str) -> Ledger:
    """The ledger: a server that was killed answers for itself before it has found its volumes again."""
    end = time.monotonic() + 60
    while True:
        try:
            return open_target(url).ledger()
        except UnreachableError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


def test_a_purge_removes_the_bytes_and_everything_else_verifies(bucket: str, releases: Any) -> None:
    publish(releases.first, open_target(bucket))
    shown = b"9000002,"
    fs = S3FileSystem(use_listings_cache=False)
    assert any(shown in fs.cat_file(path) for path in listing(bucket) if path.endswith("meps.csv"))
    done = publish(releases.second, open_target(bucket), purge_withdrawn=True)
    assert done.purged == ("1.0.0",)
    portrait = (releases.first / "portraits/9000001.jpg").read_bytes()
    name = b"9000002.jpg"
    for path in listing(bucket):
        body = fs.cat_file(path)
        assert portrait not in body, path
        assert name not in body, path
    assert not [path for path in listing(bucket) if "9000001.jpg" in path or "9000002" in path]
    for version in ("1.0.0", "1.0.1"):
        assert verify(bucket, version).problems == ()
    assert [one.purged for one in open_target(bucket).ledger().releases] == [(9000001, 9000002), ()]
    assert not publish(releases.second, open_target(bucket), purge_withdrawn=True).changed
