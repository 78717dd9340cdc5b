"""Who is looked at, and the official facts that guesses are held against."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dontspy_data.audit.model import Box
from dontspy_data.audit.subjects import Reference, Subject, read_subjects
from dontspy_data.errors import UsageError
from dontspy_data.package.open import Package, open_package
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


@dataclass(frozen=True)
class Person:
    """A package of one person, whose rows can be changed."""

    folder: Path
    opened: Package
    rows: Mapping[str, dict[str, Any]]

    def subject(self, *mandates: dict[str, Any], **changed: dict[str, Any]) -> Subject:
        """What is read of the package with these mandates, and with other cells in other tables."""
        tables = {name: [{**row, **changed.get(name, {})}] for name, row in self.rows.items()}
        tables["mandates"] = [{**self.rows["mandates"], **cells} for cells in mandates]
        for name, rows in tables.items():
            schema = self.opened.read(name).schema
            pq.write_table(pa.Table.from_pylist(rows, schema), self.folder / "data" / f"{name}.parquet")
        (subject,) = read_subjects(replace(self.opened, folder=self.folder))
        return subject


@pytest.fixture(scope="module")
def person(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Person:
    opened = open_package(package)
    portraits = {row["portrait_id"]: row for row in opened.read("portraits").to_pylist() if row["is_current"]}
    faces = opened.read("faces").to_pylist()
    face = next(row for row in faces if row["portrait_id"] in portraits and row["face_id"].endswith("-1"))
    rows = {"faces": face, "portraits": portraits[face["portrait_id"]]}
    for name in ("meps", "mandates"):
        found = opened.read(name).to_pylist()
        rows[name] = next(row for row in found if row["mep_id"] == rows["portraits"]["mep_id"])
    folder = tmp_path_factory.mktemp("person")
    (folder / "data").mkdir()
    return Person(folder, opened, rows)


def test_the_pictures_own_day_comes_first(person: Person) -> None:
    portrait = {"captured_on": date(2020, 5, 4), "last_seen": SEEN}
    mandate, born = {"start_date": date(2019, 7, 2)}, {"birth_date": date(1970, 7, 2)}
    subject = person.subject(mandate, portraits=portrait, meps=born)
    assert subject.reference == Reference(date(2020, 5, 4), "picture")
    assert (subject.age, subject.age_at_term_start) == (
        pytest.approx(49.84, abs=0.01),
        pytest.approx(49, abs=0.01),
    )


def test_a_session_is_the_pictures_own_day_and_photographer(person: Person) -> None:
    portrait = {"captured_on": date(2020, 5, 4), "last_seen": SEEN, "photographer": "Alex Example"}
    assert person.subject(portraits=portrait).session == "2020-05-04, Alex Example"
    assert person.subject(portraits={**portrait, "photographer": None}).session == "2020-05-04"
    mandate = {"start_date": date(2019, 7, 2)}
    assert person.subject(mandate, portraits={**portrait, "captured_on": None}).session is None


def test_a_day_before_the_person_was_born_is_not_taken(person: Person) -> None:
    portrait = {"captured_on": date(1970, 1, 1), "last_seen": SEEN}
    born = {"birth_date": date(1975, 1, 1)}
    subject = person.subject({"start_date": date(2019, 7, 2)}, portraits=portrait, meps=born)
    assert subject.reference == Reference(date(2019, 7, 2), "term_start")
    assert subject.age == pytest.approx(44.5, abs=0.01)
    unknown = person.subject(portraits=portrait, meps={"birth_date": None})
    assert unknown.reference == Reference(date(1970, 1, 1), "picture")


def test_without_one_it_is_the_latest_mandate_before_the_portrait_was_seen(person: Person) -> None:
    portrait = {"captured_on": None, "last_seen": SEEN}
    starts = [{"start_date": day} for day in (date(2014, 7, 1), date(2024, 7, 16), date(2019, 7, 2))]
    subject = person.subject(*starts, portraits=portrait)
    assert subject.reference == Reference(date(2019, 7, 2), "term_start")
    subject = person.subject({"start_date": date(2024, 7, 16)}, portraits=portrait)
    assert (subject.reference, subject.age) == (None, None)
    assert person.subject(portraits=portrait).reference is None


def test_a_mandate_without_a_day_starts_with_its_term(person: Person) -> None:
    mandates = [{"term": 9, "start_date": None}, {"term": 8, "start_date": date(2016, 1, 1)}]
    portrait = {"captured_on": None, "last_seen": SEEN}
    subject = person.subject(*mandates, portraits=portrait)
    assert subject.reference == Reference(date(2019, 7, 2), "term_start")
    earlier = {"captured_on": None, "last_seen": datetime(2019, 7, 1, tzinfo=UTC)}
    subject = person.subject(*mandates, portraits=earlier)
    assert subject.reference == Reference(date(2016, 1, 1), "term_start")


@settings(max_examples=40, deadline=None)
@given(
    orientation=st.integers(1, 8),
    left=st.integers(0, 50),
    top=st.integers(0, 100),
    width=st.integers(1, 40),
    height=st.integers(1, 60),
)
def test_a_stored_box_is_turned_upright(
    person: Person, orientation: int, left: int, top: int, width: int, height: int
) -> None:
    upright = (170, 215)
    corners = [
        stored(Point(x, y), upright, orientation) for x, y in ((left, top), (left + width, top + height))
    ]
    (x0, x1), (y0, y1) = sorted(point.x for point in corners), sorted(point.y for point in corners)
    size = upright if orientation < 5 else upright[::-1]
    portrait = {"orientation": orientation, "width": size[0], "height": size[1]}
    face = {"left": x0, "top": y0, "width": x1 - x0, "height": y1 - y0}
    assert person.subject(portraits=portrait, faces=face).box == Box(left, top, width, height)


def test_without_a_face_there_is_no_box(person: Person) -> None:
    assert person.subject(faces={"face_id": "other-2"}).box is None


def test_a_package_without_portraits_is_refused(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = open_package(package)
    none = opened.read("portraits").slice(0, 0)
    monkeypatch.setattr(type(opened), "read", lambda self, name, columns=None: none)
    with pytest.raises(UsageError, match="no portraits"):
        read_subjects(opened)
