"""Writing to a place that keeps files one by one: a folder, or an S3 bucket.

Files come first, each read back by its digest; the ledger comes last, and only if nobody has written it since it was
read. What the ledger does not name is not published, so readers see the state before or the one after.

Two publishers must not write to the same paths at the same time. So a publisher first creates the lock and removes it
in the end; see `dontspy_data.targets.lock`. What is published is looked at again once the lock is held, so that nobody
writes over files that somebody else has published since.

A purge replaces files of a release that is published. What may lie there until it is over is in the purge's journal,
see `dontspy_data.targets.journal`.
"""

import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Protocol

from dontspy_data.errors import DontspyError
from dontspy_data.package.digests import CHECKSUMS
from dontspy_data.targets.files import has_digest, side_by_side
from dontspy_data.targets.journal import JOURNAL, Journal, read_journal
from dontspy_data.targets.ledger import LEDGER, Ledger, parse_ledger
from dontspy_data.targets.lock import LOCK, STOP_AFTER, Lock, new_lock, parse_lock
from dontspy_data.targets.target import MissingError, Target
from dontspy_data.targets.writer import DATASET, Commit, ConflictError, TargetState

log = logging.getLogger(__name__)


class ObjectStore(Protocol):
    """What a place must be able to do beside being read."""

    @property
    def target(self) -> Target:
        """Where it is, for reading."""

    def sizes(self, folder: str) -> Mapping[str, int]:
        """Return the size of every file below a folder, by path below the target."""

    def put(self, path: str, source: Path) -> None:
        """Write a file, whole or not at all, over whatever is there."""

    def delete(self, path: str) -> None:
        """Remove a file that is there."""

    def read_tagged(self, path: str) -> tuple[bytes, str]:
        """Return a file's bytes, and a tag that changes whenever they do.

        Raises:
            MissingError: there is no such file.
        """

    def replace(self, path: str, body: bytes, tag: str | None) -> bool:
        """Write a small file if it still has that tag, or, for None, if there is none.

        Returns:
            Whether it was written.
        """


