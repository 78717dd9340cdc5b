"""`dontspy-data site`, and the server behind `--serve`."""

import json
import threading
from http.client import HTTPConnection
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from dontspy_data.cli import main
from dontspy_data.errors import UsageError
from dontspy_data.site.build import open_server


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["site", "--workers", "1", *(str(word) for word in words)])


def test_it_says_what_was_made_and_that_cards_want_an_address(small_package: Path, tmp_path: Path) -> None:
    result = run(small_package, "--output", tmp_path / "site", "--json")
    assert result.exit_code == 0
    made = json.loads(result.stdout)
    assert (made["outcome"], made["people"]) == ("done", 24)
    assert made["files"] == sum(path.is_file() for path in (tmp_path / "site").rglob("*"))
    assert "--address" in result.stderr


def test_nowhere_to_put_it(package: Path) -> None:
    result = run(package)
    assert result.exit_code == 2
    assert "--output" in result.stderr


@pytest.mark.parametrize("output", [".", ".."])
def test_the_working_directory_is_never_replaced(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, output: str
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    result = run(package, "--output", output)
    assert result.exit_code == 2
    assert "is the working directory, or holds it" in result.stderr
    assert list(tmp_path.rglob("*")) == [tmp_path / "here"]


def test_what_is_no_package(tmp_path: Path) -> None:
    result = run(tmp_path, "--output", tmp_path / "site")
    assert result.exit_code == 2
    assert "is not a package" in result.stderr


def test_the_server_gives_files_with_types_that_browsers_take(site: Path) -> None:
    with open_server(site) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        types = {}
        for path in ("/index.html", "/static/explore.js", "/static/site.css", "/static/icon.svg", "/nobody"):
            connection = HTTPConnection("127.0.0.1", server.server_port, timeout=10)
            connection.request("GET", path)
            answer = connection.getresponse()
            types[path] = (answer.status, answer.headers.get_content_type())
            connection.close()
        server.shutdown()
        thread.join()
    assert types == {
        "/index.html": (200, "text/html"),
        "/static/explore.js": (200, "text/javascript"),
        "/static/site.css": (200, "text/css"),
        "/static/icon.svg": (200, "image/svg+xml"),
        "/nobody": (404, "text/html"),
    }


def test_a_port_that_is_taken(site: Path) -> None:
    with open_server(site) as server, pytest.raises(UsageError, match="cannot be used"):
        open_server(site, server.server_port)
