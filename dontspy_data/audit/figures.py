"""The report's figures: the chart of each conclusion, the strip of all ages, and the curves of confidence."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from dontspy_data.audit.answers import ALL, GENDERS, Answers
from dontspy_data.audit.charts import ChartBar, ChartCurve, ChartDots, bar_chart, curve_chart, dot_chart
from dontspy_data.audit.conclusions import Conclusion, strip_title
from dontspy_data.audit.curves import RELIABILITY, THRESHOLD, CurveRow
from dontspy_data.audit.evidence import ConclusionFigure
from dontspy_data.audit.observations import years_off
from dontspy_data.audit.statistics import SMALL
from dontspy_data.audit.views import ORIGINAL

WHO = {ALL: "all", "female": "women", "male": "men"}
FIFTY = "what “everybody is fifty” would give"
REACH = "the same figure if the software is used otherwise"
OLDER = ("taken for younger", "taken for older")


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a figure's table; empty texts where there is nothing to say."""

    group: str
    model: str
    n: int
    count: str
    value: str
    interval: str
    baseline: str
    own_variation: str
    is_small: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart, how to read it in a sentence, and its table.

    Attributes:
        name: of the chart's file.
        title: what it shows.
        text: how to read it.
        svg: the chart without its title; empty if a table says it better.
        file: the chart with its title, to stand alone.
        lines: the table; empty if the chart needs none.
    """

    name: str
    title: str
    text: str
    svg: str
    file: str
    lines: tuple[Line, ...]


def drawn(draw: Callable[[bool], str]) -> tuple[str, str]:
    """Return a chart without its title, for pages that have it above the chart, and with it, to stand alone."""
    return draw(False), draw(True)


def conclusion_figure(conclusion: Conclusion) -> Figure:
    """Return the chart of a conclusion: women and men of each model, with n, interval and yardstick."""
    by_gender = [figure for figure in conclusion.figures if figure.group in GENDERS]
    shown = by_gender or conclusion.figures  # where nobody's gender is known, all
    bars = [_conclusion_bar(figure) for figure in shown]
    title = str(conclusion.title)
    unit = "per cent" if shown[0].unit == "share" else "years"
    mark = FIFTY if any(bar.mark is not None for bar in bars) else ""
    svg, file = drawn(lambda heading: bar_chart(title, unit, bars, mark=mark, reach=REACH, heading=heading))
    lines = tuple(
        Line(
            group=WHO[figure.group],
            model=figure.title,
            n=figure.n,
            count="" if figure.count is None else f"{figure.count:,} of {figure.n:,}",
            value=in_words(figure.value, figure.unit),
            interval=interval_in_words(figure.low, figure.high, figure.unit),
            baseline="" if figure.baseline is None else in_words(figure.baseline, figure.unit),
            own_variation=_variation(figure),
            is_small=False,
        )
        for figure in conclusion.figures
    )
    return Figure(conclusion.kind, title, "", svg, file, lines)


def _conclusion_bar(figure: ConclusionFigure) -> ChartBar:
    who = WHO[figure.group]
    counted = f"{figure.count:,} of {figure.n:,}" if figure.count is not None else f"n = {figure.n:,}"
    return ChartBar(
        label=who.capitalize(),
        text=f"{in_words(figure.value, figure.unit)}, {counted}",
        value=scaled(figure.value, figure.unit),
        low=None if figure.low is None else scaled(figure.low, figure.unit),
        high=None if figure.high is None else scaled(figure.high, figure.unit),
        tone=who,
        mark=figure.baseline if figure.unit == "years" else None,
        reach=_reach(figure),
        section=figure.title,
    )


def _reach(figure: ConclusionFigure) -> tuple[float, float] | None:
    if figure.choice_low is None or figure.choice_high is None or figure.choice_low == figure.choice_high:
        return None
    return scaled(figure.choice_low, figure.unit), scaled(figure.choice_high, figure.unit)


def _variation(figure: ConclusionFigure) -> str:
    """Return both ways in which the software itself varies: by changed pictures, and by how it is used."""
    parts = []
    if figure.own_variation is not None:
        parts.append(in_words(figure.own_variation, figure.unit))
    if figure.choice_low is not None and figure.choice_high is not None:
        parts.append(
            f"used otherwise: {interval_in_words(figure.choice_low, figure.choice_high, figure.unit)}"
        )
    return "; ".join(parts)


def strips(answers: Answers, titles: Mapping[str, str]) -> tuple[Figure, ...]:
    """Return a strip of ages for each model: a dot a portrait, women above men, all on the same axis."""
    errors = {name: _errors(answers, name) for name in titles}
    reach = max(
        (abs(off) for by_gender in errors.values() for offs in by_gender.values() for off in offs), default=0
    )
    return tuple(_strip(name, titles[name], found, reach) for name, found in errors.items() if found)


def _errors(answers: Answers, model: str) -> dict[str, list[float]]:
    """Return by how many years a model is off, by gender; nothing of a gender that it says no age of."""
    found: dict[str, list[float]] = {}
    for gender in GENDERS:
        there = (answer for answer in answers[model, ORIGINAL].values() if answer.facts.gender == gender)
        if offs := [off for answer in there if (off := years_off(answer)) is not None]:
            found[gender] = offs
    return found


def _strip(model: str, title: str, errors: Mapping[str, Sequence[float]], reach: float) -> Figure:
    rows = [ChartDots(WHO[gender], values, WHO[gender]) for gender, values in errors.items()]
    heading = str(strip_title(title, [off for values in errors.values() for off in values]))
    unit = "guess minus official age, years"
    svg, file = drawn(
        lambda with_title: dot_chart(heading, unit, rows, ends=OLDER, reach=reach, heading=with_title)
    )
    text = "A dot is a portrait. At 0 the guess is the official age; each dot lies as far away as the guess is off."
    return Figure(f"ages-{model}", heading, text, svg, file, ())


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
    curves = [
        ChartCurve(WHO[group], points, WHO[group])
        for group in GENDERS
        if (points := _points(rows, model, curve, group))
    ]
    if not curves:
        return None
    heading = f"{title}: {words}"
    svg, file = drawn(
        lambda with_title: curve_chart(
            heading, units, curves, diagonal=curve == RELIABILITY, heading=with_title
        )
    )
    lines = tuple(
        _curve_line(row, title)
        for row in rows
        if (row.model, row.curve) == (model, curve) and row.group in GENDERS
    )
    return Figure(f"{curve}-{model}", heading, text, svg, file, lines)


def _curve_line(row: CurveRow, title: str) -> Line:
    sure = f"{row.confidence_from:.0%} to {row.confidence_to:.0%} sure"
    return Line(
        group=f"{WHO[row.group]}, {sure}",
        model=title,
        n=row.n,
        count=f"{row.count:,} of {row.n:,}",
        value=in_words(row.value, "share"),
        interval=interval_in_words(row.low, row.high, "share"),
        baseline="",
        own_variation="",
        is_small=row.n < SMALL,
    )


def _points(rows: Iterable[CurveRow], model: str, curve: str, group: str) -> list[tuple[float, float]]:
    return [
        ((row.mean_confidence if curve == RELIABILITY else row.answered) * 100, row.value * 100)
        for row in rows
        if (row.model, row.curve, row.group) == (model, curve, group)
    ]


def scaled(value: float, unit: str) -> float:
    """Return a share in per cent, and years as they are."""
    return value * 100 if unit == "share" else value


def in_words(value: float, unit: str) -> str:
    """Return a number with its unit."""
    return {
        "share": f"{value * 100:.1f} %",
        "years": f"{value:.1f} years",
    }.get(unit, f"{value:.2f}")


def interval_in_words(low: float | None, high: float | None, unit: str) -> str:
    """Return the ends of an interval, in the unit of the value; nothing if there is none."""
    if low is None or high is None:
        return ""
    digits = 2 if unit == "index" else 1
    return f"{scaled(low, unit):.{digits}f} to {scaled(high, unit):.{digits}f}"
