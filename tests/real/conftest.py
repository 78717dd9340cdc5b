"""Real answers of the Parliament's servers, which stand beside the repository and are never in it."""

from pathlib import Path

import pytest

from dontspy_data.package.build import build_package


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real answers; the test is skipped where there is none."""
    folder = Path(__file__).resolve().parents[2].parent / "shared"
    if not folder.is_dir():
        pytest.skip("there are no real answers beside the repository (../shared)")
    return folder


@pytest.fixture(scope="session")
def package(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of the real answers, faces included, made once a worker; to be read only."""
    folder = tmp_path_factory.mktemp("real") / "package"
    build_package([shared / "ep" / "captures.warc.gz"], folder, faces=True)
    return folder
