"""A Member's history in one term, which is also the page of a former Member."""

import pytest

from dontspy_data.errors import OtherPersonError
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import Basis, Property, State
from dontspy_data.sources import member_page

URL = member_page.history_url(9000001, 9)
LEFT = "02-07-2019 / 19-01-2020</strong> : The Left group in the European Parliament - GUE/NGL - Member"
PARTY = "02-07-2019 / 15-07-2024</strong> : Partit tal-Ħrejjef (Malta)"
GROUPS = (
    "<li><strong>20-01-2020 / 31-12-2021</strong> : Non-attached Members</li>\n",
    "<li><strong>01-03-2022 / 15-07-2024</strong> : Renew Europe Group - Vice-Chair</li>\n",
)


@pytest.fixture
def read(page, saved):
    def reader(*changes, url=URL):
        source = member_page.EP_HISTORY if "/history/" in url else member_page.EP_PROFILE
        return source.read(page(url, saved("former-member-home.html", *changes)))

    return reader


def alone(line):
    """Changes that leave one group."""
    return [(LEFT, line), *((group, "") for group in GROUPS)]


def periods(reading, about):
    return [
        (s.value, s.role, s.start_date, s.end_date, s.state, s.term)
        for s in reading.statements
        if s.property is about
    ]


@pytest.mark.parametrize("url", [URL, member_page.profile_url(9000001), member_page.history_url(9000001, 8)])
def test_a_former_members_page_is_a_history_under_whichever_address(read, url):
    reading = read(url=url)
    assert periods(reading, Property.POLITICAL_GROUP) == [
        ("The Left", "Member", "2019-07-02", "2020-01-19", State.ENDED, 9),
        ("NI", None, "2020-01-20", "2021-12-31", State.ENDED, 9),
        ("Renew", "Vice-Chair", "2022-03-01", "2024-07-15", State.ENDED, 9),
    ]
    assert len([s for s in reading.statements if s.start_date]) == 8  # with two mandates
    assert reading.problems == ()


@pytest.mark.parametrize(
    ("line", "code", "role"),
    [
        ("The Left group in the European Parliament - GUE/NGL", "The Left", None),
        ("The Left group in the European Parliament - GUE/NGL - Co-Chair", "The Left", "Co-Chair"),
        ("Confederal Group of the European United Left - Nordic Green Left - Member", "GUE/NGL", "Member"),
        ("Non-attached Members", "NI", None),
    ],
)
def test_names_of_groups_have_dashes_themselves(read, only, line, code, role):
    group = only(read(*alone(f"02-07-2019 ...</strong> : {line}")), Property.POLITICAL_GROUP)
    assert (group.value, group.role) == (code, role)


@pytest.mark.parametrize("end", ["...", "\u2026", "/ ..."])
def test_an_open_period_goes_on(read, only, end):
    reading = read(*alone(f"16-07-2024 {end}</strong> : Renew Europe Group - Chair"))
    for about in (Property.POLITICAL_GROUP, Property.MANDATE):
        statement = only(reading, about)
        assert (statement.start_date, statement.end_date, statement.state) == (
            "2024-07-16",
            None,
            State.ONGOING,
        )


def test_parties_lose_their_country_and_bodies_keep_their_section(read):
    reading = read()
    assert periods(reading, Property.NATIONAL_PARTY) == [
        ("Partit tal-Ħrejjef", None, "2019-07-02", "2024-07-15", State.ENDED, 9)
    ]
    assert periods(reading, Property.COMMITTEE) == [
        ("Committee on Fables", "Chair", "2019-07-02", "2022-01-18", State.ENDED, 9)
    ]
    assert [p[1] for p in periods(reading, Property.DELEGATION)] == ["Substitute"]


def test_a_mandate_spans_the_groups_without_a_gap(read):
    assert periods(read(), Property.MANDATE) == [
        ("MT", None, "2019-07-02", "2021-12-31", State.ENDED, 9),
        ("MT", None, "2022-03-01", "2024-07-15", State.ENDED, 9),
    ]


def test_a_mandate_is_for_the_country_of_that_terms_party(read, values):
    reading = read((PARTY, PARTY.replace("(Malta)", "(Italy)")))
    assert values(reading, Property.MANDATE) == ["IT", "IT"]


