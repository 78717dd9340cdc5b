"""Two years of a simulated Parliament, with an election: every event is told once, in its month, and by its name."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from dontspy_data.capture import captures
from dontspy_data.collect import CollectOptions, Rates, collect, fetch
from dontspy_data.package.open import Package, open_package
from dontspy_data.pipeline.build import build_package
from dontspy_data.release.release import Difference, difference
from scripts.parliament.server import clock, serve
from scripts.parliament.state import Parliament
from scripts.parliament.years import ELECTION, START, Month, play

SEATS = 15
FLOORS = {"members": SEATS, "membersLost": 0.1, "portraitsLost": 0.1, "countryLost": 0.5}
"""One Member or portrait of fifteen may be lost."""


@dataclass(frozen=True)
class Played:
    """A month, and what was found."""

    month: Month
    package: Package
    difference: Difference | None
    problems: tuple[str, ...]


def refresh(
    month: Month, address: str, folder: Path, withdrawn: frozenset[int]
) -> tuple[Package, tuple[str, ...]]:
    """Collect and build, as a maintainer's scheduler does."""
    earlier = tuple(sorted(folder.glob("*.warc.gz")))
    capture = folder / f"{month.day}.warc.gz"
    options = CollectOptions(
        capture,
        via=address,
        rates=Rates(0, 0),
        sources=("ep_api", "portraits"),
        since=earlier,
        fallback=month.fallback,
        withdrawn=withdrawn,
        today=month.day,
    )
    with clock(month.day):
        outcome = collect(options, lambda _: None)
    assert outcome.is_complete, outcome.message
    file = folder / "withdrawals.csv"
    rows = "".join(f"{mep_id},portrait,2030-03-05,request\n" for mep_id in sorted(withdrawn))
    file.write_text(f"mep_id,scope,withdrawn_on,reason\n{rows}")
    output = folder / str(month.day)
    built = build_package((*earlier, capture), output, faces=False, withdrawals=file)
    found = open_package(output)
    descriptor = {**found.descriptor, "floors": FLOORS, "version": "1.0.0"}
    return Package(found.folder, descriptor, found.tables), tuple(map(str, built.problems))


def refreshes(folder: Path) -> Iterator[Played]:
    """Refresh every month, each compared with the last release."""
    released: Package | None = None
    withdrawn: frozenset[int] = frozenset()
    parliament = Parliament.begin(START, SEATS)
    with serve(parliament) as address:
        for month in play(parliament):
            withdrawn |= {month.withdrawn} - {None}
            package, problems = refresh(month, address, folder, withdrawn)
            found = difference(released, package) if released else None
            yield Played(month, package, found, problems)
            if found is None or not (found.worse or found.is_unchanged):
                released = package


@pytest.fixture(scope="module")
def years(tmp_path_factory: pytest.TempPathFactory) -> list[Played]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(fetch, "FIRST_BACKOFF", 0.001)
        patch.setattr(captures, "scan", cache(captures.scan))  # each month reads all those before it, twice
        return list(refreshes(tmp_path_factory.mktemp("years")))


def test_every_event_is_told_once_in_its_month_and_no_other_is(years: list[Played]) -> None:
    assert len(years) == 24
    for played in years[1:]:
        assert played.difference is not None
        if played.month.outcome == "worse":
            continue
        told = Counter((event.kind.value, event.mep_id) for event in played.difference.events)
        assert told == Counter(played.month.told), played.month.title


def test_a_month_in_which_nothing_happens_asks_for_no_release(years: list[Played]) -> None:
    quiet = [played for played in years if played.month.outcome == "unchanged"]
    released = [one.month.title for one in quiet if one.difference and not one.difference.is_unchanged]
    assert len(quiet) == 6
    assert released == [
        "the API is back, and says the same"
    ]  # and since when, which the stand-in did not know
    stopped = [played.month.outcome for played in years[1:] if played.difference and played.difference.worse]
    assert stopped == ["worse"]


def test_half_a_list_is_stopped_with_the_names_of_the_countries(years: list[Played]) -> None:
    (half,) = (played for played in years if played.month.outcome == "worse")
    assert half.difference is not None
    clauses = half.difference.worse
    assert any(f"of {SEATS - 1} sitting members are on no list" in clause for clause in clauses)
    assert any("sitting members for Sweden are on no list" in clause for clause in clauses)
    assert not any("Czechia" in clause for clause in clauses)


def test_an_election_night_names_what_nobody_has_listed_all_at_once(years: list[Played]) -> None:
    told = "\n".join(years[ELECTION].problems)
    for what in ("'FWD' is not a political group", "'11' is not a parliamentary term", "a name of Renew"):
        assert what in told
    rows = years[ELECTION].package.read("mandates").to_pylist()
    sitting = [row for row in rows if row["state"] == "ongoing"]
    assert {row["term"] for row in sitting} == {11}
    assert len(sitting) == SEATS - 1


def test_facts_of_a_stand_in_are_marked(years: list[Played], tmp_path: Path) -> None:
    (played,) = (one for one in years if one.month.fallback)
    (sentence,) = played.package.descriptor["fallback"]
    assert "ep_full_list on 2030-05-05" in sentence
    assert sentence in (played.package.folder / "README.md").read_text()
    assert ["fallback" in one.package.descriptor for one in years].count(True) == 1


def test_which_portrait_was_shown_when_is_kept_and_each_stands_once(years: list[Played]) -> None:
    rows = years[-1].package.read("portraits").to_pylist()
    flipped = [row for row in rows if row["mep_id"] == 9_100_009]
    assert len(flipped) == 2
    periods = years[-1].package.read("portrait_periods").to_pylist()
    of_first = [row for row in periods if row["portrait_id"] == flipped[0]["portrait_id"]]
    of_second = [row for row in periods if row["portrait_id"] == flipped[1]["portrait_id"]]
    assert sorted((len(of_first), len(of_second))) == [1, 2]
    paths = [row["path"] for row in rows if row["path"]]
    assert len(set(paths)) == len(paths) == len({row["sha256"] for row in rows if row["path"]})
