"""Publishing to a folder, verifying from the outside, and what is refused."""

import json
import logging
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dontspy_data import sample
from dontspy_data.cli import main
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.package.files import CHECKSUMS, checksums, sha256_of
from dontspy_data.package.open import open_package
from dontspy_data.pipeline.build import build_package
from dontspy_data.pipeline.rebuild import verify_rebuild
from dontspy_data.publish.publish import publish, release_before, verify
from dontspy_data.publish.purge import purge
from dontspy_data.release.release import release_package
from dontspy_data.release.row_changes import withdrawals_of
from dontspy_data.targets.object_store import LOCK, STALE_AFTER, Lock, ObjectStoreWriter, parse_lock
from dontspy_data.targets.open import open_target, writer_of
from dontspy_data.targets.target import ConflictError


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def target(tmp_path: Path, releases: Any) -> Path:
    publish(releases.first, open_target(str(tmp_path / "target")))
    return tmp_path / "target"


def test_a_target_holds_the_ledger_and_a_folder_a_release(target: Path, releases: Any) -> None:
    publish(releases.second, open_target(str(target)))
    assert sorted(path.name for path in target.iterdir()) == ["1.0.0", "1.0.1", "objects", "releases.json"]
    ledger = json.loads((target / "releases.json").read_text())
    assert ledger["aliases"] == {"1": "1.0.1", "1.0": "1.0.1", "latest": "1.0.1"}
    assert [one["counts"]["meps"] for one in ledger["releases"]] == [24, 23]
    assert ledger["releases"][1]["withdrew"] == [9000001, 9000002]


def test_commands_say_what_was_done(target: Path, releases: Any) -> None:
    again = run("publish", releases.first, target, "--json")
    assert (again.exit_code, json.loads(again.stdout)["outcome"]) == (0, "unchanged")
    failing = run("publish", releases.first, target, "--json", "--fail-unchanged")
    assert (failing.exit_code, json.loads(failing.stdout)["outcome"]) == (4, "unchanged")
    done = run("publish", releases.second, target, "--purge-withdrawn")
    assert "Published 1.0.1" in done.stdout
    assert "Removed what is withdrawn from 1.0.0" in done.stdout
    listed = run("releases", target).stdout.splitlines()
    assert [line.split()[:2] for line in listed] == [["1.0.0", "2026-01-15"], ["1.0.1", "2026-01-15"]]
    assert "purged" in listed[0]
    assert "withdrew 2" in listed[1]


def test_a_changed_file_is_found_and_named(target: Path) -> None:
    assert run("verify", f"{target}@1").exit_code == 0
    (target / "1.0.0/data/meps.csv").write_text("mep_id\n")
    (target / "1.0.0/README.md").unlink()
    found = run("verify", target)
    assert found.exit_code == 1
    assert "1.0.0/data/meps.csv: does not have the digest" in found.stdout
    assert "1.0.0/README.md: is missing" in found.stdout


def test_a_changed_list_of_digests_is_found(target: Path) -> None:
    path = target / "1.0.0/checksums.sha256"
    path.write_text(path.read_text().replace("0", "1", 1))
    assert [problem.path for problem in verify(str(target)).problems] == ["1.0.0/checksums.sha256"]
    path = target / "1.0.0/manifest.json"
    path.write_text(
        path.read_text().replace('"sha256": "', '"sha256": "00', 1).replace('00", "b', '", "b', 1)
    )
    with pytest.raises(DontspyError, match=r"1\.0\.0"):
        verify(str(target))


def test_a_release_is_rebuilt_from_its_captures(target: Path, releases: Any, small_sample: Path) -> None:
    publish(releases.second, open_target(str(target)))
    for version in ("1.0.0", "latest"):
        found = verify_rebuild(str(target), version, [small_sample])
        assert found.problems == ()
        assert found.files > 60


def test_a_rebuild_says_what_it_cannot_do(
    target: Path, releases: Any, tmp_path: Path, small_sample: Path
) -> None:
    other = tmp_path / "other.warc.gz"
    other.write_bytes(small_sample.read_bytes() + b"")
    with other.open("ab") as stream:
        stream.write(b"\0")
    with pytest.raises(UsageError, match="was built from other captures"):
        verify_rebuild(str(target), "latest", [other])
    with pytest.raises(UsageError, match=r"follows 1\.0\.0"):
        verify_rebuild(str(releases.second), "latest", [small_sample])
    publish(releases.second, open_target(str(target)), purge_withdrawn=True)
    with pytest.raises(UsageError, match="was purged"):
        verify_rebuild(str(target), "1.0.0", [small_sample])
    assert verify_rebuild(str(target), "1.0.1", [small_sample]).problems == ()
    with pytest.raises(UsageError, match="is a package and not a release"):
        verify_rebuild(str(sample.package_path()), "latest", [small_sample])
    unreleased = run("verify", sample.package_path())
    assert unreleased.exit_code == 0
    assert "files of the package have their digests" in unreleased.stdout


