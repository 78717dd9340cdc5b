"""`get`: a release into a folder, gone on with where it stopped, and verified."""

import json
import resource
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dontspy_data import sample
from dontspy_data.check.check import check
from dontspy_data.cli import main
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.loading.get import get, wanted
from dontspy_data.package.digests import CHECKSUMS, files_below
from dontspy_data.targets.files import DamagedError
from dontspy_data.targets.open import parse_reference
from dontspy_data.targets.target import UnreachableError

PORTRAIT = "portraits/9000001.jpg"
EVERYTHING = len(files_below(sample.package_path()))
TABLES = len(wanted(files_below(sample.package_path()), "tables"))


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["get", *map(str, words)])


def test_everything_makes_a_whole_package(web: Any, tmp_path: Path) -> None:
    result = run(f"{web.url}@1.0", "--output", tmp_path / "out", "--json")
    assert result.exit_code == 0, result.output
    got = json.loads(result.stdout)
    assert (got["outcome"], got["version"], got["files"], got["fetched"]) == (
        "done",
        "1.0.0",
        EVERYTHING,
        EVERYTHING,
    )
    assert list(check(tmp_path / "out")) == []
    assert got["bytes"] == sum(
        (tmp_path / "out" / name).stat().st_size for name in files_below(tmp_path / "out")
    )


def test_a_second_time_fetches_nothing(web: Any, tmp_path: Path) -> None:
    assert get(web.url, "latest", tmp_path / "out", only="tables").fetched == TABLES
    web.asked.clear()
    assert get(web.url, "latest", tmp_path / "out", only="tables").fetched == 0
    assert web.asked == ["releases.json"]


def test_parts_bring_what_explains_them() -> None:
    names = ["README.md", "datapackage.json", "CITATION.cff", "faces.zip", "open-data-faces.parquet"]
    names += ["data/meps.csv", "data/pages.csv", "data/portraits.csv", PORTRAIT, "derived/faces/9.jpg"]
    documents = ["CITATION.cff", "README.md", "datapackage.json"]
    data = ["data/meps.csv", "data/pages.csv", "data/portraits.csv"]
    assert wanted(names, "tables") == [*documents[:2], *data, documents[2]]
    assert set(wanted(names, "portraits")) == {*documents, data[0], data[2], PORTRAIT, "derived/faces/9.jpg"}
    assert wanted(names, None) == sorted(names)


@pytest.mark.parametrize("ranges", [True, False])
def test_a_connection_that_breaks_is_gone_on_with(ranges: bool, web: Any, tmp_path: Path) -> None:
    web.ranges, web.cut = ranges, {f"1.1.0/{PORTRAIT}": 1000}
    get(web.url, "latest", tmp_path / "out", only="portraits")
    assert (tmp_path / "out" / PORTRAIT).read_bytes() == (web.root / "1.1.0" / PORTRAIT).read_bytes()
    asked = [name for name in web.asked if PORTRAIT in name]
    assert asked[-1] == f"1.1.0/{PORTRAIT}+1000" if ranges else f"1.1.0/{PORTRAIT}"


