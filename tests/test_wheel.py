"""What a user installs: everything that a build needs is in the wheel."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = "import sys; from hatchling.build import build_wheel; print(build_wheel(sys.argv[1]))"
    built = subprocess.run(
        [sys.executable, "-c", build, str(folder)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    with zipfile.ZipFile(folder / built.stdout.split()[-1]) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


@pytest.mark.parametrize("path", sorted((ROOT / "schemas").glob("*.json")), ids=lambda path: path.stem)
def test_schemas_are_inside(installed: Path, path: Path) -> None:
    assert (installed / "dontspy_data" / "schemas" / path.name).read_bytes() == path.read_bytes()


def test_notebooks_are_inside(installed: Path) -> None:
    inside = sorted(path.name for path in (installed / "dontspy_data" / "notebooks").glob("*.ipynb"))
    assert inside == ["contest-entry.ipynb", "joining.ipynb", "quick-start.ipynb"]


def test_the_sample_builds_from_what_is_inside(installed: Path, tmp_path: Path) -> None:
    code = (
        "import dontspy_data, sys; from dontspy_data import sample; from pathlib import Path;"
        "from dontspy_data.pipeline.build import build_package;"
        "print(dontspy_data.__file__);"
        "print(build_package([sample.path()], Path('package'), faces=False).tables['meps'])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.split() == [str(installed / "dontspy_data" / "__init__.py"), "62"]
