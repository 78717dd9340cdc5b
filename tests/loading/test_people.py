"""Who was a member on a day, and splits by person."""

import warnings
from datetime import date, timedelta
from itertools import pairwise

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dontspy_data as dd
from dontspy_data.errors import UsageError
from dontspy_data.loading.people import IncompleteWarning, members_on, split_people
from dontspy_data.model import codes

SEEN = pd.Timestamp("2023-04-27", tz="UTC")
MEPS = pd.DataFrame(
    {
        "mep_id": [1, 2, 3],
        "name": ["Ada", "Ben", "Cy"],
        "death_date": pd.to_datetime([None, None, "2022-01-11"]),
    }
)


def period(
    mep_id: int, start: str | None, end: str | None, state: str, term: int | None = 9, **more: object
) -> dict:
    dates = {
        "start_date": pd.Timestamp(start) if start else pd.NaT,
        "end_date": pd.Timestamp(end) if end else pd.NaT,
    }
    seen = {"first_seen": SEEN - pd.Timedelta(days=10), "last_seen": SEEN}
    return {"mep_id": mep_id, "term": term, "state": state, **dates, **seen, "country": "MT", **more}


def held_in(memberships: list[dict]) -> pd.DataFrame:
    """Return memberships as the table has them, also if there are none."""
    columns = [*period(1, None, None, "ended"), "kind", "political_group", "body"]
    held = pd.DataFrame([{**dict.fromkeys(columns), **one} for one in memberships], columns=columns)
    for name in ("start_date", "end_date"):
        held[name] = pd.to_datetime(held[name])
    for name in ("first_seen", "last_seen"):
        held[name] = pd.to_datetime(held[name], utc=True)
    return held


def on(day: str, mandates: list[dict], memberships: list[dict] = ()) -> pd.DataFrame:
    held = held_in(memberships)
    with warnings.catch_warnings(category=IncompleteWarning, action="ignore"):
        return members_on(date.fromisoformat(day), MEPS, pd.DataFrame(mandates), held, certain=False)


def warned(day: str, known: int, others: int = 0) -> str:
    """Return the warning of a day on which so many are known and so many others can have sat; empty if none."""
    people = range(1, known + others + 1)
    meps = pd.DataFrame({"mep_id": people, "name": "Ada", "death_date": pd.to_datetime([None] * len(people))})
    mandates = [period(mep_id, "2019-07-02", "2024-07-15", "ended") for mep_id in people[:known]]
    mandates += [period(mep_id, None, None, "unknown") for mep_id in people[known:]]
    held = held_in([])
    with warnings.catch_warnings(record=True, action="always", category=IncompleteWarning) as caught:
        found = members_on(date.fromisoformat(day), meps, pd.DataFrame(mandates), held)
    assert len(found) == known
    return "".join(str(one.message) for one in caught)


@pytest.mark.parametrize(
    ("start", "end", "state", "day", "certain"),
    [
        ("2019-07-02", "2023-05-01", "ended", "2023-05-01", True),
        ("2019-07-02", "2023-05-01", "ended", "2019-07-02", True),
        ("2019-07-02", "2023-04-30", "ended", "2023-05-01", None),
        ("2023-05-02", None, "ongoing", "2023-05-01", None),
        ("2019-07-02", None, "ongoing", "2023-04-27", True),
        ("2019-07-02", None, "ongoing", "2023-04-28", False),  # seen last the day before
        (None, None, "ongoing", "2023-04-20", True),  # seen before and after
        (None, None, "ongoing", "2023-04-01", False),  # not seen yet
        (None, None, "unknown", "2023-04-20", False),
        (None, None, "ended", "2023-04-20", True),  # ended with its term, and was seen in it before and after
        (None, "2023-05-01", "ended", "2023-04-20", False),
        ("2019-07-02", None, "ended", "2023-04-20", False),
    ],
)
def test_a_mandate_counts_unless_something_speaks_against_it(
    start: str | None, end: str | None, state: str, day: str, certain: bool | None
) -> None:
    found = on(day, [period(1, start, end, state)])
    assert found["is_certain"].tolist() == ([] if certain is None else [certain])


def test_a_mandate_of_another_term_does_not_count() -> None:
    assert on("2024-07-16", [period(1, None, None, "ongoing", term=9)]).empty
    assert len(on("2024-07-15", [period(1, None, None, "ongoing", term=9)])) == 1


