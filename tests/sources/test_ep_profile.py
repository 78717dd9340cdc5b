"""A Member's profile, in the markup of 2019, 2025 and 2026."""

from datetime import UTC, datetime

import pytest

from dontspy_data.errors import OtherPersonError, PageError
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import CONTACTS, Basis, Property, State
from dontspy_data.sources import member_page

URL = member_page.profile_url(9000001)
BODIES = {Property.COMMITTEE, Property.DELEGATION, Property.OTHER_BODY}
BIRTH = (
    '<p>Date of birth : <time class="sln-birth-date" datetime="1969-05-02">02-05-1969</time>, '
    '<span class="sln-birth-place">Ħaż-Żebbuġ</span></p>'
)
GROUP = '<h3 class="es_title-h3 mt-1 sln-political-group-name">Renew Europe Group</h3>'
COUNTRY = "Malta\n\t\t\t\t\t\t\t - Partit tal-Ħrejjef (Malta)"


@pytest.fixture(params=["profile.html", "profile-of-2025.html"])
def layout(request):
    return request.param


@pytest.fixture
def read(page, saved):
    def reader(*changes, name="profile.html", **how):
        return member_page.read_profile(page(URL, saved(name, *changes), **how))

    return reader


def menu(*terms):
    links = "".join(
        f'<a href="/meps/en/9000001/ADA/history/{term}#detailedcardmep">term</a>' for term in terms
    )
    return "</main>", f"{links}</main>"


def test_who_it_is(read, only, layout):
    reading = read(name=layout)
    assert only(reading, Property.NAME).value == "Ada EXAMPLE"
    assert only(reading, Property.BIRTH_DATE).value == "1969-05-02"
    assert only(reading, Property.BIRTH_PLACE).value == "Ħaż-Żebbuġ"
    assert {s.mep_id for s in reading.statements} == {9000001}
    assert reading.problems == reading.notes == ()
    assert not reading.unread


def test_where_a_member_sits_now(read, only, layout):
    reading = read(name=layout)
    group = only(reading, Property.POLITICAL_GROUP)
    assert (group.value, group.role, group.term, group.state) == ("Renew", "Vice-Chair", 10, State.ONGOING)
    assert only(reading, Property.NATIONAL_PARTY).value == "Partit tal-Ħrejjef"
    mandate = only(reading, Property.MANDATE)
    assert (mandate.value, mandate.term, mandate.state) == ("MT", 10, State.ONGOING)


def test_the_role_in_the_group_stands_in_a_paragraph_in_older_layouts(read, only):
    reading = read(name="group-role-in-paragraph.html", retrieved_at=datetime(2019, 6, 1, tzinfo=UTC))
    group = only(reading, Property.POLITICAL_GROUP)
    assert (group.value, group.role, group.term) == ("ALDE", "Chair", 8)
    assert only(reading, Property.NAME).value == "Ada EXAMPLE"
    assert only(reading, Property.EMAIL).value == "ada.example@europarl.europa.eu"
    assert only(reading, Property.BIRTH_DATE).value == "1969-05-02"
    assert reading.problems == ()


def test_a_group_without_a_role_has_none(read, only):
    reading = read(('<p class="sln-political-group-role">Vice-Chair</p>', ""))
    assert only(reading, Property.POLITICAL_GROUP).role is None


def test_a_scrambled_email_and_every_account(read, values, layout):
    reading = read(name=layout)
    found = [(s.property, s.value) for s in reading.statements if s.property in CONTACTS]
    assert found == [
        (Property.EMAIL, "ada.example@europarl.europa.eu"),
        (Property.WEBSITE, "https://ada.example/"),
        (Property.X, "https://x.com/ada"),
        (Property.FACEBOOK, "https://www.facebook.com/ada/?locale=mt_MT"),
        (Property.INSTAGRAM, "https://www.instagram.com/ada/"),
        (Property.LINKEDIN, "https://www.linkedin.com/in/ada/"),
        (Property.YOUTUBE, "https://www.youtube.com/@ada"),
        (Property.OTHER_ACCOUNT, "https://t.me/ada"),
        (Property.OTHER_ACCOUNT, "https://bsky.app/profile/ada.example"),
    ]


def test_telephones_and_links_for_sharing_are_left(read):
    values = {s.value for s in read().statements}
    assert not any("0032" in value or "share" in value for value in values)


def test_roles_in_bodies(read, layout):
    found = [
        (s.property, s.value, s.role, s.state) for s in read(name=layout).statements if s.property in BODIES
    ]
    assert found == [
        (Property.DELEGATION, "Delegation for relations with Utopia", "Vice-Chair", State.ONGOING),
        (Property.COMMITTEE, "Committee on Fables", "Member", State.ONGOING),
        (Property.OTHER_BODY, "Conference of Presidents", "Member", State.ONGOING),
    ]


def test_a_role_without_a_body_is_a_problem_of_its_own(read, the):
    reading = read(('<div class="erpl_committee">Delegation for relations with Utopia</div>', ""))
    problem = the(reading, ProblemKind.ROW)
    assert (problem.mep_id, problem.found) == (9000001, "Vice-Chair D-XX")
    assert [s.value for s in reading.statements if s.property in BODIES] == [
        "Committee on Fables",
        "Conference of Presidents",
    ]


