"""Pages and what is read from them. Persons are invented; their ids begin at 9,000,001."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dontspy_data.capture.captures import Page
from dontspy_data.model.problems import Problem, ProblemKind
from dontspy_data.model.statements import Property, Statement
from dontspy_data.sources.source import Reading

PAGES = Path(__file__).parents[1] / "pages"
"""Pages in the real markup, of persons who do not exist, each named after what it shows."""

RETRIEVED = datetime(2024, 11, 5, 12, tzinfo=UTC)  # in the 10th term


@pytest.fixture
def page() -> Callable[..., Page]:
    """Makes a page from an address and a body in text or bytes."""

    def make(
        url: str,
        body: str | bytes = b"",
        status: int = 200,
        headers: tuple[tuple[str, str], ...] = (),
        retrieved_at: datetime = RETRIEVED,
    ) -> Page:
        content = body.encode() if isinstance(body, str) else body
        return Page(url, status, headers, content, retrieved_at)

    return make


@pytest.fixture
def values() -> Callable[[Reading, Property], list[str]]:
    """Values of a reading's statements about one property, in order."""

    def find(reading: Reading, about: Property) -> list[str]:
        return [s.value for s in reading.statements if s.property is about]

    return find


@pytest.fixture
def only() -> Callable[[Reading, Property], Statement]:
    """The one statement of a reading about a property."""

    def find(reading: Reading, about: Property) -> Statement:
        (statement,) = (s for s in reading.statements if s.property is about)
        return statement

    return find


@pytest.fixture
def saved() -> Callable[..., str]:
    """Returns the text of a page under tests/pages, with some of it changed; what is changed must be there."""

    def load(name: str, *changes: tuple[str, str]) -> str:
        text = (PAGES / name).read_text(encoding="utf-8")
        for old, new in changes:
            assert old in text, f"{name} has no {old!r}"
            text = text.replace(old, new)
        return text

    return load


@pytest.fixture
def the() -> Callable[[Reading, ProblemKind], Problem]:
    """Returns the one problem of a reading, which must be of a kind."""

    def find(reading: Reading, kind: ProblemKind) -> Problem:
        (problem,) = reading.problems
        assert problem.kind is kind
        return problem

    return find
