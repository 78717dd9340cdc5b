"""Files of one release: fetched when they are used, and verified before they are.

`checksums.sha256` lists every file of a release with its SHA-256, and the ledger gives the digest of that list, so
a flipped byte anywhere is found on first use.
"""

import hashlib
import os
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import get_ident
from typing import TypeVar

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model.problems import Progress
from dontspy_data.package.digests import (
    CHANGELOG,
    CHECKSUMS,
    DELTA,
    DESCRIPTOR,
    parse_checksums,
    require_downloaded,
    sha256_of,
)
from dontspy_data.targets.ledger import ReleaseEntry
from dontspy_data.targets.target import MissingError, Target, UnreachableError

AT_ONCE = 8
ATTEMPTS = 3
PAUSE = 0.5

T = TypeVar("T")
R = TypeVar("R")


class DamagedError(DontspyError):
    """A file does not have the bytes that it was released with."""

    def __init__(self, path: str, where: str) -> None:
        super().__init__(
            f"{path} of {where} is refused: its SHA-256 is not the one it was released with",
            hint="Take a whole copy of the release, or tell its publisher.",
        )
        self.path = path


@dataclass(frozen=True, slots=True)
class Files:
    """The files of one release or package.

    Attributes:
        origin: where they come from; its root is the release's own folder.
        digests: SHA-256 by path.
        folder: where they are on this machine, or will be once they are fetched.
        in_place: whether `folder` is the origin itself, so that nothing is ever fetched.
    """

    origin: Target
    digests: Mapping[str, str]
    folder: Path
    in_place: bool
    _verified: set[str] = field(default_factory=set, compare=False, repr=False)

    def path(self, name: str) -> Path:
        """Where a file is on this machine, once it is fetched and verified.

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
        if name not in self._verified:
            self._make_sure(name, path)
            self._verified.add(name)
        return path

    def fetch(self, names: Iterable[str], progress: Progress | None = None) -> list[Path]:
        """Where several files are, fetched side by side.

        Args:
            names: paths in the release.
            progress: told (done, total) of the files.

        Raises:
            UsageError, DamagedError, UnreachableError: as `path()`.
        """
        names = list(names)
        side_by_side(self.path, [name for name in names if name not in self._verified], progress)
        return [self.path(name) for name in names]

    def _make_sure(self, name: str, path: Path) -> None:
        digest = self.digests[name]
        if self.in_place:
            require_downloaded(self.folder, name)
            if not path.is_file() or sha256_of(path) != digest:
                raise DamagedError(name, self.origin.url)
            return
        # Other processes may be filling the same cache, so that each writes into a file of its own.
        part = path.with_name(f".{path.name}.{os.getpid()}-{get_ident()}.part")
        try:
            download(self.origin, name, digest, path, part)
        finally:
            part.unlink(missing_ok=True)


def download(origin: Target, name: str, digest: str, path: Path, part: Path) -> None:
    """Fetch a file unless it is there.

    Args:
        origin: where from.
        name: path below the origin.
        digest: SHA-256 that it must have.
        path: where it is put, whole or not at all.
        part: where it grows until it is whole. What an interrupted download left there is gone on with.

    Raises:
        MissingError: the origin has no such file.
        DamagedError: what came does not have the digest; nothing is left at `path` and `part`.
        UnreachableError: the origin does not answer.
    """
    if path.is_file() and sha256_of(path) == digest:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    resumed = part.exists()
    _fetch(origin, name, part)
    if resumed and sha256_of(part) != digest:  # the rest of another file
        part.unlink()
        _fetch(origin, name, part)
    if sha256_of(part) != digest:
        part.unlink()
        raise DamagedError(name, origin.url)
    part.replace(path)


def side_by_side(act: Callable[[T], R], things: Collection[T], progress: Progress | None = None) -> list[R]:
    """What a function makes of each thing, in order, several at once; the first error ends it.

    Args:
        act: is called in threads.
        things: what with.
        progress: told (done, total).
    """
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


def digest_of(text: bytes) -> str:
    """SHA-256 of bytes, 64 hexadecimal digits."""
    return sha256(text).hexdigest()


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


PIECE = 1 << 20


def digest_at(target: Target, path: str) -> str:
    """SHA-256 of a file at a target, read a piece at a time.

    Raises:
        MissingError: there is no such file.
        DontspyError: it cannot be read.
    """
    found = hashlib.sha256()
    with target.failures(path), target.open(path) as stream:
        while piece := stream.read(PIECE):
            found.update(piece)
    return found.hexdigest()


def differing(target: Target, digests: Mapping[str, str]) -> list[str]:
    """Those paths at a target that have no file, or one with another SHA-256.

    Raises:
        DontspyError: the target cannot be read.
    """

    def differs(path: str) -> bool:
        try:
            return digest_at(target, path) != digests[path]
        except MissingError:
            return True

    paths = sorted(digests)
    return [path for path, is_so in zip(paths, side_by_side(differs, paths), strict=True) if is_so]


def listed(target: Target, entry: ReleaseEntry) -> dict[str, str]:
    """SHA-256 of every file of a published release by path, but of the list itself.

    Raises:
        DontspyError: the list does not have the digest that the ledger gives, or cannot be read.
    """
    body = target.read(f"{entry.version}/{CHECKSUMS}")
    if hashlib.sha256(body).hexdigest() != entry.digest:
        raise DontspyError(
            f"{entry.version}/{CHECKSUMS} at {target.url} does not have the digest that the ledger gives",
            hint="It was changed after it was published, or is being changed. Try again, or tell the publisher.",
        )
    return parse_checksums(body, f"{target.url}@{entry.version}")


def fetch(target: Target, entry: ReleaseEntry, folder: Path, wanted: Callable[[str], bool]) -> None:
    """Fetch files of a published release into a folder.

    Args:
        target: where it is published.
        entry: which release.
        folder: exists; files are put below it by their paths.
        wanted: says of a path whether to fetch the file.

    Raises:
        DontspyError: a file cannot be read, or does not have its digest.
    """
    files = [(path, digest) for path, digest in listed(target, entry).items() if wanted(path)]

    def one(file: tuple[str, str]) -> None:
        path, digest = file
        body = target.read(f"{entry.version}/{path}")
        if hashlib.sha256(body).hexdigest() != digest:
            raise DontspyError(
                f"{entry.version}/{path} at {target.url} does not have its digest",
                hint="Tell the publisher, or take another copy.",
            )
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(body)

    side_by_side(one, files)


@contextmanager
def fetched_tables(target: Target, entry: ReleaseEntry) -> Iterator[Path]:
    """A folder with what the next release is compared to: descriptor, tables, changelog and delta."""
    with TemporaryDirectory(prefix="dontspy-data-") as folder:
        fetch(target, entry, Path(folder), is_compared)
        yield Path(folder)


def is_compared(path: str) -> bool:
    """Whether a file of a release is needed to compare the next one with it."""
    return path in (DESCRIPTOR, CHANGELOG, DELTA) or (path.startswith("data/") and path.endswith(".parquet"))
