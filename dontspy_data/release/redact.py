"""A release that was made before something was withdrawn, without what was withdrawn."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dontspy_data.errors import DontspyError
from dontspy_data.formats.write import write_formats
from dontspy_data.model.schema import Table
from dontspy_data.model.withdrawals import Withdrawals
from dontspy_data.package.digests import DELTA, picture_file, sha256_of
from dontspy_data.package.open import Package
from dontspy_data.package.write import TableWriter, arrow_schema, csv_parts
from dontspy_data.release.changelog import read_changelog, without, write_changelog
from dontspy_data.release.row_changes import delta_without

if TYPE_CHECKING:
    import pyarrow as pa

HINT = "Publish a whole copy of that release again, or remove it from the target."


class Redaction:
    """A release, and what of it is withdrawn.

    Attributes:
        release: as it was; its tables, changelog and delta are read, and those pictures that are there.
        withdrawn: everything withdrawn so far.
        people: of whom something is removed.
        changed: names of the tables that are not what they were.
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
        self.changed = frozenset({*changed, "portraits"} if self._only_portraits else changed)

    def write(
        self, folder: Path, *, with_made: bool = True, elsewhere: Mapping[str, str] | None = None
    ) -> Package:
        """Write the release without what is withdrawn.

        Tables that name nobody who is withdrawn keep their bytes.

        Args:
            folder: a new one.
            with_made: whether to write what is made from tables and pictures, which needs all pictures.
            elsewhere: SHA-256 by path of pictures that are not here and stay where they are; None if all are here.

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
        """The people whose portraits alone are withdrawn, and of whom there is no row yet that says so."""
        people = (self.withdrawn.people - self.withdrawn.persons) & self.people
        if not people:
            return people
        said = self._read("portraits", ["mep_id", "status"]).to_pylist()
        return people - {row["mep_id"] for row in said if row["status"] == "withdrawn"}

    def _batches(self, table: Table) -> Iterator[list[dict[str, Any]]]:
        with self._readable():
            for batch in self.release.batches(table.name):
                yield batch.to_pylist()

    def _read(self, name: str, columns: list[str] | None = None) -> "pa.Table":
        with self._readable():
            return self.release.read(name, columns)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        """Say of which release a table cannot be read."""
        try:
            yield
        except DontspyError as error:
            raise DontspyError(
                f"the tables of {self.release.descriptor['version']} cannot be read: {error}", hint=HINT
            ) from error

    def _write_table(self, table: Table, folder: Path) -> None:
        if table.name not in self.changed:
            name = f"{table.name}.parquet"
            shutil.copyfile(self.release.folder / "data" / name, folder / name)
            with (folder / f"{table.name}.csv").open("wb") as stream:
                stream.writelines(csv_parts(table, self.release.batches(table.name)))
        else:
            with TableWriter(table, folder) as writer:
                for rows in self._kept(table):
                    writer.add_arrow(rows)

    def _kept(self, table: Table) -> "Iterator[pa.Table]":
        """Yield a changed table's rows as they are from now on, some at a time."""
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
        """Return a picture's digest if it is there, and the one that `portraits` gives."""
        version = self.release.descriptor["version"]
        if digest is None:
            raise DontspyError(f"{version} has no file {path}, which its tables name", hint=HINT)
        if said is not None and digest != said:
            raise DontspyError(
                f"{path} of {version} does not have the digest that `portraits` gives", hint=HINT
            )
        return digest


def _withdrawn_row(portraits: Table, mep_id: int) -> dict[str, Any]:
    """Return the row of `portraits` that says that a person's portraits are withdrawn."""
    return {
        **dict.fromkeys(portraits.columns),
        "portrait_id": f"{mep_id}-withdrawn",
        "mep_id": mep_id,
        "status": "withdrawn",
        "is_current": True,
    }
