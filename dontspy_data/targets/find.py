"""Finding a release: by a target and a version, or a package by its own address; verified from the ledger down."""

import warnings
from dataclasses import dataclass
from pathlib import Path

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.package.digests import CHECKSUMS, parse_checksums
from dontspy_data.targets.cache import cache_of, folder_name, forget_replaced, remember
from dontspy_data.targets.files import DamagedError, Files, digest_of
from dontspy_data.targets.ledger import LEDGER, Ledger, ReleaseEntry, parse_ledger
from dontspy_data.targets.local import LocalFiles
from dontspy_data.targets.target import MissingError, Target, UnreachableError, open_target

SAMPLE = "sample"


@dataclass(frozen=True, slots=True)
class Release:
    """A release, or a package that was never released.

    Attributes:
        url: the target or package, as people write it.
        files: fetched and verified on use.
        checksums: its list of digests.
        entry: what the ledger says of it; None for a package on its own.
    """

    url: str
    files: Files
    checksums: bytes
    entry: ReleaseEntry | None


def find_release(url: str, version: str = "latest") -> Release:
    """A release of a target, or a package that lies at an address by itself.

    Args:
        url: a folder or URL of a target or package, or `sample`.
        version: a version or alias, for targets.

    Raises:
        UsageError: there is no target or package, or no such release; the hint names those that are.
        DamagedError: the release's checksums are not those that the ledger gives.
        UnreachableError: the target does not answer, and nothing of it is cached.
    """
    if url == SAMPLE:
        return _package(_sample(), version)
    target = open_target(url)
    try:
        ledger = _ledger(target)
    except (MissingError, UnreachableError) as error:  # a package by itself has no ledger, cached or not
        try:
            return _package(target, version)
        except (MissingError, UnreachableError):
            raise error from None
    return _release(target, ledger.find(version))


def _ledger(target: Target) -> Ledger:
    """The ledger as it is now; where the target does not answer, as it was last seen."""
    if _is_local(target):
        return target.ledger()
    cache = cache_of(target.url)
    copy = cache / LEDGER
    try:
        ledger = target.ledger()
    except MissingError:
        raise
    except DontspyError as error:  # it does not answer, or somebody else does, as a hotel's network
        if not copy.is_file():
            raise
        warnings.warn(f"{error}; going by what is cached", stacklevel=4)
        return parse_ledger(copy.read_bytes())
    remember(copy, ledger.to_json().encode())
    forget_replaced(cache, {folder_name(entry.version, entry.digest) for entry in ledger.releases})
    return ledger


def _release(target: Target, entry: ReleaseEntry) -> Release:
    origin = Target(f"{target.url}/{entry.version}", target.fs, target.path(entry.version))
    folder = cache_of(target.url) / folder_name(entry.version, entry.digest)
    text = _checksums(origin, folder / CHECKSUMS, entry.digest)
    return Release(target.url, _files(origin, text, folder), text, entry)


def _checksums(origin: Target, copy: Path, digest: str) -> bytes:
    """The list of digests, which itself has the digest that the ledger gives."""
    if copy.is_file() and digest_of(copy.read_bytes()) == digest:
        return copy.read_bytes()
    text = origin.read(CHECKSUMS)
    if digest_of(text) != digest:
        raise DamagedError(CHECKSUMS, origin.url)
    if not _is_local(origin):
        remember(copy, text)
    return text


def _package(target: Target, version: str) -> Release:
    """A package by its own address. Its checksums are taken as they are: no ledger vouches for them."""
    cache = cache_of(target.url)
    copy = cache / CHECKSUMS
    try:
        text = target.read(CHECKSUMS)
    except UnreachableError as error:
        if not copy.is_file():
            raise
        warnings.warn(f"{error}; going by what is cached", stacklevel=4)
        text = copy.read_bytes()
    if version != "latest":
        raise UsageError(
            f"{target.url} is a single package, so it has no version {version!r} to choose",
            hint="Leave the version out, or give the address of the target that its release lies at.",
        )
    folder = cache / folder_name("package", digest_of(text))
    if not _is_local(target):
        remember(copy, text)
        forget_replaced(cache, {folder.name})
    return Release(target.url, _files(target, text, folder), text, None)


def _files(origin: Target, checksums: bytes, cached: Path) -> Files:
    digests = parse_checksums(checksums, origin.url)
    if _is_local(origin):
        return Files(origin, digests, Path(origin.root), in_place=True)
    return Files(origin, digests, cached, in_place=False)


def _is_local(target: Target) -> bool:
    return "file" in target.fs.protocol


def _sample() -> Target:
    """The bundled sample's package, by the name that people give it."""
    from dontspy_data import sample

    return Target(SAMPLE, LocalFiles(), str(sample.package_path()))


def default_target() -> str:
    """The address that this project's releases are published to, from the hand-edited `datapackage.json`."""
    from dontspy_data.model.schema import dataset

    return str(dataset()["target"])
