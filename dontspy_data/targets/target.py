"""Targets: the places that releases are published to, read the same way wherever they are.

A folder, `file://`, `http(s)://`, `s3://` (extra `s3`) and `hf://` (extra `huggingface`), read through fsspec.
What lies where is told by the ledger, see `dontspy_data.targets.ledger`.
"""

import errno
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast
from urllib.parse import unquote, urlsplit

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.package.digests import DESCRIPTOR
from dontspy_data.targets.ledger import LEDGER, Ledger, parse_ledger
from dontspy_data.targets.local import LocalFiles

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

ZENODO = "zenodo:"
EXTRAS = {"file": None, "http": None, "https": None, "s3": "s3", "hf": "huggingface"}
SHOWN = 10
BLOCK = 4 << 20
PATIENCE = 20.0  # seconds
ASKED = re.compile(r"latest|\d+(\.\d+){0,2}")
MEANT = re.compile(r"[vV]?\d[\w.+-]*")  # such as v1.0.0, which is none but is not meant as a path either
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
# What file systems raise besides OSError. A library that is not loaded raises nothing, so none is imported here.
FAILURES = (
    ("aiohttp", "ClientError"),
    ("botocore.exceptions", "BotoCoreError"),
    ("botocore.exceptions", "ClientError"),
    ("httpx", "HTTPError"),
)


class MissingError(UsageError):
    """A target has no such file, or is not there at all."""


class UnreachableError(DontspyError):
    """A target does not answer, or does not let us read. What is cached can still be used."""


@dataclass(frozen=True, slots=True)
class Target:
    """A place that releases are published to. Making one asks nothing of it yet.

    Attributes:
        url: as people write it, without a slash at its end.
        fs: the fsspec file system that it is on; for a folder, what stands in for one.
        root: its path on that file system.
    """

    url: str
    fs: "AbstractFileSystem"
    root: str

    def ledger(self) -> Ledger:
        """What is published there.

        Raises:
            MissingError: there is no ledger, and so no target; the hint says what is there instead.
            UnreachableError: it does not answer, or does not let us read.
            DontspyError: its ledger is damaged.
        """
        try:
            return parse_ledger(self.read(LEDGER))
        except MissingError:
            raise MissingError(f"{self.url} is no target: it has no {LEDGER}", hint=self._hint()) from None

    def read(self, path: str) -> bytes:
        """A file's bytes.

        Args:
            path: below the target, with forward slashes.

        Raises:
            MissingError: there is no such file.
            UnreachableError: the target does not answer, or does not let us read.
        """
        with self.failures(path):
            return cast(bytes, self.fs.cat_file(self.path(path)))

    def open(self, path: str) -> BinaryIO:
        """A file, open for reading bytes; read it within `failures()` for errors that people understand.

        Raises:
            MissingError: there is no such file.
            UnreachableError: the target does not answer, or does not let us read.
        """
        with self.failures(path):
            return cast(BinaryIO, self.fs.open(self.path(path), "rb"))

    def fetch(self, path: str, part: Path) -> None:
        """Bring a file into `part`, going on after the bytes that are there already.

        Raises:
            MissingError: there is no such file.
            UnreachableError: the target does not answer, or does not let us read; `part` keeps what came.
            ValueError: there are bytes already, and the server can only send files from their beginning.
        """
        start = part.stat().st_size if part.exists() else 0
        with self.failures(path):
            if not start:
                self.fs.get_file(self.path(path), str(part))
                return
            with self.fs.open(self.path(path), "rb", block_size=BLOCK) as stream, part.open("ab") as out:
                stream.seek(start)
                shutil.copyfileobj(stream, out)

    def path(self, path: str) -> str:
        """A path below the target as its file system's path."""
        return f"{self.root}/{path}"

    @contextmanager
    def failures(self, path: str) -> Iterator[None]:
        """Whatever a file system raises within, as an error that says what cannot be read."""
        try:
            yield
        except _failures() as error:
            if getattr(error, "errno", None) in NO_ROOM:  # here, since nothing is written there
                raise
            # fsspec says of any web server's failure that the file was not found, and gives the cause.
            cause = error.__cause__ if isinstance(error.__cause__, _failures()) else error
            if isinstance(cause, FileNotFoundError) or getattr(cause, "status", None) == 404:
                raise MissingError(f"{self.url} has no file {path}") from error
            raise UnreachableError(
                f"{path} cannot be read from {self.url}: {type(cause).__name__} {cause}".rstrip(),
                hint="Try again later, or give the address of another copy.",
            ) from error

    def _hint(self) -> str:
        if self.url.startswith(("http://", "https://")):  # a web server need not list anything
            return "Give the address of the folder that releases.json is in."
        try:
            there = sorted(Path(str(name)).name for name in self.fs.ls(self.root, detail=False))
        except FileNotFoundError:
            return "There is no such folder."
        except _failures():
            return "It cannot be listed either."
        shown = ", ".join(there[:SHOWN]) + (f" and {len(there) - SHOWN:,} more" if len(there) > SHOWN else "")
        return f"There: {shown}." if there else "It is empty."


