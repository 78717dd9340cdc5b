"""Checking values on Arrow: whatever frictionless finds in a table is found, and named by column."""

import json
import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dontspy_data import sample
from dontspy_data.check import Finding
from dontspy_data.check.check import require_valid
from dontspy_data.check.tables import check_columns, check_foreign_key, check_with_frictionless
from dontspy_data.errors import DontspyError
from dontspy_data.model.schema import Table, tables
from dontspy_data.package.open import open_package
from dontspy_data.package.write import arrow_schema, csv_parts

TABLES = {table.name: table for table in tables()}
ODD: dict[str, st.SearchStrategy[Any]] = {
    "string": st.one_of(
        st.sampled_from(["", "XX", "female", "http://x.example/a b", "no address", "0" * 16, "2026", "é"]),
        st.text(max_size=20),
    ),
    "integer": st.integers(-(2**40), 2**40),
    "number": st.floats(-1e6, 1e6),
    "boolean": st.booleans(),
    "date": st.dates(),
    "datetime": st.datetimes().map(lambda moment: moment.replace(microsecond=0)),
}


@cache
def rows_of(name: str) -> pa.Table:
    return open_package(sample.package_path()).read(name)


def with_value(table: Table, column: str, row: int, value: Any) -> pa.Table:
    arrow = rows_of(table.name).slice(0, 20)
    values = arrow[column].to_pylist()
    values[row % len(values)] = value
    loose = pa.schema([field.with_nullable(True) for field in arrow_schema(table)])
    columns = {field.name: arrow[field.name].to_pylist() for field in table.fields}
    return pa.table({**columns, column: values}, schema=loose)


def wrong_for_frictionless(table: Table, arrow: pa.Table) -> set[str]:
    """Return the columns in which frictionless finds a problem."""
    from frictionless import Resource, Schema

    schema = {key: value for key, value in table.schema.items() if key != "foreignKeys"}
    resource = Resource(
        data=b"".join(csv_parts(table, arrow.to_batches())),
        format="csv",
        encoding="utf-8",
        schema=Schema(schema),
    )
    report = resource.validate()
    return {
        getattr(error, "field_name", None) or re.sub(r"\W+", " ", error.note)
        for task in report.tasks
        for error in task.errors
    }


def found_in(table: Table, arrow: pa.Table) -> set[str]:
    named = "|".join(re.escape(field.name) for field in table.fields)
    return {
        word
        for finding in check_columns(table, arrow)
        for word in re.findall(rf"\b({named})\b", finding.message)
    }


@settings(max_examples=40)
@given(st.sampled_from(sorted(TABLES)), st.integers(0, 19), st.data())
def test_what_frictionless_finds_is_found(name: str, row: int, data: st.DataObject) -> None:
    table = TABLES[name]
    assume(rows_of(name).num_rows)
    field = data.draw(st.sampled_from(table.fields))
    value = data.draw(st.one_of(st.none(), ODD[field.type]))
    arrow = with_value(table, field.name, row, value)
    if wrong_for_frictionless(table, arrow):
        assert field.name in found_in(table, arrow), value


@pytest.mark.parametrize("name", sorted(TABLES))
def test_the_sample_has_nothing_wrong(name: str) -> None:
    assert list(check_columns(TABLES[name], rows_of(name))) == []


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("mep_id", 0, "beyond its minimum"),
        ("name", None, "required"),
        ("name", "", "empty texts"),
        ("country", "Austria", "not of its pattern"),
        ("gender", "unknown", "no category"),
    ],
)
def test_each_constraint_has_words_of_its_own(column: str, value: Any, said: str) -> None:
    findings = list(check_columns(TABLES["meps"], with_value(TABLES["meps"], column, 0, value)))
    assert any(said in finding.message and column in finding.message for finding in findings), findings


def test_a_constraint_that_nobody_checks_is_said() -> None:
    schema = json.loads(json.dumps(TABLES["meps"].schema))
    schema["fields"][1]["constraints"]["jsonSchema"] = {}
    from dataclasses import replace

    (finding,) = check_columns(replace(TABLES["meps"], schema=schema), rows_of("meps"))
    assert "jsonSchema" in finding.message


def test_a_key_of_several_columns_is_looked_up_as_a_whole() -> None:
    (key,) = (key for key in TABLES["statements"].foreign_keys if key.table == "pages")
    statements = with_value(TABLES["statements"], "url", 0, "https://x.example/")
    pages = rows_of("pages")
    (finding,) = check_foreign_key("statements", key, statements, pages)
    assert isinstance(finding, Finding)
    assert "https://x.example/" in finding.message


def test_frictionless_finds_nothing_in_the_whole_sample() -> None:
    assert list(check_with_frictionless(open_package(sample.package_path()))) == []


def test_the_same_bytes_are_looked_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    folder = Path(shutil.copytree(sample.package_path(), tmp_path / "package"))
    require_valid(folder, name="it", hint="")
    monkeypatch.setattr("dontspy_data.check.check.check_tables", None)  # calling it would be an error
    require_valid(folder, name="it", hint="")
    with (folder / "data/meps.csv").open("ab") as stream:
        stream.write(b"\n")
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with pytest.raises(DontspyError, match=r"meps\.csv was changed"):
        require_valid(folder, name="it", hint="")
