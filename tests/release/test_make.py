"""Making releases: what they say to people and to programs, and what is refused."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dontspy_data.errors import DontspyError, Exit, UsageError
from dontspy_data.package.check import check
from dontspy_data.package.package import Package, open_package
from dontspy_data.release.make import UnchangedError, WorseError, difference, release_package
from dontspy_data.release.version import Level
from dontspy_data.tables.withdrawals import WithdrawalRow, Withdrawals

PERSON = 9000001
TODAY = date(2026, 2, 1)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "delta.jsonl").read_text().splitlines()]


def replaced_portrait(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    first = next(row for row in rows if row["path"])
    new = {
        **first,
        "portrait_id": f"{first['mep_id']}-{'f' * 12}",
        "source_sha256": "f" * 64,
        "sha256": "f" * 64,
    }
    earlier = {**first, "is_current": False, "path": f"portraits/earlier/{first['portrait_id']}.jpg"}
    return [earlier, new, *(row for row in rows if row is not first)]


def test_a_first_release_is_a_valid_package_with_a_version(first: Path) -> None:
    assert list(check(first)) == []
    about = open_package(first).descriptor
    assert about["version"] == "1.0.0"
    assert about["release"]["previous"] is None
    assert "## 1.0.0 (2026-01-15)\n\nThe first release." in (first / "CHANGELOG.md").read_text()
    assert lines(first) == []


def test_changes_are_told_to_people_and_programs(edit: Any, first: Path, built: Path, tmp_path: Path) -> None:
    edit.rows("portraits", replaced_portrait)
    edit.rows(
        "meps",
        lambda rows: [
            {**rows[0], "name": "Renamed PERSON", "political_group": "ECR", "national_party": None},
            *rows[1:-1],
        ],
    )
    made = difference(open_package(first), edit.package)
    assert (made.version, made.level) == ("1.1.0", Level.MINOR)
    told = {section.title: section.lines for section in made.sections}
    assert set(told) == {
        "No longer in the dataset",
        "Changed political group",
        "Changed national party",
        "Replaced portraits",
        "Corrected",
    }
    assert told["Replaced portraits"] == ("Renamed PERSON (MEP 9000001)",)
    assert told["Changed political group"] == (
        "Renamed PERSON (MEP 9000001): Group of the European People's Party (Christian Democrats), "
        "now European Conservatives and Reformists Group",
    )
    assert told["Corrected"][0].startswith("Renamed PERSON (MEP 9000001): name was ")
    assert all("MEP" in line for name in told for line in told[name])
    back = difference(_versioned(edit, "1.1.0"), open_package(built))
    assert (back.version, back.level) == ("1.2.0", Level.MINOR)
    assert "Joined" in [section.title for section in back.sections]


def _versioned(edit: Any, version: str) -> Package:
    edit.about(version=version)
    return open_package(edit.folder)


def test_a_delta_takes_the_old_rows_to_the_new_ones(edit: Any, first: Path, tmp_path: Path) -> None:
    edit.rows("contacts", lambda rows: [{**rows[0], "value": "new@example.org"}, *rows[2:]])
    edit.rows("meps", lambda rows: [{**row, "birth_place": "Elsewhere"} for row in rows])
    package = edit.package
    found = difference(open_package(first), package)
    assert found.comparison
    for table, key in (("contacts", ("mep_id", "kind", "value")), ("meps", ("mep_id",))):
        rows = {tuple(r[k] for k in key): r for r in open_package(first).read(table).to_pylist()}
        for change in found.comparison.rows:
            if change.table == table and change.after:
                rows[tuple(change.key.values())] = dict(change.after)
            elif change.table == table:
                del rows[tuple(change.key.values())]
        new = {tuple(r[k] for k in key): r for r in package.read(table).to_pylist()}
        assert rows == new


def test_nothing_new_is_said_and_no_release(built: Path, first: Path, tmp_path: Path) -> None:
    with pytest.raises(UnchangedError, match=r"nothing changed since 1\.0\.0") as error:
        release_package(built, first, tmp_path / "out")
    assert error.value.exit is Exit.UNCHANGED
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("table", "change", "why"),
    [
        ("meps", lambda rows: rows[:-5], "5 of 62 members are gone (8%), and at most 5% may be"),
        ("meps", lambda rows: rows[:19], "it has 19 members, and at least 20 are expected"),
        (
            "portraits",
            lambda rows: [{**row, "status": "unknown"} for row in rows[:4]] + rows[4:],
            "of 59 current portraits are gone",
        ),
        (
            "meps",
            lambda rows: [row for row in rows if row["country"] != "AT"],
            "2 of 2 members for AT are gone (100%), and at most 50% may be",
        ),
    ],
)
def test_worse_is_refused_with_the_reason(table: str, change: Any, why: str, edit: Any, old: Package) -> None:
    edit.rows(table, change)
    worse = difference(old, edit.package).worse
    assert any(why in clause for clause in worse), worse
    with pytest.raises(WorseError, match="worse than its floors allow"):
        release_package(edit.folder, old.folder, edit.folder.parent / "out")
    assert not (edit.folder.parent / "out").exists()


def test_worse_can_be_accepted_and_the_reason_is_kept(edit: Any, old: Package, tmp_path: Path) -> None:
    gone = [row["mep_id"] for row in old.read("meps").to_pylist()[-5:]]
    for table in ("meps", "portraits"):
        edit.rows(table, lambda rows: [row for row in rows if row["mep_id"] not in gone])
    made = release_package(edit.folder, old.folder, tmp_path / "out", accept="A new term has begun")
    assert open_package(made.folder).descriptor["release"]["accepted"] == "A new term has begun"
    assert "below the floors: A new term has begun (5 of 62" in (made.folder / "CHANGELOG.md").read_text()


def test_what_is_withdrawn_is_not_lost_nor_named(edit: Any, old: Package, tmp_path: Path) -> None:
    name = next(row["name"] for row in old.read("meps").to_pylist() if row["mep_id"] == PERSON)
    row = {"mep_id": PERSON, "scope": "person", "withdrawn_on": TODAY, "reason": "request"}
    for table in ("meps", "mandates", "memberships", "contacts", "portraits", "statements"):
        edit.rows(table, lambda rows: [one for one in rows if one["mep_id"] != PERSON])
    edit.rows("withdrawals", lambda rows: [row])
    made = release_package(edit.folder, old.folder, tmp_path / "out")
    assert made.difference.version == "1.0.1"
    changelog = (made.folder / "CHANGELOG.md").read_text()
    assert f"- MEP {PERSON}, withdrawn (request, 2026-02-01)" in changelog
    assert name not in changelog
    assert [(one["op"], one["table"]) for one in lines(made.folder)] == [("ADD", "withdrawals")]


def test_what_was_withdrawn_cannot_come_back(edit: Any, built: Path, tmp_path: Path) -> None:
    row = {"mep_id": PERSON, "scope": "portrait", "withdrawn_on": TODAY, "reason": "request"}
    edit.rows("withdrawals", lambda rows: [row])
    edit.about(version="1.0.1")
    with pytest.raises(DontspyError, match=r"1\.0\.1 withdrew MEP 9000001"):
        release_package(built, edit.folder, tmp_path / "out")


def test_a_release_is_not_released_again(first: Path, built: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is a release already"):
        release_package(first, None, tmp_path / "out")
    with pytest.raises(UsageError, match="is a package and not a release"):
        release_package(built, built, tmp_path / "out")


def test_withdrawals_keep_their_first_day() -> None:
    once = Withdrawals().with_row(WithdrawalRow(1, "portrait", TODAY, "request"))
    assert once.with_row(WithdrawalRow(1, "portrait", date(2027, 1, 1), "legal")) == once
