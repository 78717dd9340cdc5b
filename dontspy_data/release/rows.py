"""Changes of rows between two packages, by table and key.

Reading a page again changes when it was read and nothing else. So `pages`, and the columns that say when something
was seen, are not compared, and statements are compared by what they say rather than by when and where.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from dontspy_data.package.package import Package

if TYPE_CHECKING:
    import pyarrow as pa

NOT_COMPARED = frozenset({"pages"})
SEEN = frozenset({"first_seen", "last_seen", "retrieved_at"})
STATEMENT_PLACE = frozenset({"statement_id", "url", "is_chosen"})
"""Columns of `statements` that follow from the page, or show in the other tables."""


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
        key: primary key, by column.
        before: the row as it was, columns that both packages have; None where there was none.
        after: the row as it is; None where there is none.
    """

    op: Op
    table: str
    key: Mapping[str, Any]
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None

    @property
    def mep_id(self) -> int | None:
        """The person that the row is about; None where it is about nobody."""
        row = self.after or self.before or {}
        return row.get("mep_id")

    @property
    def changed(self) -> dict[str, tuple[Any, Any]]:
        """Values before and after, of the columns in which they differ; empty unless the row was changed."""
        if self.before is None or self.after is None:
            return {}
        return {
            name: (value, self.after[name])
            for name, value in self.before.items()
            if name not in SEEN and value != self.after[name]
        }


def row_changes(old: Package, new: Package) -> tuple[RowChange, ...]:
    """Every change of rows in tables that both packages have, sorted by table and key."""
    before = {table.name: table for table in old.tables}
    changes: list[RowChange] = []
    for table in new.tables:
        if table.name not in before or table.name in NOT_COMPARED:
            continue
        names = [field.name for field in table.fields]
        shared = [name for name in names if name in {field.name for field in before[table.name].fields}]
        key = tuple(name for name in table.primary_key if name in shared)
        rows = (old.read(table.name, shared), new.read(table.name, shared))
        if rows[0].equals(rows[1]):
            continue
        compare = _statements if table.name == "statements" else _by_key
        changes.extend(compare(table.name, key, *rows))
    return tuple(changes)


def _by_key(name: str, key: Sequence[str], old: "pa.Table", new: "pa.Table") -> Iterator[RowChange]:
    before, after = ({tuple(row[k] for k in key): row for row in rows.to_pylist()} for rows in (old, new))
    for values in sorted(before.keys() | after.keys()):
        named = dict(zip(key, values, strict=True))
        was, now = before.get(values), after.get(values)
        if was is None:
            yield RowChange(Op.ADD, name, named, None, now)
        elif now is None:
            yield RowChange(Op.DEL, name, named, was, None)
        else:
            change = RowChange(Op.MOD, name, named, was, now)
            if change.changed:
                yield change


def _statements(name: str, key: Sequence[str], old: "pa.Table", new: "pa.Table") -> Iterator[RowChange]:
    said = [column for column in new.column_names if column not in SEEN | STATEMENT_PLACE]
    before, after = ({tuple(row[c] for c in said): row for row in rows.to_pylist()} for rows in (old, new))
    gone = [RowChange(Op.DEL, name, _key(row, key), row, None) for row in _missing(before, after)]
    come = [RowChange(Op.ADD, name, _key(row, key), None, row) for row in _missing(after, before)]
    yield from sorted([*gone, *come], key=lambda change: (tuple(change.key.values()), change.op))


def _missing(rows: Mapping[Any, dict[str, Any]], others: Mapping[Any, Any]) -> list[dict[str, Any]]:
    return [row for said, row in rows.items() if said not in others]


def _key(row: Mapping[str, Any], key: Sequence[str]) -> dict[str, Any]:
    return {name: row[name] for name in key}
