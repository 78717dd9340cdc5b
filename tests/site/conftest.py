"""The sample's site, made once for all workers; to be read only."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from dontspy_data import sample
from dontspy_data.site.build import build_site


@pytest.fixture(scope="session")
def package() -> Path:
    return sample.package_path()


@pytest.fixture(scope="session")
def site(package: Path, made_once: Any) -> Path:
    return made_once("sites", lambda root: build_site(package, root / "site")) / "site"


@pytest.fixture(scope="session")
def audited(package: Path, audit: Path, made_once: Any) -> Path:
    """The site with that audit, as if it stood below a path."""
    address = "https://faces.example/eu/"
    made = made_once(
        "audited-site", lambda root: build_site(package, root / "eu", audit=audit, address=address)
    )
    return made / "eu"


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
