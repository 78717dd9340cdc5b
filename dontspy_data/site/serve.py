"""Serving a built site to this machine alone, to look at it."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, AnyStr

from dontspy_data.errors import UsageError
from dontspy_data.package.write import MEDIA_TYPES

if TYPE_CHECKING:
    from _typeshed import SupportsRead, SupportsWrite

LOOPBACK = "127.0.0.1"


class _Handler(SimpleHTTPRequestHandler):
    """Files below a folder, without a line of log for each."""

    def copyfile(self, source: "SupportsRead[AnyStr]", outputfile: "SupportsWrite[AnyStr]") -> None:
        """Send a file; a reader who has gone on to another page is no error."""
        with suppress(BrokenPipeError, ConnectionResetError):
            super().copyfile(source, outputfile)

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
    types = {**SimpleHTTPRequestHandler.extensions_map, **MEDIA_TYPES, ".js": "text/javascript"}
    _Handler.extensions_map = types
    try:
        return ThreadingHTTPServer((LOOPBACK, port), partial(_Handler, directory=str(folder)))
    except OSError as error:
        raise UsageError(
            f"port {port} of {LOOPBACK} cannot be used: {error.strerror}",
            hint="Name another with --port, or 0 for any that is free.",
        ) from error


def serve(folder: Path, port: int, tell: Callable[[str], None]) -> None:
    """Serve a folder until Ctrl-C.

    Args:
        folder: the site.
        port: where to listen; 0 for any that is free.
        tell: gets the address, and that serving has stopped.

    Raises:
        UsageError: the port is taken.
    """
    with open_server(folder, port) as server:
        tell(f"Serving it at http://{server.server_name}:{server.server_port}/ until Ctrl-C")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            tell("Stopped.")
