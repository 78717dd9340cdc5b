"""Bringing the files of one release to an object store, those only that are not there already."""

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from dontspy_data.errors import DontspyError
from dontspy_data.targets.files import has_digest
from dontspy_data.targets.ledger import Ledger
from dontspy_data.targets.manifest import read_listing
from dontspy_data.targets.target import Target
from dontspy_data.targets.writer import Commit


class ObjectStore(Protocol):
    """What a place must be able to do beside being read."""

    @property
    def target(self) -> Target:
        """Where it is, for reading."""

    @property
    def has_links(self) -> bool:
        """Whether a file that is made by `link` takes no room of its own."""

    def sizes(self, folder: str) -> Mapping[str, int]:
        """Return the size of every file below a folder, by path below the target."""

    def put(self, path: str, source: Path) -> None:
        """Write a file, whole or not at all, over whatever is there."""

    def link(self, there: str, path: str) -> None:
        """Make a file the same as one that is there, without sending its bytes, over whatever is at `path`."""

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


@dataclass(frozen=True, slots=True)
class Sending:
    """The files of one release on their way to an object store.

    Attributes:
        store: where to.
        commit: the change that they are part of.
        objects: where those lie that do not lie in the release's folder, by path; below the target.
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
            with suppress(DontspyError):  # then it is sent
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
            hint="Try again. If it stays so, the store is damaged.",
        )


def held_by_latest(target: Target, ledger: Ledger, version: str) -> dict[str, str]:
    """Return where the latest release's files lie below the target, by SHA-256; nothing of the release itself."""
    others = [entry for entry in ledger.releases if entry.version != version]
    if not others:
        return {}
    latest = others[-1]
    try:
        listing = read_listing(target, latest)
    except DontspyError:  # it is damaged; nothing is saved by it
        return {}
    return {
        digest: listing.objects.get(path, f"{latest.version}/{path}")
        for path, digest in listing.digests.items()
        if ledger.stores(latest.version, path)
    }
