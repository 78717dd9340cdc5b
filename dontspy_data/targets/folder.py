"""A folder as an object store."""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from dontspy_data.errors import DontspyError
from dontspy_data.targets.target import MissingError, Target


@dataclass(frozen=True, slots=True)
class FolderStore:
    """A folder. Whoever replaces the ledger holds a lock on the folder meanwhile (flock(2), gone with its holder)."""

    target: Target

    @property
    def folder(self) -> Path:
        """The folder itself."""
        return Path(self.target.root)

    def sizes(self, folder: str) -> Mapping[str, int]:
        """Return the size of every file below; see `ObjectStore.sizes`."""
        files = (path for path in (self.folder / folder).rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path.stat().st_size for path in files}

    def put(self, path: str, source: Path) -> None:
        """Write a file; see `ObjectStore.put`."""
        with self._whole(path) as draft:
            shutil.copyfile(source, draft)

    has_links: ClassVar[bool] = True

    def link(self, there: str, path: str) -> None:
        """Make a hard link, or a copy where there are none; see `ObjectStore.link`."""
        source, final = self.folder / there, self.folder / path
        with self._failures(path):
            if final.exists() and final.samefile(source):
                return
        with self._whole(path) as draft:
            draft.unlink()
            try:
                draft.hardlink_to(source)
            except OSError:  # not on this file system, or too many of them
                shutil.copyfile(source, draft)

    def delete(self, path: str) -> None:
        """Remove a file; see `ObjectStore.delete`."""
        with self._failures(path):
            (self.folder / path).unlink(missing_ok=True)

    def read_tagged(self, path: str) -> tuple[bytes, str]:
        """Return bytes and their digest; see `ObjectStore.read_tagged`."""
        body = self.target.read(path)
        return body, hashlib.sha256(body).hexdigest()

    def replace(self, path: str, body: bytes, tag: str | None) -> bool:
        """Write a small file on a condition; see `ObjectStore.replace`."""
        with self._lock():
            try:
                _, now = self.read_tagged(path)
            except MissingError:
                now = None
            if now != tag:
                return False
            for dead in self.folder.glob(f".{path}-*"):  # of a publisher that was killed in here
                dead.unlink(missing_ok=True)
            with self._whole(path) as draft:
                draft.write_bytes(body)
            return True

    @contextmanager
    def _whole(self, path: str) -> Iterator[Path]:
        """Yield a file to write, which takes the place of `path` when all went well."""
        final = self.folder / path
        with self._failures(path):
            final.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(prefix=f".{final.name}-", dir=final.parent)
            os.close(handle)
            draft = Path(name)
            try:
                draft.chmod(0o644)
                yield draft
                draft.replace(final)
            finally:
                draft.unlink(missing_ok=True)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with self._failures(""):
            self.folder.mkdir(parents=True, exist_ok=True)
            handle = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    @contextmanager
    def _failures(self, path: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise DontspyError(
                f"{self.folder / path} cannot be written: {error.strerror}",
                hint="What was published before is as it was. Make room or give the right to write, and try again.",
            ) from error
