"""The Open Data API: lists, persons and bodies, in the documented shape and the live one's oddities."""

import json
from datetime import date
from pathlib import Path

import pytest

from dontspy_data.errors import PageError
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import Basis, Property, State
from dontspy_data.sources import ep_api
from dontspy_data.sources.source import Body, Reading

PAGES = Path(__file__).parents[1] / "pages"
PERSON = json.loads((PAGES / "api-person.json").read_text(encoding="utf-8"))["data"][0]
AUTHORITY = "http://publications.europa.eu/resource/authority"
URL = ep_api.mep_url(9000001)


def brief(mep_id="9000001", **fields):
    """A row of a list, with what a list says of a person, and further fields."""
    row = {key: PERSON[key] for key in ("type", "label", "familyName", "givenName", "sortLabel")}
    return {"id": f"person/{mep_id}", "identifier": mep_id, **row, **fields}


def membership(number=1, start="2024-07-16", end=None, **fields):
    """A membership in the shape that the person's page has, of one period."""
    bare = {key: PERSON["hasMembership"][0][key] for key in ("type", "contactPoint")}
    period = {"id": "time-period/1", "type": "PeriodOfTime", "startDate": start}
    return {
        "id": f"membership/9000001-f-{number}",
        "identifier": f"9000001-f-{number}",
        "notation_codictFunctionId": str(number),
        "memberDuring": period | ({"endDate": end} if end else {}),
        **bare,
        **fields,
    }


def answer(*rows, **more):
    return json.dumps({"data": list(rows), "@context": [], **more}, ensure_ascii=False)


@pytest.fixture
def person(page):
    """Reads a person's details with the given fields."""

    def read(**fields):
        return ep_api.read(page(URL, answer(brief(**fields))))

    return read


@pytest.fixture
def held(person):
    """What one membership says, beyond the names of the person."""

    def read(**fields):
        reading = person(hasMembership=[membership(**fields)])
        return [s for s in reading.statements if s.state is not None], reading

    return read


def test_the_whole_page_of_a_person(page, saved):
    reading = ep_api.read(page(URL, saved("api-person.json")))
    said = {(s.property.value, s.value, s.role, s.start_date, s.end_date) for s in reading.statements}
    assert said >= {
        ("mandate", "MT", None, "2024-07-16", None),
        ("political_group", "org/6900", "Member", "2024-07-16", None),
        ("delegation", "org/6600", "Vice-Chair", "2024-10-03", "2025-01-20"),
        ("birth_date", "1969-05-02", None, None, None),
        ("other_account", "https://t.me/ada", None, None, None),
    }
    assert len(said) == 17
    assert (reading.problems, reading.notes, reading.unread) == ((), (), frozenset())


def test_the_whole_page_of_a_body(page, saved):
    reading = ep_api.read(page(ep_api.body_url("org/6900"), saved("api-body.json")))
    assert reading.bodies == (Body("org/6900", Property.COMMITTEE, "Committee on Fables and Tales"),)
    assert (reading.problems, reading.unread) == ((), frozenset())


def test_names(person, only):
    reading = person(officialFamilyName="Παράδειγμα", officialGivenName="Άντα", upperFamilyName="EXAMPLE")
    assert {s.property: s.value for s in reading.statements} == {
        Property.NAME: "Ada EXAMPLE",
        Property.GIVEN_NAME: "Ada",
        Property.FAMILY_NAME: "Example",
        Property.SORT_NAME: "EXAMPLE",
        Property.OFFICIAL_FAMILY_NAME: "Παράδειγμα",
        Property.OFFICIAL_GIVEN_NAME: "Άντα",
    }
    assert {s.mep_id for s in reading.statements} == {9000001}
    assert not reading.unread
    assert not reading.notes


