"""A Member's history in one term."""

import pytest

from dontspy_data.errors import PageError, UnknownCodeError
from dontspy_data.model.statements import Property, State
from dontspy_data.sources import ep_history

URL = ep_history.url(9000001, 9)
HEADING = "9th parliamentary term"


def status(**sections):
    """Sections by heading, `_` for a blank, each a list of lines as the site prints them."""
    blocks = []
    for heading, lines in sections.items():
        items = "".join(
            f"<li><strong>{period}</strong> : {body}</li>"
            for period, body in (line.split(" : ", 1) for line in lines)
        )
        blocks.append(
            f'<div class="erpl_meps-status"><h4>{heading.replace("_", " ")}</h4>'
            f'<div class="separator"></div><ul>{items}</ul></div>'
        )
    return f'<div id="status"><div class="erpl_meps-status-list">{"".join(blocks)}</div></div>'


WHOLE = status(
    Political_groups=[
        "02-07-2019 / 19-01-2020 : The Left group in the European Parliament - GUE/NGL - Member",
        "20-01-2020 / 31-12-2021 : Non-attached Members",
        "01-03-2022 / 15-07-2024 : Renew Europe Group - Vice-Chair",
    ],
    National_parties=["02-07-2019 / 15-07-2024 : Partit tal-Ħrejjef (Malta)"],
    Chair=["02-07-2019 / 18-01-2022 : Committee on Fables"],
    Substitute=["19-01-2022 / 15-07-2024 : Delegation to the EU-Utopia Joint Parliamentary Committee"],
)


def read(page, member_page, main, **changed):
    return ep_history.read(page(URL, member_page(main, **{"heading": HEADING, **changed})))


def periods(reading, about):
    return [
        (s.value, s.role, s.start_date, s.end_date, s.state, s.term)
        for s in reading.statements
        if s.property is about
    ]


def test_groups_with_roles_and_dates(page, member_page):
    reading = read(page, member_page, WHOLE)
    assert periods(reading, Property.POLITICAL_GROUP) == [
        ("The Left", "Member", "2019-07-02", "2020-01-19", State.ENDED, 9),
        ("NI", None, "2020-01-20", "2021-12-31", State.ENDED, 9),
        ("Renew", "Vice-Chair", "2022-03-01", "2024-07-15", State.ENDED, 9),
    ]


@pytest.mark.parametrize(
    ("line", "code", "role"),
    [
        ("The Left group in the European Parliament - GUE/NGL", "The Left", None),
        ("The Left group in the European Parliament - GUE/NGL - Co-Chair", "The Left", "Co-Chair"),
        ("Confederal Group of the European United Left - Nordic Green Left - Member", "GUE/NGL", "Member"),
        ("Non-attached Members", "NI", None),
    ],
)
def test_names_of_groups_have_dashes_themselves(page, member_page, only, line, code, role):
    group = only(
        read(page, member_page, status(Political_groups=[f"02-07-2019 ... : {line}"])),
        Property.POLITICAL_GROUP,
    )
    assert (group.value, group.role) == (code, role)


def test_an_open_period_goes_on(page, member_page, only):
    reading = read(
        page, member_page, status(Political_groups=["16-07-2024 ... : Renew Europe Group - Chair"])
    )
    for about in (Property.POLITICAL_GROUP, Property.MANDATE):
        statement = only(reading, about)
        assert (statement.start_date, statement.end_date, statement.state) == (
            "2024-07-16",
            None,
            State.ONGOING,
        )


def test_parties_lose_their_country_and_bodies_keep_their_section(page, member_page):
    reading = read(page, member_page, WHOLE)
    assert periods(reading, Property.NATIONAL_PARTY) == [
        ("Partit tal-Ħrejjef", None, "2019-07-02", "2024-07-15", State.ENDED, 9)
    ]
    assert periods(reading, Property.COMMITTEE) == [
        ("Committee on Fables", "Chair", "2019-07-02", "2022-01-18", State.ENDED, 9)
    ]
    assert [p[1] for p in periods(reading, Property.DELEGATION)] == ["Substitute"]


def test_a_mandate_spans_the_groups_without_a_gap(page, member_page):
    assert periods(read(page, member_page, WHOLE), Property.MANDATE) == [
        ("MT", None, "2019-07-02", "2021-12-31", State.ENDED, 9),
        ("MT", None, "2022-03-01", "2024-07-15", State.ENDED, 9),
    ]


def test_a_mandate_is_for_the_country_of_that_terms_party(page, member_page, only):
    main = status(
        Political_groups=["02-07-2019 / 15-07-2024 : Renew Europe Group - Member"],
        National_parties=["02-07-2019 / 15-07-2024 : Partito delle Fiabe (Italy)"],
    )
    assert only(read(page, member_page, main), Property.MANDATE).value == "IT"


def test_overlapping_periods_are_one_mandate(page, member_page):
    main = status(
        Political_groups=[
            "01-01-2020 / 31-01-2020 : Renew Europe Group - Member",
            "02-07-2019 / 15-07-2024 : Non-attached Members",
        ]
    )
    assert [p[2:4] for p in periods(read(page, member_page, main), Property.MANDATE)] == [
        ("2019-07-02", "2024-07-15")
    ]


def test_the_header_gives_the_person_and_not_todays_group(page, member_page, values):
    reading = read(page, member_page, WHOLE, group="Identity and Democracy Group")
    assert values(reading, Property.BIRTH_DATE) == ["1969-05-02"]
    assert "ID" not in values(reading, Property.POLITICAL_GROUP)


def test_no_party_is_no_statement(page, member_page, values):
    main = status(
        Political_groups=["02-07-2019 / 15-07-2024 : Non-attached Members"],
        National_parties=["02-07-2019 / 15-07-2024 : - (Spain)"],
    )
    reading = read(page, member_page, main)
    assert values(reading, Property.NATIONAL_PARTY) == []
    assert values(reading, Property.MANDATE) == ["ES"]


def test_another_term_than_the_addresss_is_an_error(page, member_page):
    with pytest.raises(PageError, match="the heading of term 9"):
        read(page, member_page, WHOLE, heading="8th parliamentary term")


@pytest.mark.parametrize("main", ["", status(National_parties=["02-07-2019 ... : A (Malta)"])])
def test_no_groups_is_an_error(page, member_page, main):
    with pytest.raises(PageError, match="a list under 'Political groups'"):
        read(page, member_page, main)


@pytest.mark.parametrize(
    "line", ["2019 : Renew Europe Group", "31-02-2019 ... : X", "02-07-2019 / 99-99-2024 : X"]
)
def test_a_line_in_another_form_is_an_error_that_shows_it(page, member_page, line):
    with pytest.raises(PageError, match="a period and a body in"):
        read(page, member_page, status(Political_groups=[line]))


def test_a_heading_without_lines_is_an_error(page, member_page):
    main = status(Political_groups=["02-07-2019 ... : Renew Europe Group - Member"], Member=[])
    with pytest.raises(PageError, match="a list under 'Member'"):
        read(page, member_page, main)


def test_an_unknown_group_stops(page, member_page):
    with pytest.raises(UnknownCodeError, match="Group of the Moon"):
        read(page, member_page, status(Political_groups=["02-07-2019 ... : Group of the Moon - Member"]))
