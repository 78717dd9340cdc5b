"""`dontspy-data publish` and `releases`: to a target, and what is there."""

import json
from pathlib import Path

import rich_click as click

from dontspy_data.commands.shared import (
    break_lock_option,
    echo,
    errors_for_people,
    fail_unchanged_option,
    finish,
    json_option,
    print_json,
    progress_bar,
)
from dontspy_data.errors import Exit

sandbox_option = click.option("--sandbox", is_flag=True, help="Use Zenodo's sandbox instead of Zenodo.")


@click.command()
@click.argument("release", type=click.Path(path_type=Path))
@click.argument("target")
@click.option(
    "--purge-withdrawn",
    is_flag=True,
    help="Also remove what is withdrawn from earlier releases at the target.",
)
@break_lock_option
@sandbox_option
@fail_unchanged_option
@json_option
@errors_for_people
def publish(
    *,
    release: Path,
    target: str,
    purge_withdrawn: bool,
    break_lock: bool,
    sandbox: bool,
    fail_unchanged: bool,
    as_json: bool,
) -> None:
    """Publish a release: every file, verified by its digest, and then the ledger.

    If the release is there already, missing or damaged files are put back.

    TARGET is a folder, s3://BUCKET/PATH, hf://datasets/OWNER/NAME, or zenodo:RECORD (zenodo:new for the first).
    Readers never see a half-published release.
    Secrets come from the environment or the provider's own settings (AWS_…, HF_TOKEN, ZENODO_TOKEN).

    \b
    Examples:
      dontspy-data publish out/releases/1.0.0 /srv/open-data-faces
      dontspy-data publish out/releases/1.0.0 s3://bucket/open-data-faces
    """
    from dontspy_data.publish.publish import publish as run
    from dontspy_data.targets.open import open_target

    place = open_target(target, sandbox=sandbox)
    with progress_bar("Purged releases") as progress:
        published = run(
            release, place, purge_withdrawn=purge_withdrawn, break_lock=break_lock, progress=progress
        )
    if as_json:
        print_json({"target": place.url, **published.as_json()})
    else:
        echo(published.summary())
    finish(Exit.DONE if published.changed else Exit.UNCHANGED, fail_unchanged=fail_unchanged)


@click.command()
@click.argument("target")
@sandbox_option
@json_option
@errors_for_people
def releases(target: str, sandbox: bool, as_json: bool) -> None:
    """List the releases that are published at a target.

    \b
    Example:
      dontspy-data releases s3://bucket/open-data-faces
    """
    from dontspy_data.targets.open import open_target

    ledger = open_target(target, sandbox=sandbox).ledger()
    if as_json:
        print_json({"outcome": "done", **json.loads(ledger.to_json())})
        return
    for one in ledger.releases:
        marks = [f"withdrew {len(one.withdrew)}" if one.withdrew else "", "purged" if one.purged else ""]
        marks.append(f"accepted: {one.accepted}" if one.accepted else "")
        notes = "".join(f"  {mark}" for mark in marks if mark)
        rows = f"{one.counts['meps']:>7,} people  " if "meps" in one.counts else ""
        echo(f"{one.version:<10} {one.date}  {rows}{one.bytes / 1e6:>8.1f} MB{notes}")
