"""People: who was a member on a day, and a split that keeps each person on one side."""

import re
import warnings
from collections.abc import Iterable
from datetime import date
from numbers import Integral
from typing import TYPE_CHECKING

from dontspy_data.errors import UsageError
from dontspy_data.formats.pictures import is_tested
from dontspy_data.model import codes

if TYPE_CHECKING:
    import pandas as pd

VACANT = 0.97
"""The least share of seats that is filled: at times, as after an election, three in a hundred are vacant."""
MONTHS, DAYS = 12, 31
NUMBER = re.compile(r"[0-9]{1,18}")
OTHER_DAY = re.compile(r"([0-9]{1,2})[./-]([0-9]{1,2})[./-]([0-9]{4})")
"""Days as written in most of Europe, or in America."""
COLUMNS = [
    "mep_id",
    "name",
    "country",
    "political_group",
    "national_party",
    "term",
    "start_date",
    "end_date",
    "is_certain",
]


class IncompleteWarning(UserWarning):
    """Fewer members of a day are known than there were, or more than there can have been."""


def as_number(mep_id: object) -> int:
    """Return a person's number, which may be given as text.

    Raises:
        UsageError: it is not a number.
    """
    if isinstance(mep_id, str) and NUMBER.fullmatch(mep_id.strip()):
        return int(mep_id)
    if isinstance(mep_id, bool) or not isinstance(mep_id, Integral):
        raise UsageError(f"{mep_id!r} is not a MEP number", hint="Give the mep_id, such as 197490.")
    return int(mep_id)


def parse_day(day: str | date) -> date:
    """Return a day from `YYYY-MM-DD`, or from a date.

    Raises:
        UsageError: it is not a day, or is before the first Assembly of 1952.
    """
    hint = _day_hint(day)
    if not isinstance(day, str | date):
        raise UsageError(f"{day!r} is not a day", hint=hint)
    try:
        found = date.fromisoformat(day) if isinstance(day, str) else date(day.year, day.month, day.day)
    except ValueError as error:
        raise UsageError(f"{day!r} is not a day: {error}", hint=hint) from error
    first = codes.terms()[0].start_date
    if found < first:
        raise UsageError(
            f"nobody was a Member on {found}",
            hint=f"The first Assembly met on {first}, the first elected one in 1979.",
        )
    return found


def _day_hint(day: object) -> str:
    found = OTHER_DAY.fullmatch(day.strip()) if isinstance(day, str) else None
    if not found:
        return "Days are written year-month-day, like 2023-05-01."
    first, second, year = map(int, found.groups())
    ways = {
        f"{year:04}-{month:02}-{number:02}"
        for number, month in ((first, second), (second, first))
        if 1 <= month <= MONTHS and 1 <= number <= DAYS
    }
    return f"Days are written year-month-day: {' or '.join(sorted(ways)) or '2023-05-01'}."


def members_on(
    day: date,
    meps: "pd.DataFrame",
    mandates: "pd.DataFrame",
    memberships: "pd.DataFrame",
    *,
    certain: bool = True,
) -> "pd.DataFrame":
    """Return who was a member on a day, with country, group and party of that day.

    Members for sure are those whose mandate has dates on both sides of the day, or whom the Parliament listed as
    members before and after. Others of that day's parliamentary term are possible members: their mandate
    neither began later nor ended before, and they had not died.

    A warning says how many of the day's seats are known, if possible members are left out or the number is far
    from that of the seats.

    Args:
        day: the day.
        meps: the table.
        mandates: the table.
        memberships: the table.
        certain: whether to leave out possible members; otherwise `is_certain` tells them apart.

    Returns:
        One row per person, by number, with the mandate's term and dates.
    """
    import pandas as pd

    term = codes.term_on(day)
    sat = _best(_covering(mandates[mandates["term"] == term], day))
    held = memberships[memberships["term"].isna() | (memberships["term"] == term)]
    alive = meps[meps["death_date"].isna() | (meps["death_date"] >= pd.Timestamp(day))]
    result = sat.merge(alive[["mep_id", "name"]], on="mep_id")
    for kind, column in (("political_group", "political_group"), ("national_party", "body")):
        body = _best(_covering(held[held["kind"] == kind], day))[["mep_id", column]]
        result = result.merge(body.rename(columns={column: kind}), on="mep_id", how="left")
    known = int(result["is_certain"].sum())
    if doubt := _doubt(day, known, len(result), codes.seats_on(day)):
        warnings.warn(doubt, IncompleteWarning, stacklevel=3)
    return result[result["is_certain"]][COLUMNS].reset_index(drop=True) if certain else result[COLUMNS]


