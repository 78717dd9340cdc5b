"""Releases: `diff` and `release` from packages, `publish`, `releases` and `verify` at a target, `get` from there.

`notebooks` copies the notebooks that start from a release.
"""

import json
import shutil
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, cast

import rich_click as click

from dontspy_data.commands.options import break_lock_option, fail_unchanged_option, lookups_option
from dontspy_data.commands.output import (
    answer,
    echo,
    end_check,
    finish,
    headline,
    print_difference,
    print_json,
    progress_bar,
    reporting,
)
from dontspy_data.errors import Exit, UsageError
from dontspy_data.model.schema import shipped_file
from dontspy_data.model.texts import counted

bump_option = click.option(
    "--bump",
    type=click.Choice(["patch", "minor", "major"]),
    help="Raise at least this part of the version; by default the part that the changes require.",
)


@click.command()
@click.argument("package", type=click.Path(path_type=Path))
@click.option("-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder of the release.")
@click.option(
    "--previous",
    metavar="RELEASE|TARGET[@VERSION]",
    help="The previous release: its folder, or a target's, by default the latest. Omit for the first release.",
)
@bump_option
@click.option(
    "--accept", metavar="REASON", help="Release even if it is below the floors; the reason is recorded."
)
@fail_unchanged_option
@reporting
def release(
    *,
    package: Path,
    output: Path,
    previous: str | None,
    bump: str | None,
    accept: str | None,
    fail_unchanged: bool,  # noqa: ARG001  reporting reads it
    as_json: bool,
) -> None:
    """Check a package and make a release of it: version, changelog, delta and every format.

    The version follows from what changed; if nothing did, no release is made. Ends with status 1 if the package
    is below the `floors` in datapackage.json.

    \b
    Example: the first release, and the next one
      dontspy-data release out/package --output out/releases/1.0.0
      dontspy-data release out/package --previous out/releases/1.0.0 --output out/releases/next
    """
    from dontspy_data.check.check import require_valid
    from dontspy_data.publish.publish import release_before
    from dontspy_data.release.release import release_package
    from dontspy_data.release.version import Level

    require_valid(
        package, name=str(package), hint=f"See everything that is wrong: dontspy-data check {package}"
    )
    with release_before(previous) as before:
        made = release_package(
            package, before, output, raised=Level[bump.upper()] if bump else None, accept=accept
        )
    answer(
        {"outcome": "changed", "release": output, **made.as_json()},
        f"Released {made.version} in {output}",
        as_json=as_json,
        hint=f"Next: dontspy-data publish {output} TARGET",
    )


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", type=click.Path(path_type=Path))
@bump_option
@click.option("--markdown", is_flag=True, help="Print Markdown, for a pull request.")
@reporting
def diff(old: str, new: Path, bump: str | None, markdown: bool, as_json: bool) -> None:
    """Show what changed from a release to a package, and which version that makes.

    OLD is a release's folder or TARGET[@VERSION], by default the latest there; NEW is a package.

    \b
    Example:
      dontspy-data diff out/releases/1.0.0 out/package
    """
    from dontspy_data.package.open import open_package
    from dontspy_data.publish.publish import release_before
    from dontspy_data.release.changelog import markdown as as_markdown
    from dontspy_data.release.release import difference
    from dontspy_data.release.version import Level

    with release_before(old) as before:
        found = difference(
            open_package(before) if before else None, open_package(new), Level[bump.upper()] if bump else None
        )
    if as_json:
        print_json({"outcome": "unchanged" if found.is_unchanged else "changed", **found.as_json()})
        return
    if markdown:
        title, *worse = headline(found)
        lines = [f"## {title}", "", *(f"**{line}**\n" for line in worse), *as_markdown(found.sections)]
        echo("\n".join(lines))
    else:
        print_difference(found)


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
@reporting
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

    If the release is published already, missing or damaged files are restored.

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
    answer({"target": place.url, **published.as_json()}, published.summary(), as_json=as_json)
    finish(Exit.DONE if published.changed else Exit.UNCHANGED, fail_unchanged=fail_unchanged)


@click.command()
@click.argument("target")
@sandbox_option
@reporting
def releases(target: str, sandbox: bool, as_json: bool) -> None:
    """List the releases that are published at a target.

    \b
    Example:
      dontspy-data releases s3://bucket/open-data-faces
    """
    from dontspy_data.targets.open import open_target

    ledger = open_target(target, sandbox=sandbox).ledger()
    lines = []
    for one in ledger.releases:
        marks = [f"withdrew {len(one.withdrew)}" if one.withdrew else "", "purged" if one.purged else ""]
        marks.append(f"accepted: {one.accepted}" if one.accepted else "")
        notes = "".join(f"  {mark}" for mark in marks if mark)
        rows = f"{one.counts['meps']:>7,} people  " if "meps" in one.counts else ""
        lines.append(f"{one.version:<10} {one.date}  {rows}{one.bytes / 1e6:>8.1f} MB{notes}")
    answer({"outcome": "done", **json.loads(ledger.to_json())}, "\n".join(lines), as_json=as_json)


