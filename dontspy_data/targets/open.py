"""Opening: a target by its address, and a release by a target and a version, verified from the ledger down.

Addresses are a folder, `file://`, `http(s)://`, `s3://` (extra `s3`), `hf://` (extra `huggingface`) and `zenodo:RECORD`
(extra `zenodo`). Everything but folders and Zenodo is read through fsspec.

Files from elsewhere are cached, so that what was fetched once is there without a network:

    <user's cache>/dontspy-data/<name of the target>-<digest of its address>/
    releases.json                    the ledger, as it was last seen
    1.2.0-<digest>/…                 those files of a release that were used
"""

import re
import shutil
import warnings
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import unquote, urlsplit

from dontspy_data import sample
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model.texts import MalformedError
from dontspy_data.package.files import CHECKSUMS, DESCRIPTOR, parse_checksums
from dontspy_data.package.open import SAMPLE
from dontspy_data.targets.files import DamagedError, ReleaseFiles, parse_listing
from dontspy_data.targets.ledger import LEDGER, Ledger, Listing, ReleaseEntry, listing_file, parse_ledger
from dontspy_data.targets.target import MissingError, Target, UnreachableError, masked, secrets_of

if TYPE_CHECKING:
    from dontspy_data.targets.target import TargetWriter

ZENODO = "zenodo:"
EXTRAS = {"file": None, "http": None, "https": None, "s3": "s3", "hf": "huggingface"}
PATIENCE = 20.0  # seconds
DIGITS = 12
"""Digits of a digest in the name of a cache folder."""
ASKED = re.compile(r"latest|\d+(\.\d+){0,2}")
MEANT = re.compile(r"[vV]?\d[\w.+-]*")  # such as v1.0.0: not a version, but not meant as a path either


class LocalFiles:
    """Folders of this machine, read without fsspec, which takes longer to import than they take to read."""

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


@dataclass(frozen=True, slots=True)
class FoundRelease:
    """A release, or a package that was never released.

    Attributes:
        url: the target or package, as people write it.
        files: fetched and verified on use.
        checksums: text of its `checksums.sha256`.
        entry: its entry in the ledger; None for a package on its own.
    """

    url: str
    files: ReleaseFiles
    checksums: bytes
    entry: ReleaseEntry | None

    @property
    def digest(self) -> str:
        """The first digits of the digest of its `checksums.sha256`."""
        return _digest(self.checksums)[:DIGITS]


def open_target(url: str, *, sandbox: bool = False) -> Target:
    """Open a target by its address, without any request.

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
        return Target(url.rstrip("/") or "/", LocalFiles(), str(path.absolute()))
    from fsspec.core import url_to_fs

    address, mark, query = url.partition("?")
    try:
        fs, root = url_to_fs(address, **_options(scheme))
    except ImportError as error:
        raise _missing_extra(url, f"reading {scheme}://", str(EXTRAS[scheme]), error) from error
    except (ValueError, OSError) as error:  # such as a repository name that the Hub's client refuses
        raise UsageError(
            f"{masked(url)} is not the address of a target: {masked(str(error))}",
            hint="Write it like https://HOST/FOLDER, s3://BUCKET/FOLDER or hf://datasets/OWNER/NAME.",
        ) from error
    shown = masked(address).rstrip("/") + (f"{mark}***" if query else "")
    return Target(shown, fs, root.rstrip("/"), f"{mark}{query}", secrets_of(url))


def writer_of(target: Target, *, break_lock: bool = False) -> "TargetWriter":
    """Return the writer that publishes and purges at a target.

    Args:
        target: from `open_target`.
        break_lock: whether to break another publisher's lock.

    Raises:
        UsageError: nothing can be published there, or its extra is not installed.
    """
    if "hf" in target.fs.protocol:
        from dontspy_data.targets.hub import hub_writer

        return hub_writer(target)
    if "zenodo" in target.fs.protocol:
        from dontspy_data.targets.zenodo import ZenodoWriter

        return ZenodoWriter(target)
    from dontspy_data.targets.object_store import ObjectStoreWriter
    from dontspy_data.targets.stores import FolderStore, S3Store

    if target.is_local:
        return ObjectStoreWriter(FolderStore(target), break_lock)
    if "s3" in target.fs.protocol:
        return ObjectStoreWriter(S3Store(target), break_lock)
    raise UsageError(
        f"{target.url}: nothing can be published over {target.url.split(':', 1)[0]}://",
        hint="Give a folder, s3://BUCKET/…, hf://datasets/OWNER/NAME or zenodo:RECORD.",
    )


def parse_reference(text: str) -> tuple[str, str]:
    """Return a target and a version from `TARGET[@version]`; `latest` if no version is given.

    What follows the last `@` is a version if it looks like one, and also if what is before it is a target or package
    on this machine: so that a mistyped version is not taken for a part of the path.
    """
    url, at, version = text.rpartition("@")
    if at and url and "/" not in version and _is_version(url, version):
        return url, version
    return text, "latest"


def find_release(url: str, version: str = "latest") -> FoundRelease:
    """Find a release of a target, or a package that lies at an address by itself.

    Args:
        url: a folder or URL of a target or package, or `sample`.
        version: a version or alias, for targets.

    Raises:
        UsageError: there is no target or package, or no such release; the hint names those that are.
        DamagedError: the release's checksums are not those that the ledger gives.
        UnreachableError: the target does not answer, and nothing of it is cached.
    """
    if url == SAMPLE:
        return _package(Target(SAMPLE, LocalFiles(), str(sample.package_path())), version)
    target = open_target(url)
    try:
        ledger = _ledger(target)
    except (MissingError, UnreachableError) as error:  # a package by itself has no ledger, cached or not
        try:
            return _package(target, version)
        except (MissingError, UnreachableError):
            raise error from None
    return _release(target, ledger.find(version))


def default_target() -> str:
    """Return the address that this project's releases are published to, from the hand-edited `datapackage.json`."""
    from dontspy_data.model.schema import dataset

    return str(dataset()["target"])


