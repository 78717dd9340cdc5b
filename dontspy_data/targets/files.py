"""Files of a published release: fetched on first use, and verified before use.

`checksums.sha256` lists every file of a release with its SHA-256, and the ledger gives the digest of that list, so
a flipped byte anywhere is found on first use.
"""

import os
import time
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import get_ident
from typing import TYPE_CHECKING, TypeVar

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.package.files import (
    CHANGELOG,
    CHANGES,
    CHECKSUMS,
    DELTA,
    DESCRIPTOR,
    parse_checksums,
    parse_digest_lines,
    require_downloaded,
    sha256_of,
)
from dontspy_data.targets.ledger import (
    JOURNAL,
    Journal,
    Layout,
    Ledger,
    Listing,
    ReleaseEntry,
    listing_file,
    parse_manifest,
)
from dontspy_data.targets.target import MissingError, Target, UnreachableError

if TYPE_CHECKING:
    from dontspy_data.model.problems import Progress

AT_ONCE = 8
ATTEMPTS = 3
PAUSE = 0.5
PIECE = 1 << 20
T = TypeVar("T")
R = TypeVar("R")


class DamagedError(DontspyError):
    """A file does not have the bytes that it was released with.

    Attributes:
        path: of the file in its release.
    """

    def __init__(self, path: str, where: str) -> None:
        super().__init__(
            f"{path} of {where} is refused: its SHA-256 is not the one it was released with",
            hint="Take a whole copy of the release, or tell its publisher.",
        )
        self.path = path


@dataclass(frozen=True, slots=True)
class ReleaseFiles:
    """The files of one release or package.

    Attributes:
        origin: where they come from; its root is the release's own folder.
        digests: SHA-256 by path.
        folder: where they are on this machine, or will be once they are fetched.
    """

    origin: Target
    digests: Mapping[str, str]
    folder: Path
    _verified: set[str] = field(default_factory=set, compare=False, repr=False)

    def path(self, name: str) -> Path:
        """Return where a file is on this machine, once it is fetched and verified.

        Args:
            name: path in the release, with forward slashes.

        Raises:
            UsageError: the release has no such file.
            DamagedError: its bytes are not those it was released with.
            UnreachableError: it is not cached, and its target does not answer.
        """
        if name not in self.digests:
            raise UsageError(f"{self.origin.url} has no file {name}", hint=f"{CHECKSUMS} lists those it has.")
        path = self.folder / name
        if self.origin.is_local and self.folder == Path(self.origin.root) and not path.exists():
            path = Path(self.origin.path(name))  # it is among the objects, without a link here
        if name not in self._verified:
            download(self.origin, name, (self.digests[name],), path)
            self._verified.add(name)
        return path

    def fetch(self, names: Iterable[str], progress: "Progress | None" = None) -> list[Path]:
        """Return where several files are, fetched side by side.

        Args:
            names: paths in the release.
            progress: is called with (done, total) of the files.

        Raises:
            UsageError, DamagedError, UnreachableError: as `path()`.
        """
        names = list(names)
        side_by_side(self.path, [name for name in names if name not in self._verified], progress)
        return [self.path(name) for name in names]


def download(
    origin: Target, name: str, digests: Collection[str], path: Path, part: Path | None = None
) -> None:
    """Bring a file of a release onto this machine, with the bytes that it was released with.

    Every file that is read from a target goes through here. A file in a folder of this machine may stay where it
    is: then it is only verified.

    Args:
        origin: the release's own folder.
        name: path in the release.
        digests: SHA-256 that the file may have; more than one only while the release is being purged.
        path: where to put it, whole or not at all, unless it is there.
        part: where it grows until it is whole, and where an interrupted download is resumed; None
            for a new temporary file, since several processes may fill one cache.

    Raises:
        MissingError: the origin has no such file.
        DamagedError: what came does not have the digest; nothing is left at `path` and `part`.
        UnreachableError: the origin does not answer.
    """
    if path.is_file() and sha256_of(path) in digests:
        return
    if origin.is_local and path in (Path(origin.root, name), Path(origin.path(name))):
        require_downloaded(Path(origin.root), name)
        raise DamagedError(name, origin.url)
    path.parent.mkdir(parents=True, exist_ok=True)
    own = part or path.with_name(f".{path.name}.{os.getpid()}-{get_ident()}.part")
    try:
        resumed = own.exists()
        _fetch(origin, name, own)
        if resumed and sha256_of(own) not in digests:  # left over from another file
            own.unlink()
            _fetch(origin, name, own)
        if sha256_of(own) not in digests:
            own.unlink()
            raise DamagedError(name, origin.url)
        own.replace(path)
    finally:
        if part is None:
            own.unlink(missing_ok=True)


