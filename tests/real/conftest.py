"""Real answers of the Parliament's servers, which stand beside the repository and are never in it."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real answers; the test is skipped where there is none."""
    folder = Path(__file__).resolve().parents[2].parent / "shared"
    if not folder.is_dir():
        pytest.skip("there are no real answers beside the repository (../shared)")
    return folder
