"""Check a package: files, tables and pictures; and count its contents.

Each file must be listed once and have its original bytes, and nothing else may be in the folder. Every portrait and
crop is listed by its table and decodes, and portraits have the listed bytes.

A valid package is remembered by the digest of its checksums and the version of this code, beside the
cached downloads, so that the same bytes are not checked twice.
"""

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dontspy_data._version import __version__
from dontspy_data.check import Finding
from dontspy_data.check.tables import check_tables
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.formats.pictures import METADATA
from dontspy_data.package.files import (
    CHECKSUMS,
    DESCRIPTOR,
    asked_for,
    checksums_text,
    expected,
    files_below,
    is_made,
    read_checksums,
    sha256_of,
)
from dontspy_data.package.open import Package, open_package

PORTRAITS, FACES = "data/portraits.parquet", "data/faces.parquet"
FOLDERS = {"portraits": "portraits", "faces": "derived/faces"}


def check(folder: Path) -> Iterator[Finding]:
    """Yield everything that is wrong with a package, as it is found; nothing if it is valid.

    Files first: digests, and that nothing is missing or unlisted. Even if those fail, tables and pictures are
    checked as far as they can be read, since the cause may be there.

    Raises:
        UsageError: the folder is not a package.
    """
    found = list(check_files(folder))
    yield from found
    try:
        package = open_package(folder)
    except DontspyError as error:
        if not found:
            raise
        yield Finding(DESCRIPTOR, str(error))
        return
    broken = {problem.path for problem in found} | not_asked_for(folder)
    if DESCRIPTOR in broken:  # then nothing that it says about the tables is reliable
        return
    yield from check_tables(package, broken)
    yield from check_pictures(package, broken)


def open_whole(folder: Path) -> Package:
    """Open a package after verifying its files: each is there, unchanged, and there are no others.

    Raises:
        UsageError: the folder is not a package.
        DontspyError: a file is missing, changed, a link or not listed; the message has the first of them.
    """
    package = open_package(folder)
    for found in check_files(package.folder):
        raise DontspyError(
            f"{folder} is not whole: {found.path} {found.message}",
            hint=f"See everything that is wrong: dontspy-data check {folder}",
        )
    return package


def require_valid(folder: Path, *, name: str, hint: str) -> None:
    """Raise an error unless a package is whole and valid.

    Args:
        folder: of the package.
        name: what to call it.
        hint: what to do if it is not.

    Raises:
        UsageError: the folder is not a package.
        DontspyError: it is not valid; the message has the first problem.
    """
    with suppress(OSError):  # nothing is known about a package without a list of digests
        if _mark(folder).is_file() and not list(check_files(folder)):
            return
    problems = list(check(folder))
    if not problems:
        remember(folder)
    else:
        more = f", and {len(problems) - 1:,} more" if len(problems) > 1 else ""
        raise DontspyError(f"{name} is not valid: {problems[0].path} {problems[0].message}{more}", hint=hint)


def remember(folder: Path) -> None:
    """Note that a package was found whole and valid; an unwritable cache is not an error."""
    with suppress(OSError):
        mark = _mark(folder)
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.touch()


