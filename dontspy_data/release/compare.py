"""Comparing two packages: everything that changed, and which part of the version that raises."""

from dataclasses import dataclass

from dontspy_data.package.package import Package
from dontspy_data.release.rows import Op, RowChange, row_changes
from dontspy_data.release.structure import Change, structure_changes
from dontspy_data.release.version import Level
from dontspy_data.tables.withdrawals import Withdrawals, as_withdrawals


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from one package to another.

    Attributes:
        structure: changes of tables, columns, keys, licences, paths and formats.
        rows: changes of rows.
        withdrawn: people withdrawn, or withdrawn further, since the old package.
    """

    structure: tuple[Change, ...]
    rows: tuple[RowChange, ...]
    withdrawn: Withdrawals

    @property
    def level(self) -> Level:
        """The part of the version that all changes together raise."""
        levels = [*(change.level for change in self.structure), *map(_level, self.rows)]
        return max(levels, default=Level.NONE)


def compare(old: Package, new: Package) -> Comparison:
    """Everything that changed from one package to another."""
    known = set(withdrawals_of(old).rows)
    return Comparison(
        structure=structure_changes(old, new),
        rows=row_changes(old, new),
        withdrawn=Withdrawals(tuple(row for row in withdrawals_of(new).rows if row not in known)),
    )


def withdrawals_of(package: Package) -> Withdrawals:
    """What a package says is withdrawn."""
    if "withdrawals" not in {table.name for table in package.tables}:
        return Withdrawals()
    rows = package.read("withdrawals").to_pylist()
    return as_withdrawals((row, f"{package.folder}, withdrawals") for row in rows)


def _level(change: RowChange) -> Level:
    if change.is_quiet:
        return Level.NONE
    says_withdrawn = change.table == "withdrawals" or (change.after or {}).get("status") == "withdrawn"
    return Level.MINOR if change.op is Op.ADD and not says_withdrawn else Level.PATCH
