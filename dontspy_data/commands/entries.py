"""`dontspy-data entries`: contest entries, checked, ranked and described."""

import json
import sys
from dataclasses import asdict
from pathlib import Path

import rich_click as click

from dontspy_data.commands.shared import echo, errors_for_people, json_option, print_json
from dontspy_data.errors import Exit

release_option = click.option(
    "--release", required=True, type=click.Path(path_type=Path), help="Release to check against: its folder."
)
rules_option = click.option(
    "--rules",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.toml",
    help="The contest's own file: days and limits.  [default: contest.toml beside FILE, where there is one]",
)


@click.group()
def entries() -> None:
    """Check, rank and describe contest entries. Links only: no picture is read, stored or shown."""


@entries.command()
@click.argument("file", type=click.Path(path_type=Path))
@release_option
@rules_option
@json_option
@errors_for_people
def check(file: Path, release: Path, rules: Path | None, as_json: bool) -> None:
    """Say line by line what is wrong with the entries in FILE, and how to correct it.

    Ends with status 1 if anything is wrong.

    \b
    Example:
      dontspy-data entries check entries.csv --release out/package
    """
    from dontspy_data.contest.entries import checked_entries

    read, problems = checked_entries(file, release, rules)
    if as_json:
        outcome = "invalid" if problems else "done"
        print_json({"outcome": outcome, "problems": [asdict(problem) for problem in problems]})
    else:
        for problem in problems:
            echo(str(problem))
        verdict = (
            f"{len(problems):,} problems" if problems else f"{len(read.entries):,} entries, all in order"
        )
        echo(f"{file}: {verdict}")
    sys.exit(Exit.INVALID if problems else Exit.DONE)


@entries.command()
@click.argument("file", type=click.Path(path_type=Path))
@release_option
@rules_option
@json_option
@errors_for_people
def rank(file: Path, release: Path, rules: Path | None, as_json: bool) -> None:
    """Rank the entries in FILE by contest: most shares and likes first.

    Every check of `entries check` is made first, and a file with a problem is not ranked. Of entries with the same sum,
    the one published earlier ranks higher; on the same day, the one with the lower key.

    \b
    Example:
      dontspy-data entries rank entries.csv --release out/package
    """
    from dontspy_data.contest.entries import ranked_entries

    ranked = ranked_entries(file, release, rules)
    if as_json:
        print_json({"outcome": "done", "entries": [asdict(one) for one in ranked]})
        return
    for one in ranked:
        entry = one.entry
        echo(f"{entry.contest} {one.place}. {entry.title} ({entry.author}), {one.reach:,}: {entry.url}")


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
        echo(json.dumps(attachment.schema, ensure_ascii=False, indent=2))
