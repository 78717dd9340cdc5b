"""What conclusions rest on: the figures for women, men and all, each with its interval and yardsticks, and the gaps."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dontspy_data.audit.answers import ALL, GENDERS
from dontspy_data.audit.choices import ChoiceRow
from dontspy_data.audit.gaps import GapRow
from dontspy_data.audit.measures import ErrorRow
from dontspy_data.audit.observations import ANY_LABEL
from dontspy_data.audit.views import ORIGINAL

BOUNDS = frozenset({("reference_day", "last_seen")})
"""Options that are a bound and not as good as the others: nobody is as old in a portrait as when it was last shown."""


@dataclass(frozen=True, slots=True)
class ConclusionFigure:
    """One number behind a conclusion.

    Attributes:
        model: name of the model.
        title: of the model.
        group: `female`, `male` or `all`.
        value: share or years.
        low: lower end of its 95 % interval; None if there is none.
        high: upper end.
        count: of a share, of how many portraits it is so.
        n: number of portraits.
        unit: `share` or `years`.
        baseline: yardstick: the same of somebody who does not look; None if there is no such guess.
        own_variation: yardstick: how much the software contradicts itself under changes that nobody would notice.
        choice_low: lowest estimate if the same software is used otherwise; None if nothing else was tried.
        choice_high: highest such estimate.
    """

    model: str
    title: str
    group: str
    value: float
    low: float | None
    high: float | None
    count: int | None
    n: int
    unit: str
    baseline: float | None
    own_variation: float | None
    choice_low: float | None
    choice_high: float | None


@dataclass(frozen=True, slots=True)
class Evidence:
    """The tables that conclusions are drawn from, and the models' titles in their order."""

    errors: Sequence[ErrorRow]
    gaps: Sequence[GapRow]
    choices: Sequence[ChoiceRow]
    titles: Mapping[str, str]

    def figures(
        self, attribute: str, measure: str, *, label: str = ANY_LABEL, variant: str = ORIGINAL
    ) -> tuple[ConclusionFigure, ...]:
        """Return the figures of a measure for women, men and all, by model."""
        groups, models = (*GENDERS, ALL), list(self.titles)
        rows = [
            row
            for row in self.errors
            if (row.attribute, row.measure, row.label, row.variant) == (attribute, measure, label, variant)
            and row.group in groups
            and row.compared_with not in self.titles
            and row.model in models
        ]
        rows.sort(key=lambda row: (models.index(row.model), groups.index(row.group)))
        return tuple(self._figure(row) for row in rows)

    def _figure(self, row: ErrorRow) -> ConclusionFigure:
        key = (row.model, row.attribute, row.measure, row.label, row.group)
        estimates = [
            other.estimate
            for other in self.choices
            if (other.model, other.attribute, other.measure, other.label, other.group) == key
            and row.variant == ORIGINAL
            and (other.choice, other.option) not in BOUNDS
        ]
        return ConclusionFigure(
            model=row.model,
            title=self.titles[row.model],
            group=row.group,
            value=row.value,
            low=row.low,
            high=row.high,
            count=row.count,
            n=row.n,
            unit=row.unit,
            baseline=row.baseline,
            own_variation=row.own_variation,
            choice_low=min(estimates, default=None),
            choice_high=max(estimates, default=None),
        )

    def gap(self, model: str, attribute: str, measure: str, adjusted_for: str) -> GapRow | None:
        """Return the difference between women and men."""
        wanted = (model, attribute, measure, ALL, "gender", adjusted_for)
        found = (
            row
            for row in self.gaps
            if (row.model, row.attribute, row.measure, row.among, row.group_by, row.adjusted_for) == wanted
        )
        return next(found, None)
