"""Comparing two packages: equal ones are equal, and whatever differs is named unless it is meant."""

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dontspy_data import sample
from scripts.compare_packages import main


@pytest.fixture
def changed(tmp_path: Path) -> Path:
    """Make a copy of the sample with one value, one row, one column, one table and one portrait changed."""
    folder = tmp_path / "changed"
    shutil.copytree(sample.package_path(), folder)
    meps = folder / "data" / "meps.parquet"
    rows = pq.read_table(meps).to_pylist()
    pq.write_table(pa.Table.from_pylist([{**rows[0], "given_name": "Somebody Else"}, *rows[1:-1]]), meps)
    descriptor = json.loads((folder / "datapackage.json").read_text("utf-8"))
    descriptor["resources"] = [each for each in descriptor["resources"] if each["name"] != "contacts"]
    (table,) = (each for each in descriptor["resources"] if each["name"] == "countries")
    table["schema"]["fields"].pop()
    (folder / "datapackage.json").write_text(json.dumps(descriptor), "utf-8")
    portrait = min((folder / "portraits").glob("*.jpg"))
    portrait.write_bytes(portrait.read_bytes() + b"\x00")
    return folder


def subjects(output: str) -> list[str]:
    return [line.split(": ")[1] for line in output.splitlines()[:-1]]


def test_a_package_equals_itself(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(sample.package_path())] * 2) == 0
    assert subjects(capsys.readouterr().out) == []


def test_what_differs_is_named(changed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(sample.package_path()), str(changed)]) == 1
    output = capsys.readouterr().out
    found = subjects(output)
    assert found[0] == "table contacts"
    assert found[1].startswith("column countries.")
    assert found[2:4] == ["rows removed meps", "values meps.given_name"]
    assert found[4].startswith("file portraits/")
    assert len(found) == 5
    assert "Somebody Else" in output


def test_what_is_meant_does_not_count(
    changed: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    meant = tmp_path / "meant.txt"
    meant.write_text(
        "# why\ntable contacts\ncolumn countries.*\nrows removed meps  # one\nfile portraits/*\n"
    )
    arguments = [str(sample.package_path()), str(changed), "--meant", str(meant)]
    assert main(arguments) == 1
    unmeant = [line for line in capsys.readouterr().out.splitlines() if line.startswith("NOT MEANT")]
    assert subjects("\n".join([*unmeant, ""]) + "\n") == ["values meps.given_name"]
    with meant.open("a") as stream:
        stream.write("values meps.given_name\n")
    assert main(arguments) == 0
