"""Purging: removing what is withdrawn from the releases that are published already.

One release after the other is rewritten without it, under its own version: its tables and texts are fetched and
verified; the ledger names whose bytes will be removed; their pictures, and files made from others, are
removed; then tables that name them and the documents are rewritten. Other people's pictures stay where they are, and
are fetched only to make the inline pictures of a release that has them. A picture that also belongs to somebody who is
not withdrawn, in any release, stays among the objects.

So a purge that fails leaves as little as possible, and the next one continues from its journal (see
`dontspy_data.targets.ledger`). Meanwhile a reader who checks digests finds the release changed, and the error says to
try again.
"""

import shutil
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.formats.write import write_formats
from dontspy_data.model.problems import Progress
from dontspy_data.model.schema import Table
from dontspy_data.model.texts import MalformedError
from dontspy_data.model.withdrawals import Withdrawals
from dontspy_data.package.files import (
    CHECKSUMS,
    DELTA,
    DESCRIPTOR,
    all_digests,
    is_picture,
    person_shown,
    picture_file,
    sha256_of,
    sizes_there,
)
from dontspy_data.package.open import Package, open_package
from dontspy_data.package.write import TableWriter, arrow_schema, csv_parts
from dontspy_data.release.changelog import read_changelog, without, write_changelog
from dontspy_data.release.row_changes import delta_without, withdrawals_of
from dontspy_data.targets.files import (
    DamagedError,
    download,
    is_compared,
    read_journal,
    read_listing,
    side_by_side,
)
from dontspy_data.targets.ledger import Journal, Ledger, Listing, ReleaseEntry, release_entry
from dontspy_data.targets.target import Commit, ConflictError, MissingError, Target, TargetWriter

if TYPE_CHECKING:
    import pyarrow as pa

HINT = "Publish a whole copy of that release again, or remove it from the target."
WITHDRAWN = "data/withdrawals.parquet"
REFUSED = (DamagedError, MalformedError, MissingError)


class PurgeError(DontspyError):
    """Releases that could not be purged, since they are damaged, and not by an interrupted purge.

    Attributes:
        refused: why, by version.
        purged: versions that were purged nevertheless.
    """

    def __init__(self, refused: Mapping[str, DontspyError], purged: tuple[str, ...]) -> None:
        super().__init__(
            "; ".join(f"{version} was not purged: {error}" for version, error in refused.items())
            + (f". Purged: {', '.join(purged)}" if purged else ""),
            hint="Publish a whole copy of that release again, which restores the file; then purge again.",
        )
        self.refused = refused
        self.purged = purged