@click.command()
@click.argument("release", metavar="(TARGET|FOLDER)[@VERSION]")
@click.option(
    "--rebuild",
    "captures",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="CAPTURE",
    help="Also rebuild it from this capture (repeatable) and compare every byte.",
)
@click.option(
    "--previous",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The previous release, to rebuild a release's FOLDER.",
)
@lookups_option
@reporting
def verify(
    *, release: str, captures: tuple[Path, ...], previous: Path | None, lookups: Path | None, as_json: bool
) -> None:
    """Verify a published release.

    Every file is compared with its digest, and the list of digests with the ledger. VERSION is a version or an
    alias such as 1, 1.2 or latest; a FOLDER has only its own.

    \b
    Examples:
      dontspy-data verify s3://bucket/open-data-faces@1.2
      dontspy-data verify out/target --rebuild captures/2026-01-15.warc.gz
    """
    from dontspy_data.pipeline.rebuild import verify_rebuild
    from dontspy_data.publish.publish import verify as verify_release
    from dontspy_data.targets.open import parse_reference

    place, version = parse_reference(release)
    found = (
        verify_rebuild(place, version, captures, previous, lookups)
        if captures
        else verify_release(place, version)
    )
    name, files = found.version or "the package", counted(found.files, "file")
    how = "have their digests" + (" and are the same when built again" if captures else "")
    wrong = f"{len(found.problems):,} of {files} of {name} are wrong"
    end_check(
        {
            "release": place,
            "version": found.version,
            "files": found.files,
            "problems": [asdict(problem) for problem in found.problems],
        },
        [
            *(f"{problem.path}: {problem.message}" for problem in found.problems),
            wrong if found.problems else f"All {files} of {name} {how}",
        ],
        as_json=as_json,
    )


if TYPE_CHECKING:
    from dontspy_data.loading.get import Part


@click.command()
@click.argument("target", metavar="TARGET[@VERSION]")
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path), help="Folder to download into."
)
@click.option(
    "--only",
    type=click.Choice(["tables", "portraits", "faces", "parquet", "sqlite", "xlsx"]),
    multiple=True,
    help="Only this part, with the documents that explain it; can be given again. Parquet: portraits with their "
    "facts, inline. By default tables, portraits and faces.",
)
@click.option("--country", multiple=True, help="Only pictures of people who sat for this country (ISO code).")
@click.option("--term", multiple=True, type=int, help="Only pictures of people who sat in this term.")
@click.option(
    "--include", metavar="GLOB", multiple=True, help="Also files whose path matches, such as 'data/meps.*'."
)
@click.option(
    "--format",
    "bundle",
    type=click.Choice(["zip", "tar"]),
    help="Make one file instead: a zip of the package, or a tar of its portraits for WebDataset.",
)
@reporting
def get(
    *,
    target: str,
    output: Path,
    only: tuple[str, ...],
    country: tuple[str, ...],
    term: tuple[int, ...],
    include: tuple[str, ...],
    bundle: str | None,
    as_json: bool,
) -> None:
    """Download a release and verify every byte of it.

    TARGET is a folder or URL (https, s3, hf) that releases are published to, a single package, or `sample`.
    VERSION is, for example, 1.2.3, 1.2, 1 or latest. An interrupted download resumes when the command is run again. A
    folder that holds another release is updated: only what differs is fetched. Files that a target does not store, such
    as SQLite of an older release, are made here.

    \b
    Examples:
      dontspy-data get https://example.org/open-data-faces@1.2 --output faces --only tables
      dontspy-data get https://example.org/open-data-faces --output malta --only portraits --country MT --term 10
      dontspy-data get https://example.org/open-data-faces --output bundles --format zip
    """
    from dontspy_data.loading.get import Selection, bring_bundle
    from dontspy_data.loading.get import get as bring
    from dontspy_data.targets.open import parse_reference

    url, version = parse_reference(target)
    selection = Selection(cast("tuple[Part, ...]", only), country, term, include)
    with progress_bar("Files") as progress:
        if bundle:
            if selection != Selection():
                raise UsageError(
                    "--format makes a bundle of the whole release", hint="Leave out the other options."
                )
            path = bring_bundle(url, version, output, bundle, progress)
            found = {"outcome": "done", "file": str(path), "bytes": path.stat().st_size}
            text = f"{path} has {path.stat().st_size / 1e6:,.1f} MB, made of verified files"
        else:
            got = bring(url, version, output, selection, progress=progress)
            found = got.as_json()
            name = f"release {got.version}" if got.version else "package"
            text = (
                f"{output} holds {got.files:,} files of {name}, {got.bytes / 1e6:,.1f} MB, all verified; "
                f"{got.fetched:,} were fetched now"
            )
    answer(found, text, as_json=as_json)


@click.command()
@click.option(
    "-o", "--output", required=True, type=click.Path(path_type=Path, file_okay=False), help="Folder for them."
)
@click.option("--force", is_flag=True, help="Replace notebooks of the same names.")
@reporting
def notebooks(output: Path, force: bool, as_json: bool) -> None:
    """Copy the notebooks into a folder: quick start, joining other data, a contest entry.

    They run on the bundled sample and say what to install.

    \b
    Example:
      dontspy-data notebooks --output notebooks
    """
    sources = sorted(shipped_file("notebooks", in_checkout="docs").glob("*.ipynb"))
    if there := [one.name for one in sources if (output / one.name).exists() and not force]:
        raise UsageError(
            f"{output} has {', '.join(there)} already",
            hint="Name another folder, or give --force to replace what you may have changed.",
        )
    output.mkdir(parents=True, exist_ok=True)
    for one in sources:
        shutil.copyfile(one, output / one.name)
    names = [one.name for one in sources]
    answer(
        {"outcome": "done", "folder": str(output), "notebooks": names},
        f"Copied {counted(len(names), 'notebook')} to {output}: {', '.join(names)}",
        as_json=as_json,
        hint=f"Next: pip install 'dontspy-data[notebooks]', and jupyter lab {output}",
    )
