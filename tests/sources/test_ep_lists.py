"""The XML lists: the sitting Members, and everyone of a term."""

import pytest

from dontspy_data.model.statements import Basis, Property, State
from dontspy_data.sources import ep_lists

GROUPS = {
    "en": ("Group of the European People's Party (Christian Democrats)", "Greece"),
    "fr": ("Groupe du Parti populaire européen (Démocrates-Chrétiens)", "Grèce"),
    "de": ("Fraktion der Europäischen Volkspartei (Christdemokraten)", "Griechenland"),
    "es": ("Grupo del Partido Popular Europeo (Demócrata-Cristianos)", "Grecia"),
    "it": ("Gruppo del Partito popolare europeo (Democratici cristiani)", "Grecia"),
}


@pytest.fixture
def full_list(saved):
    def make(group="Renew Europe Group", country="Greece", party="Mythos &amp; Logos", more=""):
        return saved(
            "full-list.xml",
            ("Renew Europe Group", group),
            ("Greece", country),
            ("Mythos &amp; Logos", party),
            ("</mep>", f"{more}</mep>"),
        )

    return make


def test_a_sitting_member(page, only, full_list):
    reading = ep_lists.read_full_list(page(ep_lists.full_list_url(), full_list()))
    assert only(reading, Property.NAME).value == "Ada EXAMPLE"
    assert only(reading, Property.NATIONAL_PARTY).value == "Mythos & Logos"
    for about, value in {Property.MANDATE: "GR", Property.POLITICAL_GROUP: "Renew"}.items():
        statement = only(reading, about)
        assert (statement.value, statement.term, statement.state) == (value, 10, State.ONGOING)
    assert not reading.unread


@pytest.mark.parametrize("language", GROUPS)
def test_labels_in_the_languages_of_the_page(page, only, language, full_list):
    group, country = GROUPS[language]
    reading = ep_lists.read_full_list(page(ep_lists.full_list_url(language), full_list(group, country)))
    assert only(reading, Property.POLITICAL_GROUP).value == "EPP"
    assert only(reading, Property.MANDATE).value == "GR"


@pytest.mark.parametrize("party", ["", "-"])
def test_no_party_is_no_statement(page, values, party, full_list):
    reading = ep_lists.read_full_list(page(ep_lists.full_list_url(), full_list(party=party)))
    assert values(reading, Property.NATIONAL_PARTY) == []


def test_a_new_element_is_reported(page, full_list):
    reading = ep_lists.read_full_list(
        page(ep_lists.full_list_url(), full_list(more="<constituency>All</constituency>"))
    )
    assert reading.unread == {"constituency"}


def test_an_unknown_group_is_kept_as_printed(page, full_list):
    reading = ep_lists.read_full_list(page(ep_lists.full_list_url(), full_list(group="Group of the Moon")))
    assert [(s.property, s.value) for s in reading.statements if s.basis is Basis.UNKNOWN] == [
        (Property.POLITICAL_GROUP, "Group of the Moon")
    ]
    assert [p.found for p in reading.problems] == ["Group of the Moon"]


def test_what_a_person_of_the_list_lacks_is_a_problem(page, values):
    body = "<meps><mep><fullName>Ada EXAMPLE</fullName><id>9000001</id></mep></meps>"
    reading = ep_lists.read_full_list(page(ep_lists.full_list_url(), body))
    assert values(reading, Property.NAME) == ["Ada EXAMPLE"]
    assert {p.property for p in reading.problems} == {Property.POLITICAL_GROUP, Property.MANDATE}


def test_the_directory_gives_names_and_the_term(page, saved, values):
    reading = ep_lists.read_directory(page(ep_lists.directory_url(9), saved("directory.xml")))
    assert values(reading, Property.NAME) == ["Ada EXAMPLE", "Bo van TALE"]
    terms = [s for s in reading.statements if s.property is Property.TERM]
    assert [(s.mep_id, s.value, s.term) for s in terms] == [(9000001, "9", 9), (9000002, "9", 9)]
    assert len(reading.statements) == 4
    assert not reading.unread


def test_the_directory_reports_elements_that_it_does_not_know(page, saved):
    body = saved("directory.xml", ("</mep>", "<country>Malta</country></mep>"))
    assert ep_lists.read_directory(page(ep_lists.directory_url(9), body)).unread == {"country"}
