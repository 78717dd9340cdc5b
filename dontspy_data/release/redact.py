"""A release that was made before something was withdrawn, without what was withdrawn."""

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dontspy_data.errors import DontspyError
from dontspy_data.formats.write import write_formats
from dontspy_data.model.withdrawals import Withdrawals
from dontspy_data.package.digests import DELTA, sha256_of
from dontspy_data.package.open import Package
from dontspy_data.package.paths import picture_file
from dontspy_data.package.write import arrow_schema, write_arrow
from dontspy_data.release.changelog import read_changelog, without, write_changelog
from dontspy_data.release.delta import delta_without

Rows = dict[str, list[dict[str, Any]]]


class Redaction:
    """A release, and what of it is withdrawn.

    Attributes:
        release: as it was; its tables, portraits, crops, changelog and delta are read, of what is not withdrawn.
        withdrawn: everything withdrawn so far.
        people: of whom something is removed.
    """

    def __init__(self, release: Package, withdrawn: Withdrawals) -> None:
        """Read the tables of a release.

        Raises:
            DontspyError: the release is damaged.
        """
        self.release = release
        self.withdrawn = withdrawn
        whole = _read(release)
        self.people = frozenset(
            row["mep_id"]
            for name, rows in whole.items()
            for row in rows
            if row.get("mep_id") in withdrawn.people and withdrawn.hides_row(name, row)
        )
        self._kept = {
            name: [row for row in rows if not withdrawn.hides_row(name, row)] for name, rows in whole.items()
        }

    def write(self, folder: Path) -> Package:
        """Write the release without what is withdrawn, every format of it anew.

        Args:
            folder: a new one.

        Raises:
            DontspyError: the release is damaged.
        """
        release, withdrawn = self.release, self.withdrawn
        folder.mkdir()
        kept = {**self._kept, "withdrawals": [asdict(row) for row in withdrawn.rows]}
        only_portraits = (withdrawn.people - withdrawn.persons) & self.people
        kept["portraits"] = _with_withdrawn(release, kept, only_portraits)
        _write_tables(release, kept, folder)
        _copy_pictures(release, kept, folder)
        write_changelog(without(read_changelog(release.folder), withdrawn), folder)
        delta = (release.folder / DELTA).read_bytes().decode("utf-8", errors="replace")
        (folder / DELTA).write_text(delta_without(delta, withdrawn), encoding="utf-8", newline="\n")
        return write_formats(Package(folder, release.descriptor, release.tables))


def _read(release: Package) -> Rows:
    try:
        return {table.name: release.read(table.name).to_pylist() for table in release.tables}
    except DontspyError as error:
        raise DontspyError(
            f"the tables of {release.descriptor['version']} cannot be read: {error}",
            hint="Publish a whole copy of that release again, or remove it from the target.",
        ) from error


def _with_withdrawn(release: Package, kept: Rows, people: Iterable[int]) -> list[dict[str, Any]]:
    """Return the rows of `portraits`, with one for each person whose portraits are withdrawn that says so."""
    names = [field.name for field in release.table("portraits").fields]
    said = {row["mep_id"] for row in kept["portraits"] if row["status"] == "withdrawn"}
    rows = [
        {
            **dict.fromkeys(names),
            "portrait_id": f"{mep_id}-withdrawn",
            "mep_id": mep_id,
            "status": "withdrawn",
            "is_current": True,
        }
        for mep_id in set(people) - said
    ]
    return sorted([*kept["portraits"], *rows], key=lambda row: (row["mep_id"], row["portrait_id"]))


def _write_tables(release: Package, rows: Rows, folder: Path) -> None:
    import pyarrow as pa

    (folder / "data").mkdir()
    for table in release.tables:
        arrow = pa.Table.from_pylist(rows[table.name], schema=arrow_schema(table))
        write_arrow(table, arrow, folder / "data")


def _copy_pictures(release: Package, rows: Rows, folder: Path) -> None:
    digests: Mapping[str, str] = {row["path"]: row["sha256"] for row in rows["portraits"] if row["path"]}
    crops = {row["crop_path"] for row in rows["faces"] if row["crop_path"]}
    for path in sorted({*digests, *crops}):
        source = picture_file(release.folder, path)
        if not source.is_file():
            raise DontspyError(
                f"{release.descriptor['version']} has no file {path}, which its tables name",
                hint="Publish a whole copy of that release again, or remove it from the target.",
            )
        if path in digests and sha256_of(source) != digests[path]:
            raise DontspyError(
                f"{path} of {release.descriptor['version']} does not have the digest that `portraits` gives",
                hint="Publish a whole copy of that release again, or remove it from the target.",
            )
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, folder / path)
