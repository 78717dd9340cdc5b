"""Changes of rows between two packages, by table and key.

Reading a page again changes when it was read and nothing else. So `pages`, and the columns that say when something
was seen, are not compared. Which of several pages is the one that says a thing is compared, but asks for no release.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from dontspy_data.model.schema import Table
from dontspy_data.model.withdrawals import Withdrawals, as_withdrawals
from dontspy_data.package.open import Package
from dontspy_data.release.structure import (
    StructureChange,
    find_table,
    has_same_key,
    shared_columns,
    structure_changes,
)
from dontspy_data.release.version import Level

NOT_COMPARED = frozenset({"pages"})
SEEN = frozenset({"first_seen", "last_seen", "retrieved_at"})
STATEMENTS = "statements"
PLACE = frozenset({"statement_id", "url", "basis", "is_chosen"})
"""Columns of `statements` that follow from which pages say something, and in which order they were read."""

Row = dict[str, Any]


class Op(StrEnum):
    """What happened to a row."""

    ADD = "ADD"
    MOD = "MOD"
    DEL = "DEL"


@dataclass(frozen=True, slots=True)
class RowChange:
    """What happened to one row.

    Attributes:
        op: what.
        table: name of the table.
        key: primary key, by column; that of the new package, but for rows that were removed.
        before: the row as it was; None if there was none.
        after: the row as it is; None if there is none.
        is_quiet: whether it asks for no release, since the same is still said, on whatever page.
    """

    op: Op
    table: str
    key: Row
    before: Row | None
    after: Row | None
    is_quiet: bool = False

    @property
    def mep_id(self) -> int | None:
        """The person that the row is about; None if it is about nobody."""
        row = self.after or self.before or {}
        return row.get("mep_id")

    @property
    def changed(self) -> dict[str, tuple[Any, Any]]:
        """Values before and after, of the new row's columns in which they differ; empty unless the row was changed.

        A column that was not there before had no value; one that was removed is not named.
        """
        if self.before is None or self.after is None:
            return {}
        pairs = {name: (self.before.get(name), now) for name, now in self.after.items() if name not in SEEN}
        return {name: (was, now) for name, (was, now) in pairs.items() if _differ(was, now)}


def row_changes(old: Package, new: Package) -> tuple[RowChange, ...]:
    """Return every change of rows in the new package's tables, in their order, and sorted by key.

    All rows of a new table are new. Where a table's key changed, every row of it is removed and every row is added.
    """
    return tuple(
        change
        for table in new.tables
        if table.name not in NOT_COMPARED
        for change in _changes(old, new, find_table(old, table.name), table)
    )


def _changes(old: Package, new: Package, before: Table | None, after: Table) -> Iterable[RowChange]:
    now = new.read(after.name)
    if before is None:
        return _all(Op.ADD, after, now.to_pylist())
    was, has_key = old.read(after.name), has_same_key(old, new, after.name)
    if has_key and was.equals(now):
        return ()
    before_rows, after_rows = was.to_pylist(), now.to_pylist()
    if not has_key:
        return (*_all(Op.DEL, before, before_rows), *_all(Op.ADD, after, after_rows))
    changes = _by_key(after, before_rows, after_rows)
    if after.name != STATEMENTS:
        return changes
    said = sorted(shared_columns(old, new, after.name) - SEEN - PLACE)
    return _with_quiet_ones(changes, _values(said, before_rows), _values(said, after_rows), said)


def _all(op: Op, table: Table, rows: Iterable[Row]) -> list[RowChange]:
    changes = [
        RowChange(op, table.name, _key(table, row), *((None, row) if op is Op.ADD else (row, None)))
        for row in rows
    ]
    return sorted(changes, key=lambda change: _order(change.key.values()))


def _by_key(table: Table, old: Iterable[Row], new: Iterable[Row]) -> Iterator[RowChange]:
    before, after = ({tuple(_key(table, row).values()): row for row in rows} for rows in (old, new))
    for values in sorted(before.keys() | after.keys(), key=_order):
        key = dict(zip(table.primary_key, values, strict=True))
        was, now = before.get(values), after.get(values)
        op = Op.ADD if was is None else Op.DEL if now is None else Op.MOD
        change = RowChange(op, table.name, key, was, now)
        if op is not Op.MOD or change.changed:
            yield change


def _key(table: Table, row: Row) -> Row:
    return {name: row[name] for name in table.primary_key if name in row}


def _order(values: Iterable[Any]) -> tuple[tuple[str, Any], ...]:
    """Sort key for values of any types."""
    return tuple((type(value).__name__, value) for value in values)


def _differ(was: Any, now: Any) -> bool:
    return type(was) is not type(now) or was != now


def _values(columns: Sequence[str], rows: Iterable[Row]) -> set[tuple[Any, ...]]:
    return {tuple(row[name] for name in columns) for row in rows}


def _with_quiet_ones(
    changes: Iterable[RowChange],
    before: set[tuple[Any, ...]],
    after: set[tuple[Any, ...]],
    columns: Sequence[str],
) -> Iterator[RowChange]:
    """Yield changes of statements, of which those are quiet whose words are said both before and after."""
    for change in changes:
        row = change.after or change.before or {}
        words = tuple(row[name] for name in columns)
        both = words in before and words in after
        yield replace(change, is_quiet=both and change.changed.keys() <= PLACE)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from one package to another.

    Attributes:
        structure: changes of tables, columns, keys, licences, paths and formats.
        rows: changes of rows.
        withdrawn: people withdrawn, or withdrawn further, since the old package.
    """

    structure: tuple[StructureChange, ...]
    rows: tuple[RowChange, ...]
    withdrawn: Withdrawals

    @property
    def level(self) -> Level:
        """The part of the version that all changes together raise."""
        levels = [*(change.level for change in self.structure), *map(_level, self.rows)]
        return max(levels, default=Level.NONE)


def compare(old: Package, new: Package) -> Comparison:
    """Return everything that changed from one package to another."""
    known = set(withdrawals_of(old).rows)
    return Comparison(
        structure=structure_changes(old, new),
        rows=row_changes(old, new),
        withdrawn=Withdrawals(tuple(row for row in withdrawals_of(new).rows if row not in known)),
    )


def withdrawals_of(package: Package) -> Withdrawals:
    """Return what a package says is withdrawn."""
    if not package.has("withdrawals"):
        return Withdrawals()
    rows = package.read("withdrawals").to_pylist()
    return as_withdrawals((row, f"{package.folder}, withdrawals") for row in rows)


def _level(change: RowChange) -> Level:
    if change.is_quiet:
        return Level.NONE
    says_withdrawn = change.table == "withdrawals" or (change.after or {}).get("status") == "withdrawn"
    return Level.MINOR if change.op is Op.ADD and not says_withdrawn else Level.PATCH
