"""What a maintainer is shown of a package's portraits."""

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

from dontspy_data import sample
from dontspy_data.check.portrait_report import (
    COLUMNS,
    GAP,
    THUMBNAIL,
    WIDTH,
    as_text,
    contact_sheet,
    doubts,
    read_tables,
    report,
)
from dontspy_data.cli import main
from dontspy_data.package.open import open_package
from dontspy_data.portraits.faces import FaceRow
from dontspy_data.portraits.rows import PortraitTables


@pytest.fixture(scope="module")
def package() -> Path:
    return sample.package_path()


@pytest.fixture(scope="module")
def tables(package: Path) -> PortraitTables:
    return read_tables(open_package(package))


def test_tables_come_back_as_they_were_written(tables: PortraitTables) -> None:
    row = next(row for row in tables.portraits if row.path)
    assert isinstance(row.first_seen, datetime)
    assert row.first_seen.astimezone(UTC)
    assert all(isinstance(face, FaceRow) for face in tables.faces)
    assert len({row.mep_id for row in tables.portraits if row.is_current}) == report(tables).current


def test_every_kind_of_finding(tables: PortraitTables) -> None:
    present = [row for row in tables.portraits if row.status == "present" and row.is_current]
    one, two, three, four = present[:4]
    twin = replace(two, phash=one.phash)
    face = next(face for face in tables.faces if face.portrait_id == four.portrait_id)
    changed = PortraitTables(
        (
            replace(one, face_count=0),
            twin,
            replace(three, face_count=2, rights_status="unclear", rights_holder="Alex Example"),
            four,
            replace(
                four, status="unknown", status_reason="disputed", problem="is also shown as the portrait of 1"
            ),
            *(row for row in tables.portraits if row.status != "present"),
        ),
        (replace(face, roll=30.0, sharpness=1.0),),
    )
    found = report(changed)
    assert [f.portrait_id for f in found.no_face] == [one.portrait_id]
    assert [f.portrait_id for f in found.several_faces] == [three.portrait_id]
    assert [(f.portrait_id, f.why) for f in found.unclear_rights] == [
        (three.portrait_id, "names Alex Example")
    ]
    assert [(f.portrait_id, f.why) for f in found.low_quality] == [
        (four.portrait_id, "leaning by 30.0°, more than 8.0°; sharpness 1.0 below 350.0")
    ]
    assert (one.portrait_id, two.portrait_id, 0) in {
        (n.first, n.second, n.bits) for n in found.near_duplicates
    }
    assert {f.why for f in found.missing} >= {"absent"}
    assert len(found.placeholder) == 2
    assert [f.mep_id for f in found.withheld] == [9000022]
    assert [f.why for f in found.disputed] == ["is also shown as the portrait of 1"]
    lines = as_text(found, {}).splitlines()
    assert "No face: 1" in lines
    assert f"  {one.portrait_id}  no face found" in lines


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"score": 0.7}, "score"),
        ({"eye_distance": 9.0}, "pixels apart"),
        ({"roll": -12.0}, "leaning"),
        ({"yaw_proxy": -0.4}, "turned away"),
        ({"sharpness": 3.0}, "sharpness"),
        ({"dark_share": 0.6}, "60% of it black"),
        ({"bright_share": 0.6}, "60% white"),
        ({"illumination_balance": -0.4}, "lit from one side"),
    ],
)
def test_each_doubt_is_said(tables: PortraitTables, change: dict[str, float], word: str) -> None:
    good = replace(tables.faces[0], roll=0.0, yaw_proxy=0.0, sharpness=900.0, illumination_balance=0.0)
    assert list(doubts(good)) == []
    (why,) = doubts(replace(good, **change))
    assert word in why