def cache_of(url: str) -> Path:
    """Return the cache folder of an address; it need not exist."""
    from platformdirs import user_cache_path

    name = re.sub(r"[^A-Za-z0-9]+", "-", url.split("://", 1)[-1]).strip("-")[-40:]
    return user_cache_path("dontspy-data") / f"{name}-{_digest(url.encode())[:DIGITS]}"


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

        # Without a timeout, a server that accepts and never answers would hang a notebook that has everything cached.
        return {"client_kwargs": {"timeout": ClientTimeout(total=None, connect=PATIENCE, sock_read=PATIENCE)}}
    if scheme != "s3":
        return {}
    try:
        from botocore.session import get_session
    except ImportError:
        return {}  # url_to_fs reports what is missing
    # A public bucket must open without an account; listings are never cached, since publishing changes them.
    return {"anon": get_session().get_credentials() is None, "use_listings_cache": False}


def _zenodo(url: str, *, sandbox: bool) -> Target:
    try:
        from dontspy_data.targets.invenio import open_record
    except ImportError as error:
        raise _missing_extra(url, "Zenodo", "zenodo", error) from error
    files = open_record(url.removeprefix(ZENODO), sandbox=sandbox)
    return Target(url, files, "")


def _missing_extra(url: str, what: str, extra: str, error: ImportError) -> UsageError:
    return UsageError(
        f"{masked(url)}: {what} needs an extra ({error})",
        hint=f"Install it: pip install 'dontspy-data[{extra}]'",
    )


def _ledger(target: Target) -> Ledger:
    """Return the current ledger; the cached one if the target does not answer."""
    if target.is_local:
        return target.ledger()
    cache = cache_of(target.url)
    copy = cache / LEDGER
    try:
        ledger = target.ledger()
    except MissingError:
        raise
    except DontspyError as error:  # it does not answer, or something else does, such as a hotel's network
        if not copy.is_file():
            raise
        warnings.warn(f"{error}; using the cached copy", stacklevel=4)
        return parse_ledger(copy.read_bytes())
    _remember(copy, ledger.to_json().encode())
    _forget_replaced(cache, {_folder_name(entry.version, entry.digest) for entry in ledger.releases})
    return ledger


def _release(target: Target, entry: ReleaseEntry) -> FoundRelease:
    origin = target.below(entry.version)
    folder = cache_of(target.url) / _folder_name(entry.version, entry.digest)
    listing = _listing(origin, folder / listing_file(entry), entry)
    placed = listing.below(target, entry.version)
    files = ReleaseFiles(placed, listing.digests, Path(placed.root) if placed.is_local else folder)
    return FoundRelease(target.url, files, listing.checksums, entry)


def _listing(origin: Target, copy: Path, entry: ReleaseEntry) -> Listing:
    """Return the release's list of files, which the ledger vouches for."""
    if copy.is_file():
        with suppress(DamagedError, MalformedError):  # fetched again below
            return parse_listing(copy.read_bytes(), entry, str(copy.parent))
    body = origin.read(copy.name)
    listing = parse_listing(body, entry, origin.url)
    if not origin.is_local:
        _remember(copy, body)
    return listing


def _package(target: Target, version: str) -> FoundRelease:
    """Return a package by its own address. Its checksums are trusted, since there is no ledger to verify them by."""
    cache = cache_of(target.url)
    copy = cache / CHECKSUMS
    try:
        text = target.read(CHECKSUMS)
    except UnreachableError as error:
        if not copy.is_file():
            raise
        warnings.warn(f"{error}; using the cached copy", stacklevel=4)
        text = copy.read_bytes()
    if version != "latest":
        raise UsageError(
            f"{target.url} is a single package, so it has no version {version!r} to choose",
            hint="Leave the version out, or give the address of the target that its release lies at.",
        )
    folder = cache / _folder_name("package", _digest(text))
    if not target.is_local:
        _remember(copy, text)
        _forget_replaced(cache, {folder.name})
    digests = parse_checksums(text, target.url)
    return FoundRelease(
        target.url,
        ReleaseFiles(target, digests, Path(target.root) if target.is_local else folder),
        text,
        None,
    )


def _folder_name(version: str, digest: str) -> str:
    """Return the name of a release's folder in the cache, which depends on its bytes, not on its version alone."""
    return f"{version}-{digest[:DIGITS]}"


def _remember(path: Path, body: bytes) -> None:
    """Write a file whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{_digest(body)[:DIGITS]}.part")
    part.write_bytes(body)
    part.replace(path)


def _forget_replaced(cache: Path, published: Collection[str]) -> None:
    """Remove releases whose bytes were replaced at the target, so that a portrait purged there is purged here.

    Args:
        cache: of a target.
        published: names of the folders of all its releases as they are now.
    """
    for folder in cache.iterdir():
        if folder.is_dir() and folder.name not in published:
            shutil.rmtree(folder, ignore_errors=True)


def _digest(body: bytes) -> str:
    return sha256(body).hexdigest()
