"""Measures the site: time to build, and how pages load on a slow phone, as the browser itself counts it.

    python -m scripts.bench_site PACKAGE [--audit AUDIT] [--people 5000 --portraits 704] [--workers 2]

With `--people` the package's people are repeated under new numbers until there are as many, and of the first so many
the portraits stay. Pages load over an emulated slow 4G (1.6 Mbit/s, 150 ms to and fro) on a quarter of the processor,
as Lighthouse does to stand for a phone; nothing is compressed or kept on the way.
"""

import argparse
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from dontspy_data.package.files import CHECKSUMS, checksums
from dontspy_data.portraits.engine import open_executor
from dontspy_data.site.build import build_site, open_server

SLOWDOWN = 4
SLOW_4G = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 93_750}
"""Bytes a second, and milliseconds."""
PHONE: ViewportSize = {"width": 390, "height": 844}
STEP = 10_000_000  # added to a person's number for each repetition
TABLES = (
    *("meps", "mandates", "memberships", "contacts", "portraits", "faces", "statements"),
    *("attributions", "attribution_variants"),
)
OF_PORTRAITS = ("portraits", "faces", "attributions", "attribution_variants")
PAGES = (
    "index.html",
    "explore/index.html",
    "explore/index.html?q=an&all=1",
    "compare/index.html",
    "guess/index.html",
    "data/index.html",
    "coverage/index.html",
)
OBSERVE = """() => {
  window.seen = { paint: 0, shift: 0, blocking: 0 };
  const watch = (type, note) =>
    new PerformanceObserver((list) => list.getEntries().forEach(note)).observe({ type, buffered: true });
  watch("largest-contentful-paint", (entry) => { seen.paint = entry.startTime; });
  watch("layout-shift", (entry) => { if (!entry.hadRecentInput) seen.shift += entry.value; });
  watch("longtask", (entry) => { seen.blocking += entry.duration - 50; });
}"""
TOLD = """() => ({ ...seen, bytes: [...performance.getEntriesByType("navigation"),
  ...performance.getEntriesByType("resource")].reduce((sum, one) => sum + one.transferSize, 0) })"""


@dataclass(frozen=True, slots=True)
class Load:
    """How a page loaded.

    Attributes:
        page: its address.
        kilobytes: received in all, with what is loaded below the fold.
        paint: largest contentful paint, milliseconds.
        blocking: total blocking time, milliseconds.
        shift: cumulative layout shift.
    """

    page: str
    kilobytes: int
    paint: int
    blocking: int
    shift: float


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("package", type=Path)
    parser.add_argument("--audit", type=Path)
    parser.add_argument("--people", type=int)
    parser.add_argument("--portraits", type=int, default=704)
    parser.add_argument("--workers", type=int)
    parser.add_argument("--keep", type=Path, help="folder to keep the site in")
    words = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        package, audit = words.package, words.audit
        if words.people:
            places = [Path(temporary) / "package", Path(temporary) / "audit"]
            pictured, people = crowd_numbers(package, words.people, words.portraits)
            package = crowd(package, places[0], people, pictured)
            audit = crowd(audit, places[1], people, pictured) if audit else None
        site = words.keep or Path(temporary) / "site"
        started, used = time.perf_counter(), time.process_time()
        with open_executor(words.workers, None) as executor:
            built = build_site(package, site, audit=audit, executor=executor)
        took, used = time.perf_counter() - started, time.process_time() - used
        print(
            f"{built.people:,} people, {built.files:,} files: built in {took:.1f} s ({used:.1f} s of this process)"
        )
        measure(site)


def crowd_numbers(package: Path, people: int, portraits: int) -> tuple[list[int], list[int]]:
    """Return so many numbers of people with a portrait, and so many of everybody: a package's, again and again."""
    numbers = pq.read_table(package / "data" / "meps.parquet", columns=["mep_id"])["mep_id"].to_pylist()
    table = pq.read_table(package / "data" / "portraits.parquet", columns=["mep_id", "path", "is_current"])
    shown = {row["mep_id"] for row in table.to_pylist() if row["path"] and row["is_current"]}
    pictured = _repeated([one for one in numbers if one in shown], portraits)
    return pictured, [*pictured, *_repeated([one for one in numbers if one not in shown], people - portraits)]


def _repeated(numbers: Sequence[int], count: int) -> list[int]:
    return [numbers[place % len(numbers)] + place // len(numbers) * STEP for place in range(count)]


def crowd(package: Path, folder: Path, people: Sequence[int], portraits: Sequence[int]) -> Path:
    """Make a package or audit of many people: everybody of another one, again and again under new numbers."""
    shutil.copytree(package, folder)
    everybody, pictured = set(people), set(portraits)
    for name in TABLES:
        path = folder / "data" / f"{name}.parquet"
        if not path.is_file():
            continue
        table = pq.read_table(path)
        whom = pictured if name in OF_PORTRAITS else everybody
        turns = range(max(people) // STEP + 1)
        rows = [
            again(row, turn)
            for turn in turns
            for row in table.to_pylist()
            if row["mep_id"] + turn * STEP in whom
        ]
        pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    for picture in list((folder / "portraits").glob("**/*.jpg")):
        old, _, rest = picture.stem.partition("-")
        for number in pictured - {int(old)}:
            if number % STEP == int(old):
                picture.with_stem(f"{number}{'-' if rest else ''}{rest}").hardlink_to(picture)
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
    """Print how pages load, and how long the wall takes to answer a search."""
    with serving(site) as base, sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for page in PAGES:
            if (site / page.partition("?")[0]).is_file():
                print(load(browser, base, page))
        print(f"search: {search(browser, base):.0f} ms from the key to the drawn wall")
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
    page.add_init_script(f"({OBSERVE})()")
    page.goto(base + path, wait_until="networkidle")
    page.wait_for_timeout(500)
    told = page.evaluate(TOLD)
    page.context.close()
    return Load(
        page=path,
        kilobytes=round(told["bytes"] / 1000),
        paint=round(told["paint"]),
        blocking=round(told["blocking"]),
        shift=round(told["shift"], 4),
    )


def search(browser: Browser, base: str) -> float:
    """Return milliseconds from a key to the wall drawn anew, once the index is there."""
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
    """Set a phone's screen, a slowed-down processor and a slow network."""
    page = browser.new_context(viewport=PHONE).new_page()
    phone = page.context.new_cdp_session(page)
    phone.send("Network.enable")
    phone.send("Network.emulateNetworkConditions", SLOW_4G)
    phone.send("Emulation.setCPUThrottlingRate", {"rate": SLOWDOWN})
    return page


if __name__ == "__main__":
    main()