def test_a_rebuild_finds_what_is_damaged_and_what_the_release_lacks(
    target: Path, releases: Any, tmp_path: Path, small_sample: Path
) -> None:
    (target / "1.0.0/README.md").write_text("")
    (target / "1.0.0/portraits/9000001.jpg").unlink()
    found = run("verify", target, "--rebuild", small_sample)
    assert found.exit_code == 1
    assert "1.0.0/README.md: does not have the digest" in found.stdout
    assert "1.0.0/portraits/9000001.jpg: is missing" in found.stdout
    copy = Path(shutil.copytree(releases.first, tmp_path / "copy"))
    (copy / "meps.sqlite").unlink()
    (copy / CHECKSUMS).write_text(checksums(copy))
    assert verify(str(copy)).problems == ()
    assert [
        (problem.path, problem.message) for problem in verify_rebuild(str(copy), "1", [small_sample]).problems
    ] == [("meps.sqlite", "is made when built again, and the release does not have it")]


def test_a_version_that_is_not_there_is_never_taken_for_another(
    target: Path, releases: Any, small_sample: Path
) -> None:
    for version in ("v1.0.0", "nonsense", "9.9.9"):
        for words in (("verify",), ("get", "-o", target / "new")):
            found = run(*words, f"{target}@{version}")
            assert found.exit_code == 2
            assert f"there is no release '{version}'" in found.stderr
            assert "Releases there: 1.0.0" in found.stderr
        for captures in ((), ("--rebuild", small_sample)):
            found = run("verify", f"{releases.first}@{version}", *captures)
            assert found.exit_code == 2
            assert f"is 1.0.0, and not {version}" in found.stderr
    assert run("verify", f"{releases.first}@1.0").exit_code == 0
    assert run("verify", f"{sample.package_path()}@1.0").exit_code == 2


def test_a_list_of_digests_never_leads_out_of_the_folder(target: Path, tmp_path: Path) -> None:
    digests = target / "1.0.0/checksums.sha256"
    evil = "data/../../../evil.parquet"
    digests.write_text(f"{'0' * 64}  {evil}\n")
    file = {"path": evil, "sha256": "0" * 64, "bytes": 1}
    (target / "1.0.0/manifest.json").write_text(json.dumps({"version": "1.0.0", "files": [file]}))
    ledger = json.loads((target / "releases.json").read_text())
    ledger["releases"][0]["digest"] = sha256_of(digests)
    for layout in (1, 2):
        ledger["releases"][0]["layout"] = layout
        (target / "releases.json").write_text(json.dumps(ledger))
        with pytest.raises(DontspyError, match="the folder"), release_before(str(target)):
            raise AssertionError("something was fetched")
        assert run("verify", target).exit_code == 1
    assert list(tmp_path.rglob("evil*")) == []


def test_a_release_folder_is_verified_by_itself(releases: Any, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(releases.first, tmp_path / "copy"))
    assert verify(str(copy)).problems == ()
    (copy / "CHANGELOG.md").write_text("")
    assert [problem.path for problem in verify(str(copy)).problems] == ["CHANGELOG.md"]


def test_what_is_damaged_is_said_and_not_a_traceback(releases: Any, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(releases.first, tmp_path / "copy"))
    (copy / CHECKSUMS).unlink()
    unlisted = run("verify", copy)
    assert unlisted.exit_code == 1
    assert f"copy has no {CHECKSUMS} that can be read" in unlisted.stderr
    (copy / "data/meps.parquet").write_bytes(b"PAR1")
    for words in (("release", "--previous", copy, "-o", tmp_path / "out"), ("diff", copy)):
        found = run(*words, sample.package_path())
        assert found.exit_code == 1
        assert "data/meps.parquet cannot be read" in found.stderr


