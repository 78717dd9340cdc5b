"""Options that several commands have, and those of a collect run that `collect` and `refresh` share."""

from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

if TYPE_CHECKING:
    from dontspy_data.collect import CollectOptions

Command = TypeVar("Command", bound=Callable[..., Any])


class WholeNumber(click.IntRange):
    """A whole number; what is none is refused in words that people use."""

    name = "whole number"


class Number(click.FloatRange):
    """A number, likewise."""

    name = "number"


verbose_option = click.option(
    "-v", "--verbose", is_flag=True, help="List every problem, not only a count of each kind."
)


def _own(name: str) -> Callable[..., Path | None]:
    """Return a callback that gives what was named, else the project's own file or folder if it is there."""
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
    """Return the options that say who does the work of a command; `what` reads on from "Processes that …"."""
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
        help="Mail or web address of yours, which the sources are given.",
    ),
    click.option("--ignore-noai", is_flag=True, help="Collect portraits marked `noai` or `noimageai` too."),
    click.option(
        "--resume-hours",
        type=Number(min=0),
        default=12.0,
        show_default=True,
        help="Ask again for lists that an interrupted run received longer ago.",
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
    """Return what a command was told, as the options of a run that writes `output`."""
    from dontspy_data.collect import CollectOptions, Rates
    from dontspy_data.collect.plan import DEFAULT_SOURCES, current_term

    given_rates = {"api": api_rate, "www": www_rate}
    rates = Rates(**{name: rate for name, rate in given_rates.items() if rate is not None})
    latest = current_term()
    chosen = tuple(range(latest + 1)) if all_terms else tuple(dict.fromkeys(terms)) or (latest,)
    return CollectOptions(
        output,
        terms=chosen,
        countries=frozenset(code.upper() for code in countries),
        sources=DEFAULT_SOURCES if sources is None else names_in(sources),
        rates=rates,
        **given,
    )


def names_in(text: str) -> tuple[str, ...]:
    """Return names that are separated by commas."""
    return tuple(filter(None, map(str.strip, text.split(","))))
