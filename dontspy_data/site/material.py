"""What a site is made from: a package's tables, and the releases beside it where there are any."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from dontspy_data.errors import UsageError
from dontspy_data.package.digests import CHANGELOG, CHECKSUMS, DESCRIPTOR, sha256_of
from dontspy_data.package.open import Package, open_package
from dontspy_data.targets.ledger import LEDGER, ReleaseEntry, parse_ledger

PACKAGE, AUDIT = "package", "audit"
Row = Mapping[str, Any]
"""A row of a table, by column; what a cell can hold is said by the table's schema."""


@dataclass(frozen=True)
class Material:
    """A package and what goes with it.

    Attributes:
        package: what the site is about.
        more: audits of that package, whose tables join in.
        releases: what the ledger beside the package lists, latest first.
        changelogs: Markdown by version, where a release has one.
    """

    package: Package
    more: tuple[Package, ...]
    releases: tuple[ReleaseEntry, ...]
    changelogs: Mapping[str, str]

    @property
    def audits(self) -> Mapping[str, Package]:
        """What joins in, by its folder in the site."""
        return {AUDIT if number == 1 else f"{AUDIT}-{number}": one for number, one in enumerate(self.more, 1)}

    @property
    def places(self) -> Mapping[str, Package]:
        """The package and what joins in, by their folders in the site."""
        return {PACKAGE: self.package, **self.audits}

    @property
    def version(self) -> str | None:
        """The package's version; None where it is not released."""
        version: str | None = self.package.descriptor.get("version")
        return version

    @property
    def created(self) -> str:
        """Day of the latest answer in the package, `YYYY-MM-DD`."""
        return str(self.package.descriptor["created"])[:10]

    def rows(self, table: str) -> Sequence[Row]:
        """The rows of a table, in its order; none where no package has it."""
        for package in self.places.values():
            if any(one.name == table for one in package.tables):
                rows: list[Row] = package.read(table).to_pylist()
                return rows
        return ()

    @cached_property
    def countries(self) -> Mapping[str, str]:
        """English names of countries by code."""
        return {row["code"]: row["name_en"] for row in self.rows("countries")}

    @cached_property
    def groups(self) -> Mapping[str, str]:
        """English names of political groups by code, those that sit now first."""
        return {row["code"]: row["name_en"] for row in self.rows("political_groups")}


def open_material(folder: Path, more: Sequence[Path] = ()) -> Material:
    """Open a package, and find the ledger and changelogs of the releases beside it.

    Raises:
        UsageError: a folder is no package, has a table that another one has, or is about another package.
        DontspyError: a descriptor or the ledger is damaged.
    """
    package, others = open_package(folder), tuple(open_package(path) for path in more)
    _refuse_incomplete((package, *others))
    _refuse_doubles((package, *others))
    _refuse_strangers(package, others)
    ledger = folder.absolute().parent / LEDGER
    releases = parse_ledger(ledger.read_bytes()).releases if ledger.is_file() else ()
    paths = {release.version: ledger.parent / release.version / CHANGELOG for release in releases}
    if version := package.descriptor.get("version"):
        paths[version] = folder / CHANGELOG
    changelogs = {name: path.read_text("utf-8") for name, path in paths.items() if path.is_file()}
    return Material(package, others, tuple(reversed(releases)), changelogs)


def by_person(rows: Sequence[Row]) -> Mapping[int, list[Row]]:
    """Rows by `mep_id`; an empty list for anybody else."""
    found: defaultdict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row["mep_id"]].append(row)
    return found


def _refuse_incomplete(packages: Sequence[Package]) -> None:
    for package in packages:
        if not (package.folder / CHECKSUMS).is_file():
            raise UsageError(
                f"{package.folder} has no {CHECKSUMS}", hint="Make it again, or take a whole copy."
            )


def _refuse_strangers(package: Package, others: Sequence[Package]) -> None:
    """What is said of a portrait may be shown only where that portrait still is: an audit is of one release."""
    digest = f"sha256:{sha256_of(package.folder / DESCRIPTOR)}"
    for other in others:
        if other.descriptor.get("release", {}).get("descriptor") != digest:
            raise UsageError(
                f"{other.folder} is no audit of {package.folder}: its {DESCRIPTOR} names another release, or none",
                hint=f"Make one with: dontspy-data audit {package.folder} --model MODEL --output FOLDER",
            )


def _refuse_doubles(packages: Sequence[Package]) -> None:
    seen: dict[str, Path] = {}
    for package in packages:
        for table in package.tables:
            if table.name in seen:
                raise UsageError(
                    f"{package.folder} and {seen[table.name]} both have a table {table.name!r}",
                    hint="Give --with only folders that add tables, such as an audit's.",
                )
            seen[table.name] = package.folder