class Redaction:
    """A release, and what is withdrawn from it.

    Attributes:
        release: as before; its tables, changelog, delta and available pictures are read.
        withdrawn: everything withdrawn so far.
        people: those whose rows or pictures are removed.
        kept: names of the tables that stay unchanged.
    """

    def __init__(self, release: Package, withdrawn: Withdrawals) -> None:
        """Read the tables of a release, a batch of rows at a time.

        Raises:
            DontspyError: the release is damaged.
        """
        self.release = release
        self.withdrawn = withdrawn
        people: set[int] = set()
        changed: set[str] = {"withdrawals"} if release.find("withdrawals") else set()
        for table in release.tables:
            for rows in self._batches(table):
                hidden = [row for row in rows if withdrawn.hides_row(table.name, row)]
                if hidden:
                    changed.add(table.name)
                people.update(row["mep_id"] for row in hidden if row.get("mep_id") in withdrawn.people)
        self.people = frozenset(people)
        if self._only_portraits:
            changed.add("portraits")
        self.kept = frozenset(table.name for table in release.tables) - changed

    def write(
        self, folder: Path, *, with_made: bool = True, elsewhere: Mapping[str, str] | None = None
    ) -> Package:
        """Write the release without what is withdrawn.

        Tables that name nobody who is withdrawn keep their bytes.

        Args:
            folder: a new one.
            with_made: whether to write what is made from tables and pictures, which needs all pictures.
            elsewhere: SHA-256 by path of pictures that stay at the target and are not here; None if all are here.

        Raises:
            DontspyError: the release is damaged.
        """
        release, withdrawn = self.release, self.withdrawn
        folder.mkdir()
        (folder / "data").mkdir()
        for table in release.tables:
            self._write_table(table, folder / "data")
        kept = Package(folder, release.descriptor, release.tables)
        there = self._place_pictures(kept, elsewhere)
        write_changelog(without(read_changelog(release.folder), withdrawn), folder)
        delta = (release.folder / DELTA).read_bytes().decode("utf-8", errors="replace")
        (folder / DELTA).write_text(delta_without(delta, withdrawn), encoding="utf-8", newline="\n")
        return write_formats(kept, with_made=with_made, elsewhere=there)

    @cached_property
    def _only_portraits(self) -> frozenset[int]:
        """The people of whom only portraits are withdrawn, and who have no row that says so yet."""
        people = (self.withdrawn.people - self.withdrawn.persons) & self.people
        if not people:
            return people
        with self._readable():
            said = self.release.read("portraits", ["mep_id", "status"]).to_pylist()
        return people - {row["mep_id"] for row in said if row["status"] == "withdrawn"}

    def _batches(self, table: Table) -> Iterator[list[dict[str, Any]]]:
        with self._readable():
            for batch in self.release.batches(table.name):
                yield batch.to_pylist()

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Name the release in the error for a table that cannot be read."""
        try:
            yield
        except DontspyError as error:
            raise DontspyError(
                f"the tables of {self.release.descriptor['version']} cannot be read: {error}", hint=HINT
            ) from error

    def _write_table(self, table: Table, folder: Path) -> None:
        if table.name in self.kept:
            name = f"{table.name}.parquet"
            shutil.copyfile(self.release.folder / "data" / name, folder / name)
            with (folder / f"{table.name}.csv").open("wb") as stream:
                stream.writelines(csv_parts(table.columns, self.release.batches(table.name)))
        else:
            with TableWriter(table, folder) as writer:
                for rows in self._kept(table):
                    writer.add_arrow(rows)

    def _kept(self, table: Table) -> "Iterator[pa.Table]":
        """Yield a changed table's new rows in batches."""
        import pyarrow as pa

        schema = arrow_schema(table)
        if table.name == "withdrawals":
            yield pa.Table.from_pylist([asdict(row) for row in self.withdrawn.rows], schema=schema)
            return
        kept = (
            pa.Table.from_pylist(
                [row for row in rows if not self.withdrawn.hides_row(table.name, row)], schema=schema
            )
            for rows in self._batches(table)
        )
        if table.name == "portraits" and self._only_portraits:
            said = [_withdrawn_row(table, mep_id) for mep_id in self._only_portraits]
            everything = pa.concat_tables([*kept, pa.Table.from_pylist(said, schema=schema)])
            yield everything.sort_by([("mep_id", "ascending"), ("portrait_id", "ascending")])
        else:
            yield from kept

    def _place_pictures(self, kept: Package, elsewhere: Mapping[str, str] | None) -> dict[str, str]:
        """Copy the pictures that the tables name; return the digests of those that are not here."""
        portraits = kept.read("portraits", ["path", "sha256"]).to_pylist()
        digests: dict[str, str] = {row["path"]: row["sha256"] for row in portraits if row["path"]}
        crops = {path for path in kept.read("faces", ["crop_path"])["crop_path"].to_pylist() if path}
        there: dict[str, str] = {}
        for path in sorted({*digests, *crops}):
            if elsewhere is not None:
                there[path] = self._require(path, elsewhere.get(path), digests.get(path))
                continue
            source = picture_file(self.release.folder, path)
            self._require(path, sha256_of(source) if source.is_file() else None, digests.get(path))
            (kept.folder / path).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, kept.folder / path)
        return there

    def _require(self, path: str, digest: str | None, said: str | None) -> str:
        """Return a picture's digest; raise DontspyError if it is missing or differs from the one in `portraits`."""
        version = self.release.descriptor["version"]
        if digest is None:
            raise DontspyError(f"{version} has no file {path}, which its tables name", hint=HINT)
        if said is not None and digest != said:
            raise DontspyError(
                f"{path} of {version} does not have the digest that `portraits` gives", hint=HINT
            )
        return digest


