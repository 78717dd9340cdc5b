"""Checking pictures: every one is listed, has the listed bytes, and decodes."""

from collections.abc import Collection, Iterator
from pathlib import Path

from dontspy_data.package.check.problem import Problem
from dontspy_data.package.files import sha256_of
from dontspy_data.package.package import Package
from dontspy_data.package.pictures import METADATA

TABLE = "data/portraits.parquet"


def check_pictures(package: Package, broken: Collection[str]) -> Iterator[Problem]:
    """What is wrong with the portraits of a package.

    Args:
        package: opened.
        broken: files already known to be missing or changed; they are not read.
    """
    if TABLE in broken:
        return
    rows = package.read("portraits", ["portrait_id", "status", "path", "sha256", "bytes"]).to_pylist()
    listed = {row["path"]: row for row in rows if row["path"]}
    present = {
        path.relative_to(package.folder).as_posix() for path in _pictures(package.folder / "portraits")
    }
    for path in sorted(present - listed.keys() - set(broken) - {METADATA}):
        yield Problem(path, "is a picture that the table portraits does not list")
    for path in sorted(listed.keys() - present - set(broken)):
        yield Problem(path, "is missing: the table portraits lists it")
    for path in sorted(listed.keys() & present - set(broken)):
        if sha256_of(package.folder / path) != listed[path]["sha256"]:
            yield Problem(path, "does not have the SHA-256 that the table portraits gives")
        elif why := _undecodable(package.folder / path):
            yield Problem(path, f"does not decode: {why}")
    for row in rows:
        if row["status"] == "present" and not row["path"]:
            yield Problem(TABLE, f"says that {row['portrait_id']} is present and gives no path")


def _pictures(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


def _undecodable(path: Path) -> str:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path) as image:
            image.load()
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError, SyntaxError) as error:
        return str(error)
    return ""
