"""Verifying a release by building it again from its captures: only the same bytes prove its origin.

If the release before was purged since, the changes cannot be computed again; then the changelog and the delta are
taken from the release, and everything else is verified.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dontspy_data.check import Finding
from dontspy_data.errors import UsageError
from dontspy_data.model import codes
from dontspy_data.model.withdrawals import WITHDRAWALS
from dontspy_data.package.files import DELTA, DESCRIPTOR, read_checksums, sha256_of
from dontspy_data.package.open import Package, open_package
from dontspy_data.pipeline.build import build_package
from dontspy_data.publish.publish import Verified, verify
from dontspy_data.release.changelog import read_changelog
from dontspy_data.release.release import release_package, write_release
from dontspy_data.release.row_changes import withdrawals_of
from dontspy_data.release.version import step
from dontspy_data.targets.files import fetched_tables, read_listing
from dontspy_data.targets.open import open_target


@dataclass(frozen=True, slots=True)
class _Given:
    """A release to build again.

    Attributes:
        release: its descriptor, tables, changelog and delta.
        digests: of its files.
        previous: the release before; None if there is none, or it was purged since.
    """

    release: Package
    digests: Mapping[str, str]
    previous: Path | None


def verify_rebuild(
    place: str,
    version: str,
    captures: Sequence[Path],
    previous: Path | None = None,
    lookups: Path | None = None,
) -> Verified:
    """Compare a release's files with their digests, build it again from its captures, and compare those, too.

    If files of a release are wrong, they are named and nothing is built.

    Args:
        place: a target, or a release's folder.
        version: a version or alias; a folder's must be its own.
        captures: what it was built from.
        previous: the release before, for a folder only; a target has it.
        lookups: folder of the maintainer's own lookups; ignored if the release was made without any.

    Raises:
        UsageError: there is no such release, or the folder is another one; the captures or lookups are not those
            it was made with, the release before is not given, or something was purged from the release since.
        DontspyError: the target cannot be read.
    """
    found = verify(place, version)
    if found.problems:
        return found
    with _given(place, version, previous) as given, TemporaryDirectory(prefix="dontspy-data-") as name:
        about = given.release.descriptor
        if sorted(f"sha256:{sha256_of(path)}" for path in captures) != [
            one["hash"] for one in about["captures"]
        ]:
            raise UsageError(
                f"{about['version']} was built from other captures",
                hint=f"Give those with the digests {', '.join(one['hash'] for one in about['captures'])}.",
            )
        own = lookups if _is_made_with(about, lookups) else None
        again = read_checksums(_rebuild(given, captures, own, Path(name)))
    return replace(found, problems=tuple(_differences(given.digests, again)))


def _is_made_with(about: Mapping[str, Any], lookups: Path | None) -> bool:
    """Return whether a release was made with a maintainer's own lookups, which must be those given."""
    wanted = about.get("lookups", {}).get("hash")
    if wanted and wanted != f"sha256:{codes.open_lookups(lookups).digest}":
        raise UsageError(
            f"{about['version']} was built with other lookups",
            hint=f"Give the folder with the digest {wanted}: --lookups DIR",
        )
    return wanted is not None


def _differences(digests: Mapping[str, str], again: Mapping[str, str]) -> Iterator[Finding]:
    for path in sorted({*digests, *again}):
        if path not in again:
            yield Finding(path, "is not made when built again")
        elif path not in digests:
            yield Finding(path, "is made when built again, and the release does not have it")
        elif digests[path] != again[path]:
            yield Finding(path, "has other bytes when built again")


@contextmanager
def _given(place: str, version: str, previous: Path | None) -> Iterator[_Given]:
    folder = Path(place)
    if (folder / DESCRIPTOR).is_file():
        release = open_package(folder)
        before = release.release["previous"]
        if before and previous is None:
            raise UsageError(
                f"{place} follows {before}, and without that its changes cannot be computed again",
                hint="Give --previous FOLDER, or the target that both are published at.",
            )
        yield _Given(release, read_checksums(folder), previous)
        return
    target = open_target(place)
    ledger = target.ledger()
    entry = ledger.find(version)
    if entry.purged:
        raise UsageError(
            f"{entry.version} was purged of what was withdrawn later, so its captures give other bytes",
            hint="Verify it by its digests alone, without --rebuild.",
        )
    with fetched_tables(target, entry) as tables:
        release = open_package(tables)
        digests = read_listing(target, entry).digests
        before = release.release["previous"]
        if before is None or ledger.find(before).purged:
            yield _Given(release, digests, None)
        else:
            with fetched_tables(target, ledger.find(before)) as old:
                yield _Given(release, digests, old)


def _rebuild(given: _Given, captures: Sequence[Path], lookups: Path | None, folder: Path) -> Path:
    version, made = given.release.descriptor["version"], given.release.release
    withdrawals = folder / WITHDRAWALS
    withdrawals.write_text(withdrawals_of(given.release).to_csv(), encoding="utf-8")
    counts = given.release.read("portraits", ["face_count"])["face_count"]
    build_package(
        captures,
        folder / "package",
        faces=counts.null_count < len(counts),
        withdrawals=withdrawals,
        lookups=lookups,
    )
    before = made["previous"]
    if before and given.previous is None:
        kept = {name: value for name, value in made.items() if name not in ("formats", "files")}
        write_release(
            open_package(folder / "package"),
            folder / "release",
            about=kept,
            changelog=read_changelog(given.release.folder),
            delta=(given.release.folder / DELTA).read_bytes().decode("utf-8"),
        )
    else:
        release_package(
            folder / "package",
            given.previous,
            folder / "release",
            raised=step(before, version) if before else None,
            accept=made["accepted"],
        )
    return folder / "release"