def test_the_sheet_has_a_tile_for_everybody(tables: PortraitTables, package: Path) -> None:
    sheet = contact_sheet(tables, open_package(package))
    people = sorted(row.mep_id for row in tables.portraits if row.is_current)
    rows = -(-len(people) // COLUMNS)
    assert sheet.width == COLUMNS * (WIDTH + GAP) + GAP
    assert (sheet.height - GAP) % rows == 0

    def tile(mep_id: int) -> Image.Image:
        n = people.index(mep_id)
        left, top = GAP + n % COLUMNS * (WIDTH + GAP), GAP + n // COLUMNS * ((sheet.height - GAP) // rows)
        return sheet.crop((left, top, left + THUMBNAIL[0], top + THUMBNAIL[1]))

    absent = next(row.mep_id for row in tables.portraits if row.status == "absent")
    seen = next(row.mep_id for row in tables.portraits if row.status == "present")
    box = np.array([0, 160, 0])
    assert not (np.asarray(tile(absent)) == box).all(axis=2).any()
    assert (np.asarray(tile(seen)) == box).all(axis=2).any()


def test_the_command(package: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    printed = CliRunner().invoke(main, ["portraits", str(package), "--json", "--sheet", str(sheet)])
    assert printed.exit_code == 0
    outcome = json.loads(printed.stdout)
    assert outcome["present"] == outcome["current"] - len(outcome["missing"]) - len(outcome["placeholder"])
    assert {"portrait_id", "mep_id", "why"} == set(outcome["placeholder"][0])
    assert Image.open(sheet).format == "PNG"
    text = CliRunner().invoke(main, ["portraits", str(package)])
    assert "Several faces: none" in text.stdout


def test_the_command_says_what_is_wrong(package: Path, tmp_path: Path) -> None:
    nothing = CliRunner().invoke(main, ["portraits", str(tmp_path)])
    assert nothing.exit_code == 2
    assert "is not a package" in nothing.stderr
    nowhere = CliRunner().invoke(main, ["portraits", str(package), "--sheet", str(tmp_path / "no" / "s.png")])
    assert nowhere.exit_code == 2
    assert "cannot be written" in nowhere.stderr


def test_long_lists_are_cut_for_people_only(tables: PortraitTables) -> None:
    row = next(row for row in tables.portraits if row.status == "absent")
    many = [replace(row, portrait_id=f"{n}-absent", mep_id=n) for n in range(1, 31)]
    found = report(PortraitTables(tuple(many), ()))
    assert len(found.missing) == 30
    assert "  20-absent  absent\n  and 10 more; --json shows them all\n" in as_text(found, {})


def test_a_package_without_faces_says_so_and_doubts_none(tables: PortraitTables) -> None:
    unseen = [replace(row, face_count=None) for row in tables.portraits]
    found = report(PortraitTables(tuple(unseen), ()))
    assert (found.low_quality, found.no_face) == ((), ())
    assert len(found.not_looked_at) == found.present


def test_a_picture_that_is_gone_is_named(package: Path, tmp_path: Path) -> None:
    broken = Path(shutil.copytree(package, tmp_path / "broken"))
    (broken / "portraits/9000001.jpg").unlink()
    said = CliRunner().invoke(main, ["portraits", str(broken), "--sheet", str(tmp_path / "sheet.png")])
    assert said.exit_code == 1
    assert "portraits/9000001.jpg" in said.stderr
    assert "dontspy-data check" in said.stderr


@pytest.mark.parametrize("name", ["sheet.txt", "sheet", "there.png"])
def test_a_sheet_has_its_kind_of_name_and_replaces_nothing_unless_told(
    name: str, package: Path, tmp_path: Path
) -> None:
    (tmp_path / "there.png").write_bytes(b"mine")
    said = CliRunner().invoke(main, ["portraits", str(package), "--sheet", str(tmp_path / name)])
    assert said.exit_code == 2
    assert (tmp_path / "there.png").read_bytes() == b"mine"


def test_a_sheet_is_replaced_where_it_is_told(package: Path, tmp_path: Path) -> None:
    (tmp_path / "there.png").write_bytes(b"mine")
    words = ["portraits", str(package), "--sheet", str(tmp_path / "there.png"), "--force"]
    assert CliRunner().invoke(main, words).exit_code == 0
    assert (tmp_path / "there.png").read_bytes() != b"mine"
