"""`dontspy-data collect`: the sources' answers to a capture."""

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from dontspy_data.commands.archive import collect_from_archive
from dontspy_data.commands.asking import asking_options, options_from
from dontspy_data.commands.shared import (
    Number,
    echo,
    errors_for_people,
    fail_unchanged_option,
    finish,
    json_option,
    lookups_folder,
    lookups_option,
    print_json,
    withdrawals_file,
    withdrawals_option,
)
from dontspy_data.model.texts import counted

if TYPE_CHECKING:
    from dontspy_data.collect import CollectOptions, CollectOutcome
    from dontspy_data.errors import Exit


@click.command()
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="The capture, NAME.warc.gz."
)
@click.option(
    "--from",
    "archive",
    metavar="wayback|URL",
    help="Ask a web archive instead: the Wayback Machine, or a pywb collection or CDX index by its address.",
)
@click.option("--archive-rate", type=Number(min=0), help="Requests per second to the archive.  [default: 1]")
@asking_options
@withdrawals_option
@lookups_option
@click.option(
    "--dry-run",
    is_flag=True,
    help="Show what would be requested and how long it would take, and ask each host for one page.",
)
@click.option("-v", "--verbose", is_flag=True, help="Log every fault.")
@fail_unchanged_option
@json_option
@errors_for_people
def collect(
    *,
    output: Path,
    archive: str | None,
    archive_rate: float | None,
    withdrawals: Path | None,
    lookups: Path | None,
    dry_run: bool,
    verbose: bool,
    fail_unchanged: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Collect the sources' answers into a capture, politely.

    Each answer is written to OUTPUT.part when it arrives. If a run is stopped, refused or killed, the same command
    resumes it. A rate of 0 means no limit, for a server of your own (--via).

    \b
    Examples:
      dontspy-data collect --output 2026-01.warc.gz
      dontspy-data collect --output 2026-02.warc.gz --since 2026-01.warc.gz
      dontspy-data collect --output one.warc.gz --mep 9000001 --dry-run
      dontspy-data collect --output archived.warc.gz --from wayback --sources portraits --dry-run
    """
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO if verbose else logging.WARNING, format="%(message)s"
    )
    from dontspy_data.model.withdrawals import read_withdrawals

    withdrawn = read_withdrawals(withdrawals_file(withdrawals)).people
    if archive is not None:
        exit_status = collect_from_archive(
            output, archive, archive_rate, withdrawn, dry_run=dry_run, as_json=as_json, **given
        )
        finish(exit_status, fail_unchanged=fail_unchanged)
    from dontspy_data.collect import collect as run
    from dontspy_data.collect.stats import watching
    from dontspy_data.model import codes

    with codes.using(codes.open_lookups(lookups_folder(lookups))):
        options = options_from(output, withdrawn=withdrawn, **given)
        if dry_run:
            sys.exit(_print_estimate(options, as_json=as_json))
        with watching() as watch:
            outcome = run(options, watch)
    if as_json:
        print_json(outcome.as_json())
    else:
        _print_summary(outcome)
    finish(outcome.exit, fail_unchanged=fail_unchanged)


def _print_estimate(options: "CollectOptions", *, as_json: bool) -> "Exit":
    """Say what a run would take and what each host answers; return whether a run could be whole."""
    from dontspy_data.collect.options import check_options
    from dontspy_data.collect.plan import estimate, seconds
    from dontspy_data.collect.probe import exit_of, probe
    from dontspy_data.collect.stats import in_words

    check_options(options)
    rows, answers = estimate(options), probe(options)
    if as_json:
        print_json(
            {
                "outcome": "dry_run",
                "requests": [row.as_json() for row in rows],
                "seconds": seconds(rows),
                "hosts": [answer.as_json() for answer in answers],
            }
        )
        return exit_of(answers)
    for row in rows:
        about = "" if row.exact else "about "
        echo(f"{row.endpoint.name:<10} {about + format(row.requests, ','):>12}  {row.host}")
    echo(f"{'together':<10} {sum(row.requests for row in rows):>12,}  in about {in_words(seconds(rows))}")
    for answer in answers:
        endpoint = answer.request.endpoint
        echo(f"{endpoint.host} answers {endpoint.name}: {answer.said}")
    return exit_of(answers)


def _print_summary(outcome: "CollectOutcome") -> None:
    from dontspy_data.collect.stats import in_words

    stats = outcome.stats
    for kind, count in stats.endpoints.items():
        parts = {
            "stored": count.stored,
            "unchanged": count.unchanged,
            "absent": count.absent,
            "held before": count.held,
            "missing": count.missing,
            "not asked": count.not_asked,
        }
        said = ", ".join(f"{number:,} {word}" for word, number in parts.items() if number)
        echo(f"{kind.name:<10} {said}")
    if stats.faults:
        faults = (f"{number:,} {fault.value.replace('_', ' ')}" for fault, number in stats.faults.items())
        echo(f"{'faults':<10} {', '.join(faults)}")
    for warning in outcome.warnings:
        echo(f"Warning: {warning}", err=True)
    echo(
        f"{outcome.outcome.value.capitalize()}: {outcome.message} ({counted(stats.requests, 'request')}, "
        f"{stats.retries:,} of them again, {stats.received:,} bytes, {in_words(outcome.seconds)}): {outcome.capture}"
    )
    if outcome.hint:
        echo(f"  {outcome.hint}", err=True)
