"""Files of one release: fetched when they are used, and verified before they are.

`checksums.sha256` lists every file of a release with its SHA-256, and the ledger gives the digest of that list, so
a flipped byte anywhere is found on first use.
"""

import os
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from threading import get_ident
from typing import TypeVar

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.loading.target import Target, UnreachableError
from dontspy_data.package.files import CHECKSUMS, sha256_of
from dontspy_data.progress import Progress

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
