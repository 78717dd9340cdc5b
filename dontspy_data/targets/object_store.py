"""Committing to a place that keeps files one by one: a folder, or an S3 bucket.

Files come first, each read back by its digest; the ledger comes last, and only if nobody has written it since it was
read. What the ledger does not name is not published, so readers see the state before or the one after.

Two publishers must not write to the same paths at the same time. So a publisher first creates `publishing.json`, the
claim, and removes it in the end; see `dontspy_data.targets.lock`. What is published is looked at again once the claim
is held, so that nobody writes over files that somebody else has published since.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dontspy_data.errors import DontspyError
from dontspy_data.targets.files import digest_at, side_by_side
from dontspy_data.targets.ledger import LEDGER, Ledger, parse_ledger
from dontspy_data.targets.lock import CLAIM, WORKED, Claim, claim_for, parse_claim
from dontspy_data.targets.store import DATASET, Commit, ConflictError, State
from dontspy_data.targets.target import MissingError, Target

log = logging.getLogger(__name__)


class Place(Protocol):
    """What a place must be able to do beside being read."""

    @property
    def target(self) -> Target:
        """Where it is, for reading."""

    def sizes(self, folder: str) -> Mapping[str, int]:
        """Size of every file below a folder, by path below the target."""

    def put(self, path: str, source: Path) -> None:
        """Write a file, whole or not at all, over whatever is there."""

    def delete(self, path: str) -> None:
        """Remove a file that is there."""

    def read_tagged(self, path: str) -> tuple[bytes, str]:
        """A file's bytes, and a tag that changes whenever they do.

        Raises:
            MissingError: there is no such file.
        """

    def replace(self, path: str, body: bytes, tag: str | None) -> bool:
        """Write a small file if it still has that tag, or, for None, if there is none; False where it is not so."""


@dataclass(frozen=True, slots=True)
class PlaceStore:
    """A place as a target that can be written."""

    place: Place
    break_lock: bool = False

    @property
    def target(self) -> Target:
        """Where it is, for reading."""
        return self.place.target

    def state(self) -> State:
        """What is published now; see `Store.state`."""
        try:
            body, tag = self.place.read_tagged(LEDGER)
        except MissingError:
            return State(Ledger(DATASET), None)
        return State(parse_ledger(body), tag)

    def commit(self, commit: Commit, state: State) -> int:
        """Make a change; see `Store.commit`."""
        claim = self._claim(commit)
        if self.state().token != state.token:
            self._leave(claim)
            raise self._slower(commit)
        there = {p: size for folder in commit.folders for p, size in self.place.sizes(folder).items()}
        uploaded = sum(
            side_by_side(lambda path: self._put(commit, claim, path, there.get(path)), commit.digests)
        )
        self._stop_in_time(claim)
        side_by_side(self.place.delete, sorted(there.keys() - commit.digests.keys()))
        is_new = commit.ledger != state.ledger
        won = not is_new or self.place.replace(LEDGER, commit.ledger.to_json().encode(), state.token)
        self._leave(claim)
        if not won:
            raise self._slower(commit)
        return uploaded

    def _slower(self, commit: Commit) -> ConflictError:
        return ConflictError(
            f"somebody else published at {self.target.url} in the meantime; {commit.what} was not published",
            hint="Look at what is there with dontspy-data releases, make the release anew and publish again.",
        )

    def _claim(self, commit: Commit) -> Claim:
        """Claim the target for this commit."""
        mine = claim_for(commit)
        held, tag = self._held()
        may_claim = held is None or self._may_go_over(held, mine)
        if not (may_claim and self.place.replace(CLAIM, mine.to_json(), tag)):
            says = f", or was stopped: {CLAIM} says {held.decode(errors='replace').strip()}" if held else ""
            raise ConflictError(
                f"somebody else is publishing at {self.target.url}{says}; {commit.what} was not published",
                hint="Let them finish. If nobody is publishing any more, give --break-lock.",
            )
        return mine

    def _held(self) -> tuple[bytes | None, str | None]:
        try:
            return self.place.read_tagged(CLAIM)
        except MissingError:
            return None, None

    def _may_go_over(self, held: bytes, mine: Claim) -> bool:
        """Whether a claim that is held may be replaced."""
        theirs = parse_claim(held)
        if self.break_lock or theirs is None:
            return self.break_lock
        if theirs.is_stale:
            what, since = theirs.publishing, theirs.since.isoformat()
            log.warning("%s was claimed for %s at %s and left; going over it", self.target.url, what, since)
        return theirs.is_stale or theirs.sha256 == mine.sha256

    def _leave(self, claim: Claim) -> None:
        """Remove the claim, unless it is somebody else's by now."""
        if self._held()[0] == claim.to_json():
            self.place.delete(CLAIM)

    def _stop_in_time(self, claim: Claim) -> None:
        if claim.is_worn_out:
            raise DontspyError(
                f"publishing {claim.publishing} at {self.target.url} takes more than {WORKED}; it was stopped, "
                "since somebody else might take it for dead",
                hint="What was published before is as it was; the same command goes on where this one stopped.",
            )

    def _put(self, commit: Commit, claim: Claim, path: str, size: int | None) -> bool:
        """Upload a file unless it is there already; whether it had to be."""
        source, digest = commit.sources[path], commit.digests[path]
        if size == source.stat().st_size and digest_at(self.target, path) == digest:
            return False
        self._stop_in_time(claim)
        self.place.put(path, source)
        if digest_at(self.target, path) != digest:
            raise DontspyError(
                f"{path} does not have the bytes at {self.target.url} that were sent; nothing was published",
                hint="Try again. If it stays so, the store is damaged.",
            )
        return True
