"""What is in a package, for people and programs."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from dontspy_data.check.check import open_whole
from dontspy_data.package.digests import CHECKSUMS
from dontspy_data.package.open import Package


@dataclass(frozen=True, slots=True)
class TableInfo:
    """Size of one table."""

    name: str
    title: str
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class PackageInfo:
    """What is in a package.

    Attributes:
        folder: where it is.
        title: of the dataset.
        version: of the release; None for a package that is not released.
        created: when its latest answer was received, UTC.
        tables: its tables.
        countries: Members by country of their latest mandate; `""` where none is known.
        portraits: current portraits by status.
        bytes: size of all its files.
    """

    folder: Path
    title: str
    version: str | None
    created: str
    tables: tuple[TableInfo, ...]
    countries: Mapping[str, int]
    portraits: Mapping[str, int]
    bytes: int

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON-ready values."""
        return {"outcome": "done", **asdict(self)}

    def as_text(self) -> str:
        """Return it as text for people."""
        width = max(len(table.name) for table in self.tables)
        lines = [
            self.title,
            f"{self.folder}: {'version ' + self.version if self.version else 'not released'}, "
            f"as of {self.created}, {self.bytes / 1e6:.1f} MB",
            "",
            *(
                f"  {t.name:<{width}}  {t.rows:>8,} rows  {t.columns:>3} columns  {t.title}"
                for t in self.tables
            ),
            "",
            "Members by country: " + _counts(self.countries, "unknown"),
            "Current portraits:  " + _counts(self.portraits, "unknown"),
        ]
        return "\n".join(lines)


def describe_package(folder: Path) -> PackageInfo:
    """Count what is in a package.

    Raises:
        UsageError: the folder is no package.
    """
    package = open_whole(folder)
    return PackageInfo(
        folder=folder,
        title=package.descriptor["title"],
        version=package.descriptor.get("version"),
        created=package.descriptor["created"],
        tables=tuple(_table_info(package)),
        countries=_count(package, "meps", "country"),
        portraits=_current_portraits(package),
        bytes=sum(
            path.stat().st_size for path in folder.rglob("*") if path.is_file() and path.name != CHECKSUMS
        ),
    )


def _table_info(package: Package) -> list[TableInfo]:
    rows = {resource["name"]: resource.get("rows") for resource in package.descriptor["resources"]}
    return [
        TableInfo(table.name, table.title, rows[table.name], len(table.fields)) for table in package.tables
    ]


def _count(package: Package, table: str, column: str) -> dict[str, int]:
    values = package.read(table, [column])[column].to_pylist()
    return dict(sorted(Counter(value or "" for value in values).items()))


def _current_portraits(package: Package) -> dict[str, int]:
    rows = package.read("portraits", ["status", "is_current"]).to_pylist()
    return dict(sorted(Counter(row["status"] for row in rows if row["is_current"]).items()))


def _counts(counts: Mapping[str, int], nameless: str) -> str:
    return ", ".join(f"{name or nameless} {count:,}" for name, count in counts.items())
