"""Guesses, where an audit is at hand: always beside the official fact, with how wrong they are."""

import json
import shutil
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lxml import html

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.package.digests import checksums, files_below, sha256_of
from dontspy_data.site.build import build_site
from dontspy_data.site.material import open_material
from dontspy_data.site.people import people_of
from dontspy_data.site.software import findings, guesses_by_person

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
        "label": "any",
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


def said(folder: Path, package: Path, **tables: Sequence[dict[str, Any]]) -> Path:
    """A folder as an audit of the package writes it, as far as the site reads it."""
    (folder / "data").mkdir(parents=True)
    licence = {"name": "CC-BY-4.0", "title": "A licence", "path": "https://example.org/"}
    resources = []
    for name, rows in tables.items():
        pq.write_table(pa.Table.from_pylist(list(rows)), folder / "data" / f"{name}.parquet")
        schema = {"title": name, "description": name, "fields": [], "primaryKey": []}
        numbers = {"rows": len(rows), "minimumRows": 0, "maximumRows": 1000}
        path = f"data/{name}.parquet"
        resources.append({"name": name, "path": path, "alternatives": [], "schema": schema, **numbers})
    digest = sha256_of(package / "datapackage.json")
    release = {"descriptor": f"sha256:{digest}"}
    descriptor = {
        "name": "audit",
        "title": "An audit",
        "description": "Of a test",
        "created": "2026-01-15T00:00:00Z",
        "licenses": [licence],
        "models": [],
        "release": release,
        "resources": resources,
    }
    (folder / "datapackage.json").write_text(json.dumps(descriptor))
    (folder / "checksums.sha256").write_text(checksums(folder))
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
        ("gender", "female, 97 % sure", "male", "wrong", True),
        ("age", "33 years", "57 years when the picture was taken", "24 years too young", True),
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
            error("share", "all", "all", 0.7, label="happy", compared_with="nothing"),
            error("share", "all", "all", 0.3, label="sad", compared_with="nothing"),
            error("mean_absolute_error", "all", "all", 4.6, unit="years"),
        ]
    )
    assert [(one.what, one.figures[0].value, len(one.figures)) for one in found] == [
        ("says another gender than the published one", "2.6 %", 2),
        ("misses the age by, on average", "4.6 years", 1),
        ("calls people “happy”", "70.0 %", 1),
    ]
    assert found[0].figures[1].is_small


def test_the_site_labels_guesses_and_says_how_wrong_they_were(package: Path, tmp_path: Path) -> None:
    more = said(
        tmp_path / "audit",
        package,
        attributions=[attribution("gender", "female")],
        attribution_errors=[error("disagreement", "all", "all", 0.026)],
    )
    build_site(package, tmp_path / "site", audit=more)
    page = html.fromstring((tmp_path / "site/person/9000003/index.html").read_text("utf-8"))
    [row] = page.xpath("//section[@aria-labelledby='guesses']//tbody/tr")
    assert [cell.text_content() for cell in row] == [
        "face-api",
        "gender",
        "guess: female, 97 % sure",
        "male",
        "wrong",
    ]
    assert "never facts" in page.xpath("string(//section[@aria-labelledby='guesses'])")
    other = (tmp_path / "site/person/9000001/index.html").read_text("utf-8")
    assert "guess" not in other
    assert "2.6 %" in (tmp_path / "site/software/index.html").read_text("utf-8")
    recognised = json.loads((tmp_path / "site/api/individual/9000003.json").read_text("utf-8"))["facerec"]
    assert (recognised["gender"], recognised["genderProbability"]) == ("female", 0.97)


@given(st.floats(0, 100), st.dates(date(1930, 1, 1), date(2000, 1, 1)), st.dates(date(2014, 1, 1)))
def test_guess_fact_and_verdict_add_up_and_the_age_is_in_completed_years(
    years: float, born: date, taken: date
) -> None:
    assume(taken.year < 2100)
    row = attribution("age", "years", value=years, reference_date=taken)
    [(guess,)] = guesses_by_person([row], {MEP: (None, born)}).values()
    guessed, official = (int(text.split()[0]) for text in (guess.says, guess.official or ""))
    birthdays = (date(born.year + age, born.month, min(born.day, 28)) for age in range(200))
    if born.day <= 28:
        assert official == sum(day <= taken for day in birthdays) - 1
    if abs(guessed - official) <= 1:
        assert (guess.verdict, guess.is_wrong) == ("within a year", False)
    else:
        how = "old" if guessed > official else "young"
        assert (guess.verdict, guess.is_wrong) == (f"{abs(guessed - official)} years too {how}", True)


