"""The portraits of a package that are audited, each with the official facts that guesses are compared with.

The table `attribution_exclusions` says who is left out of an audit, or of one of its figures, and why.
"""

import hashlib
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dontspy_data.audit.model import Attribute, Box
from dontspy_data.errors import UsageError
from dontspy_data.loading.people import IncompleteWarning, members_on, portraits_on
from dontspy_data.loading.tables import to_pandas
from dontspy_data.model import codes
from dontspy_data.package.files import picture_file
from dontspy_data.package.open import Package
from dontspy_data.portraits.faces import stored
from dontspy_data.portraits.quality import Point

if TYPE_CHECKING:
    import pandas as pd

DAYS_A_YEAR = 365.2425
INVERSE_ORIENTATION = {6: 8, 8: 6}
"""Orientations that are not their own inverse."""
EVERYTHING = "all"
"""The name for all models, or all attributes."""


@dataclass(frozen=True, slots=True)
class Reference:
    """The day on which the official age is taken.

    Attributes:
        day: the day.
        source: `picture` if the picture's metadata give a plausible day, else
            `term_start`.
    """

    day: date
    source: str


@dataclass(frozen=True, slots=True)
class Subject:
    """A portrait and the official facts about the person in it.

    Attributes:
        portrait_id: key of the portrait.
        mep_id: the person's number.
        path: the picture's file.
        sha256: of the file.
        box: of the largest face, in pixels of the upright picture; None if the package has none.
        gender: as officially published; None if it is not.
        age: in years, on the day of `reference`; None if the birth date or that day is not known.
        reference: None if neither the picture nor a mandate gives a day.
        country: represented, ISO 3166-1 alpha-2.
        political_group: latest group known.
        session: identifies portraits taken together: the day and, if named, the photographer;
            None if the picture does not say when it was taken.
        age_at_term_start: in years, on the first day of the mandate, whatever the picture says.
    """

    portrait_id: str
    mep_id: int
    path: Path
    sha256: str
    box: Box | None
    gender: str | None
    age: float | None
    reference: Reference | None
    country: str | None
    political_group: str | None
    session: str | None
    age_at_term_start: float | None


class ExclusionReason(StrEnum):
    """Why somebody is left out."""

    SETTINGS = "settings"
    NOT_SAMPLED = "not_sampled"
    NO_BOX = "no_box"
    NO_GENDER = "no_gender"
    NO_AGE = "no_age"
    NO_FACE = "no_face"


@dataclass(frozen=True, slots=True)
class ExclusionRow:
    """A row of `attribution_exclusions`, see its schema."""

    portrait_id: str
    mep_id: int
    model: str
    attribute: str
    reason: str
    detail: str | None


def read_subjects(package: Package, day: date | None = None) -> tuple[Subject, ...]:
    """Return the portraits of a package that are audited, by the person's number.

    Args:
        package: where they are.
        day: those that were shown on that day, with country and group at the time; None for the current ones.

    Raises:
        UsageError: the package has no such portraits, or no table that says when they were shown.
    """
    shown = _shown_on(package, day) if day else None
    portraits = [
        row
        for row in _rows(package, "portraits")
        if row["path"] and (row["is_current"] if shown is None else row["portrait_id"] in shown)
    ]
    if not portraits:
        raise UsageError(
            f"{package.folder} has no portraits to audit" + (f" of {day}" if day else ""),
            hint="Build it from a capture that holds portraits.",
        )
    people = {row["mep_id"]: row for row in _rows(package, "meps")}
    then = _then(package, day) if day else {}
    starts = _mandate_starts(_rows(package, "mandates"))
    faces = {row["portrait_id"]: row for row in _rows(package, "faces") if row["face_id"].endswith("-1")}
    return tuple(
        _subject(
            package.folder,
            _seen_by(row, day) if day else row,
            people[row["mep_id"]] | then.get(row["mep_id"], {}),
            starts,
            faces.get(row["portrait_id"]),
        )
        for row in sorted(portraits, key=lambda row: row["mep_id"])
    )


def choose(
    subjects: Sequence[Subject],
    *,
    exclude: Mapping[int, str],
    needs_box: bool,
    sample: int | None,
    seed: int,
) -> tuple[tuple[Subject, ...], tuple[ExclusionRow, ...]]:
    """Return the portraits that models are asked about, and those that are left out.

    Args:
        subjects: from `read_subjects`.
        exclude: numbers of people who are left out, each with the reason.
        needs_box: whether portraits without a box are left out.
        sample: how many are drawn; None for all.
        seed: decides which.
    """
    allowed = [one for one in subjects if one.mep_id not in exclude and (one.box or not needs_box)]
    sampled = drawn(allowed, len(allowed) if sample is None else sample, seed)
    left_out = []
    for one in subjects:
        if one.mep_id in exclude:
            left_out.append(exclusion(one, ExclusionReason.SETTINGS, detail=exclude[one.mep_id]))
        elif needs_box and not one.box:
            left_out.append(exclusion(one, ExclusionReason.NO_BOX))
        elif one.portrait_id not in sampled:
            left_out.append(exclusion(one, ExclusionReason.NOT_SAMPLED))
    return tuple(one for one in allowed if one.portrait_id in sampled), tuple(left_out)


def drawn(subjects: Iterable[Subject], count: int, seed: int) -> frozenset[str]:
    """Draw portraits by a digest of seed and key, so that each draw is independent of the others."""
    by_digest = sorted(
        (hashlib.sha256(f"{seed}:{one.portrait_id}".encode()).digest(), one.portrait_id) for one in subjects
    )
    return frozenset(portrait for _, portrait in by_digest[:count])


