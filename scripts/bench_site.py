"""Measures the site: time to build, weight of the list, and how it loads, read from Chromium's own trace.

    python -m scripts.bench_site PACKAGE [--people 5000]

With `--people` the package's people are repeated under new numbers until there are as many. Pages load from
this machine with a processor four times slowed down, as Lighthouse does to stand for a phone.
"""

import argparse
import json
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from playwright.sync_api import Browser, Page, sync_playwright

from dontspy_data.package.digests import CHECKSUMS, checksums
from dontspy_data.package.open import open_package
from dontspy_data.site.build import build_site
from dontspy_data.site.serve import open_server

SLOWDOWN = 4
LONG_TASK = 50_000  # microseconds, by the definition of total blocking time
STEP = 10_000_000  # added to a person's number for each repetition
PAGES = (
    "index.html",
    "explore/index.html",
    "explore/index.html?q=an&all=1",
    "compare/index.html",
    "coverage/index.html",
)
PAINTED = (
    "() => new Promise((done) => new PerformanceObserver(done).observe({ type: 'paint', buffered: true }))"
)
CATEGORIES = ["loading", "blink.user_timing", "devtools.timeline", "toplevel"]


@dataclass(frozen=True, slots=True)
class Load:
    """How a page loaded: first contentful paint and total blocking time in milliseconds, and layout shift."""

    page: str
    paint: float
    blocking: float
    shift: float


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path)
    parser.add_argument("--people", type=int)
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        package = words.package
        if words.people:
            package = crowd(words.package, Path(temporary) / "package", words.people)
        site = Path(temporary) / "site"
        started = time.perf_counter()
        built = build_site(package, site)
        print(
            f"{built.people:,} people: built in {time.perf_counter() - started:.1f} s, {built.files:,} files"
        )
        measure(site)


def crowd(package: Path, folder: Path, people: int) -> Path:
    """Make a package of many people: everybody of another one, again and again under new numbers."""
    shutil.copytree(package, folder)
    count = open_package(package).read("meps").num_rows
    times = -(-people // count)
    for name in ("meps", "mandates", "memberships", "contacts", "portraits", "faces", "statements"):
        path = folder / "data" / f"{name}.parquet"
        table = pq.read_table(path)
        rows = [again(row, turn) for turn in range(times) for row in table.to_pylist()]
        pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    for picture in list((folder / "portraits").glob("*.jpg")):
        for turn in range(1, times):
            (folder / "portraits" / f"{int(picture.stem) + turn * STEP}.jpg").hardlink_to(picture)
    (folder / CHECKSUMS).write_text(checksums(folder), encoding="utf-8")
    return folder


def again(row: dict[str, Any], turn: int) -> dict[str, Any]:
    """Return a row about the person with the same number and as many steps more."""
    old, new = str(row["mep_id"]), row["mep_id"] + turn * STEP
    keys = {
        key: str(value).replace(old, str(new), 1)
        for key, value in row.items()
        if key in ("portrait_id", "face_id", "mandate_id", "membership_id", "path") and value
    }
    return {**row, **keys, "mep_id": new}


def measure(site: Path) -> None:
    """Print how pages load, and how long the list takes to answer a search."""
    with serving(site) as base, sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for page in PAGES:
            print(load(browser, base, page))
        print(f"search: {search(browser, base):.0f} ms from the key to the drawn list")
        browser.close()


@contextmanager
def serving(site: Path) -> Iterator[str]:
    """Serve the site on loopback."""
    with open_server(site) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def load(browser: Browser, base: str, path: str) -> Load:
    """Return how a page loads on a slow phone."""
    page = slow_page(browser)
    browser.start_tracing(page=page, categories=CATEGORIES)
    page.goto(base + path, wait_until="networkidle")
    page.evaluate(PAINTED)
    events = json.loads(browser.stop_tracing())["traceEvents"]
    page.context.close()
    [paint] = [event for event in events if event["name"] == "firstContentfulPaint"]
    [start] = [
        event["ts"]
        for event in events
        if event["name"] == "navigationStart"
        and event["args"]["data"]["navigationId"] == paint["args"]["data"]["navigationId"]
    ]
    tasks = [
        event.get("dur", 0)  # of a task that the trace's end cut off nothing is known
        for event in events
        if event["name"] == "ThreadControllerImpl::RunTask"
        and (event["pid"], event["tid"]) == (paint["pid"], paint["tid"])
        and event["ts"] >= paint["ts"]
    ]
    return Load(
        page=path,
        paint=(paint["ts"] - start) / 1000,
        blocking=sum(duration - LONG_TASK for duration in tasks if duration > LONG_TASK) / 1000,
        shift=sum(event["args"]["data"]["score"] for event in events if event["name"] == "LayoutShift"),
    )


def search(browser: Browser, base: str) -> float:
    """Milliseconds from a key to the list drawn anew, once the index is there."""
    page = slow_page(browser)
    page.goto(f"{base}explore/index.html?q=a&all=1", wait_until="networkidle")
    took: float = page.evaluate(
        """async () => {
            const field = document.querySelector("#q");
            const started = performance.now();
            field.value = "an";
            field.dispatchEvent(new Event("input", { bubbles: true }));
            await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
            return performance.now() - started;
        }"""
    )
    page.context.close()
    return took


def slow_page(browser: Browser) -> Page:
    """Set a phone's screen and a slowed-down processor."""
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    return page


if __name__ == "__main__":
    main()
