"""Checking files: each listed once, each with the bytes it was written with, nothing else in the folder.

Of pictures, every portrait and crop is listed by its table and decodes, and portraits have the listed bytes.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.formats.pictures import METADATA
from dontspy_data.package.digests import (
    CHECKSUMS,
    DESCRIPTOR,
    asked_for,
    expected,
    files_below,
    is_made,
    read_checksums,
    sha256_of,
)
from dontspy_data.package.open import Package

SHOWN = 3
PORTRAITS, FACES = "data/portraits.parquet", "data/faces.parquet"
FOLDERS = {"portraits": "portraits", "faces": "derived/faces"}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong.

    Attributes:
        path: file in the package.
        message: what is wrong with it.
    """

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Flag:
    """One thing to know that is not wrong.

    Attributes:
        path: file in the package.
        message: what to know of it.
    """

    path: str
    message: str


def some(what: str, values: Sequence[Any]) -> Iterator[str]:
    """Yield one message that names the first few values, if there are any; a tuple is joined by spaces."""
    if values:
        shown = ", ".join(
            " ".join(map(str, value)) if isinstance(value, tuple) else str(value) for value in values[:SHOWN]
        )
        more = f" and {len(values) - SHOWN:,} more" if len(values) > SHOWN else ""
        yield f"{what}: {shown}{more}"


def check_files(folder: Path) -> Iterator[Finding]:
    """Yield what is wrong with the files of a package, by `checksums.sha256` alone.

    Raises:
        UsageError: the folder has neither checksums nor a descriptor, so it is no package.
    """
    path = folder / CHECKSUMS
    if not path.is_file():
        if not (folder / DESCRIPTOR).is_file():
            raise UsageError(
                f"{folder} is not a package: it has neither {CHECKSUMS} nor {DESCRIPTOR}",
                hint="Make one with: dontspy-data build CAPTURE… --output FOLDER",
            )
        yield Finding(CHECKSUMS, "is missing, so no other file can be trusted")
        return
    try:
        listed = read_checksums(folder)
    except DontspyError as error:
        yield Finding(CHECKSUMS, str(error))
        return
    if "".join(f"{listed[path]}  {path}\n" for path in sorted(listed)).encode() != path.read_bytes():
        yield Finding(CHECKSUMS, "is not a sorted list of digests and paths, a line each")
    yield from _against_list(folder, expected(folder))


def not_asked_for(folder: Path) -> set[str]:
    """Return the files of a release that were left out when a part of it was downloaded."""
    try:
        return read_checksums(folder).keys() - expected(folder).keys()
    except DontspyError:  # is a finding of its own
        return set()


def _against_list(folder: Path, listed: Mapping[str, str]) -> Iterator[Finding]:
    present = set(files_below(folder))
    if asked_for(folder) is not None:  # what was made here for a part of a release is listed by nobody
        present -= {name for name in present - listed.keys() if is_made(name) or name == METADATA}
    for name in sorted(listed.keys() - present):
        yield Finding(name, f"is missing: {CHECKSUMS} lists it")
    for name in sorted(present - listed.keys()):
        yield Finding(name, f"does not belong here: {CHECKSUMS} does not list it")
    for name in _empty_folders(folder):
        yield Finding(name, "does not belong here: it is an empty folder")
    for name in sorted(present & listed.keys()):
        if (folder / name).is_symlink():
            yield Finding(name, "is a link: a package holds its files themselves")
        elif sha256_of(folder / name) != listed[name]:
            yield Finding(name, f"was changed: its SHA-256 is not the one in {CHECKSUMS}")


def _empty_folders(folder: Path) -> list[str]:
    found = (path for path in folder.rglob("*") if path.is_dir() and not any(path.iterdir()))
    return sorted(f"{path.relative_to(folder).as_posix()}/" for path in found)


def check_pictures(package: Package, broken: Collection[str]) -> Iterator[Finding]:
    """Yield what is wrong with the portraits and crops of a package.

    Args:
        package: opened.
        broken: files already known to be missing or changed; they are not read.
    """
    for look in (_check_portraits, _check_crops):
        with suppress(DontspyError):  # a table that cannot be read, as the check of the tables says
            yield from look(package, broken)


def _check_portraits(package: Package, broken: Collection[str]) -> Iterator[Finding]:
    if PORTRAITS in broken:
        return
    rows = package.read("portraits", ["portrait_id", "status", "path", "sha256"]).to_pylist()
    digests = {row["path"]: row["sha256"] for row in rows if row["path"]}
    there, listed = _there(package, "portraits", {*broken, METADATA}), digests.keys() - {*broken}
    yield from _on_one_side("portraits", there, listed)
    for path in sorted(there & listed):
        if sha256_of(package.folder / path) != digests[path]:
            yield Finding(path, "does not have the SHA-256 that the table portraits gives")
        elif why := _undecodable(package.folder / path):
            yield Finding(path, why)
    for row in rows:
        if row["status"] == "present" and not row["path"]:
            yield Finding(PORTRAITS, f"says that {row['portrait_id']} is present and gives no path")


def _check_crops(package: Package, broken: Collection[str]) -> Iterator[Finding]:
    if FACES in broken:
        return
    crops = {path for path in package.read("faces", ["crop_path"])["crop_path"].to_pylist() if path}
    there, listed = _there(package, "faces", broken), crops - {*broken}
    yield from _on_one_side("faces", there, listed)
    for path in sorted(there & listed):
        if why := _undecodable(package.folder / path):
            yield Finding(path, why)


def _there(package: Package, table: str, aside: Collection[str]) -> set[str]:
    files = (path for path in (package.folder / FOLDERS[table]).rglob("*") if path.is_file())
    return {path.relative_to(package.folder).as_posix() for path in files} - {*aside}


def _on_one_side(table: str, there: Set[str], listed: Set[str]) -> Iterator[Finding]:
    """Pictures that are in their folder alone, or in their table alone."""
    for path in sorted(there - listed):
        yield Finding(path, f"is a picture that the table {table} does not list")
    for path in sorted(listed - there):
        yield Finding(path, f"is missing: the table {table} lists it")


def _undecodable(path: Path) -> str:
    from dontspy_data.portraits.jpeg import PictureError, open_upright

    try:
        open_upright(path)
    except (OSError, PictureError) as error:
        return str(error)
    return ""
