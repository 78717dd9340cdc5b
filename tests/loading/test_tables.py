"""Tables: typed by their schema, in every engine, and the caller's own."""

import json
import re
from pathlib import Path

import pandas as pd
import pytest

import dontspy_data as dd
from dontspy_data.errors import UsageError
from dontspy_data.formats.citation import cite
from dontspy_data.loading import tables as progress
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


def told(monkeypatch: pytest.MonkeyPatch, patience: float) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr(progress, "PATIENCE", patience)
    monkeypatch.setattr(progress, "INTERVAL", 0)
    with progress.download_line() as report:
        assert report
        report(1, 1200)
        report(1200, 1200)


def test_a_long_download_is_told_on_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told(monkeypatch, patience=0)
    assert capsys.readouterr().err == ("\rDownloading: 1 of 1,200 files\rDownloading: 1,200 of 1,200 files\n")


def test_a_short_one_is_not(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    told(monkeypatch, patience=60)
    assert capsys.readouterr().err == ""


def test_where_nobody_looks_nothing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: False)
    monkeypatch.delitem(__import__("sys").modules, "ipykernel", raising=False)
    with progress.download_line() as report:
        assert report is None


def test_description_has_what_a_reader_asks_first(published: Path) -> None:
    text = str(dd.load(published).describe())
    assert "Version 1.1.0, as of 2026-01-15" in text
    assert re.search(r"^ +meps +62 rows", text, re.MULTILINE)
    assert "Portraits: 59 present" in text
    assert "https://creativecommons.org/licenses/by/4.0/" in text
    assert "Cite: Don't Spy EU & Hermes Center for Transparency and Digital Human Rights. (2026)" in text
    assert repr(dd.load(published).describe()) == text


def test_description_of_a_part_says_so(faces: dd.OpenDataFaces) -> None:
    train, _ = faces.split()
    assert f"Limited to {len(train.meps)} people" in train.describe()
    assert "Limited" not in faces.describe()


def test_apa(published: Path) -> None:
    assert dd.load(published, version="1.0").cite() == (
        "Don't Spy EU & Hermes Center for Transparency and Digital Human Rights. (2026). Open Data Faces: portraits "
        "and public facts of Members of the European Parliament (Version 1.0.0) [Data set]. https://dontspy.eu/"
    )


def test_bibtex(published: Path) -> None:
    text = dd.load(published).cite("bibtex")
    assert text.startswith("@misc{open_data_faces_1_1_0,\n  author = {{Don't Spy EU} and {Hermes Center")
    assert "  version = {1.1.0},\n" in text
    assert text.count("{") == text.count("}")


def test_bibtex_escapes_what_tex_would_read() -> None:
    descriptor = {
        "title": "100% of R&D_{x}",
        "contributors": [
            {"title": "A & B", "roles": ["publisher"]},
            {"title": "C", "roles": ["contributor"]},
        ],
        "created": "2026-01-15T00:00:00Z",
        "homepage": "https://example.org/a_b",
    }
    text = cite(descriptor, "bibtex")
    assert r"title = {100\% of R\&D\_\{x\}}" in text
    assert r"author = {{A \& B} and {C}}" in text
    assert r"\url{https://example.org/a_b}" in text


def test_other_styles_are_refused(faces: dd.OpenDataFaces) -> None:
    with pytest.raises(UsageError, match="no citation style 'mla'"):
        faces.cite("mla")


def test_a_dataset_names_itself_at_the_prompt(published: Path) -> None:
    assert repr(dd.load(published)) == f"<Open Data Faces 1.1.0 from {published}: describe() says more>"


def test_ris(published: Path) -> None:
    fields = [line.split("  - ", 1) for line in dd.load(published).cite("ris").split("\r\n") if line]
    assert fields[0] == ["TY", "DATA"]
    assert fields[-1][0] == "ER"
    assert [value for tag, value in fields if tag in ("DA", "ET")] == ["2026/01/15", "1.1.0"]
    assert sum(tag == "AU" for tag, _ in fields) == 2


def test_csl_json(published: Path) -> None:
    (item,) = json.loads(dd.load(published).cite("csl-json"))
    assert (item["type"], item["version"]) == ("dataset", "1.1.0")
    assert item["issued"] == {"date-parts": [[2026, 1, 15]]}
    assert item["URL"] == "https://dontspy.eu/"