def test_the_dead_are_members_until_the_day_they_died() -> None:
    sat = [period(3, None, None, "unknown")]
    assert len(on("2022-01-11", sat)) == 1
    assert on("2022-01-12", sat).empty


def test_a_person_has_one_row_and_the_certain_one() -> None:
    sat = [period(1, None, None, "unknown"), period(1, "2022-01-01", "2023-05-01", "ended", country="FR")]
    found = on("2023-04-20", sat)
    assert found[["mep_id", "country", "is_certain"]].values.tolist() == [[1, "FR", True]]


def test_group_and_party_are_those_of_the_day() -> None:
    held = [
        period(
            1, "2019-07-02", "2021-01-01", "ended", kind="political_group", political_group="EPP", body="EPP"
        ),
        period(1, "2021-01-02", None, "ongoing", kind="political_group", political_group="NI", body="None"),
        period(1, None, None, "ongoing", term=None, kind="national_party", body="Partit"),
        period(1, "2021-01-02", None, "ongoing", kind="committee", body="Fisheries"),
    ]
    sat = [period(1, "2019-07-02", None, "ongoing"), period(2, "2019-07-02", None, "ongoing")]
    for day, group in (("2020-05-01", "EPP"), ("2022-05-01", "NI")):
        found = on(day, sat, held).set_index("mep_id")
        assert found.loc[1, ["political_group", "national_party"]].tolist() == [group, "Partit"]
        assert found.loc[2, ["political_group", "national_party"]].isna().all()


@pytest.mark.parametrize(
    ("known", "others", "parts"),
    [
        (705, 0, ()),
        (700, 0, ()),  # some seats are vacant
        (0, 873, ("0 of 705 seats", "873 more", "certain=False")),
        (700, 5, ("700 of 705 seats", "5 more")),
        (56, 0, ("56 of 705 seats",)),
        (706, 0, ("706 of 705 seats", "more than there were")),
    ],
)
def test_a_warning_has_both_counts_where_they_differ(known: int, others: int, parts: tuple[str, ...]) -> None:
    said = warned("2021-03-01", known, others)
    assert bool(said) == bool(parts)
    assert all(part in said for part in parts)


def test_members_of_the_sample(faces: dd.OpenDataFaces) -> None:
    with pytest.warns(IncompleteWarning, match="56 of 720 seats"):
        now = faces.at("2026-01-15")
    assert len(now) == 56
    assert now["is_certain"].all()
    assert now["political_group"].notna().all()
    assert now["mep_id"].is_unique
    with pytest.warns(IncompleteWarning, match="0 of 720 seats"):
        assert faces.at(date(2027, 1, 1)).empty
    with pytest.warns(IncompleteWarning):
        later = faces.at(date(2027, 1, 1), certain=False)
    assert len(later) == 56
    assert not later["is_certain"].any()


def test_days_that_are_none_and_days_before_the_parliament(faces: dd.OpenDataFaces) -> None:
    for none in ("May 2023", None, 20230501):
        with pytest.raises(UsageError, match=f"{none!r} is not a day"):
            faces.at(none)
    with pytest.raises(UsageError, match="Member on 1950-01-01"):
        faces.at("1950-01-01")


@given(st.sets(st.integers(1, 10**7)), st.floats(0.01, 0.99), st.floats(0.01, 0.99))
def test_a_split_is_of_everybody_and_of_nobody_twice(people: set[int], one: float, other: float) -> None:
    train, test = split_people(people, one)
    assert train | test == people
    assert not train & test
    smaller, larger = sorted((one, other))
    assert split_people(people, smaller)[1] <= split_people(people, larger)[1]


def test_a_split_comes_out_about_as_asked_for() -> None:
    assert 1900 < len(split_people(range(1, 10_001), 0.2)[1]) < 2100


def test_a_split_does_not_change_with_the_release() -> None:
    everybody = split_people(range(1000), 0.2)[1]
    assert split_people(range(0, 1000, 7), 0.2)[1] == {person for person in everybody if person % 7 == 0}
    assert sorted(everybody)[:5] == [8, 9, 39, 46, 47]


