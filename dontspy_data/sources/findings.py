"""What a source finds on one page: facts, and problems for everything unreadable or unknown.

A source makes one `Findings` for a page, passes it to the functions that read the page's parts, and returns its
`reading()`. An error in one row, cell or category does not affect the others:

    found = Findings(page, NAME)
    for row in rows:
        with found.row(str(row)):  # any error within becomes a problem of this row
            mep_id = ...
            found.state(mep_id, Property.NAME, row["name"])
            found.cell(mep_id, Property.BIRTH_DATE, row["born"], day, expected="a day as DD-MM-YYYY")
            found.cell(mep_id, Property.GENDER, row["gender"], codes.gender)
    return found.reading(unread=...)

A page that cannot be read at all raises a `PageError`, which `read_page` turns into a problem.

How much of a source may fail before a package cannot be trusted is in `datapackage.json`. `budgets` gives, for each
source or as `default`, the largest shares of pages, of rows, and of the cells of each property (or of one, by its name)
that may be problems. `completeness` gives, for each source and property or as `default`, the smallest share of people
with a text on a page that must have a fact in the end: it detects losses that no problem reports. A single
failure is always allowed, except of a page or row if nothing else was read.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from lxml.etree import LxmlError

from dontspy_data.capture.captures import Page
from dontspy_data.errors import OtherPersonError, PageError, UnknownCodeError
from dontspy_data.model import codes
from dontspy_data.model.codes import csv_cell
from dontspy_data.model.problems import Note, Problem, ProblemKind
from dontspy_data.model.statements import Basis, Property, Statement
from dontspy_data.model.texts import one_line
from dontspy_data.sources.source import Body, Reading

FOREIGN = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, RecursionError, LxmlError)
"""What an unforeseen value can raise in code that parses it; the last resort after the sources' own checks."""

Reader = Callable[[str], str | None]
"""Turns a text as printed into a value: `None` if it cannot be read, empty if it says nothing (such as `not stated`).

It raises UnknownCodeError if no lookup lists the text.
"""


class Findings:
    """Collect what one page says, and what could not be used of it.

    Attributes:
        page: the page that is read.
        source: name of the source that reads it.
        copy: which of several copies of the page it is, as `corrections.csv` names them; mostly empty.
        statements: facts so far; sources may add their own.
        bodies: bodies so far.
    """

    def __init__(self, page: Page, source: str) -> None:
        self.page = page
        self.source = source
        self.copy = ""
        self.statements: list[Statement] = []
        self.bodies: list[Body] = []
        self._problems: list[Problem] = []
        self._notes: list[Note] = []
        self._cells: Counter[tuple[int, Property]] = Counter()
        self._rows = 0

    def state(
        self, mep_id: int, prop: Property, value: str, *, basis: Basis = Basis.STATED, **period: Any
    ) -> None:
        """Add a fact, on one line; `period` holds its `term`, `role`, `start_date`, `end_date` and `state`."""
        value = one_line(value)
        if role := period.get("role"):
            period["role"] = one_line(role)
        self.statements.append(
            Statement(
                mep_id, prop, value, self.source, self.page.url, self.page.retrieved_at, basis=basis, **period
            )
        )

    def cell(
        self,
        mep_id: int,
        prop: Property,
        text: str,
        reader: Reader = str,
        *,
        expected: str = "",
        required: bool = False,
        basis: Basis = Basis.STATED,
        **period: Any,
    ) -> str | None:
        """Read a text, and state what it says.

        An unknown category is stated as printed, with a basis that keeps it out of the coded columns, and is a
        problem. A text that cannot be read is a problem and no statement. Corrections are applied first.

        Args:
            mep_id: whom it is about.
            prop: what it is about.
            text: as printed; an empty text is not counted.
            reader: turns it into a value.
            expected: what the reader understands, for people.
            required: whether an empty text is a problem, too.
            basis: of the statement, such as that of an unknown role; see `role`.
            period: as for `state`.

        Returns:
            The value; None if there is no usable one.
        """
        if not text:
            if required:
                self._cells[mep_id, prop] += 1
                self.problem(ProblemKind.CELL, "", expected or _name_of(prop), mep_id=mep_id, prop=prop)
            return None
        text = codes.corrected(self.source, prop, text, mep_id, self.copy)
        try:
            value = reader(text)
        except UnknownCodeError as error:
            self._cells[mep_id, prop] += 1
            self.unknown(error, mep_id=mep_id, prop=prop)
            if basis is Basis.UNKNOWN_ROLE:
                period.pop("role", None)
            self.state(mep_id, prop, text, basis=Basis.UNKNOWN, **period)
            return None
        except FOREIGN:
            value = None
        if value == "":
            return None
        self._cells[mep_id, prop] += 1
        if value is None:
            what = expected or _name_of(prop)
            key = f"{self.source},{self.copy},{mep_id},{prop},{csv_cell(text)}"
            hint = f"Add what it should say to lookups/corrections.csv: {key},VALUE,REASON"
            self.problem(ProblemKind.CELL, text, what, mep_id=mep_id, prop=prop, hint=hint)
            return None
        self.state(mep_id, prop, value, basis=basis, **period)
        return value

    def role(self, mep_id: int, prop: Property, text: str, reader: Reader) -> tuple[str | None, Basis]:
        """Read a role in a body, to be passed to `state` or `cell` with its basis.

        Returns:
            The role and `Basis.STATED`; the text as printed and `Basis.UNKNOWN_ROLE`, with a problem, if it is not
            known; None if there is no text.
        """
        try:
            return (reader(text) or None) if text else None, Basis.STATED
        except UnknownCodeError as error:
            self.unknown(error, mep_id=mep_id, prop=prop)
            return text, Basis.UNKNOWN_ROLE

    def unknown(
        self, error: UnknownCodeError, *, mep_id: int | None = None, prop: Property | None = None
    ) -> None:
        """Add the problem that no lookup lists a category."""
        self._problems.append(problem_of(error, self.page, self.source, mep_id=mep_id, prop=prop))

    def problem(
        self,
        kind: ProblemKind,
        found: str,
        expected: str,
        *,
        mep_id: int | None = None,
        prop: Property | None = None,
        hint: str = "",
    ) -> None:
        """Add a problem: what was found, and what was expected."""
        at = self.page.url, self.page.retrieved_at
        self._problems.append(Problem(self.source, kind, *at, found, expected, mep_id, prop, hint))

    def note(self, what: str, where: str) -> None:
        """Add a note for the maintainer that is not a problem."""
        self._notes.append(Note(what, where))

    @contextmanager
    def row(self, shown: str, mep_id: int | None = None) -> Iterator[None]:
        """Read one row, person or period within: any error becomes a problem of the row, and ends there.

        Statements made before the error stay.

        Args:
            shown: the row, for messages.
            mep_id: whom it is about, if that is known beforehand.
        """
        self._rows += 1
        try:
            yield
        except UnknownCodeError as error:
            self.unknown(error, mep_id=mep_id)
        except PageError as error:
            kind = ProblemKind.PERSON if isinstance(error, OtherPersonError) else ProblemKind.ROW
            self.problem(kind, error.found or shown, error.expected, mep_id=mep_id)
        except FOREIGN as error:
            expected = f"a row that can be read ({type(error).__name__}: {error})"
            self.problem(ProblemKind.ROW, shown, expected, mep_id=mep_id)

    def reading(self, *, unread: frozenset[str] = frozenset()) -> Reading:
        """Return all that was found; `unread` names fields that the source neither uses nor deliberately ignores."""
        return Reading(
            statements=tuple(dict.fromkeys(self.statements)),
            bodies=tuple(replace(body, value=one_line(body.value)) for body in self.bodies),
            unread=unread,
            problems=tuple(dict.fromkeys(self._problems)),
            notes=tuple(self._notes),
            cells=dict(self._cells),
            rows=self._rows,
        )


