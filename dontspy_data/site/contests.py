"""The contests: what an entry needs, and the standing where the release has entries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from dontspy_data.package.metadata import schema
from dontspy_data.site.facts import web_address
from dontspy_data.site.source import Row, Source

TABLE = "contest_entries"


@dataclass(frozen=True, slots=True)
class Need:
    """A column of the entries' table: name, type, whether every entry needs it, and what it is."""

    name: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry: place in its contest, words for people, and the sum of shares and likes it is ranked by."""

    place: int
    title: str
    author: str
    url: str | None
    published: date
    score: int
    mep_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Contests:
    """What the page shows: the format, and the standing of both contests."""

    needs: tuple[Need, ...]
    enrichment: tuple[Entry, ...]
    fakeface: tuple[Entry, ...]


def contests(source: Source) -> Contests:
    """The contests as far as a release knows of them."""
    rows = source.rows(TABLE)
    needs = tuple(
        Need(
            name=field["name"],
            type=field["type"],
            required=field.get("constraints", {}).get("required", False),
            description=field["description"],
        )
        for field in schema(TABLE)["fields"]
    )
    return Contests(needs, _standing(rows, "enrichment"), _standing(rows, "fakeface"))


def _standing(rows: Sequence[Row], contest: str) -> tuple[Entry, ...]:
    """Entries by the sum of shares and likes; of equal ones the earlier first, then by key."""
    ranked = sorted(
        (row for row in rows if row["contest"] == contest),
        key=lambda row: (-row["shares"] - row["likes"], row["published_on"], row["entry_id"]),
    )
    return tuple(_entry(place, row) for place, row in enumerate(ranked, 1))


def _entry(place: int, row: Row) -> Entry:
    return Entry(
        place=place,
        title=row["title"],
        author=row["author"],
        url=web_address(row["url"]),
        published=row["published_on"],
        score=row["shares"] + row["likes"],
        mep_ids=tuple(map(int, (row["mep_ids"] or "").split())),
    )