def test_birth_death_citizenship_and_portrait(person, only):
    reading = person(
        bday="1969-05-02",
        deathDate={"@value": "2024-08-11T00:00:00+02:00", "type": "xsd:dateTime"},
        placeOfBirth="Ħaż-Żebbuġ",
        citizenship=f"{AUTHORITY}/country/GRC",
        img="https://www.europarl.europa.eu/mepphoto/9000001.jpg",
        hasHonorificPrefix=f"{AUTHORITY}/honorific/MS",
    )
    assert only(reading, Property.BIRTH_DATE).value == "1969-05-02"
    assert only(reading, Property.DEATH_DATE).value == "2024-08-11"
    assert only(reading, Property.BIRTH_PLACE).value == "Ħaż-Żebbuġ"
    assert only(reading, Property.CITIZENSHIP).value == "GR"
    assert only(reading, Property.PORTRAIT_URL).value.endswith("/mepphoto/9000001.jpg")
    assert not reading.unread


def test_a_field_may_hold_several_values(person, values):
    reading = person(
        citizenship=[f"{AUTHORITY}/country/DEU", f"{AUTHORITY}/country/FRA"],
        hasEmail=["mailto:ada@europarl.europa.eu", "mailto:ada@example.org"],
    )
    assert values(reading, Property.CITIZENSHIP) == ["DE", "FR"]
    assert values(reading, Property.EMAIL) == ["ada@europarl.europa.eu", "ada@example.org"]


def test_accounts_by_their_host(person, values):
    reading = person(
        homepage="https://ada.example/",
        account=[
            "https://x.com/ada",
            {"id": "https://www.facebook.com/ada", "type": "OnlineAccount"},
            "https://www.instagram.com/ada/",
            "https://t.me/ada",
        ],
    )
    assert values(reading, Property.WEBSITE) == ["https://ada.example/"]
    assert values(reading, Property.X) == ["https://x.com/ada"]
    assert values(reading, Property.FACEBOOK) == ["https://www.facebook.com/ada"]
    assert values(reading, Property.INSTAGRAM) == ["https://www.instagram.com/ada/"]
    assert values(reading, Property.OTHER_ACCOUNT) == ["https://t.me/ada"]


@pytest.mark.parametrize(
    ("code", "found"), [("MALE", ["male"]), ("FEMALE", ["female"]), ("NKN", []), ("NST", []), ("NAP", [])]
)
def test_gender_as_published(person, values, code, found):
    assert values(person(hasGender=f"{AUTHORITY}/human-sex/{code}"), Property.GENDER) == found


@pytest.mark.parametrize(
    ("field", "about"),
    [
        ({"hasGender": f"{AUTHORITY}/human-sex/X"}, Property.GENDER),
        ({"citizenship": f"{AUTHORITY}/country/ATL"}, Property.CITIZENSHIP),
    ],
)
def test_an_unknown_category_is_a_problem(person, only, the, field, about):
    reading = person(**field)
    problem = the(reading, ProblemKind.CATEGORY)
    assert (problem.mep_id, problem.property) == (9000001, about)
    assert only(reading, about).basis is Basis.UNKNOWN
    assert only(reading, Property.NAME).value == "Ada EXAMPLE"


def test_what_cannot_be_used_is_a_problem(person, values):
    fields = {"bday": "1969-02-31", "hasEmail": "mailto:", "homepage": "www.ada.example", "account": "@ada"}
    reading = person(**fields)
    assert {problem.found for problem in reading.problems} == set(fields.values())
    assert {(problem.kind, problem.mep_id) for problem in reading.problems} == {(ProblemKind.CELL, 9000001)}
    assert values(reading, Property.BIRTH_DATE) == []


def test_a_mandate_is_for_the_country_represented(held):
    (mandate,), _ = held(
        organization="org/ep-9",
        role="def/ep-roles/MEMBER_PARLIAMENT",
        represents=[f"{AUTHORITY}/country/GBR"],
        start="2019-07-02",
        end="2020-01-31",
    )
    assert (mandate.property, mandate.value, mandate.term) == (Property.MANDATE, "GB", 9)
    assert (mandate.start_date, mandate.end_date, mandate.state) == ("2019-07-02", "2020-01-31", State.ENDED)


