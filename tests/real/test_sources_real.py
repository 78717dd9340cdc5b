"""The sources over real answers: nobody is lost, and what is known to be odd is handled."""

import csv
import importlib.util
import io
import json
from collections import Counter, defaultdict
from datetime import UTC, date, datetime
from types import ModuleType
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest

from dontspy_data.capture.captures import Captures, Page
from dontspy_data.model.problems import ProblemKind
from dontspy_data.model.statements import Property, State
from dontspy_data.sources import (
    SOURCES,
    ep_api,
    ep_csv,
    member_page,
    source_of,
    wikidata,
)

SEARCHED = {
    "BE": 21, "BG": 17, "CZ": 21, "EE": 7, "FR": 79, "GR": 21, "IE": 13,
    "IT": 76, "LV": 8, "MT": 6, "NL": 29, "PL": 52, "SE": 21,
}  # fmt: skip


@pytest.fixture(scope="module")
def readings(shared):
    """What every page of the captures says, by source and address."""
    captures = Captures.open([shared / "ep" / "captures.warc.gz"])
    found = defaultdict(dict)
    for url in captures.urls():
        source = source_of(url)
        found[source.name][url] = source.read(captures.latest(url))
    return found


def persons(readings):
    return {statement.mep_id for reading in readings for statement in reading.statements}


def test_every_source_but_those_not_captured_has_pages(readings):
    assert {source.name for source in SOURCES} - set(readings) == {
        "ep_api",
        "ep_full_list",
        "web_archive",
        "wikidata",
    }


def test_no_field_goes_unread(readings):
    assert {n: r.unread for pages in readings.values() for n, r in pages.items() if r.unread} == {}


def test_everyone_is_found(readings):
    assert len(persons(r for pages in readings.values() for r in pages.values())) == 1426
    assert len(persons(readings["ep_directory"].values())) == 875
    assert len(readings["portraits"]) == len(persons(readings["portraits"].values())) == 370
    assert sorted(len(persons([r])) for r in readings["ep_csv"].values()) == [813, 860]


def test_the_search_finds_the_members_of_each_country(readings):
    found = {
        parse_qs(urlsplit(url).query)["countryCode"][0]: reading
        for url, reading in readings["ep_search"].items()
    }
    assert {country: len(persons([reading])) for country, reading in found.items()} == SEARCHED
    for country, reading in found.items():
        mandates = [s for s in reading.statements if s.property is Property.MANDATE]
        assert {(s.value, s.term, s.state) for s in mandates} == {(country, 9, State.ONGOING)}
        groups = [s for s in reading.statements if s.property is Property.POLITICAL_GROUP]
        assert len(groups) == SEARCHED[country]


def test_only_names_in_other_scripts_are_lost_in_the_csvs(readings):
    problems = [problem for reading in readings["ep_csv"].values() for problem in reading.problems]
    assert len(problems) == 2 * (53 + 44)
    lost = {Property.OFFICIAL_GIVEN_NAME, Property.OFFICIAL_FAMILY_NAME}
    assert {(problem.kind, problem.property) for problem in problems} == {(ProblemKind.CELL, p) for p in lost}


def test_birth_dates_of_the_csvs_are_those_of_the_roster(readings, shared):
    born = {int(m["id"]): m["born"] for m in json.loads((shared / "ep/roster.json").read_text()) if m["born"]}
    both = [
        (s.value, born[s.mep_id])
        for reading in readings["ep_csv"].values()
        for s in reading.statements
        if s.property is Property.BIRTH_DATE and s.mep_id in born
    ]
    assert len(both) == 203
    assert [pair for pair in both if pair[0] != pair[1]] == []


def test_citizens_of_estonia_and_spain_are_swapped_in_both_csvs_and_put_right(readings):
    estonian = persons(r for url, r in readings["ep_search"].items() if "countryCode=EE" in url)
    for reading in readings["ep_csv"].values():
        citizens = {s.mep_id: s.value for s in reading.statements if s.property is Property.CITIZENSHIP}
        births = {s.mep_id: s.value for s in reading.statements if s.property is Property.BIRTH_PLACE}
        assert {citizens[i] for i in estonian & citizens.keys()} == {"EE"}
        assert {citizens[i] for i, place in births.items() if place == "Madrid"} == {"ES"}


