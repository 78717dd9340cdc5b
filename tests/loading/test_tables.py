"""Tables: typed by their schema, in every engine, and the caller's own."""

import pandas as pd
import pytest

import dontspy_data as dd
from dontspy_data.errors import UsageError
from dontspy_data.loading.tables import convert
from dontspy_data.model.schema import tables

DTYPES = {
    "string": "string",
    "integer": "Int64",
    "number": "float64",
    "boolean": "boolean",
    "date": "datetime64[ms]",
    "datetime": "datetime64[ms, UTC]",
}


@pytest.mark.parametrize("table", tables(), ids=lambda table: table.name)
def test_every_column_has_the_type_of_its_schema(table, faces: dd.OpenDataFaces) -> None:
    frame = getattr(faces, table.name)
    assert list(frame.columns) == [field.name for field in table.fields]
    for field in table.fields:
        dtype = frame[field.name].dtype
        if field.categories:
            assert list(dtype.categories) == list(field.categories), field.name
        else:
            assert str(dtype) == DTYPES[field.type], field.name


def test_what_is_missing_is_missing_in_every_type(faces: dd.OpenDataFaces) -> None:
    portraits = faces.portraits[faces.portraits["status"] == "absent"]
    assert portraits["width"].isna().all()
    assert portraits["path"].isna().all()
    assert portraits["captured_on"].isna().all()
    assert portraits["rights_status"].isna().all()


def test_columns_come_in_the_order_asked_for(faces: dd.OpenDataFaces) -> None:
    for engine in ("pandas", "arrow", "polars", "duckdb"):
        table = faces.table("meps", columns=["country", "mep_id"], engine=engine)
        names = table.column_names if engine == "arrow" else table.columns
        assert list(names) == ["country", "mep_id"], engine


def test_engines_say_the_same(faces: dd.OpenDataFaces) -> None:
    for name in faces.tables.schemas:
        arrow = faces.table(name, engine="arrow")
        rows = arrow.to_pylist()
        assert faces.table(name, engine="polars").to_arrow().cast(arrow.schema).to_pylist() == rows
        assert len(faces.table(name, engine="duckdb").fetchall()) == len(rows)
        assert len(faces.table(name)) == len(rows)


def test_duckdb_joins_all_tables(faces: dd.OpenDataFaces) -> None:
    with faces.to_duckdb() as connection:
        [(people,)] = connection.sql(
            "SELECT count(*) FROM meps JOIN portraits USING (mep_id) WHERE status = 'present' AND is_current"
        ).fetchall()
    assert people == 59


def test_a_changed_frame_is_the_callers_own(faces: dd.OpenDataFaces) -> None:
    meps = faces.meps
    meps["mine"] = 1
    meps.loc[:, "name"] = "nobody"
    assert "mine" not in faces.meps
    assert "nobody" not in set(faces.meps["name"])


def test_what_is_not_there_is_said_with_what_is(faces: dd.OpenDataFaces) -> None:
    with pytest.raises(UsageError, match="has no table 'people'") as error:
        faces.table("people")
    assert "meps" in error.value.hint
    with pytest.raises(UsageError, match="meps has no column 'age', 'salary'") as error:
        faces.table("meps", columns=["salary", "name", "age"])
    assert "birth_date" in error.value.hint
    with pytest.raises(UsageError, match="there is no engine 'excel'") as error:
        faces.table("meps", engine="excel")
    assert error.value.hint == "Engines are: pandas, arrow, polars, duckdb."
    with pytest.raises(AttributeError, match="people"):
        faces.people_  # noqa: B018
    assert "meps" in dir(faces)


def test_an_engine_that_is_not_installed_names_what_to_install(
    faces: dd.OpenDataFaces, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "polars", None)
    with pytest.raises(UsageError, match="needs polars") as error:
        faces.table("meps", engine="polars")
    assert error.value.hint == "Install it: pip install 'dontspy-data[engines]'"


def test_a_package_of_another_version_is_read_by_its_own_schema() -> None:
    import pyarrow as pa

    [table] = [table for table in tables() if table.name == "meps"]
    arrow = pa.table({"mep_id": pa.array([1, None], pa.int64()), "gender": ["female", None]})
    frame = convert(arrow, table, "pandas")
    assert frame["mep_id"].tolist() == [1, pd.NA]
    assert frame["gender"].dtype == pd.CategoricalDtype(["female", "male"])
