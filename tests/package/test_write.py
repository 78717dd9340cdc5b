"""Writing tables: both formats say the same, and nothing is squeezed into a column it does not fit."""

import csv
import dataclasses
import io
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.model.schema import Table, parse_table
from dontspy_data.package.write import (
    FORMULA_STARTS,
    NUMBER,
    TableWriter,
    are_formulas,
    arrow_schema,
    cell,
    csv_of,
    csv_parts,
    write_table,
)

TYPES = {
    "key": "integer",
    "text": "string",
    "share": "number",
    "flag": "boolean",
    "day": "date",
    "at": "datetime",
}


def table() -> Table:
    fields = [
        {
            "name": name,
            "type": type_,
            "title": name,
            "description": name,
            "constraints": {"required": name == "key"},
        }
        for name, type_ in TYPES.items()
    ]
    schema = {"title": "T", "description": "T", "fields": fields, "primaryKey": ["key"]}
    return parse_table({"name": "t", "schema": schema, "minimumRows": 0, "maximumRows": 9})


def is_formula(text: str) -> bool:
    """Whether a spreadsheet would run a cell, told again without Arrow."""
    return text.startswith(tuple(FORMULA_STARTS)) and not NUMBER.fullmatch(text)


def safe(text: str) -> str:
    return f"'{text}" if is_formula(text) else text


@dataclass(frozen=True)
class Row:
    key: int | None
    text: str | None = None
    share: float | None = None
    flag: bool | None = None
    day: date | None = None
    at: datetime | None = None


rows = st.builds(
    Row,
    key=st.integers(-(2**63), 2**63 - 1),
    text=st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    share=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    flag=st.none() | st.booleans(),
    day=st.none() | st.dates(),
    at=st.none() | st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0)),
)


@given(st.lists(rows, max_size=5))
def test_both_formats_say_what_the_rows_say(written: list[Row]) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        assert write_table(table(), written, folder) == len(written)
        cells = list(csv.reader(io.StringIO((folder / "t.csv").read_bytes().decode("utf-8"), newline="")))
        arrow = pq.read_table(folder / "t.parquet")
    assert cells[0] == list(TYPES)
    assert arrow.to_pylist() == [{**dataclasses.asdict(row), "text": row.text or None} for row in written]
    for row, line in zip(written, cells[1:], strict=True):
        assert line[0] == str(row.key)
        assert line[1] == ("'" if is_formula(row.text or "") else "") + (row.text or "")
        assert line[2] == ("" if row.share is None else line[2])
        assert row.share is None or float(line[2]) == row.share
        assert line[3] == {None: "", True: "true", False: "false"}[row.flag]
        assert line[4] == (row.day.isoformat() if row.day else "")
        assert line[5] == (row.at.isoformat().replace("+00:00", "Z") if row.at else "")


odd_texts = st.none() | st.text("=+-@019.eE\",\r\n 'x\x00é", min_size=1, max_size=6)


@given(st.lists(st.builds(Row, st.integers(0, 9), odd_texts, st.none() | st.floats()), max_size=5))
def test_columns_are_written_as_the_csv_module_writes_rows(written: list[Row]) -> None:
    arrow = pa.table(
        {name: [getattr(row, name) for row in written] for name in TYPES}, schema=arrow_schema(table())
    )
    lines = [[safe(cell(getattr(row, name))) for name in TYPES] for row in written]
    assert b"".join(csv_parts(table().columns, arrow.to_batches())) == csv_of([TYPES, *lines])


def test_rows_are_written_in_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = [Row(number, text="x" * (number % 3)) for number in range(9)]
    for name, at_once in (("whole", 20), ("parts", 2)):
        monkeypatch.setattr("dontspy_data.package.write.ROWS_AT_ONCE", at_once)
        (tmp_path / name).mkdir()
        write_table(table(), iter(written), tmp_path / name)
    for file in ("t.csv", "t.parquet"):
        assert (tmp_path / "whole" / file).read_bytes() == (tmp_path / "parts" / file).read_bytes()


@given(st.lists(rows, max_size=9), st.integers(1, 4), st.integers(1, 4))
def test_any_portions_of_rows_give_the_same_bytes(written: list[Row], portion: int, group: int) -> None:
    found = set()
    with TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        patch.setattr("dontspy_data.package.write.ROW_GROUP", group)
        for at_once in (portion, len(written) + 1):
            with TableWriter(table(), Path(name)) as writer:
                for start in range(0, len(written), at_once):
                    writer.add(written[start : start + at_once])
            assert writer.rows == len(written)
            found.add(tuple((Path(name) / file).read_bytes() for file in ("t.csv", "t.parquet")))
            groups = pq.read_metadata(Path(name) / "t.parquet").num_row_groups
            assert groups == max(1, -(-len(written) // group))
    assert len(found) == 1


@pytest.mark.parametrize("text", ["=1+1", "@SUM(A1)", "+32 2 284", "-", "--1", "=cmd|' /C calc'!A0", "-inf"])
def test_a_spreadsheet_has_nothing_to_run(tmp_path: Path, text: str) -> None:
    write_table(table(), [Row(1, text=text)], tmp_path)
    with (tmp_path / "t.csv").open(newline="", encoding="utf-8") as file:
        assert next(csv.DictReader(file))["text"] == f"'{text}"
    assert pq.read_table(tmp_path / "t.parquet")["text"].to_pylist() == [text]


@pytest.mark.parametrize("text", ["-5", "+1.5e-3", "-.5", "1-2", "", "'=1", "3@x"])
def test_numbers_and_other_text_stay_as_they_are(text: str) -> None:
    assert are_formulas(pa.array([text])).to_pylist() == [False]


def test_times_are_written_in_utc(tmp_path: Path) -> None:
    noon = datetime(2026, 1, 15, 12, tzinfo=timezone(timedelta(hours=9)))
    write_table(table(), [Row(1, at=noon)], tmp_path)
    assert (tmp_path / "t.csv").read_text("utf-8").splitlines()[1] == "1,,,,,2026-01-15T03:00:00Z"


@pytest.mark.parametrize("row", [Row("one"), Row(1, text=2), Row(1, flag="yes"), Row(1, day="15/01/2026")])  # type: ignore[arg-type]
def test_a_value_of_another_type_is_refused(tmp_path: Path, row: Row) -> None:
    with pytest.raises((pa.ArrowInvalid, pa.ArrowTypeError)):
        write_table(table(), [row], tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_required_value_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="key is required"):
        write_table(table(), [Row(None)], tmp_path)


def test_a_row_without_the_tables_columns_is_refused(tmp_path: Path) -> None:
    @dataclass(frozen=True)
    class Other:
        key: int

    with pytest.raises(TypeError, match="Other does not have the columns of t: key, text"):
        write_table(table(), [Other(1)], tmp_path)
