"""Budgets: how much of a source may fail before a package is not to be trusted, from `datapackage.json`.

`budgets` gives, for each source or as `default`, the largest shares of pages, of rows, and of the cells of each
property (or of one, by its name) that may be problems. `completeness` gives, for each source and property or as
`default`, the smallest share of people for whom a page has a text that must have a fact in the end: it finds what is
lost without any problem being told. One failure is never too many, but of pages and rows, if nothing else was read.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from dontspy_data.model.problems import Problem, ProblemKind
from dontspy_data.model.statements import Basis, Property
from dontspy_data.sources.source import Reading

DEFAULT = "default"
MEASURES = {
    ProblemKind.PAGE: "pages",
    ProblemKind.PERSON: "pages",
    ProblemKind.ROW: "rows",
}
CELLS = frozenset({ProblemKind.CELL, ProblemKind.CATEGORY})


@dataclass
class SourceCounts:
    """What was counted while a source's pages were read.

    Attributes:
        pages: answers read.
        rows: rows, persons or periods on them.
        cells: texts that say something, by property.
        people: people on a page for whom there is such a text, by property.
        stated: those of them for whom a fact of the property was stated.
        failed: pages, rows, and cells by property, that are problems.
    """

    pages: int = 0
    rows: int = 0
    cells: Counter[Property] = field(default_factory=Counter)
    people: Counter[Property] = field(default_factory=Counter)
    stated: Counter[Property] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    def add(self, reading: Reading) -> None:
        """Count what one page gave."""
        self.pages += 1
        self.rows += reading.rows
        facts = {(s.mep_id, s.property) for s in reading.statements if s.basis is not Basis.UNKNOWN}
        for key, texts in reading.cells.items():
            prop = key[1]
            self.cells[prop] += texts
            self.people[prop] += 1
            self.stated[prop] += key in facts
        self.failed.update(filter(None, map(_measure, reading.problems)))


def over_budget(
    counts: Mapping[str, SourceCounts],
    budgets: Mapping[str, Mapping[str, float]],
    completeness: Mapping[str, Any],
) -> Iterator[str]:
    """Yield each way in which sources fail more than their budgets allow, as a clause for people.

    Args:
        counts: what was counted, by source.
        budgets: `budgets` in `datapackage.json`.
        completeness: `completeness` there.
    """
    for source, counted in sorted(counts.items()):
        allowed = {**budgets[DEFAULT], **budgets.get(source, {})}
        for measure, whole in (("pages", counted.pages), ("rows", counted.rows)):
            failed = counted.failed[measure]
            if failed and (failed == whole or _is_over(failed, whole, allowed[measure])):
                yield _clause(source, measure, failed, whole, allowed[measure])
        for prop, whole in sorted(counted.cells.items()):
            share = allowed.get(prop, allowed["cells"])
            if _is_over(counted.failed[prop], whole, share):
                yield _clause(source, f"cells of {prop}", counted.failed[prop], whole, share)
        floors = {DEFAULT: completeness[DEFAULT], **completeness.get(source, {})}
        for prop, people in sorted(counted.people.items()):
            floor = floors.get(prop, floors[DEFAULT])
            if _is_over(people - counted.stated[prop], people, 1 - floor):
                yield (
                    f"{source}: of {people:,} people with a text for {prop}, {counted.stated[prop]:,} "
                    f"({counted.stated[prop] / people:.0%}) have a fact, and at least {floor:.0%} should"
                )


def _measure(problem: Problem) -> str | None:
    """Return what a problem is counted as: pages, rows, or the property of its cell."""
    return problem.property if problem.kind in CELLS else MEASURES.get(problem.kind)


def _is_over(failed: int, whole: int, share: float) -> bool:
    return failed > max(1, round(share * whole, 9))


def _clause(source: str, what: str, failed: int, whole: int, share: float) -> str:
    found = f"{failed:,} of {whole:,} {what} are problems ({failed / whole:.0%})"
    return f"{source}: {found}, and at most {share:.0%} may be"
