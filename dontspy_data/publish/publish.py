"""Publishing a release: every file, then the ledger."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dontspy_data.errors import UsageError
from dontspy_data.package.digests import DESCRIPTOR
from dontspy_data.package.open import open_package
from dontspy_data.publish.purge import purge
from dontspy_data.release.row_changes import withdrawals_of
from dontspy_data.targets.entry import Outcome, Published, follows, ledger_entry, listed_digests
from dontspy_data.targets.files import differing, fetched_tables
from dontspy_data.targets.ledger import Ledger
from dontspy_data.targets.open import open_record, open_store
from dontspy_data.targets.store import Commit, ConflictError, Store
from dontspy_data.targets.target import ZENODO, open_target


def publish_release(release: Path, store: Store) -> Published:
    """Publish a release; where it is published already, put back what is missing or damaged there.

    Args:
        release: its folder.
        store: where to.

    Raises:
        UsageError: the folder is no release, or is not whole.
        ConflictError: a release of that version with other bytes, or a later one, is published.
        DontspyError: the target failed or says no, or something withdrawn would come back.
    """
    entry = ledger_entry(release)
    digests = listed_digests(release)
    state = store.state()
    known = {one.version: one for one in state.ledger.releases}.get(entry.version)
    if known is None:
        follows(release, entry, state.ledger, store.target.url)
        ledger = Ledger(state.ledger.name, (*state.ledger.releases, entry))
    elif known.digest == entry.digest:
        ledger = state.ledger
    else:
        raise ConflictError(
            f"{store.target.url} has a release {entry.version} with other bytes",
            hint="A version is published once. Make the release anew, with --previous of that target.",
        )
    prefixed = {f"{entry.version}/{path}": digest for path, digest in digests.items()}
    if known and not differing(store.target, prefixed):
        return Published(Outcome.UNCHANGED, entry.version, len(digests), 0)
    commit = Commit(
        what=entry.version,
        digests=prefixed,
        sources={path: release / path.split("/", 1)[1] for path in prefixed},
        ledger=ledger,
    )
    uploaded = store.commit(commit, state)
    return Published(Outcome.CHANGED, entry.version, len(digests), uploaded)


@dataclass(frozen=True, slots=True)
class PublishedAnywhere:
    """What came of publishing, and of purging.

    Attributes:
        published: what came of publishing.
        purged: versions that were changed, since something was withdrawn from them.
        place: where the release is, by the store's own name for it; empty where that is the target.
    """

    published: Published
    purged: tuple[str, ...] = ()
    place: str = ""

    @property
    def changed(self) -> bool:
        """Whether anything changed at the target."""
        return self.published.changed or bool(self.purged)

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            **self.published.as_json(),
            "outcome": "changed" if self.changed else "unchanged",
            "purged": list(self.purged),
            **({"place": self.place} if self.place else {}),
        }

    def summary(self, target: str) -> str:
        """The same for people."""
        one = self.published
        told = (
            f"Published {one.version} at {self.place or target}: {one.files:,} files, {one.uploaded:,} uploaded"
            if one.changed
            else f"{one.version} is at {self.place or target} already; nothing was uploaded"
        )
        purged = f"\nRemoved what is withdrawn from {', '.join(self.purged)}" if self.purged else ""
        return told + purged


def publish_anywhere(
    release: Path,
    target: str,
    *,
    purge_withdrawn: bool = False,
    break_lock: bool = False,
    sandbox: bool = False,
) -> PublishedAnywhere:
    """Publish a release, and take what is withdrawn out of earlier ones.

    Args:
        release: folder of the release.
        target: a folder, or a URL with `file`, `s3` or `hf`, or `zenodo:RECORD`.
        purge_withdrawn: whether to remove what the release says is withdrawn from earlier releases there.
        break_lock: whether to go over another publisher's claim.
        sandbox: of Zenodo only: its sandbox.

    Raises:
        UsageError: nothing can be published there, or the folder is no release.
        ConflictError: somebody else was faster.
        DontspyError: the target failed or says no.
    """
    if purge_withdrawn:
        can_be_purged(target)
    if target.startswith(ZENODO):
        published, place = open_record(target, sandbox=sandbox).publish(release)
        return PublishedAnywhere(published, place=place)
    published = publish_release(release, open_store(target, break_lock=break_lock))
    purged = purge_anywhere(release, target, break_lock=break_lock) if purge_withdrawn else ()
    return PublishedAnywhere(published, purged)


def purge_anywhere(package: Path, target: str, *, break_lock: bool = False) -> tuple[str, ...]:
    """Take what a package says is withdrawn out of every release at a target.

    Returns:
        The versions that were changed.

    Raises:
        UsageError: nothing can be purged there.
        ConflictError: somebody else was faster.
        DontspyError: the target failed or says no.
    """
    can_be_purged(target)
    return purge(open_store(target, break_lock=break_lock), withdrawals_of(open_package(package)))


def can_be_purged(target: str) -> None:
    """Nothing where files of published releases can be removed.

    Raises:
        UsageError: they cannot.
    """
    if target.startswith(ZENODO):
        raise UsageError(
            "files of published Zenodo records cannot be removed by a program",
            hint="Publish the new release, and ask Zenodo's support to remove the files of the earlier records.",
        )


def ledger_of(target: str, *, sandbox: bool = False) -> Ledger:
    """What is published at a target.

    Raises:
        UsageError: it is no target.
        DontspyError: it cannot be read.
    """
    if target.startswith(ZENODO):
        return open_record(target, sandbox=sandbox).ledger()
    return open_target(target).ledger()


@contextmanager
def release_before(place: str | None) -> Iterator[Path | None]:
    """The folder of the release before, with its descriptor, tables and changelog; None where none is named.

    Args:
        place: a release's folder, or a target or Zenodo record for the latest release there.

    Raises:
        UsageError: there is no release.
        DontspyError: the target cannot be read.
    """
    if place is None:
        yield None
    elif (Path(place) / DESCRIPTOR).is_file():
        yield Path(place)
    elif place.startswith(ZENODO):
        with open_record(place).fetched_tables() as folder:
            yield folder
    else:
        target = open_target(place)
        with fetched_tables(target, target.ledger().find()) as folder:
            yield folder
