"""The ledger: `releases.json` at a target's root, which says what is published there.

A target holds one folder a release, named after its version, and the ledger beside them:

    releases.json
    1.0.0/datapackage.json, 1.0.0/data/meps.parquet, …
    1.1.0/…

Whatever the ledger does not list is not published, whatever lies there.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.package.digests import json_text
from dontspy_data.release.version import aliases, version_key

LEDGER = "releases.json"


@dataclass(frozen=True, slots=True)
class ReleaseEntry:
    """What the ledger says of one release.

    Attributes:
        version: `MAJOR.MINOR.PATCH`; also the name of its folder.
        date: day of its latest data, `YYYY-MM-DD`.
        digest: SHA-256 of its `checksums.sha256`, which lists every other file.
        counts: number of rows of each table.
        bytes: size of all its files.
        withdrew: MEP numbers of what it withdrew.
        purged: MEP numbers whose bytes were removed from it later; they are named before that is done.
        accepted: why it was released although it is worse than the floors allow; None where it is not.
    """

    version: str
    date: str
    digest: str
    counts: Mapping[str, int]
    bytes: int
    withdrew: tuple[int, ...] = ()
    purged: tuple[int, ...] = ()
    accepted: str | None = None


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every release of a dataset at a target, oldest first."""

    name: str
    releases: tuple[ReleaseEntry, ...] = ()

    def find(self, version: str = "latest") -> ReleaseEntry:
        """The release that a version or alias names: `1.2.3`, `1.2`, `1` or `latest`.

        Raises:
            UsageError: there is none; the hint names those that are.
        """
        for release in reversed(self.releases):
            if version in ("latest", *aliases(release.version)):
                return release
        there = ", ".join(release.version for release in self.releases) or "none"
        raise UsageError(f"there is no release {version!r} of {self.name}", hint=f"Releases there: {there}.")

    def to_json(self) -> str:
        """The text of `releases.json`, with aliases written out for readers that do not compute them."""
        found = {"latest": self.releases[-1].version} if self.releases else {}
        for release in self.releases:
            found |= dict.fromkeys(aliases(release.version)[1:], release.version)
        document = {
            "name": self.name,
            "aliases": dict(sorted(found.items())),
            "releases": [asdict(release) for release in self.releases],
        }
        return json_text(document)


def parse_ledger(text: str | bytes) -> Ledger:
    """A ledger from the text of `releases.json`.

    Raises:
        DontspyError: the text is no ledger.
    """
    try:
        document: dict[str, Any] = json.loads(text)
        releases = [
            ReleaseEntry(**{**one, "withdrew": tuple(one["withdrew"]), "purged": tuple(one["purged"])})
            for one in document["releases"]
        ]
        return Ledger(document["name"], tuple(sorted(releases, key=lambda one: version_key(one.version))))
    except (ValueError, KeyError, TypeError) as error:
        raise DontspyError(
            f"{LEDGER} is damaged: {type(error).__name__} {error}",
            hint="It is written by dontspy-data publish; restore it from a copy or publish again.",
        ) from error
