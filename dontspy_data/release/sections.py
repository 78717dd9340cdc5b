"""What changed between two packages, in sections and lines that people read."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from dontspy_data.package.package import Package
from dontspy_data.release.compare import Comparison
from dontspy_data.release.rows import Op, RowChange
from dontspy_data.release.version import Level

TOLD = frozenset({"meps", "portraits", "withdrawals"})
"""Tables whose changes are told a person at a time; of the others the number is."""
OPS = {Op.ADD: "added", Op.MOD: "changed", Op.DEL: "removed"}


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of change: a title, and a line each."""

    title: str
    lines: tuple[str, ...]


class _People:
    """How people and codes are called: by the new package, and by the old one where the new one lacks them."""

    def __init__(self, old: Package, new: Package) -> None:
        self.rows = {**_by_id(old), **_by_id(new)}
        self.countries = {**_names(old, "countries"), **_names(new, "countries")}
        self.groups = {**_names(old, "political_groups"), **_names(new, "political_groups")}

    def name(self, mep_id: int) -> str:
        """`NAME (MEP 9000001)`; the number alone where no package has the name."""
        row = self.rows.get(mep_id)
        return f"{row['name']} (MEP {mep_id})" if row else f"MEP {mep_id}"

    def whole(self, mep_id: int) -> str:
        """The same with country and group."""
        row = self.rows.get(mep_id, {})
        told = [self.countries.get(row.get("country")), self.group(row.get("political_group"))]
        return ", ".join([self.name(mep_id), *(one for one in told if one)])

    def group(self, code: str | None) -> str:
        """A political group's name; empty where there is none."""
        return self.groups.get(code) or code or ""


def sections(old: Package, new: Package, comparison: Comparison) -> tuple[Section, ...]:
    """What changed, as people tell it: those that are empty are left out."""
    people = _People(old, new)
    by_table: dict[str, list[RowChange]] = defaultdict(list)
    hidden = comparison.withdrawn.persons
    for change in comparison.rows:
        if change.mep_id not in hidden or change.table == "withdrawals":
            by_table[change.table].append(change)
    told: Iterable[tuple[str, Iterable[str]]] = (
        ("Changes that readers may have to follow", _structure(comparison, Level.MAJOR, Level.MAJOR)),
        ("Withdrawn", _withdrawn(comparison)),
        ("Joined", _joined(by_table, people)),
        ("Left the Parliament", _left(by_table, people)),
        ("No longer in the dataset", (people.whole(c.mep_id or 0) for c in _of(by_table["meps"], Op.DEL))),
        ("Changed political group", _moved(by_table["meps"], "political_group", people, people.group)),
        ("Changed national party", _moved(by_table["meps"], "national_party", people, _text)),
        *_portraits(by_table["portraits"], comparison, people),
        ("Corrected", _corrected(by_table["meps"], people)),
        ("Other tables", _others(by_table)),
        ("New in structure and description", _structure(comparison, Level.PATCH, Level.MINOR)),
    )
    return tuple(Section(title, lines) for title, found in told if (lines := tuple(found)))


def _of(changes: Iterable[RowChange], op: Op) -> Iterator[RowChange]:
    return (change for change in changes if change.op is op)


def _structure(comparison: Comparison, least: Level, most: Level) -> Iterator[str]:
    return (change.what for change in comparison.structure if least <= change.level <= most)


def _withdrawn(comparison: Comparison) -> Iterator[str]:
    for row in comparison.withdrawn.rows:
        why = f"({row.reason}, {row.withdrawn_on.isoformat()})"
        yield (
            f"MEP {row.mep_id}, withdrawn {why}"
            if row.scope == "person"
            else f"MEP {row.mep_id}, every portrait {why}"
        )


def _joined(by_table: Mapping[str, Sequence[RowChange]], people: _People) -> Iterator[str]:
    new = {change.mep_id for change in _of(by_table["meps"], Op.ADD)}
    for mep_id in sorted(one for one in new if one):
        yield people.whole(mep_id)
    for change in _of(by_table["mandates"], Op.ADD):
        if change.mep_id and change.mep_id not in new and change.after:
            yield f"{people.name(change.mep_id)} has another mandate, in term {change.after['term']}"


def _left(by_table: Mapping[str, Sequence[RowChange]], people: _People) -> Iterator[str]:
    for change in _of(by_table["mandates"], Op.MOD):
        if change.mep_id and change.after and change.changed.get("state", ("", ""))[1] == "ended":
            end = change.after["end_date"]
            yield people.whole(change.mep_id) + (f", on {end.isoformat()}" if end else "")


def _moved(
    changes: Iterable[RowChange], column: str, people: _People, tell: Callable[[Any], str]
) -> Iterator[str]:
    for change in _of(changes, Op.MOD):
        if column in change.changed and change.mep_id:
            was, now = map(tell, change.changed[column])
            yield f"{people.name(change.mep_id)}: {was or 'none'}, now {now or 'none'}"


def _portraits(
    changes: Iterable[RowChange], comparison: Comparison, people: _People
) -> Iterator[tuple[str, list[str]]]:
    before: dict[int, str] = {}
    after: dict[int, str] = {}
    for change in changes:
        for row, found in ((change.before, before), (change.after, after)):
            if row and row["is_current"] and row["status"] == "present":
                found[row["mep_id"]] = row["sha256"]
    withdrawn = comparison.withdrawn.people
    names = {mep_id: people.name(mep_id) for mep_id in sorted(before.keys() | after.keys())}
    yield "New portraits", [name for one, name in names.items() if one not in before]
    yield (
        "Replaced portraits",
        [name for one, name in names.items() if one in before and after.get(one, before[one]) != before[one]],
    )
    yield (
        "Portraits no longer there",
        [name for one, name in names.items() if one not in after and one not in withdrawn],
    )


def _corrected(changes: Iterable[RowChange], people: _People) -> Iterator[str]:
    for change in _of(changes, Op.MOD):
        for column, (was, now) in change.changed.items():
            if column not in ("political_group", "national_party") and change.mep_id:
                told = f"{column.replace('_', ' ')} was {_text(was) or 'empty'}, is {_text(now) or 'empty'}"
                yield f"{people.name(change.mep_id)}: {told}"


def _others(by_table: Mapping[str, Sequence[RowChange]]) -> Iterator[str]:
    for table, changes in by_table.items():
        if changes and table not in TOLD:
            counts = Counter(change.op for change in changes)
            told = [f"{counts[op]:,} {word}" for op, word in OPS.items() if counts[op]]
            yield f"`{table}`: rows {', '.join(told)}"


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date) else str(value)


def _by_id(package: Package) -> dict[int, dict[str, Any]]:
    columns = ["mep_id", "name", "country", "political_group"]
    return {row["mep_id"]: row for row in package.read("meps", columns).to_pylist()}


def _names(package: Package, table: str) -> dict[str | None, str]:
    return {row["code"]: row["name_en"] for row in package.read(table, ["code", "name_en"]).to_pylist()}