def test_a_mandate_without_a_country_is_a_term(held):
    (term,), _ = held(organization="org/ep-10", role="def/ep-roles/MEMBER_PARLIAMENT")
    assert (term.property, term.value, term.term, term.state) == (Property.TERM, "10", 10, State.ONGOING)


def test_the_presidency_is_no_mandate(held):
    (role,), _ = held(
        organization="org/ep-10",
        role="def/ep-roles/PRESIDENT_VICE",
        membershipClassification="def/ep-entities/EU_INSTITUTION",
    )
    assert (role.property, role.value, role.role) == (
        Property.OTHER_BODY,
        "European Parliament",
        "Vice-President",
    )


def test_a_term_that_is_not_listed_is_a_problem(held, the):
    statements, reading = held(organization="org/ep-42", role="def/ep-roles/MEMBER_PARLIAMENT")
    assert statements == []
    assert the(reading, ProblemKind.CATEGORY).found == "42"


def test_to_be_a_member_of_the_parliament_is_the_mandate(person, values, only):
    reading = person(
        hasMembership=[
            membership(
                1,
                organization="org/ep-10",
                role="def/ep-roles/MEMBER_PARLIAMENT",
                represents=f"{AUTHORITY}/country/MLT",
            ),
            membership(
                2,
                "2024-09-01",
                organization="https://data.europarl.europa.eu/org/ep-10",
                role="def/ep-roles/MEMBER",
                membershipClassification="def/ep-entities/EU_INSTITUTION",
            ),
        ]
    )
    assert values(reading, Property.OTHER_BODY) == []
    assert only(reading, Property.MANDATE).start_date == "2024-07-16"
    assert only(reading, Property.TERM).start_date is None


def test_the_parliament_before_the_first_election_is_term_0(held):
    (mandate,), _ = held(
        organization="org/ep-0",
        role="def/ep-roles/MEMBER_PARLIAMENT",
        represents=f"{AUTHORITY}/country/ITA",
        start="1973-01-01",
        end="1979-07-16",
    )
    assert (mandate.property, mandate.value, mandate.term) == (Property.MANDATE, "IT", 0)


@pytest.mark.parametrize(
    "variant",
    [
        {"organization": "org/6900"},
        {"organization": {"id": "org/6900", "type": "Organization"}},
        {"organization": ["https://data.europarl.europa.eu/org/6900"]},
        {"role": "https://data.europarl.europa.eu/def/ep-roles/MEMBER"},
        {"role": [{"id": "ep-roles:MEMBER"}]},
        {"membershipClassification": "https://data.europarl.europa.eu/def/ep-entities/WORKING_GROUP"},
        {"memberDuring": [{"id": "time-period/20240716", "startDate": "2024-07-16"}]},
        {"memberDuring": {"startDate": {"@value": "2024-07-16", "@type": "xsd:date"}}},
        {"memberDuring": {"startDate": "2024-07-16T00:00:00+02:00"}},
        {"memberDuring": "time-period/20240716"},
    ],
)
def test_the_forms_that_json_ld_allows_say_the_same(held, variant):
    plain = {
        "organization": "org/6900",
        "role": "def/ep-roles/MEMBER",
        "membershipClassification": "def/ep-entities/WORKING_GROUP",
    }
    (statement,), reading = held(**plain | variant)
    assert (statement.property, statement.value, statement.role) == (
        Property.OTHER_BODY,
        "org/6900",
        "Member",
    )
    assert (statement.start_date, statement.end_date, statement.state) == ("2024-07-16", None, State.ONGOING)
    assert reading.problems == ()


def test_a_map_of_languages_gives_the_english_text(person, only):
    reading = person(placeOfBirth={"mt": "Il-Belt", "en": "Valletta"}, label={"en": ["Ada EXAMPLE"]})
    assert only(reading, Property.BIRTH_PLACE).value == "Valletta"
    assert only(reading, Property.NAME).value == "Ada EXAMPLE"


def test_a_person_alone_need_not_stand_in_a_list(page, only):
    reading = ep_api.read(page(URL, json.dumps({"data": brief()})))
    assert only(reading, Property.NAME).value == "Ada EXAMPLE"


