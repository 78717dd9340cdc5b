"""SQLite without room is an error for people."""

import resource
import shutil
import signal
from pathlib import Path

import pytest

from dontspy_data import sample
from dontspy_data.errors import DontspyError
from dontspy_data.formats.tables import SQLITE, write_sqlite
from dontspy_data.package.open import open_package


def test_a_disk_without_room_for_sqlite_is_said(tmp_path: Path) -> None:
    shutil.copytree(sample.package_path(), tmp_path / "package")
    package = open_package(tmp_path / "package")
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(DontspyError, match=f"{SQLITE} was not made") as error:
            write_sqlite(package)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, ignored)
    assert "Make room" in error.value.hint