def test_a_part_can_be_split_like_the_whole() -> None:
    train, tested = split_people(range(10_000), 0.2)
    for part in (train, tested):
        assert 0.22 < len(split_people(part, 0.25, draw=1)[1]) / len(part) < 0.28


def test_a_third_part_to_validate_on(faces: dd.OpenDataFaces) -> None:
    rest, test = faces.split(0.3)
    train, validation = rest.split(0.4)
    parts = [set(part.meps["mep_id"]) for part in (train, validation, test)]
    assert all(parts)
    assert set.union(*parts) == set(faces.meps["mep_id"])
    assert sum(map(len, parts)) == 62


def test_every_table_of_a_split_is_of_its_own_people(faces: dd.OpenDataFaces) -> None:
    train, test = faces.split(test=0.3)
    assert len(train.meps) + len(test.meps) == 62
    for name, table in faces.tables.schemas.items():
        columns = [field.name for field in table.fields]
        if "mep_id" not in columns:
            assert len(getattr(test, name)) == len(getattr(faces, name))
            continue
        ours, theirs = set(getattr(train, name)["mep_id"]), set(getattr(test, name)["mep_id"])
        assert not ours & theirs, name
        assert list(test.table(name, columns=columns[-1:]).columns) == columns[-1:]
    assert set(test.credits) <= set(test.meps["mep_id"])


@pytest.mark.parametrize("share", [0, 1, -0.1, 20])
def test_a_share_is_between_0_and_1(share: float, faces: dd.OpenDataFaces) -> None:
    with pytest.raises(UsageError, match="is not between 0 and 1"):
        faces.split(test=share)


KNOWN = {
    "1979-07-17": 410,
    "1981-01-01": 434,
    "1984-07-24": 434,
    "1986-01-01": 518,
    "1989-07-25": 518,
    "1994-07-19": 567,
    "1995-01-01": 626,
    "1999-07-20": 626,
    "2004-05-01": 788,
    "2004-09-01": 732,
    "2007-01-01": 785,
    "2009-07-14": 736,
    "2011-12-01": 754,
    "2013-07-01": 766,
    "2014-07-01": 751,
    "2018-01-15": 751,
    "2019-07-02": 751,
    "2020-02-01": 705,
    "2023-04-27": 705,
    "2024-07-16": 720,
}
"""Members on twenty days, by the Parliament's own pages on its history."""


@pytest.fixture(scope="module")
def ten_terms() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Ten terms of invented Members, who change where the number of seats does, and all their mandates."""
    changes = [(day, seats) for day, seats in codes.in_force().seats if day >= date(1979, 7, 17)]
    spans = [(start, seats, end - timedelta(days=1)) for (start, seats), (end, _) in pairwise(changes)]
    spans.append((*changes[-1], None))
    mandates = pd.DataFrame(
        {"start_date": start, "end_date": end, "term": codes.term_on(start)}
        for start, seats, end in spans
        for _ in range(seats)
    )
    for name in ("start_date", "end_date"):
        mandates[name] = pd.to_datetime(mandates[name])
    mandates["mep_id"] = range(1, len(mandates) + 1)
    mandates["state"] = ["ongoing" if pd.isna(end) else "ended" for end in mandates["end_date"]]
    mandates = mandates.assign(first_seen=SEEN, last_seen=pd.Timestamp("2026-01-15", tz="UTC"), country="MT")
    meps = pd.DataFrame({"mep_id": mandates["mep_id"], "name": "Ada", "death_date": pd.NaT})
    return meps, mandates


def test_the_members_of_twenty_days_are_as_many_as_is_known(
    ten_terms: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    meps, mandates = ten_terms
    with warnings.catch_warnings(category=IncompleteWarning, action="error"):
        found = {day: len(members_on(date.fromisoformat(day), meps, mandates, held_in([]))) for day in KNOWN}
    assert found == KNOWN


def test_where_dates_are_not_known_the_day_says_how_many_are(
    ten_terms: tuple[pd.DataFrame, pd.DataFrame],
) -> None:
    meps, mandates = ten_terms
    undated = mandates.assign(state="unknown")
    undated.loc[undated["mep_id"] % 2 == 0, ["start_date", "end_date"]] = pd.NaT
    with pytest.warns(IncompleteWarning, match="known: 217 of 434 seats"):
        sat = members_on(date(1984, 7, 24), meps, undated, held_in([]))
    assert len(sat) == 217
