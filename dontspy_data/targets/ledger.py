"""What is published at a target, and what lies where: the ledger, and the list of files of each release.

A target holds one folder per release, named after its version, and the ledger beside them, `releases.json`:

    releases.json
    1.0.0/manifest.json, 1.0.0/datapackage.json, 1.0.0/data/meps.parquet, …
    1.1.0/…
    objects/00/00f1…

Only what the ledger lists is published, whatever else lies there.

In the layout `OBJECTS`, a picture lies under `objects/` by its digest, so that a target stores it once, however
many releases show it; every other file lies in the release's folder, under its own name. `VERSION/manifest.json`
lists all of them: path, SHA-256, size in bytes, and the object of a picture. The ledger has no digest of the manifest:
its paths and digests must be those of `checksums.sha256`, and of that the ledger has the digest. Where hard links cost
nothing, in folders, pictures also have their own names in the release's folder.

In the layout `FOLDERS`, of older releases and of the Hub, all files lie in the release's folder, and
`VERSION/checksums.sha256` is read in place of the manifest.

Files that are made from others are stored for the newest release of each MAJOR version only; see `Ledger.stores`.

The journal of a purge, `VERSION/checksums.sha256.purge`, says what files of a release may lie at a target while the
release is being rewritten. It is there from the first file that a purge removes until the ledger has the release's new
digest. Its lines are those of `checksums.sha256`, and a path may be listed with several digests: a purge that was
stopped may be followed by one that withdraws more. A file with neither a digest of the release nor one of the journal
is refused, so that a purge signs nothing that somebody else put there.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any

from dontspy_data.errors import UsageError
from dontspy_data.model.texts import JsonValue, read_json
from dontspy_data.package.files import (
    CHECKSUMS,
    LARGEST,
    WHOLE,
    checksums_text,
    is_inside,
    is_made,
    is_picture,
    json_text,
)
from dontspy_data.package.open import COLUMN, MOST_TABLES, VERSION, day
from dontspy_data.release.version import aliases, version_key

if TYPE_CHECKING:
    from dontspy_data.targets.target import Target

LEDGER = "releases.json"
MANIFEST = "manifest.json"
OBJECT_FOLDER = "objects"
JOURNAL = f"{CHECKSUMS}.purge"
HINT = "It is written by dontspy-data publish; restore it from a copy or publish again."
DIGEST = re.compile(r"[0-9a-f]{64}")
MOST_RELEASES = 10_000
MOST_PEOPLE = 100_000
MOST_FILES = 1_000_000


class Layout(IntEnum):
    """Where the files of a release lie at a target; see `dontspy_data.targets.ledger`."""

    FOLDERS = 1  # all in the release's folder
    OBJECTS = 2  # pictures by their digests, so that releases share them


@dataclass(frozen=True, slots=True)
class ReleaseEntry:
    """What the ledger says about one release.

    Attributes:
        version: `MAJOR.MINOR.PATCH`; also the name of its folder.
        date: day of its latest data, `YYYY-MM-DD`.
        digest: SHA-256 of its `checksums.sha256`, which lists every other file.
        counts: number of rows of each table.
        bytes: size of all its files.
        withdrew: MEP numbers of what it withdrew.
        purged: MEP numbers whose bytes were removed from it later; they are named before the removal.
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
            UsageError: there is no such release; the hint names those that are.
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
        """Return whether a target must hold a release's files made from others: only for the newest of its MAJOR."""
        return self.find(version.partition(".")[0]).version == version

    def with_entry(self, entry: ReleaseEntry) -> "Ledger":
        """Return the ledger with an entry added, or replaced if it has the version."""
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


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a published release, but the lists themselves.

    Attributes:
        checksums: text of its `checksums.sha256`.
        digests: SHA-256 by path.
        objects: where files outside the release's folder lie below the target, by path.
        sizes: bytes by path; empty in the layout `FOLDERS`.
    """

    checksums: bytes
    digests: Mapping[str, str]
    objects: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)

    def below(self, target: "Target", version: str) -> "Target":
        """Return the release as a target of its own, where every path leads to the file itself."""
        elsewhere = {path: f"{target.root}/{place}" for path, place in self.objects.items()}
        return target.below(version, elsewhere)

    def to_manifest(self, version: str) -> str:
        """Return the text of the release's `manifest.json`: one file per line, sorted."""
        lines = (
            json.dumps(
                {"path": path, "sha256": self.digests[path], "bytes": self.sizes[path], **self._object(path)}
            )
            for path in sorted(self.digests)
        )
        return f'{{"version": {json.dumps(version)}, "files": [\n' + ",\n".join(lines) + "\n]}\n"

    def _object(self, path: str) -> dict[str, str]:
        return {"object": self.objects[path]} if path in self.objects else {}