def test_one_year_is_no_years() -> None:
    row = attribution("age", "years", value=1.2)
    [(guess,)] = guesses_by_person([row], {MEP: (None, date(2022, 6, 1))}).values()
    assert (guess.says, guess.official) == ("1 year", "1 year when the picture was taken")


def test_age_bands_come_from_the_youngest() -> None:
    bands = ["70 and over", "40-49", "under 40", "60-69", "50-59"]
    [found] = findings([error("disagreement", "age_band", band, 0.1) for band in bands])
    assert [figure.group for figure in found.figures] == [
        "under 40",
        "40-49",
        "50-59",
        "60-69",
        "70 and over",
    ]


def test_nothing_is_guessed_of_a_person_whose_portrait_is_not_published(
    package: Path, tmp_path: Path
) -> None:
    replaced = attribution("gender", "male", portrait_id="9000003-000000000000")
    silhouette = attribution("gender", "male", portrait_id="9000049-2efa20794b9c", mep_id=9000049)
    more = said(tmp_path / "audit", package, attributions=[replaced, silhouette])
    people = {person.mep_id: person for person in people_of(open_material(package, more))}
    assert people[MEP].portrait
    assert people[9000049].portraits[0].portrait_id == silhouette["portrait_id"]
    assert [people[mep_id].guesses for mep_id in (MEP, 9000049)] == [(), ()]


def test_an_audit_of_another_release_is_refused(package: Path, audit: Path, tmp_path: Path) -> None:
    later = Path(shutil.copytree(package, tmp_path / "later"))
    with (later / "datapackage.json").open("a") as stream:
        stream.write("\n")
    (later / "checksums.sha256").write_text(checksums(later))
    with pytest.raises(UsageError, match="names another release, or none") as refused:
        build_site(later, tmp_path / "site", audit=audit)
    assert f"dontspy-data audit {later}" in refused.value.hint
    assert not (tmp_path / "site").exists()


def test_a_folder_that_says_nothing_of_a_release_is_refused(package: Path, tmp_path: Path) -> None:
    other = said(tmp_path / "other", package, attributions=[attribution("gender", "female")])
    path = other / "datapackage.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"release": {"descriptor": "sha256:"}}))
    (other / "checksums.sha256").write_text(checksums(other))
    with pytest.raises(UsageError, match="names another release, or none"):
        open_material(package, other)


def test_an_audit_without_its_list_of_files_is_refused(package: Path, audit: Path, tmp_path: Path) -> None:
    cut = Path(shutil.copytree(audit, tmp_path / "audit"))
    (cut / "checksums.sha256").unlink()
    with pytest.raises(DontspyError, match=r"checksums\.sha256 is missing"):
        open_material(package, cut)


def test_the_audit_is_in_the_site_and_offered_with_sizes_and_digests(audit: Path, audited: Path) -> None:
    assert files_below(audited / "audit") == files_below(audit)
    page = html.fromstring((audited / "data/index.html").read_text("utf-8"))
    [section] = page.xpath("//section[@aria-labelledby='audit']")
    offered = section.xpath(".//table//a/@href[contains(., '/audit/')]")
    assert {address.removeprefix("../audit/") for address in offered} == set(files_below(audit))
    listed = dict(line.split("  ")[::-1] for line in section.xpath("string(.//pre)").splitlines())
    assert listed == {name: sha256_of(audit / name) for name in files_below(audit)}
    dictionary = html.fromstring((audited / "data/dictionary/index.html").read_text("utf-8"))
    assert {"meps", "attributions", "attribution_errors"} <= set(dictionary.xpath("//h2/@id"))


def test_how_wrong_says_where_its_figures_come_from(package: Path, audited: Path) -> None:
    page = html.fromstring((audited / "software/index.html").read_text("utf-8"))
    [row] = page.xpath("//section[@aria-labelledby='provenance']//tbody/tr")
    assert [cell.text_content() for cell in row] == [
        "always-fifty",
        "Always fifty (baseline)",
        "1.0",
        "CC0 1.0",
    ]
    assert sha256_of(package / "datapackage.json") in page.text_content()
    report = html.fromstring((audited / "audit/audit.html").read_text("utf-8"))
    assert report.xpath("//h2[@id='limits']")
    assert {"../audit/audit.html", "../audit/audit.html#limits"} <= set(page.xpath("//main//a/@href"))
