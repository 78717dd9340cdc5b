"""What changed between two packages, in sections and lines that people read."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from typing import Any

from dontspy_data.package.open import Package
from dontspy_data.release.portrait_sections import NEEDED, portrait_sections
from dontspy_data.release.row_changes import Comparison, Op, RowChange
from dontspy_data.release.structure import has_same_key, shared_columns
from dontspy_data.release.version import Level
from dontspy_data.release.words import People, column_words, value_words

TOLD = {
    "meps": frozenset({"mep_id"}),
    "mandates": frozenset({"mep_id", "term", "end_date", "state"}),
    "portraits": NEEDED,
    "withdrawals": frozenset({"mep_id"}),
}
"""Tables whose changes are told a person at a time, and the columns that it takes."""
IN_PART = frozenset({"mandates"})
"""Of these, tables of which the number of changes is told as well, as of all other tables."""
OPS = {Op.ADD: "added", Op.MOD: "changed", Op.DEL: "removed"}

News = Mapping[str, Sequence[RowChange]]


@dataclass(frozen=True, slots=True)
class Section:
    """One kind of change: a title, and a line each."""

    title: str
    lines: tuple[str, ...]


def sections(old: Package, new: Package, comparison: Comparison) -> tuple[Section, ...]:
    """What changed, as people tell it: at least a line for whatever asks for a version, and no empty section."""
    people = People(old, new)
    news = _news(old, new, comparison)
    told = {name: news[name] for name in TOLD if name in news and _can_be_told(old, new, name)}
    meps, mandates = told.get("meps", ()), told.get("mandates", ())
    pictures = portrait_sections(
        [c for c in told.get("portraits", ()) if c.mep_id not in comparison.withdrawn.people], people
    )
    counted = {name: changes for name, changes in news.items() if name not in told or name in IN_PART}
    found: Iterable[tuple[str, Iterable[str]]] = (
        ("Changes that readers may have to follow", _structure(comparison, Level.MAJOR, Level.MAJOR)),
        ("Withdrawn", _withdrawn(comparison, told.get("withdrawals", ()))),
        ("Joined", _joined(meps, mandates, people)),
        ("Left the Parliament", _left(mandates, people)),
        ("No longer in the dataset", (people.whole(c.mep_id) for c in _of(meps, Op.DEL) if c.mep_id)),
        ("Changed political group", _moved(meps, "political_group", people, people.group)),
        ("Changed national party", _moved(meps, "national_party", people, value_words)),
        *pictures.told,
        ("Corrected", _corrected(meps, people)),
        (
            "Other tables",
            _numbers({**counted, "portraits": [*counted.get("portraits", ()), *pictures.untold]}),
        ),
        ("New in structure and description", _structure(comparison, Level.PATCH, Level.MINOR)),
    )
    return tuple(Section(title, lines) for title, texts in found if (lines := tuple(texts)))


def _news(old: Package, new: Package, comparison: Comparison) -> News:
    """Changes of rows by table, but those that ask for no release, or are about somebody who is now withdrawn.

    Changed rows have the columns that both packages have: of the others, the changes of structure tell.
    """
    found: dict[str, list[RowChange]] = defaultdict(list)
    columns = {table.name: shared_columns(old, new, table.name) for table in new.tables}
    for change in comparison.rows:
        if change.is_quiet:
            continue
        if change.mep_id in comparison.withdrawn.persons and change.table != "withdrawals":
            continue
        shared = _narrowed(change, columns[change.table]) if change.op is Op.MOD else change
        if shared.op is not Op.MOD or shared.changed:
            found[change.table].append(shared)
    return found


def _narrowed(change: RowChange, columns: Set[str]) -> RowChange:
    before, after = (
        {name: value for name, value in (row or {}).items() if name in columns}
        for row in (change.before, change.after)
    )
    return replace(change, before=before, after=after)


def _can_be_told(old: Package, new: Package, name: str) -> bool:
    return has_same_key(old, new, name) and shared_columns(old, new, name) >= TOLD[name]


def _of(changes: Iterable[RowChange], op: Op) -> Iterator[RowChange]:
    return (change for change in changes if change.op is op)


def _structure(comparison: Comparison, least: Level, most: Level) -> Iterator[str]:
    return (change.what for change in comparison.structure if least <= change.level <= most)


def _withdrawn(comparison: Comparison, changes: Iterable[RowChange]) -> Iterator[str]:
    for row in comparison.withdrawn.rows:
        why = f"({row.reason}, {row.withdrawn_on.isoformat()})"
        yield (
            f"MEP {row.mep_id}, withdrawn {why}"
            if row.scope == "person"
            else f"MEP {row.mep_id}, every portrait {why}"
        )
    for change in _of(changes, Op.DEL):
        yield f"MEP {change.mep_id}, no longer withdrawn"


def _joined(meps: Iterable[RowChange], mandates: Iterable[RowChange], people: People) -> Iterator[str]:
    new = sorted(change.mep_id for change in _of(meps, Op.ADD) if change.mep_id)
    yield from map(people.whole, new)
    for change in _of(mandates, Op.ADD):
        if change.mep_id and change.mep_id not in new and change.after:
            yield f"{people.name(change.mep_id)} has another mandate, in term {change.after['term']}"


def _left(mandates: Iterable[RowChange], people: People) -> Iterator[str]:
    for change in _of(mandates, Op.MOD):
        if change.mep_id and change.after and change.changed.get("state", ("", ""))[1] == "ended":
            end = change.after["end_date"]
            yield people.whole(change.mep_id) + (f", on {end.isoformat()}" if end else "")


def _moved(
    meps: Iterable[RowChange], column: str, people: People, tell: Callable[[Any], str]
) -> Iterator[str]:
    for change in _of(meps, Op.MOD):
        if column in change.changed and change.mep_id:
            was, now = map(tell, change.changed[column])
            yield f"{people.name(change.mep_id)}: {was or 'none'}, now {now or 'none'}"


def _corrected(meps: Iterable[RowChange], people: People) -> Iterator[str]:
    for change in _of(meps, Op.MOD):
        for column, (was, now) in change.changed.items():
            if column not in ("political_group", "national_party") and change.mep_id:
                told = column_words(column, value_words(was), value_words(now))
                yield f"{people.name(change.mep_id)}: {told}"


def _numbers(news: News) -> Iterator[str]:
    for table, changes in news.items():
        if changes:
            counts = Counter(change.op for change in changes)
            told = [f"{counts[op]:,} {word}" for op, word in OPS.items() if counts[op]]
            yield f"`{table}`: rows {', '.join(told)}"
