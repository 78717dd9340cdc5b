"""The whole way against a Parliament whose website refuses scripts: everything but the portraits is published."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from dontspy_data import load
from dontspy_data.cli import main
from dontspy_data.loading.people import IncompleteWarning
from dontspy_data.package.open import open_package
from dontspy_data.publish.publish import verify

from .api_only import APPOINTED, api_only_parliament


def refresh(folder: Path, *more: str) -> dict[str, Any]:
    """Refresh from such a Parliament into a folder, and return what was said."""
    with api_only_parliament() as address:
        words = ["refresh", "--via", address, "--api-rate", "0", "--www-rate", "0", "--json", *more]
        where = ["--captures", str(folder / "captures"), "--output", str(folder / "package")]
        done = CliRunner().invoke(main, [*words, *where, "--target", str(folder / "target")])
    assert done.exit_code == 0, done.output
    said: dict[str, Any] = json.loads(done.stdout)
    return said


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """A folder with the package and the target, and what the command said."""
    folder = tmp_path_factory.mktemp("api-only")
    return folder, refresh(folder, "--term", "0", "--term", "9", "--term", "10")


def test_a_release_is_published_and_the_portraits_are_said_to_be_refused(published) -> None:
    folder, said = published
    assert said["outcome"] == "changed"
    assert verify(str(folder / "target")).problems == ()
    collected = said["collected"]
    assert collected["outcome"] == "changed"
    assert collected["refused"] == ["portrait"]
    assert "portrait (www.europarl.europa.eu)" in collected["message"]
    assert any(warning.startswith("refused: portrait") for warning in collected["warnings"])


def test_every_table_but_those_of_portraits_is_filled(published) -> None:
    folder, _ = published
    package = open_package(folder / "package")
    rows = {table.name: package.read(table.name).num_rows for table in package.tables}
    empty = {name for name, number in rows.items() if not number}
    assert empty <= {"portraits", "portrait_periods", "faces", "problems", "withdrawals"}
    assert rows["meps"] >= 60


def test_everybody_has_a_country_and_a_dated_group(published) -> None:
    folder, _ = published
    package = open_package(folder / "package")
    people = {row["mep_id"] for row in package.read("meps").to_pylist()} - {APPOINTED}
    mandates = package.read("mandates").to_pylist()
    assert {row["mep_id"] for row in mandates if row["country"] and row["start_date"]} >= people
    groups = [row for row in package.read("memberships").to_pylist() if row["kind"] == "political_group"]
    assert {row["mep_id"] for row in groups if row["political_group"] and row["start_date"]} >= people
    (appointed,) = (row for row in mandates if row["mep_id"] == APPOINTED)
    assert (appointed["term"], appointed["country"]) == (0, "LU")


def test_a_day_of_the_past_is_answered(published) -> None:
    folder, _ = published
    with pytest.warns(IncompleteWarning, match="known: 44 of 705 seats"):  # the parliament is a small one
        sat = load(folder / "package").at("2021-03-01")
    assert sat["is_certain"].all()
    assert sat["political_group"].notna().all()


def test_nothing_is_stated_by_a_page_of_the_website(published) -> None:
    folder, _ = published
    sources = Counter(
        row["source"] for row in open_package(folder / "package").read("statements").to_pylist()
    )
    assert set(sources) == {"ep_api", "ep_csv", "wikidata"}
