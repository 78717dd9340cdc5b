"""Write `docs/nights.md`: the report of a refresh for each kind of night, of the simulated Parliament.

python -m scripts.nights
"""

import itertools
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, chdir, nullcontext
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from unittest.mock import patch

from click.testing import CliRunner

from dontspy_data.cli import main as cli
from dontspy_data.model.schema import dataset
from scripts.parliament.server import clock, serve
from scripts.parliament.state import Fault, Parliament
from scripts.parliament.years import SCRIPT, START, person

OUTPUT = Path(__file__).parent.parent / "docs" / "nights.md"
FLOORS = {
    "members": 20,
    "membersLost": 0.05,
    "portraitsPresent": 0.5,
    "portraitsLost": 0.1,
    "countryLost": 0.5,
}
REPORT = "report.md"
HAPPENS = dict(SCRIPT)


@dataclass(frozen=True, slots=True)
class Night:
    """One night.

    Attributes:
        day: on which it is.
        title: of its section.
        about: what happened.
        happen: makes it happen.
        status: exit status of the refresh.
        told: part of its report's first line.
    """

    day: date
    title: str
    about: str
    happen: Callable[[Parliament], None]
    status: int
    told: str


def _begin(_: Parliament) -> None:
    """Let nothing happen: the first night finds everybody."""


def _change(parliament: Parliament) -> None:
    HAPPENS["one leaves, one joins"](parliament)
    HAPPENS["a portrait is replaced, one is re-encoded"](parliament)
    HAPPENS["a month without a portrait"](parliament)
    parliament.edit(person(10), born="1961-01-31")


def _fault(fault: Fault) -> Callable[[Parliament], None]:
    def happen(parliament: Parliament) -> None:
        parliament.fault = fault

    return happen


def _elect(parliament: Parliament) -> None:
    HAPPENS["an election that nobody tends to"](parliament)


NIGHTS = (
    Night(START, "The first release", "Nothing was published before.", _begin, 0, "the first release"),
    Night(
        date(2028, 10, 5),
        "A night with news",
        "One Member left, one joined, two portraits were replaced, one is gone, and a birth date was corrected.",
        _change,
        0,
        "portraits no longer there 1",
    ),
    Night(
        date(2028, 10, 6),
        "Nothing new",
        "The sources say what they said.",
        _fault(Fault.NONE),
        0,
        "unchanged",
    ),
    Night(
        date(2028, 10, 7),
        "Refused",
        "Every server answers with a challenge.",
        _fault(Fault.REFUSES),
        3,
        "REFUSED",
    ),
    Night(
        date(2028, 10, 8), "Failed", "The API answers 503.", _fault(Fault.API_DOWN), 1, "FAILED at collect"
    ),
    Night(
        date(2029, 7, 20),
        "After an election",
        "Half of the Members are new, one group is in no lookup, and nobody has tended to it.",
        _elect,
        0,
        "published",
    ),
    Night(
        date(2029, 7, 21),
        "Half a list",
        "The list of Members ends in the middle.",
        _fault(Fault.HALF_LIST),
        1,
        "STOPPED",
    ),
)


def reports(folder: Path) -> Iterator[tuple[Night, int, str]]:
    """Play the nights in a folder, and yield each with the exit status and the report of its refresh."""
    parliament = Parliament.begin(START)
    floors = {**dataset(), "floors": FLOORS}
    with ExitStack() as stack:
        stack.enter_context(chdir(folder))
        stack.enter_context(patch("dontspy_data.collect.fetch.FIRST_BACKOFF", 0.001))
        stack.enter_context(patch("dontspy_data.collect.run.IN_FLIGHT", 1))  # so that they come in one order
        stack.enter_context(patch("dontspy_data.portraits.engine.open_executor", lambda *_: nullcontext()))
        # What frictionless finds is tested elsewhere, and takes half of the time here.
        stack.enter_context(patch("dontspy_data.check.tables.check_with_frictionless", lambda *_: iter(())))
        stack.enter_context(patch("dontspy_data.model.schema.dataset", lambda: floors))
        stack.enter_context(patch("dontspy_data.package.open.dataset", lambda: floors))
        stack.enter_context(patch("dontspy_data.pipeline.report.monotonic", itertools.count(step=5).__next__))
        address = stack.enter_context(serve(parliament))
        for night in NIGHTS:
            parliament.fault, parliament.day = Fault.NONE, night.day
            night.happen(parliament)
            with clock(night.day):
                ran = CliRunner().invoke(cli, _words(address))
            yield night, ran.exit_code, Path(REPORT).read_text("utf-8")


def _words(address: str) -> list[str]:
    asking = ["--via", address, "--api-rate", "0", "--www-rate", "0", "--sources", "ep_api,portraits"]
    return ["refresh", "--output", "package", "--target", "target", "--report", REPORT, *asking]


def page(found: list[tuple[Night, int, str]]) -> str:
    """Return the page with all reports."""
    lines = [
        "# Nights",
        "",
        "What `refresh --report report.md` writes, one report for each kind of night. The Parliament is a simulated "
        "one of thirty Members, whom nobody ever elected; every step takes five seconds there. The page is written by "
        "`python -m scripts.nights`, and a test holds it current. `refresh --report report.json` says the same to "
        "programs.",
    ]
    for night, status, report in found:
        lines += ["", f"## {night.title}", "", f"{night.about} The exit status is {status}.", "", "```text"]
        lines += [report.rstrip(), "```"]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Write the page anew."""
    with tempfile.TemporaryDirectory() as folder:
        OUTPUT.write_text(page(list(reports(Path(folder)))), encoding="utf-8")
    print(OUTPUT)


if __name__ == "__main__":
    os.environ["COLUMNS"] = "100"
    main()
