"""`get`: a release into a folder, gone on with where it stopped, and verified."""

import json
import resource
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result

from dontspy_data import sample
from dontspy_data.check.check import check, check_files
from dontspy_data.cli import main
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.loading.dataset import load
from dontspy_data.loading.get import Selection, get
from dontspy_data.package.files import CHECKSUMS, files_below, read_checksums
from dontspy_data.package.open import open_package
from dontspy_data.targets.files import DamagedError
from dontspy_data.targets.open import parse_reference
from dontspy_data.targets.target import UnreachableError

from .conftest import seal, write_ledger

PORTRAIT = "portraits/9000001.jpg"
EVERYTHING = len(files_below(sample.package_path()))
ONLY_TABLES, ONLY_PORTRAITS = Selection(("tables",)), Selection(("portraits",))
TABLES = len(ONLY_TABLES.names(files_below(sample.package_path())))


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
    assert get(web.url, "latest", tmp_path / "out", ONLY_TABLES).fetched == TABLES
    web.asked.clear()
    assert get(web.url, "latest", tmp_path / "out", ONLY_TABLES).fetched == 0
    assert web.asked == ["releases.json"]


def test_parts_bring_what_explains_them() -> None:
    documents = ["CITATION.cff", "README.md", "datapackage.json"]
    data = ["data/faces.csv", "data/meps.csv", "data/pages.csv", "data/portraits.csv"]
    made = ["meps.sqlite", "open-data-faces-20.parquet", "open-data-faces-80.parquet", "open-data-faces.xlsx"]
    crop = "derived/faces/9.jpg"
    names = [*documents, *data, *made, PORTRAIT, "portraits/metadata.csv", crop]

    def asked(**words: Any) -> set[str]:
        return set(Selection(**words).names(names)) - {*documents}

    assert asked() == set(names) - {*documents, *made}
    assert asked(only=("tables",)) == {*data}
    assert asked(only=("portraits",)) == {*data[1::2], PORTRAIT, "portraits/metadata.csv"}
    assert asked(only=("faces",)) == {data[0], *data[1::2], crop}
    assert asked(only=("sqlite", "xlsx")) == {made[0], made[3]}
    assert asked(only=("parquet",)) == {*made[1:3]}
    assert asked(include=("data/me*", "*.xlsx")) == {data[1], made[3]}
    assert asked(include=("*",)) == set(names) - {*documents}
    assert Selection(only=("sqlite",)).names([]) == ["meps.sqlite"]
    assert set(Selection(only=("portraits",)).names(names, frozenset({9}))) == {*documents, *data[1::2]}


@pytest.mark.parametrize("ranges", [True, False])
def test_a_connection_that_breaks_is_gone_on_with(ranges: bool, web: Any, tmp_path: Path) -> None:
    web.ranges, web.cut = ranges, {f"1.1.0/{PORTRAIT}": 1000}
    get(web.url, "latest", tmp_path / "out", ONLY_PORTRAITS)
    assert (tmp_path / "out" / PORTRAIT).read_bytes() == (web.root / "1.1.0" / PORTRAIT).read_bytes()
    asked = [name for name in web.asked if PORTRAIT in name]
    assert asked[-1] == f"1.1.0/{PORTRAIT}+1000" if ranges else f"1.1.0/{PORTRAIT}"


def test_an_interrupted_run_is_gone_on_with(web: Any, tmp_path: Path) -> None:
    out = tmp_path / "out"
    get(web.url, "latest", out, ONLY_PORTRAITS)
    whole = (out / PORTRAIT).read_bytes()
    (out / PORTRAIT).unlink()
    (out / f"{PORTRAIT}.part").write_bytes(whole[:2000])
    web.asked.clear()
    assert get(web.url, "latest", out, ONLY_PORTRAITS).fetched == 1
    assert [name for name in web.asked if PORTRAIT in name] == [f"1.1.0/{PORTRAIT}+2000"]
    assert (out / PORTRAIT).read_bytes() == whole
    assert not list(out.rglob("*.part"))


def test_the_rest_of_something_else_is_not_taken(web: Any, tmp_path: Path) -> None:
    part = tmp_path / "out" / f"{PORTRAIT}.part"
    get(web.url, "latest", tmp_path / "out", ONLY_TABLES)
    part.parent.mkdir()
    part.write_bytes(b"something else" * 1000)
    get(web.url, "latest", tmp_path / "out", ONLY_PORTRAITS)
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
    get(str(published), "1.0", tmp_path / "out", ONLY_TABLES)
    get(str(sample.package_path()), "latest", tmp_path / "package")
    with pytest.raises(UsageError, match="holds another release"):
        get(str(published), "1.1", tmp_path / "package")
    (tmp_path / "diary.txt").write_text("mine")
    with pytest.raises(UsageError, match="is not empty"):
        get(str(published), "1.1", tmp_path)
    with pytest.raises(UsageError, match="is a file"):
        get(str(published), "1.1", tmp_path / "diary.txt")
    assert (tmp_path / "diary.txt").read_text() == "mine"


