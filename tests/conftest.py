"""Fixtures for every test: no network but this machine's own; a browser for those that ask for one."""

import fcntl
import ipaddress
import os
import shutil
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from dontspy_data import sample
from dontspy_data.pipeline.build import build_package

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    Visitor = Callable[[str], Page]
from hypothesis import HealthCheck, settings

# How long an example takes says how busy the machine is; the same examples each time, so that no run is luck.
settings.register_profile(
    "dontspy", max_examples=50, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("dontspy")


# jsonschema compiles the grammars of forty kinds of addresses as soon as this is installed; nobody here asks for them.
sys.modules["rfc3987_syntax"] = None  # type: ignore[assignment]

SLOWEST = (
    "tests/loading/test_docs.py",
    "tests/publish/test_purge.py",
    "tests/real/test_site_real.py",
    "tests/site/test_site_browser.py",
    "tests/real/",
    "tests/pipeline/test_years.py",
    "tests/publish/",
    "tests/site/test_site_wall.py",
    "tests/pipeline/test_refresh.py",
    "tests/release/test_any_change.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the slowest files first, so that no worker is left alone with one at the end."""
    items.sort(
        key=lambda item: next(
            (place for place, start in enumerate(SLOWEST) if item.nodeid.startswith(start)), len(SLOWEST)
        )
    )


class NetworkBlockedError(RuntimeError):
    """A test reached for the network."""


def _is_local(address: Any) -> bool:
    if not isinstance(address, tuple):  # a Unix socket's path
        return True
    host = address[0]
    if host in ("localhost", ""):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if not _is_local(address):
            raise NetworkBlockedError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


CHROMIUM_FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser() -> Iterator["Browser"]:
    """Debian's Chromium, one a worker."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=15_000)  # a busy machine is slow, not wrong

    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium on the PATH (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_FLAGS))
        yield launched
        launched.close()


@pytest.fixture
def visitor(browser: "Browser") -> Iterator["Visitor"]:
    """Opens pages that must not complain, set cookies, or ask anybody but the site's own server."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    context.set_default_timeout(15_000)
    complaints: list[str] = []
    asked: list[str] = []
    bases: list[str] = []

    def visit(base: str) -> "Page":
        bases.append(base)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: asked.append(request.url))
        return page

    yield visit
    cookies = context.cookies()
    context.close()
    assert complaints == []
    assert [url for url in asked if not url.startswith(tuple(bases))] == []
    assert cookies == []


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Path], str]]:
    """Serves a site until the tests are over, below a path as on a shared host; gives its address."""
    from dontspy_data.site.build import open_server

    with ExitStack() as stack:

        def start(folder: Path) -> str:
            server = stack.enter_context(open_server(folder.parent))
            threading.Thread(target=server.serve_forever, daemon=True).start()
            stack.callback(server.shutdown)
            return f"http://127.0.0.1:{server.server_port}/{folder.name}/"

        yield start


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], object]], Path]:
    """Gives a folder by its name, which the first worker that asks makes for all of them; to be read only."""
    root = tmp_path_factory.getbasetemp()
    root = root.parent if "PYTEST_XDIST_WORKER" in os.environ else root

    def once(name: str, make: Callable[[Path], object]) -> Path:
        folder, draft = root / name, root / f".{name}"
        with (root / f".{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                shutil.rmtree(draft, ignore_errors=True)
                draft.mkdir()
                make(draft)
                draft.rename(folder)
        return folder

    return once


@pytest.fixture(scope="session")
def small_sample(made_once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    """A capture of twenty-four of the sample's people: a release may have twenty, and some are withdrawn.

    Among them are one who has left, and one without a portrait.
    """
    from scripts import make_sample
    from scripts.sample.parliament import people

    some = [person for person in people() if person.id <= 9000022 or person.id in (9000042, 9000057)]
    return made_once("small", lambda root: make_sample.write(root / "small.warc.gz", some)) / "small.warc.gz"


@pytest.fixture(scope="session")
def small_package(made_once: Callable[[str, Callable[[Path], object]], Path], small_sample: Path) -> Path:
    """What is built of that capture, without faces; to be read only."""
    made = made_once(
        "small-package", lambda root: build_package([small_sample], root / "package", faces=False)
    )
    return made / "package"


@pytest.fixture
def in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands describe portraits in this process: starting others is tested with the rest of the engine."""
    monkeypatch.setattr("dontspy_data.portraits.engine.open_executor", lambda *_: nullcontext())


@pytest.fixture(scope="session")
def audit(made_once: Callable[[str, Callable[[Path], object]], Path]) -> Path:
    """An audit of the bundled package by the baseline, which says that everybody is a man of fifty."""
    from dontspy_data import sample
    from dontspy_data.audit.always_fifty import load
    from dontspy_data.audit.run import audit_package

    package, model = sample.package_path(), load()
    return made_once("audited", lambda root: audit_package(package, root / "audit", [model])) / "audit"


@pytest.fixture(scope="session")
def built(made_once: Any) -> Path:
    return (
        made_once("plain", lambda root: build_package([sample.path()], root / "package", faces=False))
        / "package"
    )


@pytest.fixture
def package(built: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(built, tmp_path / "package"))
