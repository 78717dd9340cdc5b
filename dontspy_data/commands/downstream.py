"""Downstream of a release: `audit` by face software, `entries` to the contests, and the `site`."""

import json
import tempfile
from contextlib import nullcontext
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import rich_click as click

from dontspy_data.commands.options import WholeNumber, lookups_option, names_in, workers_options
from dontspy_data.commands.output import answer, echo, end_check, progress_bar, reporting
from dontspy_data.errors import UsageError
from dontspy_data.model.texts import counted


def _names(_ctx: click.Context, _param: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    """Split names separated by commas; `none` stands for no names."""
    return None if value is None else () if value == "none" else names_in(value)


@click.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option("-m", "--model", "models", multiple=True, help="Model to run; repeatable.")
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder of the audit.")
@click.option(
    "--settings",
    "settings_file",
    type=click.Path(path_type=Path),
    metavar="audit.toml",
    help="File that says all of this; every audit holds one. Options on the command line come first.",
)
@click.option(
    "--boxes",
    type=click.Choice(["model", "package"]),
    help="Let each model find the face itself (the default), or give it the package's box.",
)
@click.option(
    "--variants",
    callback=_names,
    metavar="NAME,NAME",
    help="Changed copies of each portrait: names separated by commas, or none. By default all.",
)
@click.option(
    "--choices",
    callback=_names,
    metavar="NAME,NAME",
    help="Deviations from the documented use to try as well: names separated by commas, or none. By default all.",
)
@click.option(
    "--redetect",
    is_flag=True,
    default=None,
    help="Let models look for the face again in every changed copy, which takes several times as long.",
)
@click.option(
    "--day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Use the portraits that were shown on that day instead of the current ones.",
)
@click.option("--sample", type=WholeNumber(min=1), help="Use only this many portraits, drawn by --seed.")
@click.option("--seed", type=int, help="Decides which portraits are drawn.")
@workers_options("run the models")
@reporting
def audit(
    package: Path,
    *,
    models: tuple[str, ...],
    output: Path,
    settings_file: Path | None,
    boxes: str | None,
    day: datetime | None,
    workers: int | None,
    scheduler: str | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Run face software on a package's portraits and compare its guesses with the official facts.

    Guesses of age, gender and expression only; nobody is identified. The package is only read. Writes the
    tables attributions and attribution_errors, audit.md and audit.html to OUTPUT. If a run is stopped,
    the same command resumes it.

    \b
    Examples:
      dontspy-data audit out/package --model face-api --model human --output out/audit
      dontspy-data audit out/package --settings out/audit/audit.toml --output out/again
    """
    from dontspy_data.audit.model import BoxSource, installed_models, open_model
    from dontspy_data.audit.run import audit_package
    from dontspy_data.audit.settings import Settings, check_settings, read_settings
    from dontspy_data.portraits.engine import open_executor

    options |= {"models": models or None, "boxes": boxes and BoxSource(boxes), "day": day and day.date()}
    given = {name: value for name, value in options.items() if value is not None}
    settings = check_settings(replace(read_settings(settings_file) if settings_file else Settings(), **given))
    if not settings.models:
        raise UsageError(
            "no model is named",
            hint=f"Name one or several with --model. There are: {', '.join(installed_models())}.",
        )
    opened = [open_model(name) for name in dict.fromkeys(settings.models)]
    # One worker means this process: a second one would only load everything again.
    pool = nullcontext() if workers == 1 and not scheduler else open_executor(workers, scheduler)
    with progress_bar("Portraits") as progress, pool as executor:
        audited = audit_package(package, output, opened, settings, executor=executor, progress=progress)
    counts = f"{counted(audited.attributions, 'attribution')} of {counted(audited.portraits, 'portrait')}"
    answer(
        {"outcome": "done", **asdict(audited)},
        "\n".join([*audited.findings, f"Wrote {output}: {counts}"]),
        as_json=as_json,
        hint=f"Next: read {output / 'audit.html'}",
    )


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
    """List line by line what is wrong with the entries in FILE, and how to correct it.

    Ends with status 1 if anything is wrong.

    \b
    Example:
      dontspy-data entries check entries.csv --release out/package
    """
    from dontspy_data.contest.entries import checked_entries

    read, problems = checked_entries(file, release, rules)
    whole = f"{counted(len(read.entries), 'entry')}, all valid"
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
    help="Maps a column of the form to one of the entries; columns of the same name need no mapping.",
)
@click.option(
    "--set",
    "constants",
    multiple=True,
    metavar="COLUMN=VALUE",
    help="A value for every row; {n} stands for the number of the row.",
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
        raise UsageError(f"{option} {text!r} does not have two sides", hint=f"Write it like {option} 'A=B'.")
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


@click.command()
@click.argument("release", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder of the site.")
@click.option(
    "--audit", type=click.Path(path_type=Path), metavar="FOLDER", help="An audit of this release, to include."
)
@click.option(
    "--entries", type=click.Path(path_type=Path), metavar="FILE", help="Contest entries, for the rankings."
)
@click.option(
    "--rules",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE.toml",
    help="The contests' own file: days, prizes, where to enter.  [default: contest.toml beside the entries]",
)
@click.option(
    "--address",
    default="",
    metavar="URL",
    help="Address that the site will have (https://…); cards, canonical links and the sitemap need it.",
)
@workers_options("make small pictures")
@click.option("--serve", is_flag=True, help="Serve the site on this machine when it is complete.")
@click.option(
    "--port",
    type=WholeNumber(0, 65535),
    default=8000,
    show_default=True,
    help="Port to serve on; 0 for any free one.",
)
@lookups_option
@reporting
def site(
    *,
    release: Path,
    output: Path | None,
    audit: Path | None,
    entries: Path | None,
    rules: Path | None,
    address: str,
    workers: int | None,
    scheduler: str | None,
    serve: bool,
    port: int,
    lookups: Path | None,
    as_json: bool,
) -> None:
    """Make a site from a release or package: static files that any server can host.

    OUTPUT is replaced when the new site is complete. With --serve alone, the site is made in a temporary folder.

    \b
    Example: look at the bundled sample on this machine
      dontspy-data refresh --sample --output out/sample
      dontspy-data site out/sample --output out/site --serve
    """
    from dontspy_data.model import codes
    from dontspy_data.portraits.engine import open_executor
    from dontspy_data.site.build import build_site
    from dontspy_data.site.build import serve as serve_site

    if output is None and not serve:
        raise UsageError("the site has no folder", hint="Name a folder with --output, or give --serve.")
    with tempfile.TemporaryDirectory(prefix="dontspy-site-") as temporary:
        own = codes.open_lookups(lookups)
        with codes.using(own), open_executor(workers, scheduler) as executor:
            built = build_site(
                release,
                output or Path(temporary) / "site",
                audit=audit,
                entries=entries,
                rules=rules,
                address=address,
                executor=executor,
            )
        text = (
            f"Made {built.folder}: {built.people:,} people, {built.files:,} files, {built.bytes / 1e6:.1f} MB"
        )
        answer(built.as_json(), text, as_json=as_json)
        if not address:
            echo(
                "Warning: without --address there are no canonical links and no sitemap, and social networks show no "
                "cards, since they need full addresses.",
                err=True,
            )
        if serve:
            serve_site(built.folder, port, lambda text: echo(text, err=True))
