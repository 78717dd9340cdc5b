"""A package built once a worker, and copies of it to break."""

import shutil
from pathlib import Path

import pytest

from dontspy_data import sample
from dontspy_data.package.build import build_package


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "package"
    build_package([sample.path()], folder, faces=False)
    return folder


@pytest.fixture
def package(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "package"))
