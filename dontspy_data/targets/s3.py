"""An S3 bucket, of any store that speaks the protocol, as an object store.

Account, secret, region and endpoint come from where the AWS tools take them: `AWS_ACCESS_KEY_ID`,
`AWS_SECRET_ACCESS_KEY`, `AWS_ENDPOINT_URL_S3`, or `~/.aws`. Conditional writes are `If-Match` and `If-None-Match` on
PutObject: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

from botocore.exceptions import BotoCoreError, ClientError

from dontspy_data.errors import DontspyError
from dontspy_data.targets.target import MissingError, Target

if TYPE_CHECKING:
    from s3fs import S3FileSystem

CONDITION_FAILED = ("PreconditionFailed", "ConditionalRequestConflict", "412", "409")


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
        """Write an object; see `ObjectStore.put`. An upload that is broken off leaves nothing behind."""
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
        while True:  # until nobody writes between asking for the tag and for the bytes
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
    """The condition of a write did not hold."""


def _hint(error: Exception) -> str:
    kept = "What was published before is as it was"
    if isinstance(error, PermissionError):
        return (
            f"{kept}. Check the account and its secret (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, or ~/.aws)."
        )
    return f"{kept}; the same command goes on where this one stopped."
