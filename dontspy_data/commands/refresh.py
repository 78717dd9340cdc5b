"""`dontspy-data refresh`: every step from collecting to a published release."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rich_click as click

from dontspy_data.commands.options import (
    asking_options,
    break_lock_option,
    fail_unchanged_option,
    is_from_file,
    lookups_option,
    options_from,
    verbose_option,
    withdrawals_option,
)
from dontspy_data.commands.output import (
    echo,
    finish,
    print_difference,
    print_error,
    print_json,
    print_notes,
    print_problems,
    progress_bars,
    reporting,
    watching,
)
from dontspy_data.errors import DontspyError, Exit, UsageError

if TYPE_CHECKING:
    from dontspy_data.collect import CollectOutcome
    from dontspy_data.pipeline.refresh import Refresh, Refreshed
    from dontspy_data.pipeline.report import RunRecord

PARTS = {"limit": "--limit", "mep_ids": "--mep", "countries": "--country"}
"""Options that leave people out."""
TOLD = "notes-told.txt"
"""Beside the captures: notes that were reported once. Delete it to see them again."""


@click.command()
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder of the package.")
@click.option("--target", help="Where to publish, see publish. Without it, nothing is released.")
@click.option(
    "--captures",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("captures"),
    show_default=True,
    help="Folder of captures; the package is built from all of them.",
)
@click.option("--sample", is_flag=True, help="Use the bundled fictional parliament and no network.")
@click.option("--dry-run", is_flag=True, help="Stop after the diff: release and publish nothing.")
@click.option(
    "--accept", metavar="REASON", help="Release even if it is below the floors; the reason is recorded."
)
@click.option("--purge-withdrawn", is_flag=True, help="Also remove what is withdrawn from earlier releases.")
@break_lock_option
@asking_options
@withdrawals_option
@lookups_option
@verbose_option
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.md|.json",
    help="Write what happened and what to do next; the first line can be a mail's subject.",
)
@fail_unchanged_option
@reporting
def refresh(
    *,
    output: Path,
    target: str | None,
    captures: Path,
    sample: bool,
    dry_run: bool,
    accept: str | None,
    purge_withdrawn: bool,
    break_lock: bool,
    withdrawals: Path | None,
    lookups: Path | None,
    verbose: bool,
    report: Path | None,
    fail_unchanged: bool,
    as_json: bool,
    **given: Any,
) -> None:
    """Collect, build, check, release and publish: one command for a scheduler.

    Each step runs only if the one before succeeded, so a failure leaves the last good release in place.
    Ends with status 0 if something was published or purged or nothing changed (4 with --fail-unchanged), 3 if a source
    refused, and 1 if a step failed or the new package is below the floors.

    \b
    Examples: every step without a network, and a maintainer's run
      dontspy-data refresh --sample --output out/sample
      dontspy-data refresh --output out/package --target s3://bucket/open-data-faces
    """
    from dontspy_data.model import codes
    from dontspy_data.pipeline.refresh import Refresh
    from dontspy_data.pipeline.report import RunRecord, check_report_path

    if sample and is_from_file("target"):
        target = None  # a fictional parliament must not be published where the real one is
    if target and not (accept or dry_run) and (part := [name for name in PARTS if given.get(name)]):
        raise UsageError(
            f"{', '.join(PARTS[name] for name in part)} leaves people out, and an incomplete dataset is not published",
            hint="Leave out --target, give --dry-run, or give --accept REASON.",
        )
    if report:
        check_report_path(report)
    plan = Refresh(
        output,
        target,
        withdrawals,
        accept,
        purge_withdrawn,
        break_lock,
        is_dry=dry_run,
        lookups=lookups,
        descriptions=None if sample else captures,
    )
    record = RunRecord(target=target)
    told = None if sample else captures / TOLD
    record.known_notes = _known_notes(told)
    with _reported(record, report):
        if not sample:
            with record.step("collect"), codes.using(codes.open_lookups(lookups)):
                record.collected = _collect(captures, withdrawals, **given)
        if record.collected is None or record.collected.is_complete:
            done = _refresh(None if sample else captures, plan, record)
    if record.collected and not record.collected.is_complete:
        _print_incomplete(record.collected, as_json=as_json)
        sys.exit(record.collected.exit)
    print_notes(done.built.notes if verbose else record.new_notes, verbose=verbose)
    print_problems(done.built, done.built.problems if verbose else record.new_problems, verbose=verbose)
    _remember_notes(told, record)
    if as_json:
        collected = record.collected.as_json() if record.collected else None
        print_json({**done.as_json(), "collected": collected})
    else:
        _print(done, target, dry_run=dry_run)
    if done.built.over_budget and not (target and accept):
        sys.exit(Exit.INVALID)
    finish(Exit.UNCHANGED if done.is_unchanged else Exit.DONE, fail_unchanged=fail_unchanged)


def _refresh(captures: Path | None, plan: "Refresh", record: "RunRecord") -> "Refreshed":
    """Build and publish from a folder of captures; None for the bundled one."""
    from dontspy_data import sample
    from dontspy_data.pipeline.refresh import captures_in, refresh
    from dontspy_data.portraits.engine import open_executor

    sources = captures_in(captures, "")[1] if captures else (sample.path(),)
    is_same = record.collected is not None and record.collected.exit is Exit.UNCHANGED
    workers = open_executor(None, None) if captures else nullcontext()
    with progress_bars("Portraits", "Purged releases") as (progress, purging), workers as executor:
        plan = replace(plan, sources_unchanged=is_same)
        return refresh(sources, plan, record, executor=executor, progress=progress, purging=purging)


@contextmanager
def _reported(record: "RunRecord", report: Path | None) -> Iterator[None]:
    """Write the report when the run ends, however it ends."""
    from dontspy_data.pipeline.report import write_report

    try:
        yield
    except DontspyError as error:
        record.error = error
        raise
    finally:
        if report:
            write_report(record, report)


def _known_notes(told: Path | None) -> frozenset[str]:
    """Return the notes that an earlier night reported."""
    return frozenset(told.read_text("utf-8").splitlines() if told and told.is_file() else ())


def _remember_notes(told: Path | None, record: "RunRecord") -> None:
    if told and record.new_notes:
        lines = sorted({*record.known_notes, *(note.what for note in record.new_notes)})
        told.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _collect(folder: Path, withdrawals: Path | None, **given: Any) -> "CollectOutcome":
    """Collect into a new capture."""
    from dontspy_data.collect import collect
    from dontspy_data.model.withdrawals import read_withdrawals
    from dontspy_data.pipeline.refresh import captures_in

    folder.mkdir(parents=True, exist_ok=True)
    capture, earlier = captures_in(folder, datetime.now(UTC).date().isoformat())
    since = (*earlier, *given.pop("since"))
    options = options_from(capture, since=since, withdrawn=read_withdrawals(withdrawals).people, **given)
    with watching() as watch:
        outcome = collect(options, watch)
    if outcome.is_complete:
        for warning in outcome.warnings:
            echo(f"Warning: {warning}", err=True)
    return outcome


def _print_incomplete(outcome: "CollectOutcome", *, as_json: bool) -> None:
    if as_json:
        about = {"outcome": outcome.outcome.value, "error": outcome.message, "hint": outcome.hint}
        print_json({**about, "collect": outcome.as_json()})
    else:
        print_error(outcome.message, outcome.hint)


def _print(done: "Refreshed", target: str | None, *, dry_run: bool) -> None:
    echo(f"Built {done.built.folder}: {done.built.summary()}")
    if done.published:
        echo(done.published.summary())
    elif done.difference and done.difference.is_unchanged:
        echo(f"Nothing changed since the latest release at {target}")
        if done.purged:
            echo(f"Removed what is withdrawn from {', '.join(done.purged)}")
    elif done.difference and dry_run:
        print_difference(done.difference)
