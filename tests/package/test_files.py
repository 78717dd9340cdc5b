"""Folders that are whole or not there, and their checksums."""

import resource
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copytree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.package.files import (
    CHECKSUMS,
    DESCRIPTOR,
    checksums,
    files_below,
    is_inside,
    parse_checksums,
    whole_folder,
)


def write(folder: Path, text: str) -> None:
    (folder / DESCRIPTOR).write_text(text, encoding="utf-8")


def test_a_new_folder_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    for text in ("one", "two"):
        with whole_folder(tmp_path / "package") as draft:
            write(draft, text)
            (draft / text).touch()
    assert sorted(path.name for path in (tmp_path / "package").iterdir()) == [DESCRIPTOR, "two"]
    assert [path.name for path in tmp_path.iterdir()] == ["package"]


def test_when_anything_goes_wrong_the_old_folder_stays(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "package") as draft:
        write(draft, "one")
    with pytest.raises(RuntimeError, match="the disk is full"), whole_folder(tmp_path / "package") as draft:
        write(draft, "two")
        raise RuntimeError("the disk is full")
    assert (tmp_path / "package" / DESCRIPTOR).read_text("utf-8") == "one"
    assert [path.name for path in tmp_path.iterdir()] == ["package"]


@contextmanager
def small_disk() -> Iterator[None]:
    """No file can grow beyond some bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_is_said_and_the_old_folder_stays(tmp_path: Path) -> None:
    with whole_folder(tmp_path / "package") as draft:
        write(draft, "one")
    (tmp_path / "big").mkdir()
    (tmp_path / "big/file").write_bytes(bytes(2000))
    acts = (lambda draft: write(draft, "two" * 1000), lambda draft: copytree(tmp_path / "big", draft / "big"))
    for act in acts:
        with (
            pytest.raises(DontspyError, match=r"package was not made: .*File too large") as error,
            small_disk(),
            whole_folder(tmp_path / "package") as draft,
        ):
            act(draft)
        assert "Free disk space" in error.value.hint
    assert (tmp_path / "package" / DESCRIPTOR).read_text("utf-8") == "one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["big", "package"]


def test_a_folder_that_cannot_be_made_is_named() -> None:
    with pytest.raises(DontspyError, match="/proc/x was not made"), whole_folder(Path("/proc/x")):
        pass


def test_a_library_that_calls_damaged_data_an_error_of_the_system_is_no_full_disk(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="cannot identify"), whole_folder(tmp_path / "package"):
        raise OSError("cannot identify image file")


def test_what_is_no_package_is_never_replaced(tmp_path: Path) -> None:
    precious = tmp_path / "home"
    precious.mkdir()
    (precious / "thesis.tex").touch()
    (tmp_path / "file").touch()
    for path in (precious, tmp_path / "file"):
        with pytest.raises(UsageError, match="exists and is not a package"), whole_folder(path):
            pass
    assert (precious / "thesis.tex").exists()


def test_an_empty_folder_is_not_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    with whole_folder(tmp_path / "package") as draft:
        write(draft, "one")
    assert (tmp_path / "package" / DESCRIPTOR).exists()


def test_checksums_are_what_sha256sum_reads(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    for name in ("b", "data/ä b.csv", "data/a"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    (tmp_path / CHECKSUMS).write_text(checksums(tmp_path), encoding="utf-8")
    assert files_below(tmp_path) == ["b", "data/a", "data/ä b.csv"]
    subprocess.run(["sha256sum", "--check", "--strict", "--quiet", CHECKSUMS], cwd=tmp_path, check=True)


names = st.text(
    st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"], exclude_characters="\\/"), min_size=1
)
paths = (
    st.lists(names.filter(lambda name: name.strip(".")), min_size=1, max_size=4)
    .map("/".join)
    .filter(lambda path: not path[0].isspace() and is_inside(path))
)


@given(st.dictionaries(paths, st.text("0123456789abcdef", min_size=64, max_size=64), min_size=1))
def test_a_list_of_digests_is_read_as_it_was_written(digests: dict[str, str]) -> None:
    text = "".join(f"{digest}  {path}\n" for path, digest in digests.items())
    assert parse_checksums(text.encode(), "here") == digests


@given(st.binary())
def test_whatever_a_list_holds_is_read_or_refused(text: bytes) -> None:
    try:
        digests = parse_checksums(text, "here")
    except DontspyError as error:
        assert "checksums.sha256 of here is damaged" in str(error)
    else:
        assert all(".." not in path.split("/") and not path.startswith("/") for path in digests)
