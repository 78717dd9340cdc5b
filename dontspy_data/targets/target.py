"""Targets: the places that releases are published to, how all of them are read, and what a writable one must do.

For what lies where, see `dontspy_data.targets.ledger`; addresses are opened by
`dontspy_data.targets.open`.
"""

import errno
import re
import shutil
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple, Protocol
from urllib.parse import unquote

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.targets.ledger import LEDGER, Layout, Ledger, ReleaseEntry, parse_ledger

SHOWN = 10
SHORTEST_SECRET = 4
BLOCK = 4 << 20
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
# What file systems raise besides OSError. Only a loaded library can raise, so none is imported here.
FAILURES = (
    ("aiohttp", "ClientError"),
    ("botocore.exceptions", "BotoCoreError"),
    ("botocore.exceptions", "ClientError"),
    ("huggingface_hub.errors", "HTTPError"),  # of the HTTP library that its version uses
    ("huggingface_hub.errors", "HfHubHTTPError"),
    ("httpx", "HTTPError"),
    ("requests", "RequestException"),
)
UNEXPECTED = (ValueError, KeyError, TypeError, AttributeError, IndexError)
"""What client libraries raise for answers that they do not expect."""
USER = re.compile(r"(?<=://)[^/\s@]+(?=@)")
QUERY = re.compile(r"(?<=\?)[^\s'\")>]+")
TRY_AGAIN = "Try again later, or give the address of another copy."
DATASET = "open-data-faces"


class MissingError(UsageError):
    """A target has no such file, or is not there at all."""


class UnreachableError(DontspyError):
    """A target does not answer, or refuses to be read. Cached files can still be used."""


class FileSystem(Protocol):
    """What a target needs of an fsspec file system, by fsspec's own names."""

    @property
    def protocol(self) -> str | Sequence[str]:
        """Names of its schemes."""

    def cat_file(self, path: str) -> bytes:
        """Return a file's bytes."""

    def open(self, path: str, mode: str = "rb", block_size: int | None = None) -> Any:
        """Open a file for reading bytes."""

    def get_file(self, path: str, to: str) -> None:
        """Copy a file onto this machine."""

    def ls(self, path: str, detail: bool = True) -> list[Any]:
        """Return paths of what is in a folder."""


