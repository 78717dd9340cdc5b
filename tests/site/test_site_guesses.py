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
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.package.files import checksums, files_below, sha256_of
from dontspy_data.site.build import build_site
from dontspy_data.site.languages import ENGLISH
from dontspy_data.site.material import open_material
from dontspy_data.site.people import people_of
from dontspy_data.site.software import (
    GuessView,
    Known,
    Verdict,
    guess_words,
    guesses_by_person,
    scales_of,
    worst,
)

PORTRAIT = "9000003-ad6b1b42a5ac"
MEP = 9000003
TITLES = {"face-api": "Face API"}
CARD = {
    "name": "face-api",
    "title": "Face API",
    "version": "1",
    "licence": "MIT",
    "homepage": "https://example.org/",
}


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
        "models": [CARD],
        "release": release,
        "resources": resources,
    }
    (folder / "datapackage.json").write_text(json.dumps(descriptor))
    (folder / "checksums.sha256").write_text(checksums(folder))
    return folder


def guesses(
    rows: Sequence[dict[str, Any]], known: Known = (None, None), variants: Sequence[dict[str, Any]] = ()
) -> tuple[GuessView, ...]:
    found = guesses_by_person(rows, variants, {MEP: known}, TITLES)
    return found.get(MEP, ())


def changed(variant: str, label: str, value: float | None = None) -> dict[str, Any]:
    attribute = "age" if value is not None else "gender"
    return attribution(attribute, label, variant=variant, value=value)


def test_answers_are_held_against_official_facts() -> None:
    rows = [
        attribution("age", "years", value=33.4),
        attribution("gender", "female"),
        attribution("gender", "male", is_answer=False, score=0.03),
        attribution("expression", "happy", score=None),
        attribution("face", "found"),
    ]
    found = guesses(rows, ("male", date(1966, 1, 19)))
    words = [guess_words(guess, ENGLISH) for guess in found]
    assert [(w.says, w.official, w.verdict, g.verdict) for w, g in zip(words, found, strict=True)] == [
        ("33 years", "57 years when the picture was taken", "24 years too young", Verdict.FAR_OFF),
        ("female, 97% sure", "male", "wrong", Verdict.FAR_OFF),
        ("happy", None, "nobody can read a feeling off a picture", Verdict.UNKNOWN),
    ]


def test_what_cannot_be_compared_is_not_judged() -> None:
    found = guesses([attribution("age", "years", value=33.4), attribution("gender", "female")])
    assert [(guess.verdict, guess.is_wrong) for guess in found] == [(Verdict.UNKNOWN, None)] * 2
    assert worst(found) is None


def test_a_face_that_was_not_found_is_said() -> None:
    [guess] = guesses([attribution("face", "found", is_answer=False)])
    assert guess_words(guess, ENGLISH).says == "no face here"


def test_verdicts_are_graded_by_the_softwares_own_variation() -> None:
    """Four years off is a fault, unless the same software says as much of the same picture mirrored."""
    row, born = attribution("age", "years", value=53.4), (None, date(1966, 1, 19))
    [alone] = guesses([row], born)
    [varying] = guesses([row], born, [changed("mirrored", "years", 58.2), changed("darker", "years", 52.0)])
    assert (alone.error, alone.verdict, alone.is_wrong) == (-4, Verdict.OFF, True)
    assert (varying.range, varying.verdict, varying.is_wrong) == ((52, 58), Verdict.WITHIN, False)
    [unsure] = guesses([attribution("gender", "male")], ("male", None), [changed("mirrored", "female")])
    assert unsure.verdict == Verdict.WITHIN
    assert "mirrored" in guess_words(unsure, ENGLISH).verdict


def test_the_worst_guess_is_a_misread_gender_and_then_the_furthest_age() -> None:
    age, gender = attribution("age", "years", value=20.0), attribution("gender", "female")
    found = guesses([age, gender], ("male", date(1966, 1, 19)))
    assert worst(found) == found[1]
    found = guesses([age, gender], ("female", date(1966, 1, 19)))
    assert worst(found) == found[0]


@given(st.lists(st.floats(0, 110), min_size=1, max_size=7), st.integers(0, 110))
def test_everything_on_a_scale_is_on_it(ages: list[float], official: int) -> None:
    row = attribution("age", "years", value=ages[0], reference_date=date(2024, 6, 1))
    variants = [changed("darker", "years", age) for age in ages[1:]]
    [scale] = scales_of(guesses([row], (None, date(2024 - official, 1, 1)), variants))
    [mark] = scale.marks
    places = [mark.low, mark.at, mark.high, *(at for _, at in scale.ticks), scale.official or 50]
    assert all(5 <= place <= 95 for place in places)
    assert mark.low <= mark.at <= mark.high


def test_the_site_labels_guesses_and_says_how_wrong_they_were(audited: Path) -> None:
    page = html.fromstring((audited / "person/9000003/index.html").read_text("utf-8"))
    [section] = page.xpath("//section[@aria-labelledby='guesses']")
    [row] = section.xpath(".//ul[@aria-labelledby='scale-age']/li[contains(@class, 'row')]")
    assert row.xpath("normalize-space(*[@class='says'])") == "guess: 50 years"
    assert row.xpath("string(*[@class='verdict'])") == "8 years too young"
    assert "58 years" in section.xpath("string(h3[@id='scale-age'])")
    assert "never facts" in section.text_content()
    for silent in ("person/9000049/index.html", "data/datasheet/index.html"):
        assert "guess:" not in (audited / silent).read_text("utf-8")
    answer = json.loads((audited / "api/individual/9000003.json").read_text("utf-8"))
    assert [(guess["grade"], guess["is_wrong"]) for guess in answer["guesses"]] == [
        ("off", True),
        ("agrees", False),
    ]


@given(
    st.floats(0, 100),
    st.dates(date(1930, 1, 1), date(2000, 1, 1)),
    st.dates(date(2014, 1, 1), date(2099, 12, 31)),
)
def test_guess_fact_and_verdict_add_up_and_the_age_is_in_completed_years(
    years: float, born: date, taken: date
) -> None:
    [guess] = guesses([attribution("age", "years", value=years, reference_date=taken)], (None, born))
    words = guess_words(guess, ENGLISH)
    guessed, official = (int(text.split()[0]) for text in (words.says, words.official or ""))
    birthdays = (date(born.year + age, born.month, min(born.day, 28)) for age in range(200))
    if born.day <= 28:
        assert official == sum(day <= taken for day in birthdays) - 1
    if abs(guessed - official) <= 1:
        assert (words.verdict, guess.is_wrong) == ("within a year", False)
    else:
        how = "old" if guessed > official else "young"
        assert (words.verdict, guess.is_wrong) == (f"{abs(guessed - official)} years too {how}", True)


def test_one_year_is_no_years() -> None:
    [guess] = guesses([attribution("age", "years", value=1.2)], (None, date(2022, 6, 1)))
    words = guess_words(guess, ENGLISH)
    assert (words.says, words.official) == ("1 year", "1 year when the picture was taken")


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
    assert "../audit/audit.html" in page.xpath("//main//a/@href")
