"""Fetching a release, or some of its files, from a target, each checked by its digest."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from dontspy_data.errors import DontspyError
from dontspy_data.loading.files import side_by_side
from dontspy_data.loading.target import MissingError, Target
from dontspy_data.package.files import CHECKSUMS, DESCRIPTOR, parse_checksums
from dontspy_data.release.changelog import CHANGELOG
from dontspy_data.release.delta import DELTA
from dontspy_data.release.ledger import ReleaseEntry

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