@dataclass(frozen=True, slots=True)
class Target:
    """A place that releases are published to. Creating one sends no request.

    Attributes:
        url: as people write it, without a slash at its end, and with passwords and signatures masked.
        fs: the file system that it is on.
        root: its path on that file system.
        query: signature that every request needs; empty for most.
        secrets: passwords and signatures of its address, which no message shows.
        elsewhere: by path, where on the file system files outside the root lie.
    """

    url: str
    fs: FileSystem
    root: str
    query: str = ""
    secrets: tuple[str, ...] = ()
    elsewhere: Mapping[str, str] = field(default_factory=dict, repr=False)

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine."""
        return "file" in self.fs.protocol

    def below(self, folder: str, elsewhere: Mapping[str, str] | None = None) -> "Target":
        """Return a folder of the target as a target, such as that of one release.

        Args:
            folder: below the target.
            elsewhere: by path below that folder, where on the file system files outside that folder lie.
        """
        return Target(
            f"{self.url}/{folder}",
            self.fs,
            f"{self.root}/{folder}",
            self.query,
            self.secrets,
            elsewhere or {},
        )

    def ledger(self) -> Ledger:
        """Return what is published there.

        Raises:
            MissingError: there is no ledger, so this is not a target; the hint says what is there instead.
            UnreachableError: it does not answer, or refuses to be read.
            MalformedError: its ledger is damaged.
        """
        try:
            return parse_ledger(self.read(LEDGER))
        except MissingError:
            raise MissingError(f"{self.url} is not a target: it has no {LEDGER}", hint=self._hint()) from None

    def read(self, path: str) -> bytes:
        """Return the bytes of a small file, such as the ledger or a list of digests.

        Args:
            path: below the target, with forward slashes.

        Raises:
            MissingError: there is no such file.
            UnreachableError: the target does not answer, or refuses to be read.
        """
        with self.failures(path):
            return self.fs.cat_file(self.path(path))

    def open(self, path: str) -> BinaryIO:
        """Open a file for reading bytes; read it within `failures()`, which gives errors that people understand.

        Raises:
            MissingError: there is no such file.
            UnreachableError: the target does not answer, or refuses to be read.
        """
        with self.failures(path):
            stream: BinaryIO = self.fs.open(self.path(path), "rb")
            return stream

    def fetch(self, path: str, part: Path) -> None:
        """Bring a file into `part`, continuing after the bytes that are there already.

        Raises:
            MissingError: there is no such file.
            UnreachableError: the target does not answer, or refuses to be read; `part` keeps what came.
            ValueError: there are bytes already, and the server can only send files from their beginning.
        """
        start = part.stat().st_size if part.exists() else 0
        if not start:
            with self.failures(path):
                self.fs.get_file(self.path(path), str(part))
            return
        with self.failures(path, UnreachableError):
            stream = self.fs.open(self.path(path), "rb", block_size=BLOCK)
        with self.failures(path, ValueError), stream, part.open("ab") as out:
            stream.seek(start)
            shutil.copyfileobj(stream, out)

    def path(self, path: str) -> str:
        """Return a path below the target as its file system's path."""
        return f"{self.elsewhere.get(path) or f'{self.root}/{path}'}{self.query}"

    @contextmanager
    def failures(self, path: str, unexpected: type[Exception] = UnreachableError) -> Iterator[None]:
        """Turn errors of a file system within the block into one that says what cannot be read.

        Args:
            path: what is being read.
            unexpected: class to raise if the library does not understand what the server answers.
        """
        try:
            yield
        except network_errors() as error:
            if getattr(error, "errno", None) in NO_ROOM:  # reading, so the disk of this machine is full
                raise
            # fsspec reports any failure of a web server as a missing file, with its cause.
            cause = error.__cause__ if isinstance(error.__cause__, network_errors()) else error
            if _says_missing(cause):
                raise MissingError(f"{self.url} has no file {path}") from error
            raise UnreachableError(self._unread(path, cause), hint=TRY_AGAIN) from error
        except UNEXPECTED as error:
            if self.is_local:
                raise
            if unexpected is UnreachableError:
                raise UnreachableError(self._unread(path, error), hint=TRY_AGAIN) from error
            raise unexpected(str(error)) from error

    def masked(self, text: str) -> str:
        """Return a library's message, without passwords and signatures."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return masked(text)

    def _unread(self, path: str, cause: BaseException) -> str:
        why = self.masked(f"{type(cause).__name__} {cause}".rstrip())
        return f"{path} cannot be read from {self.url}: {why}"

    def _hint(self) -> str:
        if self.url.startswith(("http://", "https://")):  # a web server need not list its files
            return "Give the address of the folder that releases.json is in."
        try:
            there = sorted(Path(str(name)).name for name in self.fs.ls(self.root, detail=False))
        except FileNotFoundError:
            return "There is no such folder."
        except network_errors() + UNEXPECTED:
            return "It cannot be listed either."
        shown = ", ".join(there[:SHOWN]) + (f" and {len(there) - SHOWN:,} more" if len(there) > SHOWN else "")
        return f"There: {shown}." if there else "It is empty."


def _says_missing(cause: BaseException) -> bool:
    """Return whether a library's error says that a file is missing: aiohttp's, botocore's, the Hub's or Python's."""
    if isinstance(cause, FileNotFoundError) or getattr(cause, "status", None) == 404:
        return True
    response = getattr(cause, "response", None)
    if isinstance(response, dict):
        return response.get("Error", {}).get("Code") in ("NoSuchKey", "404")
    return getattr(response, "status_code", None) == 404


def masked(text: str) -> str:
    """Return an address, or a text with addresses in it, without passwords and signatures."""
    return QUERY.sub("***", USER.sub("***", text))


def secrets_of(url: str) -> tuple[str, ...]:
    """Return the passwords and signatures of an address, both encoded and decoded, longest first."""
    found = {*USER.findall(url), *QUERY.findall(url)}
    found |= {part for whole in found for part in re.split(r"[:=&]", whole)}
    found |= {unquote(part) for part in found}
    return tuple(sorted((part for part in found if len(part) >= SHORTEST_SECRET), key=len, reverse=True))


def network_errors() -> tuple[type[Exception], ...]:
    """Return what file systems and client libraries raise if something cannot be read or written."""
    loaded = (getattr(sys.modules.get(module), name, None) for module, name in FAILURES)
    return (OSError, *(error for error in loaded if error is not None))


