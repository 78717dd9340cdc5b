"""Checking files: each listed once, each with the bytes it was written with, nothing else in the folder."""

from collections.abc import Iterator, Mapping, Sequence
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
    read_checksums,
    sha256_of,
)
from dontspy_data.package.paths import is_made

SHOWN = 3


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
