"""Purging: taking what is withdrawn out of the releases that are published already.

One release after the other is made anew without it, under its own version: its tables and texts are brought here, each
held against its digest; the ledger names whose bytes will be removed; their pictures, and what is made from others, are
removed; then tables that name them and the documents are rewritten. Pictures of others stay where they are, and are
brought here only to make the inline pictures of a release that has them. A picture that somebody else shows by right,
in any release, stays among the objects.

So a purge that fails leaves no more than it must, and the next one goes on from there, by the journal that it left (see
`dontspy_data.targets.manifest`). Meanwhile a reader who checks digests finds the release changed, and the error says to
try again.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from dontspy_data.check.check import check_files
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model.problems import Progress
from dontspy_data.model.texts import MalformedError
from dontspy_data.model.withdrawals import Withdrawals
from dontspy_data.package.digests import (
    CHECKSUMS,
    DESCRIPTOR,
    is_picture,
    person_shown,
    read_checksums,
    sha256_of,
)
from dontspy_data.package.open import Package, open_package
from dontspy_data.release.redact import Redaction
from dontspy_data.release.row_changes import withdrawals_of
from dontspy_data.targets.files import DamagedError, download, side_by_side
from dontspy_data.targets.ledger import ReleaseEntry, release_entry
from dontspy_data.targets.manifest import Journal, Listing, is_compared, read_journal, read_listing
from dontspy_data.targets.target import Commit, ConflictError, MissingError, Target, TargetWriter

WITHDRAWN = "data/withdrawals.parquet"
REFUSED = (DamagedError, MalformedError, MissingError)


class PurgeError(DontspyError):
    """Releases that could not be purged, since they are neither whole nor left by a purge.

    Attributes:
        refused: why, by version.
        purged: versions that were purged all the same.
    """

    def __init__(self, refused: Mapping[str, DontspyError], purged: tuple[str, ...]) -> None:
        super().__init__(
            "; ".join(f"{version} was not purged: {error}" for version, error in refused.items())
            + (f". Purged: {', '.join(purged)}" if purged else ""),
            hint="Publish a whole copy of that release again, which puts the file back; then purge again.",
        )
        self.refused = refused
        self.purged = purged


def require_purge(writer: TargetWriter) -> None:
    """Raise `UsageError` if files of published releases cannot be removed at a target."""
    if not writer.can_rewrite:
        raise UsageError(
            f"files of releases that are published at {writer.target.url} cannot be removed by a program",
            hint="Publish the new release, and ask the operators to remove the files of the earlier ones.",
        )


def purge(writer: TargetWriter, withdrawn: Withdrawals, progress: Progress | None = None) -> tuple[str, ...]:
    """Remove what is withdrawn from every release at a target.

    A purge that was stopped is completed by the next one.

    Args:
        writer: of the target.
        withdrawn: everything withdrawn so far.
        progress: told (done, total) of the releases.

    Returns:
        The versions that were changed.

    Raises:
        UsageError: nothing can be removed there.
        ConflictError: somebody else is publishing, or was faster.
        PurgeError: releases there are damaged; all others are purged.
        DontspyError: the target failed or says no.
    """
    require_purge(writer)
    due = [one.version for one in writer.state().ledger.releases if _is_due(writer.target, one, withdrawn)]
    if not due:
        writer.forget_history()
        return ()
    changed: list[str] = []
    refused: dict[str, DontspyError] = {}
    with writer.lock(f"purge of {', '.join(due)}", sha256(withdrawn.to_csv().encode()).hexdigest()):
        shown = _shown_by_right(writer, withdrawn)
        for number, version in enumerate(due, start=1):
            try:
                if _purge_release(writer, version, withdrawn, shown):
                    changed.append(version)
            except REFUSED as error:
                refused[version] = error
            if progress:
                progress(number, len(due))
        writer.forget_history()
    if refused:
        raise PurgeError(refused, tuple(changed))
    return tuple(changed)


def _is_due(target: Target, entry: ReleaseEntry, withdrawn: Withdrawals) -> bool:
    """Return whether a release may show what is withdrawn, or a purge of it was begun."""
    if read_journal(target, entry.version) is not None:
        return True
    try:
        release = _Published(target, entry, read_listing(target, entry), Journal())
        with TemporaryDirectory(prefix="dontspy-data-") as folder:
            old = release.bring((WITHDRAWN, DESCRIPTOR), Path(folder))
            known = {(row.mep_id, row.scope) for row in withdrawals_of(old).rows}
            return not {(row.mep_id, row.scope) for row in withdrawn.rows} <= known
    except (*REFUSED, KeyError):  # it has no such table, or is damaged, which its purge reports
        return True


def _shown_by_right(writer: TargetWriter, withdrawn: Withdrawals) -> frozenset[str]:
    """Return the objects that releases list as pictures of people who are not withdrawn."""
    found: set[str] = set()
    for entry in writer.state().ledger.releases:
        with suppress(*REFUSED):
            objects = read_listing(writer.target, entry).objects
            found.update(
                place for path, place in objects.items() if person_shown(path) not in withdrawn.people
            )
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class _Published:
    """A published release that may be half purged."""

    target: Target
    entry: ReleaseEntry
    listing: Listing
    journal: Journal

    def bring(self, paths: Iterable[str], folder: Path) -> Package:
        """Bring files of the release here, each with a digest that it may have, and open them as a package."""
        origin = self.listing.below(self.target, self.entry.version)
        digests = self.journal.allowed(self.listing.digests)
        side_by_side(lambda path: download(origin, path, digests[path], folder / path), list(paths))
        return open_package(folder)


def _purge_release(
    writer: TargetWriter, version: str, withdrawn: Withdrawals, shown: Collection[str]
) -> bool:
    """Purge one release; return whether that changed it."""
    state = writer.state()
    entry = state.ledger.get(version)
    if entry is None:
        raise ConflictError(f"{writer.target.url} has no release {version} any more", hint="Purge again.")
    journal = read_journal(writer.target, version)
    also = journal.digests.get(CHECKSUMS, frozenset()) if journal else ()
    listing = read_listing(writer.target, entry, also)
    published = _Published(writer.target, entry, listing, journal or Journal())
    with_made = state.ledger.stores_made(version)
    pictures = {
        path for path in listing.digests if is_picture(path) and person_shown(path) not in withdrawn.people
    }
    # Sizes of pictures that stay where they are come from the manifest.
    stay = pictures if listing.sizes and not with_made else frozenset()
    sources = {path for path in listing.digests if is_compared(path)}
    with TemporaryDirectory(prefix="dontspy-data-") as folder:
        redaction = Redaction(published.bring({*sources, *(pictures - stay)}, Path(folder, "old")), withdrawn)
        marked = replace(entry, purged=tuple(sorted({*entry.purged, *redaction.people})))
        state = writer.begin_purge(
            version,
            state.ledger.with_entry(marked),
            {*sources, *pictures, *(f"data/{name}.csv" for name in _unchanged(redaction))},
            {
                place
                for path, place in listing.objects.items()
                if person_shown(path) in withdrawn.people and place not in shown
            },
            state,
        )
        new = redaction.write(
            Path(folder, "new"),
            with_made=with_made,
            elsewhere={path: listing.digests[path] for path in stay} if stay else None,
        )
        digests = {**read_checksums(new.folder), CHECKSUMS: sha256_of(new.folder / CHECKSUMS)}
        sizes = {**listing.sizes, **_sizes(new.folder, digests)}
        purged = replace(
            entry_of(new, digests, sizes),
            withdrew=entry.withdrew,
            purged=marked.purged,
            accepted=entry.accepted,
            layout=entry.layout,
        )
        if journal is None:  # or what was there might have been removed
            _leave(new.folder, (path for name in _unchanged(redaction) for path in _files_of(name)), listing)
        commit = Commit(
            version, digests, new.folder, state.ledger.with_entry(purged), sizes=sizes, is_purge=True
        )
        writer.commit(commit, state)
    return purged != entry


def _unchanged(redaction: Redaction) -> Iterator[str]:
    return (table.name for table in redaction.release.tables if table.name not in redaction.changed)


def _files_of(table: str) -> tuple[str, str]:
    return (f"data/{table}.csv", f"data/{table}.parquet")


def _leave(folder: Path, paths: Iterable[str], listing: Listing) -> None:
    """Take out of a folder what need not be sent, since the target has the same bytes."""
    for path in paths:
        if sha256_of(folder / path) == listing.digests[path]:
            (folder / path).unlink()


def whole_digests(release: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of a release by path, `checksums.sha256` included.

    Raises:
        DontspyError: a file is missing, changed or not listed.
    """
    if problems := list(check_files(release)):
        raise DontspyError(
            f"{release} is not whole: {problems[0].path} {problems[0].message}", hint="Make the release anew."
        )
    return {**read_checksums(release), CHECKSUMS: sha256_of(release / CHECKSUMS)}


def sizes_of(release: Package, digests: Iterable[str]) -> dict[str, int]:
    """Return the bytes of every file of a release by path; of one that is not here, as its descriptor says.

    Args:
        release: whole, but for files that are made from others.
        digests: paths of its files.
    """
    said = {one["path"]: one["bytes"] for one in release.release["files"]}
    there = _sizes(release.folder, digests)
    return {path: there.get(path, said.get(path, 0)) for path in digests}


def _sizes(folder: Path, paths: Iterable[str]) -> dict[str, int]:
    return {path: (folder / path).stat().st_size for path in paths if (folder / path).is_file()}


def entry_of(release: Package, digests: Mapping[str, str], sizes: Mapping[str, int]) -> ReleaseEntry:
    """Return what the ledger says of a release.

    Args:
        release: a whole release.
        digests: SHA-256 of its files by path.
        sizes: bytes of its files by path.
    """
    return release_entry(release.descriptor, digests[CHECKSUMS], sum(sizes[path] for path in digests))
