"""Changes of rows between two packages, by table and key.

`delta.jsonl` lists all of them for programs, one JSON object per line:

    {"op": "ADD", "table": "meps", "key": {"mep_id": 9000063}, "row": {…}}
    {"op": "MOD", "table": "meps", "key": {"mep_id": 9000001}, "changed": {"name": ["before", "after"]}}
    {"op": "DEL", "table": "portraits", "key": {"portrait_id": "9000002-absent"}, "mep_id": 9000002}

These steps turn the tables of the release before into those of this one:

1. Delete tables and columns that `datapackage.json` no longer has; add its new ones, with columns null.
2. Delete what the new rows of `withdrawals` remove: the delta shows only those rows, and the one in
   `portraits` that says so.
3. Apply the lines in order. ADD has the whole row, also of new tables; MOD has every value that changed, also of new
   columns. Where a table's key changed, every row is deleted by its old key and added by its new one. Lines about a
   person have `mep_id`, in the key, the row or beside them.

Reading a page again changes only when it was read. So `pages`, and the columns that say when something
was seen, are not compared. Changes in which pages state a fact, and for which day, are compared, but need no release.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dontspy_data.model.schema import Table
from dontspy_data.model.texts import read_json
from dontspy_data.model.withdrawals import Withdrawals, as_withdrawals
from dontspy_data.package.files import DELTA
from dontspy_data.package.open import ROWS_AT_ONCE, Package
from dontspy_data.package.write import cell
from dontspy_data.release.version import (
    Level,
    StructureChange,
    has_same_key,
    shared_columns,
    structure_changes,
)

if TYPE_CHECKING:
    import pyarrow as pa

NOT_COMPARED = frozenset({"pages"})
SEEN = frozenset({"first_seen", "last_seen", "retrieved_at"})
STATEMENTS = "statements"
PLACE = frozenset({"statement_id", "url", "basis", "is_chosen", "as_of"})
"""Columns of `statements` that depend on which pages say something, for which day, and which was read first."""
SEPARATOR, ESCAPED, BETWEEN = "\x1f", "\x1f1", "\x1f0"
"""The ASCII unit separator, its escaped form inside a part of a key, and the separator between parts."""
Row = dict[str, Any]
UNSAFE = {code: f"\\u{code:04x}" for code in (0x85, 0x2028, 0x2029)}
"""Characters that some readers treat as the end of a line."""


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
        key: primary key, by column; that of the new package, except for removed rows.
        before: the row as it was; None if there was none.
        after: the row as it is; None if there is none.
        is_quiet: whether it needs no release, since some page still says the same.
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
        """Values before and after in the new row's columns that differ; empty unless the row was changed.

        A column that was not there before had no value; one that was removed is not named.
        """
        if self.before is None or self.after is None:
            return {}
        pairs = {name: (self.before.get(name), now) for name, now in self.after.items() if name not in SEEN}
        return {name: (was, now) for name, (was, now) in pairs.items() if _differ(was, now)}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed from one package to another.

    Attributes:
        structure: changes of tables, columns, keys, licences, paths and formats.
        rows: changes of rows.
        withdrawn: people withdrawn, or withdrawn in a wider scope, since the old package.
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


def row_changes(old: Package, new: Package) -> tuple[RowChange, ...]:
    """Return every change of rows in the new package's tables, in their order, and sorted by key.

    All rows of a new table are new. Where a table's key changed, every row of it is removed and every row is added.
    """
    return tuple(
        change
        for table in new.tables
        if table.name not in NOT_COMPARED
        for change in _changes(old, new, old.find(table.name), table)
    )


def withdrawals_of(package: Package) -> Withdrawals:
    """Return the withdrawals in a package."""
    if not package.find("withdrawals"):
        return Withdrawals()
    rows = package.read("withdrawals").to_pylist()
    return as_withdrawals((row, f"{package.folder}, withdrawals") for row in rows)


def delta_lines(changes: Iterable[RowChange], withdrawn: Withdrawals) -> str:
    """Return the text of `delta.jsonl`, without what is withdrawn."""
    shown = (c for c in changes if not withdrawn.hides_row(c.table, c.after or c.before or {}))
    return "".join(
        f"{json.dumps(as_delta(change), ensure_ascii=False).translate(UNSAFE)}\n" for change in shown
    )


def as_delta(change: RowChange) -> dict[str, Any]:
    """Return one line of `delta.jsonl` as an object."""
    line: dict[str, Any] = {"op": change.op.value, "table": change.table, "key": _plain(change.key)}
    if change.op is Op.ADD:
        line["row"] = _plain(change.after)
        return line
    if change.mep_id is not None and "mep_id" not in change.key:
        line["mep_id"] = change.mep_id
    if change.op is Op.MOD:
        line["changed"] = {name: [_plain(was), _plain(now)] for name, (was, now) in change.changed.items()}
    return line


def delta_without(text: str, withdrawn: Withdrawals) -> str:
    """Return the text of `delta.jsonl` without the lines about what has been withdrawn since.

    Raises:
        MalformedError: a line is not one of a delta.
    """
    lines = enumerate(
        text.removesuffix("\n").split("\n") if text else (), start=1
    )  # JSON Lines end at \n alone
    return "".join(f"{line}\n" for number, line in lines if not _is_hidden(line, number, withdrawn))


def _changes(old: Package, new: Package, before: Table | None, after: Table) -> Iterable[RowChange]:
    if before is None:
        return _all(Op.ADD, after, new.read(after.name).to_pylist())
    if not has_same_key(old, new, after.name):
        removed, added = old.read(after.name).to_pylist(), new.read(after.name).to_pylist()
        return (*_all(Op.DEL, before, removed), *_all(Op.ADD, after, added))
    if before == after and old.has_same_file(new, after.name):
        return ()
    changes = list(_by_key(after, *_differing_rows(old, new, after)))
    if after.name != STATEMENTS or not changes:
        return changes
    said = sorted(shared_columns(old, new, after.name) - SEEN - PLACE)
    return _with_quiet_ones(changes, old, new, said)


def _all(op: Op, table: Table, rows: Iterable[Row]) -> list[RowChange]:
    changes = [
        RowChange(op, table.name, _key(table, row), *((None, row) if op is Op.ADD else (row, None)))
        for row in rows
    ]
    return sorted(changes, key=lambda change: _order(change.key.values()))


def _differing_rows(old: Package, new: Package, table: Table) -> tuple[list[Row], list[Row]]:
    """Return the old and the new rows that the other package lacks, or has with other values.

    Tables are compared a column at a time, so that memory holds neither of them whole.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    was, now = (_keys(package, table) for package in (old, new))
    place = pc.index_in(now, was)
    is_there = place.is_valid()
    places = place.drop_null()
    differs = pa.array([False] * len(places), pa.bool_())
    compared = [one.name for one in table.fields if one.name not in SEEN | set(table.primary_key)]
    known = old.table(table.name).columns
    both, added = (
        [name for name in compared if name in known],
        [name for name in compared if name not in known],
    )
    for had, has in zip(_columns(old, table.name, both), _columns(new, table.name, both), strict=True):
        differs = pc.or_(differs, _differences(had.take(places), has.filter(is_there)))
    for has in _columns(new, table.name, added):
        differs = pc.or_(differs, has.filter(is_there).is_valid())
    changed_before = pc.is_in(pa.array(range(len(was)), places.type), places.filter(differs))
    removed = pc.invert(pc.is_in(was, now))
    changed_after = pc.replace_with_mask(pc.invert(is_there), is_there, differs)
    before = list(_rows_where(old, table.name, pc.or_(removed, changed_before)))
    return before, list(_rows_where(new, table.name, changed_after))


