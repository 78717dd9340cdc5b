"""Events: what is told of rows that changed, each thing once and by its name."""

import shutil
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.package.open import Package, open_package
from dontspy_data.release.changelog import ChangeLine, Section, markdown
from dontspy_data.release.event_kinds import Event, EventKind
from dontspy_data.release.events import events_between
from dontspy_data.release.release import difference
from dontspy_data.release.row_changes import compare
from dontspy_data.release.seats import SITS, Seats, came_and_went

PERSON = 9000001
Rows = list[dict[str, Any]]


def change(mep_id: int, **values: Any) -> Any:
    """Change every row of a person."""
    return lambda rows: [{**row, **(values if row["mep_id"] == mep_id else {})} for row in rows]


def told(old: Package, new: Package) -> list[Event]:
    """What happened, in order."""
    return list(events_between(old, new, compare(old, new)).events)


@pytest.fixture
def before(few: Any) -> Package:
    return open_package(few)


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"state": "ended", "end_date": date(2026, 1, 31)}, EventKind.LEFT),
        ({"state": "unknown"}, EventKind.NO_LONGER_LISTED),
    ],
)
def test_whoever_sits_no_more_is_told_once(
    values: Any, kind: EventKind, before: Package, edit_few: Any
) -> None:
    edit_few.rows("mandates", change(PERSON, **values))
    (event,) = told(before, edit_few.package)
    assert (event.kind, event.mep_id, event.day) == (kind, PERSON, values.get("end_date"))
    (back,) = told(edit_few.package, before)
    assert (back.kind, back.mep_id) == (EventKind.LISTED_AGAIN, PERSON)


def test_nobody_who_sits_on_has_left(before: Package, edit_few: Any) -> None:
    def elect(rows: Rows) -> Rows:
        mine = [row for row in rows if row["mep_id"] == PERSON and row["state"] == "ongoing"]
        ended = [{**row, "state": "ended", "end_date": date(2029, 7, 16)} for row in mine]
        again = {**mine[0], "mandate_id": f"{PERSON}-11-1", "term": 11, "start_date": date(2029, 7, 17)}
        return [*(row for row in rows if row not in mine), *ended, again]

    edit_few.rows("mandates", elect)
    edit_few.rows("meps", change(PERSON, latest_term=11))
    (event,) = told(before, edit_few.package)
    assert (event.kind, event.day) == (EventKind.REELECTED, date(2029, 7, 17))


def test_a_death_is_told_and_neither_a_departure_nor_a_correction(before: Package, edit_few: Any) -> None:
    day = date(2026, 2, 1)
    edit_few.rows("mandates", change(PERSON, state="ended", end_date=day))
    edit_few.rows("meps", change(PERSON, death_date=day))
    (event,) = told(before, edit_few.package)
    assert (event.kind, event.day) == (EventKind.DIED, day)


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        ("Ada ALT", "Ada NEU", EventKind.RENAMED),
        ("Ada ALT", "Ada ALT-NEU", EventKind.RENAMED),
        ("Ada KONECNA", "Ada KONEČNÁ", EventKind.CORRECTED),
        ("Ada KONE?NÁ", "Ada KONEČNÁ", EventKind.CORRECTED),
        ("ALT Ada", "Ada Alt", EventKind.CORRECTED),
    ],
)
def test_another_name_is_no_correction(was: str, now: str, kind: EventKind, edit_few: Any) -> None:
    edit_few.rows("meps", change(PERSON, name=was, sort_name=was))

    released = edit_few.package
    second = type(edit_few)(shutil.copytree(edit_few.folder, edit_few.folder.parent / "second"))
    second.rows("meps", change(PERSON, name=now, sort_name=now))
    found = told(released, second.package)
    assert {event.kind for event in found} == {kind}
    assert len(found) == (1 if kind is EventKind.RENAMED else 2)


def test_another_number_with_the_same_name_and_birth_date_is_flagged(before: Package, edit_few: Any) -> None:
    def renumber(rows: Rows) -> Rows:
        return [{**row, **({"mep_id": 9009999} if row["mep_id"] == PERSON else {})} for row in rows]

    for table in ("meps", "mandates"):
        edit_few.rows(table, renumber)
    found = [e for e in told(before, edit_few.package) if not e.kind.value.startswith("portrait")]
    assert [(e.kind, e.mep_id, e.before) for e in found] == [(EventKind.RENUMBERED, 9009999, str(PERSON))]


def test_what_is_long_is_folded_by_country_and_nothing_is_cut(before: Package, edit_few: Any) -> None:
    lines = [ChangeLine(f"line {n}", n, country=("Malta", "Greece", "")[n % 3]) for n in range(300)]
    text = "\n".join(markdown([Section("Left", tuple(lines))]))
    assert all(f"- line {n}\n" in text for n in range(300))
    assert "<details><summary>Malta (100)</summary>" in text
    assert text.index("Greece") < text.index("Malta") < text.index("Others")
    found = difference(before, edit_few.package)
    assert found.events == ()


@pytest.mark.parametrize(
    ("facts", "what"),
    [
        ({"column": "credit_line"}, "credit_line"),
        ({"column": "credit_line", "is_earlier": True}, "earlier credit_line"),
        ({"scope": "person"}, "person"),
        ({}, None),
    ],
)
def test_programs_read_column_and_scope_as_what(facts: dict[str, Any], what: str | None) -> None:
    said = Event(EventKind.PORTRAIT_TERMS, PERSON, "Ada", **facts).as_json()
    assert list(said) == ["kind", "mep_id", "name", "country", "group", "before", "after", "day", "what"]
    assert said["what"] == what


DAYS = st.dates(date(2018, 1, 1), date(2026, 12, 31))
MANDATES = st.lists(
    st.fixed_dictionaries(
        {
            "term": st.integers(8, 11),
            "state": st.sampled_from(["ongoing", "ended", "unknown"]),
            "start_date": st.none() | DAYS,
            "end_date": st.none() | DAYS,
        }
    ),
    max_size=3,
).map(lambda rows: sorted(rows, key=lambda row: (row["term"], row["start_date"] or date.min)))


@given(before=MANDATES, after=MANDATES, day=DAYS)
def test_nobody_who_sits_has_left_and_nobody_who_does_not_has_come(
    before: Rows, after: Rows, day: date
) -> None:
    was, now = (Seats({1: rows} if rows else {}, day) for rows in (before, after))
    kinds = [kind for kind, _ in came_and_went(1, was, now)]
    sat, sits = (seats.ongoing(1) is not None for seats in (was, now))
    if sits:
        assert set(kinds) <= SITS
        assert len(kinds) <= 1
    else:
        assert kinds in (
            [],
            [EventKind.LEFT],
            [EventKind.NO_LONGER_LISTED],
            [EventKind.JOINED, EventKind.LEFT],
        )
        assert kinds or not (sat and after)
    assert sat or EventKind.NO_LONGER_LISTED not in kinds
    assert [*came_and_went(1, now, now)] == []
