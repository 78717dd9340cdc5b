"""Addresses of targets: which file system reads one, and what writes it.

A folder, `file://`, `http(s)://`, `s3://` (extra `s3`), `hf://` (extra `huggingface`) and `zenodo:RECORD` (extra
`zenodo`). Everything but folders and Zenodo is read through fsspec.
"""

import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import unquote, urlsplit

from dontspy_data.errors import UsageError
from dontspy_data.package.digests import DESCRIPTOR
from dontspy_data.targets.ledger import LEDGER
from dontspy_data.targets.target import Target, masked, secrets_of

if TYPE_CHECKING:
    from dontspy_data.targets.writer import TargetWriter

ZENODO = "zenodo:"
EXTRAS = {"file": None, "http": None, "https": None, "s3": "s3", "hf": "huggingface"}
PATIENCE = 20.0  # seconds
ASKED = re.compile(r"latest|\d+(\.\d+){0,2}")
MEANT = re.compile(r"[vV]?\d[\w.+-]*")  # such as v1.0.0, which is none but is not meant as a path either


class LocalFiles:
    """Folders of this machine, read without fsspec, whose import would take longer than the reading."""

    protocol = ("file", "local")

    def cat_file(self, path: str) -> bytes:
        """Return a file's bytes."""
        return Path(path).read_bytes()

    def open(self, path: str, mode: str = "rb", block_size: int | None = None) -> BinaryIO:  # noqa: ARG002
        """Open a file for reading bytes."""
        return Path(path).open("rb")

    def get_file(self, path: str, to: str) -> None:
        """Copy a file."""
        shutil.copyfile(path, to)

    def ls(self, path: str, detail: bool = True) -> list[str]:  # noqa: ARG002
        """Return paths of what is in a folder."""
        return [str(below) for below in Path(path).iterdir()]


def open_target(url: str, *, sandbox: bool = False) -> Target:
    """Open a target by its address. Nothing is asked of it yet.

    Args:
        url: a folder's path, a URL, or `zenodo:RECORD`.
        sandbox: whether a record is on Zenodo's sandbox.

    Raises:
        UsageError: releases cannot be read over that scheme, or its extra is not installed.
    """
    if url.startswith(ZENODO):
        return _zenodo(url, sandbox=sandbox)
    scheme = url.split("://", 1)[0].lower() if "://" in url else "file"
    if scheme not in EXTRAS:
        raise UsageError(
            f"{masked(url)}: releases cannot be read over {scheme}://",
            hint=f"Give a folder, zenodo:RECORD, or a URL with one of: {', '.join(EXTRAS)}.",
        )
    if scheme == "file":
        path = Path(unquote(urlsplit(url).path)) if "://" in url else Path(url).expanduser()
        return Target(url.rstrip("/") or "/", LocalFiles(), str(path.absolute()), open_writer=_folder_writer)
    from fsspec.core import url_to_fs

    address, mark, query = url.partition("?")
    try:
        fs, root = url_to_fs(address, **_options(scheme))
    except ImportError as error:
        raise _missing_extra(url, f"reading {scheme}://", str(EXTRAS[scheme]), error) from error
    except (ValueError, OSError) as error:  # such as a repository's name that the Hub's client refuses
        raise UsageError(
            f"{masked(url)} is no address of a target: {masked(str(error))}",
            hint="Write it like https://HOST/FOLDER, s3://BUCKET/FOLDER or hf://datasets/OWNER/NAME.",
        ) from error
    writers = {"s3": _s3_writer, "hf": _hub_writer}
    shown = masked(address).rstrip("/") + (f"{mark}***" if query else "")
    return Target(shown, fs, root.rstrip("/"), f"{mark}{query}", secrets_of(url), writers.get(scheme))


def parse_reference(text: str) -> tuple[str, str]:
    """Return a target and a version from `TARGET[@version]`; `latest` if no version is given.

    What follows the last `@` is a version if it looks like one, and also if what is before it is a target or package
    on this machine: then a version that was mistyped is not taken for a part of the path.
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


def _folder_writer(target: Target, break_lock: bool) -> "TargetWriter":
    from dontspy_data.targets.folder import FolderStore
    from dontspy_data.targets.object_store import ObjectStoreWriter

    return ObjectStoreWriter(FolderStore(target), break_lock)


def _s3_writer(target: Target, break_lock: bool) -> "TargetWriter":
    from dontspy_data.targets.object_store import ObjectStoreWriter
    from dontspy_data.targets.s3 import S3Store

    return ObjectStoreWriter(S3Store(target), break_lock)


def _hub_writer(target: Target, _: bool) -> "TargetWriter":
    from dontspy_data.targets.hub import hub_writer

    return hub_writer(target)


def _zenodo(url: str, *, sandbox: bool) -> Target:
    try:
        from dontspy_data.targets.record import open_record
    except ImportError as error:
        raise _missing_extra(url, "Zenodo", "zenodo", error) from error
    files = open_record(url.removeprefix(ZENODO), sandbox=sandbox)
    return Target(url, files, "", open_writer=_zenodo_writer)


def _zenodo_writer(target: Target, _: bool) -> "TargetWriter":
    from dontspy_data.targets.zenodo import ZenodoWriter

    return ZenodoWriter(target)


def _missing_extra(url: str, what: str, extra: str, error: ImportError) -> UsageError:
    return UsageError(
        f"{masked(url)}: {what} needs an extra ({error})",
        hint=f"Install it: pip install 'dontspy-data[{extra}]'",
    )
