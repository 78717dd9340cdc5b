"""Help and completion, which are answered from what was rendered before, are those of the commands themselves."""

import os
import subprocess
import sys

import pytest
from click.shell_completion import BashComplete

from dontspy_data.cli import MODULES
from dontspy_data.cli import main as cli
from scripts.command_reference import commands
from scripts.render_commands import OUTPUT, VALUES, rendered

LINES = ["", "re", "-", "--o", "x"]
WORDS = ["", *(name.split()[0] for name in commands() if " " in name), *commands()]


def run(*words: str, **environment: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "dontspy_data", *words],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, **environment},
    ).stdout


def test_run_make_docs_where_this_fails() -> None:
    assert OUTPUT.read_text("utf-8") == rendered()


def test_help_is_what_was_rendered() -> None:
    assert "Usage: dontspy-data [OPTIONS] COMMAND" in run("--help")
    assert "dontspy-data entries check entries.csv" in run("entries", "check", "-h")


def following(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: str) -> list[str]:
    from dontspy_data.__main__ import complete

    words = line.split(" ")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    assert complete("bash")
    return sorted(capsys.readouterr().out.splitlines())


@pytest.mark.parametrize("words", WORDS)
def test_completion_is_that_of_click(
    words: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    theirs = BashComplete(cli, {}, "dontspy-data", "_DONTSPY_DATA_COMPLETE")
    for unfinished in LINES:
        expected = theirs.get_completions(words.split(), unfinished)
        found = following(monkeypatch, capsys, " ".join(["dontspy-data", *words.split(), unfinished]))
        assert found == sorted(f"{item.type},{item.value}" for item in expected), unfinished


@pytest.mark.parametrize("option", VALUES)
def test_values_are_completed(
    option: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    command = "audit" if option == "--model" else "collect"
    found = following(monkeypatch, capsys, f"dontspy-data {command} {option} ")
    assert found == sorted(f"plain,{value}" for value in VALUES[option])


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_are_answered_too(shell: str) -> None:
    place = "inf" if shell == "fish" else "1"
    words = {"COMP_WORDS": "dontspy-data inf", "COMP_CWORD": place}
    assert "info" in run(_DONTSPY_DATA_COMPLETE=f"{shell}_complete", **words)


def test_words_in_quotes_are_left_to_a_parser() -> None:
    words = {"COMP_WORDS": "dontspy-data 'in", "COMP_CWORD": "1"}
    assert "info" in run(_DONTSPY_DATA_COMPLETE="bash_complete", **words)


HEAVY = {
    "pandas",
    "numpy",
    "pyarrow",
    "frictionless",
    "lxml",
    "PIL",
    "requests",
    "urllib3",
    "http",
    "email",
    "jinja2",
}


def imported(code: str) -> set[str]:
    """Return the packages that some code imports."""
    code = f"import sys; {code}; print(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_help_and_completion_import_no_parser() -> None:
    code = "sys.argv = ['dontspy-data', 'build', '--help']; from dontspy_data.__main__ import start; start()"
    assert not {"click", "rich", "typing", *HEAVY} & imported(code)


@pytest.mark.parametrize("name", MODULES)
def test_a_command_imports_nothing_heavy_before_it_knows_what_it_is_told(name: str) -> None:
    loaded = imported(f"from dontspy_data.cli import main; main.get_command(None, {name!r})")
    assert "click" in loaded
    assert not loaded & HEAVY
