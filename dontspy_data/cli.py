"""The command line. Each command is a function in `commands/` that parses, calls and prints."""

import signal
import sys
from importlib import import_module
from keyword import iskeyword
from pathlib import Path

import rich_click as click

from dontspy_data._version import __version__
from dontspy_data.commands.options import defaults
from dontspy_data.commands.output import fail
from dontspy_data.errors import UsageError

click.rich_click.MAX_WIDTH = 100
AS_JSON = "dontspy_data.as_json"
MODULES = {
    "init": "options",
    "refresh": "refresh",
    "collect": "collect",
    "import": "collect",
    "build": "package",
    "check": "package",
    "info": "package",
    "problems": "package",
    "portraits": "package",
    "diff": "release",
    "release": "release",
    "publish": "release",
    "releases": "release",
    "verify": "release",
    "withdraw": "package",
    "get": "release",
    "notebooks": "release",
    "audit": "downstream",
    "entries": "downstream",
    "site": "downstream",
}
"""Commands in the order of the help, each with the module in `commands/` that it is a function of."""


class LazyGroup(click.RichGroup):
    """Commands that are imported when they are called, so that each starts as quickly as it can alone."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's own form
        """Return the names of all commands."""
        return list(MODULES)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Remember whether programs read the output, before any usage error."""
        ctx.meta[AS_JSON] = "--json" in args
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> object:
        """Call a command; with `--json`, usage errors are reported in JSON, too."""
        try:
            return super().invoke(ctx)
        except click.UsageError as error:
            if not ctx.meta[AS_JSON]:
                raise
            hint = f"Its options: {error.ctx.command_path} --help" if error.ctx else ""
            fail(UsageError(error.format_message(), hint=hint), as_json=True)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command; None if there is none of that name."""
        if cmd_name not in MODULES:
            return None
        module = import_module(f"dontspy_data.commands.{MODULES[cmd_name]}")
        function = f"{cmd_name}_" if iskeyword(cmd_name) else cmd_name
        command: click.Command = getattr(module, function)
        return command


@click.group(
    cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="dontspy-data")
@click.pass_context
def main(ctx: click.Context) -> None:
    """Collect, build, check and publish Open Data Faces.

    The open dataset of the official portraits and public facts of Members of the European Parliament.

    \b
    Example: build a package from the bundled sample and look into it
      dontspy-data refresh --sample --output out/sample
      dontspy-data info out/sample

    \b
    Exit status: 0 done or unchanged (4 with --fail-unchanged), 1 invalid or failed, 2 wrong usage, 3 refused.
    Shell completion: https://click.palletsprojects.com/shell-completion (variable _DONTSPY_DATA_COMPLETE)
    """
    as_json = ctx.meta[AS_JSON]
    if sys.platform == "win32":
        message = "dontspy-data runs on Linux and macOS, and not on Windows itself"
        fail(UsageError(message, hint="Use the Windows Subsystem for Linux (WSL)."), as_json=as_json)
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # a scheduler's stop is like Ctrl-C: nothing is left
    try:
        ctx.default_map = defaults(Path())
    except UsageError as error:
        fail(error, as_json=as_json)
