"""Getting a release into a folder, for people without Python: resumable, and every byte verified."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from dontspy_data.errors import UsageError
from dontspy_data.model.problems import Progress
from dontspy_data.package.digests import CHECKSUMS, PARTIAL, asked_for, making, sha256_of
from dontspy_data.targets.files import ReleaseFiles, download, side_by_side
from dontspy_data.targets.find import FoundRelease, find_release

Part = Literal["tables", "portraits"]
# Pictures come with the tables that say whose they are and what must be printed beside them.
BELONGING: Mapping[Part, tuple[str, ...]] = {
    "tables": ("data/",),
    "portraits": ("portraits/", "derived/", "data/portraits.", "data/meps."),
}
DOCUMENTS = (".md", ".json", ".cff")


@dataclass(frozen=True, slots=True)
class DownloadResult:
    """What was downloaded.

    Attributes:
        folder: where it is.
        version: of the release; None for a package that is not released.
        files: number of files that are there now and belong to it.
        fetched: how many of them had to be fetched.
        bytes: size of all those files.
    """

    folder: Path
    version: str | None
    files: int
    fetched: int
    bytes: int

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        return {
            "outcome": "done",
            "folder": str(self.folder),
            "version": self.version,
            "files": self.files,
            "fetched": self.fetched,
            "bytes": self.bytes,
        }


def get(
    url: str, version: str, output: Path, *, only: Part | None = None, progress: Progress | None = None
) -> DownloadResult:
    """Bring a release, or a part of it, into a folder. What is there already is not fetched again.

    Args:
        url: a target or package.
        version: a version or alias.
        output: a new or empty folder, or one that the same release was got into before.
        only: a part, with the documents that belong to it; None for everything.
        progress: told (done, total) of the files.

    Raises:
        UsageError: there is no such release, or the folder holds something else.
        DamagedError: a file does not have the bytes that it was released with; it is not kept.
        UnreachableError: the target does not answer; call again to go on.
        DontspyError: something cannot be written.
    """
    release = find_release(url, version)
    with making(output):
        return _get(release, output, only, progress)


def _get(release: FoundRelease, output: Path, only: Part | None, progress: Progress | None) -> DownloadResult:
    was_whole = (output / CHECKSUMS).is_file() and asked_for(output) is None
    _take(output, release.checksums)
    names = wanted(release.files.digests, only)
    if only and not was_whole:  # first, so that whoever finds half a download knows what was asked for
        asked = {*names, *(asked_for(output) or ())}
        (output / PARTIAL).write_text("\n".join(sorted(asked)), encoding="utf-8")
    missing = [name for name in names if not _is_there(output, name, release.files)]

    def bring(name: str) -> None:
        path = output / name
        digest = release.files.digests[name]
        download(release.files.origin, name, (digest,), path, path.with_name(f"{path.name}.part"))

    side_by_side(bring, missing, progress)
    if only is None:
        (output / PARTIAL).unlink(missing_ok=True)
    return DownloadResult(
        folder=output,
        version=release.entry.version if release.entry else None,
        files=len(names),
        fetched=len(missing),
        bytes=sum((output / name).stat().st_size for name in names),
    )


def wanted(names: Iterable[str], only: Part | None) -> list[str]:
    """Choose the files of a release that belong to a part, and the documents that explain it."""
    if only is None:
        return sorted(names)
    return sorted(
        name
        for name in names
        if name.startswith(BELONGING[only]) or ("/" not in name and name.endswith(DOCUMENTS))
    )


def _take(output: Path, checksums: bytes) -> None:
    """Make the folder this release's; the list of digests says later whose it is."""
    listing = output / CHECKSUMS
    if output.exists() and not output.is_dir():
        raise UsageError(f"{output} is a file", hint="Name a folder with --output.")
    if listing.is_file():
        if listing.read_bytes() != checksums:
            raise UsageError(f"{output} holds another release", hint="Name another folder with --output.")
        return
    if output.exists() and any(output.iterdir()):
        raise UsageError(f"{output} is not empty", hint="Name another folder with --output.")
    output.mkdir(parents=True, exist_ok=True)
    listing.write_bytes(checksums)


def _is_there(output: Path, name: str, files: ReleaseFiles) -> bool:
    return (output / name).is_file() and sha256_of(output / name) == files.digests[name]
