"""`dontspy-data.toml` in the working folder: what options are by default there; and `init`, which writes one."""

from pathlib import Path
from typing import Any, NamedTuple

import rich_click as click
from click import get_current_context
from click.core import ParameterSource

from dontspy_data.commands.output import answer, reporting
from dontspy_data.errors import UsageError

FILE = "dontspy-data.toml"
ASKING = ("collect", "refresh")


class Setting(NamedTuple):
    """One key of the file.

    Attributes:
        example: as TOML, for the file that `init` writes.
        about: what it is, for a comment there.
        commands: names of the commands that it is a default of.
        parameter: of theirs that it stands for; empty if it has the setting's name.
    """

    example: str
    about: str
    commands: tuple[str, ...]
    parameter: str = ""

    @property
    def takes_list(self) -> bool:
        """Whether its value is a list of texts."""
        return self.example.startswith("[")


SETTINGS = {
    "target": Setting(
        '"s3://bucket/open-data-faces"',
        "Where releases are published: a folder, s3://…, hf://datasets/… or zenodo:RECORD.",
        ("refresh", "publish", "releases"),
    ),
    "captures": Setting(
        '"captures"', "Folder of captures; packages are built from all of them.", ("refresh",)
    ),
    "withdrawals": Setting(
        '"withdrawals.csv"', "What is withdrawn. Keep it with the captures.", (*ASKING, "build", "withdraw")
    ),
    "lookups": Setting(
        '"lookups"', "Your own lookups, merged over the shipped ones.", (*ASKING, "build", "verify", "site")
    ),
    "sources": Setting(
        '["ep_api", "ep_csv", "wikidata", "portraits"]',
        "Sources that are asked, the most trusted first.",
        ASKING,
    ),
    "contact": Setting(
        '"data@example.org"',
        "Mail or web address that the sources are given, so that they can reach you.",
        ASKING,
    ),
    "report": Setting(
        '"report.md"', "Report of each refresh: FILE.md for people or FILE.json for programs.", ("refresh",)
    ),
    "contest": Setting(
        '"contest.toml"',
        "The contests' own file: days, prizes, weights and limits.",
        ("entries check", "entries rank", "site"),
        "rules",
    ),
}


def defaults(folder: Path) -> dict[str, Any] | None:
    """Return what the file in a folder says, as click's `default_map`; None if there is no file.

    Raises:
        UsageError: the file cannot be read, or has a key that is none or a value that does not fit.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    import tomllib

    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path} cannot be read: {error}", hint='It is TOML: a line a setting, such as target = "folder".'
        ) from error
    found: dict[str, Any] = {}
    for key, value in document.items():
        text = _checked(path, key, value)
        for command in SETTINGS[key].commands:
            place = found
            for word in command.split():
                place = place.setdefault(word, {})
            place[SETTINGS[key].parameter or key] = text
    return found


def _checked(path: Path, key: str, value: object) -> str:
    """Return a value as an option takes it."""
    if key not in SETTINGS:
        from difflib import get_close_matches

        near = get_close_matches(key, SETTINGS, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Settings are: {', '.join(SETTINGS)}."
        raise UsageError(f"{path} has {key!r}, which is no setting", hint=hint)
    if not SETTINGS[key].takes_list:
        if isinstance(value, str) and value:
            return value
    elif isinstance(value, list) and value and all(isinstance(one, str) and one for one in value):
        return ",".join(value)
    raise UsageError(f"{path}: {key} is {value!r}", hint=f"Write it like {key} = {SETTINGS[key].example}")


def template() -> str:
    """Return the file that `init` writes: every setting with a comment, none of them in force."""
    lines = [
        "# Settings of dontspy-data for this folder. An option on the command line overrides a setting.",
        "# Remove the # before a line to use it.",
    ]
    for key, setting in SETTINGS.items():
        lines += ["", f"# {setting.about}", f"# {key} = {setting.example}"]
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@reporting
def init(force: bool, as_json: bool) -> None:
    """Write dontspy-data.toml into the working folder: every setting with a comment.

    Commands that are run in that folder take their options from it: target, captures, withdrawals, lookups, sources,
    contact, report and contest. An option on the command line overrides it.

    \b
    Example:
      dontspy-data init
    """
    path = Path(FILE)
    if path.exists() and not force:
        raise UsageError(f"{path} is there already", hint="Edit it, or give --force to replace it.")
    path.write_text(template(), encoding="utf-8")
    text = f"Wrote {path}: remove the # before a setting to use it"
    answer({"outcome": "done", "file": str(path)}, text, as_json=as_json)


def is_from_file(parameter: str) -> bool:
    """Return whether a parameter of the command that runs has its value from the file, not from the command line."""
    context = get_current_context()
    return context.get_parameter_source(parameter) is ParameterSource.DEFAULT_MAP
