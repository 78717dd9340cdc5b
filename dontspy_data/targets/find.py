"""Finding a release: by a target and a version, or a package by its own address; verified from the ledger down.

What is not on this machine is cached, so that what was fetched once is there without a network:

    <user's cache>/dontspy-data/<name of the target>-<digest of its address>/
    releases.json                    the ledger, as it was last seen
    1.2.0-<digest>/…                 files of a release, as far as they were used
"""

import re
import shutil
import warnings
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model.foreign import MalformedError
from dontspy_data.package.digests import CHECKSUMS, parse_checksums
from dontspy_data.targets.files import DamagedError, ReleaseFiles
from dontspy_data.targets.ledger import LEDGER, Ledger, ReleaseEntry, parse_ledger
from dontspy_data.targets.manifest import Listing, listing_file, parse_listing
from dontspy_data.targets.open import LocalFiles, open_target
from dontspy_data.targets.target import MissingError, Target, UnreachableError

SAMPLE = "sample"
DIGITS = 12


@dataclass(frozen=True, slots=True)
class FoundRelease:
    """A release, or a package that was never released.

    Attributes:
        url: the target or package, as people write it.
        files: fetched and verified on use.
        checksums: text of its `checksums.sha256`.
        entry: what the ledger says of it; None for a package on its own.
    """

    url: str
    files: ReleaseFiles
    checksums: bytes
    entry: ReleaseEntry | None

    @property
    def digest(self) -> str:
        """The first digits of the digest of its `checksums.sha256`."""
        return _digest(self.checksums)[:DIGITS]


def find_release(url: str, version: str = "latest") -> FoundRelease:
    """Find a release of a target, or a package that lies at an address by itself.

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
    """Return the ledger as it is now; if the target does not answer, as it was last seen."""
    if target.is_local:
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
    _remember(copy, ledger.to_json().encode())
    _forget_replaced(cache, {_folder_name(entry.version, entry.digest) for entry in ledger.releases})
    return ledger


def _release(target: Target, entry: ReleaseEntry) -> FoundRelease:
    origin = target.below(entry.version)
    folder = cache_of(target.url) / _folder_name(entry.version, entry.digest)
    listing = _listing(origin, folder / listing_file(entry), entry)
    placed = listing.below(target, entry.version)
    files = ReleaseFiles(placed, listing.digests, Path(placed.root) if placed.is_local else folder)
    return FoundRelease(target.url, files, listing.checksums, entry)


def _listing(origin: Target, copy: Path, entry: ReleaseEntry) -> Listing:
    """Return the release's list of files, which the ledger vouches for."""
    if copy.is_file():
        with suppress(DamagedError, MalformedError):  # then it is asked for again
            return parse_listing(copy.read_bytes(), entry, str(copy.parent))
    body = origin.read(copy.name)
    listing = parse_listing(body, entry, origin.url)
    if not origin.is_local:
        _remember(copy, body)
    return listing


def _package(target: Target, version: str) -> FoundRelease:
    """Return a package by its own address. Its checksums are taken as they are: no ledger vouches for them."""
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
    folder = cache / _folder_name("package", _digest(text))
    if not target.is_local:
        _remember(copy, text)
        _forget_replaced(cache, {folder.name})
    digests = parse_checksums(text, target.url)
    return FoundRelease(
        target.url,
        ReleaseFiles(target, digests, Path(target.root) if target.is_local else folder),
        text,
        None,
    )


def _sample() -> Target:
    """Return the bundled sample's package, by the name that people give it."""
    from dontspy_data import sample

    return Target(SAMPLE, LocalFiles(), str(sample.package_path()))


def default_target() -> str:
    """Return the address that this project's releases are published to, from the hand-edited `datapackage.json`."""
    from dontspy_data.model.schema import dataset

    return str(dataset()["target"])


def cache_of(url: str) -> Path:
    """Return the folder that what comes from an address is cached in; it need not exist."""
    from platformdirs import user_cache_path

    name = re.sub(r"[^A-Za-z0-9]+", "-", url.split("://", 1)[-1]).strip("-")[-40:]
    return user_cache_path("dontspy-data") / f"{name}-{_digest(url.encode())[:DIGITS]}"


def _folder_name(version: str, digest: str) -> str:
    """Return the name of a release's folder in the cache: its bytes decide it, not its version alone."""
    return f"{version}-{digest[:DIGITS]}"


def _remember(path: Path, body: bytes) -> None:
    """Write a file whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{_digest(body)[:DIGITS]}.part")
    part.write_bytes(body)
    part.replace(path)


def _forget_replaced(cache: Path, published: Collection[str]) -> None:
    """Remove releases whose bytes have been replaced, so that a portrait purged there is purged here.

    Args:
        cache: of a target.
        published: names of the folders of all its releases as they are now.
    """
    for folder in cache.iterdir():
        if folder.is_dir() and folder.name not in published:
            shutil.rmtree(folder, ignore_errors=True)


def _digest(body: bytes) -> str:
    return sha256(body).hexdigest()
