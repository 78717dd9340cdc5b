"""The main job on real answers: what the Parliament published is what the package says."""

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from dontspy_data.capture.captures import Captures
from dontspy_data.check.check import check
from dontspy_data.package.open import Package, open_package
from dontspy_data.sources import portraits

FOUND_BY_SEARCH = {
    "BE": 21, "BG": 17, "CZ": 21, "EE": 7, "FR": 79, "GR": 21, "IE": 13, "IT": 76, "LV": 8, "MT": 6, "NL": 29, "PL": 52,
    "SE": 21,
}  # fmt: skip
CMYK = 197720
NO_PORTRAIT = 236050


@pytest.fixture(scope="module")
def captures(shared: Path) -> Captures:
    return Captures.open([shared / "ep" / "captures.warc.gz"])


@pytest.fixture(scope="module")
def built(package: Path) -> Package:
    return open_package(package)


def rows(package: Package, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = package.read(table).to_pylist()
    return found


def test_the_package_is_whole_and_valid(built: Package) -> None:
    assert list(check(built.folder)) == []


def test_everybody_is_there_and_the_search_found_whom_it_found(built: Package) -> None:
    assert len(rows(built, "meps")) == 1426
    searched = [row for row in rows(built, "mandates") if row["source"] == "ep_search"]
    assert Counter(row["country"] for row in searched) == FOUND_BY_SEARCH
    assert {row["term"] for row in searched} == {9}


def test_no_name_has_a_question_mark_where_any_source_has_it_whole(built: Package) -> None:
    whole = {
        row["mep_id"]
        for row in rows(built, "statements")
        if row["property"] == "name" and "?" not in row["value"]
    }
    for row in rows(built, "meps"):
        names = (row["name"], row["given_name"] or "", row["family_name"] or "")
        assert row["name_lost_letters"] == any("?" in name for name in names)
        if row["mep_id"] in whole:
            assert not row["name_lost_letters"], names


def test_letters_are_restored_from_the_directory(built: Package) -> None:
    person = next(row for row in rows(built, "meps") if row["mep_id"] == 23699)
    assert (person["given_name"], person["family_name"]) == ("Kateřina", "Konečná")


def test_birth_dates_are_days_and_agree_between_sources(built: Package) -> None:
    said: dict[int, set[str]] = {}
    for row in rows(built, "statements"):
        if row["property"] == "birth_date":
            said.setdefault(row["mep_id"], set()).add(row["value"])
    assert {len(value) for values in said.values() for value in values} == {10}
    assert {mep_id for mep_id, values in said.items() if len(values) > 1} == set()


def test_portraits_are_the_servers_bytes(built: Package, captures: Captures) -> None:
    by_status = Counter(row["status"] for row in rows(built, "portraits"))
    assert by_status["present"] == 370
    (missing,) = [row for row in rows(built, "portraits") if row["mep_id"] == NO_PORTRAIT]
    assert missing["status"] in ("absent", "unknown")
    for row in rows(built, "portraits"):
        if row["path"]:
            page = captures.latest(portraits.url(row["mep_id"]))
            assert page is not None
            assert (built.folder / row["path"]).read_bytes() == page.body
            assert row["sha256"] == hashlib.sha256(page.body).hexdigest()


def test_odd_pictures_are_described_and_left_alone(built: Package) -> None:
    by_person = {row["mep_id"]: row for row in rows(built, "portraits")}
    assert by_person[CMYK]["mode"] == "CMYK"
    sizes = {(row["width"], row["height"]) for row in by_person.values() if row["path"]}
    assert len(sizes) > 10
    assert not any(row["status_reason"] == "location" for row in by_person.values())


def test_estonians_are_estonian(built: Package) -> None:
    estonia = {row["mep_id"] for row in rows(built, "mandates") if row["country"] == "EE"}
    assert {row["citizenship"] for row in rows(built, "meps") if row["mep_id"] in estonia} <= {"EE", None}
