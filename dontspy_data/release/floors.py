"""Floors: what a release may lose against the one before, from `floors` in `datapackage.json`.

`members` is the smallest number of people; `membersLost`, `portraitsLost` and `countryLost` are the largest shares,
0 to 1, of the people, the current portraits and the people of one country that may be gone since the release before.
Whoever was withdrawn is not counted as lost.
"""

from collections import defaultdict
from collections.abc import Iterator

from dontspy_data.package.package import Package
from dontspy_data.release.compare import withdrawals_of


def below_floors(old: Package | None, new: Package) -> Iterator[str]:
    """Each way in which a package is worse than its floors allow, as a clause for people.

    Args:
        old: the release before; None where there is none, and nothing to lose.
        new: what would be released; its floors count.
    """
    floors = new.descriptor["floors"]
    people = _countries(new)
    if len(people) < floors["members"]:
        yield f"it has {len(people):,} members, and at least {floors['members']:,} are expected"
    if old is None:
        return
    withdrawn = withdrawals_of(new)
    before = {mep_id: code for mep_id, code in _countries(old).items() if mep_id not in withdrawn.persons}
    yield from _lost("members", set(before), set(people), floors["membersLost"])
    portraits = _with_portrait(old) - withdrawn.people
    yield from _lost("current portraits", portraits, _with_portrait(new), floors["portraitsLost"])
    of_country: dict[str, set[int]] = defaultdict(set)
    for mep_id, code in before.items():
        if code:
            of_country[code].add(mep_id)
    for code in sorted(of_country):
        yield from _lost(f"members for {code}", of_country[code], set(people), floors["countryLost"])


def _lost(what: str, before: set[int], after: set[int], most: float) -> Iterator[str]:
    gone = len(before - after)
    if gone > most * len(before):
        yield f"{gone:,} of {len(before):,} {what} are gone ({gone / len(before):.0%}), and at most {most:.0%} may be"


def _countries(package: Package) -> dict[int, str | None]:
    return {row["mep_id"]: row["country"] for row in package.read("meps", ["mep_id", "country"]).to_pylist()}


def _with_portrait(package: Package) -> set[int]:
    rows = package.read("portraits", ["mep_id", "status", "is_current"]).to_pylist()
    return {row["mep_id"] for row in rows if row["is_current"] and row["status"] == "present"}
