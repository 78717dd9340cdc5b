"""A Member's profile, in the markup of 2024 and of 2026."""

from datetime import UTC, datetime

import pytest

from dontspy_data.errors import PageError, UnknownCodeError
from dontspy_data.model.statements import CONTACTS, Property, State
from dontspy_data.sources import ep_profile

URL = ep_profile.url(9000001)
LINKS = """
<a class="link_email mr-2" href="ue[dot]aporue.lraporue[at]elpmaxe.ada" title="E-mail"><span>E-mail</span></a>
<a class="link_website mr-2" href="https://ada.example/" title="Website"></a>
<a class="link_twitt mr-2" href="https://x.com/ada" title="X"></a>
<a class="link_fb mr-2" href="https://www.facebook.com/ada/?locale=mt_MT" title="Facebook"></a>
<a class="link_instagram mr-2" href="https://www.instagram.com/ada/" title="Instagram"></a>
<a class="link_linkedin mr-2" href="https://www.linkedin.com/in/ada/" title="LinkedIn"></a>
<a class="link_youtube mr-2" href="https://www.youtube.com/@ada" title="Youtube"></a>
<a class="link_telegram mr-2" href="https://t.me/ada" title="Telegram"></a>
"""
ROLES = """
<div class="erpl_meps-status-list">
  <div class="erpl_meps-status"><h4 class="es_title-h4">Vice-Chair</h4><div class="badges">
    <a href="/delegations/en/d-xx" class="es_badge es_badge-committee mr-1">D-XX</a>
    <div class="erpl_committee">Delegation to Utopia</div></div></div>
  <div class="erpl_meps-status"><h4 class="es_title-h4">Member</h4>
    <div class="badges"><a class="es_badge es_badge-committee mr-1">FABL</a>
      <div class="erpl_committee">Committee on Fables</div></div>
    <div class="badges"><div class="erpl_committee">Conference of Presidents</div></div></div>
</div>"""


def menu(*terms):
    return "".join(
        f'<a href="/meps/en/9000001/ADA/history/{term}#detailedcardmep">term</a>' for term in terms
    )


def test_who_it_is(page, member_page, only):
    reading = ep_profile.read(page(URL, member_page()))
    assert only(reading, Property.NAME).value == "Ada EXAMPLE"
    assert only(reading, Property.BIRTH_DATE).value == "1969-05-02"
    assert only(reading, Property.BIRTH_PLACE).value == "Ħaż-Żebbuġ"
    assert {s.mep_id for s in reading.statements} == {9000001}
    assert not reading.notes
    assert not reading.unread


def test_where_a_member_sits_now(page, member_page, only):
    reading = ep_profile.read(page(URL, member_page()))
    group = only(reading, Property.POLITICAL_GROUP)
    assert (group.value, group.role, group.term, group.state) == ("Renew", "Vice-Chair", 10, State.ONGOING)
    assert only(reading, Property.NATIONAL_PARTY).value == "Partit tal-Ħrejjef"
    mandate = only(reading, Property.MANDATE)
    assert (mandate.value, mandate.term, mandate.state) == ("MT", 10, State.ONGOING)


def test_a_scrambled_email_and_every_account(page, member_page):
    reading = ep_profile.read(page(URL, member_page(links=LINKS)))
    assert {s.property: s.value for s in reading.statements if s.property in CONTACTS} == {
        Property.EMAIL: "ada.example@europarl.europa.eu",
        Property.WEBSITE: "https://ada.example/",
        Property.X: "https://x.com/ada",
        Property.FACEBOOK: "https://www.facebook.com/ada/?locale=mt_MT",
        Property.INSTAGRAM: "https://www.instagram.com/ada/",
        Property.LINKEDIN: "https://www.linkedin.com/in/ada/",
        Property.YOUTUBE: "https://www.youtube.com/@ada",
        Property.OTHER_ACCOUNT: "https://t.me/ada",
    }


def test_telephones_and_offices_are_left(page, member_page):
    reading = ep_profile.read(page(URL, member_page(links=LINKS)))
    assert not any("0032" in s.value for s in reading.statements)


def test_other_links_of_the_header_are_no_accounts(page, member_page):
    links = '<a class="es_link_share" href="https://share.example/"></a>'
    reading = ep_profile.read(page(URL, member_page(links=links)))
    assert not any(s.property in CONTACTS for s in reading.statements)