class ConflictError(DontspyError):
    """Somebody else published in the meantime, or is publishing."""


@dataclass(frozen=True, slots=True)
class TargetState:
    """What is published at a target.

    Attributes:
        ledger: what the ledger says; without releases if there is none yet.
        token: identifies this state, so that a change applies to no other; None if there is no ledger.
    """

    ledger: Ledger
    token: str | None


@dataclass(frozen=True, slots=True)
class Commit:
    """A change of one release at a target.

    Attributes:
        version: of the release, which is the name of its folder, too.
        digests: SHA-256 of every file of the release, by path in its folder; other files there are removed.
        source: folder on this machine with those files; in a purge, files that the target has already may be missing.
        ledger: what is published afterwards.
        sizes: bytes of every file by path.
        is_purge: whether removed or replaced bytes must also disappear from the target's history.
    """

    version: str
    digests: Mapping[str, str]
    source: Path
    ledger: Ledger
    sizes: Mapping[str, int]
    is_purge: bool = False

    @property
    def entry(self) -> ReleaseEntry:
        """The ledger's new entry for the release."""
        return self.ledger.find(self.version)

    def sent(self) -> list[str]:
        """Return the sorted paths of the files here that the target will hold."""
        stored = (path for path in self.digests if self.ledger.stores(self.version, path))
        return sorted(path for path in stored if (self.source / path).is_file())

    @property
    def what(self) -> str:
        """The action, for messages."""
        return f"purge of {self.version}" if self.is_purge else self.version


class Uploaded(NamedTuple):
    """How many files were uploaded, and how many bytes they have."""

    files: int
    bytes: int


class TargetWriter(Protocol):
    """A target that can be written."""

    @property
    def target(self) -> Target:
        """Where it is, for reading."""

    @property
    def can_rewrite(self) -> bool:
        """Whether files of published releases can be replaced and removed."""

    @property
    def layout(self) -> Layout:
        """Where the files of new releases lie."""

    def address(self, version: str) -> str:
        """Return where people find a release."""

    def state(self) -> TargetState:
        """Return what is published now.

        Raises:
            DontspyError: the target cannot be reached, or its ledger is damaged.
        """

    def lock(self, what: str, sha256: str) -> AbstractContextManager[None]:
        """Keep other publishers out.

        Args:
            what: the action, for messages.
            sha256: of what is written, so that the same publisher knows its own lock.

        Raises:
            ConflictError: somebody else is publishing.
        """

    def begin_purge(
        self,
        version: str,
        ledger: Ledger,
        kept: Collection[str],
        removed: Collection[str],
        state: TargetState,
    ) -> TargetState:
        """Record whose bytes will be removed, and remove every file that can go before the others are rewritten.

        Targets that change everything in one step do nothing.

        Args:
            version: of the release.
            ledger: names those people.
            kept: paths in the release's folder that the rest is made from, or that stay unchanged.
            removed: paths below the target, outside of releases' folders, to remove as well.
            state: what is published.

        Returns:
            What is published now.

        Raises:
            ConflictError: somebody else was faster.
            DontspyError: the target failed or refuses.
        """

    def commit(self, commit: Commit, state: TargetState) -> Uploaded:
        """Make a change, within `lock()`, if `state` is still what is published.

        Raises:
            ConflictError: somebody else was faster; nothing that is published was changed.
            DontspyError: the target failed or refuses; the ledger is unchanged, and trying again completes the change.
        """

    def forget_history(self) -> None:
        """Remove what a purge replaced from the target's history and from objects that no release uses.

        Raises:
            DontspyError: the target failed or refuses.
        """


class OneStep:
    """No-op locking and purging, for targets whose changes are atomic."""

    @contextmanager
    def lock(self, what: str, sha256: str) -> Iterator[None]:  # noqa: ARG002
        """Do nothing: a change fails if somebody else has published meanwhile."""
        yield

    def begin_purge(
        self,
        version: str,  # noqa: ARG002
        ledger: Ledger,  # noqa: ARG002
        kept: Collection[str],  # noqa: ARG002
        removed: Collection[str],  # noqa: ARG002
        state: TargetState,
    ) -> TargetState:
        """Do nothing; see `TargetWriter.begin_purge`."""
        return state
