"""Lists cut into pages, and charts of coverage."""

from dataclasses import replace
from datetime import date
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from dontspy_data.site.coverage import charts, portrait_counts
from dontspy_data.site.listing import by_country, by_group, by_letter, pages_of
from dontspy_data.site.material import open_material
from dontspy_data.site.pages import Pages, SitePage
from dontspy_data.site.people import people_of


@given(st.lists(st.integers(), max_size=200), st.integers(1, 70))
def test_pages_hold_everything_once_and_in_order(items: list[int], size: int) -> None:
    pages = pages_of(items, size, "index.html", "page/{}/index.html")
    assert [item for page in pages for item in page.items] == items
    assert all(len(page.items) == size for page in pages[:-1])
    assert [page.number for page in pages] == list(range(1, pages[0].count + 1))
    assert [page.address for page in pages] == list(pages[0].addresses)


def test_people_come_by_family_name_and_sections_hold_each_once(package: Path) -> None:
    material = open_material(package)
    people = people_of(material)
    names = [person.name for person in people]
    assert names.index("Rūta ZĪLĪTE-PARAUGA") < names.index("Ģirts ZĪLMANIS")
    for sections in (by_country(people), by_group(people, list(material.groups)), by_letter(people)):
        there = [person.mep_id for section in sections for person in section.people]
        assert sorted(there) == sorted(person.mep_id for person in people)
    assert by_country(people)[-1].name == "not known"


def test_charts_count_everybody(package: Path) -> None:
    material = open_material(package)
    people = people_of(material)
    drawn = {chart.key: chart for chart in charts(people, list(material.groups), date(2026, 1, 15))}
    dead = sum(any(fact.property == "death_date" for fact in person.facts) for person in people)
    assert dead
    for key, count in (("country", 62), ("group", 62), ("gender", 62), ("age", 62 - dead)):
        assert sum(bar.people for bar in drawn[key].bars) == count
    assert sum(bar.people for bar in drawn["captured"].bars) == 59
    assert all(bar.portrait_length <= bar.length <= 160 for chart in drawn.values() for bar in chart.bars)
    assert portrait_counts(people) == {"present": 59, "placeholder": 2, "absent": 1}


def test_ages_are_counted_on_the_packages_own_day_and_not_after_death(package: Path) -> None:
    material = open_material(package)
    dead = [person for person in people_of(material) if any(f.property == "death_date" for f in person.facts)]
    assert dead
    [age] = [chart for chart in charts(dead, list(material.groups), date(2026, 1, 15)) if chart.key == "age"]
    assert age.bars == ()


def test_a_bar_that_is_cut_is_explained(package: Path) -> None:
    material = open_material(package)
    people = people_of(material)
    crowd = [*people, *(replace(person, gender=None) for person in people * 2)]
    drawn = charts(crowd, list(material.groups), date(2026, 1, 15))
    shared = {
        "total": len(crowd),
        "shown": len(crowd),
        "version": "1.0.0",
        "card": "",
        "has_audit": False,
        "all_languages": (),
    }
    values = {"charts": drawn, "portraits": portrait_counts(crowd)}
    coverage = SitePage("coverage.html", "coverage/index.html", values)
    page = html.fromstring(Pages(shared, "").render(coverage).decode())
    explained = page.xpath("//section[contains(., 'This bar is cut')]/@aria-labelledby")
    assert explained == [chart.key for chart in drawn if any(bar.is_cut for bar in chart.bars)] == ["gender"]
