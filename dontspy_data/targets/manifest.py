"""What lies where of a published release.

In the layout `OBJECTS`, a picture lies under `objects/` by its digest, so that it stands once at a target whatever
number of releases show it; every other file lies in the release's folder, under its own name. `VERSION/manifest.json`
lists all of them: path, SHA-256, size in bytes, and the object of a picture. The ledger has no digest of the manifest:
its paths and digests must be those of `checksums.sha256`, and of that the ledger has the digest. Where hard links cost
nothing, in folders, pictures also stand under their own names in the release's folder.

In the layout `FOLDERS`, of older releases and of the Hub, all files lie in the release's folder, and
`VERSION/checksums.sha256` is read in place of the manifest.

Files that are made from others are stored for the newest release of each MAJOR version only; see `Ledger.stores`.

The journal of a purge, `VERSION/checksums.sha256.purge`, says what files of a release may lie at a target while the
release is being rewritten. It is there from the first file that a purge removes until the ledger has the release's new
digest. Its lines are those of `checksums.sha256`, and a path may stand there with several digests: a purge that was
stopped may be followed by one that withdraws more. Whatever has neither a digest of the release nor one of the journal
is refused, so that a purge signs nothing that somebody else put there.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from dontspy_data.model.texts import JsonValue, read_json
from dontspy_data.package.digests import (
    CHANGELOG,
    CHANGES,
    CHECKSUMS,
    DELTA,
    DESCRIPTOR,
    WHOLE,
    checksums_text,
    is_inside,
    is_picture,
    parse_checksums,
    parse_digest_lines,
)
from dontspy_data.targets.files import DamagedError, ReleaseFiles, has_digest, side_by_side
from dontspy_data.targets.ledger import DIGEST, Layout, Ledger, ReleaseEntry
from dontspy_data.targets.target import MissingError, Target

MANIFEST = "manifest.json"
OBJECT_FOLDER = "objects"
LARGEST = 256 << 20
MOST_FILES = 1_000_000


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a published release, but the lists themselves.

    Attributes:
        checksums: text of its `checksums.sha256`.
        digests: SHA-256 by path.
        objects: where those lie that are not in the release's folder, by path; below the target.
        sizes: bytes by path; empty in the layout `FOLDERS`.
    """

    checksums: bytes
    digests: Mapping[str, str]
    objects: Mapping[str, str] = field(default_factory=dict)
    sizes: Mapping[str, int] = field(default_factory=dict)

    def below(self, target: Target, version: str) -> Target:
        """Return the release as a target of its own, at which every path leads to where that file lies."""
        elsewhere = {path: f"{target.root}/{place}" for path, place in self.objects.items()}
        return target.below(version, elsewhere)

    def to_manifest(self, version: str) -> str:
        """Return the text of the release's `manifest.json`: a file a line, sorted."""
        lines = (
            json.dumps(
                {"path": path, "sha256": self.digests[path], "bytes": self.sizes[path], **self._object(path)}
            )
            for path in sorted(self.digests)
        )
        return f'{{"version": {json.dumps(version)}, "files": [\n' + ",\n".join(lines) + "\n]}\n"

    def _object(self, path: str) -> dict[str, str]:
        return {"object": self.objects[path]} if path in self.objects else {}


