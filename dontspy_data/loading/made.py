"""Files of a release that its target does not store, made here from those that it stores."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

from dontspy_data.errors import UsageError
from dontspy_data.formats.bundles import bundle_name
from dontspy_data.formats.spreadsheet import SPREADSHEET
from dontspy_data.formats.sqlite import SQLITE
from dontspy_data.formats.write import WRITERS, make_file
from dontspy_data.model.problems import Progress
from dontspy_data.package.digests import CHECKSUMS, DESCRIPTOR, making, sha256_of
from dontspy_data.package.open import open_package
from dontspy_data.package.paths import is_made
from dontspy_data.targets.files import download
from dontspy_data.targets.open import FoundRelease, cache_of, find_release
from dontspy_data.targets.target import MissingError

BUNDLES = ("zip", "tar")


def made_file(release: FoundRelease, name: str) -> Path:
    """Return where a file that is made from others is on this machine: fetched, or made here and cached.

    Raises:
        UsageError: there is no such file.
        DamagedError, UnreachableError: as of `bring_made`.
    """
    if name in release.files.digests and (release.files.folder / name).is_file():
        return release.files.path(name)
    path = _cache(release) / name
    if not path.is_file():
        bring_made(release, name, path)
    return path


def _cache(release: FoundRelease) -> Path:
    """Return the folder for what is made of a release, and forget what was made of bytes that were replaced since."""
    if not release.files.origin.is_local:
        return release.files.folder / "made"  # it goes with the release
    cache = cache_of(release.url)
    for old in cache.glob("made-*"):
        if old.name != f"made-{release.digest}":
            shutil.rmtree(old, ignore_errors=True)
    return cache / f"made-{release.digest}"


def bring_made(release: FoundRelease, name: str, path: Path, progress: Progress | None = None) -> bool:
    """Bring a file that is made from others: from the target if that stores it, or else made here.

    What another version of a library makes need not have the bytes of the release; it says the same.

    Args:
        release: whose it is.
        name: of the file, such as `meps.sqlite`, or of a bundle.
        path: where it is put, whole or not at all.
        progress: told (done, total) of the files that it is made from.

    Returns:
        Whether it has the digest that the release lists.

    Raises:
        UsageError: there is no such file.
        DamagedError: a file does not have the bytes that it was released with.
        UnreachableError: the target does not answer.
    """
    digest = release.files.digests.get(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    if digest is not None:
        try:
            download(release.files.origin, name, (digest,), path)
        except MissingError:  # its target stores it no more
            pass
        else:
            return True
    if name not in WRITERS and not name.endswith(BUNDLES):
        raise UsageError(f"{release.url} has no file {name}", hint="It was made by an older version.")
    with TemporaryDirectory(prefix=".making-", dir=path.parent) as folder:
        _made(release, name, Path(folder), progress).replace(path)
    return sha256_of(path) == digest


def bring_bundle(url: str, version: str, output: Path, kind: str, progress: Progress | None = None) -> Path:
    """Make a bundle of a release in a folder, and return where it is.

    Args:
        url: a target or package.
        version: a version or alias.
        output: the folder; not one of a release, in which programs would read each picture twice.
        kind: one of `BUNDLES`.
        progress: told (done, total) of the files that it is made from.

    Raises:
        UsageError: there is no such release, or the folder holds one.
        DamagedError: a file does not have the bytes that it was released with.
        UnreachableError: the target does not answer; call again to go on.
        DontspyError: something cannot be written.
    """
    release = find_release(url, version)
    if (output / CHECKSUMS).exists() or (output.exists() and not output.is_dir()):
        raise UsageError(
            f"{output} is no folder for bundles: it holds a release, or is a file",
            hint="Name another folder with --output.",
        )
    with making(output):
        about = open_package(release.files.path(DESCRIPTOR).parent).descriptor
        path = output / bundle_name(about, kind)
        bring_made(release, path.name, path, progress)
    return path


def _made(release: FoundRelease, name: str, folder: Path, progress: Progress | None) -> Path:
    """Make a file in a folder of its own; return where it is."""
    sources = _sources(release.files.digests, name)
    for source, path in zip(sources, release.files.fetch(sources, progress), strict=True):
        place = folder / source
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            place.hardlink_to(path)
        except OSError:  # it is on another file system
            shutil.copyfile(path, place)
    (folder / CHECKSUMS).write_bytes(release.checksums)
    return make_file(open_package(folder), name)


def _sources(names: Iterable[str], made: str) -> list[str]:
    """Return the paths that a file is made from."""
    if made.endswith(".zip"):
        return [name for name in names if not is_made(name)]
    with_pictures = made not in (SQLITE, SPREADSHEET)
    return [
        name
        for name in names
        if name == DESCRIPTOR
        or (name.startswith("data/") and name.endswith(".parquet"))
        or (with_pictures and name.startswith("portraits/") and name.endswith(".jpg"))
    ]