def test_another_publishers_lock_is_respected_until_broken(target: Path, releases: Any) -> None:
    (target / LOCK).write_text('{"publishing": "1.0.1"}')
    with pytest.raises(ConflictError, match="somebody else is publishing") as error:
        publish(releases.second, open_target(str(target)))
    assert "--break-lock" in error.value.hint
    assert not (target / "1.0.1").exists()
    assert publish(releases.second, open_target(str(target)), break_lock=True).changed
    assert not (target / LOCK).exists()


def test_a_stale_lock_is_broken(target: Path, releases: Any, caplog: pytest.LogCaptureFixture) -> None:
    now = datetime.now(UTC)
    (target / LOCK).write_bytes(Lock("1.0.1", "0" * 64, now - STALE_AFTER + timedelta(hours=1)).to_json())
    with pytest.raises(ConflictError, match="somebody else is publishing"):
        publish(releases.second, open_target(str(target)))
    (target / LOCK).write_bytes(Lock("1.0.1", "0" * 64, now - STALE_AFTER - timedelta(hours=1)).to_json())
    with caplog.at_level(logging.WARNING):
        assert publish(releases.second, open_target(str(target))).changed
    assert "was locked for 1.0.1 at" in caplog.text
    assert not (target / LOCK).exists()


@pytest.mark.parametrize("text", [b"", b"[]", b"{}", b'{"publishing": "1", "sha256": "0", "since": "soon"}'])
def test_a_lock_that_cannot_be_understood_has_no_age(text: bytes) -> None:
    assert parse_lock(text) is None


