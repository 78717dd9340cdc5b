"""Making releases: what they say to people and to programs, and what is refused."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dontspy_data.check.check import check
from dontspy_data.errors import DontspyError, Exit, UsageError
from dontspy_data.model import codes
from dontspy_data.model.withdrawals import WithdrawalRow, Withdrawals
from dontspy_data.package.open import Package, open_package
from dontspy_data.release.changelog import read_changelog, without, write_changelog
from dontspy_data.release.release import UnchangedError, WorseError, difference, release_package
from dontspy_data.release.row_changes import delta_without
from dontspy_data.release.version import Level

PERSON = 9000001
TODAY = date(2026, 2, 1)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "delta.jsonl").read_text().splitlines()]


def replaced_portrait(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    first = next(row for row in rows if row["path"])
    new = {
        **first,
        "portrait_id": f"{first['mep_id']}-{'f' * 12}",
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
    told = {section.title: tuple(map(str, section.lines)) for section in made.sections}
    assert set(told) == {
        "No longer in the dataset",
        "Changed political group",
        "Re-encoded portraits (the same picture in other bytes)",
        "Changed name",
        "Corrected",
    }
    assert told["Changed political group"] == (
        "Renamed PERSON (MEP 9000001): Group of the European People's Party (Christian Democrats), "
        "now European Conservatives and Reformists Group",
    )
    assert told["Changed name"][0].endswith(", now Renamed PERSON")
    assert told["Corrected"][0].endswith(", is empty")
    assert all("MEP" in line for name in told for line in told[name])
    back = difference(_versioned(edit, "1.1.0"), open_package(built))
    assert (back.version, back.level) == ("1.2.0", Level.MINOR)
    assert "New in the dataset" in [section.title for section in back.sections]


def _versioned(edit: Any, version: str) -> Package:
    edit.about(version=version)
    return open_package(edit.folder)


def test_nothing_new_is_said_and_no_release(built: Path, first: Path, tmp_path: Path) -> None:
    with pytest.raises(UnchangedError, match=r"nothing changed since 1\.0\.0") as error:
        release_package(built, first, tmp_path / "out")
    assert error.value.exit is Exit.UNCHANGED
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("table", "change", "why"),
    [
        ("meps", lambda rows: rows[:-2], "2 of 24 members are gone (8%), and at most 5% may be"),
        ("meps", lambda rows: rows[:19], "it has 19 members, and at least 20 are expected"),
        (
            "portraits",
            lambda rows: [{**row, "status": "unknown"} for row in rows[:4]] + rows[4:],
            "of 23 current portraits are gone",
        ),
        (
            "meps",
            lambda rows: [row for row in rows if row["country"] != "AT"],
            "2 of 2 members for Austria are gone (100%), and at most 50% may be",
        ),
    ],
)
def test_worse_is_refused_with_the_reason(table: str, change: Any, why: str, edit: Any, old: Package) -> None:
    edit.rows(table, change)
    worse = difference(old, edit.package).worse
    assert any(why in clause for clause in worse), worse
    with pytest.raises(WorseError, match="is below its floors"):
        release_package(edit.folder, old.folder, edit.folder.parent / "out")
    assert not (edit.folder.parent / "out").exists()


def test_whoever_loses_the_country_is_lost(edit: Any, old: Package) -> None:
    people: dict[str, list[int]] = {}
    for row in old.read("meps").to_pylist():
        people.setdefault(row["country"], []).append(row["mep_id"])
    code, largest = max(((code, ids) for code, ids in people.items() if code), key=lambda one: len(one[1]))
    nothing = {"country": None, "political_group": None, "national_party": None}

    def lose(ids: list[int]) -> tuple[str, ...]:
        edit.rows("meps", lambda rows: [{**r, **(nothing if r["mep_id"] in ids else {})} for r in rows])
        return difference(old, edit.package).worse

    count = len(largest)
    (clause,) = (one for one in lose(largest[1:]) if " members for " in one)
    name = next(country.name_en for country in codes.countries() if country.code == code)
    assert clause == (
        f"{count - 1} of {count} members for {name} are gone or now without a country "
        f"({(count - 1) / count:.0%}), and at most 50% may be"
    )
    clauses = lose([ids[0] for other, ids in people.items() if other != code and len(ids) > 1])
    assert clauses[0].split("(")[0].endswith("of 24 members are gone or now without a country ")
    assert len(clauses) == 2


def test_another_country_is_no_loss_and_who_was_withdrawn_is_not_counted(edit: Any, old: Package) -> None:
    edit.rows("meps", lambda rows: [{**row, "country": "MT"} for row in rows])
    assert difference(old, edit.package).worse == ()
    edit.rows("meps", lambda rows: [{**row, "country": None} for row in rows])
    withdrawn = [
        {"mep_id": row["mep_id"], "scope": "person", "withdrawn_on": TODAY, "reason": "request"}
        for row in old.read("meps").to_pylist()
    ]
    edit.rows("withdrawals", lambda rows: withdrawn)
    assert difference(old, edit.package).worse == ()


def portrait(number: int, **values: Any) -> Any:
    """Change the portrait of the person with that place among those who have one."""

    def change(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        has = [row["mep_id"] for row in rows if row["path"]]
        return [{**row, **values} if row["mep_id"] == has[number] else row for row in rows]

    return change


def absent_is_unknown(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{**row, "status": "unknown"} if row["status"] == "absent" else row for row in rows]


def earlier_one_more(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [*rows, {**rows[0], "portrait_id": f"{rows[0]['mep_id']}-{'e' * 12}", "is_current": False}]


@pytest.mark.parametrize(
    ("change", "title", "words"),
    [
        (
            portrait(0, credit_line="Somebody\n# else", rights_status="unclear"),
            "Rights and credits of portraits",
            ", portrait: rights status was reuse under the Parliament's terms, is somebody else named, "
            "ask before reuse",
        ),
        (portrait(0, credit_line="A\n# B"), "Rights and credits of portraits", ", is A # B"),
        (portrait(0, face_count=7), "Other details of portraits", ", portrait: face count was empty, is 7"),
        (
            absent_is_unknown,
            "Why there is no portrait",
            ": none at the source, now not known whether there is one",
        ),
        (earlier_one_more, "Earlier portraits", ": one more"),
    ],
)
def test_every_change_of_a_portrait_is_told(
    change: Any, title: str, words: str, edit: Any, old: Package, tmp_path: Path
) -> None:
    edit.rows("portraits", change)
    made = release_package(edit.folder, old.folder, tmp_path / "out")
    (section,) = made.sections
    assert section.title == title
    assert any(line.text.endswith(words) and line.mep_id for line in section.lines), section.lines
    newest = (tmp_path / "out/CHANGELOG.md").read_text().split("## 1.0.0")[0]
    assert f"### {title}" in newest
    assert "first release" not in newest


def test_what_a_withdrawn_portrait_said_leaves_older_entries(edit: Any, old: Package, tmp_path: Path) -> None:
    edit.rows("portraits", portrait(0, credit_line="Photo: A Name", face_count=1))
    release_package(edit.folder, old.folder, tmp_path / "out")
    mep_id = next(row["mep_id"] for row in old.read("portraits").to_pylist() if row["path"])
    text = (tmp_path / "out/CHANGELOG.md").read_text()
    assert "is Photo: A Name" in text
    row = WithdrawalRow(mep_id, "portrait", TODAY, "rights")
    notes = read_changelog(tmp_path / "out")
    (tmp_path / "out/changelog.json").unlink()  # as older releases are
    assert read_changelog(tmp_path / "out") == notes
    (tmp_path / "left").mkdir()
    write_changelog(without(notes, Withdrawals((row,))), tmp_path / "left")
    for name in ("CHANGELOG.md", "changelog.json"):
        left = (tmp_path / "left" / name).read_text()
        assert "A Name" not in left
        assert f"MEP {mep_id}, every portrait withdrawn" in left
    assert len((tmp_path / "left/CHANGELOG.md").read_text().split("\n")) == len(text.split("\n"))


def test_lines_about_a_person_withdrawn_later_leave_the_delta(
    edit: Any, old: Package, tmp_path: Path
) -> None:
    edit.rows(
        "statements",
        lambda rows: [
            {**row, "is_chosen": not row["is_chosen"]} for row in rows if row["property"] != "gender"
        ],
    )
    release_package(edit.folder, old.folder, tmp_path / "out")
    text = ((tmp_path / "out") / "delta.jsonl").read_text()
    assert {line["op"] for line in lines(tmp_path / "out") if line["mep_id"] == PERSON} == {"MOD", "DEL"}
    left = delta_without(text, Withdrawals((WithdrawalRow(PERSON, "person", TODAY, "request"),)))
    assert str(PERSON) not in left
    assert '"mep_id": 9000002' in left


def test_worse_can_be_accepted_and_the_reason_is_kept(edit: Any, old: Package, tmp_path: Path) -> None:
    gone = [row["mep_id"] for row in old.read("meps").to_pylist()[-2:]]
    for table in ("meps", "portraits"):
        edit.rows(table, lambda rows: [row for row in rows if row["mep_id"] not in gone])
    release_package(edit.folder, old.folder, tmp_path / "out", accept="A new term has begun")
    assert open_package(tmp_path / "out").descriptor["release"]["accepted"] == "A new term has begun"
    assert "below the floors: A new term has begun (2 of 24" in (tmp_path / "out/CHANGELOG.md").read_text()


def test_what_is_withdrawn_is_not_lost_nor_named(edit: Any, old: Package, tmp_path: Path) -> None:
    name = next(row["name"] for row in old.read("meps").to_pylist() if row["mep_id"] == PERSON)
    row = {"mep_id": PERSON, "scope": "person", "withdrawn_on": TODAY, "reason": "request"}
    for table in ("meps", "mandates", "memberships", "contacts", "portraits", "statements"):
        edit.rows(table, lambda rows: [one for one in rows if one["mep_id"] != PERSON])
    edit.rows("withdrawals", lambda rows: [row])
    made = release_package(edit.folder, old.folder, tmp_path / "out")
    assert made.version == "1.0.1"
    changelog = (tmp_path / "out/CHANGELOG.md").read_text()
    assert f"- MEP {PERSON}, withdrawn (request, 2026-02-01)" in changelog
    assert name not in changelog
    assert [(one["op"], one["table"]) for one in lines(tmp_path / "out")] == [("ADD", "withdrawals")]


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
