"""Commands, as a person and as a program use them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import rich_click as click
from click.testing import CliRunner, Result

from dontspy_data import sample
from dontspy_data.cli import main
from dontspy_data.errors import Exit
from dontspy_data.sources.source import API_PER_SECOND, WWW_PER_SECOND
from scripts.command_reference import commands

COMMANDS = commands()


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


@pytest.fixture(scope="module")
def package() -> Path:
    return sample.package_path()


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help_an_example_and_json(name: str) -> None:
    command = COMMANDS[name]
    printed = run(*name.split(), "--help").stdout
    assert "Example" in printed
    assert "\\b" not in printed
    assert f"dontspy-data {name}" in printed
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert "as_json" in [option.name for option in options]
    assert all(option.help for option in options), [option.name for option in options if not option.help]


def test_the_list_of_commands_is_quick() -> None:
    heavy = "pandas pyarrow PIL cv2 lxml frictionless requests jinja2 numpy warcio"
    code = f"import sys, dontspy_data.cli; print([m for m in '{heavy}'.split() if m in sys.modules])"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert loaded.stdout.strip() == "[]"


def test_the_help_knows_how_fast_sources_are_asked() -> None:
    defaults = {
        option.name: option.help for option in COMMANDS["collect"].params if isinstance(option, click.Option)
    }
    assert f"[default: {API_PER_SECOND:g}]" in str(defaults["api_rate"])
    assert f"[default: {WWW_PER_SECOND:g}]" in str(defaults["www_rate"])


def test_windows_is_told_where_it_runs(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    result = run("info", package)
    assert result.exit_code == Exit.USAGE
    assert "WSL" in result.stderr


def test_build_says_what_was_built_and_what_to_do_next(tmp_path: Path) -> None:
    result = run("build", sample.path(), "--output", tmp_path / "p", "--no-faces", "--workers", "1")
    assert result.exit_code == 0
    assert "62 people" in result.stdout
    assert "Next: dontspy-data check" in result.stderr
    assert "\x1b[" not in result.output


@pytest.mark.usefixtures("in_process")
def test_build_for_programs(tmp_path: Path) -> None:
    result = run("build", sample.path(), "--output", tmp_path / "p", "--no-faces", "--json")
    built = json.loads(result.stdout)
    assert (built["outcome"], built["tables"]["meps"]) == ("done", 62)
    assert built["portraits"]["absent"] == 1
    assert "ep_api" in built["unread"]


def test_check_and_info_of_a_whole_package(package: Path) -> None:
    checked = run("check", package)
    assert (checked.exit_code, checked.stdout) == (0, f"{package} is whole and valid\n")
    assert json.loads(run("check", package, "--json").stdout) == {
        "outcome": "done",
        "package": str(package),
        "problems": [],
        "flags": [],
    }
    assert "meps                    62 rows" in run("info", package).stdout
    assert json.loads(run("info", package, "--json").stdout)["portraits"]["placeholder"] == 2


def test_check_of_a_broken_package_names_the_file_and_ends_with_1(tmp_path: Path, package: Path) -> None:
    broken = tmp_path / "broken"
    subprocess.run(["cp", "-r", str(package), str(broken)], check=True)
    (broken / "README.md").write_text("forged", encoding="utf-8")
    result = run("check", broken)
    assert result.exit_code == 1
    assert "README.md: was changed" in result.stdout
    assert json.loads(run("check", broken, "--json").stdout)["outcome"] == "invalid"


@pytest.mark.parametrize(
    ("words", "status", "message"),
    [
        (["build", "none.warc.gz", "--output", "out"], 2, "there is no capture at none.warc.gz"),
        (["check", "nowhere"], 2, "nowhere is not a package"),
        (["info", "nowhere"], 2, "nowhere is not a package"),
        (["build"], 2, "Missing argument"),
        (["bild"], 2, "No such command"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_what_to_do(words: list[str], status: int, message: str) -> None:
    result = run(*words)
    assert result.exit_code == status
    assert message in result.stderr
    assert "Traceback" not in result.output


def test_an_error_for_programs() -> None:
    result = run("check", "nowhere", "--json")
    failed = json.loads(result.stdout)
    assert result.exit_code == 2
    assert failed["outcome"] == "failed"
    assert "dontspy-data build" in failed["hint"]


def test_what_a_damaged_record_held_is_left_out_and_said(tmp_path: Path) -> None:
    body = bytearray(sample.path().read_bytes())
    body[5000] ^= 1
    damaged = tmp_path / "damaged.warc.gz"
    damaged.write_bytes(body)
    result = run("build", damaged, "--output", tmp_path / "p", "--no-faces", "--workers", "1")
    assert result.exit_code == 0
    assert "damaged.warc.gz is damaged in the record at byte" in result.stderr
    assert (tmp_path / "p" / "datapackage.json").is_file()
    assert "Traceback" not in result.output


def test_refresh_builds_and_checks_the_sample(tmp_path: Path) -> None:
    result = run("refresh", "--sample", "--output", tmp_path / "p", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout)["outcome"] == "changed"


def test_the_module_is_the_command_line() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "dontspy_data", "--version"], capture_output=True, text=True, check=True
    )
    assert shown.stdout.startswith("dontspy-data, version ")