def test_a_publisher_stops_before_others_take_it_for_dead(
    target: Path, releases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("dontspy_data.targets.object_store.STOP_AFTER", timedelta(-1))
        with pytest.raises(DontspyError, match="was stopped, since") as error:
            publish(releases.second, open_target(str(target)))
    assert "continues where this one stopped" in error.value.hint
    assert not (target / "1.0.1").exists()
    assert publish(releases.second, open_target(str(target))).changed


def test_whoever_reads_the_ledger_before_the_winner_writes_it_changes_nothing(
    target: Path, releases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    overtaken(monkeypatch, lambda: publish(releases.second, open_target(str(target))))
    with pytest.raises(ConflictError, match="somebody else published"):
        publish(releases.rival, open_target(str(target)))
    for version in ("1.0.0", "1.0.1"):
        assert verify(str(target), version).problems == ()
    assert not (target / LOCK).exists()


def test_a_release_published_before_the_lock_of_a_purge_is_kept(
    target: Path, releases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    overtaken(monkeypatch, lambda: publish(releases.second, open_target(str(target))))
    withdrawn = withdrawals_of(open_package(releases.rival))
    assert purge(writer_of(open_target(str(target))), withdrawn) == ("1.0.0",)
    for version in ("1.0.0", "1.0.1"):
        assert verify(str(target), version).problems == ()


def overtaken(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let somebody else act after a publisher has looked at the ledger, and before it has the lock."""
    lock = ObjectStoreWriter.lock

    def late(self: ObjectStoreWriter, what: str, sha256: str) -> Any:
        monkeypatch.setattr(ObjectStoreWriter, "lock", lock)
        act()
        return lock(self, what, sha256)

    monkeypatch.setattr(ObjectStoreWriter, "lock", late)


def test_publishing_again_puts_back_what_is_damaged_or_missing(target: Path, releases: Any) -> None:
    ledger = (target / "releases.json").read_bytes()
    (target / "1.0.0/README.md").write_text("")
    (target / "1.0.0/portraits/9000001.jpg").unlink()
    done = publish(releases.first, open_target(str(target)))
    assert (done.changed, done.uploaded) == (True, 1)  # the portrait's object was there
    assert verify(str(target)).problems == ()
    assert (target / "releases.json").read_bytes() == ledger
    again = publish(releases.first, open_target(str(target)))
    assert (again.changed, again.uploaded) == (False, 0)


def test_what_does_not_follow_is_refused(target: Path, releases: Any, tmp_path: Path) -> None:
    publish(releases.second, open_target(str(target)))
    with pytest.raises(ConflictError, match=r"1\.0\.1 with other bytes"):
        publish(releases.rival, open_target(str(target)))
    shutil.copytree(releases.first, tmp_path / "later")
    about = json.loads((tmp_path / "later/datapackage.json").read_text())
    about["version"] = "1.1.0"
    (tmp_path / "later/datapackage.json").write_text(json.dumps(about))
    with pytest.raises(DontspyError, match="is not whole"):
        publish(tmp_path / "later", open_target(str(target)))


def test_a_folder_that_cannot_be_written_is_said(releases: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DontspyError):
        publish(releases.first, open_target(str(tmp_path / "file")))
    with pytest.raises(UsageError, match="nothing can be published over https://"):
        publish(releases.first, open_target("https://example.org/faces"))


def test_release_and_diff_work_against_a_target(
    target: Path, releases: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small_sample: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"  # where no package is that knows anybody
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    package = tmp_path / "package"
    file = tmp_path / "withdrawals.csv"
    words = ("withdraw", 9000001, "--scope", "portrait", "--reason", "request", "--withdrawals", file)
    unknown = run(*words)
    assert unknown.exit_code == 2
    assert "--unknown-too" in unknown.stderr
    words = (*words, "--unknown-too")
    assert run(*words).exit_code == 0
    assert run(*words).exit_code == 1
    assert run("build", small_sample, "-o", package, "--no-faces", "--withdrawals", file).exit_code == 0
    shown = run("diff", target, package, "--markdown")
    assert shown.exit_code == 0, shown.output
    assert shown.stdout.startswith(
        "## This would be 1.0.1\n\n### Withdrawn (1)\n\n- MEP 9000001, every portrait"
    )
    assert json.loads(run("diff", target, package, "--json").stdout)["version"] == "1.0.1"
    assert "This would be 2.0.0" in run("diff", target, package, "--bump", "major").stdout
    made = run("release", package, "--previous", target, "-o", tmp_path / "out", "--json")
    assert made.exit_code == 0, made.output
    assert json.loads(made.stdout)["version"] == "1.0.1"
    assert run("publish", tmp_path / "out", target).exit_code == 0
    again = run("release", package, "--previous", target, "-o", tmp_path / "again", "--json")
    assert (again.exit_code, json.loads(again.stdout)["outcome"]) == (0, "unchanged")
    words = ("release", package, "--previous", target, "-o", tmp_path / "again", "--fail-unchanged")
    assert run(*words).exit_code == 4


def test_an_earlier_release_of_a_target_is_compared(target: Path, releases: Any, tmp_path: Path) -> None:
    publish(releases.second, open_target(str(target)))
    package = releases.first.parent / "package"
    shown = run("diff", f"{target}@1.0.0", package)
    assert shown.exit_code == 0, shown.output
    assert "Nothing changed" in shown.stdout
    assert run("diff", f"{target}@1", package, "--json").exit_code == 0
    unknown = run("diff", f"{target}@3", package)
    assert unknown.exit_code == 2
    assert "1.0.0, 1.0.1" in unknown.stderr
    with release_before(f"{target}@1.0.0") as folder:
        assert folder is not None
        assert open_package(folder).descriptor["version"] == "1.0.0"


def test_a_folder_of_something_else_is_never_published_into(releases: Any, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/thesis.tex").write_text("")
    with pytest.raises(UsageError, match=r"is not a target, and not empty: it holds thesis\.tex"):
        publish(releases.first, open_target(str(tmp_path / "home")))
    assert [path.name for path in (tmp_path / "home").iterdir()] == ["thesis.tex"]


def test_a_release_never_replaces_what_it_is_made_from(releases: Any, tmp_path: Path) -> None:
    package = Path(shutil.copytree(releases.first.parent / "package", tmp_path / "package"))
    for words in (("-o", package), ("--previous", releases.first, "-o", releases.first)):
        done = run("release", package, *words)
        assert done.exit_code == 2
        assert "replaced by its own release" in done.stderr
    assert "version" not in open_package(package).descriptor


def test_a_release_made_with_lookups_of_ones_own_is_rebuilt_with_them(
    tmp_path: Path, small_sample: Path
) -> None:
    lookups = tmp_path / "lookups"
    lookups.mkdir()
    (lookups / "group_labels.csv").write_text("label,language,code\nThe Sample,en,NI\n", encoding="utf-8")
    build_package([small_sample], tmp_path / "package", faces=False, lookups=lookups)
    release_package(tmp_path / "package", None, tmp_path / "release")
    words = ("verify", tmp_path / "release", "--rebuild", small_sample)
    assert run(*words, "--lookups", lookups).exit_code == 0
    other = run(*words)
    assert (other.exit_code, "other lookups" in other.stderr) == (2, True)
    assert "--lookups" in other.stderr
