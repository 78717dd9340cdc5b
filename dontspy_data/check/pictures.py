"""Checking pictures: every portrait and crop is listed and decodes, and portraits have the listed bytes."""

from collections.abc import Collection, Iterator, Set
from contextlib import suppress
from pathlib import Path

from dontspy_data.check.files import Finding
from dontspy_data.errors import DontspyError
from dontspy_data.formats.pictures import METADATA
from dontspy_data.package.digests import sha256_of
from dontspy_data.package.open import Package

PORTRAITS, FACES = "data/portraits.parquet", "data/faces.parquet"
FOLDERS = {"portraits": "portraits", "faces": "derived/faces"}


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
    from dontspy_data.portraits.jpeg import PictureError
    from dontspy_data.portraits.opening import open_upright

    try:
        open_upright(path)
    except (OSError, PictureError) as error:
        return str(error)
    return ""
