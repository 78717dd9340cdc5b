"""Publishing a release: every file, then the ledger."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from dontspy_data.check import Finding
from dontspy_data.check.check import check_files, open_whole
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model.problems import Progress
from dontspy_data.model.texts import counted
from dontspy_data.package.files import CHECKSUMS, DESCRIPTOR, all_digests, read_checksums
from dontspy_data.package.open import Package, open_package
from dontspy_data.publish.purge import purge, require_purge
from dontspy_data.release.row_changes import withdrawals_of
from dontspy_data.release.version import aliases
from dontspy_data.targets.files import fetched_tables, has_digest, read_journal, read_listing, wholeness
from dontspy_data.targets.ledger import (
    MANIFEST,
    OBJECT_FOLDER,
    Ledger,
    Listing,
    ReleaseEntry,
    new_listing,
    release_entry,
)
from dontspy_data.targets.object_store import LOCK
from dontspy_data.targets.open import open_target, parse_reference, writer_of
from dontspy_data.targets.target import Commit, ConflictError, Target, TargetWriter

SHOWN = 3


@dataclass(frozen=True, slots=True)
class Published:
    """The result of publishing and purging.

    Attributes:
        version: of the release.
        address: where people find it.
        files: how many files the release has.
        uploaded: how many had to be uploaded.
        uploaded_bytes: how many bytes those have.
        is_new: whether anything was published or restored.
        purged: versions that something withdrawn was removed from.
    """

    version: str
    address: str
    files: int
    uploaded: int
    uploaded_bytes: int
    is_new: bool
    purged: tuple[str, ...] = ()

    @property
    def changed(self) -> bool:
        """Whether anything changed at the target."""
        return self.is_new or bool(self.purged)

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs."""
        return {
            "outcome": "changed" if self.changed else "unchanged",
            "version": self.version,
            "address": self.address,
            "files": self.files,
            "uploaded": self.uploaded,
            "uploadedBytes": self.uploaded_bytes,
            "purged": list(self.purged),
        }

    def summary(self) -> str:
        """Return the same for people."""
        said = (
            f"Published {self.version} at {self.address}: {counted(self.files, 'file')}, {self.uploaded:,} uploaded "
            f"({self.uploaded_bytes / 1e6:,.1f} MB)"
            if self.is_new
            else f"{self.version} is at {self.address} already; nothing was uploaded"
        )
        return said + (f"\nRemoved what is withdrawn from {', '.join(self.purged)}" if self.purged else "")


@dataclass(frozen=True, slots=True)
class Verified:
    """The result of verifying.

    Attributes:
        version: of the release; None for a package that was never released.
        files: how many files were compared.
        problems: what is wrong; empty if every byte is correct.
    """

    version: str | None
    files: int
    problems: tuple[Finding, ...]


def publish(
    release: Path,
    target: Target,
    *,
    purge_withdrawn: bool = False,
    break_lock: bool = False,
    progress: Progress | None = None,
) -> Published:
    """Publish a release, and remove what is withdrawn from earlier ones.

    Missing or damaged files of a release that is published already are restored.

    Args:
        release: its folder.
        target: where to.
        purge_withdrawn: whether to remove what the release says is withdrawn from earlier releases there.
        break_lock: whether to break another publisher's lock.
        progress: receives (done, total) of the releases to purge.

    Raises:
        UsageError: nothing can be published there, or the folder is not a release or a part of one.
        ConflictError: a release of that version with other bytes, or a later one, is published.
        DontspyError: the target failed or refuses, or something withdrawn would come back.
    """
    writer = writer_of(target, break_lock=break_lock)
    if purge_withdrawn:
        require_purge(writer)
    package = open_whole(release)
    published = _publish(package, writer)
    if not purge_withdrawn:
        return published
    return replace(published, purged=purge(writer, withdrawals_of(package), progress))


@contextmanager
def release_before(place: str | None) -> Iterator[Path | None]:
    """Yield the folder of the release before, with its descriptor, tables and changelog; None if none is named.

    Args:
        place: a release's folder, or `TARGET[@VERSION]`.

    Raises:
        UsageError: there is no release.
        DontspyError: the target cannot be read.
    """
    if place is None:
        yield None
    elif (Path(place) / DESCRIPTOR).is_file():
        yield Path(place)
    else:
        url, version = parse_reference(place)
        target = open_target(url)
        with fetched_tables(target, target.ledger().find(version)) as folder:
            yield folder