def test_the_profile_of_2026(readings):
    ((_, reading),) = readings["ep_profile"].items()
    said = {(s.property, s.value, s.role) for s in reading.statements}
    assert {s.mep_id for s in reading.statements} == {256810}
    assert {
        (Property.BIRTH_DATE, "1969-05-02", None),
        (Property.MANDATE, "FI", None),
        (Property.POLITICAL_GROUP, "EPP", "Member"),
        (Property.NATIONAL_PARTY, "Kansallinen Kokoomus", None),
        (Property.COMMITTEE, "Committee on International Trade", "Substitute"),
    } <= said
    (email,) = (s.value for s in reading.statements if s.property is Property.EMAIL)
    assert email.endswith("@europarl.europa.eu")
    assert not reading.notes


def test_the_histories_of_2024(readings):
    by_person = {reading.statements[0].mep_id: reading for reading in readings["ep_history"].values()}
    assert set(by_person) == {124831, 28229}

    def periods(mep_id, about):
        return [
            (s.value, s.role, s.start_date, s.end_date)
            for s in by_person[mep_id].statements
            if s.property is about
        ]

    assert periods(124831, Property.POLITICAL_GROUP) == [
        ("EFDD", "Member", "2014-07-01", "2014-10-15"),
        ("NI", None, "2014-10-16", "2014-10-19"),
        ("EFDD", "Member", "2014-10-20", "2019-07-01"),
    ]
    assert periods(124831, Property.MANDATE) == [("IT", None, "2014-07-01", "2019-07-01")]
    assert len(periods(124831, Property.COMMITTEE)) == 10
    assert periods(28229, Property.MANDATE) == [("DE", None, "2024-07-16", None)]
    assert periods(28229, Property.NATIONAL_PARTY) == [
        ("Christlich-Soziale Union in Bayern e.V.", None, "2024-07-16", None)
    ]


