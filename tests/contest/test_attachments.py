"""Tables that entrants attach: joined to the release or refused, and described."""

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from frictionless import Dialect, Resource, Schema
from frictionless.formats import CsvControl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dontspy_data.contest.attachments import Attachment, AttachmentError, read_attachment
from dontspy_data.contest.entries import ReleaseKeys

CSV = "mep_id,smile,share,seen,note\n1,true,0.5,2026-01-20,\n2,false,1,2026-01-21,a note\n"


def is_valid(path: Path, found: Attachment) -> bool:
    """Whether frictionless finds the table to fit its schema."""
    dialect = Dialect(controls=[CsvControl(delimiter=",")]) if path.suffix == ".csv" else Dialect()
    schema = Schema.from_descriptor(found.schema)
    resource = Resource(
        path=path.name, basepath=str(path.parent), schema=schema, dialect=dialect, encoding="utf-8"
    )
    report = resource.validate()
    assert report.valid, report.flatten(["type", "note"])
    return True


def put(folder: Path, text: str, name: str = "t.csv") -> str:
    (folder / name).write_text(text, "utf-8")
    return name


def test_a_csv_is_described_from_all_its_rows(tmp_path: Path, known: ReleaseKeys) -> None:
    found = read_attachment(tmp_path, put(tmp_path, CSV), known)
    assert (found.key, found.rows, found.schema["primaryKey"]) == ("mep_id", 2, ["mep_id"])
    types = {field["name"]: (field["type"], "constraints" in field) for field in found.schema["fields"]}
    assert types == {
        "mep_id": ("integer", True),
        "smile": ("boolean", True),
        "share": ("number", True),
        "seen": ("date", True),
        "note": ("string", False),
    }
    assert is_valid(tmp_path / "t.csv", found)


def test_a_late_row_decides_the_type_too(tmp_path: Path, known: ReleaseKeys) -> None:
    many = ReleaseKeys(frozenset(range(1, 5002)), {}, known.created)
    rows = "".join(f"{n},{n}\n" for n in range(1, 5001)) + "5001,many\n"
    found = read_attachment(tmp_path, put(tmp_path, f"mep_id,count\n{rows}"), many)
    assert [field["type"] for field in found.schema["fields"]] == ["integer", "string"]


def test_parquet_is_described_from_its_own_types(tmp_path: Path, known: ReleaseKeys) -> None:
    table = pa.table({"portrait_id": ["1-aaaaaaaaaaaa"], "day": [date(2026, 1, 1)], "boxes": [[1, 2]]})
    pq.write_table(table, tmp_path / "t.parquet")
    found = read_attachment(tmp_path, "t.parquet", known)
    assert found.key == "portrait_id"
    assert [field["type"] for field in found.schema["fields"]] == ["string", "date", "any"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,count\na,1\n", "neither a column portrait_id nor mep_id"),
        ("mep_id,count\n1,1\n98,1\n99,1\n", "98, 99"),
        ("mep_id,count\n,1\n", "None"),
        ("mep_id,count\n1.0,1\n", "'1.0'"),
        ("mep_id,count\n01,1\n", "'01'"),
        (f"mep_id,count\n{'9' * 5000},1\n", "9{59}…"),
        ("mep_id,count,count\n1,1,2\n", "more than one column named count"),
        ("mep_id, count\n1,1\n", "on line 1 has blanks around the names of columns: ' count'"),
        (",mep_id,count\n0,1,1\n", "on line 1 has a column without a name"),
        ("mep_id;count\n1;1\n", "separates its cells with semicolons"),
        ("mep_id,count\n", "has no rows"),
        ('mep_id,count\n1,"a" b\n', "on line 2 has a quotation mark out of place"),
        ("mep_id,count\n1,1\n\n", "on line 3 is empty"),
        (
            "portrait_id,mep_id\n1-aaaaaaaaaaaa,1\n3-cccccccccccc,2\n",
            "mep_id 2 beside 3-cccccccccccc, which shows 3",
        ),
        ("portrait_id,mep_id\n1-aaaaaaaaaaaa,\n", "mep_id None beside"),
        ("portrait_id\n2-bbbbbbbbbbbb\n", "2-bbbbbbbbbbbb"),
        ("mep_id,count\n1,1,1\n", "on line 2 has 3 cells, and the header has 2"),
        ("", "is empty"),
    ],
)
def test_a_table_that_cannot_be_joined_is_refused(
    text: str, message: str, tmp_path: Path, known: ReleaseKeys
) -> None:
    with pytest.raises(AttachmentError, match=message) as caught:
        read_attachment(tmp_path, put(tmp_path, text), known)
    assert caught.value.hint


