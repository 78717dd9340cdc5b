"""The table `attribution_exclusions`: who is left out of an audit, or of one of its figures, and why."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from dontspy_data.audit.looks import BoxSource, Look
from dontspy_data.audit.model import Attribute
from dontspy_data.audit.runner import drawn
from dontspy_data.audit.settings import Settings
from dontspy_data.audit.subjects import Subject

EVERYTHING = "all"
"""What stands for all models, or all attributes."""


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


def choose(
    subjects: Sequence[Subject], settings: Settings
) -> tuple[tuple[Subject, ...], tuple[ExclusionRow, ...]]:
    """Return the portraits that models are asked about, and those that are left out.

    Args:
        subjects: from `read_subjects`.
        settings: say who is left out, how many are drawn, and whether a box is needed.
    """
    needs_box = settings.boxes is BoxSource.PACKAGE
    allowed = [one for one in subjects if one.mep_id not in settings.exclude and (one.box or not needs_box)]
    sampled = drawn(allowed, len(allowed) if settings.sample is None else settings.sample, settings.seed)
    left_out = []
    for one in subjects:
        if one.mep_id in settings.exclude:
            left_out.append(_row(one, ExclusionReason.SETTINGS, detail=settings.exclude[one.mep_id]))
        elif needs_box and not one.box:
            left_out.append(_row(one, ExclusionReason.NO_BOX))
        elif one.portrait_id not in sampled:
            left_out.append(_row(one, ExclusionReason.NOT_SAMPLED))
    return tuple(one for one in allowed if one.portrait_id in sampled), tuple(left_out)


def without_facts(subjects: Iterable[Subject]) -> Iterator[ExclusionRow]:
    """Yield rows for those whose official gender or age is not known, so that no guess of it can be judged."""
    for one in subjects:
        if one.gender is None:
            yield _row(one, ExclusionReason.NO_GENDER, attribute=Attribute.GENDER)
        if one.age is None:
            yield _row(one, ExclusionReason.NO_AGE, attribute=Attribute.AGE)


def without_face(look: Look) -> Iterator[ExclusionRow]:
    """Yield a row for a portrait in which a model finds no face."""
    if look.is_original and look.answered.sight is None:
        yield _row(look.subject, ExclusionReason.NO_FACE, model=look.model)


def _row(
    subject: Subject,
    reason: ExclusionReason,
    *,
    model: str = EVERYTHING,
    attribute: str = EVERYTHING,
    detail: str | None = None,
) -> ExclusionRow:
    return ExclusionRow(subject.portrait_id, subject.mep_id, model, attribute, reason, detail)
