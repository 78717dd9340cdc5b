"""A release of fictional people, and entries in files."""

import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from dontspy_data import sample
from dontspy_data.contest.entries import ReleaseKeys, read_release


@pytest.fixture
def known() -> ReleaseKeys:
    return ReleaseKeys(frozenset({1, 2, 3}), {"1-aaaaaaaaaaaa": 1, "3-cccccccccccc": 3}, date(2026, 1, 15))


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """A file of entries, each a good one with some cells changed."""

    def entries_file(*rows: dict[str, str]) -> Path:
        path = tmp_path / "entries.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        return path

    return entries_file


@pytest.fixture(scope="session")
def folder() -> Path:
    """The bundled sample as a package."""
    return sample.package_path()


@pytest.fixture(scope="session")
def sample_known(folder: Path) -> ReleaseKeys:
    return read_release(folder)