def test_bytes_that_are_not_utf_8_are_named_by_their_line(tmp_path: Path, known: ReleaseKeys) -> None:
    (tmp_path / "t.csv").write_bytes("mep_id,name\n1,Zoe\n2,Zoé\n".encode("cp1252"))
    with pytest.raises(AttachmentError, match="on line 3 is not text in UTF-8") as caught:
        read_attachment(tmp_path, "t.csv", known)
    assert "CSV UTF-8" in caught.value.hint


@pytest.mark.parametrize(
    ("table", "message"),
    [
        (pa.table({"mep_id": [1.0]}), "not in the release: 1.0"),
        (pa.table({"mep_id": [True]}), "not in the release: True"),
        (pa.table({"mep_id": ["1"]}), "not in the release: '1'"),
        (pa.table({"mep_id": [[1, 2]]}), r"not in the release: \[1, 2\]"),
        (pa.table({"portrait_id": [{"a": 1}]}), "not in the release: {'a': 1}"),
        (pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["mep_id", "mep_id"]), "more than one column"),
        (pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["mep_id", " "]), "a column without a name"),
    ],
)
def test_a_parquet_table_that_cannot_be_joined_is_refused(
    table: pa.Table, message: str, tmp_path: Path, known: ReleaseKeys
) -> None:
    pq.write_table(table, tmp_path / "t.parquet")
    with pytest.raises(AttachmentError, match=message) as caught:
        read_attachment(tmp_path, "t.parquet", known)
    assert caught.value.hint


def test_a_parquet_table_of_texts_that_are_not_utf_8_is_refused(tmp_path: Path, known: ReleaseKeys) -> None:
    pq.write_table(pa.table({"portrait_id": pa.array([b"\xe9"]).view(pa.string())}), tmp_path / "t.parquet")
    with pytest.raises(AttachmentError, match="cannot be read as a table"):
        read_attachment(tmp_path, "t.parquet", known)


def test_a_file_that_is_no_parquet_is_refused(tmp_path: Path, known: ReleaseKeys) -> None:
    with pytest.raises(AttachmentError, match="cannot be read as a table"):
        read_attachment(tmp_path, put(tmp_path, "mep_id\n1\n", "t.parquet"), known)


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (["1", "-20", "0"], "integer"),
        (["1", "007"], "string"),
        (["9" * 18], "integer"),
        (["9" * 19], "string"),
        (["1", "NA"], "string"),
        (["1", ""], "integer"),
        (["1", "2.50", "1e-7"], "number"),
        (["nan", "1.5"], "string"),
        (["true", "False", ""], "boolean"),
        (["2026-02-28"], "date"),
        (["2026-02-30"], "string"),
        (["2026-02-28T10:00:00Z", "2026-02-28T10:00:00"], "datetime"),
        (["2026-02-28 10:00:00"], "string"),
        (["10:00:59"], "time"),
        (["", ""], "any"),
    ],
)
def test_a_type_is_given_where_every_cell_is_written_so(
    cells: list[str], kind: str, tmp_path: Path, known: ReleaseKeys
) -> None:
    text = "mep_id,it\n" + "".join(f"{n},{cell}\n" for n, cell in enumerate(cells, 1))
    found = read_attachment(tmp_path, put(tmp_path, text), known)
    assert found.schema["fields"][1]["type"] == kind
    assert is_valid(tmp_path / "t.csv", found)


CELLS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=5),
    st.integers().map(str),
    st.floats().map(str),
    st.booleans().map(str),
    st.dates().map(str),
    st.datetimes().map(lambda moment: moment.isoformat()),
    st.times().map(str),
    st.sampled_from(
        ["", "NA", "null", "007", "1_000", "+1", " 1", "1.", ".5", "0x1F", "-0", "1e5", "INF", "1"]
    ),
)
COLUMNS = st.dictionaries(
    st.text("abcé 1_", min_size=1, max_size=4).filter(lambda name: name == name.strip()),
    st.lists(CELLS, min_size=3, max_size=3),
    max_size=3,
)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(columns=COLUMNS)
def test_a_table_is_valid_by_the_schema_that_describes_it(
    columns: dict[str, list[str]], tmp_path: Path, known: ReleaseKeys
) -> None:
    with (tmp_path / "t.csv").open("w", encoding="utf-8", newline="") as stream:
        csv.writer(stream).writerows([["mep_id", *columns], *zip("123", *columns.values(), strict=True)])
    assert is_valid(tmp_path / "t.csv", read_attachment(tmp_path, "t.csv", known))


