"""Places that keep files one by one: a folder, and an S3 bucket of any store that speaks the protocol.

A bucket's account, secret, region and endpoint come from where the AWS tools take them: `AWS_ACCESS_KEY_ID`,
`AWS_SECRET_ACCESS_KEY`, `AWS_ENDPOINT_URL_S3`, or `~/.aws`. Conditional writes are `If-Match` and `If-None-Match` on
PutObject: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, cast

from dontspy_data.errors import DontspyError
from dontspy_data.targets.target import MissingError, Target

if TYPE_CHECKING:
    from s3fs import S3FileSystem

CONDITION_FAILED = ("PreconditionFailed", "ConditionalRequestConflict", "412", "409")


class ObjectStore(Protocol):
    """What a place must support, besides being read."""

    @property
    def target(self) -> Target:
        """Where it is, for reading."""

    @property
    def has_links(self) -> bool:
        """Whether a file made by `link` takes no space of its own."""

    def sizes(self, folder: str) -> Mapping[str, int]:
        """Return the size of every file below a folder, by path below the target."""

    def put(self, path: str, source: Path) -> None:
        """Write or replace a file, whole or not at all."""

    def link(self, there: str, path: str) -> None:
        """Create or replace a file with the content of one that is there, without sending its bytes."""

    def delete(self, path: str) -> None:
        """Remove a file that is there."""

    def read_tagged(self, path: str) -> tuple[bytes, str]:
        """Return a file's bytes, and a tag that changes whenever they do.

        Raises:
            MissingError: there is no such file.
        """

    def replace(self, path: str, body: bytes, tag: str | None) -> bool:
        """Write a small file if it still has that tag, or, for None, if there is no file.

        Returns:
            Whether it was written.
        """


@dataclass(frozen=True, slots=True)
class FolderStore:
    """A folder. A process locks it while it replaces the ledger (flock(2), which ends with the process)."""

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
            for dead in self.folder.glob(f".{path}-*"):  # left by a publisher that was killed here
                dead.unlink(missing_ok=True)
            with self._whole(path) as draft:
                draft.write_bytes(body)
            return True

    @contextmanager
    def _whole(self, path: str) -> Iterator[Path]:
        """Yield a file to write, which replaces `path` on success."""
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
                hint="What was published before is unchanged. Free disk space or allow writing there, then try again.",
            ) from error


@dataclass(frozen=True, slots=True)
class S3Store:
    """A bucket, or a prefix in one."""

    target: Target

    @property
    def fs(self) -> "S3FileSystem":
        """The bucket's file system."""
        return cast("S3FileSystem", self.target.fs)

    def sizes(self, folder: str) -> Mapping[str, int]:
        """Return the size of every object below; see `ObjectStore.sizes`."""
        with self._failures(folder):
            found: Mapping[str, dict[str, Any]] = self.fs.find(self.target.path(folder), detail=True)
        skip = len(self.target.root) + 1
        return {path[skip:]: entry["size"] for path, entry in found.items()}

    def put(self, path: str, source: Path) -> None:
        """Write an object; see `ObjectStore.put`. An aborted upload leaves nothing behind."""
        with self._failures(path):
            self.fs.put_file(str(source), self.target.path(path))

    has_links: ClassVar[bool] = False

    def link(self, there: str, path: str) -> None:
        """Let the server copy an object; see `ObjectStore.link`."""
        with self._failures(path):
            self.fs.cp_file(self.target.path(there), self.target.path(path))

    def delete(self, path: str) -> None:
        """Remove an object; see `ObjectStore.delete`."""
        with self._failures(path):
            self.fs.rm_file(self.target.path(path))

    def read_tagged(self, path: str) -> tuple[bytes, str]:
        """Return bytes and their ETag; see `ObjectStore.read_tagged`."""
        while True:  # until nobody writes between reading the tag and the bytes
            with self._failures(path):
                try:
                    tag = self._tag(path)
                    body: bytes = self.fs.cat_file(self.target.path(path))
                    if self._tag(path) == tag:
                        return body, tag
                except FileNotFoundError as error:
                    raise MissingError(f"{self.target.url} has no file {path}") from error

    def replace(self, path: str, body: bytes, tag: str | None) -> bool:
        """Write a small object on a condition; see `ObjectStore.replace`."""
        condition = {"IfMatch": tag} if tag else {"IfNoneMatch": "*"}
        bucket, key, _ = self.fs.split_path(self.target.path(path))
        try:
            with self._failures(path):
                self.fs.call_s3("put_object", Bucket=bucket, Key=key, Body=body, **condition)
        except _ConditionError:
            return False
        return True

    def _tag(self, path: str) -> str:
        return str(self.fs.info(self.target.path(path), refresh=True)["ETag"])

    @contextmanager
    def _failures(self, path: str) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (OSError, ClientError, BotoCoreError) as error:
            cause = error if isinstance(error, ClientError) else error.__cause__
            code = cause.response["Error"]["Code"] if isinstance(cause, ClientError) else ""
            if code in CONDITION_FAILED:
                raise _ConditionError from error
            why = self.target.masked(f"{code or type(error).__name__} {error}".rstrip())
            raise DontspyError(
                f"{path} cannot be read or written at {self.target.url}: {why}", hint=_hint(error)
            ) from error


class _ConditionError(Exception):
    """A conditional write was refused."""


def _hint(error: Exception) -> str:
    kept = "What was published before is unchanged"
    if isinstance(error, PermissionError):
        return (
            f"{kept}. Check the account and its secret (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, or ~/.aws)."
        )
    return f"{kept}; the same command continues where this one stopped."
