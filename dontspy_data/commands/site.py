"""`dontspy-data site`: a release as web pages, and a small file server to look at them."""

import tempfile
from pathlib import Path

import rich_click as click

from dontspy_data.commands.options import WholeNumber, lookups_option, workers_options
from dontspy_data.commands.output import answer, echo, reporting
from dontspy_data.errors import UsageError


@click.command()
@click.argument("release", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder of the site.")
@click.option(
    "--audit", type=click.Path(path_type=Path), metavar="FOLDER", help="An audit of this release, to join in."
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

    if output is None and not serve:
        raise UsageError("nowhere to put the site", hint="Name a folder with --output, or give --serve.")
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
                "cards, since they want whole addresses.",
                err=True,
            )
        if serve:
            from dontspy_data.site.build import serve as serve_site

            serve_site(built.folder, port, lambda text: echo(text, err=True))
