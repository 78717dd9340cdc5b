"""`dontspy-data entries`: contest entries, checked, ranked and described."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import rich_click as click

from dontspy_data.commands.shared import errors_for_people, json_option, print_json
from dontspy_data.errors import DontspyError, Exit

release_option = click.option(
    "--release", required=True, type=click.Path(path_type=Path), help="Release to check against: its folder."
)


@click.group()
def entries() -> None:
    """Check, rank and describe contest entries. Links only: no picture is read, stored or shown."""


@entries.command()
@click.argument("file", type=click.Path(path_type=Path))
@release_option
@json_option
@errors_for_people
def check(file: Path, release: Path, as_json: bool) -> None:
    """Say line by line what is wrong with the entries in FILE, and how to correct it.

    Ends with status 1 if anything is wrong.

    \b
    Example:
      dontspy-data entries check entries.csv --release out/package
    """
    from dontspy_data.contest.entries import check_entries, read_entries, read_release

    known = read_release(release)
    read = read_entries(file)
    problems = check_entries(read, known, file.parent)
    if as_json:
        outcome = "invalid" if problems else "done"
        print_json({"outcome": outcome, "problems": [asdict(problem) for problem in problems]})
    else:
        for problem in problems:
            click.echo(str(problem))
        verdict = (
            f"{len(problems):,} problems" if problems else f"{len(read.entries):,} entries, all in order"
        )
        click.echo(f"{file}: {verdict}")
    sys.exit(Exit.INVALID if problems else Exit.DONE)


@entries.command()
@click.argument("file", type=click.Path(path_type=Path))
@json_option
@errors_for_people
def rank(file: Path, as_json: bool) -> None:
    """Rank the entries in FILE by contest: most shares and likes first.

    Of entries with the same sum, the one published earlier ranks higher; on the same day, the one with the lower key.

    \b
    Example:
      dontspy-data entries rank entries.csv
    """
    from dontspy_data.contest.entries import rank as rank_entries
    from dontspy_data.contest.entries import read_entries

    read = read_entries(file)
    if read.problems:
        raise DontspyError(
            f"{file} has lines that cannot be ranked, the first: {read.problems[0]}",
            hint=f"See them all with: dontspy-data entries check {file} --release FOLDER",
        )
    ranked = rank_entries(read.entries)
    if as_json:
        print_json({"outcome": "done", "entries": [asdict(one) for one in ranked]})
        return
    for one in ranked:
        entry = one.entry
        click.echo(f"{entry.contest} {one.place}. {entry.title} ({entry.author}), {one.reach:,}: {entry.url}")


@entries.command()
@click.argument("table", type=click.Path(path_type=Path))
@release_option
@json_option
@errors_for_people
def describe(table: Path, release: Path, as_json: bool) -> None:
    """Check an enrichment TABLE (CSV or Parquet) and print the Table Schema inferred for it.

    Its rows must be keyed by mep_id or portrait_id, with values of the release.

    \b
    Example:
      dontspy-data entries describe smiles.csv --release out/package > smiles.schema.json
    """
    from dontspy_data.contest.attachments import read_attachment
    from dontspy_data.contest.entries import read_release

    attachment = read_attachment(table.parent, table.name, read_release(release))
    if as_json:
        print_json({"outcome": "done", **asdict(attachment)})
    else:
        click.echo(json.dumps(attachment.schema, ensure_ascii=False, indent=2))