def test_an_interrupted_run_is_gone_on_with(web: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    get(web.url, "latest", out, only="portraits")
    whole = (out / PORTRAIT).read_bytes()
    (out / PORTRAIT).unlink()
    (out / f"{PORTRAIT}.part").write_bytes(whole[:2000])
    web.asked.clear()
    assert get(web.url, "latest", out, only="portraits").fetched == 1
    assert [name for name in web.asked if PORTRAIT in name] == [f"1.1.0/{PORTRAIT}+2000"]
    assert (out / PORTRAIT).read_bytes() == whole
    assert not list(out.rglob("*.part"))


def test_the_rest_of_something_else_is_not_taken(web: Any, tmp_path: Path) -> None:
    part = tmp_path / "out" / f"{PORTRAIT}.part"
    get(web.url, "latest", tmp_path / "out", only="tables")
    part.parent.mkdir()
    part.write_bytes(b"something else" * 1000)
    get(web.url, "latest", tmp_path / "out", only="portraits")
    assert (tmp_path / "out" / PORTRAIT).read_bytes() == (web.root / "1.1.0" / PORTRAIT).read_bytes()


def test_a_flipped_bit_is_refused_and_not_kept(web: Any, tmp_path: Path) -> None:
    web.flip(f"1.1.0/{PORTRAIT}")
    with pytest.raises(DamagedError, match=PORTRAIT):
        get(web.url, "latest", tmp_path / "out")
    assert not list((tmp_path / "out" / "portraits").glob("9000001.*"))
    result = run(web.url, "--output", tmp_path / "out")
    assert result.exit_code == 1
    assert PORTRAIT in result.stderr


def test_a_server_that_stays_away_is_said(web: Any, tmp_path: Path) -> None:
    web.gone = True
    with pytest.raises(UnreachableError, match="503"):
        get(web.url, "latest", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_folder_with_something_else_is_left_alone(published: Path, tmp_path: Path) -> None:
    get(str(published), "1.0", tmp_path / "out", only="tables")
    with pytest.raises(UsageError, match="holds another release"):
        get(str(published), "1.1", tmp_path / "out")
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        get(str(published), "1.1", tmp_path)
    with pytest.raises(UsageError, match="is a file"):
        get(str(published), "1.1", tmp_path / "diary.txt")
    assert (tmp_path / "diary.txt").read_text() == "mine"


def test_the_command_says_what_is_there_now(tmp_path: Path) -> None:
    result = run("sample", "--output", tmp_path / "out", "--only", "tables")
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{tmp_path / 'out'} holds {TABLES} files of package, ")
    assert (tmp_path / "out" / CHECKSUMS).is_file()


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("https://example.org/faces@1.2", ("https://example.org/faces", "1.2")),
        ("s3://bucket/faces@latest", ("s3://bucket/faces", "latest")),
        ("folder", ("folder", "latest")),
        ("https://me@example.org/faces", ("https://me@example.org/faces", "latest")),
        ("https://me@example.org/faces@1.2.3", ("https://me@example.org/faces", "1.2.3")),
        ("https://me@1.example.org", ("https://me@1.example.org", "latest")),
        ("https://example.org/faces@v1.0.0", ("https://example.org/faces", "v1.0.0")),
        ("hf://datasets/me/faces@main", ("hf://datasets/me/faces@main", "latest")),
        ("odd@name", ("odd@name", "latest")),
        ("odd@1 name", ("odd@1 name", "latest")),
    ],
)
def test_a_version_is_written_after_the_target(text: str, parsed: tuple[str, str]) -> None:
    assert parse_reference(text) == parsed


def test_a_folder_with_an_at_in_its_name_is_found(tmp_path: Path) -> None:
    for name in ("user@1", "user@1 x", "there", "there@1.0.0"):
        (tmp_path / name).mkdir()
    (tmp_path / "there/releases.json").touch()
    assert parse_reference(f"{tmp_path}/user@1") == (f"{tmp_path}/user@1", "latest")
    assert parse_reference(f"{tmp_path}/user@1@2") == (f"{tmp_path}/user@1", "2")
    assert parse_reference(f"{tmp_path}/user@1 x") == (f"{tmp_path}/user@1 x", "latest")
    assert parse_reference(f"{tmp_path}/there@1.0.0") == (f"{tmp_path}/there", "1.0.0")
    assert parse_reference(f"{tmp_path}/there@nonsense") == (f"{tmp_path}/there", "nonsense")


def test_a_folder_that_cannot_be_made_is_named() -> None:
    result = run("sample", "--output", "/proc/x")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: /proc/x was not made")


def test_a_full_disk_is_not_the_servers_fault(published: Path, tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(DontspyError, match=r"out was not made: .*File too large"):
            get(str(published), "latest", tmp_path / "out")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    get(str(published), "latest", tmp_path / "out")
    assert list(check(tmp_path / "out")) == []