def test_a_period_that_cannot_be_read_is_a_problem_and_the_membership_stays(held, the):
    fields = {"organization": "org/1", "membershipClassification": "def/ep-entities/WORKING_GROUP"}
    (statement,), reading = held(start="2024-02-31", **fields)
    assert statement.start_date is None
    assert the(reading, ProblemKind.CELL).found == "2024-02-31"


@pytest.mark.parametrize(
    ("kind", "about"),
    [
        ("EU_POLITICAL_GROUP", Property.POLITICAL_GROUP),
        ("NATIONAL_POLITICAL_GROUP", Property.NATIONAL_PARTY),
        ("COMMITTEE_PARLIAMENTARY_STANDING", Property.COMMITTEE),
        ("COMMITTEE_PARLIAMENTARY_SUB", Property.COMMITTEE),
        ("DELEGATION_PARLIAMENTARY_ASSEMBLY", Property.DELEGATION),
        ("WORKING_GROUP", Property.OTHER_BODY),
    ],
)
def test_bodies_stand_by_their_reference(held, kind, about):
    (statement,), reading = held(
        organization="org/6900",
        role="def/ep-roles/MEMBER",
        membershipClassification=f"def/ep-entities/{kind}",
        start="2022-05-18",
        end="2024-07-15",
    )
    assert (statement.property, statement.value, statement.role) == (about, "org/6900", "Member")
    assert (statement.term, statement.state) == (9, State.ENDED)
    assert not reading.notes
    assert not reading.unread


@pytest.mark.parametrize(
    ("code", "role"),
    [
        ("MEMBER", "Member"),
        ("MEMBER_SUBSTITUTE", "Substitute"),
        ("CHAIR", "Chair"),
        ("CHAIR_VICE", "Vice-Chair"),
        ("CHAIR_CO", "Co-Chair"),
        ("QUAESTOR", "Quaestor"),
        ("SECRETARY_GENERAL", "Secretary-General"),
        ("MEMBER_BUREAU", "Member of the Bureau"),
        ("CHAIR_VICE_BUREAU_TREASURER", "Treasurer/Vice-Chair/Member of the Bureau"),
    ],
)
def test_roles_are_called_as_on_the_site(held, code, role):
    (statement,), _ = held(
        organization="org/1",
        role=f"def/ep-roles/{code}",
        membershipClassification="def/ep-entities/COMMITTEE_PARLIAMENTARY_STANDING",
    )
    assert statement.role == role


def test_an_unknown_role_or_kind_is_a_problem_and_the_membership_stays(held):
    (statement,), reading = held(
        organization="org/1",
        role="def/ep-roles/CHAIR_JESTER",
        membershipClassification="def/ep-entities/COURT",
    )
    assert [(problem.kind, problem.found) for problem in reading.problems] == [
        (ProblemKind.CATEGORY, "COURT"),
        (ProblemKind.CATEGORY, "CHAIR_JESTER"),
    ]
    assert (statement.property, statement.value) == (Property.OTHER_BODY, "org/1")
    assert (statement.role, statement.basis) == ("CHAIR_JESTER", Basis.UNKNOWN_ROLE)


def test_a_membership_without_a_body_is_a_note(held):
    statements, reading = held(role="def/ep-roles/MEMBER_SUBSTITUTE")
    assert statements == []
    assert "membership/9000001-f-1" in reading.notes[0].where


def test_of_a_membership_without_a_kind_the_bodys_own_page_tells_it(held):
    (statement,), _ = held(organization="org/6900", role="def/ep-roles/MEMBER")
    assert (statement.property, statement.value) == (Property.OTHER_BODY, "org/6900")


def test_a_period_that_ends_after_the_page_goes_on(held):
    fields = {"organization": "org/1", "membershipClassification": "def/ep-entities/WORKING_GROUP"}
    (statement,), _ = held(end="2099-01-01", **fields)
    assert (statement.end_date, statement.state) == ("2099-01-01", State.ONGOING)


