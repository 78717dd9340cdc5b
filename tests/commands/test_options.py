"""`dontspy-data.toml`: what options are by default in a folder."""

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dontspy_data.cli import main as cli
from dontspy_data.commands.options import FILE, SETTINGS, defaults, template
from dontspy_data.errors import UsageError
from scripts.command_reference import commands


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, words)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, text: str) -> None:
    (folder / FILE).write_text(text, encoding="utf-8")


def test_what_init_writes_has_every_setting_and_sets_none(here: Path) -> None:
    assert run("init").exit_code == 0
    assert defaults(here) == {}
    lines = (here / FILE).read_text("utf-8").splitlines()
    write(here, "\n".join(line.removeprefix("# ") for line in lines if " = " in line))
    assert set(tomllib.loads((here / FILE).read_text("utf-8"))) == set(SETTINGS)
    assert defaults(here)


def test_init_replaces_nothing_unless_told(here: Path) -> None:
    write(here, 'target = "mine"\n')
    assert run("init").exit_code == 2
    assert run("init", "--force").exit_code == 0
    assert (here / FILE).read_text("utf-8") == template()


@pytest.mark.parametrize("key", SETTINGS)
def test_a_setting_is_the_default_of_options_that_there_are(key: str, here: Path) -> None:
    setting = SETTINGS[key]
    there = {words: command for words, command in commands().items() if words in setting.commands}
    assert there
    for command in there.values():
        assert (setting.parameter or key) in [parameter.name for parameter in command.params]
    write(here, f"{key} = {setting.example}")
    found = defaults(here)
    assert found
    assert {words.split()[0] for words in setting.commands} == set(found)


def test_a_setting_is_used_and_an_option_overrides_it(here: Path) -> None:
    write(here, 'target = "nowhere"')
    said = run("releases")
    assert said.exit_code != 0
    assert "nowhere" in said.output
    assert "elsewhere" in run("releases", "elsewhere").output


def test_the_address_of_who_asks_must_be_one(here: Path) -> None:
    write(here, 'contact = "me"\nsources = ["ep_api"]')
    said = run("collect", "--output", "a.warc.gz")
    assert said.exit_code == 2
    assert "'me'" in said.output


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ('taget = "x"', ["'taget'", "target"]),
        ('colour = "red"', ["'colour'", "withdrawals"]),
        ("target = 3", ["target is 3"]),
        ('sources = "ep_api"', ["sources is 'ep_api'"]),
        ("sources = []", ["sources is []"]),
        ("target = [", [FILE]),
    ],
)
def test_what_is_no_setting_is_refused(text: str, facts: list[str], here: Path) -> None:
    write(here, text)
    with pytest.raises(UsageError) as raised:
        defaults(Path())
    said = f"{raised.value} {raised.value.hint}"
    assert [fact for fact in facts if fact not in said] == []
    answered = run("info", "nothing", "--json")
    assert answered.exit_code == 2
    assert json.loads(answered.stdout)["error"] == str(raised.value)


@pytest.mark.usefixtures("in_process")
def test_the_sample_is_not_published_where_the_file_says(here: Path) -> None:
    write(here, 'target = "real"\nreport = "night.json"')
    assert run("refresh", "--sample", "--output", "package").exit_code == 0
    assert not (here / "real").exists()
    assert json.loads((here / "night.json").read_text("utf-8"))["target"] is None


@pytest.mark.parametrize(
    "words", [["brew"], ["info"], ["info", "a", "b"], ["collect", "--limit", "x"], ["check", "--no"]]
)
def test_wrong_words_are_answered_in_json_too(words: list[str], here: Path) -> None:
    said = run(*words, "--json")
    assert said.exit_code == 2
    found = json.loads(said.stdout)
    assert found["outcome"] == "failed"
    assert found["error"]