def without_facts(subjects: Iterable[Subject]) -> Iterator[ExclusionRow]:
    """Yield rows for those whose official gender or age is not known, so that no guess of it can be judged."""
    for one in subjects:
        if one.gender is None:
            yield exclusion(one, ExclusionReason.NO_GENDER, attribute=Attribute.GENDER)
        if one.age is None:
            yield exclusion(one, ExclusionReason.NO_AGE, attribute=Attribute.AGE)


def exclusion(
    subject: Subject,
    reason: ExclusionReason,
    *,
    model: str = EVERYTHING,
    attribute: str = EVERYTHING,
    detail: str | None = None,
) -> ExclusionRow:
    """Return the row for somebody who is left out; of everything, unless a model or attribute is named."""
    return ExclusionRow(subject.portrait_id, subject.mep_id, model, attribute, reason, detail)


def what_is_known(subjects: Sequence[Subject], *, without_box: int) -> dict[str, int]:
    """Count what is known about the audited portraits, for the report's limits.

    Args:
        subjects: the audited portraits.
        without_box: how many others are left out, since the release has no box to give to the models.
    """
    sources = Counter(subject.reference.source if subject.reference else None for subject in subjects)
    return {
        "portraits": len(subjects),
        "no_gender": sum(subject.gender is None for subject in subjects),
        "no_age": sum(subject.age is None for subject in subjects),
        "dated_by_picture": sources["picture"],
        "dated_by_term": sources["term_start"],
        "without_box": without_box,
    }


def _shown_on(package: Package, day: date) -> frozenset[str]:
    """Return the keys of the portraits that were shown on a day."""
    portraits, periods = (_frame(package, name) for name in ("portraits", "portrait_periods"))
    return frozenset(portraits_on(day, portraits, periods)["portrait_id"])


def _then(package: Package, day: date) -> dict[int, dict[str, Any]]:
    """Return country and group of those who were members on a day, by number; None for what is not known."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", IncompleteWarning
        )  # it is about seats, which do not matter for an audit
        tables = [_frame(package, name) for name in ("meps", "mandates", "memberships")]
        members = members_on(day, *tables, certain=False)
    return {
        int(row["mep_id"]): {
            column: row[column] if isinstance(row[column], str) else None
            for column in ("country", "political_group")
        }
        for row in members.to_dict("records")
    }


def _seen_by(portrait: Mapping[str, Any], day: date) -> Mapping[str, Any]:
    """Return a portrait as known on a day: not seen later."""
    end = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return {**portrait, "last_seen": min(portrait["last_seen"], end)}


def _frame(package: Package, table: str) -> "pd.DataFrame":
    return to_pandas(package.read(table), package.table(table))


def _rows(package: Package, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = package.read(table).to_pylist()
    return rows


def _mandate_starts(rows: Iterable[Mapping[str, Any]]) -> dict[int, list[date]]:
    """Return the first days of each person's mandates; that of the term if no source gives the mandate's own."""
    terms = {term.term: term.start_date for term in codes.terms()}
    starts: dict[int, list[date]] = {}
    for row in rows:
        starts.setdefault(row["mep_id"], []).append(row["start_date"] or terms[row["term"]])
    return starts


def _subject(
    folder: Path,
    portrait: Mapping[str, Any],
    person: Mapping[str, Any],
    starts: Mapping[int, list[date]],
    face: Mapping[str, Any] | None,
) -> Subject:
    born = person["birth_date"]
    term_start = _term_start(portrait, starts.get(portrait["mep_id"], []))
    reference = _reference(portrait, born, term_start)
    return Subject(
        portrait_id=portrait["portrait_id"],
        mep_id=portrait["mep_id"],
        path=picture_file(folder, portrait["path"]),
        sha256=portrait["sha256"],
        box=_upright_box(face, portrait) if face else None,
        gender=person["gender"],
        age=_age(born, reference.day if reference else None),
        reference=reference,
        country=person["country"],
        political_group=person["political_group"],
        session=_session(portrait, reference),
        age_at_term_start=_age(born, term_start),
    )


def _age(born: date | None, day: date | None) -> float | None:
    return (day - born).days / DAYS_A_YEAR if born and day else None


def _session(portrait: Mapping[str, Any], reference: Reference | None) -> str | None:
    if not reference or reference.source != "picture":
        return None
    return ", ".join(filter(None, (reference.day.isoformat(), portrait["photographer"])))


def _reference(portrait: Mapping[str, Any], born: date | None, term_start: date | None) -> Reference | None:
    captured_on = portrait["captured_on"]
    # A camera whose clock was never set gives a day long ago, perhaps one before the person was born.
    if captured_on and not (born and captured_on <= born):
        return Reference(captured_on, "picture")
    return Reference(term_start, "term_start") if term_start else None


def _term_start(portrait: Mapping[str, Any], starts: Iterable[date]) -> date | None:
    """Return the first day of the latest mandate that began before the portrait was last seen."""
    # A portrait is taken when a term begins; a term that began after it was seen cannot be the one.
    seen = portrait["last_seen"].date()
    return max((start for start in starts if start <= seen), default=None)


def _upright_box(face: Mapping[str, Any], portrait: Mapping[str, Any]) -> Box:
    orientation = portrait["orientation"] or 1
    size = portrait["width"], portrait["height"]
    corners = (
        Point(face["left"], face["top"]),
        Point(face["left"] + face["width"], face["top"] + face["height"]),
    )
    turned = [stored(corner, size, INVERSE_ORIENTATION.get(orientation, orientation)) for corner in corners]
    (left, right), (top, bottom) = sorted(point.x for point in turned), sorted(point.y for point in turned)
    return Box(left, top, right - left, bottom - top)