def _doubt(day: date, known: int, possible: int, seats: int) -> str:
    """Return a warning about the numbers of a day; empty if they are plausible."""
    if known == possible and VACANT * seats <= known <= seats:
        return ""
    said = f"{day}: known: {known:,} of {seats:,} seats"
    if known > seats:
        return f"{said}, which is more than there were: some mandates have wrong dates, or lack their end"
    if possible > known:
        more = possible - known
        return f"{said}; {more:,} more sat at some time in that term; certain=False includes them, marked"
    return said


def split_people(people: Iterable[int], test: float, draw: int = 0) -> tuple[frozenset[int], frozenset[int]]:
    """Split people into those to train on and those to test on; arguments as for `is_tested`.

    Raises:
        UsageError: `test` is not between 0 and 1.
    """
    if not 0 < test < 1:
        raise UsageError(f"{test} is not between 0 and 1", hint="Give a number between 0 and 1, such as 0.2.")
    people = frozenset(people)
    tested = frozenset(person for person in people if is_tested(person, test, draw))
    return people - tested, tested


def _covering(periods: "pd.DataFrame", day: date) -> "pd.DataFrame":
    """Return the periods that may include a day, and whether they certainly do."""
    import pandas as pd

    at = pd.Timestamp(day)
    start, end = periods["start_date"], periods["end_date"]
    possible = (start.isna() | (start <= at)) & (end.isna() | (end >= at))
    first, last = (periods[name].dt.tz_localize(None).dt.normalize() for name in ("first_seen", "last_seen"))
    # Pages of that time said that a period without dates that ended with its term was going on.
    ends = periods["term"].map(
        {t.term: pd.Timestamp(t.end_date) if t.end_date else pd.NaT for t in codes.terms()}
    )
    of_its_time = (periods["state"] == "ended") & start.isna() & end.isna() & (last <= ends)
    listed = (periods["state"] == "ongoing") | of_its_time
    begun = (start <= at) | (start.isna() & listed & (first <= at))
    not_over = (end >= at) | (end.isna() & listed & (last >= at))
    return periods.assign(is_certain=begun & not_over)[possible]


def _best(periods: "pd.DataFrame") -> "pd.DataFrame":
    """Choose one period per person: a certain one, else the one that began last, else the one seen last."""
    order = ["mep_id", "is_certain", "start_date", "last_seen"]
    return periods.sort_values(order, na_position="first", kind="stable").drop_duplicates(
        "mep_id", keep="last"
    )


def portraits_on(day: date, portraits: "pd.DataFrame", periods: "pd.DataFrame") -> "pd.DataFrame":
    """Return the rows of `portraits` that were shown on a day, with the period: `shown_from` and `shown_until`.

    What was shown is the person's latest answer received by the end of that day; people
    without an answer by then are left out.

    Args:
        day: the day.
        portraits: the table.
        periods: the table `portrait_periods`.
    """
    import pandas as pd

    end = pd.Timestamp(day, tz="UTC") + pd.Timedelta(days=1)
    begun = periods[periods["first_seen"] < end].sort_values(["mep_id", "first_seen"])
    latest = begun.groupby("mep_id").tail(1)
    latest = latest.rename(columns={"first_seen": "shown_from", "last_seen": "shown_until"})
    found = portraits.merge(latest[["portrait_id", "shown_from", "shown_until"]], on="portrait_id")
    return found[found["path"].notna()].sort_values("mep_id").reset_index(drop=True)
