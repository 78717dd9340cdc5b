"""Words for people: folding, slugs, and that nothing lacks a word."""

from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.model.schema import tables
from dontspy_data.site import facts, people
from dontspy_data.site.pages import slug
from dontspy_data.site.people import fold


def test_folding_leaves_what_people_type() -> None:
    names = ["ZĪLE", "Łukasz ØSTBY", "Đuro", "GROẞ", "Þór ÆGIR", "İpek IŞIK", "D'Éxemple"]
    names += ["D\u2019AMATO", "O\u2018Neill", "D\u02bc\u00b4`x", "Kees\u2010Jan", "Kees\u2011Jan\u2013x"]
    assert [fold(name) for name in names] == [
        "zile", "lukasz ostby", "duro", "gross", "thor aegir", "ipek isik", "d'exemple",
        "d'amato", "o'neill", "d'''x", "kees-jan", "kees-jan-x",
    ]  # fmt: skip


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(st.text(min_size=1))
def test_a_slug_is_safe_in_an_address(text: str) -> None:
    assert set(slug(text)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-")


def test_every_code_has_a_word() -> None:
    def categories(table: str, column: str) -> set[str]:
        [found] = [one for one in tables() if one.name == table]
        [field] = [one for one in found.fields if one.name == column]
        return set(field.categories)

    assert categories("statements", "source") == set(facts.SOURCES)
    assert categories("portraits", "status") == set(people.PORTRAIT_STATUS)
    assert categories("memberships", "kind") | {"mandate"} == set(facts.KINDS)
    shown_elsewhere = {*facts.KINDS, "term", "portrait", "portrait_url", "sort_name"}
    assert categories("statements", "property") - shown_elsewhere == set(facts.PROPERTIES)


def test_a_source_of_another_version_has_its_name() -> None:
    assert facts.label_of("ep_api") == "Parliament's Open Data API"
    assert facts.label_of("eleventh") == "eleventh"