def test_an_unknown_role_is_a_problem_and_its_bodies_stay(read, the):
    reading = read(('<h4 class="es_title-h4">Member</h4>', '<h4 class="es_title-h4">Jester</h4>'))
    assert the(reading, ProblemKind.CATEGORY).found == "Jester"
    jester = [s for s in reading.statements if s.basis is Basis.UNKNOWN_ROLE]
    assert [(s.value, s.role) for s in jester] == [
        ("Committee on Fables", "Jester"),
        ("Conference of Presidents", "Jester"),
    ]


def test_a_former_member_sat_in_the_last_term_of_the_menu(read, only):
    reading = read(menu(9, 8))
    for about in (Property.MANDATE, Property.POLITICAL_GROUP, Property.NATIONAL_PARTY):
        statement = only(reading, about)
        assert (statement.term, statement.state) == (9, State.ENDED)


def test_a_sitting_member_of_several_terms_sits_in_this_one(read, only):
    mandate = only(read(menu(8, 10, 9)), Property.MANDATE)
    assert (mandate.term, mandate.state) == (10, State.ONGOING)


def test_the_term_is_that_of_the_day_of_the_page(read, only):
    assert only(read(retrieved_at=datetime(2023, 4, 27, tzinfo=UTC)), Property.MANDATE).term == 9


def test_a_date_of_death_ends_what_was(read, only):
    death = (
        "<p>Date of birth : <time>02-05-1939</time>, <span>Gozo</span><br>"
        '\nDate of death : <time id="deathDate">11-08-2024</time></p>'
    )
    reading = read((BIRTH, death))
    assert only(reading, Property.BIRTH_PLACE).value == "Gozo"
    assert only(reading, Property.DEATH_DATE).value == "2024-08-11"
    assert only(reading, Property.MANDATE).state is State.ENDED


@pytest.mark.parametrize("birth", ["", "<p>Date of birth : <time>02-05-1969</time></p>"])
def test_birth_may_be_missing_in_part_or_whole(read, values, birth):
    reading = read((BIRTH, birth))
    assert values(reading, Property.BIRTH_DATE) == (["1969-05-02"] if birth else [])
    assert values(reading, Property.BIRTH_PLACE) == []
    assert reading.problems == ()


@pytest.mark.parametrize(
    ("changes", "about", "found"),
    [
        ([("ue[dot]aporue.lraporue[at]elpmaxe.ada", "mailto:")], Property.EMAIL, "mailto:"),
        (
            [("https://www.facebook.com/ada/?locale=mt_MT", "www.facebook.com")],
            Property.FACEBOOK,
            "www.facebook.com",
        ),
        ([("02-05-1969", "31-02-1969")], Property.BIRTH_DATE, "31-02-1969"),
        ([(BIRTH, "<p>Date of birth :</p>")], Property.BIRTH_DATE, ""),
        ([("https://www.youtube.com/@ada", "")], Property.YOUTUBE, ""),
        ([('<span class="sln-member-name">Ada EXAMPLE</span>', "")], Property.NAME, ""),
        ([(GROUP, "")], Property.POLITICAL_GROUP, ""),
        ([(COUNTRY, "")], Property.MANDATE, ""),
    ],
)
def test_what_is_damaged_or_missing_is_a_problem_and_the_rest_is_read(
    read, values, the, changes, about, found
):
    reading = read(*changes)
    assert values(reading, about) == []
    problem = the(reading, ProblemKind.CELL)
    assert (problem.mep_id, problem.property) == (9000001, about)
    assert problem.found == found
    assert "Committee on Fables" in values(reading, Property.COMMITTEE)


def test_no_party_is_no_statement(read, values):
    assert values(read((COUNTRY, "Malta - - (Malta)")), Property.NATIONAL_PARTY) == []
    assert values(read((COUNTRY, "Malta")), Property.NATIONAL_PARTY) == []


def test_a_new_field_of_the_header_is_reported(read):
    assert read((BIRTH, '<p><span class="sln-honours mt-1">Order of the Fable</span></p>')).unread == {
        "sln-honours"
    }


def test_a_page_without_the_header_is_an_error(read):
    with pytest.raises(PageError) as caught:
        read(('id="presentationmep"', ""))
    assert "#presentationmep" in caught.value.expected


def test_of_a_page_in_another_language_the_person_is_read(read, only, values, the):
    reading = read(('lang="en"', 'lang="mt"'))
    assert "mt" in the(reading, ProblemKind.PAGE).found
    assert only(reading, Property.NAME).value == "Ada EXAMPLE"
    assert only(reading, Property.MANDATE).value == "MT"
    assert only(reading, Property.POLITICAL_GROUP).role is None
    assert values(reading, Property.COMMITTEE) == []


def test_an_unknown_group_is_a_problem_and_stays_as_printed(read, only, the):
    reading = read(("Renew Europe Group", "Group of the Moon"))
    problem = the(reading, ProblemKind.CATEGORY)
    assert (problem.mep_id, problem.found) == (9000001, "Group of the Moon")
    group = only(reading, Property.POLITICAL_GROUP)
    assert (group.value, group.role, group.basis) == ("Group of the Moon", "Vice-Chair", Basis.UNKNOWN)


@pytest.mark.parametrize(
    "change",
    [
        ("en/9000001/ADA_EXAMPLE/home", "en/9000002/BO_EXAMPLE/home"),
        ("mepphoto/9000001.jpg", "mepphoto/9000002.jpg"),
        ("mepaudio/9000001.mp3", "mepaudio/9000002.mp3"),
    ],
)
def test_another_persons_page_is_refused(read, change):
    with pytest.raises(OtherPersonError) as caught:
        read(change)
    assert "9000002" in caught.value.found
