"""Reading captures: every page by its source, and what all of them say together."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from dontspy_data.capture.captures import Captures, Entry, Page
from dontspy_data.errors import PageError, UnknownCodeError
from dontspy_data.model.problems import Note
from dontspy_data.model.statements import Property, Statement, each_once
from dontspy_data.sources import portraits, source_of
from dontspy_data.sources.reading import Body, Reading
from dontspy_data.sources.source import Source

OK = 200
NO_BODY = ("", "-")  # how the API labels the party of those who have none


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


@dataclass(frozen=True, slots=True)
class Readings:
    """What all pages say together.

    Attributes:
        statements: facts about persons, each once; bodies have given their names.
        pages: every page read, by address and time.
        unread: for each source, how many pages have each field that nobody consumes.
        notes: what could not be used.
    """

    statements: tuple[Statement, ...]
    pages: tuple[ReadPage, ...]
    unread: Mapping[str, Mapping[str, int]]
    notes: tuple[Note, ...]


def read_all(captures: Captures) -> Readings:
    """Read the latest answer for each address, and for portraits every different answer.

    Raises:
        PageError: a page that its source does not recognise.
        UnknownCodeError: a country, group or other category that nobody has listed, with the page that has it.
    """
    statements: list[Statement] = []
    bodies: list[Body] = []
    pages: dict[tuple[str, datetime], ReadPage] = {}
    unread: dict[str, Counter[str]] = defaultdict(Counter)
    notes = [Note("a capture to look at", warning) for warning in captures.warnings]
    for page in _pages_to_read(captures):
        source = source_of(page.url)
        if source is None:
            notes.append(Note("a page that no source reads", page.url))
            continue
        reading = _read(source, page)
        statements.extend(reading.statements)
        bodies.extend(reading.bodies)
        pages[page.url, page.retrieved_at] = _read_page(source, page)
        unread[source.name].update(reading.unread)
        notes.extend(Note(f"{source.name}: {note.what}", note.where) for note in reading.notes)
    named, missing = _name_bodies(statements, bodies)
    notes.extend(Note("a membership of a body whose page is in none of the captures", ref) for ref in missing)
    return Readings(
        statements=tuple(each_once(named)),
        pages=tuple(pages[key] for key in sorted(pages)),
        unread={name: dict(sorted(unread[name].items())) for name in sorted(unread) if unread[name]},
        notes=tuple(notes),
    )


def _pages_to_read(captures: Captures) -> Iterable[Page]:
    for url in captures.urls():
        if portraits.matches(url):
            yield from map(_whole_seconds, _distinct(captures, url))
        elif page := captures.latest(url):
            yield _whole_seconds(page)


def _distinct(captures: Captures, url: str) -> Iterable[Page]:
    """Every different answer for a URL once: when it came, or when it came back after another."""
    found: dict[str, Page] = {}
    original: Entry | None = None
    for entry in captures.entries(url):
        if found and captures.original(entry) == original:
            continue  # It confirms the one before, whose bytes are not read again.
        page, original = captures.page(entry), captures.original(entry)
        # Whatever else is sent where there is no picture says the same.
        key = page.sha256 if page.status == OK else str(page.status)
        if found and key == next(reversed(found)):
            continue
        found.pop(key, None)  # so that the latest of a package's pages is the one that stands
        found[key] = page
    return found.values()


def _whole_seconds(page: Page) -> Page:
    # Tables give times to the second, and statements must find their page by it.
    return replace(page, retrieved_at=page.retrieved_at.astimezone(UTC).replace(microsecond=0))


def _read(source: Source, page: Page) -> Reading:
    try:
        return source.read(page)
    except UnknownCodeError as error:
        raise PageError(source.name, page.url, f"{error}. {error.hint}") from error


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
    )


def _name_bodies(
    statements: Iterable[Statement], bodies: Iterable[Body]
) -> tuple[list[Statement], list[str]]:
    """Statements with the names of the bodies they refer to, and the references that name none known."""
    known = {body.ref: body for body in bodies}
    named: list[Statement] = []
    missing: list[str] = []
    for statement in statements:
        if not statement.value.startswith("org/"):
            named.append(statement)
        elif body := known.get(statement.value):
            if body.value not in NO_BODY:
                named.append(replace(statement, property=_kind(statement, body), value=body.value))
        else:
            missing.append(statement.value)
    return named, missing


def _kind(statement: Statement, body: Body) -> Property:
    # What the membership says of the body is vague where the body's own page is exact.
    return body.property if statement.property is Property.OTHER_BODY else statement.property
