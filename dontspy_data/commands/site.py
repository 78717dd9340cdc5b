"""`dontspy-data site`: a release as web pages, and a small file server to look at them."""

import tempfile
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import rich_click as click

from dontspy_data.commands.shared import echo, errors_for_people, json_option, print_json
from dontspy_data.errors import UsageError

LOOPBACK = "127.0.0.1"


@click.command()
@click.argument("release", type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Folder of the site.")
@click.option(
    "--audit",
    type=click.Path(path_type=Path),
    metavar="FOLDER",
    help="An audit of this release, to join in.",
)
@click.option(
    "--entries", type=click.Path(path_type=Path), metavar="FILE", help="Contest entries, for the rankings."
)
@click.option(
    "--address",
    default="",
    metavar="URL",
    help="Address that the site will have (https://…); cards, canonical links and the sitemap need it.",
)
@click.option(
    "--workers",
    type=click.IntRange(min=1),
    help="Processes that make small pictures; by default one per core.",
)
@click.option(
    "--scheduler",
    metavar="tcp://HOST:PORT",
    help="Dask scheduler to use instead of processes (extra `distributed`).",
)
@click.option("--serve", is_flag=True, help="Serve the site on this machine when it is complete.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8000,
    show_default=True,
    help="Port to serve on; 0 for any free one.",
)
@json_option
@errors_for_people
def site(
    *,
    release: Path,
    output: Path | None,
    audit: Path | None,
    entries: Path | None,
    address: str,
    workers: int | None,
    scheduler: str | None,
    serve: bool,
    port: int,
    as_json: bool,
) -> None:
    """Make a site from a release or package: static files that any server can host.

    OUTPUT is replaced when the new site is complete. With --serve alone, the site is made in a temporary folder.

    \b
    Example: look at the bundled sample on this machine
      dontspy-data refresh --sample --output out/sample
      dontspy-data site out/sample --output out/site --serve
    """
    from dontspy_data.portraits.engine import open_executor
    from dontspy_data.site.build import build_site

    if output is None and not serve:
        raise UsageError("nowhere to put the site", hint="Name a folder with --output, or give --serve.")
    with tempfile.TemporaryDirectory(prefix="dontspy-site-") as temporary:
        with open_executor(workers, scheduler) as executor:
            built = build_site(
                release,
                output or Path(temporary) / "site",
                audit=audit,
                entries=entries,
                address=address,
                executor=executor,
            )
        if as_json:
            print_json(built.as_json())
        else:
            echo(
                f"Made {built.folder}: {built.people:,} people, {built.files:,} files, "
                f"{built.bytes / 1e6:.1f} MB"
            )
        if not address:
            echo(
                "Warning: without --address there are no canonical links and no sitemap, and social networks show no "
                "cards, since they want whole addresses.",
                err=True,
            )
        if serve:
            _serve(built.folder, port)


class _Handler(SimpleHTTPRequestHandler):
    """Files below a folder, without a line of log for each."""

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is not there with the site's own page, as hosts of static files do."""
        page = Path(self.directory) / "404.html"
        if code != 404 or not page.is_file():
            return super().send_error(code, message, explain)
        body = page.read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        return None

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def open_server(folder: Path, port: int = 0) -> ThreadingHTTPServer:
    """Return a server for a folder, on this machine only; it serves once `serve_forever` is called.

    Args:
        folder: the site.
        port: where to listen; 0 for any that is free.

    Raises:
        UsageError: the port is taken.
    """
    from dontspy_data.package.describe import MEDIA_TYPES

    types = {**SimpleHTTPRequestHandler.extensions_map, **MEDIA_TYPES, ".js": "text/javascript"}
    _Handler.extensions_map = types
    try:
        return ThreadingHTTPServer((LOOPBACK, port), partial(_Handler, directory=str(folder)))
    except OSError as error:
        raise UsageError(
            f"port {port} of {LOOPBACK} cannot be used: {error.strerror}",
            hint="Name another with --port, or 0 for any that is free.",
        ) from error


def _serve(folder: Path, port: int) -> None:
    with open_server(folder, port) as server:
        echo(f"Serving it at http://{server.server_name}:{server.server_port}/ until Ctrl-C", err=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            echo("Stopped.", err=True)
