"""What changed between two packages, in sections and lines that people read."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any

from dontspy_data.package.open import Package
from dontspy_data.release.changelog import ChangeLine, Section
from dontspy_data.release.portrait_sections import NEEDED, portrait_sections
from dontspy_data.release.row_changes import Comparison, Op, RowChange
from dontspy_data.release.structure import has_same_key, shared_columns
from dontspy_data.release.version import Level
from dontspy_data.release.words import People, column_words, value_words

REPORTED = {
    "meps": frozenset({"mep_id"}),
    "mandates": frozenset({"mep_id", "term", "end_date", "state"}),
    "portraits": NEEDED,
    "withdrawals": frozenset({"mep_id"}),
}
"""Tables whose changes are reported a person at a time, and the columns that it takes."""
IN_PART = frozenset({"mandates"})
"""Of these, tables of which the number of changes is reported as well, as of all other tables."""
OPS = {Op.ADD: "added", Op.MOD: "changed", Op.DEL: "removed"}

News = Mapping[str, Sequence[RowChange]]


def sections(old: Package, new: Package, comparison: Comparison) -> tuple[Section, ...]:
    """Tell what changed: at least a line for whatever asks for a version, and no empty section."""
    people = People(old, new)
    news = _news(old, new, comparison)
    reported = {name: news[name] for name in REPORTED if name in news and _can_be_reported(old, new, name)}
    meps, mandates = reported.get("meps", ()), reported.get("mandates", ())
    pictures = portrait_sections(
        [c for c in reported.get("portraits", ()) if c.mep_id not in comparison.withdrawn.people], people
    )
    counted = {name: changes for name, changes in news.items() if name not in reported or name in IN_PART}
    found: Iterable[tuple[str, Iterable[ChangeLine]]] = (
        ("Changes that readers may have to follow", _structure(comparison, Level.MAJOR, Level.MAJOR)),
        ("Withdrawn", _withdrawn(comparison, reported.get("withdrawals", ()))),
        ("Joined", _joined(meps, mandates, people)),
        ("Left the Parliament", _left(mandates, people)),
        ("No longer in the dataset", (people.whole_line(c.mep_id) for c in _of(meps, Op.DEL) if c.mep_id)),
        ("Changed political group", _moved(meps, "political_group", people, people.group)),
        ("Changed national party", _moved(meps, "national_party", people, value_words)),
        *pictures.reported,
        ("Corrected", _corrected(meps, people)),
        (
            "Other tables",
            _numbers({**counted, "portraits": [*counted.get("portraits", ()), *pictures.unreported]}),
        ),
        ("New in structure and description", _structure(comparison, Level.PATCH, Level.MINOR)),
    )
    return tuple(Section(title, lines) for title, texts in found if (lines := tuple(texts)))


def _news(old: Package, new: Package, comparison: Comparison) -> News:
    """Return changes of rows by table, without those that ask for no release or are about somebody now withdrawn.

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


def _can_be_reported(old: Package, new: Package, name: str) -> bool:
    return has_same_key(old, new, name) and shared_columns(old, new, name) >= REPORTED[name]


def _of(changes: Iterable[RowChange], op: Op) -> Iterator[RowChange]:
    return (change for change in changes if change.op is op)


def _structure(comparison: Comparison, least: Level, most: Level) -> Iterator[ChangeLine]:
    return (ChangeLine(change.what) for change in comparison.structure if least <= change.level <= most)


def _withdrawn(comparison: Comparison, changes: Iterable[RowChange]) -> Iterator[ChangeLine]:
    for row in comparison.withdrawn.rows:
        why = f"({row.reason}, {row.withdrawn_on.isoformat()})"
        what = "withdrawn" if row.scope == "person" else "every portrait"
        yield ChangeLine(f"MEP {row.mep_id}, {what} {why}")
    for change in _of(changes, Op.DEL):
        yield ChangeLine(f"MEP {change.mep_id}, no longer withdrawn")


def _joined(meps: Iterable[RowChange], mandates: Iterable[RowChange], people: People) -> Iterator[ChangeLine]:
    new = sorted(change.mep_id for change in _of(meps, Op.ADD) if change.mep_id)
    yield from map(people.whole_line, new)
    for change in _of(mandates, Op.ADD):
        if change.mep_id and change.mep_id not in new and change.after:
            yield people.line(change.mep_id, f" has another mandate, in term {change.after['term']}")


def _left(mandates: Iterable[RowChange], people: People) -> Iterator[ChangeLine]:
    for change in _of(mandates, Op.MOD):
        if change.mep_id and change.after and change.changed.get("state", ("", ""))[1] == "ended":
            end = change.after["end_date"]
            yield people.whole_line(change.mep_id, f", on {end.isoformat()}" if end else "")


def _moved(
    meps: Iterable[RowChange], column: str, people: People, words: Callable[[Any], str]
) -> Iterator[ChangeLine]:
    for change in _of(meps, Op.MOD):
        if column in change.changed and change.mep_id:
            was, now = map(words, change.changed[column])
            yield people.line(change.mep_id, f": {was or 'none'}, now {now or 'none'}")


def _corrected(meps: Iterable[RowChange], people: People) -> Iterator[ChangeLine]:
    for change in _of(meps, Op.MOD):
        for column, (was, now) in change.changed.items():
            if column not in ("political_group", "national_party") and change.mep_id:
                words = column_words(column, value_words(was), value_words(now))
                yield people.line(change.mep_id, f": {words}")


def _numbers(news: News) -> Iterator[ChangeLine]:
    for table, changes in news.items():
        if changes:
            counts = Counter(change.op for change in changes)
            parts = [f"{counts[op]:,} {word}" for op, word in OPS.items() if counts[op]]
            yield ChangeLine(f"`{table}`: rows {', '.join(parts)}")
