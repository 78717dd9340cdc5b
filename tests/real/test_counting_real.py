"""`docs/counting.md` on the Parliament's own data; the spreadsheet is asked about the sample, which opens quicker."""

import shutil
from pathlib import Path

import pytest

from scripts.counting import blocks, by_duckdb, by_python, by_r, by_sqlite


def test_every_tool_gives_the_same(package: Path, tmp_path: Path) -> None:
    folder = tmp_path / "package"
    shutil.copytree(package, folder, ignore=shutil.ignore_patterns("portraits", "derived"))
    pandas = by_python(folder, blocks("python")[0])
    tools = [by_duckdb, by_sqlite]
    tools += [by_r] if shutil.which("Rscript") else []
    for tool in tools:
        found = tool(folder)
        for question, (n, answer) in pandas.items():
            assert found[question] == (n, pytest.approx(answer, rel=1e-6)), (tool.__name__, question)
