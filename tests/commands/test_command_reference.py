"""The command reference is what the commands say, and their examples have words that exist."""

import shlex

import pytest

from scripts.command_reference import OUTPUT, command_reference, commands, context_of

COMMANDS = commands()


def test_run_make_docs_where_this_fails() -> None:
    assert OUTPUT.read_text(encoding="utf-8") == command_reference()


def test_every_command_is_in_it() -> None:
    sections = command_reference().split("\n## ")[1:]
    assert [section.splitlines()[0] for section in sections] == list(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_the_words_of_examples_exist(name: str) -> None:
    lines = [line.strip() for line in (COMMANDS[name].help or "").splitlines()]
    examples = [shlex.split(line)[1:] for line in lines if line.startswith("dontspy-data ")]
    assert examples
    for words in examples:
        called = max((one for one in COMMANDS if words[: len(one.split())] == one.split()), key=len)
        command = COMMANDS[called]
        command.make_parser(context_of(command, called)).parse_args(words[len(called.split()) :])