def _name_of(prop: Property) -> str:
    return f"a {prop.value.replace('_', ' ')}"


def problem_of(
    error: PageError | UnknownCodeError,
    page: Page,
    source: str,
    *,
    mep_id: int | None = None,
    prop: Property | None = None,
) -> Problem:
    """Return the problem for an error of a source: with a whole page, or with a category."""
    at = page.url, page.retrieved_at
    if isinstance(error, UnknownCodeError):
        return Problem(
            source, ProblemKind.CATEGORY, *at, error.value, f"a {error.kind}", mep_id, prop, hint=error.hint
        )
    kind = ProblemKind.PERSON if isinstance(error, OtherPersonError) else ProblemKind.PAGE
    return Problem(source, kind, *at, error.found or shown(page), error.expected, mep_id, prop)


def shown(page: Page) -> str:
    """Return a description of the page, for people."""
    return f"HTTP {page.status}, {page.content_type or 'no media type'}, {len(page.body):,} bytes"


DEFAULT = "default"
MEASURES = {ProblemKind.PAGE: "pages", ProblemKind.PERSON: "pages", ProblemKind.ROW: "rows"}
CELLS = frozenset({ProblemKind.CELL, ProblemKind.CATEGORY})


@dataclass
class SourceCounts:
    """Counts of a source's pages.

    Attributes:
        pages: answers read.
        rows: rows, persons or periods on them.
        cells: texts with a meaning, by property.
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
        """Count one page."""
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
    """Yield each way in which sources exceed their budgets, as a clause for people.

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
    """Return what a problem counts against: pages, rows, or the property of its cell."""
    return problem.property if problem.kind in CELLS else MEASURES.get(problem.kind)


def _is_over(failed: int, whole: int, share: float) -> bool:
    return failed > max(1, round(share * whole, 9))


def _clause(source: str, what: str, failed: int, whole: int, share: float) -> str:
    found = f"{failed:,} of {whole:,} {what} are problems ({failed / whole:.0%})"
    return f"{source}: {found}, and at most {share:.0%} may be"
