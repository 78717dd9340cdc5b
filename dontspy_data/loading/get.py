"""Downloading a release, or a part of it, into a folder, for people without Python.

It is resumable, and every byte is verified. A selection names parts, people or files.

A folder that holds another release is updated: files that are the same stay, moved files are copied from their old
place, and files that only the other release had are removed. Meanwhile `updating.sha256` lists those files, so
that the next update completes one that was killed.

Files of a release that its target does not store are made here from those that it stores.
"""

import csv
import io
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import Any, Literal

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.formats.pictures import FOLDER, INLINE, METADATA
from dontspy_data.formats.tables import SPREADSHEET, SQLITE
from dontspy_data.formats.write import WRITERS, bundle_name, make_file
from dontspy_data.model.problems import Progress
from dontspy_data.package.files import (
    CHECKSUMS,
    DESCRIPTOR,
    PARTIAL,
    asked_for,
    is_made,
    making,
    parse_checksums,
    parse_digest_lines,
    person_shown,
    sha256_of,
)
from dontspy_data.package.open import open_package
from dontspy_data.package.write import csv_of
from dontspy_data.targets.files import ReleaseFiles, download, side_by_side
from dontspy_data.targets.open import FoundRelease, cache_of, find_release
from dontspy_data.targets.target import MissingError

Part = Literal["tables", "portraits", "faces", "parquet", "sqlite", "xlsx"]
# Pictures come with the tables that say whose they are and what must be printed beside them.
BELONGING: Mapping[Part, tuple[str, ...]] = {
    "tables": ("data/",),
    "portraits": ("portraits/", "data/portraits.", "data/meps."),
    "faces": ("derived/", "data/faces.", "data/portraits.", "data/meps."),
}
MADE: Mapping[Part, tuple[str, ...]] = {
    "parquet": tuple(INLINE.values()),
    "sqlite": (SQLITE,),
    "xlsx": (SPREADSHEET,),
}
DOCUMENTS = (".md", ".json", ".jsonld", ".cff")
MANDATES = "data/mandates.parquet"
UPDATING = "updating.sha256"
BUNDLES = ("zip", "tar")


@dataclass(frozen=True, slots=True)
class Selection:
    """What to download of a release; by default tables, pictures and documents, and nothing made from them.

    Attributes:
        only: parts of the release. `parquet` are the portraits with their facts, inline.
        country: ISO codes: only pictures of people who sat for one of these countries.
        term: numbers of terms: only pictures of people who sat in one of these terms.
        include: patterns of paths, such as `data/meps.*`; alone, only the documents come in addition.
    """

    only: tuple[Part, ...] = ()
    country: tuple[str, ...] = ()
    term: tuple[int, ...] = ()
    include: tuple[str, ...] = ()

    def names(self, listed: Iterable[str], people: frozenset[int] | None = None) -> list[str]:
        """Return the selected paths, sorted; some may be files that are not listed but can be made.

        Args:
            listed: paths in the release.
            people: numbers of the people whose pictures are wanted; None for everybody.
        """
        listed = set(listed)
        prefixes = tuple(prefix for part in self.only for prefix in BELONGING.get(part, ()))
        wanted = {name for name in listed if self._is_wanted(name, prefixes)}
        for part in self.only:
            if part in MADE:
                end = PurePosixPath(MADE[part][0]).suffix
                wanted |= {name for name in listed if is_made(name) and name.endswith(end)} or {*MADE[part]}
        if people is not None:
            wanted = {name for name in wanted if person_shown(name) in {None, *people}} - {METADATA}
        return sorted(wanted)

    def people(self, files: ReleaseFiles) -> frozenset[int] | None:
        """Return the numbers of the people whose pictures are selected; None for everybody.

        Args:
            files: of the release; its table of mandates is fetched.

        Raises:
            UsageError: nobody in the release sat for that country or in that term.
        """
        if not (self.country or self.term):
            return None
        import pyarrow.parquet as pq

        rows = pq.read_table(files.path(MANDATES), columns=["mep_id", "term", "country"]).to_pylist()
        countries = {country.upper() for country in self.country}
        found = frozenset(
            row["mep_id"]
            for row in rows
            if (not countries or row["country"] in countries) and (not self.term or row["term"] in self.term)
        )
        if not found:
            asked = ", ".join([*sorted(countries), *(f"term {term}" for term in self.term)])
            there = ", ".join(sorted({str(row["country"]) for row in rows if row["country"]}))
            raise UsageError(f"nobody in {files.origin.url} sat for {asked}", hint=f"Countries: {there}.")
        return found

    def _is_wanted(self, name: str, prefixes: tuple[str, ...]) -> bool:
        if any(fnmatchcase(name, pattern) for pattern in self.include):
            return True
        if "/" not in name and name.endswith(DOCUMENTS):
            return True
        if self.only or self.include:
            return bool(prefixes) and name.startswith(prefixes)
        return not is_made(name)