def test_a_parquet_table_is_valid_by_the_schema_that_describes_it(tmp_path: Path, known: ReleaseKeys) -> None:
    texts = pa.array(["a", "", "a"])
    table = pa.table(
        {"mep_id": [1, 2, 3], "text": texts, "kind": texts.dictionary_encode(), "share": [0.5, None, 1]}
    )
    pq.write_table(table, tmp_path / "t.parquet")
    found = read_attachment(tmp_path, "t.parquet", known)
    assert [field["type"] for field in found.schema["fields"]] == ["integer", "string", "string", "number"]
    assert is_valid(tmp_path / "t.parquet", found)


def test_nothing_outside_the_folder_is_read(tmp_path: Path, known: ReleaseKeys) -> None:
    put(tmp_path, CSV)
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "link.csv").symlink_to(tmp_path / "t.csv")
    for path in ("../t.csv", "link.csv", str(tmp_path / "t.csv"), ".", "a\0.csv", f"{'a' * 5000}.csv"):
        with pytest.raises(AttachmentError, match="is not there"):
            read_attachment(inner, path, known)


@pytest.mark.parametrize("rows", [10_000_000, 100_000_000])
def test_a_parquet_table_of_millions_of_equal_rows_is_refused_by_its_metadata(
    rows: int, tmp_path: Path, known: ReleaseKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = pa.table({"mep_id": pa.array([1], pa.int8()).take(pa.nulls(1_000_000, pa.int8()).fill_null(0))})
    with pq.ParquetWriter(tmp_path / "t.parquet", batch.schema) as writer:
        for _ in range(rows // 1_000_000):
            writer.write_table(batch)
    assert (tmp_path / "t.parquet").stat().st_size < 2_000_000
    monkeypatch.setattr(pq.ParquetFile, "read", lambda *_, **__: pytest.fail("was read"))
    with pytest.raises(AttachmentError, match=f"{rows:,}"):
        read_attachment(tmp_path, "t.parquet", known)


def test_keys_that_are_much_larger_unpacked_are_refused(tmp_path: Path, known: ReleaseKeys) -> None:
    pq.write_table(pa.table({"portrait_id": ["x" * 150_000_000]}), tmp_path / "t.parquet", compression="zstd")
    with pytest.raises(AttachmentError, match="keys of more than 100,000,000 bytes"):
        read_attachment(tmp_path, "t.parquet", known)


def test_only_the_columns_of_keys_are_read(
    tmp_path: Path, known: ReleaseKeys, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq.write_table(pa.table({"mep_id": [1, 2], "text": ["a", "b"]}), tmp_path / "t.parquet")
    read, asked = pq.ParquetFile.iter_batches, []

    def asking(self: pq.ParquetFile, size: int, columns: list[str]) -> Any:
        asked.append(columns)
        return read(self, size, columns=columns)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", asking)
    assert read_attachment(tmp_path, "t.parquet", known).rows == 2
    assert asked == [["mep_id"]]


@pytest.mark.parametrize("end", ["csv", "parquet"])
@pytest.mark.parametrize("column", ["ethnicity", "religion", "face_embedding"])
def test_columns_that_the_rules_forbid_are_refused(
    end: str, column: str, tmp_path: Path, known: ReleaseKeys
) -> None:
    (tmp_path / "t.csv").write_text(f"mep_id,{column}\n1,2\n")
    pq.write_table(pa.table({"mep_id": [1], column: [2]}), tmp_path / "t.parquet")
    with pytest.raises(AttachmentError, match=column) as caught:
        read_attachment(tmp_path, f"t.{end}", known)
    assert "docs/contest.md" in caught.value.hint


def test_lists_of_numbers_are_refused(tmp_path: Path, known: ReleaseKeys) -> None:
    pq.write_table(pa.table({"mep_id": [1], "v": [[0.1, 0.2]]}), tmp_path / "t.parquet")
    with pytest.raises(AttachmentError, match="'v'"):
        read_attachment(tmp_path, "t.parquet", known)


@pytest.mark.parametrize("end", ["csv", "parquet"])
def test_a_key_twice_is_refused(end: str, tmp_path: Path, known: ReleaseKeys) -> None:
    (tmp_path / "t.csv").write_text("mep_id,a\n1,2\n2,2\n1,3\n")
    pq.write_table(pa.table({"mep_id": [1, 2, 1]}), tmp_path / "t.parquet")
    with pytest.raises(AttachmentError, match="more than once: 1"):
        read_attachment(tmp_path, f"t.{end}", known)


def test_a_file_of_too_many_bytes_is_not_read(tmp_path: Path, known: ReleaseKeys) -> None:
    with (tmp_path / "t.csv").open("wb") as stream:
        stream.truncate(60_000_000)
    with pytest.raises(AttachmentError, match="60,000,000"):
        read_attachment(tmp_path, "t.csv", known)
