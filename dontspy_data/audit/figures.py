"""The report's figures: the chart of each conclusion, the strips of all ages, the curves of confidence, and the detail.

Which rows of `attribution_errors` the detail's charts and tables show is data: `detail.toml`.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.resources import files
from typing import Any

from dontspy_data.audit.attributions import AGE_BANDS, ALL, BETWEEN, Answers
from dontspy_data.audit.charts import ChartBar, ChartCurve, ChartDots, bar_chart, curve_chart, dot_chart
from dontspy_data.audit.conclusions import Conclusion, ConclusionFigure, strip_title
from dontspy_data.audit.looks import ORIGINAL
from dontspy_data.audit.measures import RELIABILITY, THRESHOLD, CurveRow, ErrorRow
from dontspy_data.audit.model import GENDERS
from dontspy_data.audit.observations import ANY_LABEL, OFFICIAL, years_off
from dontspy_data.audit.statistics import SMALL

WHO = {ALL: "all", "female": "women", "male": "men"}
FIFTY = "what “everybody is fifty” would give"
REACH = "the same figure if the software is used otherwise"
OLDER = ("taken for younger", "taken for older")
CURVES = (
    (
        RELIABILITY,
        "is it as often right as it is sure?",
        ("confidence, per cent", "right, per cent"),
        "On the dashed line the software is as often right as it says; below it, it is surer than it should be.",
    ),
    (
        THRESHOLD,
        "are only unsure answers wrong?",
        ("answers kept, of all, per cent", "wrong among those kept, per cent"),
        "From right to left, ever more of the unsure answers are thrown away.",
    ),
)
"""Kind of curve, what is asked, the axes, and how to read it."""
VARIANT_WORDS = {
    "mirrored": "mirrored",
    "jpeg_40": "JPEG quality 40",
    "rotated_5": "turned by 5°",
    "greyscale": "greyscale",
    "darker": "darker",
    "upscaled": "twice the size",
}
MEASURE_WORDS = {
    "median_absolute_error": "median distance",
    "root_mean_square_error": "root mean square",
    "within_5_years": "within 5 years",
    "off_by_more_than_10_years": "more than 10 years off",
    "lower_limit_of_agreement": "lower limit of agreement",
    "upper_limit_of_agreement": "upper limit of agreement",
    "concordance": "concordance",
    "confidence_when_wrong": "confidence when wrong, median",
    "expected_calibration_error": "calibration error",
    "kappa": "kappa",
    "different_answer": "answers that differ",
    "mean_absolute_difference": "mean distance",
    "mean_difference": "mean difference",
}
BAND_ORDER = tuple(band for _, band in AGE_BANDS)
MOST_BARS = 60


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a figure's table, with empty texts for missing values."""

    group: str
    model: str
    n: int
    count: str
    value: str
    interval: str
    baseline: str = ""
    own_variation: str = ""
    is_small: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart, a sentence on how to read it, and its table.

    Attributes:
        name: of the chart's file.
        title: what it shows.
        text: how to read it.
        svg: the chart without its title; empty if a table is clearer.
        file: the chart with its title, to stand alone.
        lines: the table; empty if the chart needs none.
    """

    name: str
    title: str
    text: str
    svg: str
    file: str
    lines: tuple[Line, ...]


def _figure(name: str, title: str, text: str, draw: Callable[..., str], lines: Iterable[Line] = ()) -> Figure:
    """Return a figure whose chart is drawn without its title, for pages that have it above, and with it."""
    return Figure(name, title, text, draw(heading=False), draw(heading=True), tuple(lines))


def conclusion_figure(conclusion: Conclusion) -> Figure:
    """Return the chart of a conclusion: women and men of each model, with n, interval and yardstick."""
    by_gender = [figure for figure in conclusion.figures if figure.group in GENDERS]
    shown = by_gender or conclusion.figures  # all, if nobody's gender is known
    bars = [_conclusion_bar(figure) for figure in shown]
    title = str(conclusion.title)
    mark = FIFTY if any(bar.mark is not None for bar in bars) else ""
    draw = partial(bar_chart, title, _axis(shown[0]), bars, mark=mark, reach=REACH)
    lines = (
        _line(WHO[figure.group], figure.title, figure, _variation(figure)) for figure in conclusion.figures
    )
    return _figure(conclusion.kind, title, "", draw, lines)


def _conclusion_bar(figure: ConclusionFigure) -> ChartBar:
    low, high = figure.choice_low, figure.choice_high
    reach = None
    if low is not None and high is not None and low != high:
        reach = scaled(low, figure.unit), scaled(high, figure.unit)
    who, counted = WHO[figure.group], _count(figure) or f"n = {figure.n:,}"
    return _bar(figure, who.capitalize(), figure.title, who, counted=counted, reach=reach)


def _bar(row: ErrorRow, label: str, title: str, tone: str, *, counted: str, **more: Any) -> ChartBar:
    return ChartBar(
        label=label,
        text=f"{in_words(row.value, row.unit)}, {counted}",
        value=scaled(row.value, row.unit),
        low=_scaled(row.low, row.unit),
        high=_scaled(row.high, row.unit),
        tone=tone,
        mark=row.baseline if row.unit == "years" else None,
        section=title,
        **more,
    )


def _variation(figure: ConclusionFigure) -> str:
    """Return both ways in which the software itself varies: by changed pictures, and by how it is used."""
    by_pictures = "" if figure.own_variation is None else in_words(figure.own_variation, figure.unit)
    by_use = interval_in_words(figure.choice_low, figure.choice_high, figure.unit)
    return "; ".join(filter(None, (by_pictures, by_use and f"used otherwise: {by_use}")))


def strips(answers: Answers, titles: Mapping[str, str]) -> tuple[Figure, ...]:
    """Return a strip of ages for each model: one dot per portrait, women above men, all on the same axis."""
    errors = {name: _errors(answers, name) for name in titles}
    reach = max(
        (abs(off) for by_gender in errors.values() for offs in by_gender.values() for off in offs), default=0
    )
    return tuple(_strip(name, titles[name], found, reach) for name, found in errors.items() if found)


def _errors(answers: Answers, model: str) -> dict[str, list[float]]:
    """Return by how many years a model is off, by gender; genders without ages are left out."""
    found: dict[str, list[float]] = {}
    for gender in GENDERS:
        there = (answer for answer in answers[model, ORIGINAL].values() if answer.facts.gender == gender)
        if offs := [off for answer in there if (off := years_off(answer)) is not None]:
            found[gender] = offs
    return found


def _strip(model: str, title: str, errors: Mapping[str, Sequence[float]], reach: float) -> Figure:
    rows = [ChartDots(WHO[gender], values, WHO[gender]) for gender, values in errors.items()]
    heading = str(strip_title(title, [off for values in errors.values() for off in values]))
    draw = partial(dot_chart, heading, "guess minus official age, years", rows, ends=OLDER, reach=reach)
    text = "A dot is a portrait. At 0 the guess is the official age; each dot lies as far away as the guess is off."
    return _figure(f"ages-{model}", heading, text, draw)


def curve_figures(rows: Sequence[CurveRow], titles: Mapping[str, str]) -> tuple[Figure, ...]:
    """Return the reliability and threshold curves of each model that gives a confidence."""
    return tuple(
        figure
        for name in titles
        for kind in CURVES
        if (figure := _curve_figure(rows, name, titles[name], kind)) is not None
    )


def _curve_figure(
    rows: Sequence[CurveRow], model: str, title: str, kind: tuple[str, str, tuple[str, str], str]
) -> Figure | None:
    curve, words, units, text = kind
    shown = [row for row in rows if (row.model, row.curve) == (model, curve) and row.group in GENDERS]
    curves = [
        ChartCurve(WHO[group], points, WHO[group])
        for group in GENDERS
        if (points := [_point(row) for row in shown if row.group == group])
    ]
    if not curves:
        return None
    heading = f"{title}: {words}"
    draw = partial(curve_chart, heading, units, curves, diagonal=curve == RELIABILITY)
    return _figure(f"{curve}-{model}", heading, text, draw, (_curve_line(row, title) for row in shown))


def _curve_line(row: CurveRow, title: str) -> Line:
    sure = f"{row.confidence_from:.0%} to {row.confidence_to:.0%} sure"
    return Line(
        group=f"{WHO[row.group]}, {sure}",
        model=title,
        n=row.n,
        count=f"{row.count:,} of {row.n:,}",
        value=in_words(row.value, "share"),
        interval=interval_in_words(row.low, row.high, "share"),
        is_small=row.n < SMALL,
    )


def _point(row: CurveRow) -> tuple[float, float]:
    across = row.mean_confidence if row.curve == RELIABILITY else row.answered
    return across * 100, row.value * 100


@dataclass(frozen=True, slots=True)
class FigureQuery:
    """Which rows of `attribution_errors` a figure of the detail shows: those that match all of these.

    Attributes:
        name: of the figure.
        title: what it shows.
        attribute: of the rows.
        measures: any of these.
        group_by: any of these.
        text: how to read it.
        compared_with: of the rows.
        labels: any of these.
        variants: any of these.
        chart: whether there is a chart beside the table.
        among: prefix of the names of groups.
    """

    name: str
    title: str
    attribute: str
    measures: tuple[str, ...]
    group_by: tuple[str, ...]
    text: str = ""
    compared_with: str = OFFICIAL
    labels: tuple[str, ...] = (ANY_LABEL,)
    variants: tuple[str, ...] = (ORIGINAL,)
    chart: bool = True
    among: str = ""

    def matches(self, row: ErrorRow) -> bool:
        """Return whether the figure shows a row."""
        return (
            row.attribute == self.attribute
            and row.measure in self.measures
            and row.compared_with == self.compared_with
            and row.group_by in self.group_by
            and row.label in self.labels
            and row.variant in self.variants
            and row.group.startswith(self.among)
        )


@cache
def detail_queries() -> tuple[FigureQuery, ...]:
    """Read which figures the detail has, from `detail.toml`."""
    detail: dict[str, Any] = tomllib.loads(files(__package__).joinpath("detail.toml").read_text("utf-8"))
    return tuple(
        FigureQuery(**{key: _frozen(cell) for key, cell in one.items()}) for one in detail["figures"]
    )


def _frozen(cell: Any) -> Any:
    return tuple(cell) if isinstance(cell, list) else cell


def detail_figures(rows: Sequence[ErrorRow], titles: Mapping[str, str]) -> tuple[Figure, ...]:
    """Return the charts and tables of the detail that have something to show, in the report's order.

    Args:
        rows: of `attribution_errors`.
        titles: of the models, by name, in their order.
    """
    found = ((query, [row for row in rows if query.matches(row)]) for query in detail_queries())
    # A table of one gender without errors shows nothing.
    return tuple(
        _detail_figure(query, matching, titles)
        for query, matching in found
        if matching and (not query.among or any(row.count for row in matching))
    )


def _detail_figure(query: FigureQuery, rows: Sequence[ErrorRow], titles: Mapping[str, str]) -> Figure:
    models = list(titles)
    ordered = sorted(rows, key=lambda row: (models.index(row.model), _place(query, row)))
    charted = [row for row in ordered if len(ordered) <= MOST_BARS or row.model == ordered[0].model]
    bars = [_detail_bar(query, row, titles[row.model]) for row in charted]
    lines = [
        _line(
            _group(query, row),
            titles[row.model],
            row,
            "" if row.own_variation is None else in_words(row.own_variation, row.unit),
            is_small=row.is_small,
        )
        for row in ordered
    ]
    if not query.chart:
        return Figure(query.name, query.title, query.text, "", "", tuple(lines))
    only = "" if charted == ordered else f"The chart shows {titles[ordered[0].model]} alone."
    draw = partial(bar_chart, query.title, _axis(rows[0]), bars, mark=FIFTY)
    return _figure(query.name, query.title, f"{query.text} {only}".strip(), draw, lines)


def _detail_bar(query: FigureQuery, row: ErrorRow, title: str) -> ChartBar:
    tone = WHO.get(row.group.partition(BETWEEN)[0], "all")
    return _bar(row, _group(query, row), title, tone, counted=f"n = {row.n:,}", faint=row.is_small)


def _place(query: FigureQuery, row: ErrorRow) -> tuple[int, ...] | tuple[int, int, int, str]:
    if len(query.variants) > 1:
        return (query.variants.index(row.variant),)
    if len(query.labels) > 1:
        return (query.labels.index(row.label),)
    first, _, second = row.group.partition(BETWEEN)
    band = BAND_ORDER.index(second) if second in BAND_ORDER else 0
    by_gender = GENDERS.index(first) if first in GENDERS else -1
    return (
        query.measures.index(row.measure),
        query.group_by.index(row.group_by),
        by_gender,
        f"{band}{row.group}",
    )


def _group(query: FigureQuery, row: ErrorRow) -> str:
    if len(query.variants) > 1:
        return VARIANT_WORDS[row.variant]
    if len(query.labels) > 1:
        return row.label
    first, _, second = row.group.partition(BETWEEN)
    who = WHO.get(first, first)
    words = f"{who}, {second}" if second else who
    return f"{MEASURE_WORDS[row.measure]}, {words}" if len(query.measures) > 1 else words


def _line(group: str, model: str, row: ErrorRow, own_variation: str, *, is_small: bool = False) -> Line:
    return Line(
        group=group,
        model=model,
        n=row.n,
        count=_count(row),
        value=in_words(row.value, row.unit),
        interval=interval_in_words(row.low, row.high, row.unit),
        baseline="" if row.baseline is None else in_words(row.baseline, row.unit),
        own_variation=own_variation,
        is_small=is_small,
    )


def _count(row: ErrorRow) -> str:
    return "" if row.count is None else f"{row.count:,} of {row.n:,}"


def _axis(row: ErrorRow) -> str:
    return "per cent" if row.unit == "share" else "years"


def scaled(value: float, unit: str) -> float:
    """Return a share in per cent, and years unchanged."""
    return value * 100 if unit == "share" else value


def _scaled(value: float | None, unit: str) -> float | None:
    return None if value is None else scaled(value, unit)


def in_words(value: float, unit: str) -> str:
    """Return a number with its unit."""
    return {"share": f"{value * 100:.1f} %", "years": f"{value:.1f} years"}.get(unit, f"{value:.2f}")


def interval_in_words(low: float | None, high: float | None, unit: str) -> str:
    """Return the ends of an interval, in the unit of the value; nothing if there is none."""
    if low is None or high is None:
        return ""
    digits = 2 if unit == "index" else 1
    return f"{scaled(low, unit):.{digits}f} to {scaled(high, unit):.{digits}f}"
