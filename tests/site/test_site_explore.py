"""The wall's pages, facets held against the tables, small copies of portraits, and charts of coverage."""

import hashlib
from collections.abc import Iterator
from concurrent.futures import Executor
from datetime import date
from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from dontspy_data.errors import DontspyError
from dontspy_data.portraits.engine import open_executor
from dontspy_data.site.data import charts, portrait_counts
from dontspy_data.site.explore import facets, pages_of
from dontspy_data.site.material import PACKAGE, Material, open_material
from dontspy_data.site.people import PersonView, PortraitView, people_of
from dontspy_data.site.pictures import small_copies

COUNTS = {
    "country": "select mep_id, country from mandates union select mep_id, country from meps",
    "group": "select mep_id, political_group from memberships where kind = 'political_group' "
    "union select mep_id, political_group from meps",
    "term": "select mep_id, term from mandates union select mep_id, latest_term from meps",
    "gender": "select mep_id, gender from meps",
}
"""Whom a facet should hold, straight from the tables: a person and a value, each once."""


@pytest.fixture(scope="module")
def material(package: Path) -> Material:
    return open_material(package)


@pytest.fixture(scope="module")
def people(material: Material) -> tuple[PersonView, ...]:
    return people_of(material)


@given(st.lists(st.lists(st.integers(), max_size=100), max_size=3), st.integers(1, 70))
def test_pages_hold_everything_once_and_in_order(lists: list[list[int]], size: int) -> None:
    pages = pages_of(lists, size, "index.html", "page/{}/index.html")
    assert [item for page in pages for item in page.items] == [item for part in lists for item in part]
    assert all(len(page.items) <= size for page in pages)
    assert [page.number for page in pages] == list(range(1, pages[0].count + 1))
    assert [page.address for page in pages] == list(pages[0].addresses)


def test_people_come_by_family_name(people: tuple[PersonView, ...]) -> None:
    names = [person.name for person in people]
    assert names.index("Rūta ZĪLĪTE-PARAUGA") < names.index("Ģirts ZĪLMANIS")


@pytest.mark.parametrize("facet", COUNTS)
def test_facets_count_as_the_tables_do(
    package: Path, material: Material, people: tuple[PersonView, ...], facet: str
) -> None:
    """Of every person all terms, groups and countries count, not the latest; without a value, `none` does."""
    tables = duckdb.connect()
    for name in ("meps", "mandates", "memberships", "portraits"):
        path = package / "data" / f"{name}.parquet"
        tables.execute(f"create view {name} as select * from '{path}'")
    expected = tables.execute(
        f"""
        with had(mep_id, code) as ({COUNTS[facet]}),
        valued as (select distinct mep_id, code::varchar as code from had where code is not null)
        select coalesce(code, 'none'), count(*) filter (where mep_id in
            (select mep_id from portraits where is_current and path is not null))
        from (select mep_id from meps) left join valued using (mep_id) group by 1
        """
    ).fetchall()
    [found] = [one for one in facets(people, material, {}) if one.key == facet]
    assert {value.code: value.count for value in found.values} == dict(expected)
    assert len(expected) > 1


def published(people: tuple[PersonView, ...]) -> list[PortraitView]:
    return [portrait for person in people for portrait in person.portraits if portrait.path]


def copies(portraits: list[PortraitView], package: Path, executor: Executor | None) -> dict[str, str]:
    made = small_copies(portraits, package, executor)
    return {path: hashlib.sha256(body).hexdigest() for path, body in made}


def test_small_copies_are_the_same_whoever_makes_them(package: Path, people: tuple[PersonView, ...]) -> None:
    here = copies(published(people), package, None)
    with open_executor(2, None) as executor:
        assert copies(published(people), package, executor) == here
    assert {path.rpartition(".")[2] for path in here} == {"webp", "jpg"}
    assert {portrait.shown for portrait in published(people)} <= here.keys()


def test_small_copies_are_whole_small_and_have_their_credit(
    site: Path, people: tuple[PersonView, ...]
) -> None:
    for portrait in published(people):
        for address in sources(portrait):
            with Image.open(site / address) as copy:
                assert copy.width <= min(340, portrait.width)
                assert copy.height == pytest.approx(portrait.height * copy.width / portrait.width, abs=1)
                assert copy.mode == "RGB"
                assert copy.getexif()[0x8298].encode("latin-1").decode() == portrait.credit
    assert sum(path.stat().st_size for path in (site / "pictures").glob("*-170.webp")) < 59 * 5_000


def sources(portrait: PortraitView) -> Iterator[str]:
    for ending in ("webp", "jpg"):
        yield from (one.split()[0] for one in portrait.srcset("", ending).split(", "))


def test_a_portrait_that_cannot_be_opened_is_named(
    package: Path, people: tuple[PersonView, ...], tmp_path: Path
) -> None:
    portrait = published(people)[0]
    file = tmp_path / (portrait.path or "").removeprefix(f"{PACKAGE}/")
    file.parent.mkdir()
    file.write_bytes(b"no picture")
    with pytest.raises(DontspyError, match=file.name):
        list(small_copies([portrait], tmp_path, None))


def test_charts_count_everybody(material: Material, people: tuple[PersonView, ...]) -> None:
    drawn = {chart.key: chart for chart in charts(people, list(material.groups), date(2026, 1, 15))}
    dead = sum(any(fact.property == "death_date" for fact in person.facts) for person in people)
    assert dead
    for key, count in (("country", 62), ("group", 62), ("gender", 62), ("age", 62 - dead)):
        assert sum(bar.people for bar in drawn[key].bars) + drawn[key].unknown == count
    assert sum(bar.people for bar in drawn["captured"].bars) + drawn["captured"].unknown == 59
    assert all(
        bar.with_portrait <= bar.people <= chart.most for chart in drawn.values() for bar in chart.bars
    )
    assert portrait_counts(people) == {"present": 59, "placeholder": 2, "absent": 1}


def test_ages_are_counted_on_the_packages_own_day_and_not_after_death(
    material: Material, people: tuple[PersonView, ...]
) -> None:
    dead = [person for person in people if any(f.property == "death_date" for f in person.facts)]
    assert dead
    [age] = [chart for chart in charts(dead, list(material.groups), date(2026, 1, 15)) if chart.key == "age"]
    assert age.bars == ()
