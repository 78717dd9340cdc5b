"""Write `docs/commands.md`, and what help is answered from: `python -m scripts.command_reference`."""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import rich_click as click

from dontspy_data.cli import main as cli
from scripts import render_commands

OUTPUT = Path(__file__).parent.parent / "docs" / "commands.md"
VERBATIM = "\b\n"
BRACKETED = re.compile(r"\[([^]]*)\]")  # click's remarks on an option, which Markdown would take for links


def main() -> None:
    """Write the reference anew."""
    OUTPUT.write_text(command_reference(), encoding="utf-8")
    print(OUTPUT)
    render_commands.main()


def commands(group: click.Group = cli, words: str = "") -> dict[str, click.Command]:
    """Return every command by the words that call it, those of groups too."""
    found: dict[str, click.Command] = {}
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            found |= commands(command, f"{words}{name} ")
        else:
            found[f"{words}{name}"] = command
    return found


def command_reference() -> str:
    """Return every command as Markdown: what it does, its words, an example."""
    lines = [
        "# Commands",
        "",
        "Made from the commands' own help by `make docs`. Every command takes `--json` and `--help`. Data go to "
        "standard output, progress and problems to standard error.",
        "",
        "Exit status: 0 done or unchanged (4 with --fail-unchanged), 1 invalid or failed, 2 wrong usage, 3 refused.",
    ]
    for words, command in commands().items():
        lines += ["", *_section(words, command)]
    return "\n".join(lines) + "\n"


def context_of(command: click.Command, words: str) -> click.Context:
    """Return the context that a command has on the command line: help options are inherited, and kept once made."""
    parent = click.Context(cli, info_name="dontspy-data", **cli.context_settings)
    return click.Context(command, info_name=words, parent=parent)


def _section(words: str, command: click.Command) -> Iterator[str]:
    context = context_of(command, words)
    yield f"## {words}"
    yield ""
    yield f"`{' '.join([context.command_path, *command.collect_usage_pieces(context)])}`"
    for paragraph in inspect.cleandoc(command.help or "").split("\n\n"):
        yield ""
        if paragraph.startswith(VERBATIM):
            yield from ("```text", paragraph.removeprefix(VERBATIM), "```")
        else:
            yield " ".join(paragraph.split())
    yield ""
    yield "| option | what it is |"
    yield "|---|---|"
    for parameter in command.params:
        record = parameter.get_help_record(context)
        if record and record[1]:
            about = BRACKETED.sub(r"(\1)", record[1])
            yield f"| `{_cell(record[0])}` | {_cell(about)} |"


def _cell(text: str) -> str:
    """Escape text for a cell of a Markdown table, where a bar would end it."""
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    main()
