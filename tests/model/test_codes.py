"""Codes: what counts as which country, group and term."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.errors import UnknownCodeError
from dontspy_data.model import codes


def test_the_union_has_twenty_seven_member_states_and_one_former():
    assert len(codes.countries()) == 28
    assert [c.code for c in codes.countries() if c.left] == ["GB"]
    assert [c.code for c in codes.countries()] == sorted(c.code for c in codes.countries())


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("GR", "GR"),
        ("EL", "GR"),
        ("GRC", "GR"),
        ("greece", "GR"),
        ("GRÈCE", "GR"),
        ("GRE\u0300CE", "GR"),  # decomposed, as some file systems and editors leave it
        ("Griechenland", "GR"),
        ("UK", "GB"),
        ("GBR", "GB"),
        ("  United\u00a0Kingdom ", "GB"),
        ("Países Bajos", "NL"),
        ("Paesi Bassi", "NL"),
        ("Czech Republic", "CZ"),  # as printed until 2020
    ],
)
def test_country_from_codes_and_names(value, code):
    assert codes.country(value) == code


def test_every_spelling_of_every_country_leads_to_it():
    for c in codes.countries():
        for value in (c.code, c.code3, c.ep_code, c.name_en, c.name_fr, c.name_de, c.name_es, c.name_it):
            assert codes.country(value) == c.code
            assert codes.country(value.lower()) == c.code


def test_unknown_country_says_where_to_add_it():
    with pytest.raises(UnknownCodeError, match="unknown country 'Atlantis'") as caught:
        codes.country("Atlantis")
    assert "countries.csv" in caught.value.hint
    assert caught.value.row.split(",")[3] == "Atlantis"


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("PPE", "EPP"),
        ("EPP", "EPP"),
        ("Group of the European People's Party (Christian Democrats)", "EPP"),
        ("Group of the European People\u2019s Party (Christian Democrats)", "EPP"),
        ("Groupe du Parti populaire européen (Démocrates-Chrétiens)", "EPP"),
        ("S-D", "S&D"),
        ("VERTS-ALE", "Greens/EFA"),
        ("Verts/ALE", "Greens/EFA"),
        ("THE-LEFT", "The Left"),
        ("The Left group in the European Parliament - GUE/NGL", "The Left"),
        ("The Left group in the European Parliament \u2013 GUE/NGL", "The Left"),
        ("Fraktion Die Linke im Europäischen Parlament - GUE/NGL", "The Left"),
        ("GUE/NGL", "GUE/NGL"),
        ("Groupe Patriotes pour l\u2019Europe", "PfE"),
        ("Europe of Freedom and Direct Democracy Group", "EFDD"),
        ("non-attached members", "NI"),
        ("Fraktionslos", "NI"),
    ],
)
def test_group_from_codes_and_labels(label, code):
    assert codes.group(label) == code


def test_every_spelling_of_every_group_leads_to_it():
    for g in codes.groups():
        for label in (g.code, g.ep_code, g.name_en, g.name_fr, g.name_de, g.name_es, g.name_it):
            assert not label or codes.group(label) == g.code


@pytest.mark.parametrize(
    ("label", "code"),
    [
        ("DEP", "DEP"),
        ("Group of the European Progressive Democrats", "DEP"),
        ("Europe of Nations and Freedom", "ENF"),
        ("The Left group in the European Parliament", "The Left"),
        ("Progressive Alliance of Socialists & Democrats", "S&D"),
        ("Socialist Group in the European Parliament (PSE)", "PES"),
        ("Socialist Group", "SOC"),
        ("Communist and Allies Group (SF, Ind. Sin.)", "COM"),
        ("Identity Tradition and Sovereignty", "ITS"),
        ("European Democratic Union", "UDE"),
        ("European Conservative Group", "C"),
        ("Christian-Democratic Group", "CD"),
        ("Liberal and Allies Group", "L"),
        (
            "Rainbow Group (Federation of the Green Alternative European Links, Agelev-Ecolo, the Danish People's "
            "Movement against Membership of the European Community, and the European Free Alliance)",
            "ARC",
        ),
        ("Political groups' secretariats", ""),
    ],
)
def test_groups_of_all_times_by_their_main_words(label, code):
    assert codes.group(label) == code


@pytest.mark.parametrize("label", ["Democrats", "Group of the Moon", "European Democrats", "Europe", "Group"])
def test_a_name_with_other_words_is_no_group(label):
    with pytest.raises(UnknownCodeError):
        codes.group(label)


def test_unknown_group_says_where_to_add_it():
    with pytest.raises(UnknownCodeError, match="unknown political group") as caught:
        codes.group("Group of the Moon")
    assert "group_labels.csv" in caught.value.hint
    assert caught.value.row == "Group of the Moon,,CODE"


@pytest.mark.parametrize(
    ("code", "predecessors"),
    [
        ("Renew", ["ALDE", "ELDR", "LDR", "L"]),
        ("The Left", ["GUE/NGL", "GUE"]),
        ("PfE", ["ID", "ENF"]),
        ("S&D", ["PES", "SOC"]),
    ],
)
def test_groups_know_whom_they_continue(code, predecessors):
    by_code = {g.code: g for g in codes.groups()}
    line = []
    while (code := by_code[code].predecessor) is not None:
        line.append(code)
    assert line == predecessors


def test_group_codes_are_unique_and_predecessors_come_earlier():
    by_code = {g.code: g for g in codes.groups()}
    assert len(by_code) == len(codes.groups())
    for g in codes.groups():
        if g.start_date and g.end_date:
            assert g.start_date < g.end_date
        if g.predecessor:
            earlier = by_code[g.predecessor]
            assert g.note, f"{g.code} does not say what succession means"
            if earlier.start_date and g.start_date:
                assert earlier.start_date < g.start_date


def test_terms_follow_each_other_without_a_gap():
    assert [t.term for t in codes.terms()] == list(range(len(codes.terms())))
    for earlier, later in pairwise(codes.terms()):
        assert earlier.end_date == later.start_date - timedelta(days=1)
    assert codes.terms()[-1].end_date is None


@pytest.mark.parametrize(
    ("day", "term"),
    [
        (date(1979, 7, 17), 1),
        (date(2019, 7, 1), 8),
        (date(2019, 7, 2), 9),
        (date(2024, 7, 15), 9),
        (date(2024, 7, 16), 10),
    ],
)
def test_term_on_a_day(day, term):
    assert codes.term_on(day) == term


def test_no_term_before_the_first_assembly():
    with pytest.raises(UnknownCodeError, match="1952-09-09"):
        codes.term_on(date(1952, 9, 9))


@pytest.mark.parametrize(
    ("day", "seats"),
    [
        (date(1978, 1, 1), 198),
        (date(1979, 7, 17), 410),
        (date(1980, 12, 31), 410),
        (date(1981, 1, 1), 434),
        (date(2004, 7, 19), 788),
        (date(2004, 9, 1), 732),
        (date(2013, 7, 1), 766),
        (date(2019, 7, 2), 751),
        (date(2020, 1, 31), 751),
        (date(2023, 4, 27), 705),
        (date(2026, 1, 15), 720),
    ],
)
def test_seats_on_a_day(day, seats):
    assert codes.seats_on(day) == seats


@pytest.mark.parametrize(
    ("value", "gender"),
    [("MALE", "male"), ("female", "female"), ("NKN", ""), ("not stated", ""), ("NAP", "")],
)
def test_gender(value, gender):
    assert codes.gender(value) == gender


def test_an_unknown_gender_is_an_error_with_the_row_to_add():
    with pytest.raises(UnknownCodeError, match="unknown gender 'OTHER'") as caught:
        codes.gender("OTHER")
    assert "genders.csv: OTHER," in caught.value.hint


@pytest.mark.parametrize(
    ("value", "role"),
    [
        ("CHAIR_VICE", "Vice-Chair"),
        ("vice-chair", "Vice-Chair"),
        ("MEMBER_SUBSTITUTE", "Substitute"),
        ("MEMBER_BUREAU", "Member of the Bureau"),
        ("CHAIR_VICE_BUREAU_TREASURER", "Treasurer/Vice-Chair/Member of the Bureau"),
    ],
)
def test_role(value, role):
    assert codes.role(value) == role


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        ("EU_POLITICAL_GROUP", "political_group"),
        ("COMMITTEE_PARLIAMENTARY_SUB", "committee"),
        ("DELEGATION_JOINT_COMMITTEE", "delegation"),
        ("WORKING_GROUP", "other_body"),
    ],
)
def test_kind_of_body(kind, about):
    assert codes.body_kind(kind) == about
    with pytest.raises(UnknownCodeError):
        codes.body_kind("CIRCLE_OF_FRIENDS")


@given(st.text())
def test_any_text_is_a_code_or_an_unknown_code(text):
    for look_up in (codes.country, codes.group, codes.role):
        try:
            assert look_up(text)
        except UnknownCodeError as error:
            assert repr(text) in str(error)
