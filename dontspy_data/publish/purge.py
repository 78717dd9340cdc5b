"""Purging: taking what is withdrawn out of the releases that are published already.

One release after the other is made anew without it, under its own version: its tables and texts are brought here, each
held against its digest; the ledger names whose bytes will be removed; pictures, and every file that is made from
others, are removed; then the rest is rewritten. So a purge that fails leaves no more than it must, and the next one
goes on from there, by the journal that it left (`dontspy_data.targets.journal`). Meanwhile a reader who checks digests
finds the release changed, and the error says to try again.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from dontspy_data.check.files import check_files
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.model.foreign import MalformedError
from dontspy_data.model.withdrawals import Withdrawals
from dontspy_data.package.digests import CHECKSUMS, DESCRIPTOR, read_checksums, sha256_of
from dontspy_data.package.open import Package, open_package
from dontspy_data.release.redact import Redaction
from dontspy_data.release.row_changes import withdrawals_of
from dontspy_data.targets.files import DamagedError, download, is_compared, side_by_side
from dontspy_data.targets.journal import allowed_digests, read_journal
from dontspy_data.targets.ledger import ReleaseEntry, release_entry
from dontspy_data.targets.target import MissingError, Target
from dontspy_data.targets.writer import Commit, ConflictError, TargetWriter

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


def purge(writer: TargetWriter, withdrawn: Withdrawals) -> tuple[str, ...]:
    """Remove what is withdrawn from every release at a target.

    A purge that was stopped is completed by the next one.

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
        for version in due:
            try:
                if _purge_release(writer, version, withdrawn):
                    changed.append(version)
            except REFUSED as error:
                refused[version] = error
        writer.forget_history()
    if refused:
        raise PurgeError(refused, tuple(changed))
    return tuple(changed)


def _is_due(target: Target, entry: ReleaseEntry, withdrawn: Withdrawals) -> bool:
    """Return whether a release may show what is withdrawn, or a purge of it was begun."""
    if read_journal(target, entry.version) is not None:
        return True
    try:
        digests = allowed_digests(target, entry, None)
        with TemporaryDirectory(prefix="dontspy-data-") as folder:
            old = _bring(target, entry.version, (WITHDRAWN, DESCRIPTOR), digests, Path(folder))
            known = {(row.mep_id, row.scope) for row in withdrawals_of(old).rows}
            return not {(row.mep_id, row.scope) for row in withdrawn.rows} <= known
    except (*REFUSED, KeyError):  # it has no such table, or is damaged, which its purge reports
        return True


def _purge_release(writer: TargetWriter, version: str, withdrawn: Withdrawals) -> bool:
    """Purge one release; return whether that changed it."""
    state = writer.state()
    entry = state.ledger.get(version)
    if entry is None:
        raise ConflictError(f"{writer.target.url} has no release {version} any more", hint="Purge again.")
    digests = allowed_digests(writer.target, entry, read_journal(writer.target, version))
    kept = _sources(digests, withdrawn)
    with TemporaryDirectory(prefix="dontspy-data-") as folder:
        old = _bring(writer.target, version, kept, digests, Path(folder, "old"))
        redaction = Redaction(old, withdrawn)
        marked = replace(entry, purged=tuple(sorted({*entry.purged, *redaction.people})))
        state = writer.begin_purge(version, state.ledger.with_entry(marked), kept, state)
        new = redaction.write(Path(folder, "new"))
        whole = whole_digests(new.folder)
        purged = replace(
            entry_of(new, whole), withdrew=entry.withdrew, purged=marked.purged, accepted=entry.accepted
        )
        commit = Commit(version, whole, new.folder, state.ledger.with_entry(purged), is_purge=True)
        writer.commit(commit, state)
    return purged != entry


def _sources(paths: Iterable[str], withdrawn: Withdrawals) -> list[str]:
    """Return the paths that a release without what is withdrawn is made from."""
    hidden = {str(mep_id) for mep_id in withdrawn.people}
    return [
        path
        for path in paths
        if is_compared(path) or (path.endswith(".jpg") and Path(path).stem.split("-")[0] not in hidden)
    ]


def _bring(
    target: Target, version: str, paths: Iterable[str], digests: Mapping[str, frozenset[str]], folder: Path
) -> Package:
    """Bring files of a release here, each with a digest that it may have, and open them as a package."""
    origin = target.below(version)
    side_by_side(lambda path: download(origin, path, digests[path], folder / path), list(paths))
    return open_package(folder)


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


def entry_of(release: Package, digests: Mapping[str, str]) -> ReleaseEntry:
    """Return what the ledger says of a release.

    Args:
        release: a whole release.
        digests: of its files.
    """
    size = sum((release.folder / path).stat().st_size for path in digests)
    return release_entry(release.descriptor, digests[CHECKSUMS], size)