@pytest.fixture(scope="module")
def server(shared) -> ModuleType:
    """The Parliament on loopback, as a module."""
    spec = importlib.util.spec_from_file_location("ep_server", shared / "ep" / "server.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def roster(shared):
    return json.loads((shared / "ep" / "roster.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def ask(server, roster):
    """What the API would answer to a GET of an address in October 2024."""
    api = server.Api(roster)

    def get(url):
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        if parts.path == "/sparql":
            status, _, body, _ = api.sparql(query["query"])
        else:
            status, document = api.answer(parts.path, query)
            body = json.dumps(document, ensure_ascii=False).encode() if document else b""
        return Page(url, status, (), body, datetime(2024, 10, 20, tzinfo=UTC))

    return get


def test_the_api_lists_the_roster_with_countries_and_groups(ask, roster):
    reading = ep_api.read(ask(ep_api.current_url()))
    countries = {s.mep_id: s.value for s in reading.statements if s.property is Property.MANDATE}
    assert countries == {int(m["id"]): m["country"] for m in roster}
    groups = Counter(s.value for s in reading.statements if s.property is Property.POLITICAL_GROUP)
    assert groups.total() == 378
    assert groups["EPP"] == sum(m["group"] == "PPE" for m in roster)
    assert not reading.unread
    assert not reading.notes


def test_the_apis_pages_end_with_nothing(ask, roster):
    found = [ep_api.read(ask(ep_api.roster_url(10, offset))) for offset in range(0, 450, 50)]
    assert persons(found) == {int(m["id"]) for m in roster}
    assert [len(r.statements) > 0 for r in found] == [True] * 8 + [False]


def test_the_apis_details_agree_with_the_roster(ask, roster):
    bodies = set()
    for member in roster:
        reading = ep_api.read(ask(ep_api.mep_url(member["id"])))
        said = {s.property: s for s in reading.statements}
        assert said[Property.MANDATE].value == said[Property.CITIZENSHIP].value == member["country"]
        assert said[Property.MANDATE].term == 10
        assert date.fromisoformat(said[Property.MANDATE].start_date) >= date(2024, 7, 16)
        assert (said[Property.BIRTH_DATE].value if member["born"] else "") == member["born"]
        assert len(reading.notes) == 1  # the membership without organization
        assert not reading.unread
        bodies |= {said[p].value for p in (Property.POLITICAL_GROUP, Property.NATIONAL_PARTY)}
    named = [body for ref in sorted(bodies) for body in ep_api.read(ask(ep_api.body_url(ref))).bodies]
    assert {body.ref for body in named} == bodies
    groups = {body.value for body in named if body.property is Property.POLITICAL_GROUP}
    assert groups == {"EPP", "S&D", "PfE", "ECR", "Renew", "Greens/EFA", "The Left", "ESN", "NI"}
    parties = {body.value for body in named if body.property is Property.NATIONAL_PARTY}
    assert parties == {m["party"] for m in roster}


def test_wikidata_ids_of_the_roster(ask, roster):
    reading = wikidata.read(ask(wikidata.url()))
    expected = {(int(m["id"]), m["wikidata"]) for m in roster if m["wikidata"]}
    assert {(s.mep_id, s.value) for s in reading.statements} == expected


COUNTED = {
    "mep_birthday": Property.BIRTH_DATE,
    "mep_death_date": Property.DEATH_DATE,
    "mep_gender": Property.GENDER,
    "mep_political_group": Property.POLITICAL_GROUP,
    "mep_country_of_representation": Property.MANDATE,
    "mep_place_of_birth": Property.BIRTH_PLACE,
    "mep_family_name": Property.FAMILY_NAME,
}
SAYS_NOTHING = {"not known", "not stated", "not applicable"}


@pytest.fixture(scope="module")
def every_capture(shared):
    return Captures.open([shared / "ep" / "captures.warc.gz", shared / "ep" / "captures-2.warc.gz"])


def test_every_cell_of_the_csvs_is_a_fact_or_a_problem(every_capture):
    read = 0
    for url in (url for url in every_capture.urls() if url.endswith(".csv")):
        page = every_capture.latest(url)
        reading = ep_csv.read(page)
        facts = Counter((s.mep_id, s.property) for s in reading.statements)
        lost = Counter((p.mep_id, p.property) for p in reading.problems)
        encoding = "utf-8" if "_10_" in url else "cp1252"
        for row in csv.DictReader(io.StringIO(page.body.decode(encoding), newline="")):
            for column, about in COUNTED.items():
                cell = row.get(column) or ""
                values = [value for value in cell.split(";") if value.strip() and value not in SAYS_NOTHING]
                key = int(row["mep_identifier"]), about
                assert facts[key] + lost[key] == len(values), (url, row["mep_identifier"], column, cell)
                assert not lost[key] or not any(map(str.isalnum, cell))
                read += len(values)
    assert read == 17_601


@pytest.mark.parametrize("url", [member_page.profile_url(124831), member_page.history_url(124831, 9)])
def test_a_former_members_page_is_her_dated_history_under_either_address(every_capture, url):
    reading = source_of(url).read(every_capture.latest(url))
    dated = Counter(s.property for s in reading.statements if s.start_date)
    assert dated[Property.COMMITTEE] + dated[Property.DELEGATION] == 10
    assert (dated[Property.POLITICAL_GROUP], dated[Property.NATIONAL_PARTY], dated[Property.MANDATE]) == (
        2,
        2,
        1,
    )
    assert reading.problems == ()


def test_nothing_else_in_the_captures_is_a_problem(every_capture):
    problems = [
        problem
        for url in every_capture.urls()
        if (source := source_of(url)) is not None and source.name not in ("ep_csv", "portraits")
        for problem in source.read(every_capture.latest(url)).problems
    ]
    assert problems == []
