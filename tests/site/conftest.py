"""The sample's site, made once a worker."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page

from dontspy_data import sample
from dontspy_data.site.build import build_site


@pytest.fixture(scope="session")
def package() -> Path:
    return sample.package_path()


@pytest.fixture(scope="session")
def site(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site") / "site"
    build_site(package, folder)
    return folder


@pytest.fixture(scope="session")
def audited(package: Path, audit: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site with that audit, as if it stood below a path."""
    folder = tmp_path_factory.mktemp("audited-site") / "eu"
    build_site(package, folder, audit=audit, address="https://faces.example/eu/")
    return folder


@pytest.fixture(scope="session")
def base(site: Path, serve: Callable[[Path], str]) -> str:
    return serve(site)


@pytest.fixture(scope="session")
def audited_base(audited: Path, serve: Callable[[Path], str]) -> str:
    return serve(audited)


@pytest.fixture
def page(visitor: Callable[[str], Page], base: str) -> Page:
    return visitor(base)


@pytest.fixture
def audited_page(visitor: Callable[[str], Page], audited_base: str) -> Page:
    return visitor(audited_base)