@dataclass(slots=True)
class ObjectStoreWriter:
    """An object store as a target that can be written."""

    store: ObjectStore
    break_lock: bool = False
    can_rewrite: bool = True
    _mine: Lock | None = field(default=None, repr=False)

    @property
    def target(self) -> Target:
        """Where it is, for reading."""
        return self.store.target

    def address(self, version: str) -> str:  # noqa: ARG002
        """Return where people find a release; see `TargetWriter.address`."""
        return self.target.url

    def state(self) -> TargetState:
        """Return what is published now; see `TargetWriter.state`."""
        try:
            body, tag = self.store.read_tagged(LEDGER)
        except MissingError:
            return TargetState(Ledger(DATASET), None)
        return TargetState(parse_ledger(body), tag)

    @contextmanager
    def lock(self, what: str, sha256: str) -> Iterator[None]:
        """Keep other publishers out; see `TargetWriter.lock`.

        The lock of a publisher that failed stays: a file that it sent may still be on its way.
        """
        self._mine = mine = self._acquire(new_lock(what, sha256))
        try:
            yield
        except ConflictError:
            self._release(mine)
            raise
        self._release(mine)

    def begin_purge(
        self, version: str, ledger: Ledger, kept: Collection[str], state: TargetState
    ) -> TargetState:
        """Write whose bytes will be removed, and remove what can go; see `TargetWriter.begin_purge`."""
        self._require_state(state, f"purge of {version}")
        if ledger != state.ledger and not self.store.replace(LEDGER, ledger.to_json().encode(), state.token):
            raise self._slower(f"purge of {version}")
        journal = read_journal(self.target, version)
        if journal is None:
            self._put_text(f"{version}/{JOURNAL}", Journal().to_text())
        stay = {f"{version}/{name}" for name in (*kept, CHECKSUMS, JOURNAL)}
        side_by_side(self.store.delete, sorted(self.store.sizes(version).keys() - stay))
        return self.state()

    def commit(self, commit: Commit, state: TargetState) -> int:
        """Make a change; see `TargetWriter.commit`."""
        self._require_state(state, commit.what)
        journal = f"{commit.version}/{JOURNAL}"
        if commit.is_purge:
            before = read_journal(self.target, commit.version) or Journal()
            self._put_text(journal, before.allowing(commit.digests).to_text())
        there = self.store.sizes(commit.version)
        names = sorted(commit.digests.keys() - {CHECKSUMS})
        uploaded = sum(side_by_side(lambda name: self._put(commit, name, there), names))
        uploaded += self._put(
            commit, CHECKSUMS, there
        )  # last: until then, a purge can tell by it what was there
        self._stop_in_time(commit.what)
        extra = there.keys() - {f"{commit.version}/{name}" for name in commit.digests} - {journal}
        side_by_side(self.store.delete, sorted(extra))
        if commit.ledger != state.ledger and not self.store.replace(
            LEDGER, commit.ledger.to_json().encode(), state.token
        ):
            raise self._slower(commit.what)
        if commit.is_purge:
            self.store.delete(journal)
        return uploaded

    def forget_history(self) -> None:
        """Do nothing: an object store keeps no history."""

    def _require_state(self, state: TargetState, what: str) -> None:
        if self.state().token != state.token:
            raise self._slower(what)

    def _slower(self, what: str) -> ConflictError:
        return ConflictError(
            f"somebody else published at {self.target.url} in the meantime; {what} was not published",
            hint="Look at what is there with dontspy-data releases, make the release anew and publish again.",
        )

    def _acquire(self, mine: Lock) -> Lock:
        """Lock the target."""
        held, tag = self._held()
        may_lock = held is None or self._may_break(held, mine)
        if not (may_lock and self.store.replace(LOCK, mine.to_json(), tag)):
            says = f", or died: {LOCK} says {held.decode(errors='replace').strip()[:300]}" if held else ""
            raise ConflictError(
                f"somebody else is publishing at {self.target.url}{says}; {mine.publishing} was not published",
                hint="Let them finish. If nobody is publishing any more, give --break-lock.",
            )
        return mine

    def _held(self) -> tuple[bytes | None, str | None]:
        try:
            return self.store.read_tagged(LOCK)
        except MissingError:
            return None, None

    def _may_break(self, held: bytes, mine: Lock) -> bool:
        """Return whether a lock that is held may be replaced."""
        theirs = parse_lock(held)
        if self.break_lock or theirs is None:
            return self.break_lock
        if theirs.is_stale:
            what, since = theirs.publishing, theirs.since.isoformat()
            log.warning(
                "%s was locked for %s at %s and left; breaking the lock", self.target.url, what, since
            )
        return theirs.is_stale or theirs.sha256 == mine.sha256

    def _release(self, lock: Lock) -> None:
        """Remove the lock, unless it is somebody else's by now."""
        if self._held()[0] == lock.to_json():
            self.store.delete(LOCK)
        self._mine = None

    def _stop_in_time(self, what: str) -> None:
        if self._mine and self._mine.should_stop:
            raise DontspyError(
                f"publishing {what} at {self.target.url} takes more than {STOP_AFTER}; it was stopped, "
                "since somebody else might break its lock",
                hint="What was published before is as it was; the same command goes on where this one stopped.",
            )

    def _put(self, commit: Commit, name: str, there: Mapping[str, int]) -> bool:
        """Upload a file unless it is there already; return whether it had to be."""
        source, digest, path = commit.source / name, commit.digests[name], f"{commit.version}/{name}"
        if there.get(path) == source.stat().st_size and has_digest(self.target, path, digest):
            return False
        self._stop_in_time(commit.what)
        self.store.put(path, source)
        if not has_digest(self.target, path, digest):
            raise DontspyError(
                f"{path} does not have the bytes at {self.target.url} that were sent; nothing was published",
                hint="Try again. If it stays so, the store is damaged.",
            )
        return True

    def _put_text(self, path: str, text: str) -> None:
        with TemporaryDirectory(prefix="dontspy-data-") as folder:
            file = Path(folder, JOURNAL)
            file.write_text(text, encoding="utf-8")
            self.store.put(path, file)