def verify(place: str, version: str = "latest") -> Verified:
    """Compare every file of a published release with its digest, and the list of digests with the ledger.

    Files made from others may be missing if the target need not store them for that release.

    Args:
        place: a target, or a release's folder (then the list of digests itself is not verified).
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
    changed = f"does not have the digest that {CHECKSUMS} gives"
    problems = (
        Finding(f"{entry.version}/{path}", "is missing" if is_same is None else changed)
        for path, is_same in found.items()
        if not is_same
    )
    return Verified(entry.version, len(found), tuple(problems))


def must_be(package: Package, version: str) -> None:
    """Raise `UsageError` if a package does not have a version or alias."""
    own = package.descriptor.get("version")
    if version not in ("latest", *(aliases(own) if own else ())):
        raise UsageError(
            f"{package.folder} is {own or 'a package without a version'}, and not {version}",
            hint="Leave the version out, or give the target that its releases are published at.",
        )


def _publish(package: Package, writer: TargetWriter) -> Published:
    release, made = package.folder, package.release  # raises if it is not a release
    digests = all_digests(release)
    sizes = package.sizes(digests)
    about = release_entry(package.descriptor, digests[CHECKSUMS], sum(sizes.values()))
    entry = replace(about, layout=writer.layout)
    state = writer.state()
    known = state.ledger.get(entry.version)
    ledger = state.ledger if known else state.ledger.with_entry(entry)
    _require_all(release, entry.version, digests, ledger)
    if known is None:
        _require_target(writer.target, entry.version, state.token)
        _require_next(package, made["previous"], state.ledger, writer.target.url)
    elif known.digest != entry.digest:
        raise ConflictError(
            f"{writer.target.url} has a release {entry.version} with other bytes",
            hint="A version is published only once. Make the release again, with --previous of that target.",
        )
    elif not writer.can_rewrite or _is_whole(
        writer.target, ledger, known, new_listing(known.layout, digests, sizes)
    ):
        return Published(entry.version, writer.address(entry.version), len(digests), 0, 0, is_new=False)
    commit = Commit(entry.version, digests, release, ledger, sizes)
    with writer.lock(entry.version, sha256(repr(sorted(digests.items())).encode()).hexdigest()):
        uploaded = writer.commit(commit, state)
    return Published(entry.version, writer.address(entry.version), len(digests), *uploaded, is_new=True)


def _require_all(release: Path, version: str, digests: Iterable[str], ledger: Ledger) -> None:
    """Raise `UsageError` if a file that the target will hold was not downloaded to the release's folder."""
    missing = [path for path in digests if ledger.stores(version, path) and not (release / path).is_file()]
    if missing:
        raise UsageError(
            f"{release} is a part of {version}: {missing[0]} was not downloaded",
            hint=f"Get all of it: dontspy-data get TARGET@{version} --include '*' --output {release}",
        )


def _is_whole(target: Target, ledger: Ledger, entry: ReleaseEntry, listing: Listing) -> bool:
    """Return whether every file of a published release is unchanged.

    Raises:
        ConflictError: a purge of it was interrupted; what it removed must not come back.
    """
    version = entry.version
    if read_journal(target, version) is not None:
        raise ConflictError(
            f"a purge of {version} at {target.url} was interrupted, and must not be undone",
            hint="Continue it: publish the latest release again, with --purge-withdrawn.",
        )
    if listing.objects:
        manifest = sha256(listing.to_manifest(version).encode()).hexdigest()
        if not has_digest(target, f"{version}/{MANIFEST}", manifest):
            return False
    return all(wholeness(target, ledger, entry, listing).values())


def _require_target(target: Target, version: str, token: str | None) -> None:
    """Raise `UsageError` if a folder without a ledger holds anything but the remains of a first attempt to publish."""
    folder = Path(target.root)
    if token is not None or not target.is_local or not folder.is_dir():
        return
    left = (version, LOCK, OBJECT_FOLDER)
    strange = sorted(path.name for path in folder.iterdir() if path.name not in left and path.name[0] != ".")
    if strange:
        raise UsageError(
            f"{target.url} is not a target, and not empty: it holds {', '.join(strange[:SHOWN])}",
            hint="Name a new or empty folder, or one that releases were published to.",
        )


def _require_next(package: Package, previous: str | None, ledger: Ledger, url: str) -> None:
    """Raise if a release must not follow the published ones; anything may come first.

    Raises:
        ConflictError: it was made to follow a release other than the latest one.
        DontspyError: something withdrawn would come back.
    """
    if not ledger.releases:
        return
    version, latest = package.descriptor["version"], ledger.find().version
    if previous != latest:
        raise ConflictError(
            f"{version} was made to follow {previous or 'nothing'}, and the latest release at {url} is {latest}",
            hint=f"Make it again: dontspy-data release PACKAGE --previous {url} --output FOLDER",
        )
    withdrawn = {mep_id for one in ledger.releases for mep_id in one.withdrew}
    back = sorted(withdrawn - withdrawals_of(package).people)
    if back:
        raise DontspyError(
            f"{url} withdrew MEP {', '.join(map(str, back))}, but {version} does not",
            hint="Build with the complete withdrawals.csv; withdrawals are permanent.",
        )
