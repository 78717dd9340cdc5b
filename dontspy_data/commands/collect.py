"""`dontspy-data collect` and `import`: write the sources' answers, an archive's, or saved files to a capture."""

import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click
from click import get_current_context

from dontspy_data.commands.options import (
    Number,
    asking_options,
    fail_unchanged_option,
    lookups_option,
    names_in,
    options_from,
    withdrawals_option,
)
from dontspy_data.commands.output import answer, echo, finish, print_json, progress_bar, reporting, watching
from dontspy_data.errors import Exit, UsageError
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
@reporting
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

    withdrawn = read_withdrawals(withdrawals).people
    if archive is not None:
        exit_status = collect_from_archive(
            output, archive, archive_rate, withdrawn, dry_run=dry_run, as_json=as_json, **given
        )
        finish(exit_status, fail_unchanged=fail_unchanged)
    from dontspy_data.collect import collect as run
    from dontspy_data.model import codes

    with codes.using(codes.open_lookups(lookups)):
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
    """Print what a run would take and what each host answers; return whether a run could be complete."""
    from dontspy_data.collect.outcome import in_words
    from dontspy_data.collect.plan import check_options, estimate, seconds
    from dontspy_data.collect.run import exit_of, probe

    check_options(options)
    rows, answers = estimate(options), probe(options)
    if as_json:
        print_json(
            {
                "outcome": "dry_run",
                "requests": [row.as_json() for row in rows],
                "seconds": seconds(rows),
                "hosts": [one.as_json() for one in answers],
            }
        )
        return exit_of(answers)
    for row in rows:
        about = "" if row.exact else "about "
        echo(f"{row.endpoint.name:<10} {about + format(row.requests, ','):>12}  {row.endpoint.host}")
    echo(f"{'together':<10} {sum(row.requests for row in rows):>12,}  in about {in_words(seconds(rows))}")
    for answered in answers:
        endpoint = answered.request.endpoint
        echo(f"{endpoint.host} answers {endpoint.name}: {answered.found}")
    return exit_of(answers)


def _print_summary(outcome: "CollectOutcome") -> None:
    from dontspy_data.collect.outcome import in_words

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
    counts = (
        f"{counted(stats.requests, 'request')}, {stats.retries:,} of them repeated, {stats.received:,} bytes, "
        f"{in_words(outcome.seconds)}"
    )
    _print_end(outcome, counts)


def _print_end(outcome: "RunOutcome", counts: str) -> None:
    echo(f"{outcome.outcome.value.capitalize()}: {outcome.message} ({counts}): {outcome.capture}")
    if outcome.hint:
        echo(f"  {outcome.hint}", err=True)


def collect_from_archive(
    output: Path,
    name: str,
    rate: float | None,
    withdrawn: frozenset[int],
    *,
    dry_run: bool,
    as_json: bool,
    sources: str | None,
    mep_ids: tuple[int, ...],
    since: tuple[Path, ...],
    **others: object,
) -> Exit:
    """Collect from a web archive, or print what would be collected; return the exit status.

    Raises:
        UsageError: there is no such archive, or an option does not apply to it.
    """
    from dontspy_data.collect.archives import (
        ARCHIVED,
        PER_SECOND,
        ArchiveOptions,
        collect_archive,
        estimate_archive,
    )
    from dontspy_data.collect.outcome import in_words
    from dontspy_data.collect.replay import open_archive

    # An archive's index knows neither terms nor countries; `--resume-hours` always has a value.
    told = {name for name, value in others.items() if value and name != "resume_hours"}
    if unfit := [one.opts[0] for one in get_current_context().command.params if one.name in told]:
        raise UsageError(
            f"{', '.join(unfit)} cannot be used with a web archive",
            hint="Its index has only addresses and days: name people with --mep, or leave it out for everybody.",
        )
    options = ArchiveOptions(
        output,
        open_archive(name),
        mep_ids,
        since,
        names_in(sources) if sources else ARCHIVED,
        withdrawn,
        PER_SECOND if rate is None else rate,
    )
    if dry_run:
        found = estimate_archive(options)
        about = {"listed": found.listed, "requests": found.fetched, "seconds": found.seconds}
        listed = counted(found.listed, "capture")
        text = f"{listed} listed, {found.fetched:,} to fetch, in about {in_words(found.seconds)}"
        answer({"outcome": "dry_run", **about}, text, as_json=as_json)
        return Exit.DONE
    with progress_bar("Captures") as progress:
        outcome = collect_archive(options, progress)
    if as_json:
        print_json(outcome.as_json())
        return outcome.exit
    for reason, captures in outcome.unusable.items():
        echo(f"Not used: {counted(captures, 'capture')}: {reason}", err=True)
    kept = f"{outcome.confirmed:,} confirmed, {outcome.held:,} held before, {outcome.requests:,} requests"
    _print_end(outcome, f"{counted(outcome.listed, 'capture')} listed, {kept}")
    return outcome.exit


@click.command("import")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="The capture, NAME.warc.gz.")
@click.option("--template", is_flag=True, help="Write FOLDER/import.csv, for you to fill in.")
@reporting
def import_(folder: Path, output: Path | None, template: bool, as_json: bool) -> None:
    """Write a capture of portraits and pages that somebody has saved.

    FOLDER/import.csv says what each file is: `file,url,retrieved_at[,note]`. A file named after the Member's number,
    such as 9000001.jpg, needs only its day. Files that cannot be used are listed, each with its reason.

    \b
    Examples:
      dontspy-data import portraits-2023 --template
      dontspy-data import portraits-2023 --output portraits-2023.warc.gz
    """
    from dontspy_data.collect.imports import import_folder, write_template

    if template == (output is not None):
        raise UsageError(
            "an import writes either a template or a capture",
            hint="Give --template, or --output CAPTURE.warc.gz.",
        )
    if output is None:
        written = write_template(folder)
        text = f"{written}: fill in the days, and addresses where they are empty"
        answer({"outcome": "done", "list": written}, text, as_json=as_json)
        return
    imported = import_folder(folder, output)
    if as_json:
        print_json(imported.as_json())
        return
    for one in imported.rejected:
        where = f"line {one.line}, " if one.line else ""
        echo(f"Not used: {where}{one.file}: {one.reason}", err=True)
    echo(f"{imported.capture}: {counted(imported.files, 'file')}, {len(imported.rejected):,} not used")


if TYPE_CHECKING:
    from dontspy_data.collect.outcome import RunOutcome
