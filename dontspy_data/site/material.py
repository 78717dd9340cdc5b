"""What a site is made from: a package's tables, and the releases beside it where there are any."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dontspy_data.check.check import open_whole
from dontspy_data.errors import UsageError
from dontspy_data.package.files import CHANGELOG, DESCRIPTOR, sha256_of
from dontspy_data.package.open import Package
from dontspy_data.targets.ledger import LEDGER, ReleaseEntry, parse_ledger

PACKAGE, AUDIT = "package", "audit"
PICTURE_VARIED = "picture"
"""Of the audit's variants, those in which the picture was changed, not the way in which the software is used."""
Row = Mapping[str, Any]
"""A row of a table, by column; what a cell can hold is said by the table's schema."""


@dataclass(frozen=True)
class Material:
    """A package and what goes with it.

    Attributes:
        package: what the site is about.
        audit: an audit of that package, whose tables join in; None if there is none.
        releases: what the ledger beside the package lists, latest first.
        changelogs: Markdown by version, where a release has one.
        bundle: the package as one ZIP, where the site has it; None where files of it were not downloaded.
    """

    package: Package
    audit: Package | None
    releases: tuple[ReleaseEntry, ...]
    changelogs: Mapping[str, str]
    bundle: Path | None = None

    @property
    def places(self) -> Mapping[str, Package]:
        """The package and its audit, by their folders in the site."""
        return {PACKAGE: self.package, **({AUDIT: self.audit} if self.audit else {})}

    @property
    def version(self) -> str | None:
        """The package's version; None if it is not released."""
        version: str | None = self.package.descriptor.get("version")
        return version

    @property
    def created(self) -> str:
        """Day of the latest answer in the package, `YYYY-MM-DD`."""
        return str(self.package.descriptor["created"])[:10]

    def rows(self, table: str) -> Sequence[Row]:
        """Return the rows of a table, in its order; none if no package has it."""
        for package in self.places.values():
            if package.find(table):
                rows: list[Row] = package.read(table).to_pylist()
                return rows
        return ()

    def guesses_at_changed_pictures(self) -> Sequence[Row]:
        """Return the audit's answers to changed pictures; the rows of all other labels and choices are many more."""
        if not self.audit or not self.audit.find("attribution_variants"):
            return ()
        import pyarrow.compute as pc

        table = self.audit.read("attribution_variants")
        wanted = pc.and_(table["is_answer"], pc.equal(table["varied"], PICTURE_VARIED))
        rows: list[Row] = table.filter(wanted).to_pylist()
        return rows

    @cached_property
    def countries(self) -> Mapping[str, str]:
        """English names of countries by code."""
        return {row["code"]: row["name_en"] for row in self.rows("countries")}

    @cached_property
    def groups(self) -> Mapping[str, str]:
        """English names of political groups by code, those that sit now first."""
        return {row["code"]: row["name_en"] for row in self.rows("political_groups")}


def open_material(folder: Path, audited: Path | None = None) -> Material:
    """Open a package and its audit, and find the ledger and changelogs of the releases beside it.

    Raises:
        UsageError: a folder is not a package, or the audit is of another one.
        DontspyError: a file of a package is missing, changed, a link or not listed, or the ledger is damaged.
    """
    package, audit = open_whole(folder), open_whole(audited) if audited else None
    if audit:
        _refuse_stranger(package, audit)
    ledger = folder.absolute().parent / LEDGER
    releases = parse_ledger(ledger.read_bytes()).releases if ledger.is_file() else ()
    paths = {release.version: ledger.parent / release.version / CHANGELOG for release in releases}
    if version := package.descriptor.get("version"):
        paths[version] = folder / CHANGELOG
    changelogs = {name: path.read_text("utf-8") for name, path in paths.items() if path.is_file()}
    return Material(package, audit, tuple(reversed(releases)), changelogs)


def rows_by(column: str, rows: Iterable[Row]) -> Mapping[Any, list[Row]]:
    """Return rows by what is in a column; an empty list for anything else."""
    found: defaultdict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found


def _refuse_stranger(package: Package, audit: Package) -> None:
    """Refuse an audit of another release: its guesses may be about portraits that are gone."""
    digest = f"sha256:{sha256_of(package.folder / DESCRIPTOR)}"
    if audit.descriptor.get("release", {}).get("descriptor") != digest:
        raise UsageError(
            f"{audit.folder} is not an audit of {package.folder}: its {DESCRIPTOR} names another release, or none",
            hint=f"Make one with: dontspy-data audit {package.folder} --model MODEL --output FOLDER",
        )
