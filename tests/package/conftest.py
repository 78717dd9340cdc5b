"""A package built once a worker, and copies of it to break."""

import shutil
from pathlib import Path
from typing import Any

import pytest

from dontspy_data import sample
from dontspy_data.package.build import build_package


@pytest.fixture(scope="session")
def built(made_once: Any) -> Path:
    return (
        made_once("plain", lambda root: build_package([sample.path()], root / "package", faces=False))
        / "package"
    )


@pytest.fixture
def package(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "package"))