def test_roles_in_bodies(page, member_page):
    reading = ep_profile.read(page(URL, member_page(ROLES)))
    bodies = {Property.COMMITTEE, Property.DELEGATION, Property.OTHER_BODY}
    assert [(s.property, s.value, s.role, s.state) for s in reading.statements if s.property in bodies] == [
        (Property.DELEGATION, "Delegation to Utopia", "Vice-Chair", State.ONGOING),
        (Property.COMMITTEE, "Committee on Fables", "Member", State.ONGOING),
        (Property.OTHER_BODY, "Conference of Presidents", "Member", State.ONGOING),
    ]


def test_a_role_without_a_body_is_an_error(page, member_page):
    with pytest.raises(PageError, match="the bodies of a role"):
        ep_profile.read(page(URL, member_page(ROLES.replace("erpl_committee", "new_name"))))


def test_a_former_member_sat_in_the_last_term_of_the_menu(page, member_page, only):
    reading = ep_profile.read(page(URL, member_page(menu(9, 8))))
    for about in (Property.MANDATE, Property.POLITICAL_GROUP, Property.NATIONAL_PARTY):
        statement = only(reading, about)
        assert (statement.term, statement.state) == (9, State.ENDED)


def test_a_sitting_member_of_several_terms_sits_in_this_one(page, member_page, only):
    mandate = only(ep_profile.read(page(URL, member_page(menu(8, 10, 9)))), Property.MANDATE)
    assert (mandate.term, mandate.state) == (10, State.ONGOING)


def test_the_term_is_that_of_the_day_of_the_page(page, member_page, only):
    made = page(URL, member_page(), retrieved_at=datetime(2023, 4, 27, tzinfo=UTC))
    assert only(ep_profile.read(made), Property.MANDATE).term == 9


def test_a_date_of_death_ends_what_was(page, member_page, only):
    birth = (
        "<p>Date of birth : <time>02-05-1939</time>, <span>Gozo</span><br>"
        '\nDate of death : <time id="deathDate">11-08-2024</time></p>'
    )
    reading = ep_profile.read(page(URL, member_page(birth=birth)))
    assert only(reading, Property.BIRTH_PLACE).value == "Gozo"
    assert only(reading, Property.DEATH_DATE).value == "2024-08-11"
    assert only(reading, Property.MANDATE).state is State.ENDED


@pytest.mark.parametrize("birth", ["", "<p>Date of birth : <time>02-05-1969</time></p>"])
def test_birth_may_be_missing_in_part_or_whole(page, member_page, values, birth):
    reading = ep_profile.read(page(URL, member_page(birth=birth)))
    assert values(reading, Property.BIRTH_DATE) == (["1969-05-02"] if birth else [])
    assert values(reading, Property.BIRTH_PLACE) == []


def test_what_is_no_date_or_address_is_a_note(page, member_page, values):
    links = '<a class="link_email" href="mailto:"></a><a class="link_fb" href="www.facebook.com"></a>'
    birth = "<p>Date of birth : <time>31-02-1969</time></p>"
    reading = ep_profile.read(page(URL, member_page(links=links, birth=birth)))
    assert values(reading, Property.EMAIL) == values(reading, Property.FACEBOOK) == []
    assert values(reading, Property.BIRTH_DATE) == []
    assert len(reading.notes) == 3


def test_no_party_is_no_statement(page, member_page, values):
    assert (
        values(ep_profile.read(page(URL, member_page(country="Malta - - (Malta)"))), Property.NATIONAL_PARTY)
        == []
    )
    assert values(ep_profile.read(page(URL, member_page(country="Malta"))), Property.NATIONAL_PARTY) == []


def test_a_new_field_of_the_header_is_reported(page, member_page):
    birth = '<p><span class="sln-honours mt-1">Order of the Fable</span></p>'
    assert ep_profile.read(page(URL, member_page(birth=birth))).unread == {"sln-honours"}


@pytest.mark.parametrize(
    ("changed", "missing"),
    [
        ({"name": ""}, "the name"),
        ({"group": ""}, "the political group"),
        ({"country": ""}, "the country"),
        ({"language": "fr"}, "a page in English"),
    ],
)
def test_a_missing_landmark_is_named(page, member_page, changed, missing):
    with pytest.raises(PageError, match=missing):
        ep_profile.read(page(URL, member_page(**changed)))


def test_an_unknown_group_stops(page, member_page):
    with pytest.raises(UnknownCodeError, match="Moon"):
        ep_profile.read(page(URL, member_page(group="Group of the Moon")))
