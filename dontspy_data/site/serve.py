"""A small file server for looking at a site on one's own machine."""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from dontspy_data.errors import UsageError

LOOPBACK = "127.0.0.1"


class _Handler(SimpleHTTPRequestHandler):
    """Files below a folder, without a line of log for each."""

    extensions_map = {  # noqa: RUF012 - the base class's own form
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript",
        ".json": "application/json",
        ".parquet": "application/vnd.apache.parquet",
    }

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def open_server(folder: Path, port: int = 0) -> ThreadingHTTPServer:
    """A server for a folder, on this machine only; it serves once `serve_forever` is called.

    Args:
        folder: the site.
        port: where to listen; 0 for any that is free.

    Raises:
        UsageError: the port is taken.
    """
    try:
        return ThreadingHTTPServer((LOOPBACK, port), partial(_Handler, directory=str(folder)))
    except OSError as error:
        raise UsageError(
            f"port {port} of {LOOPBACK} cannot be used: {error.strerror}",
            hint="Name another with --port, or 0 for any that is free.",
        ) from error
