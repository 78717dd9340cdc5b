"""Verifying a published release from the outside, by its digests."""

from dataclasses import dataclass
from pathlib import Path

from dontspy_data.loading.files import side_by_side
from dontspy_data.loading.target import MissingError, Target, open_target
from dontspy_data.package.check.files import check_files
from dontspy_data.package.check.problem import Problem
from dontspy_data.package.files import CHECKSUMS, DESCRIPTOR, read_checksums
from dontspy_data.package.package import open_package
from dontspy_data.publish.fetch import digest_at, listed
from dontspy_data.release.ledger import ReleaseEntry


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found.

    Attributes:
        version: of the release; None of a package that was never released.
        files: how many files were compared.
        problems: what is wrong; empty where every byte is as it should be.
    """

    version: str | None
    files: int
    problems: tuple[Problem, ...]


def verify(place: str, version: str = "latest") -> Verified:
    """Compare every file of a published release with its digest, and the list of digests with the ledger.

    Args:
        place: a target, or a release's folder (then nothing vouches for the list of digests itself).
        version: a version or alias; of a target only.

    Raises:
        UsageError: there is no such release.
        DontspyError: the target cannot be read, or the list of digests is not the one in the ledger.
    """
    folder = Path(place)
    if (folder / DESCRIPTOR).is_file():
        about = open_package(folder).descriptor
        digests = read_checksums(folder)
        return Verified(about.get("version"), len(digests), tuple(check_files(folder)))
    target = open_target(place)
    entry = target.ledger().find(version)
    digests = listed(target, entry)
    found = side_by_side(lambda path: _problem(target, entry, path, digests[path]), sorted(digests))
    return Verified(entry.version, len(digests), tuple(problem for problem in found if problem))


def _problem(target: Target, entry: ReleaseEntry, path: str, digest: str) -> Problem | None:
    name = f"{entry.version}/{path}"
    try:
        found = digest_at(target, name)
    except MissingError:
        return Problem(name, "is missing")
    return None if found == digest else Problem(name, f"does not have the digest that {CHECKSUMS} gives")
