"""From captures to statements: which pages count, and what all of them say, one person at a time.

As Python objects, the statements of ten times the ten terms would take a gigabyte, but only one person's are
needed at once. So they are kept pickled, page by page, within this process.
"""

import pickle
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from operator import attrgetter

from dontspy_data.capture.captures import Captures, Page
from dontspy_data.capture.records import Origin
from dontspy_data.errors import PageError, UnknownCodeError
from dontspy_data.model.problems import Note, Problem, ProblemKind
from dontspy_data.model.statements import Basis, Property, Roster, Statement, each_once
from dontspy_data.sources import portraits, source_of
from dontspy_data.sources.documents import missing_end, other_person
from dontspy_data.sources.findings import FOREIGN, SourceCounts, problem_of, shown
from dontspy_data.sources.portraits import PortraitReader, PortraitVersion, whole_seconds
from dontspy_data.sources.source import Body, Reading, Source

OK = 200
WHOLE_PAGE = frozenset({ProblemKind.PAGE, ProblemKind.PERSON})


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page that was read: a row of the table `pages`."""

    url: str
    retrieved_at: datetime
    source: str
    status: int
    content_type: str | None
    bytes: int
    sha256: str
    etag: str | None
    last_modified: str | None
    origin: str
    via: str | None


@dataclass(frozen=True, slots=True)
class Readings:
    """What all pages say together.

    Attributes:
        statements: facts about people, each once; with the names of bodies.
        pages: every page read, by address and time.
        unread: for each source, how many pages have each field that no code reads.
        problems: what could not be read or is unknown, sorted by source, kind, page and person.
        notes: what else a maintainer should know.
        counts: how much was read of each source, and how much of it failed.
        rosters: the pages that list everybody who sits on their day.
        portraits: every distinct answer for each person's portrait, by MEP number, the current one last.
    """

    statements: "PackedStatements"
    pages: tuple[ReadPage, ...]
    unread: Mapping[str, Mapping[str, int]]
    problems: tuple[Problem, ...]
    notes: tuple[Note, ...]
    counts: Mapping[str, SourceCounts]
    rosters: tuple[Roster, ...]
    portraits: Mapping[int, tuple[PortraitVersion, ...]]


def read_once(captures: Captures) -> Generator[Page, None, Readings]:
    """Read the latest answer for each address, and for portraits every distinct answer.

    A page that its source cannot read is a problem, and the answer before it is read instead: a refusal that
    was saved as an answer, or a page cut off, does not remove known facts.

    Yields:
        each distinct portrait of each person when it is found, so that its bytes are read only once.

    Returns:
        what all pages say.
    """
    statements = PackedStatements()
    pages: dict[tuple[str, datetime], ReadPage] = {}
    unread: dict[str, Counter[str]] = defaultdict(Counter)
    problems: list[Problem] = []
    counts: dict[str, SourceCounts] = defaultdict(SourceCounts)
    rosters: list[Roster] = []
    versions: dict[int, tuple[PortraitVersion, ...]] = {}
    notes = [Note("a capture to look at", warning) for warning in captures.warnings]
    unknown: Counter[str] = Counter()
    for url in captures.urls():
        source = source_of(url)
        if source is None:
            unknown[_place(url)] += 1
            continue
        if source is portraits.SOURCE:
            reader = PortraitReader(captures, url)
            yield from reader.read()
            versions.update((one.mep_id, reader.versions) for one in reader.versions)
            received = [
                (said_by := _said_by(page), page, read_page(said_by, page)) for page in reader.pages.values()
            ]
        else:
            received = [(source, *found) for found in _latest_readable(source, captures, url)]
        for said_by, page, reading in received:
            statements.add(reading)
            if source.is_roster(page) and reading.statements:
                people = frozenset(statement.mep_id for statement in reading.statements)
                rosters.append(Roster(page.retrieved_at, people))
            problems.extend(reading.problems)
            counts[said_by.name].add(reading)
            pages[page.url, page.retrieved_at] = _read_page(said_by, page)
            for field in sorted(reading.unread - unread[said_by.name].keys()):
                problems.append(_unread(said_by, field, page))
            unread[said_by.name].update(reading.unread)
            notes.extend(Note(f"{said_by.name}: {note.what}", note.where) for note in reading.notes)
    notes.extend(
        Note("answers that no source reads", f"{place}: {number:,}")
        for place, number in sorted(unknown.items())
    )
    return Readings(
        statements=statements,
        pages=tuple(pages[key] for key in sorted(pages)),
        unread={name: dict(sorted(unread[name].items())) for name in sorted(unread) if unread[name]},
        problems=tuple(sorted({*problems, *statements.nameless()}, key=_order)),
        notes=tuple(notes),
        counts=dict(counts),
        rosters=tuple(rosters),
        portraits=versions,
    )


def _said_by(portrait: Page) -> Source:
    """Return the source of a portrait's page: the site, or the web archive that received it."""
    return portraits.WEB_ARCHIVE if portrait.origin is Origin.WEB_ARCHIVE else portraits.SOURCE


