"""Real answers of the Parliament's servers, which stand beside the repository and are never in it."""

from pathlib import Path
from typing import Any

import pytest

from dontspy_data.pipeline.build import build_package


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real answers; the test is skipped where there is none."""
    folder = Path(__file__).resolve().parents[2].parent / "shared"
    if not folder.is_dir():
        pytest.skip("there are no real answers beside the repository (../shared)")
    return folder


@pytest.fixture(scope="session")
def package(shared: Path, made_once: Any) -> Path:
    """The package of the real answers, faces included; to be read only."""
    capture = shared / "ep" / "captures.warc.gz"
    return made_once("real", lambda root: build_package([capture], root / "package", faces=True)) / "package"