@dataclass(frozen=True, slots=True)
class DownloadResult:
    """What was downloaded.

    Attributes:
        folder: where it is.
        version: of the release; None for a package that is not released.
        files: number of its files that are there now.
        fetched: how many of them had to be fetched or made.
        bytes: size of all those files.
    """

    folder: Path
    version: str | None
    files: int
    fetched: int
    bytes: int

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        return {"outcome": "done", **asdict(self), "folder": str(self.folder)}


def get(
    url: str,
    version: str,
    output: Path,
    selection: Selection | None = None,
    *,
    progress: Progress | None = None,
) -> DownloadResult:
    """Bring a release, or a part of it, into a folder. Files that are there already are not fetched again.

    Args:
        url: a target or package.
        version: a version or alias.
        output: a new or empty folder, or one that a release was downloaded to before.
        selection: what to download; None for tables, pictures and documents.
        progress: receives (done, total) of the files.

    Raises:
        UsageError: there is no such release, or the folder holds something else.
        DamagedError: a file does not have the bytes that it was released with; it is not kept.
        UnreachableError: the target does not answer; call again to continue.
        DontspyError: something cannot be written.
    """
    release, selection = find_release(url, version), selection or Selection()
    files = release.files
    with making(output):
        people = selection.people(files)
        before = _take(output, release.checksums)
        names = set(selection.names(files.digests, people)) | (before & files.digests.keys())
        made = sorted(name for name in names if is_made(name))
        listed = sorted(names - {*made})
        if names < files.digests.keys() or made:
            _ask(output, listed)  # first, so that a partial download shows what was asked for
        fetched = _bring_listed(output, listed, files, progress)
        same, made_now = _bring_all_made(output, made, release)
        if people is not None and METADATA in files.digests and METADATA not in names:
            _write_metadata(output, listed, files)
        _ask(output, {*listed, *same})
        if not files.digests.keys() - {*listed, *same}:
            (output / PARTIAL).unlink()  # all of the release is here
        _forget(output, files.digests)
        return DownloadResult(
            folder=output,
            version=release.entry.version if release.entry else None,
            files=len(names),
            fetched=fetched + made_now,
            bytes=sum((output / name).stat().st_size for name in names),
        )


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


def bring_made(release: FoundRelease, name: str, path: Path, progress: Progress | None = None) -> bool:
    """Bring a file that is made from others: from the target if that stores it, or else made here.

    Another version of a library may give other bytes than the release has, with the same content.

    Args:
        release: whose it is.
        name: of the file, such as `meps.sqlite`, or of a bundle.
        path: where to put it, whole or not at all.
        progress: receives (done, total) of the files that it is made from.

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
        except MissingError:  # its target no longer stores it
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
        output: the folder; not that of a release, where programs would read each picture twice.
        kind: one of `BUNDLES`.
        progress: receives (done, total) of the files that it is made from.

    Raises:
        UsageError: there is no such release, or the folder holds one.
        DamagedError: a file does not have the bytes that it was released with.
        UnreachableError: the target does not answer; call again to continue.
        DontspyError: something cannot be written.
    """
    release = find_release(url, version)
    if (output / CHECKSUMS).exists() or (output.exists() and not output.is_dir()):
        raise UsageError(
            f"{output} is not a folder for bundles: it holds a release, or is a file",
            hint="Name another folder with --output.",
        )
    with making(output):
        about = open_package(release.files.path(DESCRIPTOR).parent).descriptor
        path = output / bundle_name(about, kind)
        bring_made(release, path.name, path, progress)
    return path


def _take(output: Path, checksums: bytes) -> set[str]:
    """Claim the folder for this release, and return the paths that were asked for before.

    Later, the list of digests says which release the folder holds; files of another one are listed until removed.
    """
    listing = output / CHECKSUMS
    if output.exists() and not output.is_dir():
        raise UsageError(f"{output} is a file", hint="Name a folder with --output.")
    if not listing.is_file():
        if output.exists() and any(path.name != PARTIAL for path in output.iterdir()):
            raise UsageError(f"{output} is not empty", hint="Name another folder with --output.")
        output.mkdir(parents=True, exist_ok=True)
        _ask(output, ())  # first, or else the folder would be a complete release without its files
        listing.write_bytes(checksums)
        return set()
    there = listing.read_bytes()
    asked = asked_for(output)
    before = set(parse_checksums(there, str(output))) if asked is None else set(asked)
    if there != checksums:
        _require_same_dataset(output)
        with (output / UPDATING).open("ab") as stream:
            stream.write(there)
        _ask(output, before)
        listing.write_bytes(checksums)
    return before