def test_a_membership_of_before_the_direct_elections_is_of_term_0(held):
    fields = {"organization": "org/1", "membershipClassification": "def/ep-entities/WORKING_GROUP"}
    (statement,), _ = held(start="1973-01-01", end="1979-07-16", **fields)
    assert (statement.term, statement.state) == (0, State.ENDED)


def test_a_membership_without_a_period_says_so(person):
    bare = {"organization": "org/1", "membershipClassification": "def/ep-entities/WORKING_GROUP"}
    (statement,) = (s for s in person(hasMembership=bare).statements if s.state)
    assert (statement.start_date, statement.end_date, statement.state) == (None, None, State.UNKNOWN)


def test_unknown_fields_are_reported_by_name(page):
    row = brief(shoeSize=44, hasMembership=[membership(organization="org/ep-10", mood="good")])
    row["hasMembership"][0]["memberDuring"]["colour"] = "blue"
    assert ep_api.read(page(URL, answer(row, extra=1))).unread == {
        "extra",
        "shoeSize",
        "hasMembership.mood",
        "memberDuring.colour",
    }


def test_show_current_gives_country_and_group_of_today(page, only):
    row = brief(**{"api:country-of-representation": "EL", "api:political-group": "S&D"})
    reading = ep_api.read(page(ep_api.current_url(), answer(row)))
    for about, value in {Property.MANDATE: "GR", Property.POLITICAL_GROUP: "S&D"}.items():
        statement = only(reading, about)
        assert (statement.value, statement.term, statement.state) == (value, 10, State.ONGOING)
        assert statement.start_date is None
    assert not reading.unread


def test_a_list_for_a_day_says_what_was_so_on_that_day(page, only):
    row = brief(**{"api:country-of-representation": "UK", "api:political-group": "ALDE"})
    reading = ep_api.read(page(ep_api.on_day_url(date(2007, 1, 1)), answer(row)))
    for about, value in {Property.MANDATE: "GB", Property.POLITICAL_GROUP: "ALDE"}.items():
        statement = only(reading, about)
        assert (statement.value, statement.term) == (value, 6)
        assert (statement.as_of, statement.state) == ("2007-01-01", State.ONGOING)
        assert (statement.start_date, statement.end_date) == (None, None)


def test_a_list_for_what_is_no_day_is_an_error(page):
    url = f"{ep_api.BASE}/meps/show-current?mandate-date=2007-02-30"
    with pytest.raises(PageError, match="2007-02-30"):
        ep_api.read(page(url, answer(brief())))


@pytest.mark.parametrize(
    ("url", "state"),
    [(ep_api.outgoing_url(), State.ENDED), (ep_api.incoming_url(), State.UNKNOWN)],
)
def test_those_who_came_or_left_are_of_the_current_term(page, only, url, state):
    row = brief(**{"api:country-of-representation": "MT", "api:political-group": "PPE"})
    reading = ep_api.read(page(url, answer(row)))
    assert (only(reading, Property.TERM).term, only(reading, Property.MANDATE).value) == (10, "MT")
    assert only(reading, Property.POLITICAL_GROUP).state is state
    assert only(reading, Property.POLITICAL_GROUP).as_of is None


def test_the_list_of_bodies_names_each(page):
    rows = [
        {"id": "org/1", "label": "PPE", "classification": "def/ep-entities/EU_POLITICAL_GROUP"},
        {
            "id": "org/2",
            "label": "AGRI",
            "classification": "def/ep-entities/COMMITTEE_PARLIAMENTARY_STANDING",
        },
    ]
    found = ep_api.read(page(ep_api.bodies_url(), answer(*rows))).bodies
    assert [(body.ref, body.value) for body in found] == [("org/1", "EPP"), ("org/2", "AGRI")]


def test_a_page_of_the_roster_gives_the_term_asked_for(page, only):
    reading = ep_api.read(page(ep_api.roster_url(9, 50), answer(brief())))
    term = only(reading, Property.TERM)
    assert (term.value, term.term) == ("9", 9)


def test_past_the_end_there_is_nothing(page):
    assert ep_api.read(page(ep_api.roster_url(9, 900), "", status=204)) == Reading()