def with_changes(target: Path) -> None:
    """Change release 1.1.0: a portrait is an earlier one now, one file is gone, one is new."""
    release = target / "1.1.0"
    (release / "portraits/earlier").mkdir(exist_ok=True)
    (release / PORTRAIT).rename(release / EARLIER)
    (release / PORTRAIT).write_bytes((release / "portraits/9000003.jpg").read_bytes() + b"new")
    (release / "derived/faces/9000001.jpg").unlink()
    (release / "notes.md").write_text("new")
    seal(release)
    write_ledger(target, "1.0.0", "1.1.0")


EARLIER = "portraits/earlier/9000001-0123456789ab.jpg"


def test_a_newer_release_fetches_what_differs(web: Any, target: Path, tmp_path: Path) -> None:
    with_changes(target)
    web.root, out = target, tmp_path / "out"
    get(f"{web.url}", "1.0", out)
    (out / "mine.txt").write_text("of nobody else")
    web.asked.clear()
    got = get(web.url, "latest", out)
    fetched = {name.removeprefix("1.1.0/") for name in web.asked}
    assert fetched == {"releases.json", "checksums.sha256", "datapackage.json", PORTRAIT, "notes.md"}
    assert (got.version, got.fetched) == ("1.1.0", 4)  # the earlier portrait is copied
    (out / "mine.txt").unlink()
    assert [problem.path for problem in check_files(out)] == []
    assert not (out / "derived/faces/9000001.jpg").exists()


def test_an_update_that_was_killed_is_completed(
    target: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_changes(target)
    out = tmp_path / "out"
    get(str(target), "1.0", out)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    for step in ("_reuse", "_bring", "_forget"):
        with monkeypatch.context() as patch:
            patch.setattr(f"dontspy_data.loading.get.{step}", killed)
            with pytest.raises(KeyboardInterrupt):
                get(str(target), "1.1", out)
    get(str(target), "1.1", out)
    assert [problem.path for problem in check_files(out)] == []
    assert read_checksums(out) == read_checksums(target / "1.1.0")


def test_a_part_stays_a_part_of_the_next_release(target: Path, tmp_path: Path) -> None:
    with_changes(target)
    get(str(target), "1.0", tmp_path / "out", ONLY_TABLES)
    get(str(target), "1.1", tmp_path / "out", ONLY_TABLES)
    assert list(check_files(tmp_path / "out")) == []
    assert not (tmp_path / "out/portraits").exists()


def test_pictures_of_some_people_come_alone(tmp_path: Path) -> None:
    result = run(
        "sample", "-o", tmp_path / "out", "--only", "portraits", "--country", "mt", "--term", "10", "--json"
    )
    assert result.exit_code == 0, result.output
    people = {row["mep_id"] for row in mandates() if row["country"] == "MT" and row["term"] == 10}
    pictures = {
        path.relative_to(tmp_path / "out/portraits") for path in tmp_path.rglob("out/portraits/**/*.jpg")
    }
    assert pictures
    assert {int(path.stem.split("-")[0]) for path in pictures} <= people
    assert list(check_files(tmp_path / "out")) == []
    faces = load("sample", country="MT", term=10)
    assert set(faces.meps["mep_id"]) == people
    unknown = run("sample", "-o", tmp_path / "none", "--country", "XX")
    assert (unknown.exit_code, "nobody" in unknown.stderr, "MT" in unknown.stderr) == (2, True, True)


def mandates() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = open_package(sample.package_path()).read("mandates").to_pylist()
    return found


def test_what_is_not_stored_is_made_here(tmp_path: Path) -> None:
    result = run("sample", "-o", tmp_path / "out", "--only", "sqlite", "--only", "parquet", "--json")
    assert result.exit_code == 0, result.output
    with closing(sqlite3.connect(tmp_path / "out/meps.sqlite")) as database:
        (rows,) = database.execute("SELECT count(*) FROM mandates").fetchone()
    assert rows == len(mandates())
    pictures = [
        pq.read_metadata(path).num_rows for path in (tmp_path / "out").glob("open-data-faces-*.parquet")
    ]
    assert sum(pictures) == len(load("sample").credits)
    assert list(check_files(tmp_path / "out")) == []
    assert load("sample").path("meps.sqlite").read_bytes() == (tmp_path / "out/meps.sqlite").read_bytes()


def test_a_bundle_stands_in_a_folder_of_its_own(tmp_path: Path) -> None:
    out = tmp_path / "out"
    for kind in ("zip", "tar"):
        result = run("sample", "-o", out, "--format", kind, "--json")
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["file"] == str(out / f"open-data-faces.{kind}")
    with zipfile.ZipFile(out / "open-data-faces.zip") as archive:
        archive.extractall(tmp_path)
    assert read_checksums(tmp_path / "open-data-faces") == read_checksums(sample.package_path())
    assert list(check_files(tmp_path / "open-data-faces")) == []
    assert sorted(path.name for path in out.iterdir()) == ["open-data-faces.tar", "open-data-faces.zip"]
    assert run("sample", "-o", tmp_path / "open-data-faces", "--format", "zip").exit_code == 2
    assert run("sample", "-o", out, "--format", "zip", "--only", "tables").exit_code == 2


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