@dataclass(frozen=True, slots=True)
class DueRelease:
    """A published release of which something is to be removed.

    Attributes:
        entry: in the ledger.
        listing: of its files.
        begun: what a purge of it that was stopped left; None if there was none.
        with_made: whether the target stores what is made from its other files.
        pictures: paths of those that it goes on to show.
    """

    entry: ReleaseEntry
    listing: Listing
    begun: Journal | None
    with_made: bool
    pictures: frozenset[str]

    @property
    def sources(self) -> frozenset[str]:
        """Paths of its tables and texts."""
        return frozenset(path for path in self.listing.digests if is_compared(path))

    @property
    def elsewhere(self) -> dict[str, str]:
        """SHA-256 by path of pictures that need not be brought here: their sizes come from the manifest."""
        is_enough = self.listing.sizes and not self.with_made
        return {path: self.listing.digests[path] for path in self.pictures} if is_enough else {}


def require_purge(writer: TargetWriter) -> None:
    """Raise `UsageError` if files of published releases cannot be removed at a target."""
    if not writer.can_rewrite:
        raise UsageError(
            f"files of releases that are published at {writer.target.url} cannot be removed by a program",
            hint="Publish the new release, and ask the operators to remove the files of the earlier ones.",
        )


def purge(writer: TargetWriter, withdrawn: Withdrawals, progress: Progress | None = None) -> tuple[str, ...]:
    """Remove what is withdrawn from every release at a target.

    A purge that was stopped is completed by the next one.

    Args:
        writer: of the target.
        withdrawn: everything withdrawn so far.
        progress: receives (done, total) of the releases.

    Returns:
        The versions that were changed.

    Raises:
        UsageError: nothing can be removed there.
        ConflictError: somebody else is publishing, or was faster.
        PurgeError: releases there are damaged; all others are purged.
        DontspyError: the target failed or says no.
    """
    require_purge(writer)
    due = [one.version for one in writer.state().ledger.releases if _is_due(writer.target, one, withdrawn)]
    if not due:
        writer.forget_history()
        return ()
    changed: list[str] = []
    refused: dict[str, DontspyError] = {}
    with writer.lock(f"purge of {', '.join(due)}", sha256(withdrawn.to_csv().encode()).hexdigest()):
        shown = _shown_by_right(writer, withdrawn)
        for number, version in enumerate(due, start=1):
            try:
                if _purge_release(writer, version, withdrawn, shown):
                    changed.append(version)
            except REFUSED as error:
                refused[version] = error
            if progress:
                progress(number, len(due))
        writer.forget_history()
    if refused:
        raise PurgeError(refused, tuple(changed))
    return tuple(changed)


def _is_due(target: Target, entry: ReleaseEntry, withdrawn: Withdrawals) -> bool:
    """Return whether a release may show something withdrawn, or a purge of it was begun."""
    if read_journal(target, entry.version) is not None:
        return True
    try:
        listing = read_listing(target, entry)
        with TemporaryDirectory(prefix="dontspy-data-") as folder:
            old = _bring(target, entry, listing, Journal(), (WITHDRAWN, DESCRIPTOR), Path(folder))
            known = {(row.mep_id, row.scope) for row in withdrawals_of(old).rows}
            return not {(row.mep_id, row.scope) for row in withdrawn.rows} <= known
    except (*REFUSED, KeyError):  # it has no such table, or is damaged, which its purge reports
        return True


def _shown_by_right(writer: TargetWriter, withdrawn: Withdrawals) -> frozenset[str]:
    """Return the objects that releases list as pictures of people who are not withdrawn."""
    found: set[str] = set()
    for entry in writer.state().ledger.releases:
        with suppress(*REFUSED):
            objects = read_listing(writer.target, entry).objects
            found.update(
                place for path, place in objects.items() if person_shown(path) not in withdrawn.people
            )
    return frozenset(found)


