"""A package of fictional people, a model that needs no weights, and the real weights where they are installed."""

import tomllib
from pathlib import Path

import pytest

from dontspy_data import sample
from dontspy_data.audit.face_api import NAME
from dontspy_data.audit.model import model_folder

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "audit-model"


@pytest.fixture(scope="session")
def package() -> Path:
    return sample.package_path()


def install(project: Path, site: Path) -> None:
    """What an installer writes of a project's entry points."""
    described = tomllib.loads(project.joinpath("pyproject.toml").read_text("utf-8"))["project"]
    folder = site / f"{described['name'].replace('-', '_')}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {described['name']}\nVersion: 1.0\n")
    lines = [
        f"[{group}]\n" + "".join(f"{name} = {value}\n" for name, value in points.items())
        for group, points in described["entry-points"].items()
    ]
    (folder / "entry_points.txt").write_text("".join(lines))


@pytest.fixture
def models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The project's models and the example's, as if just installed."""
    site = tmp_path / "site"
    site.mkdir()
    install(ROOT, site)
    install(EXAMPLE, site)
    monkeypatch.syspath_prepend(str(site))
    monkeypatch.syspath_prepend(str(EXAMPLE))


@pytest.fixture(scope="session")
def weights() -> Path:
    """The converted networks of face-api."""
    folder = ROOT / model_folder(NAME)
    if not folder.is_dir():
        pytest.skip("face-api's weights are not installed; make audit-models installs them")
    return folder
