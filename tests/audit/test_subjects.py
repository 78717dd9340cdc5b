"""Who is looked at, and the official facts that guesses are held against."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.audit.model import Box
from dontspy_data.audit.subjects import Reference, _mandate_starts, _reference, _upright_box, read_subjects
from dontspy_data.errors import UsageError
from dontspy_data.package.package import open_package
from dontspy_data.portraits.faces import stored
from dontspy_data.portraits.quality import Point

SEEN = datetime(2023, 4, 27, tzinfo=UTC)


def test_every_current_portrait_is_a_subject_once(package: Path) -> None:
    subjects = read_subjects(open_package(package))
    rows = open_package(package).read("portraits").to_pylist()
    current = {row["portrait_id"] for row in rows if row["is_current"] and row["status"] == "present"}
    assert {subject.portrait_id for subject in subjects} == current
    assert len(subjects) == len(current) < len(rows)
    assert all(subject.path.is_file() for subject in subjects)


def test_facts_are_those_of_the_release(package: Path) -> None:
    people = {row["mep_id"]: row for row in open_package(package).read("meps").to_pylist()}
    subjects = read_subjects(open_package(package))
    for subject in subjects:
        person = people[subject.mep_id]
        assert (subject.gender, subject.country) == (person["gender"], person["country"])
        if subject.age is not None:
            assert subject.reference is not None
            days = (subject.reference.day - person["birth_date"]).days
            assert subject.age == pytest.approx(days / 365.2425)
    assert any(subject.age is not None for subject in subjects)


def test_the_pictures_own_day_comes_first() -> None:
    portrait = {"captured_on": date(2020, 5, 4), "last_seen": SEEN}
    assert _reference(portrait, [date(2019, 7, 2)]) == Reference(date(2020, 5, 4), "picture")


def test_without_one_it_is_the_latest_mandate_before_the_portrait_was_seen() -> None:
    portrait = {"captured_on": None, "last_seen": SEEN}
    starts = [date(2014, 7, 1), date(2024, 7, 16), date(2019, 7, 2)]
    assert _reference(portrait, starts) == Reference(date(2019, 7, 2), "term_start")
    assert _reference(portrait, [date(2024, 7, 16)]) is None


def test_a_mandate_without_a_day_starts_with_its_term() -> None:
    rows: list[dict[str, Any]] = [
        {"mep_id": 1, "term": 9, "start_date": None},
        {"mep_id": 1, "term": 8, "start_date": date(2016, 1, 1)},
    ]
    assert _mandate_starts(rows) == {1: [date(2019, 7, 2), date(2016, 1, 1)]}


@given(
    orientation=st.integers(1, 8),
    left=st.integers(0, 50),
    top=st.integers(0, 100),
    width=st.integers(1, 40),
    height=st.integers(1, 60),
)
def test_a_stored_box_is_turned_upright(
    orientation: int, left: int, top: int, width: int, height: int
) -> None:
    upright = (170, 215)
    corners = [
        stored(Point(x, y), upright, orientation) for x, y in ((left, top), (left + width, top + height))
    ]
    (x0, x1), (y0, y1) = sorted(point.x for point in corners), sorted(point.y for point in corners)
    size = upright if orientation < 5 else upright[::-1]
    portrait = {"orientation": orientation, "width": size[0], "height": size[1]}
    face = {"left": x0, "top": y0, "width": x1 - x0, "height": y1 - y0}
    assert _upright_box(face, portrait) == Box(left, top, width, height)


def test_a_package_without_portraits_is_refused(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = open_package(package)
    none = opened.read("portraits").slice(0, 0)
    monkeypatch.setattr(type(opened), "read", lambda self, name, columns=None: none)
    with pytest.raises(UsageError, match="no portraits"):
        read_subjects(opened)
