"""A release's folder as it goes to a target: its entry in the ledger, its digests, and what it may follow."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from dontspy_data.check.files import check_files
from dontspy_data.errors import DontspyError
from dontspy_data.formats.citation import day
from dontspy_data.package.digests import CHECKSUMS, read_checksums, sha256_of
from dontspy_data.package.open import open_package
from dontspy_data.release.row_changes import withdrawals_of
from dontspy_data.targets.ledger import Ledger, ReleaseEntry
from dontspy_data.targets.store import ConflictError


class Outcome(StrEnum):
    """What came of publishing."""

    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Published:
    """What came of publishing.

    Attributes:
        outcome: whether anything changed at the target.
        version: of the release.
        files: how many files the release has.
        uploaded: how many had to be uploaded.
    """

    outcome: Outcome
    version: str
    files: int
    uploaded: int

    @property
    def changed(self) -> bool:
        """Whether anything changed at the target."""
        return self.outcome is Outcome.CHANGED

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "outcome": self.outcome.value,
            "version": self.version,
            "files": self.files,
            "uploaded": self.uploaded,
        }


def ledger_entry(release: Path) -> ReleaseEntry:
    """What the ledger says of a release.

    Raises:
        UsageError: the folder is no release.
    """
    package = open_package(release)
    made = package.release  # or it is none
    size = sum(path.stat().st_size for path in release.rglob("*") if path.is_file())
    return described_entry({**package.descriptor, "release": made}, sha256_of(release / CHECKSUMS), size)


def described_entry(about: Mapping[str, Any], digest: str, size: int) -> ReleaseEntry:
    """What the ledger says of a release that describes itself.

    Args:
        about: its descriptor.
        digest: SHA-256 of its list of digests.
        size: of all its files.
    """
    return ReleaseEntry(
        version=about["version"],
        date=day(about),
        digest=digest,
        counts={resource["name"]: resource["rows"] for resource in about["resources"]},
        bytes=size,
        withdrew=tuple(about["release"]["withdrew"]),
        accepted=about["release"]["accepted"],
    )


def listed_digests(release: Path) -> dict[str, str]:
    """SHA-256 of every file of a release by path, `checksums.sha256` included.

    Raises:
        DontspyError: a file is missing, changed or not listed.
    """
    if problems := list(check_files(release)):
        raise DontspyError(
            f"{release} is not whole: {problems[0].path} {problems[0].message}",
            hint="Make the release anew.",
        )
    return {**read_checksums(release), CHECKSUMS: sha256_of(release / CHECKSUMS)}


def follows(release: Path, entry: ReleaseEntry, ledger: Ledger, url: str) -> None:
    """Nothing where a release may come after those that are published; anything may come first.

    Args:
        release: its folder.
        entry: what the ledger would say of it.
        ledger: what is published.
        url: where, for people.

    Raises:
        ConflictError: it was made to follow another release than the latest one.
        DontspyError: something withdrawn would come back.
    """
    if not ledger.releases:
        return
    latest = ledger.find().version
    package = open_package(release)
    previous = package.release["previous"]
    if previous != latest:
        raise ConflictError(
            f"{entry.version} was made to follow {previous or 'nothing'}, and the latest release at {url} is {latest}",
            hint=f"Make it anew: dontspy-data release PACKAGE --previous {url} --output FOLDER",
        )
    withdrawn = {mep_id for one in ledger.releases for mep_id in one.withdrew}
    back = sorted(withdrawn - withdrawals_of(package).people)
    if back:
        raise DontspyError(
            f"{url} withdrew MEP {', '.join(map(str, back))}, and {entry.version} does not",
            hint="Build with the whole withdrawals.csv; what is withdrawn stays withdrawn.",
        )
