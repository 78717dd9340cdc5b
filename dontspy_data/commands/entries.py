"""`dontspy-data entries`: contest entries, checked, ranked and described."""

import json
from dataclasses import asdict
from pathlib import Path

import rich_click as click

from dontspy_data.commands.output import answer, echo, end_check, reporting
from dontspy_data.errors import UsageError
from dontspy_data.model.texts import counted

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
@reporting
def check(file: Path, release: Path, rules: Path | None, as_json: bool) -> None:
    """Say line by line what is wrong with the entries in FILE, and how to correct it.

    Ends with status 1 if anything is wrong.

    \b
    Example:
      dontspy-data entries check entries.csv --release out/package
    """
    from dontspy_data.contest.entries import checked_entries

    read, problems = checked_entries(file, release, rules)
    whole = f"{counted(len(read.entries), 'entry')}, all in order"
    verdict = counted(len(problems), "problem") if problems else whole
    end_check(
        {"problems": [asdict(problem) for problem in problems]},
        [*map(str, problems), f"{file}: {verdict}"],
        as_json=as_json,
    )


@entries.command()
@click.argument("file", type=click.Path(path_type=Path))
@release_option
@rules_option
@reporting
def rank(file: Path, release: Path, rules: Path | None, as_json: bool) -> None:
    """Rank the entries in FILE by contest: most shares and likes first, or as the contest's file weighs a jury.

    Every check of `entries check` is made first, and a file with a problem is not ranked. Of entries with the same sum,
    the one published earlier ranks higher; on the same day, the one with the lower key.

    \b
    Example:
      dontspy-data entries rank entries.csv --release out/package
    """
    from dontspy_data.contest.entries import ranked_entries

    ranked = ranked_entries(file, release, rules)
    lines = []
    for one in ranked:
        entry = one.entry
        score = "" if one.score is None else f", jury {entry.jury_score}, together {one.score}"
        place = f"{entry.contest} {one.place}. {entry.title} ({entry.author})"
        lines.append(f"{place}, {one.reach:,}{score}: {entry.url}")
    about = {"outcome": "done", "entries": [asdict(one) for one in ranked]}
    answer(about, "\n".join(lines), as_json=as_json)


@entries.command("import")
@click.argument("form", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="File of entries to write."
)
@click.option(
    "--map",
    "columns",
    multiple=True,
    metavar="FORM'S COLUMN=COLUMN",
    help="Which column of the form is which of the entries; those of the same name need no mapping.",
)
@click.option(
    "--set",
    "constants",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="A value for every row; {n} in it is the number of the row.",
)
@click.option(
    "--dates", type=click.Choice(["dmy", "mdy"]), help="Order of days such as 31/05/2023; ISO days need none."
)
@reporting
def import_(
    *,
    form: Path,
    output: Path,
    columns: tuple[str, ...],
    constants: tuple[str, ...],
    dates: str | None,
    as_json: bool,
) -> None:
    """Turn the export of a spreadsheet or web form (CSV or XLSX) into a file of entries.

    Semicolons and tabs, UTF-16 and Windows-1252, blank rows, "1,234" and days in a declared order are read. If a cell
    can be read in two ways, or none, it is listed with its line, nothing is written, and the exit status is 1.

    \b
    Example:
      dontspy-data entries import form.csv --output entries.csv --map "Link=url" --set contest=fakeface
    """
    from dontspy_data.contest.forms import FormMap, import_form

    mapped = {to: name for name, to in (_pair("--map", text) for text in columns)}
    found = import_form(form, FormMap(mapped, dict(_pair("--set", text) for text in constants), dates))
    if not found.problems:
        output.write_text(found.to_csv(), encoding="utf-8", newline="")
    if found.unused and not as_json:
        echo(f"Not used: {', '.join(found.unused)}", err=True)
    problems = [asdict(problem) for problem in found.problems]
    nothing = f"{form}: {counted(len(problems), 'problem')}: nothing was written"
    end_check(
        {"entries": len(found.rows), "unused": found.unused, "problems": problems},
        [
            *map(str, found.problems),
            nothing if problems else f"Wrote {counted(len(found.rows), 'entry')} to {output}",
        ],
        as_json=as_json,
    )


def _pair(option: str, text: str) -> tuple[str, str]:
    name, sign, value = text.rpartition("=") if option == "--map" else text.partition("=")
    if not sign or not name:
        raise UsageError(f"{option} {text!r} has no two sides", hint=f"Write it like {option} 'A=B'.")
    return name.strip(), value.strip()


@entries.command()
@click.argument("table", type=click.Path(path_type=Path))
@release_option
@reporting
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
    schema = json.dumps(attachment.schema, ensure_ascii=False, indent=2)
    answer({"outcome": "done", **asdict(attachment)}, schema, as_json=as_json)
