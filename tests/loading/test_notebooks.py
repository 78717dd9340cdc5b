"""Notebooks run from a fresh start on the sample, with no network."""

import ast
import json
import shutil
import warnings
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from dontspy_data import sample
from dontspy_data.cli import main as cli
from dontspy_data.package.files import CHECKSUMS, checksums

NOTEBOOKS = sorted((Path(__file__).resolve().parents[2] / "docs" / "notebooks").glob("*.ipynb"))


def cells(notebook: Path) -> list[dict[str, Any]]:
    return [cell for cell in json.loads(notebook.read_text("utf-8"))["cells"] if cell["cell_type"] == "code"]


def run(code: str, names: dict[str, Any]) -> Any:
    """What a cell shows: the value of its last line, where that is an expression."""
    tree = ast.parse(code)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "notebook", "exec"), names)
    return eval(compile(ast.Expression(last.value), "notebook", "eval"), names) if last else None


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
@pytest.mark.filterwarnings("ignore:FigureCanvasAgg is non-interactive")
@pytest.mark.filterwarnings("ignore:.*seats")  # the sample's parliament is a small one, and `at` says so
def test_notebook_runs_and_shows_something_where_it_did(notebook: Path) -> None:
    names: dict[str, Any] = {}
    with mpl.rc_context({"backend": "Agg"}):
        import matplotlib.pyplot as plt

        for cell in cells(notebook):
            shown = run("".join(cell["source"]), names)
            stored = [out["data"] for out in cell["outputs"] if out["output_type"] == "execute_result"]
            assert (shown is not None) == bool(stored), cell["source"]
        plt.close("all")


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_was_run_in_order_and_without_errors(notebook: Path) -> None:
    assert [cell["execution_count"] for cell in cells(notebook)] == list(range(1, len(cells(notebook)) + 1))
    assert not [out for cell in cells(notebook) for out in cell["outputs"] if out["output_type"] == "error"]


def test_there_are_three_notebooks() -> None:
    assert [notebook.stem for notebook in NOTEBOOKS] == ["contest-entry", "joining", "quick-start"]


GAPS = {
    "no group, party, gender, birth date, country or Wikidata id": {
        "meps": ("political_group", "national_party", "gender", "birth_date", "country", "wikidata_id")
    },
    "no portrait": {"portraits": ("path", "sha256")},
}


def without(folder: Path, gaps: dict[str, tuple[str, ...]]) -> Path:
    """The sample without some columns' values; portraits are absent."""
    shutil.copytree(sample.package_path(), folder)
    for name, columns in gaps.items():
        path = folder / "data" / f"{name}.parquet"
        table = pq.read_table(path)
        for column in columns:
            field = table.schema.field(column)
            place = table.schema.get_field_index(column)
            table = table.set_column(place, field, pa.nulls(table.num_rows, field.type))
        if name == "portraits":
            place = table.schema.get_field_index("status")
            table = table.set_column(place, table.schema.field(place), pa.array(["absent"] * table.num_rows))
        pq.write_table(table, path)
    (folder / CHECKSUMS).write_text(checksums(folder), encoding="utf-8")
    return folder


@pytest.mark.parametrize("gap", GAPS)
@pytest.mark.filterwarnings("ignore")
def test_notebooks_survive_data_that_miss_a_whole_group(gap: str, tmp_path: Path) -> None:
    folder = without(tmp_path / "package", GAPS[gap])
    with mpl.rc_context({"backend": "Agg"}), warnings.catch_warnings():
        import matplotlib.pyplot as plt

        for notebook in NOTEBOOKS:
            names: dict[str, Any] = {}
            for cell in cells(notebook):
                run("".join(cell["source"]).replace('"sample"', repr(str(folder))), names)
            plt.close("all")


def test_notebooks_begin_with_what_to_install() -> None:
    for notebook in NOTEBOOKS:
        first = json.loads(notebook.read_text("utf-8"))["cells"][0]
        assert "dontspy-data[notebooks]" in "".join(first["source"]), notebook.name


def test_the_command_copies_them_and_replaces_none_unless_told(tmp_path: Path) -> None:
    words = ["notebooks", "--output", str(tmp_path / "mine")]
    assert CliRunner().invoke(cli, words).exit_code == 0
    for notebook in NOTEBOOKS:
        assert (tmp_path / "mine" / notebook.name).read_bytes() == notebook.read_bytes()
    assert CliRunner().invoke(cli, words).exit_code == 2
    assert CliRunner().invoke(cli, [*words, "--force"]).exit_code == 0
