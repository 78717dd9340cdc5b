"""Committing to a place that keeps files one by one: a folder, or an S3 bucket.

Files come first, each read back by its digest; the ledger comes last, and only if nobody has written it since it was
read. What the ledger does not name is not published, so readers see the state before or the one after.

Two publishers must not write to the same paths at the same time. So a publisher first creates `publishing.json`,
which says what is being published, and removes it in the end. One that is left behind is of a publisher that was
stopped: the same release goes on from there, another one is told.
"""

import hashlib
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dontspy_data.errors import DontspyError
from dontspy_data.loading.files import side_by_side
from dontspy_data.loading.target import MissingError, Target
from dontspy_data.publish.commit import DATASET, Commit, ConflictError, State
from dontspy_data.publish.fetch import digest_at
from dontspy_data.release.ledger import LEDGER, Ledger, parse_ledger

CLAIM = "publishing.json"


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
    take_over: bool = False

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
        there = {p: size for folder in commit.folders for p, size in self.place.sizes(folder).items()}
        uploaded = sum(side_by_side(lambda path: self._put(commit, path, there.get(path)), commit.digests))
        side_by_side(self.place.delete, sorted(there.keys() - commit.digests.keys()))
        won = self.place.replace(LEDGER, commit.ledger.to_json().encode(), state.token)
        self._leave(claim)
        if not won:
            raise ConflictError(
                f"somebody else published at {self.target.url} in the meantime; {commit.what} was not published",
                hint="Look at what is there with dontspy-data releases, make the release anew and publish again.",
            )
        return uploaded

    def _claim(self, commit: Commit) -> bytes:
        """Claim the target for this commit; what the claim says."""
        listed = "".join(f"{digest}  {path}\n" for path, digest in sorted(commit.digests.items()))
        mine = {"publishing": commit.what, "sha256": hashlib.sha256(listed.encode()).hexdigest()}
        body = f"{json.dumps(mine)}\n".encode()
        if self.place.replace(CLAIM, body, None):
            return body
        held, tag = self.place.read_tagged(CLAIM)
        if held != body and not (self.take_over and self.place.replace(CLAIM, body, tag)):
            raise ConflictError(
                f"somebody else is publishing at {self.target.url}, or was stopped: {CLAIM} says "
                f"{held.decode(errors='replace').strip()}; {commit.what} was not published",
                hint="Let them finish. If nobody is publishing any more, give --take-over.",
            )
        return body

    def _leave(self, claim: bytes) -> None:
        """Remove the claim, unless it is somebody else's by now."""
        with suppress(MissingError):
            if self.target.read(CLAIM) == claim:
                self.place.delete(CLAIM)

    def _put(self, commit: Commit, path: str, size: int | None) -> bool:
        """Upload a file unless it is there already; whether it had to be."""
        source, digest = commit.sources[path], commit.digests[path]
        if size == source.stat().st_size and digest_at(self.target, path) == digest:
            return False
        self.place.put(path, source)
        if digest_at(self.target, path) != digest:
            raise DontspyError(
                f"{path} does not have the bytes at {self.target.url} that were sent; nothing was published",
                hint="Try again. If it stays so, the store is damaged.",
            )
        return True