def new_listing(layout: Layout, digests: Mapping[str, str], sizes: Mapping[str, int]) -> Listing:
    """Return what lies where of a release that is being published.

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


def parse_listing(body: bytes, entry: ReleaseEntry, where: str, also: Collection[str] = ()) -> Listing:
    """Read a release's list of files, and hold it against the ledger.

    Args:
        body: of the file that `listing_file` names.
        entry: of the release in the ledger.
        where: the release is, for people.
        also: digests that its `checksums.sha256` may have beside the ledger's, while it is being purged.

    Raises:
        DamagedError: the list is not the one that the ledger vouches for.
        MalformedError: it is no such list.
    """
    if entry.layout == Layout.FOLDERS:
        listing = Listing(body, parse_checksums(body, where))
    else:
        listing = parse_manifest(body, where)
    if sha256(listing.checksums).hexdigest() not in {entry.digest, *also}:
        raise DamagedError(listing_file(entry), where)
    return listing


def parse_manifest(body: bytes, where: str) -> Listing:
    """Read a manifest by itself; nothing vouches for what it says.

    Args:
        body: text of `manifest.json`.
        where: the release is, for people.

    Raises:
        MalformedError: it is no manifest, names a file twice, or leads out of the target.
    """
    document = read_json(body, f"{where}/{MANIFEST}", largest=LARGEST, hint=WHOLE)
    digests: dict[str, str] = {}
    objects: dict[str, str] = {}
    sizes: dict[str, int] = {}
    for one in document["files"].items(MOST_FILES):
        path = _path(one["path"])
        if path in digests:
            one.fail("stands there twice")
        digests[path], sizes[path] = one["sha256"].text(DIGEST), one["bytes"].whole()
        if place := one.get("object"):
            objects[path] = _path(place)
    return Listing(checksums_text(digests).encode(), digests, objects, sizes)


def _path(value: JsonValue) -> str:
    path = value.text(longest=1000)
    if not is_inside(path):
        value.fail("is no path in the folder")
    return path


def read_listing(target: Target, entry: ReleaseEntry, also: Collection[str] = ()) -> Listing:
    """Read a published release's list of files; arguments and errors as of `parse_listing`.

    Raises:
        MissingError: there is none.
        UnreachableError: the target does not answer.
    """
    origin = target.below(entry.version)
    return parse_listing(origin.read(listing_file(entry)), entry, origin.url, also)


def wholeness(
    target: Target, ledger: Ledger, entry: ReleaseEntry, listing: Listing
) -> dict[str, bool | None]:
    """Compare every file of a published release with its digest.

    Args:
        target: where it is published.
        ledger: of the target.
        entry: of the release.
        listing: its files.

    Returns:
        By path, whether a file has its digest; None if it is missing. Of a file that the target need not store and does
        not, nothing is said.

    Raises:
        DontspyError: the target cannot be read.
    """
    digests = {**listing.digests, CHECKSUMS: sha256(listing.checksums).hexdigest()}
    release = listing.below(target, entry.version)
    paths = sorted(digests)

    def compare(path: str) -> bool | None:
        found = has_digest(release, path, digests[path])
        own = target.below(entry.version)
        if target.is_local and path in listing.objects and not _is_link(own.path(path), release.path(path)):
            return has_digest(own, path, digests[path]) and found
        return found

    found = dict(zip(paths, side_by_side(compare, paths), strict=True))
    return {
        path: is_same
        for path, is_same in found.items()
        if is_same is not None or ledger.stores(entry.version, path)
    }


def _is_link(path: str, other: str) -> bool:
    return Path(path).exists() and Path(other).exists() and Path(path).samefile(other)


@contextmanager
def fetched_tables(target: Target, entry: ReleaseEntry) -> Iterator[Path]:
    """Yield a folder with what the next release is compared to: descriptor, tables, changelog and delta."""
    listing = read_listing(target, entry)
    with TemporaryDirectory(prefix="dontspy-data-") as folder:
        files = ReleaseFiles(listing.below(target, entry.version), listing.digests, Path(folder))
        files.fetch(path for path in files.digests if is_compared(path))
        yield Path(folder)


def is_compared(path: str) -> bool:
    """Return whether a file of a release is needed to compare the next one with it."""
    return path in (DESCRIPTOR, CHANGELOG, CHANGES, DELTA) or (
        path.startswith("data/") and path.endswith(".parquet")
    )


JOURNAL = f"{CHECKSUMS}.purge"


@dataclass(frozen=True, slots=True)
class Journal:
    """Digests that files of a release may have beside those that it was published with."""

    digests: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def allowing(self, digests: Mapping[str, str]) -> "Journal":
        """Return the journal with a digest more for each path."""
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


def read_journal(target: Target, version: str) -> Journal | None:
    """Return the journal of a release; None if no purge of it was begun.

    Raises:
        MalformedError: it is damaged.
        UnreachableError: the target does not answer.
    """
    try:
        body = target.read(f"{version}/{JOURNAL}")
    except MissingError:
        return None
    found: dict[str, set[str]] = defaultdict(set)
    for path, digest in parse_digest_lines(body, f"{target.url}/{version}/{JOURNAL}"):
        found[path].add(digest)
    return Journal({path: frozenset(digests) for path, digests in found.items()})
