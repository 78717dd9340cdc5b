"""Writing to a place that keeps files one by one: a folder, or an S3 bucket.

Files that are there already are not sent again: pictures are stored by digest, and a table unchanged since the
previous release is linked, or copied by the store. Files come first, each read back by its digest; the ledger comes
last, and only if nobody has written it since it was read. Only what the ledger names is published, so readers see the
old state or the new one.

Two publishers must not write to the same paths at the same time. So a publisher first creates the lock,
`publishing.json`, and removes it in the end. It says what is being published and since when, by the publisher's clock.
A lock left behind belongs to a publisher that died: the same publisher may continue at once, and any other after a
day. A publisher stops by itself long before that day is over, so no lock is broken while its owner still works. The
ledger is read again once the lock is held, so that nobody overwrites files that somebody else has published
since.

A purge replaces files of a release that is published. Until it is over, the purge's journal lists what may lie there,
see `dontspy_data.targets.ledger`.
"""

import json
import logging
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from dontspy_data.errors import DontspyError
from dontspy_data.model.texts import MalformedError, read_json
from dontspy_data.package.files import CHECKSUMS, is_made, sha256_of
from dontspy_data.targets.files import DamagedError, has_digest, read_journal, read_listing, side_by_side
from dontspy_data.targets.ledger import (
    DIGEST,
    JOURNAL,
    LEDGER,
    MANIFEST,
    OBJECT_FOLDER,
    Journal,
    Layout,
    Ledger,
    new_listing,
    parse_ledger,
)
from dontspy_data.targets.stores import ObjectStore
from dontspy_data.targets.target import (
    DATASET,
    Commit,
    ConflictError,
    MissingError,
    Target,
    TargetState,
    Uploaded,
)

LOCK = "publishing.json"
STALE_AFTER = timedelta(days=1)
STOP_AFTER = timedelta(hours=12)
"""Leaves half a day for clocks that differ, and for a file still being sent."""
LARGEST = 10_000
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lock:
    """Who publishes at a target.

    Attributes:
        publishing: what is published, for people.
        sha256: of what is written, so that the same publisher knows its own lock.
        since: when it was made, UTC.
    """

    publishing: str
    sha256: str
    since: datetime

    @property
    def is_stale(self) -> bool:
        """Whether its owner must have died (older than `STALE_AFTER`)."""
        return datetime.now(UTC) - self.since > STALE_AFTER

    @property
    def should_stop(self) -> bool:
        """Whether its owner should stop."""
        return datetime.now(UTC) - self.since > STOP_AFTER

    def to_json(self) -> bytes:
        """Return the text of `publishing.json`."""
        about = {"publishing": self.publishing, "sha256": self.sha256, "since": self.since.isoformat()}
        return f"{json.dumps(about)}\n".encode()