def open_target(url: str) -> Target:
    """A target by its address.

    Args:
        url: a folder's path, or a URL with `file`, `http`, `https`, `s3` or `hf`.

    Raises:
        UsageError: the address is of another kind, or its extra is not installed.
    """
    if url.startswith(ZENODO):
        raise UsageError(
            f"{url}: releases cannot be read from a Zenodo record file by file",
            hint="Download open-data-faces-VERSION.zip from the record's page, unzip it and give its folder: it is a "
            "whole package, and dontspy-data verify checks it.",
        )
    scheme = url.split("://", 1)[0].lower() if "://" in url else "file"
    if scheme not in EXTRAS:
        raise UsageError(
            f"{url}: releases cannot be read over {scheme}://",
            hint=f"Give a folder, or a URL with one of: {', '.join(EXTRAS)}.",
        )
    if scheme == "file":
        path = Path(unquote(urlsplit(url).path)) if "://" in url else Path(url).expanduser()
        return Target(url.rstrip("/") or "/", LocalFiles(), str(path.absolute()))
    from fsspec.core import url_to_fs

    try:
        fs, root = url_to_fs(url, **_options(scheme))
    except ImportError as error:
        raise UsageError(
            f"{url}: reading {scheme}:// needs an extra ({error})",
            hint=f"Install it: pip install 'dontspy-data[{EXTRAS[scheme]}]'",
        ) from error
    return Target(url.rstrip("/"), fs, root.rstrip("/"))


def parse_reference(text: str) -> tuple[str, str]:
    """A target and a version from `TARGET[@version]`; `latest` where no version is given.

    What follows the last `@` is a version where it looks like one, and also where what is before it is a target or
    package on this machine: then a version that was mistyped is not taken for a part of the path.
    """
    url, at, version = text.rpartition("@")
    if at and url and "/" not in version and _is_version(url, version):
        return url, version
    return text, "latest"


def _is_version(url: str, version: str) -> bool:
    if "://" in url:
        return bool(ASKED.fullmatch(version) or (MEANT.fullmatch(version) and urlsplit(url).path))
    here = Path(url).expanduser()
    if (here / LEDGER).is_file() or (here / DESCRIPTOR).is_file():
        return True
    return bool(ASKED.fullmatch(version)) and not Path(f"{url}@{version}").expanduser().is_dir()


def _options(scheme: str) -> dict[str, Any]:
    if scheme in ("http", "https"):
        from aiohttp import ClientTimeout

        # Without, a server that accepts and never answers would hang a notebook that has everything cached.
        return {"client_kwargs": {"timeout": ClientTimeout(total=None, connect=PATIENCE, sock_read=PATIENCE)}}
    if scheme != "s3":
        return {}
    try:
        from botocore.session import get_session
    except ImportError:
        return {}  # url_to_fs says what is missing
    # A public bucket must open without an account; listings are never cached, since publishing changes them.
    return {"anon": get_session().get_credentials() is None, "use_listings_cache": False}


def _failures() -> tuple[type[Exception], ...]:
    loaded = (getattr(sys.modules.get(module), name, None) for module, name in FAILURES)
    return (OSError, *(error for error in loaded if error is not None))
