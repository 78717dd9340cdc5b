"""Groups, names of groups and terms that only captures tell of."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from dontspy_data.capture.captures import Captures, Page
from dontspy_data.model import codes
from dontspy_data.sources import ep_api
from dontspy_data.sources.new_categories import learn
from scripts.sample.captures import CaptureWriter

AT = datetime(2029, 8, 1, tzinfo=UTC)


def body(number: int, label: str, name: str, start: str = "2029-07-17", end: str = "") -> dict[str, Any]:
    """The row of a political group's body."""
    during = {"startDate": start, **({"endDate": end} if end else {})}
    return {
        "id": f"org/{number}",
        "label": label,
        "prefLabel": {"en": name, "fr": f"{name} (fr)"},
        "temporal": during,
        "classification": "def/ep-entities/EU_POLITICAL_GROUP",
    }


def captured(folder: Path, pages: dict[str, list[dict[str, Any]]]) -> Captures:
    """Captures of these documents of the API."""
    path = folder / "c.warc.gz"
    with path.open("wb") as stream:
        writer = CaptureWriter(stream, software="test", started_at=AT)
        for url, rows in pages.items():
            writer.write(Page(url, 200, (), json.dumps({"data": rows}).encode(), AT))
    return Captures.open([path])


def test_a_new_group_is_a_row_and_a_problem_with_the_row_to_add(tmp_path: Path) -> None:
    found = learn(captured(tmp_path, {ep_api.bodies_url(): [body(1, "FWD", "Forward Group")]}))
    group = found.lookups.groups[-1]
    assert (group.code, group.name_en, group.start_date) == ("FWD", "Forward Group", date(2029, 7, 17))
    with codes.using(found.lookups):
        assert codes.group("Forward Group") == "FWD"
    (problem,) = found.problems
    assert problem.found == "FWD"
    assert "groups.csv: FWD,FWD,Forward Group,Forward Group (fr),,,,2029-07-17,,," in problem.hint


def test_fields_may_be_lists_and_literals_as_json_ld_allows(tmp_path: Path) -> None:
    row = {
        **body(1, "", ""),
        "label": [{"@value": "FWD"}],
        "prefLabel": ["Forward Group"],
        "classification": ["def/ep-entities/EU_POLITICAL_GROUP"],
        "temporal": "time-period/20290717",
    }
    group = learn(captured(tmp_path, {ep_api.bodies_url(): [row]})).lookups.groups[-1]
    assert (group.code, group.name_en, group.start_date) == ("FWD", "Forward Group", date(2029, 7, 17))


def test_a_renamed_group_keeps_its_code_and_says_when_it_was_called_what(tmp_path: Path) -> None:
    was = next(group for group in codes.groups() if group.code == "Renew")
    bodies = [body(1, "Renew", was.name_en, "2024-07-16", "2029-07-16"), body(2, "Renew", "Renewal for All")]
    found = learn(captured(tmp_path, {ep_api.bodies_url(): bodies}))
    now = next(group for group in found.lookups.groups if group.code == "Renew")
    assert now.name_en == "Renewal for All"
    assert f"Called {was.name_en!r} before 2029-07-17" in now.note
    with codes.using(found.lookups):
        assert codes.group(was.name_en) == codes.group("Renewal for All") == "Renew"
    assert len(found.problems) == 1


@pytest.mark.parametrize(("people", "is_told"), [(5, True), (2, False)])
def test_a_term_is_known_by_the_mandates_of_several(tmp_path: Path, people: int, is_told: bool) -> None:
    numbers = range(9_000_001, 9_000_001 + people)
    mandate = {"organization": "org/ep-11", "memberDuring": {"startDate": "2029-07-17"}}
    pages = {
        ep_api.current_url(): [{"identifier": str(number)} for number in numbers],
        **{ep_api.mep_url(number): [{"hasMembership": [mandate]}] for number in numbers},
    }
    found = learn(captured(tmp_path, pages))
    assert ((11, date(2029, 7, 17)) in {(t.term, t.start_date) for t in found.lookups.terms}) is is_told
    assert [problem.found for problem in found.problems] == (["11"] if is_told else [])


@pytest.mark.parametrize(
    "row",
    [
        body(1, "PPE", "Group of the European People's Party (Christian Democrats)"),
        body(1, "PPE,EPP", "A label that is none"),
        body(1, "NEW", "Renew Europe Group"),  # the name of another group
        {**body(1, "NEW", "A Group"), "prefLabel": [{}, None]},
        {**body(1, "NEW", "A Committee"), "classification": "def/ep-entities/COMMITTEE"},
        {**body(1, "NEW", "A Group"), "label": [{}, None]},
    ],
)
def test_what_is_known_or_cannot_be_read_adds_nothing(tmp_path: Path, row: dict[str, Any]) -> None:
    found = learn(captured(tmp_path, {ep_api.body_url("org/1"): [row]}))
    assert found.problems == ()
    assert found.lookups.rows == codes.in_force().rows
