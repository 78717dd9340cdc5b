"""Options that several commands share, and their defaults from `dontspy-data.toml` in the working folder.

`init` writes that file. `collect` and `refresh` share the options of a collect run.
"""

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import rich_click as click
from click import get_current_context
from click.core import ParameterSource

from dontspy_data.commands.output import answer, reporting
from dontspy_data.errors import UsageError

if TYPE_CHECKING:
    from dontspy_data.collect import CollectOptions

Command = TypeVar("Command", bound=Callable[..., Any])
FILE = "dontspy-data.toml"
COLLECTING = ("collect", "refresh")


class WholeNumber(click.IntRange):
    """A whole number, with an error message in plain words."""

    name = "whole number"


class Number(click.FloatRange):
    """A number, likewise."""

    name = "number"


verbose_option = click.option(
    "-v", "--verbose", is_flag=True, help="List every problem, not only a count of each kind."
)


def _own(name: str) -> Callable[..., Path | None]:
    """Return a callback that gives the path named, else the project's own file or folder if it exists."""
    return lambda _context, _option, given: given or (Path(name) if Path(name).exists() else None)


withdrawals_option = click.option(
    "--withdrawals",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    callback=_own("withdrawals.csv"),
    help="File of withdrawals.  [default: withdrawals.csv if it exists]",
)
lookups_option = click.option(
    "--lookups",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    callback=_own("lookups"),
    help="Your own lookups, merged over the shipped ones.  [default: lookups if it exists]",
)


def workers_options(what: str) -> Callable[[Command], Command]:
    """Return the options for a command's worker processes or cluster; `what` continues "Processes that …"."""
    scheduler = click.option(
        "--scheduler",
        metavar="tcp://HOST:PORT",
        help="Dask scheduler to use instead of processes (extra `distributed`).",
    )
    workers = click.option(
        "--workers", type=WholeNumber(min=1), help=f"Processes that {what}; by default one per core."
    )
    return lambda command: workers(scheduler(command))


break_lock_option = click.option(
    "--break-lock",
    is_flag=True,
    help="Break the lock of a publisher that died. Locks older than a day are broken automatically.",
)
fail_unchanged_option = click.option(
    "--fail-unchanged", is_flag=True, help="End with status 4 instead of 0 if nothing changed."
)


ASKING = (
    click.option("--via", metavar="URL", help="Send every request to this server; the Host header is kept."),
    click.option(
        "--term",
        "terms",
        type=WholeNumber(),
        multiple=True,
        help="Parliamentary term; by default the current one.",
    ),
    click.option(
        "--all-terms", is_flag=True, help="Every term, and the appointed Parliament before 1979 (0)."
    ),
    click.option(
        "--country",
        "countries",
        multiple=True,
        metavar="CODE",
        help="Only Members for this country (ISO code, such as GR).",
    ),
    click.option(
        "--mep",
        "mep_ids",
        type=WholeNumber(min=1),
        multiple=True,
        metavar="ID",
        help="Only this person; no lists are requested.",
    ),
    click.option("--limit", type=WholeNumber(min=1), help="At most this many people, lowest id first."),
    click.option(
        "--sources",
        metavar="NAME,…",
        help="Sources to collect from.  [default: ep_api,ep_csv,wikidata,portraits]",
    ),
    click.option(
        "--fallback", is_flag=True, help="Use public lists and profiles if the API refuses or is down."
    ),
    click.option(
        "--since",
        multiple=True,
        type=click.Path(path_type=Path, exists=True),
        metavar="CAPTURE|PACKAGE",
        help="Transfer only what has changed since then.",
    ),
    click.option(
        "--contact",
        default="",
        metavar="ADDRESS",
        help="Your mail or web address, which the sources are given.",
    ),
    click.option("--ignore-noai", is_flag=True, help="Collect portraits marked `noai` or `noimageai` too."),
    click.option(
        "--resume-hours",
        type=Number(min=0),
        default=12.0,
        show_default=True,
        help="Request lists again that an interrupted run received longer ago.",
    ),
    click.option(
        "--api-rate",
        type=Number(min=0),
        help="Requests per second to each API endpoint; fewer than 500 in 5 minutes.  [default: 1.6]",
    ),
    click.option("--www-rate", type=Number(min=0), help="Requests per second to the website.  [default: 2]"),
)


