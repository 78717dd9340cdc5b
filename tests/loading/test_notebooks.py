"""Notebooks run from a fresh start on the sample, with no network."""

import ast
import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest

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
