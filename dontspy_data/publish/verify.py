"""Verifying a published release from the outside, by its digests."""

from dataclasses import dataclass
from pathlib import Path

from dontspy_data.check.files import Finding, check_files
from dontspy_data.errors import UsageError
from dontspy_data.package.digests import CHECKSUMS, DESCRIPTOR, read_checksums
from dontspy_data.package.open import Package, open_package
from dontspy_data.release.version import aliases
from dontspy_data.targets.manifest import read_listing, wholeness
from dontspy_data.targets.open import open_target


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
    problems: tuple[Finding, ...]


def verify(place: str, version: str = "latest") -> Verified:
    """Compare every file of a published release with its digest, and the list of digests with the ledger.

    What is made from other files may be missing of releases for which the target need not store it.

    Args:
        place: a target, or a release's folder (then nothing vouches for the list of digests itself).
        version: a version or alias; a folder's must be its own.

    Raises:
        UsageError: there is no such release, or the folder is another one.
        DontspyError: the target cannot be read, or the list of digests is not the one in the ledger.
    """
    folder = Path(place)
    if (folder / DESCRIPTOR).is_file():
        package = open_package(folder)
        must_be(package, version)
        digests = read_checksums(folder)
        return Verified(package.descriptor.get("version"), len(digests), tuple(check_files(folder)))
    target = open_target(place)
    ledger = target.ledger()
    entry = ledger.find(version)
    found = wholeness(target, ledger, entry, read_listing(target, entry))
    problems = (_problem(f"{entry.version}/{path}", is_same) for path, is_same in found.items())
    return Verified(entry.version, len(found), tuple(problem for problem in problems if problem))


def must_be(package: Package, version: str) -> None:
    """Raise `UsageError` if a version or alias is not a package's own."""
    own = package.descriptor.get("version")
    if version not in ("latest", *(aliases(own) if own else ())):
        raise UsageError(
            f"{package.folder} is {own or 'a package without a version'}, and not {version}",
            hint="Leave the version out, or give the target that its releases are published at.",
        )


def _problem(name: str, is_same: bool | None) -> Finding | None:
    match is_same:
        case None:
            return Finding(name, "is missing")
        case False:
            return Finding(name, f"does not have the digest that {CHECKSUMS} gives")
    return None
