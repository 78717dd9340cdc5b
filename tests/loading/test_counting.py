"""`docs/counting.md`: the same five questions have the same answers, whatever they are asked with."""

import shutil
from pathlib import Path

import pytest

import dontspy_data as dd
from dontspy_data import sample
from scripts.counting import QUESTIONS, Answers, blocks, by_duckdb, by_python, by_r, by_spreadsheet, by_sqlite


def same(found: Answers, expected: Answers) -> None:
    assert found.keys() == expected.keys()
    for question, (n, answer) in expected.items():
        assert found[question] == (n, pytest.approx(answer, rel=1e-6)), question


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(sample.package_path(), tmp_path_factory.mktemp("counting") / "package"))


@pytest.fixture(scope="module")
def pandas(folder: Path) -> Answers:
    return by_python(folder, blocks("python")[0])


def test_the_questions_are_five(pandas: Answers) -> None:
    assert tuple(pandas) == QUESTIONS


def test_every_library_gives_the_same(folder: Path, pandas: Answers) -> None:
    for found in (by_python(folder, blocks("python")[1]), by_duckdb(folder), by_sqlite(folder)):
        same(found, pandas)


@pytest.mark.skipif(not shutil.which("Rscript"), reason="there is no R (Debian: apt-get install r-base-core)")
def test_r_gives_the_same(folder: Path, pandas: Answers) -> None:
    same(by_r(folder), pandas)


@pytest.mark.skipif(
    not shutil.which("soffice"), reason="no LibreOffice (Debian: apt-get install libreoffice-calc-nogui)"
)
def test_a_spreadsheet_gives_the_same(folder: Path, pandas: Answers) -> None:
    same(by_spreadsheet(folder), pandas)


def test_nobody_unknown_is_counted(folder: Path, pandas: Answers) -> None:
    meps = dd.load(folder).meps
    assert pandas["women"][0] == meps["gender"].notna().sum() < len(meps)
    assert pandas["born"][0] == meps["birth_date"].notna().sum() < len(meps)
    of_all = 100 * (meps["gender"] == "female").sum() / len(meps)
    assert pandas["women"][1] > of_all + 1
