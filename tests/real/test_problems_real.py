"""Real answers of many years and kinds are built, and nothing that they say is lost."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from dontspy_data.cli import main
from dontspy_data.package.open import open_package
from scripts import cells

CAPTURES = ("captures.warc.gz", "captures-2.warc.gz")


def test_the_first_captures_are_within_their_budgets(package: Path) -> None:
    assert open_package(package).descriptor["overBudget"] == []


@pytest.mark.parametrize("names", [CAPTURES[1:], CAPTURES], ids="+".join)
@pytest.mark.usefixtures("in_process")
def test_captures_are_built_within_their_budgets(
    shared: Path, tmp_path: Path, names: tuple[str, ...]
) -> None:
    captures = [str(shared / "ep" / name) for name in names]
    done = CliRunner().invoke(main, ["build", *captures, "-o", str(tmp_path / "package"), "--no-faces"])
    assert done.exit_code == 0, done.stderr


def test_every_cell_of_the_bulk_files_has_its_fact(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cells.main([str(shared / "ep" / name) for name in CAPTURES]) == 0
    assert "missing:" not in capsys.readouterr().out
