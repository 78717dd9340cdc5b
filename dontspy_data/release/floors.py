"""Floors: how much a release may lose compared with the one before, from `floors` in `datapackage.json`.

`members` is the smallest number of people; `membersLost`, `portraitsLost` and `countryLost` are the largest shares,
0 to 1, of the people, the current portraits and the people of one country that may be lost since the release before.
A person counts as lost who is gone, or who had a country and no longer has one: if a roster was not read, other pages
still name its people, but not their countries. A changed country is a correction.
A person also counts as lost who sat, is no longer on any list, and has not left by any page: half a list looks like
that. Withdrawn people are not counted as lost, and a column that only one package has is not compared.

A package is also below its floors if a source exceeded its error budget when it was built (`overBudget`).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Set

from dontspy_data.model import codes
from dontspy_data.package.open import Package
from dontspy_data.release.row_changes import withdrawals_of
from dontspy_data.release.seats import NEEDED, seats_of
from dontspy_data.release.version import shared_columns

CURRENT = ["mep_id", "status", "is_current"]


def below_floors(old: Package | None, new: Package) -> Iterator[str]:
    """Yield each way in which a package is below its floors, as a clause for people.

    Args:
        old: the release before; None if there is none, so nothing can be lost.
        new: what would be released; its floors count.
    """
    yield from new.descriptor.get("overBudget", ())  # packages of older versions of the project lack it
    floors = new.descriptor["floors"]
    members = new.rows("meps") if new.find("meps") else 0
    if members < floors["members"]:
        yield f"it has {members:,} members, and at least {floors['members']:,} are expected"
    if old is None:
        return
    yield from _members_lost(old, new, floors)
    yield from _unlisted(old, new, floors)
    yield from _portraits_lost(old, new, floors["portraitsLost"])


def _members_lost(old: Package, new: Package, floors: Mapping[str, float]) -> Iterator[str]:
    columns = shared_columns(old, new, "meps")
    if "mep_id" not in columns:
        return
    before, after = _countries(old, columns), _countries(new, columns)
    people = before.keys() - withdrawals_of(new).persons
    gone = people - after.keys()
    placeless = {one for one in people - gone if before[one] and not after[one]}
    for what, whole, most in _parts("members", people, before, floors):
        how = "are gone or now without a country" if whole & placeless else "are gone"
        yield from _lost(what, how, whole, gone | placeless, most)


def _unlisted(old: Package, new: Package, floors: Mapping[str, float]) -> Iterator[str]:
    """Yield a clause if too many people who sat are on no list, though no page says that they left: half a list."""
    columns = shared_columns(old, new, "meps")
    if "mep_id" not in columns or not shared_columns(old, new, "mandates").issuperset(NEEDED):
        return
    countries = _countries(old, columns)
    people = countries.keys() - withdrawals_of(new).persons
    was, now = seats_of(old, people), seats_of(new, people)
    sat = {mep_id for mep_id in people if was.ongoing(mep_id)}
    missing = {
        mep_id
        for mep_id in sat
        if not now.ongoing(mep_id) and (last := now.latest(mep_id)) and last["state"] == "unknown"
    }
    for what, whole, most in _parts("sitting members", sat, countries, floors):
        if len(missing & whole) == 1:  # one person is not a list that was cut off, however few there are
            continue
        yield from _lost(what, "are on no list, and no page says that they left", whole, missing, most)


def _parts(
    what: str, people: Set[int], countries: Mapping[int, str | None], floors: Mapping[str, float]
) -> Iterator[tuple[str, Set[int], float]]:
    """Yield all people, then those of each country, with their label and the share that may be lost."""
    yield what, people, floors["membersLost"]
    names = {country.code: country.name_en for country in codes.countries()}
    of_country: dict[str, set[int]] = defaultdict(set)
    for mep_id in people:
        of_country[countries[mep_id] or ""].add(mep_id)
    for code in sorted(of_country.keys() - {""}):
        yield f"{what} for {names.get(code, code)}", of_country[code], floors["countryLost"]


def _portraits_lost(old: Package, new: Package, most: float) -> Iterator[str]:
    if shared_columns(old, new, "portraits").issuperset(CURRENT):
        before = _with_portrait(old) - withdrawals_of(new).people
        yield from _lost("current portraits", "are gone", before, before - _with_portrait(new), most)


def _lost(what: str, how: str, before: Set[int], lost: Set[int], most: float) -> Iterator[str]:
    count = len(before & lost)
    if count > most * len(before):
        yield (
            f"{count:,} of {len(before):,} {what} {how} ({count / len(before):.0%}), and at most {most:.0%} may be"
        )


def _countries(package: Package, columns: Set[str]) -> dict[int, str | None]:
    """Return the country by person; None for everybody if the column cannot be compared."""
    names = [name for name in ("mep_id", "country") if name in columns]
    return {row["mep_id"]: row.get("country") for row in package.read("meps", names).to_pylist()}


def _with_portrait(package: Package) -> set[int]:
    rows = package.read("portraits", CURRENT).to_pylist()
    return {row["mep_id"] for row in rows if row["is_current"] and row["status"] == "present"}
