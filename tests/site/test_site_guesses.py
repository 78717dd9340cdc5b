"""Guesses, where an audit is at hand: always beside the official fact, with how wrong they are."""

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from lxml import html

from dontspy_data.errors import UsageError
from dontspy_data.site.audit import findings
from dontspy_data.site.build import build_site
from dontspy_data.site.guesses import guesses_by_person
from dontspy_data.site.material import open_material

PORTRAIT = "9000003-ad6b1b42a5ac"
MEP = 9000003


def attribution(attribute: str, label: str, **other: Any) -> dict[str, Any]:
    return {
        "portrait_id": PORTRAIT,
        "mep_id": MEP,
        "model": "face-api",
        "attribute": attribute,
        "label": label,
        "is_answer": True,
        "value": None,
        "score": 0.97,
        "reference_date": date(2024, 1, 15),
        "reference_source": "picture",
        **other,
    }


def error(measure: str, group_by: str, group: str, value: float, **other: Any) -> dict[str, Any]:
    return {
        "model": "face-api",
        "measure": measure,
        "compared_with": "official",
        "variant": "original",
        "group_by": group_by,
        "group": group,
        "value": value,
        "low": value / 2,
        "high": value * 2,
        "n": 12,
        "unit": "share",
        "is_small": True,
        **other,
    }


def audit(folder: Path, **tables: Sequence[dict[str, Any]]) -> Path:
    """A folder as an audit writes it, as far as the site reads it."""
    (folder / "data").mkdir(parents=True)
    resources = []
    for name, rows in tables.items():
        pq.write_table(pa.Table.from_pylist(list(rows)), folder / "data" / f"{name}.parquet")
        schema = {"title": name, "description": name, "fields": [], "primaryKey": []}
        resources.append({"name": name, "schema": schema, "minimumRows": 0, "maximumRows": 1000})
    (folder / "datapackage.json").write_text(json.dumps({"resources": resources}))
    return folder


def test_answers_are_held_against_official_facts() -> None:
    rows = [
        attribution("age", "years", value=33.4),
        attribution("gender", "female"),
        attribution("gender", "male", is_answer=False, score=0.03),
        attribution("expression", "happy", score=None),
        attribution("face", "found"),
    ]
    [guesses] = guesses_by_person(rows, {MEP: ("male", date(1966, 1, 19))}).values()
    assert [
        (guess.attribute, guess.says, guess.official, guess.verdict, guess.is_wrong) for guess in guesses
    ] == [
        ("gender", "female, 97% sure", "male", "wrong", True),
        ("age", "33 years", "58 years when the picture was taken", "25 years too young", True),
        ("expression", "happy", None, "nobody can read a feeling off a picture", None),
    ]


def test_what_cannot_be_compared_is_not_judged() -> None:
    rows = [attribution("age", "years", value=33.4), attribution("gender", "female")]
    [guesses] = guesses_by_person(rows, {}).values()
    assert [(guess.official, guess.is_wrong) for guess in guesses] == [(None, None), (None, None)]


def test_a_face_that_was_not_found_is_said() -> None:
    [guesses] = guesses_by_person([attribution("face", "found", is_answer=False)], {}).values()
    assert [guess.says for guess in guesses] == ["no face here"]


def test_findings_are_of_untouched_portraits_and_official_facts() -> None:
    found = findings(
        [
            error("disagreement", "gender", "male", 0.02),
            error("disagreement", "all", "all", 0.026, is_small=False),
            error("disagreement", "all", "all", 0.9, variant="mirrored"),
            error("share", "all", "all", 0.7),
            error("mean_absolute_error", "all", "all", 4.6, unit="years"),
        ]
    )
    assert [(one.what, one.figures[0].value, len(one.figures)) for one in found] == [
        ("says another gender than the published one", "2.6%", 2),
        ("misses the age by, on average", "4.6 years", 1),
    ]
    assert found[0].figures[1].is_small


def test_the_site_labels_guesses_and_says_how_wrong_they_were(package: Path, tmp_path: Path) -> None:
    more = audit(
        tmp_path / "audit",
        attributions=[attribution("gender", "female")],
        attribution_errors=[error("disagreement", "all", "all", 0.026)],
    )
    build_site(package, tmp_path / "site", more=[more])
    page = html.fromstring((tmp_path / "site/person/9000003/index.html").read_text("utf-8"))
    [row] = page.xpath("//section[@aria-labelledby='guesses']//tbody/tr")
    assert [cell.text_content() for cell in row] == [
        "face-api",
        "gender",
        "guess: female, 97% sure",
        "male",
        "wrong",
    ]
    assert "never facts" in page.xpath("string(//section[@aria-labelledby='guesses'])")
    other = (tmp_path / "site/person/9000001/index.html").read_text("utf-8")
    assert "guess" not in other
    assert "2.6%" in (tmp_path / "site/software/index.html").read_text("utf-8")
    recognised = json.loads((tmp_path / "site/api/individual/9000003.json").read_text("utf-8"))["facerec"]
    assert (recognised["gender"], recognised["genderProbability"]) == ("female", 0.97)


def test_a_table_twice_is_refused(package: Path) -> None:
    with pytest.raises(UsageError, match="both have a table 'meps'"):
        open_material(package, [package])