def _require_same_dataset(output: Path) -> None:
    """Raise `UsageError` unless a folder holds a release, which another one may replace."""
    try:
        is_release = "version" in open_package(output).descriptor
    except DontspyError:
        is_release = False
    if not is_release:
        raise UsageError(
            f"{output} holds another release or package", hint="Name another folder with --output."
        )


def _ask(output: Path, names: Iterable[str]) -> None:
    """Write down which paths were asked for."""
    (output / PARTIAL).write_text("\n".join(sorted(names)), encoding="utf-8")


def _bring_listed(output: Path, names: Iterable[str], files: ReleaseFiles, progress: Progress | None) -> int:
    """Bring those files that are not there, from their old places or the target; return how many these were."""
    missing = [name for name in names if not _is_there(output, name, files)]
    _reuse(output, missing, files)
    left = [name for name in missing if not _is_there(output, name, files)]
    side_by_side(lambda name: _bring(output, name, files), left, progress)
    return len(missing)


def _bring_all_made(output: Path, names: Iterable[str], release: FoundRelease) -> tuple[set[str], int]:
    """Bring those files that are made from others and not there.

    Returns:
        The names of files that have the digests of the release, and how many files were brought.
    """
    same: set[str] = set()
    brought = 0
    for name in names:
        is_there = _is_there(output, name, release.files)
        brought += not is_there
        if is_there or bring_made(release, name, output / name):
            same.add(name)
    return same, brought


def _bring(output: Path, name: str, files: ReleaseFiles) -> None:
    path = output / name
    download(files.origin, name, (files.digests[name],), path, path.with_name(f"{path.name}.part"))


def _is_there(output: Path, name: str, files: ReleaseFiles) -> bool:
    return (output / name).is_file() and sha256_of(output / name) == files.digests.get(name)


def _left(output: Path) -> list[tuple[str, str]]:
    """Return path and digest of the files that other releases had in the folder."""
    file = output / UPDATING
    return list(parse_digest_lines(file.read_bytes(), str(file))) if file.is_file() else []


def _reuse(output: Path, missing: Iterable[str], files: ReleaseFiles) -> None:
    """Copy files that other releases had under other names, such as a portrait that is no longer the current one."""
    places = {digest: path for path, digest in _left(output)}
    for name in missing:
        source = places.get(files.digests[name])
        if source and (output / source).is_file() and sha256_of(output / source) == files.digests[name]:
            path = output / name
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_name(f"{path.name}.part")
            shutil.copyfile(output / source, part)
            part.replace(path)


def _forget(output: Path, digests: Mapping[str, str]) -> None:
    """Remove unchanged files in the folder that only other releases had."""
    asked = asked_for(output)
    for path, digest in _left(output):
        file = output / path
        is_ours = path in digests and (asked is None or path in asked)
        if not is_ours and file.is_file() and sha256_of(file) == digest:
            file.unlink()
            folder = file.parent
            while folder != output and not any(folder.iterdir()):
                folder.rmdir()
                folder = folder.parent
    (output / UPDATING).unlink(missing_ok=True)


def _write_metadata(output: Path, names: Iterable[str], files: ReleaseFiles) -> None:
    """Write `portraits/metadata.csv` for only those pictures that were asked for."""
    there = {name.removeprefix(f"{FOLDER}/") for name in names if name.startswith(FOLDER)}
    if not there:
        return
    text = files.path(METADATA).read_text("utf-8")
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    (output / METADATA).write_bytes(csv_of([header, *(row for row in rows if row[0] in there)]))


def _cache(release: FoundRelease) -> Path:
    """Return the folder for files made from a release, and remove those made from bytes that were replaced since."""
    if not release.files.origin.is_local:
        return release.files.folder / "made"  # it goes with the release
    cache = cache_of(release.url)
    for old in cache.glob("made-*"):
        if old.name != f"made-{release.digest}":
            shutil.rmtree(old, ignore_errors=True)
    return cache / f"made-{release.digest}"


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
