"""What publishing changes at a target, as one step that happens or does not."""

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from dontspy_data.errors import DontspyError
from dontspy_data.targets.ledger import Layout, Ledger, ReleaseEntry
from dontspy_data.targets.target import Target

DATASET = "open-data-faces"


class ConflictError(DontspyError):
    """Somebody else published in the meantime, or is publishing."""


@dataclass(frozen=True, slots=True)
class TargetState:
    """What is published at a target.

    Attributes:
        ledger: what the ledger says; without releases if there is none yet.
        token: names this very state, so that a change can be made to it and to no other; None if there is no ledger.
    """

    ledger: Ledger
    token: str | None


@dataclass(frozen=True, slots=True)
class Commit:
    """A change of one release at a target.

    Attributes:
        version: of the release, which is the name of its folder, too.
        digests: SHA-256 of every file of the release, by path in its folder; whatever else lies there is removed.
        source: folder on this machine that has those files, but such as lie at the target already and stay as they
            are, of which only a purge makes use.
        ledger: what is published afterwards.
        sizes: bytes of every file by path.
        is_purge: whether the bytes of what is removed or replaced must be gone from the target's history, too.
    """

    version: str
    digests: Mapping[str, str]
    source: Path
    ledger: Ledger
    sizes: Mapping[str, int]
    is_purge: bool = False

    @property
    def entry(self) -> ReleaseEntry:
        """What the ledger will say of the release."""
        return self.ledger.find(self.version)

    def sent(self) -> list[str]:
        """Return the paths of those files that the target will hold and that are here, sorted."""
        stored = (path for path in self.digests if self.ledger.stores(self.version, path))
        return sorted(path for path in stored if (self.source / path).is_file())

    @property
    def what(self) -> str:
        """What is done, for people."""
        return f"purge of {self.version}" if self.is_purge else self.version


class Uploaded(NamedTuple):
    """How many files were uploaded, and how many bytes they have."""

    files: int
    bytes: int


class TargetWriter(Protocol):
    """A target that can be written."""

    @property
    def target(self) -> Target:
        """Where it is, for reading."""

    @property
    def can_rewrite(self) -> bool:
        """Whether files of published releases can be replaced and removed."""

    @property
    def layout(self) -> Layout:
        """Where the files of new releases lie."""

    def address(self, version: str) -> str:
        """Return where people find a release."""

    def state(self) -> TargetState:
        """Return what is published now.

        Raises:
            DontspyError: the target cannot be reached, or its ledger is damaged.
        """

    def lock(self, what: str, sha256: str) -> AbstractContextManager[None]:
        """Keep other publishers out.

        Args:
            what: is done meanwhile, for people.
            sha256: of what is written, so that the same publisher knows its own lock.

        Raises:
            ConflictError: somebody else is publishing.
        """

    def begin_purge(
        self,
        version: str,
        ledger: Ledger,
        kept: Collection[str],
        removed: Collection[str],
        state: TargetState,
    ) -> TargetState:
        """Write whose bytes will be removed, and remove every file that can go before the others are rewritten.

        Nothing is done by targets that change everything in one step.

        Args:
            version: of the release.
            ledger: names those people.
            kept: paths in the release's folder that the rest is made from, or that stay as they are.
            removed: paths below the target that lie in no release's folder and go, too.
            state: what is published.

        Returns:
            What is published now.

        Raises:
            ConflictError: somebody else was faster.
            DontspyError: the target failed or says no.
        """

    def commit(self, commit: Commit, state: TargetState) -> Uploaded:
        """Make a change, within `lock()`, if what is published is still what `state` says.

        Raises:
            ConflictError: somebody else was faster; nothing that is published was changed.
            DontspyError: the target failed or says no; the ledger is as it was, and trying again completes it.
        """

    def forget_history(self) -> None:
        """Remove what a purge replaced from wherever the target still keeps it: its history, objects of no release.

        Raises:
            DontspyError: the target failed or says no.
        """
