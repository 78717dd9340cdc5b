"""The static API: every answer is as the OpenAPI document says."""

import csv
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from dontspy_data.package.open import open_package


@pytest.fixture(scope="module")
def document(site: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((site / "api" / "openapi.json").read_text("utf-8"))
    return loaded


def answer(site: Path, path: str) -> Any:
    return json.loads((site / "api" / path).read_text("utf-8"))


def test_every_answer_is_as_described(site: Path, document: dict[str, Any]) -> None:
    checked = Counter[str]()
    for path, methods in document["paths"].items():
        content = methods["get"]["responses"]["200"]["content"]
        if "application/json" not in content:
            continue
        schema = {**content["application/json"]["schema"], "components": document["components"]}
        validator = Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)
        pattern = "*.json" if "{" in path else Path(path).name
        for file in (site / path.lstrip("/")).parent.glob(pattern):
            if file.name != "openapi.json":
                validator.validate(json.loads(file.read_text("utf-8")))
                checked[path] += 1
    assert checked == {
        "/api/stats.json": 1,
        "/api/details/{country}.json": 28,
        "/api/group/{code}.json": 9,
        "/api/individual/{id}.json": 62,
    }


def test_nothing_else_is_there(site: Path, document: dict[str, Any]) -> None:
    described = {path.removeprefix("/api/").split("/")[0] for path in document["paths"]}
    assert {path.name for path in (site / "api").iterdir()} - {"openapi.json", "index.html"} == described


def test_the_csv_is_valid_where_the_original_was_not(site: Path, package: Path) -> None:
    text = (site / "api" / "list.csv").read_bytes().decode()
    rows = list(csv.reader(text.splitlines(keepends=True), strict=True))
    assert rows[0] == ["id", "name", "nation", "group", "party", "twitter"]
    assert {len(row) for row in rows} == {6}
    parties = {
        str(row["mep_id"]): row["national_party"] for row in open_package(package).read("meps").to_pylist()
    }
    assert {row[0]: row[4] or None for row in rows[1:]} == parties
    assert any(set(',"') & set(row[4]) for row in rows)  # what broke the original is in the data


def test_stats_and_details_count_the_same_people(site: Path) -> None:
    counts = {one["_id"]: one["counter"] for one in answer(site, "stats.json")}
    assert sum(counts.values()) == 62
    for nation, count in counts.items():
        if nation is not None:
            assert len(answer(site, f"details/{nation}.json")) == count


def test_details_have_the_fields_of_the_original_and_boxes_within_the_portrait(site: Path) -> None:
    person = answer(site, "details/Latvia.json")[0]
    assert {"id", "name", "urlimg", "group", "nation", "TLC", "party", "email", "facerec"} <= set(person)
    left, top, right, bottom = person["facerec"]["box"]
    size = person["facerec"]["imageDims"]
    assert 0 < left < right < size["width"]
    assert 0 < top < bottom < size["height"]


def test_without_an_audit_nothing_is_guessed(site: Path) -> None:
    for file in (site / "api" / "individual").iterdir():
        person = json.loads(file.read_text("utf-8"))
        assert person["guesses"] == []
        assert not {"age", "gender", "genderProbability", "expression"} & set(person["facerec"] or {})


def test_groups_are_found_by_a_code_made_for_addresses(site: Path) -> None:
    assert {one["group_code"] for one in answer(site, "group/S-D.json")} == {"S&D"}
    assert {one["group_code"] for one in answer(site, "group/Greens-EFA.json")} == {"Greens/EFA"}
