"""Publishing to a folder, verifying from the outside, and what is refused."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dontspy_data import sample
from dontspy_data.cli import main
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.package.files import sha256_of
from dontspy_data.publish.anywhere import publish_anywhere
from dontspy_data.publish.commit import ConflictError
from dontspy_data.publish.folder import FolderPlace
from dontspy_data.publish.place import CLAIM
from dontspy_data.publish.previous import release_before
from dontspy_data.publish.rebuild import verify_rebuild
from dontspy_data.publish.verify import verify


def run(*words: object) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture
def target(tmp_path: Path, releases: Any) -> Path:
    publish_anywhere(releases.first, str(tmp_path / "target"))
    return tmp_path / "target"


def test_a_target_holds_the_ledger_and_a_folder_a_release(target: Path, releases: Any) -> None:
    publish_anywhere(releases.second, str(target))
    assert sorted(path.name for path in target.iterdir()) == ["1.0.0", "1.0.1", "releases.json"]
    ledger = json.loads((target / "releases.json").read_text())
    assert ledger["aliases"] == {"1": "1.0.1", "1.0": "1.0.1", "latest": "1.0.1"}
    assert [one["counts"]["meps"] for one in ledger["releases"]] == [62, 61]
    assert ledger["releases"][1]["withdrew"] == [9000001, 9000002]


def test_commands_say_what_was_done(target: Path, releases: Any) -> None:
    again = run("publish", releases.first, target, "--json")
    assert (again.exit_code, json.loads(again.stdout)["outcome"]) == (4, "unchanged")
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
    with pytest.raises(DontspyError, match="does not have the digest that the ledger gives"):
        verify(str(target))


def test_a_release_is_rebuilt_from_its_captures(target: Path, releases: Any) -> None:
    publish_anywhere(releases.second, str(target))
    for version in ("1.0.0", "latest"):
        found = verify_rebuild(str(target), version, [sample.path()])
        assert found.problems == ()
        assert found.files > 90


def test_a_rebuild_says_what_it_cannot_do(target: Path, releases: Any, tmp_path: Path) -> None:
    other = tmp_path / "other.warc.gz"
    other.write_bytes(sample.path().read_bytes() + b"")
    with other.open("ab") as stream:
        stream.write(b"\0")
    with pytest.raises(UsageError, match="was built from other captures"):
        verify_rebuild(str(target), "latest", [other])
    with pytest.raises(UsageError, match=r"follows 1\.0\.0"):
        verify_rebuild(str(releases.second), "latest", [sample.path()])
    publish_anywhere(releases.second, str(target), purge_withdrawn=True)
    with pytest.raises(UsageError, match="was purged"):
        verify_rebuild(str(target), "1.0.0", [sample.path()])
    assert verify_rebuild(str(target), "1.0.1", [sample.path()]).problems == ()
    with pytest.raises(UsageError, match="is a package and not a release"):
        verify_rebuild(str(sample.package_path()), "latest", [sample.path()])
    unreleased = run("verify", sample.package_path())
    assert unreleased.exit_code == 0
    assert "files of the package have their digests" in unreleased.stdout


def test_a_list_of_digests_never_leads_out_of_the_folder(target: Path, tmp_path: Path) -> None:
    digests = target / "1.0.0/checksums.sha256"
    evil = "data/../../../evil.parquet"
    digests.write_text(f"{'0' * 64}  {evil}\n")
    ledger = json.loads((target / "releases.json").read_text())
    ledger["releases"][0]["digest"] = sha256_of(digests)
    (target / "releases.json").write_text(json.dumps(ledger))
    with pytest.raises(DontspyError, match="no digest and path in the folder"), release_before(str(target)):
        raise AssertionError("something was fetched")
    assert run("verify", target).exit_code == 1
    assert list(tmp_path.rglob("evil*")) == []


def test_a_release_folder_is_verified_by_itself(releases: Any, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(releases.first, tmp_path / "copy"))
    assert verify(str(copy)).problems == ()
    (copy / "CHANGELOG.md").write_text("")
    assert [problem.path for problem in verify(str(copy)).problems] == ["CHANGELOG.md"]


def test_another_publishers_claim_is_respected_until_taken_over(target: Path, releases: Any) -> None:
    (target / CLAIM).write_text('{"publishing": "1.0.1"}')
    with pytest.raises(ConflictError, match="somebody else is publishing") as error:
        publish_anywhere(releases.second, str(target))
    assert "--take-over" in error.value.hint
    assert not (target / "1.0.1").exists()
    assert publish_anywhere(releases.second, str(target), take_over=True).changed
    assert not (target / CLAIM).exists()


def test_a_purge_that_was_stopped_is_completed(
    target: Path, releases: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_anywhere(releases.second, str(target))
    replace = FolderPlace.replace

    def stopped(self: FolderPlace, path: str, body: bytes, tag: str | None) -> bool:
        if path == "releases.json":
            raise DontspyError("the plug was pulled")
        return replace(self, path, body, tag)

    with monkeypatch.context() as patch:
        patch.setattr(FolderPlace, "replace", stopped)
        with pytest.raises(DontspyError, match="the plug was pulled"):
            publish_anywhere(releases.second, str(target), purge_withdrawn=True)
    assert publish_anywhere(releases.second, str(target), purge_withdrawn=True).purged == ("1.0.0",)
    for version in ("1.0.0", "1.0.1"):
        assert verify(str(target), version).problems == ()
    assert not list((target / "1.0.0").rglob("900000[12]*.jpg"))


def test_what_does_not_follow_is_refused(target: Path, releases: Any, tmp_path: Path) -> None:
    publish_anywhere(releases.second, str(target))
    with pytest.raises(ConflictError, match=r"1\.0\.1 with other bytes"):
        publish_anywhere(releases.rival, str(target))
    shutil.copytree(releases.first, tmp_path / "later")
    about = json.loads((tmp_path / "later/datapackage.json").read_text())
    about["version"] = "1.1.0"
    (tmp_path / "later/datapackage.json").write_text(json.dumps(about))
    with pytest.raises(DontspyError, match="is not whole"):
        publish_anywhere(tmp_path / "later", str(target))


def test_a_folder_that_cannot_be_written_is_said(releases: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DontspyError):
        publish_anywhere(releases.first, str(tmp_path / "file"))
    with pytest.raises(UsageError, match="nothing can be published over https://"):
        publish_anywhere(releases.first, "https://example.org/faces")


def test_release_and_diff_work_against_a_target(target: Path, releases: Any, tmp_path: Path) -> None:
    package = tmp_path / "package"
    file = tmp_path / "withdrawals.csv"
    words = ("withdraw", 9000001, "--scope", "portrait", "--reason", "request", "--withdrawals", file)
    assert run(*words).exit_code == 0
    assert run(*words).exit_code == 1
    assert run("build", sample.path(), "-o", package, "--no-faces", "--withdrawals", file).exit_code == 0
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
    assert (again.exit_code, json.loads(again.stdout)["outcome"]) == (4, "unchanged")
