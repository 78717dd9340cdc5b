"""Opening a package: what its tables lack is said, whichever way they are read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from dontspy_data.errors import DontspyError
from dontspy_data.package.open import Package, open_package

READERS: dict[str, Callable[[Package, list[str]], Any]] = {
    "whole": lambda package, columns: package.read("meps", columns),
    "by batches": lambda package, columns: list(package.batches("meps", columns)),
}


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_a_column_that_a_file_lacks_is_named(package: Path, read: Callable[..., Any]) -> None:
    path = package / "data" / "meps.parquet"
    pq.write_table(pq.read_table(path).drop_columns(["name"]), path)
    with pytest.raises(DontspyError, match=r"meps\.parquet has no column name") as error:
        read(open_package(package), ["mep_id", "name"])
    assert error.value.hint


@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_a_file_that_was_cut_is_told(package: Path, read: Callable[..., Any]) -> None:
    path = package / "data" / "meps.parquet"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(DontspyError, match=r"meps\.parquet cannot be read"):
        read(open_package(package), ["mep_id"])


def test_columns_come_in_the_order_that_they_are_asked_for_in(package: Path) -> None:
    asked = ["name", "country", "mep_id"]
    opened = open_package(package)
    assert opened.read("meps", asked).column_names == asked
    assert opened.read("meps", asked).equals(pq.read_table(package / "data" / "meps.parquet", columns=asked))
    assert opened.rows("meps") == opened.read("meps").num_rows