def _bring(
    target: Target,
    entry: ReleaseEntry,
    listing: Listing,
    journal: Journal,
    paths: Iterable[str],
    folder: Path,
) -> Package:
    """Fetch files of a release that may be half purged, verifying each by its possible digests."""
    origin, digests = listing.below(target, entry.version), journal.allowed(listing.digests)
    side_by_side(lambda path: download(origin, path, digests[path], folder / path), list(paths))
    return open_package(folder)


def _purge_release(
    writer: TargetWriter, version: str, withdrawn: Withdrawals, shown: Collection[str]
) -> bool:
    """Purge one release; return whether that changed it."""
    state = writer.state()
    due = _find_due(writer.target, state.ledger, version, withdrawn)
    with TemporaryDirectory(prefix="dontspy-data-") as folder:
        paths = due.sources | (due.pictures - due.elsewhere.keys())
        old = _bring(
            writer.target, due.entry, due.listing, due.begun or Journal(), paths, Path(folder, "old")
        )
        redaction = Redaction(old, withdrawn)
        marked = replace(due.entry, purged=tuple(sorted({*due.entry.purged, *redaction.people})))
        state = writer.begin_purge(
            version,
            state.ledger.with_entry(marked),
            {*due.sources, *due.pictures, *(f"data/{name}.csv" for name in redaction.kept)},
            {place for place in _objects_of(due.listing, withdrawn.people) if place not in shown},
            state,
        )
        new = redaction.write(Path(folder, "new"), with_made=due.with_made, elsewhere=due.elsewhere or None)
        commit = _purged(due, marked, new, redaction.kept, state.ledger)
        writer.commit(commit, state)
    return commit.ledger.get(version) != due.entry


def _find_due(target: Target, ledger: Ledger, version: str, withdrawn: Withdrawals) -> DueRelease:
    entry = ledger.get(version)
    if entry is None:
        raise ConflictError(f"{target.url} has no release {version} any more", hint="Purge again.")
    begun = read_journal(target, version)
    listing = read_listing(target, entry, begun.digests.get(CHECKSUMS, ()) if begun else ())
    pictures = frozenset(
        path for path in listing.digests if is_picture(path) and person_shown(path) not in withdrawn.people
    )
    return DueRelease(entry, listing, begun, ledger.stores_made(version), pictures)


def _objects_of(listing: Listing, people: Collection[int]) -> Iterator[str]:
    """Yield the objects that a release lists as pictures of some people."""
    return (place for path, place in listing.objects.items() if person_shown(path) in people)


def _purged(
    due: DueRelease, marked: ReleaseEntry, new: Package, kept: Iterable[str], ledger: Ledger
) -> Commit:
    """Return what is to be sent of a release that was written anew.

    Args:
        due: the release as it was.
        marked: its entry, with everybody whose bytes are removed.
        new: what was written; files that the target has are removed from it.
        kept: names of the tables that stay unchanged.
        ledger: of the target.
    """
    digests = all_digests(new.folder)
    sizes = {**due.listing.sizes, **sizes_there(new.folder, digests)}
    entry = replace(
        release_entry(new.descriptor, digests[CHECKSUMS], sum(sizes[path] for path in digests)),
        withdrew=marked.withdrew,
        purged=marked.purged,
        accepted=marked.accepted,
        layout=marked.layout,
    )
    if due.begun is None:  # unchanged files are at the target and need not be sent
        for path in (f"data/{name}.{end}" for name in kept for end in ("csv", "parquet")):
            if digests[path] == due.listing.digests[path]:
                (new.folder / path).unlink()
    return Commit(marked.version, digests, new.folder, ledger.with_entry(entry), sizes=sizes, is_purge=True)


def _withdrawn_row(portraits: Table, mep_id: int) -> dict[str, Any]:
    """Return the row of `portraits` that says that a person's portraits are withdrawn."""
    return {
        **dict.fromkeys(portraits.columns),
        "portrait_id": f"{mep_id}-withdrawn",
        "mep_id": mep_id,
        "status": "withdrawn",
        "is_current": True,
    }