def test_overlapping_periods_are_one_mandate(read):
    reading = read((LEFT, "02-07-2019 / 15-07-2024</strong> : Non-attached Members"))
    assert [p[2:4] for p in periods(reading, Property.MANDATE)] == [("2019-07-02", "2024-07-15")]


@pytest.mark.parametrize(
    "change",
    [("h4", "h3"), ("</strong> : ", "</strong> \u2013 "), ("02-07-2019", "02.07.2019"), (" : ", "\u00a0: ")],
)
def test_other_headings_separators_and_days_say_the_same(read, change):
    assert read(change).statements == read().statements


def test_a_party_loses_its_country_by_any_of_its_names(read, values):
    reading = read((PARTY, PARTY.replace("(Malta)", "(Czech Republic)")))
    assert values(reading, Property.NATIONAL_PARTY) == ["Partit tal-Ħrejjef"]
    assert values(reading, Property.MANDATE) == ["CZ", "CZ"]


def test_no_party_is_no_statement(read, values):
    reading = read((PARTY, "02-07-2019 / 15-07-2024</strong> : - (Spain)"))
    assert values(reading, Property.NATIONAL_PARTY) == []
    assert values(reading, Property.MANDATE) == ["ES", "ES"]


def test_sitting_in_the_parliament_is_the_mandate_and_no_other_body(read, values):
    reading = read(("Committee on Fables", "European Parliament"))
    assert values(reading, Property.OTHER_BODY) == ["European Parliament"]  # its chair
    reading = read(("Committee on Fables", "European Parliament"), (">Chair<", ">Member<"))
    assert values(reading, Property.OTHER_BODY) == []


def test_without_a_heading_the_term_is_the_addresss(read, values):
    reading = read(("9th parliamentary term", "Mandate"))
    assert {s.term for s in reading.statements if s.start_date} == {9}


@pytest.mark.parametrize(
    "line", ["2019", "31-02-2019 ...", "02-07-2019 / 99-99-2024", "02-07-2019 / 01-07-2019", "..."]
)
def test_a_line_that_cannot_be_read_is_a_problem_and_the_mandate_has_no_dates(read, only, the, line):
    reading = read(("20-01-2020 / 31-12-2021", line))
    problem = the(reading, ProblemKind.ROW)
    assert (problem.mep_id, problem.found) == (9000001, f"{line} : Non-attached Members")
    assert [p[0] for p in periods(reading, Property.POLITICAL_GROUP)] == ["The Left", "Renew"]
    mandate = only(reading, Property.MANDATE)  # with dates, it would have a gap that nobody knows to be one
    assert (mandate.value, mandate.start_date, mandate.state) == ("MT", None, State.UNKNOWN)


def test_a_heading_without_lines_is_a_problem(read, the):
    line = "<li><strong>02-07-2019 / 18-01-2022</strong> : Committee on Fables</li>"
    assert the(read((line, "")), ProblemKind.ROW).found == "Chair"


def test_no_groups_is_a_problem(read, values, the):
    reading = read((">Political groups<", ">Affiliations<"))
    assert {p.kind for p in reading.problems} == {ProblemKind.ROW, ProblemKind.CATEGORY}
    assert values(reading, Property.NATIONAL_PARTY) == ["Partit tal-Ħrejjef"]


@pytest.mark.parametrize("role", ["Member", ""])
def test_an_unknown_group_is_a_problem_with_its_period(read, only, the, role):
    line = "02-07-2019 ...</strong> : Group of the Moon" + f" - {role}" * bool(role)
    reading = read(*alone(line))
    assert the(reading, ProblemKind.CATEGORY).found == "Group of the Moon"
    group = only(reading, Property.POLITICAL_GROUP)
    assert (group.value, group.role, group.basis) == ("Group of the Moon", role or None, Basis.UNKNOWN)
    assert only(reading, Property.MANDATE).start_date == "2019-07-02"


def test_another_persons_page_is_refused(read):
    with pytest.raises(OtherPersonError):
        read(("en/9000001/ADA_EXAMPLE", "en/9000002/BO_EXAMPLE"))
