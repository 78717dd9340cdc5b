"""The dataset at a prompt and in a notebook: what is shown, what is completed, and what errors say."""

import socket
import traceback
from pathlib import Path

import pytest
from click.testing import CliRunner

import dontspy_data as dd
from dontspy_data.check.check import check
from dontspy_data.cli import main
from dontspy_data.errors import DontspyError, UsageError
from dontspy_data.targets.target import UnreachableError


def test_the_hint_is_part_of_the_error_wherever_it_is_seen(faces: dd.OpenDataFaces) -> None:
    with pytest.raises(UsageError) as caught:
        faces.table("mep")
    assert caught.value.hint.startswith("Did you mean 'meps'? It has: meps, mandates")
    assert "Did you mean 'meps'?" in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(("name", "note"), [("mep", "'meps'"), ("portrits", "'portrait"), ("zzz", "meps, ")])
def test_an_attribute_that_is_none_says_what_may_be_meant(
    name: str, note: str, faces: dd.OpenDataFaces
) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(faces, name)
    assert note in "".join(caught.value.__notes__)


def test_a_notebook_shows_the_tables_and_how_to_cite(published: Path, faces: dd.OpenDataFaces) -> None:
    shown = dd.load(published)._repr_html_()
    assert "Version 1.1.0" in shown
    assert "<code>meps</code>" in shown
    assert ">62</td>" in shown
    assert "Cite: Don&#x27;t Spy EU" in shown
    train, _ = faces.split()
    assert f"Limited to {len(train)} people" in train._repr_html_()


def test_it_is_as_long_as_it_has_people_and_tables_are_its_items(faces: dd.OpenDataFaces) -> None:
    assert len(faces) == len(faces.meps) == 62
    assert faces["meps"].equals(faces.meps)
    for none in ("mep", 0):
        with pytest.raises(UsageError, match="has no table"):
            faces[none]
    with pytest.raises(TypeError):
        list(faces)  # type: ignore[call-overload]


def test_completion_offers_what_is_public(faces: dd.OpenDataFaces) -> None:
    offered = dir(faces)
    assert {"meps", "portraits", "at", "cite", "gallery"} <= set(offered)
    assert [name for name in offered if name.startswith("_")] == []


def test_the_credit_comes_first(faces: dd.OpenDataFaces) -> None:
    assert next(iter(faces.portrait(9000001).info)) == "credit"


def test_a_number_may_be_text(faces: dd.OpenDataFaces) -> None:
    assert faces.portrait("9000001").info["mep_id"] == 9000001
    assert len(faces.faces_of("9000001")) == 1
    for none in ("Ada", 1.5, None, True):
        with pytest.raises(UsageError, match="is not a MEP number"):
            faces.portrait(none)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("day", "ways"),
    [
        ("15/01/2026", "2026-01-15."),
        ("15.1.2026", "2026-01-15."),
        ("01/02/2026", "2026-01-02 or 2026-02-01."),
        ("40/40/2026", "2023-05-01."),
        ("yesterday", "2023-05-01."),
    ],
)
def test_a_day_in_another_form_says_which_form(day: str, ways: str, faces: dd.OpenDataFaces) -> None:
    with pytest.raises(UsageError) as caught:
        faces.at(day)
    assert caught.value.hint.startswith("Days are written year-month-day")
    assert caught.value.hint.endswith(ways)


def test_without_a_network_one_error_names_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    address = f"http://127.0.0.1:{port}/faces"
    monkeypatch.setattr("dontspy_data.loading.dataset.default_target", lambda: address)
    with pytest.raises(UnreachableError) as caught:
        dd.load()
    assert 'dd.load("sample")' in caught.value.hint
    assert len("".join(traceback.format_exception(caught.value)).split("\n")) < 30
    with pytest.raises(UnreachableError) as other:
        dd.load(address, version="1.0.0")
    assert "single package" not in str(other.value)


@pytest.fixture
def part(published: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "part"
    result = CliRunner().invoke(main, ["get", str(published), "--output", str(folder), "--only", "tables"])
    assert result.exit_code == 0, result.output
    return folder


def test_a_part_is_checked_for_what_was_asked_for(part: Path, published: Path) -> None:
    assert list(check(part)) == []
    assert CliRunner().invoke(main, ["info", str(part)]).exit_code == 0
    (part / "data" / "meps.csv").unlink()
    assert [finding.path for finding in check(part)] == ["data/meps.csv"]
    result = CliRunner().invoke(main, ["get", str(published), "--output", str(part)])
    assert result.exit_code == 0, result.output
    assert list(check(part)) == []
    assert not (part / "partial.txt").exists()


def test_what_was_never_asked_for_is_not_damaged(part: Path) -> None:
    faces = dd.load(part)
    assert len(faces.meps) == 62
    with pytest.raises(DontspyError, match="was not downloaded") as caught:
        faces.portrait(9000001)
    assert "dontspy-data get" in caught.value.hint


def test_a_whole_download_stays_whole(part: Path, published: Path) -> None:
    for words in ([], ["--only", "tables"]):
        CliRunner().invoke(main, ["get", str(published), "--output", str(part), *words])
    assert list(check(part)) == []
    assert (part / "portraits").is_dir()


def test_a_target_or_the_sample_in_place_of_a_package(published: Path) -> None:
    result = CliRunner().invoke(main, ["info", str(published)])
    assert result.exit_code == 2
    assert f"{published / '1.1.0'}" in result.stderr
    assert "62 rows" in CliRunner().invoke(main, ["info", "sample"]).stdout