def _unread(source: Source, field: str, page: Page) -> Problem:
    """Return the problem that a page has a field which its source neither reads nor deliberately ignores."""
    expected = "a field that this source reads or knowingly leaves"
    return Problem(source.name, ProblemKind.FIELD, page.url, page.retrieved_at, field, expected)


def _place(url: str) -> str:
    """Return the host of an address and where on it the page is: what comes before the last slash, or the first."""
    return "/".join(url.partition("://")[2].partition("?")[0].split("/")[:-1][:2]) + "/"


def _latest_readable(source: Source, captures: Captures, url: str) -> Iterator[tuple[Page, Reading]]:
    """Read the pages of an address, the latest first, until one can be read."""
    for entry in reversed(captures.entries(url)):
        page = whole_seconds(captures.page(entry))
        reading = read_page(source, page)
        yield page, reading
        if not _is_lost(reading):
            return


def _is_lost(reading: Reading) -> bool:
    """Return whether nothing on a page could be read, so that an earlier answer is better."""
    says_nothing = not reading.statements and not reading.bodies
    return any(p.kind in WHOLE_PAGE for p in reading.problems) or bool(reading.problems and says_nothing)


def read_page(source: Source, page: Page) -> Reading:
    """Read a page; if that is impossible, or its end is missing, the reading has a problem."""
    if (other := other_person(page)) is not None:
        return Reading(problems=(_renumbered(source, page, other),))
    try:
        reading = _with_basis(source.read(page), page)
    except (PageError, UnknownCodeError) as error:
        problem = problem_of(error, page, source.name)
        kind = problem.kind if problem.kind in WHOLE_PAGE else ProblemKind.PAGE
        return Reading(problems=(replace(problem, kind=kind),))
    except FOREIGN as error:
        expected = f"a page that can be read ({type(error).__name__}: {error})"
        return Reading(problems=(_of_page(source, page, expected),))
    if page.status == OK and (end := missing_end(page)):
        return replace(reading, problems=(*reading.problems, _of_page(source, page, end)))
    return reading


def _renumbered(source: Source, page: Page, other: int) -> Problem:
    """Return the problem that a person's page is now another person's: perhaps the same under a new number."""
    return replace(
        _of_page(source, page, "a page of the person that its address names"),
        kind=ProblemKind.PERSON,
        found=f"redirected to {page.redirected_to}",
        hint=f"Renumbered? If it is the same person, {other} is the number from now on; nothing was merged.",
    )


def _of_page(source: Source, page: Page, expected: str) -> Problem:
    return Problem(source.name, ProblemKind.PAGE, page.url, page.retrieved_at, shown(page), expected)


def _with_basis(reading: Reading, page: Page) -> Reading:
    """Return a reading of a file that somebody saved, marked as such by its basis."""
    if page.origin is not Origin.IMPORTED:
        return reading
    said = (replace(s, basis=Basis.IMPORTED) if s.basis is Basis.STATED else s for s in reading.statements)
    return replace(reading, statements=tuple(said))


def _order(one: Problem) -> tuple[str, str, str, datetime, int, str, str]:
    at = one.url, one.retrieved_at
    return (one.source, one.kind, *at, one.mep_id or 0, one.property or "", one.found)


