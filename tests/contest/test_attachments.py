"""Tables that entrants attach: joined to the release or refused, and described."""

from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from frictionless import Resource, Schema

from dontspy_data.contest.attachments import AttachmentError, read_attachment
from dontspy_data.contest.release import Release

CSV = "mep_id,smile,share,seen,note\n1,true,0.5,2026-01-20,\n2,false,1,2026-01-21,a note\n"


def put(folder: Path, text: str, name: str = "t.csv") -> str:
    (folder / name).write_text(text, "utf-8")
    return name


def test_a_csv_is_described_from_all_its_rows(tmp_path: Path, release: Release) -> None:
    found = read_attachment(tmp_path, put(tmp_path, CSV), release)
    assert (found.key, found.rows, found.schema["primaryKey"]) == ("mep_id", 2, ["mep_id"])
    types = {field["name"]: (field["type"], "constraints" in field) for field in found.schema["fields"]}
    assert types == {
        "mep_id": ("integer", True),
        "smile": ("boolean", True),
        "share": ("number", True),
        "seen": ("date", True),
        "note": ("string", False),
    }
    resource = Resource(path="t.csv", basepath=str(tmp_path), schema=Schema.from_descriptor(found.schema))
    assert resource.validate().valid


def test_a_late_row_decides_the_type_too(tmp_path: Path, release: Release) -> None:
    rows = "".join(f"{1 + n % 3},{n}\n" for n in range(5000)) + "1,many\n"
    found = read_attachment(tmp_path, put(tmp_path, f"mep_id,count\n{rows}"), release)
    assert [field["type"] for field in found.schema["fields"]] == ["integer", "string"]
    assert "primaryKey" not in found.schema


def test_parquet_is_described_from_its_own_types(tmp_path: Path, release: Release) -> None:
    table = pa.table({"portrait_id": ["1-aaaaaaaaaaaa"], "day": [date(2026, 1, 1)], "boxes": [[1, 2]]})
    pq.write_table(table, tmp_path / "t.parquet")
    found = read_attachment(tmp_path, "t.parquet", release)
    assert found.key == "portrait_id"
    assert [field["type"] for field in found.schema["fields"]] == ["string", "date", "any"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,count\na,1\n", "neither a column portrait_id nor mep_id"),
        ("mep_id,count\n1,1\n98,1\n99,1\n", "98, 99"),
        ("mep_id,count\n,1\n", "None"),
        ("portrait_id\n2-bbbbbbbbbbbb\n", "2-bbbbbbbbbbbb"),
        ("mep_id,count\n1,1,1\n", "cannot be read as a table"),
        ("", "cannot be read as a table"),
    ],
)
def test_a_table_that_cannot_be_joined_is_refused(
    text: str, message: str, tmp_path: Path, release: Release
) -> None:
    with pytest.raises(AttachmentError, match=message) as caught:
        read_attachment(tmp_path, put(tmp_path, text), release)
    assert caught.value.hint


def test_nothing_outside_the_folder_is_read(tmp_path: Path, release: Release) -> None:
    put(tmp_path, CSV)
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "link.csv").symlink_to(tmp_path / "t.csv")
    for path in ("../t.csv", "link.csv", str(tmp_path / "t.csv")):
        with pytest.raises(AttachmentError, match="is not there"):
            read_attachment(inner, path, release)
