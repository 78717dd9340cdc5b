"""`dontspy-data collect`: the sources' answers to a capture."""

import logging
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from dontspy_data.commands.shared import errors_for_people, json_option, print_json

if TYPE_CHECKING:
    from dontspy_data.collect import CollectOptions, CollectOutcome


@click.command()
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="The capture, NAME.warc.gz."
)
@click.option("--via", metavar="URL", help="Send every request to this server; the Host header is kept.")
@click.option(
    "--term", "terms", type=int, multiple=True, help="Parliamentary term; by default the current one."
)
@click.option("--all-terms", is_flag=True, help="Every term since 1979.")
@click.option("--country", "countries", multiple=True, help="Only members for this country (ISO code: GR).")
@click.option("--mep", "mep_ids", type=int, multiple=True, metavar="ID", help="Only this person; no lists.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many people, lowest id first.")
@click.option("--sources", metavar="NAME,…", help="Sources to ask.  [default: ep_api,portraits]")
@click.option("--fallback", is_flag=True, help="Public lists and profiles, where the API refuses or is down.")
@click.option(
    "--since",
    multiple=True,
    type=click.Path(path_type=Path, exists=True),
    metavar="CAPTURE|PACKAGE",
    help="Transfer only what has changed since.",
)
@click.option("--ignore-noai", is_flag=True, help="Collect portraits marked `noai` or `noimageai` too.")
@click.option("--api-rate", type=click.FloatRange(min=0), help="Requests a second and endpoint of the API.")
@click.option("--www-rate", type=click.FloatRange(min=0), help="Requests a second to the website.")
@click.option("--dry-run", is_flag=True, help="Say what would be asked for and how long it would take.")
@click.option("-v", "--verbose", is_flag=True, help="Log every fault.")
@json_option
@errors_for_people
def collect(dry_run: bool, verbose: bool, as_json: bool, **given: Any) -> None:
    """Ask the sources politely and write what they answer to a capture.

    Answers are on disk as they come, in OUTPUT.part: a run that is stopped, refused or killed goes on where it
    stopped when the same command is given again. A rate of 0 is no limit, for a server of your own (--via).

    \b
    Examples:
      dontspy-data collect --output 2026-01.warc.gz
      dontspy-data collect --output 2026-02.warc.gz --since 2026-01.warc.gz
      dontspy-data collect --output one.warc.gz --mep 9000001 --dry-run
    """
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO if verbose else logging.WARNING, format="%(message)s"
    )
    options = _options(**given)
    if dry_run:
        _print_estimate(options, as_json=as_json)
        return
    from dontspy_data.collect import collect as run
    from dontspy_data.collect.progress import watching

    signal.signal(signal.SIGTERM, signal.default_int_handler)  # A scheduler's stop is like Ctrl-C.
    with watching() as watch:
        outcome = run(options, watch)
    if as_json:
        print_json(outcome.as_json())
    else:
        _print_summary(outcome)
    sys.exit(outcome.exit)


def _options(
    terms: tuple[int, ...],
    all_terms: bool,
    countries: tuple[str, ...],
    sources: str | None,
    api_rate: float | None,
    www_rate: float | None,
    **given: Any,
) -> "CollectOptions":
    from dontspy_data.collect import CollectOptions, Rates
    from dontspy_data.collect.options import CURRENT_TERM, DEFAULT_SOURCES

    usual = Rates()
    return CollectOptions(
        terms=tuple(range(1, CURRENT_TERM + 1)) if all_terms else terms or (CURRENT_TERM,),
        countries=frozenset(code.upper() for code in countries),
        sources=tuple(filter(None, sources.split(","))) if sources is not None else DEFAULT_SOURCES,
        rates=Rates(
            api=usual.api if api_rate is None else api_rate, www=usual.www if www_rate is None else www_rate
        ),
        **given,
    )


def _print_estimate(options: "CollectOptions", *, as_json: bool) -> None:
    from dataclasses import asdict

    from dontspy_data.collect.estimate import estimate, seconds
    from dontspy_data.collect.options import check_options
    from dontspy_data.collect.progress import in_words

    check_options(options)
    rows = estimate(options)
    if as_json:
        print_json(
            {"outcome": "dry_run", "requests": [asdict(row) for row in rows], "seconds": seconds(rows)}
        )
        return
    for row in rows:
        about = "" if row.exact else "about "
        click.echo(f"{row.kind.value:<10} {about + format(row.requests, ','):>12}  {row.host}")
    click.echo(
        f"{'together':<10} {sum(row.requests for row in rows):>12,}  in about {in_words(seconds(rows))}"
    )


def _print_summary(outcome: "CollectOutcome") -> None:
    from dontspy_data.collect.progress import in_words

    tally = outcome.tally
    for kind, count in tally.kinds.items():
        parts = {
            "stored": count.stored,
            "unchanged": count.unchanged,
            "absent": count.absent,
            "held before": count.held,
            "missing": count.missing,
            "not asked": count.not_asked,
        }
        said = ", ".join(f"{number:,} {word}" for word, number in parts.items() if number)
        click.echo(f"{kind.value:<10} {said}")
    if tally.faults:
        faults = (f"{number:,} {verdict.value.replace('_', ' ')}" for verdict, number in tally.faults.items())
        click.echo(f"{'faults':<10} {', '.join(faults)}")
    for warning in outcome.warnings:
        click.echo(f"Warning: {warning}", err=True)
    click.echo(
        f"{outcome.outcome.value.capitalize()}: {outcome.message} ({tally.requests:,} requests, "
        f"{tally.retries:,} of them again, {tally.received:,} bytes, {in_words(outcome.seconds)}): {outcome.capture}"
    )
    if outcome.hint:
        click.echo(f"  {outcome.hint}", err=True)