def _read_page(source: Source, page: Page) -> ReadPage:
    return ReadPage(
        url=page.url,
        retrieved_at=page.retrieved_at,
        source=source.name,
        status=page.status,
        content_type=page.content_type or None,
        bytes=len(page.body),
        sha256=page.sha256,
        etag=page.header("ETag") or None,
        last_modified=page.header("Last-Modified") or None,
        origin=page.origin,
        via=page.via or None,
    )


NO_BODY = ("", "-")  # how the API labels the party of those who have none
REFERENCE = "org/"
GROUP = Property.POLITICAL_GROUP

_values = attrgetter(*(field.name for field in fields(Statement)))


class PackedStatements:
    """What pages say about people, with the names of the bodies that they refer to.

    Iterating gives every statement once, sorted by person; those of one person in the order of reading.
    """

    def __init__(self) -> None:
        """Begin without statements."""
        self._packed: dict[int, list[bytes]] = defaultdict(list)
        self._bodies: dict[str, Body] = {}
        self._referred: dict[str, Statement] = {}
        self._claims: list[Statement] = []
        self._hides: list[Callable[[Statement], bool]] = []

    def add(self, reading: Reading) -> None:
        """Add what a page says about people and bodies."""
        said: dict[int, list[Statement]] = defaultdict(list)
        for statement in reading.statements:
            said[statement.mep_id].append(statement)
            if statement.value.startswith(REFERENCE):
                self._referred.setdefault(statement.value, statement)
            elif statement.property is Property.WIKIDATA_ID:
                self._claims.append(statement)
        for mep_id, statements in said.items():
            self._packed[mep_id].append(pickle.dumps([_values(statement) for statement in statements]))
        for body in reading.bodies:
            self._bodies.setdefault(body.ref, body)  # A body's own page comes before the list of all.

    def hide(self, hides: Callable[[Statement], bool]) -> None:
        """Leave out, from now on, the statements for which a function is true."""
        self._hides.append(hides)

    def __iter__(self) -> Iterator[Statement]:
        """Yield every statement once, sorted by person."""
        for mep_id in sorted(self._packed):
            said = [Statement(*values) for part in self._packed[mep_id] for values in pickle.loads(part)]  # noqa: S301 - own bytes
            for statement in each_once(self._named(said)):
                if not any(hides(statement) for hides in self._hides):
                    yield statement

    def claims(self) -> Iterator[Statement]:
        """Yield the statements about items of Wikidata, which more than one person may claim."""
        return (one for one in self._claims if not any(hides(one) for hides in self._hides))

    def nameless(self) -> Iterator[Problem]:
        """Yield a problem for each body that statements refer to but no page names."""
        expected, hint = "a page of this body that gives its name", "Collect the page of this body."
        for ref, said in self._referred.items():
            if ref not in self._bodies:
                at = said.url, said.retrieved_at
                yield Problem(said.source, ProblemKind.BODY, *at, ref, expected, None, said.property, hint)

    def _named(self, statements: Iterable[Statement]) -> Iterator[Statement]:
        """Yield statements with the names of the bodies they refer to.

        A membership of a body that no page names stays, with the reference in place of the name.
        """
        for statement in statements:
            if not statement.value.startswith(REFERENCE):
                yield statement
            elif (found := self._bodies.get(statement.value)) is None:
                yield _unknown(statement)
            elif found.value not in NO_BODY:
                kind = _kind(statement, found)
                called = replace(statement, property=kind, value=found.value)
                is_code = found.basis is Basis.STATED and (kind is found.property or kind is not GROUP)
                yield called if is_code else _unknown(called)


def _unknown(statement: Statement) -> Statement:
    """Return a statement whose value no lookup lists; a role that no lookup lists is left out."""
    role = None if statement.basis is Basis.UNKNOWN_ROLE else statement.role
    return replace(statement, basis=Basis.UNKNOWN, role=role)


def _kind(statement: Statement, body: Body) -> Property:
    # The membership describes the body vaguely, the body's own page exactly.
    return body.property if statement.property is Property.OTHER_BODY else statement.property