def _columns(package: Package, table: str, names: Sequence[str]) -> "Iterator[pa.Array]":
    """Yield columns of a table: of a small one, from a single read; of a large one, each read separately."""
    at_once = 1 if package.rows(table) > ROWS_AT_ONCE else max(1, len(names))
    for start in range(0, len(names), at_once):
        part = package.read(table, list(names[start : start + at_once]))
        yield from (column.combine_chunks() for column in part.columns)


def _keys(package: Package, table: Table) -> "pa.Array":
    """Return the primary key of each row as one text."""
    import pyarrow as pa
    import pyarrow.compute as pc

    columns = package.read(table.name, list(table.primary_key))
    texts = [columns[name].combine_chunks().cast(pa.string()) for name in table.primary_key]
    parts = [pc.replace_substring(text, SEPARATOR, ESCAPED) for text in texts]
    return pc.binary_join_element_wise(*parts, BETWEEN, null_handling="replace")


def _differences(was: "pa.Array", now: "pa.Array") -> "pa.Array":
    """Return for each row whether two columns differ: in value, or because one is null."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if was.type != now.type:  # which `shared_columns` knows, too: such values are never the same
        pairs = zip(was.to_pylist(), now.to_pylist(), strict=True)
        return pa.array([_differ(one, other) for one, other in pairs], pa.bool_())
    unlike = pc.fill_null(pc.not_equal(was, now), False)
    return pc.or_(unlike, pc.xor(was.is_valid(), now.is_valid()))


def _rows_where(package: Package, name: str, mask: "pa.Array") -> Iterator[Row]:
    """Yield the rows of a table for which a mask is true."""
    start = 0
    for batch in package.batches(name):
        kept = mask.slice(start, batch.num_rows)
        start += batch.num_rows
        if kept.true_count:
            yield from batch.filter(kept).to_pylist()


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
    return {name: row[name] for name in table.primary_key}


def _order(values: Iterable[Any]) -> tuple[tuple[str, Any], ...]:
    """Sort key for values of any types."""
    return tuple((type(value).__name__, value) for value in values)


def _differ(was: Any, now: Any) -> bool:
    return type(was) is not type(now) or was != now


def _with_quiet_ones(
    changes: Sequence[RowChange], old: Package, new: Package, columns: Sequence[str]
) -> Iterator[RowChange]:
    """Yield changes of statements; those are quiet whose words are found both before and after.

    Args:
        changes: of statements.
        old: the package before.
        new: the package after.
        columns: that hold the words.
    """
    people = {change.mep_id for change in changes}
    before, after = (_words_about(package, people, columns) for package in (old, new))
    for change in changes:
        row = change.after or change.before or {}
        words = tuple(row[name] for name in columns)
        both = words in before and words in after
        yield replace(change, is_quiet=both and change.changed.keys() <= PLACE)


def _words_about(
    package: Package, people: Collection[int | None], columns: Sequence[str]
) -> set[tuple[Any, ...]]:
    import pyarrow as pa
    import pyarrow.compute as pc

    wanted = pa.array(
        sorted(map(str, people)), pa.string()
    )  # as text, which numbers may be in another version
    found: set[tuple[Any, ...]] = set()
    for batch in package.batches(STATEMENTS, sorted({*columns, "mep_id"})):
        about = batch.filter(pc.is_in(batch["mep_id"].cast(pa.string()), wanted))
        found.update(zip(*(about[name].to_pylist() for name in columns), strict=True))
    return found


def _level(change: RowChange) -> Level:
    if change.is_quiet:
        return Level.NONE
    says_withdrawn = change.table == "withdrawals" or (change.after or {}).get("status") == "withdrawn"
    return Level.MINOR if change.op is Op.ADD and not says_withdrawn else Level.PATCH


def _is_hidden(text: str, number: int, withdrawn: Withdrawals) -> bool:
    """Return whether a line shows something withdrawn."""
    line = read_json(text, f"{DELTA}, line {number}", hint="Take a whole copy of the release.")
    key, row, mep_id = line["key"].members(), line.get("row"), line.get("mep_id")
    about = row.members() if row else {**({"mep_id": mep_id} if mep_id else {}), **key}
    return withdrawn.hides_row(line["table"].text(), {name: one.value for name, one in about.items()})


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    return cell(value) if isinstance(value, date) else value  # a datetime is a date, too