@pytest.mark.parametrize(
    "body",
    [
        answer(),
        '{"error": "x"}',
        '{"data": [1]}',
        answer(brief(identifier="x")),
        answer(brief(identifier="9000001x")),
        answer(brief("9000002")),
        answer(brief(id="person/9000002")),
    ],
)
def test_another_shape_is_an_error_not_an_empty_reading(page, body):
    with pytest.raises(PageError):
        ep_api.read(page(URL, body))


@pytest.mark.parametrize(
    ("rows", "kind"),
    [
        ([brief(), brief("9000002")], ProblemKind.PERSON),
        ([brief(), brief(identifier="x")], ProblemKind.ROW),
        ([brief(), 1], ProblemKind.CELL),
        ([brief(hasMembership=["membership/1"])], ProblemKind.CELL),
        ([brief(hasMembership=[{"organization": True}])], ProblemKind.CELL),
    ],
)
def test_what_is_damaged_is_a_problem_and_the_rest_is_read(page, only, the, rows, kind):
    reading = ep_api.read(page(URL, answer(*rows)))
    assert the(reading, kind)
    assert only(reading, Property.NAME).mep_id == 9000001


def test_a_person_without_a_label_has_a_problem_and_the_parts_of_the_name(person, values, the):
    reading = person(label="")
    assert the(reading, ProblemKind.CELL).property is Property.NAME
    assert values(reading, Property.FAMILY_NAME) == ["Example"]


@pytest.mark.parametrize(
    ("row", "body"),
    [
        (
            {
                "label": "Verts/ALE",
                "classification": "def/ep-entities/EU_POLITICAL_GROUP",
                "prefLabel": {"en": "G"},
            },
            Body("org/6900", Property.POLITICAL_GROUP, "Greens/EFA"),
        ),
        (
            {
                "label": "PTH",
                "classification": "def/ep-entities/NATIONAL_POLITICAL_GROUP",
                "prefLabel": {"en": "Ħ"},
            },
            Body("org/6900", Property.NATIONAL_PARTY, "Ħ"),
        ),
        (
            {"label": "FABL", "classification": "def/ep-entities/COMMITTEE_PARLIAMENTARY_STANDING"},
            Body("org/6900", Property.COMMITTEE, "FABL"),
        ),
    ],
)
def test_a_body_has_a_code_or_a_name(page, row, body):
    row = {"id": "org/6900", "type": "Organization", "identifier": "6900", "altLabel": {}, **row}
    reading = ep_api.read(page(ep_api.body_url("org/6900"), answer(row)))
    assert reading.bodies == (body,)
    assert reading.problems == ()
    assert not reading.unread


def test_a_body_without_a_kind_is_a_group_if_it_is_called_so(page):
    rows = [{"id": "org/1", "label": "A", "size": 1}, {"id": "org/2", "label": "PPE"}]
    reading = ep_api.read(page(ep_api.body_url("org/1"), answer(*rows)))
    assert reading.bodies == (
        Body("org/1", Property.OTHER_BODY, "A"),
        Body("org/2", Property.POLITICAL_GROUP, "EPP"),
    )
    assert reading.unread == {"size"}


def test_a_new_group_is_a_problem_and_stands_as_printed(page, the):
    row = {"id": "org/1", "label": "MOON", "classification": "def/ep-entities/EU_POLITICAL_GROUP"}
    reading = ep_api.read(page(ep_api.body_url("org/1"), answer(row)))
    assert the(reading, ProblemKind.CATEGORY).found == "MOON"
    assert reading.bodies == (Body("org/1", Property.POLITICAL_GROUP, "MOON", Basis.UNKNOWN),)


@pytest.mark.parametrize(
    ("row", "kind"), [({"label": "A"}, ProblemKind.ROW), ({"id": "org/1"}, ProblemKind.BODY)]
)
def test_a_body_without_id_or_name_is_a_problem(page, the, row, kind):
    reading = ep_api.read(page(ep_api.body_url("org/1"), answer(row)))
    assert reading.bodies == ()
    assert the(reading, kind)
