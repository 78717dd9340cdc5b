"""Pages and what is read from them. Persons are invented; their ids begin at 9,000,001."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from dontspy_data.capture.captures import Page
from dontspy_data.model.statements import Property, Statement
from dontspy_data.sources.reading import Reading

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


@pytest.fixture(params=["erpl", "es"])
def member_page(request: pytest.FixtureRequest) -> Callable[..., str]:
    """Makes a Member's page in the site's markup, with the class names of 2024 and of 2026."""
    prefix = request.param

    def make(
        main: str = "",
        *,
        name: str = "Ada EXAMPLE",
        group: str = "Renew Europe Group",
        role: str = '<p class="sln-political-group-role">Vice-Chair</p>',
        links: str = "",
        country: str = "Malta\n - Partit tal-Ħrejjef (Malta)",
        birth: str = "<p>Date of birth : <time>02-05-1969</time>, <span>Ħaż-Żebbuġ</span></p>",
        heading: str = "Home",
        language: str = "en",
    ) -> str:
        return f"""<!DOCTYPE html><html lang="{language}"><body><main id="website-body">
<div class="bg-light-gradient border" id="presentationmep"><div class="container">
  <div class="{prefix}_title-h1 mt-1"><span class="sln-member-name">{name}</span>
    <audio id="mep_name_audio"></audio><a id="mep-mp3" class="{prefix}_mep-mp3" title="{name}"></a></div>
  <h3 class="{prefix}_title-h3 mt-1 sln-political-group-name">{group}</h3>{role}
  <div class="{prefix}_social-share-horizontal d-flex">{links}</div>
  <div class="{prefix}_title-h3 mt-1 mb-1">{country}</div>{birth}
</div></div>
<section><h1 class="{prefix}_title-h1">{heading} <span class="sr-only">{name}</span></h1>{main}</section>
<section id="contacts"><a href="tel:003200000000">0032 0</a></section>
</main></body></html>"""

    return make
