"""The ledger: `releases.json` at a target's root, which says what is published there.

A target holds one folder a release, named after its version, and the ledger beside them; pictures stand once, by their
SHA-256 (`dontspy_data.targets.manifest`):

    releases.json
    1.0.0/manifest.json, 1.0.0/datapackage.json, 1.0.0/data/meps.parquet, …
    1.1.0/…
    objects/00/00f1…

Whatever the ledger does not list is not published, whatever lies there.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any

from dontspy_data.errors import UsageError
from dontspy_data.model.texts import JsonValue, read_json
from dontspy_data.package.digests import is_made, json_text
from dontspy_data.package.open import VERSION, day
from dontspy_data.release.version import aliases, version_key

LEDGER = "releases.json"
HINT = "It is written by dontspy-data publish; restore it from a copy or publish again."
DIGEST = re.compile(r"[0-9a-f]{64}")
TABLE = re.compile(r"[a-z][a-z0-9_]{0,63}")
MOST_RELEASES = 10_000
MOST_TABLES = 200
MOST_PEOPLE = 100_000


class Layout(IntEnum):
    """Where the files of a release lie at a target; see `dontspy_data.targets.manifest`."""

    FOLDERS = 1  # all in the release's folder
    OBJECTS = 2  # pictures by their digests, so that releases share them


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
        accepted: why it was released although it is worse than the floors allow; None if it is not.
        layout: where its files lie.
    """

    version: str
    date: str
    digest: str
    counts: Mapping[str, int]
    bytes: int
    withdrew: tuple[int, ...] = ()
    purged: tuple[int, ...] = ()
    accepted: str | None = None
    layout: Layout = Layout.FOLDERS


@dataclass(frozen=True, slots=True)
class Ledger:
    """Every release of a dataset at a target, oldest first."""

    name: str
    releases: tuple[ReleaseEntry, ...] = ()

    def find(self, version: str = "latest") -> ReleaseEntry:
        """Return the release that a version or alias names: `1.2.3`, `1.2`, `1` or `latest`.

        Raises:
            UsageError: there is none; the hint names those that are.
        """
        for release in reversed(self.releases):
            if version in ("latest", *aliases(release.version)):
                return release
        there = ", ".join(release.version for release in self.releases) or "none"
        raise UsageError(f"there is no release {version!r} of {self.name}", hint=f"Releases there: {there}.")

    def get(self, version: str) -> ReleaseEntry | None:
        """Return the release of exactly that version; None if there is none."""
        return next((release for release in self.releases if release.version == version), None)

    def stores(self, version: str, path: str) -> bool:
        """Return whether a target must hold a file of a release."""
        return not is_made(path) or self.stores_made(version)

    def stores_made(self, version: str) -> bool:
        """Return whether a target must hold what is made from other files of a release: of the newest of its MAJOR."""
        return self.find(version.partition(".")[0]).version == version

    def with_entry(self, entry: ReleaseEntry) -> "Ledger":
        """Return the ledger with an entry in place of the one of its version, or added."""
        others = (release for release in self.releases if release.version != entry.version)
        return Ledger(self.name, tuple(sorted((*others, entry), key=lambda one: version_key(one.version))))

    def to_json(self) -> str:
        """Return the text of `releases.json`, with aliases written out for readers that do not compute them."""
        found = {"latest": self.releases[-1].version} if self.releases else {}
        for release in self.releases:
            found |= dict.fromkeys(aliases(release.version)[1:], release.version)
        document = {
            "name": self.name,
            "aliases": dict(sorted(found.items())),
            "releases": [asdict(release) for release in self.releases],
        }
        return json_text(document)


def release_entry(about: Mapping[str, Any], digest: str, size: int) -> ReleaseEntry:
    """Return what the ledger says of a release.

    Args:
        about: the release's descriptor.
        digest: SHA-256 of its list of digests.
        size: of all its files, in bytes.
    """
    return ReleaseEntry(
        version=about["version"],
        date=day(about),
        digest=digest,
        counts={resource["name"]: resource["rows"] for resource in about["resources"]},
        bytes=size,
        withdrew=tuple(about["release"]["withdrew"]),
        accepted=about["release"]["accepted"],
    )


def parse_ledger(text: str | bytes) -> Ledger:
    """Read a ledger from the text of `releases.json`.

    Raises:
        MalformedError: the text is no ledger.
    """
    document = read_json(text, LEDGER, hint=HINT)
    releases = tuple(_entry(one) for one in document["releases"].items(MOST_RELEASES))
    if len({one.version for one in releases}) != len(releases):
        document["releases"].fail("has a version twice")
    name = document["name"].text(longest=200)
    return Ledger(name, tuple(sorted(releases, key=lambda one: version_key(one.version))))


def _entry(one: JsonValue) -> ReleaseEntry:
    accepted = one.get("accepted")
    return ReleaseEntry(
        version=one["version"].text(VERSION),
        date=one["date"].day().isoformat(),
        digest=one["digest"].text(DIGEST),
        counts={
            _table(value, name): value.whole() for name, value in one["counts"].members(MOST_TABLES).items()
        },
        bytes=one["bytes"].whole(),
        withdrew=_people(one.get("withdrew")),
        purged=_people(one.get("purged")),
        accepted=accepted.text() if accepted else None,
        layout=_layout(one.get("layout")),
    )


def _layout(value: JsonValue | None) -> Layout:
    if value is None:
        return Layout.FOLDERS
    number = value.whole(least=1)
    if number not in set(Layout):
        value.fail("is a layout that this version of dontspy-data does not know; update it")
    return Layout(number)


def _table(value: JsonValue, name: str) -> str:
    if not TABLE.fullmatch(name):
        value.fail("is no name of a table")
    return name


def _people(value: JsonValue | None) -> tuple[int, ...]:
    return tuple(one.whole(least=1) for one in value.items(MOST_PEOPLE)) if value else ()