def read_listing(target: Target, entry: ReleaseEntry, also: Collection[str] = ()) -> Listing:
    """Read a published release's list of files; arguments and errors as for `parse_listing`.

    Raises:
        MissingError: there is no list.
        UnreachableError: the target does not answer.
    """
    origin = target.below(entry.version)
    return parse_listing(origin.read(listing_file(entry)), entry, origin.url, also)


def parse_listing(body: bytes, entry: ReleaseEntry, where: str, also: Collection[str] = ()) -> Listing:
    """Read a release's list of files, and verify it against the ledger.

    Args:
        body: of the file that `listing_file` names.
        entry: of the release in the ledger.
        where: the release is, for people.
        also: digests that its `checksums.sha256` may have beside the ledger's, while it is being purged.

    Raises:
        DamagedError: the list is not the one that the ledger vouches for.
        MalformedError: it is not such a list.
    """
    if entry.layout == Layout.FOLDERS:
        listing = Listing(body, parse_checksums(body, where))
    else:
        listing = parse_manifest(body, where)
    if sha256(listing.checksums).hexdigest() not in {entry.digest, *also}:
        raise DamagedError(listing_file(entry), where)
    return listing


def read_journal(target: Target, version: str) -> Journal | None:
    """Return the journal of a release; None if no purge of it was begun.

    Raises:
        MalformedError: it is damaged.
        UnreachableError: the target does not answer.
    """
    try:
        body = target.read(f"{version}/{JOURNAL}")
    except MissingError:
        return None
    found: dict[str, set[str]] = defaultdict(set)
    for path, digest in parse_digest_lines(body, f"{target.url}/{version}/{JOURNAL}"):
        found[path].add(digest)
    return Journal({path: frozenset(digests) for path, digests in found.items()})


def wholeness(
    target: Target, ledger: Ledger, entry: ReleaseEntry, listing: Listing
) -> dict[str, bool | None]:
    """Compare every file of a published release with its digest.

    Args:
        target: where it is published.
        ledger: of the target.
        entry: of the release.
        listing: its files.

    Returns:
        By path, whether a file has its digest; None if it is missing. Files that the target need not store and does
        not are left out.

    Raises:
        DontspyError: the target cannot be read.
    """
    digests = {**listing.digests, CHECKSUMS: sha256(listing.checksums).hexdigest()}
    release = listing.below(target, entry.version)
    paths = sorted(digests)

    def compare(path: str) -> bool | None:
        found = has_digest(release, path, digests[path])
        own = target.below(entry.version)
        if target.is_local and path in listing.objects and not _is_link(own.path(path), release.path(path)):
            return has_digest(own, path, digests[path]) and found
        return found

    found = dict(zip(paths, side_by_side(compare, paths), strict=True))
    return {
        path: is_same
        for path, is_same in found.items()
        if is_same is not None or ledger.stores(entry.version, path)
    }


@contextmanager
def fetched_tables(target: Target, entry: ReleaseEntry) -> Iterator[Path]:
    """Yield a folder with what the next release is compared with: descriptor, tables, changelog and delta."""
    listing = read_listing(target, entry)
    with TemporaryDirectory(prefix="dontspy-data-") as folder:
        files = ReleaseFiles(listing.below(target, entry.version), listing.digests, Path(folder))
        files.fetch(path for path in files.digests if is_compared(path))
        yield Path(folder)


def is_compared(path: str) -> bool:
    """Return whether a file of a release is needed to compare the next one with it."""
    return path in (DESCRIPTOR, CHANGELOG, CHANGES, DELTA) or (
        path.startswith("data/") and path.endswith(".parquet")
    )


def has_digest(target: Target, path: str, digest: str) -> bool | None:
    """Return whether a file at a target has a SHA-256, without keeping it; None if there is no such file.

    Raises:
        DontspyError: it cannot be read.
    """
    found = sha256()
    try:
        with target.failures(path), target.open(path) as stream:
            while piece := stream.read(PIECE):
                found.update(piece)
    except MissingError:
        return None
    return found.hexdigest() == digest


def side_by_side(act: Callable[[T], R], things: Collection[T], progress: "Progress | None" = None) -> list[R]:
    """Return the results of a function for each item, in order, running several at once; the first error ends it.

    Args:
        act: is called in threads.
        things: its arguments.
        progress: is called with (done, total).
    """
    from concurrent.futures import ThreadPoolExecutor  # imports logging, so it is imported only when needed

    made: list[R] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            for one in pool.map(act, things):
                made.append(one)
                if progress:
                    progress(len(made), len(things))
        finally:
            pool.shutdown(cancel_futures=True)
    return made


def _fetch(origin: Target, name: str, part: Path) -> None:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            origin.fetch(name, part)
            return
        except ValueError:  # the server sends files from their beginning only
            part.unlink()
            _fetch(origin, name, part)
            return
        except UnreachableError:
            if attempt == ATTEMPTS:
                raise
            time.sleep(PAUSE * attempt)


def _is_link(path: str, other: str) -> bool:
    return Path(path).exists() and Path(other).exists() and Path(path).samefile(other)