@dataclass(slots=True)
class ObjectStoreWriter:
    """An object store as a target that can be written."""

    store: ObjectStore
    break_lock: bool = False
    can_rewrite: bool = True
    layout: Layout = Layout.OBJECTS
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

        The lock of a publisher that failed stays: a file that it sent may still arrive.
        """
        mine = new_lock(what, sha256)
        self._acquire(mine)
        self._mine = mine
        try:
            yield
        except ConflictError:
            self._release(mine)
            raise
        self._release(mine)

    def begin_purge(
        self,
        version: str,
        ledger: Ledger,
        kept: Collection[str],
        removed: Collection[str],
        state: TargetState,
    ) -> TargetState:
        """Record whose bytes will be removed, and remove what can go; see `TargetWriter.begin_purge`."""
        self._require_state(state, f"purge of {version}")
        self._replace_ledger(ledger, state, f"purge of {version}")
        if read_journal(self.target, version) is None:
            self._put_text(f"{version}/{JOURNAL}", Journal().to_text())
        stay = {f"{version}/{name}" for name in (*kept, CHECKSUMS, MANIFEST, JOURNAL)}
        side_by_side(self.store.delete, sorted({*removed, *(self.store.sizes(version).keys() - stay)}))
        return self.state()

    def commit(self, commit: Commit, state: TargetState) -> Uploaded:
        """Make a change; see `TargetWriter.commit`."""
        self._require_state(state, commit.what)
        version, journal = commit.version, f"{commit.version}/{JOURNAL}"
        if commit.is_purge:
            before = read_journal(self.target, version) or Journal()
            self._put_text(journal, before.allowing(commit.digests).to_text())
        uploaded, kept = self._send(commit, state.ledger)
        self._stop_in_time(commit.what)
        extra = self.store.sizes(version).keys() - {f"{version}/{name}" for name in kept} - {journal}
        side_by_side(self.store.delete, sorted(extra))
        self._replace_ledger(commit.ledger, state, commit.what)
        if commit.is_purge:
            self.store.delete(journal)
        else:
            self._drop_made(commit.ledger)
        return uploaded

    def forget_history(self) -> None:
        """Remove objects that no release lists; see `TargetWriter.forget_history`.

        Without the lock nothing is removed, since another publisher may be sending objects of a new release.
        """
        if self._mine is None:
            return
        used: set[str] = set()
        for entry in self.state().ledger.releases:
            try:
                used.update(read_listing(self.target, entry).objects.values())
            except (MalformedError, MissingError, DamagedError):  # its objects are unknown
                return
        side_by_side(self.store.delete, sorted(self.store.sizes(OBJECT_FOLDER).keys() - used))

    def _send(self, commit: Commit, published: Ledger) -> tuple[Uploaded, set[str]]:
        """Bring every file of a release to the target.

        Returns:
            What had to be uploaded, and the paths that belong in the release's folder.
        """
        version = commit.version
        listing = new_listing(commit.entry.layout, commit.digests, commit.sizes)
        there = dict(self.store.sizes(version))
        if listing.objects:
            there |= self.store.sizes(OBJECT_FOLDER)
        sending = Sending(
            self.store,
            commit,
            listing.objects,
            there,
            held_by_latest(self.target, published, version),
            lambda: self._stop_in_time(commit.what),
        )
        sent = side_by_side(sending.put, [name for name in commit.sent() if name != CHECKSUMS])
        kept = {path for path in commit.digests if commit.ledger.stores(version, path)}
        if not self.store.has_links:
            kept -= listing.objects.keys()
        sent.append(
            sending.put(CHECKSUMS)
        )  # last: until then, a purge can read from the lists what was there
        if listing.sizes:
            self._put_text(f"{version}/{MANIFEST}", listing.to_manifest(version))
            kept.add(MANIFEST)
        sizes = [size for size in sent if size is not None]
        return Uploaded(len(sizes), sum(sizes)), kept

    def _drop_made(self, ledger: Ledger) -> None:
        """Remove files made from others, for releases where the target need not hold them."""
        older = [one.version for one in ledger.releases if not ledger.stores_made(one.version)]
        found = side_by_side(self.store.sizes, older)
        side_by_side(
            self.store.delete, [path for paths in found for path in paths if is_made(path.partition("/")[2])]
        )

    def _require_state(self, state: TargetState, what: str) -> None:
        if self.state().token != state.token:
            raise self._slower(what)

    def _replace_ledger(self, ledger: Ledger, state: TargetState, what: str) -> None:
        if ledger != state.ledger and not self.store.replace(LEDGER, ledger.to_json().encode(), state.token):
            raise self._slower(what)

    def _slower(self, what: str) -> ConflictError:
        return ConflictError(
            f"somebody else published at {self.target.url} in the meantime; {what} was not published",
            hint="Look at what is there with dontspy-data releases, make the release again, and publish again.",
        )

    def _acquire(self, mine: Lock) -> None:
        """Lock the target."""
        held, tag = self._held()
        may_lock = held is None or self._may_break(held, mine)
        if not (may_lock and self.store.replace(LOCK, mine.to_json(), tag)):
            says = f", or died: {LOCK} says {held.decode(errors='replace').strip()[:300]}" if held else ""
            raise ConflictError(
                f"somebody else is publishing at {self.target.url}{says}; {mine.publishing} was not published",
                hint="Let them finish. If nobody is publishing any more, give --break-lock.",
            )

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
                "%s was locked for %s at %s and abandoned; breaking the lock", self.target.url, what, since
            )
        return theirs.is_stale or theirs.sha256 == mine.sha256

    def _release(self, lock: Lock) -> None:
        """Remove the lock, unless somebody else holds it by now."""
        if self._held()[0] == lock.to_json():
            self.store.delete(LOCK)
        self._mine = None

    def _stop_in_time(self, what: str) -> None:
        if self._mine and self._mine.should_stop:
            raise DontspyError(
                f"publishing {what} at {self.target.url} takes more than {STOP_AFTER}; it was stopped, "
                "since somebody else might break its lock",
                hint="What was published before is unchanged; the same command continues where this one stopped.",
            )

    def _put_text(self, path: str, text: str) -> None:
        with TemporaryDirectory(prefix="dontspy-data-") as folder:
            file = Path(folder, "text")
            file.write_text(text, encoding="utf-8")
            self.store.put(path, file)
            require_digest(self.target, path, sha256_of(file))


def new_lock(what: str, sha256: str) -> Lock:
    """Return a lock, made now."""
    return Lock(what, sha256, datetime.now(UTC).replace(microsecond=0))


def parse_lock(body: bytes) -> Lock | None:
    """Return a lock from the text of `publishing.json`; None if it is not valid."""
    try:
        about = read_json(body, LOCK, largest=LARGEST)
        since = datetime.fromisoformat(about["since"].text(longest=40)).astimezone(UTC)
        return Lock(about["publishing"].text(longest=1000), about["sha256"].text(DIGEST), since)
    except (MalformedError, ValueError, OverflowError):
        return None


@dataclass(frozen=True, slots=True)
class Sending:
    """The files of one release on their way to an object store.

    Attributes:
        store: where to.
        commit: the change that they are part of.
        objects: where files outside the release's folder lie below the target, by path.
        there: size of what is at the target, by path below it.
        same: by SHA-256, where other releases have a file with those bytes, below the target.
        on_time: raises if it takes too long.
    """

    store: ObjectStore
    commit: Commit
    objects: Mapping[str, str]
    there: Mapping[str, int]
    same: Mapping[str, str]
    on_time: Callable[[], None]

    def put(self, name: str) -> int | None:
        """Bring a file to the target, verified by its digest.

        Args:
            name: path in the release.

        Returns:
            Its size if it had to be uploaded; None if its bytes were there.

        Raises:
            DontspyError: the store failed, or does not have the bytes that were sent.
        """
        own = f"{self.commit.version}/{name}"
        place = self.objects.get(name, own)
        uploaded = self._bring(name, place)
        if place != own and self.store.has_links:
            self.store.link(place, own)
        return uploaded

    def _bring(self, name: str, place: str) -> int | None:
        source, digest, target = self.commit.source / name, self.commit.digests[name], self.store.target
        size = source.stat().st_size
        if self.there.get(place) == size and has_digest(target, place, digest):
            return None
        self.on_time()
        if same := self.same.get(digest):
            with suppress(DontspyError):  # sent below
                self.store.link(same, place)
                if has_digest(target, place, digest):
                    return None
        self.store.put(place, source)
        require_digest(target, place, digest)
        return size


def require_digest(target: Target, path: str, digest: str) -> None:
    """Raise `DontspyError` if a file that was sent does not have its bytes at the target."""
    if not has_digest(target, path, digest):
        raise DontspyError(
            f"{path} does not have the bytes at {target.url} that were sent; nothing was published",
            hint="Try again. If it happens again, the store is damaged.",
        )


def held_by_latest(target: Target, ledger: Ledger, version: str) -> dict[str, str]:
    """Return where the latest other release's files lie below the target, by SHA-256."""
    others = [entry for entry in ledger.releases if entry.version != version]
    if not others:
        return {}
    latest = others[-1]
    try:
        listing = read_listing(target, latest)
    except DontspyError:  # it is damaged, so nothing can be reused
        return {}
    return {
        digest: listing.objects.get(path, f"{latest.version}/{path}")
        for path, digest in listing.digests.items()
        if ledger.stores(latest.version, path)
    }
