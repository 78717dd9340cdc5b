"""What publishing changes at a target, as one step that happens or does not."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dontspy_data.errors import DontspyError
from dontspy_data.targets.ledger import Ledger
from dontspy_data.targets.target import Target

DATASET = "open-data-faces"


class ConflictError(DontspyError):
    """Somebody else published in the meantime, or is publishing."""


@dataclass(frozen=True, slots=True)
class State:
    """What is published at a target.

    Attributes:
        ledger: what the ledger says; without releases where there is none yet.
        token: names this very state, so that a change can be made to it and to no other; None where there is
            no ledger.
    """

    ledger: Ledger
    token: str | None


@dataclass(frozen=True, slots=True)
class Commit:
    """A change of what is published.

    Attributes:
        what: for people, such as `1.2.0`; two publishers who say the same here write the same bytes.
        digests: SHA-256 of every file of the releases that change, by path below the target; whatever else lies
            in their folders is removed.
        sources: where those files are on this machine.
        ledger: what is published afterwards.
        forget: whether the bytes of what is removed or replaced must be gone from the target's history, too.
    """

    what: str
    digests: Mapping[str, str]
    sources: Mapping[str, Path]
    ledger: Ledger
    forget: bool = False

    @property
    def folders(self) -> list[str]:
        """The folders of the releases that change."""
        return sorted({path.split("/", 1)[0] for path in self.digests})


class Store(Protocol):
    """A target that can be written."""

    @property
    def target(self) -> Target:
        """Where it is, for reading."""

    def state(self) -> State:
        """What is published now.

        Raises:
            DontspyError: the target cannot be reached, or its ledger is damaged.
        """

    def commit(self, commit: Commit, state: State) -> int:
        """Make a change, if what is published is still what `state` says.

        Returns:
            How many files were uploaded.

        Raises:
            ConflictError: somebody else was faster; nothing that is published was changed.
            DontspyError: the target failed or says no; the ledger is as it was, and trying again completes it.
        """