def check_files(folder: Path) -> Iterator[Finding]:
    """Yield what is wrong with the files of a package, by `checksums.sha256` alone.

    Raises:
        UsageError: the folder has neither checksums nor a descriptor, so it is not a package.
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
    if checksums_text(listed).encode() != path.read_bytes():
        yield Finding(CHECKSUMS, "is not a sorted list of digests and paths, one per line")
    yield from _against_list(folder, expected(folder))


def not_asked_for(folder: Path) -> set[str]:
    """Return the files of a release that were left out when a part of it was downloaded."""
    try:
        return read_checksums(folder).keys() - expected(folder).keys()
    except DontspyError:  # has its own finding
        return set()


def check_pictures(package: Package, broken: Collection[str]) -> Iterator[Finding]:
    """Yield what is wrong with the portraits and crops of a package.

    Args:
        package: opened.
        broken: files already known to be missing or changed; they are not read.
    """
    for look in (_check_portraits, _check_crops):
        with suppress(DontspyError):  # an unreadable table, which the check of the tables reports
            yield from look(package, broken)


@dataclass(frozen=True, slots=True)
class TableInfo:
    """Size of one table."""

    name: str
    title: str
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class PackageInfo:
    """The contents of a package.

    Attributes:
        folder: where it is.
        title: of the dataset.
        version: of the release; None for a package that is not released.
        created: when its latest answer was received, UTC.
        tables: its tables.
        countries: Members by country of their latest mandate; `""` if unknown.
        portraits: current portraits by status.
        bytes: size of all its files.
    """

    folder: Path
    title: str
    version: str | None
    created: str
    tables: tuple[TableInfo, ...]
    countries: Mapping[str, int]
    portraits: Mapping[str, int]
    bytes: int

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        return {"outcome": "done", **asdict(self)}

    def as_text(self) -> str:
        """Return it as text for people."""
        width = max(len(table.name) for table in self.tables)
        lines = [
            self.title,
            f"{self.folder}: {'version ' + self.version if self.version else 'not released'}, "
            f"as of {self.created}, {self.bytes / 1e6:.1f} MB",
            "",
            *(
                f"  {t.name:<{width}}  {t.rows:>8,} rows  {t.columns:>3} columns  {t.title}"
                for t in self.tables
            ),
            "",
            "Members by country: " + _counts(self.countries),
            "Current portraits:  " + _counts(self.portraits),
        ]
        return "\n".join(lines)


def describe_package(folder: Path) -> PackageInfo:
    """Count the contents of a package.

    Raises:
        UsageError: the folder is not a package.
    """
    package = open_whole(folder)
    return PackageInfo(
        folder=folder,
        title=package.descriptor["title"],
        version=package.descriptor.get("version"),
        created=package.descriptor["created"],
        tables=tuple(
            TableInfo(table.name, table.title, resource["rows"], len(table.fields))
            for table, resource in zip(package.tables, package.descriptor["resources"], strict=True)
        ),
        countries=_counted(package.read("meps", ["country"])["country"].to_pylist()),
        portraits=portraits_by_status(package),
        bytes=sum(
            path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.name != CHECKSUMS
        ),
    )


def portraits_by_status(package: Package) -> dict[str, int]:
    """Return how many current portraits have each status."""
    rows = package.read("portraits", ["status", "is_current"]).to_pylist()
    return _counted(row["status"] for row in rows if row["is_current"])


def _mark(folder: Path) -> Path:
    """Return the file that marks a package as checked.

    Raises:
        OSError: the package has no list of digests.
    """
    from platformdirs import user_cache_path

    digest = hashlib.sha256((folder / CHECKSUMS).read_bytes()).hexdigest()
    return user_cache_path("dontspy-data") / "checked" / f"{digest}-{__version__}"


def _against_list(folder: Path, listed: Mapping[str, str]) -> Iterator[Finding]:
    present = set(files_below(folder))
    if asked_for(folder) is not None:  # files made here for a part of a release are not listed
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


def _check_portraits(package: Package, broken: Collection[str]) -> Iterator[Finding]:
    if PORTRAITS in broken:
        return
    rows = package.read("portraits", ["portrait_id", "status", "path", "sha256"]).to_pylist()
    digests = {row["path"]: row["sha256"] for row in rows if row["path"]}
    yield from _check_folder(package, "portraits", digests, {*broken, METADATA})
    for row in rows:
        if row["status"] == "present" and not row["path"]:
            yield Finding(PORTRAITS, f"says that {row['portrait_id']} is present and gives no path")


def _check_crops(package: Package, broken: Collection[str]) -> Iterator[Finding]:
    if FACES not in broken:
        crops = package.read("faces", ["crop_path"])["crop_path"].to_pylist()
        yield from _check_folder(package, "faces", dict.fromkeys(filter(None, crops), ""), broken)


def _check_folder(
    package: Package, table: str, digests: Mapping[str, str], aside: Collection[str]
) -> Iterator[Finding]:
    """Yield what is wrong with the pictures that a table lists, by path; the digest is empty if it gives none."""
    files = (path for path in (package.folder / FOLDERS[table]).rglob("*") if path.is_file())
    there = {path.relative_to(package.folder).as_posix() for path in files} - {*aside}
    listed = digests.keys() - {*aside}
    for path in sorted(there - listed):
        yield Finding(path, f"is a picture that the table {table} does not list")
    for path in sorted(listed - there):
        yield Finding(path, f"is missing: the table {table} lists it")
    for path in sorted(there & listed):
        if digests[path] != "" and digests[path] != sha256_of(package.folder / path):
            yield Finding(path, f"does not have the SHA-256 that the table {table} gives")
        elif why := _undecodable(package.folder / path):
            yield Finding(path, why)


def _undecodable(path: Path) -> str:
    from dontspy_data.portraits.jpeg import PictureError, open_upright

    try:
        open_upright(path)
    except (OSError, PictureError) as error:
        return str(error)
    return ""


def _counted(values: Iterable[str | None]) -> dict[str, int]:
    return dict(sorted(Counter(value or "" for value in values).items()))


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name or 'unknown'} {count:,}" for name, count in counts.items())
