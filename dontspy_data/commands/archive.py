"""What `collect --from` does: ask a web archive, and print what came of it."""

from pathlib import Path
from typing import TYPE_CHECKING

from dontspy_data.commands.shared import echo, print_json, progress_bar
from dontspy_data.errors import Exit, UsageError
from dontspy_data.model.texts import counted

if TYPE_CHECKING:
    from dontspy_data.collect.archives import ArchiveEstimate, ArchiveOutcome

OF_OTHERS = {
    "via": "--via",
    "terms": "--term",
    "all_terms": "--all-terms",
    "countries": "--country",
    "limit": "--limit",
    "fallback": "--fallback",
    "contact": "--contact",
    "ignore_noai": "--ignore-noai",
    "api_rate": "--api-rate",
    "www_rate": "--www-rate",
}
"""Options of `collect` that mean nothing to an archive, whose index knows neither terms nor countries."""


def collect_from_archive(
    output: Path,
    name: str,
    rate: float | None,
    withdrawn: frozenset[int],
    *,
    dry_run: bool,
    as_json: bool,
    **given: object,
) -> Exit:
    """Collect from a web archive, or say what would be collected; return the exit status.

    Raises:
        UsageError: there is no such archive, or an option means nothing to it.
    """
    from dontspy_data.collect.archives import (
        ARCHIVED,
        PER_SECOND,
        ArchiveOptions,
        collect_archive,
        estimate_archive,
    )
    from dontspy_data.collect.cdx import open_archive

    if unfit := [option for key, option in OF_OTHERS.items() if given.get(key)]:
        raise UsageError(
            f"{', '.join(unfit)} means nothing to a web archive",
            hint="Its index knows addresses and days: name people with --mep, or leave it out for everybody.",
        )
    try:
        archive = open_archive(name)
    except ValueError as error:
        raise UsageError(str(error), hint="Give wayback, or the address of a collection.") from error
    sources, people, since = given["sources"], given["mep_ids"], given["since"]
    options = ArchiveOptions(
        output,
        archive,
        mep_ids=tuple(people) if isinstance(people, tuple) else (),
        since=tuple(since) if isinstance(since, tuple) else (),
        sources=tuple(filter(None, map(str.strip, str(sources).split(",")))) if sources else ARCHIVED,
        withdrawn=withdrawn,
        rate=PER_SECOND if rate is None else rate,
    )
    if dry_run:
        _print_estimate(estimate_archive(options), as_json=as_json)
        return Exit.DONE
    with progress_bar("Captures") as progress:
        outcome = collect_archive(options, progress)
    _print_outcome(outcome, as_json=as_json)
    return outcome.exit


def _print_estimate(estimate: "ArchiveEstimate", *, as_json: bool) -> None:
    from dontspy_data.collect.stats import in_words

    if as_json:
        print_json(
            {
                "outcome": "dry_run",
                "listed": estimate.listed,
                "requests": estimate.fetched,
                "seconds": estimate.seconds,
            }
        )
        return
    echo(
        f"{counted(estimate.listed, 'capture')} listed, {estimate.fetched:,} to fetch, "
        f"in about {in_words(estimate.seconds)}"
    )


def _print_outcome(outcome: "ArchiveOutcome", *, as_json: bool) -> None:
    if as_json:
        print_json(outcome.as_json())
        return
    for reason, captures in outcome.unusable.items():
        echo(f"Not used: {counted(captures, 'capture')}: {reason}", err=True)
    echo(
        f"{outcome.outcome.value.capitalize()}: {outcome.message} ({counted(outcome.listed, 'capture')} listed, "
        f"{outcome.confirmed:,} confirmed, {outcome.held:,} held before, {outcome.requests:,} requests): "
        f"{outcome.capture}"
    )
    if outcome.hint:
        echo(f"  {outcome.hint}", err=True)