def asking_options(command: Command) -> Command:
    """Return the command with the options of a collect run, in this order."""
    return reduce(lambda wrapped, option: option(wrapped), reversed(ASKING), command)


def options_from(
    output: Path,
    *,
    terms: tuple[int, ...],
    all_terms: bool,
    countries: tuple[str, ...],
    sources: str | None,
    api_rate: float | None,
    www_rate: float | None,
    **given: Any,
) -> "CollectOptions":
    """Return a command's options as those of a run that writes `output`."""
    from dontspy_data.collect import CollectOptions, Rates
    from dontspy_data.collect.plan import DEFAULT_SOURCES, current_term

    latest = current_term()
    chosen = tuple(range(latest + 1)) if all_terms else tuple(dict.fromkeys(terms)) or (latest,)
    return CollectOptions(
        output,
        terms=chosen,
        countries=frozenset(code.upper() for code in countries),
        sources=DEFAULT_SOURCES if sources is None else names_in(sources),
        rates=Rates(api_rate, www_rate),
        **given,
    )


def names_in(text: str) -> tuple[str, ...]:
    """Return names that are separated by commas."""
    return tuple(filter(None, map(str.strip, text.split(","))))


class Setting(NamedTuple):
    """One key of the file.

    Attributes:
        example: as TOML, for the file that `init` writes.
        about: its meaning, for a comment there.
        commands: names of the commands that it is a default for.
        parameter: their parameter that it sets; empty if it has the setting's name.
    """

    example: str
    about: str
    commands: tuple[str, ...]
    parameter: str = ""


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
        '"withdrawals.csv"',
        "File of withdrawals. Keep it with the captures.",
        (*COLLECTING, "build", "withdraw"),
    ),
    "lookups": Setting(
        '"lookups"',
        "Your own lookups, merged over the shipped ones.",
        (*COLLECTING, "build", "verify", "site"),
    ),
    "sources": Setting(
        '["ep_api", "ep_csv", "wikidata", "portraits"]',
        "Which sources to ask; their order here does not matter.",
        COLLECTING,
    ),
    "contact": Setting(
        '"data@example.org"',
        "Mail or web address that the sources are given, so that they can reach you.",
        COLLECTING,
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
        UsageError: the file cannot be read, or has an unknown key or an invalid value.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    import tomllib

    try:
        document = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{path} cannot be read: {error}",
            hint='It is TOML, with one setting per line, such as target = "folder".',
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
    """Return a value in the form that an option takes."""
    if key not in SETTINGS:
        from difflib import get_close_matches

        near = get_close_matches(key, SETTINGS, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Settings are: {', '.join(SETTINGS)}."
        raise UsageError(f"{path} has {key!r}, which is not a setting", hint=hint)
    example = SETTINGS[key].example
    texts = value if isinstance(value, list) else [value]
    is_like_it = isinstance(value, list) is example.startswith("[")
    if not is_like_it or not texts or not all(isinstance(one, str) and one for one in texts):
        raise UsageError(f"{path}: {key} is {value!r}", hint=f"Write it like {key} = {example}")
    return ",".join(map(str, texts))


def template() -> str:
    """Return the file that `init` writes: every setting with a comment, none of them active."""
    lines = [
        "# Settings of dontspy-data for this folder. An option on the command line overrides a setting.",
        "# Remove the # before a line to use it.",
    ]
    for key, setting in SETTINGS.items():
        lines += ["", f"# {setting.about}", f"# {key} = {setting.example}"]
    return "\n".join(lines) + "\n"


@click.command()
@click.option("--force", is_flag=True, help="Replace an existing file.")
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
        raise UsageError(f"{path} exists already", hint="Edit it, or give --force to replace it.")
    path.write_text(template(), encoding="utf-8")
    text = f"Wrote {path}: remove the # before a setting to use it"
    answer({"outcome": "done", "file": str(path)}, text, as_json=as_json)


def is_from_file(parameter: str) -> bool:
    """Return whether a parameter of the running command has its value from the file, not from the command line."""
    context = get_current_context()
    return context.get_parameter_source(parameter) is ParameterSource.DEFAULT_MAP