@dataclass(frozen=True, slots=True)
class Journal:
    """Digests that files of a release may have other than those that it was published with."""

    digests: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def allowing(self, digests: Mapping[str, str]) -> "Journal":
        """Return the journal with one more digest for each path."""
        more = {path: self.digests.get(path, frozenset()) | {digest} for path, digest in digests.items()}
        return Journal({**self.digests, **more})

    def allowed(self, digests: Mapping[str, str]) -> dict[str, frozenset[str]]:
        """Return the digests that each file of a release may have.

        Args:
            digests: that it was published with, by path.
        """
        return {path: frozenset({digest, *self.digests.get(path, ())}) for path, digest in digests.items()}

    def to_text(self) -> str:
        """Return the journal's text: a line for each path and digest."""
        return "".join(
            f"{digest}  {path}\n" for path in sorted(self.digests) for digest in sorted(self.digests[path])
        )


def release_entry(about: Mapping[str, Any], digest: str, size: int) -> ReleaseEntry:
    """Return the ledger's entry for a release.

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
        MalformedError: the text is not a ledger.
    """
    document = read_json(text, LEDGER, hint=HINT)
    releases = tuple(_entry(one) for one in document["releases"].items(MOST_RELEASES))
    if len({one.version for one in releases}) != len(releases):
        document["releases"].fail("has a version twice")
    name = document["name"].text(longest=200)
    return Ledger(name, tuple(sorted(releases, key=lambda one: version_key(one.version))))


def new_listing(layout: Layout, digests: Mapping[str, str], sizes: Mapping[str, int]) -> Listing:
    """Return the listing of a release that is being published.

    Args:
        layout: of the release.
        digests: SHA-256 of every file by path, with or without `checksums.sha256`.
        sizes: bytes by path.
    """
    listed = {path: digest for path, digest in digests.items() if path != CHECKSUMS}
    text = checksums_text(listed).encode()
    if layout == Layout.FOLDERS:
        return Listing(text, listed)
    objects = {path: object_of(digest) for path, digest in listed.items() if is_picture(path)}
    return Listing(text, listed, objects, sizes)


def object_of(digest: str) -> str:
    """Return where a picture lies by its SHA-256, below the target."""
    return f"{OBJECT_FOLDER}/{digest[:2]}/{digest}"


def listing_file(entry: ReleaseEntry) -> str:
    """Return the name of the file that lists a release's files."""
    return CHECKSUMS if entry.layout == Layout.FOLDERS else MANIFEST


def parse_manifest(body: bytes, where: str) -> Listing:
    """Read a manifest alone; its content is not verified.

    Args:
        body: text of `manifest.json`.
        where: the release is, for people.

    Raises:
        MalformedError: it is not a manifest, names a file twice, or leads out of the target.
    """
    document = read_json(body, f"{where}/{MANIFEST}", largest=LARGEST, hint=WHOLE)
    digests: dict[str, str] = {}
    objects: dict[str, str] = {}
    sizes: dict[str, int] = {}
    for one in document["files"].items(MOST_FILES):
        path = _path(one["path"])
        if path in digests:
            one.fail("is listed twice")
        digests[path], sizes[path] = one["sha256"].text(DIGEST), one["bytes"].whole()
        if place := one.get("object"):
            objects[path] = _path(place)
    return Listing(checksums_text(digests).encode(), digests, objects, sizes)


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
    if not COLUMN.fullmatch(name):
        value.fail("is not a table name")
    return name


def _people(value: JsonValue | None) -> tuple[int, ...]:
    return tuple(one.whole(least=1) for one in value.items(MOST_PEOPLE)) if value else ()


def _path(value: JsonValue) -> str:
    path = value.text(longest=1000)
    if not is_inside(path):
        value.fail("leads outside the folder")
    return path
