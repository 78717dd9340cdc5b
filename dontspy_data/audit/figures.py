"""The report's figures: which rows of `attribution_errors` each one shows, as a chart and as a table."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dontspy_data.audit.answers import AGE_BANDS, ALL
from dontspy_data.audit.charts import ChartBar, bar_chart
from dontspy_data.audit.measures import ErrorRow
from dontspy_data.audit.model import EXPRESSIONS, Attribute, Card
from dontspy_data.audit.observations import ANY_LABEL, NOTHING, OFFICIAL
from dontspy_data.audit.views import ORIGINAL, VARIANTS

GENDER_WORDS = {ALL: "all", "female": "women", "male": "men"}
VARIANT_WORDS = {
    "mirrored": "mirrored",
    "jpeg_40": "JPEG quality 40",
    "rotated_5": "turned by 5°",
    "greyscale": "greyscale",
    "darker": "darker",
    "upscaled": "twice the size",
}
BAND_ORDER = tuple(band for _, band in AGE_BANDS)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a chart's table."""

    model: str
    group: str
    value: str
    interval: str
    n: int
    is_small: bool


@dataclass(frozen=True, slots=True)
class Figure:
    """A chart, what it shows in a sentence, and its table.

    Attributes:
        name: of the chart's file.
        title: what is measured.
        text: how to read it.
        svg: the chart; empty where a table says it better.
        lines: the table.
    """

    name: str
    title: str
    text: str
    svg: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class _Query:
    """Which rows of `attribution_errors` a figure shows."""

    name: str
    title: str
    text: str
    attribute: str
    measure: str
    group_by: tuple[str, ...]
    compared_with: str = OFFICIAL
    labels: tuple[str, ...] = (ANY_LABEL,)
    variants: tuple[str, ...] = (ORIGINAL,)
    chart: bool = True


CHANGED = tuple(variant for variant in VARIANTS if variant != ORIGINAL)
QUERIES = (
    _Query(
        "gender",
        "Gender: guesses that are not the official one",
        "The share of portraits in which the software's answer is not the gender that the Parliament publishes.",
        Attribute.GENDER,
        "disagreement",
        (ALL, "gender"),
    ),
    _Query(
        "age",
        "Age: how far off the guess is on average",
        "The mean distance between the guessed and the official age, whichever way it goes.",
        Attribute.AGE,
        "mean_absolute_error",
        (ALL, "gender"),
    ),
    _Query(
        "age-far-off",
        "Age: guesses more than 10 years off",
        "The share of portraits whose guessed age is more than ten years from the official one.",
        Attribute.AGE,
        "off_by_more_than_10_years",
        (ALL, "gender"),
    ),
    _Query(
        "age-bias",
        "Age: older or younger, by official age",
        "The mean of guess minus official age. To the right of 0 people are taken for older than they are, to "
        "the left for younger.",
        Attribute.AGE,
        "bias",
        ("age_band",),
    ),
    _Query(
        "expression",
        "Expression: portraits called “happy”",
        "The share of portraits that the software answers “happy” to. There is no truth to hold this against: a "
        "smile for the camera is no feeling.",
        Attribute.EXPRESSION,
        "share",
        (ALL, "gender"),
        compared_with=NOTHING,
        labels=("happy",),
    ),
    _Query(
        "expressions",
        "Expression: all answers",
        "The share of portraits by answer.",
        Attribute.EXPRESSION,
        "share",
        (ALL,),
        compared_with=NOTHING,
        labels=EXPRESSIONS,
    ),
    _Query(
        "stability-age",
        "Same face, other age",
        "How far the guessed age moves, in the mean, when the same picture is changed in a way that changes "
        "nothing about the person.",
        Attribute.AGE,
        "mean_absolute_change",
        (ALL,),
        compared_with=ORIGINAL,
        variants=CHANGED,
    ),
    _Query(
        "stability-gender",
        "Same face, other gender",
        "The share of portraits that get another gender when the picture is changed so.",
        Attribute.GENDER,
        "changed_answer",
        (ALL,),
        compared_with=ORIGINAL,
        variants=CHANGED,
    ),
    _Query(
        "stability-expression",
        "Same face, other expression",
        "The share of portraits that get another expression when the picture is changed so.",
        Attribute.EXPRESSION,
        "changed_answer",
        (ALL,),
        compared_with=ORIGINAL,
        variants=CHANGED,
    ),
    _Query(
        "gender-country",
        "Gender disagreement by country",
        "Countries differ in how many portraits there are; most intervals overlap.",
        Attribute.GENDER,
        "disagreement",
        ("country",),
        chart=False,
    ),
    _Query(
        "age-country",
        "Age error by country",
        "The mean distance between guess and official age, in years.",
        Attribute.AGE,
        "mean_absolute_error",
        ("country",),
        chart=False,
    ),
    _Query(
        "gender-group",
        "Gender disagreement by political group",
        "Groups differ in how many portraits there are, and in how many women; most intervals overlap.",
        Attribute.GENDER,
        "disagreement",
        ("political_group",),
        chart=False,
    ),
    _Query(
        "age-group",
        "Age error by political group",
        "The mean distance between guess and official age, in years.",
        Attribute.AGE,
        "mean_absolute_error",
        ("political_group",),
        chart=False,
    ),
    _Query(
        "reference",
        "Age error by how the day of the portrait is known",
        "`picture`: the picture says when it was taken. `term_start`: it does not, and the first day of the "
        "mandate is taken, which may be years away from the truth.",
        Attribute.AGE,
        "mean_absolute_error",
        ("reference_source",),
        chart=False,
    ),
)


def figures(rows: Sequence[ErrorRow], cards: Mapping[str, Card]) -> tuple[Figure, ...]:
    """Return the charts and tables that have something to show, in the report's order."""
    found = ((query, _matching(query, rows)) for query in QUERIES)
    return tuple(_figure(query, matching, tuple(cards)) for query, matching in found if matching)


def _matching(query: _Query, rows: Iterable[ErrorRow]) -> list[ErrorRow]:
    return [
        row
        for row in rows
        if (row.attribute, row.measure, row.compared_with)
        == (query.attribute, query.measure, query.compared_with)
        and row.group_by in query.group_by
        and row.label in query.labels
        and row.variant in query.variants
    ]


def _figure(query: _Query, rows: Sequence[ErrorRow], models: Sequence[str]) -> Figure:
    ordered = sorted(rows, key=lambda row: (_place(query, row), models.index(row.model)))
    several = len({row.model for row in rows}) > 1
    bars = [
        ChartBar(
            label=f"{_group(query, row)} · {row.model}" if several else _group(query, row),
            value=_scaled(row, row.value),
            low=_scaled(row, row.value if row.low is None else row.low),
            high=_scaled(row, row.value if row.high is None else row.high),
            text=f"{value_text(row)} ({interval_text(row)}){' *' if row.is_small else ''}",
            fill=models.index(row.model),
            faint=row.is_small,
        )
        for row in ordered
    ]
    unit = "per cent" if rows[0].unit == "share" else "years"
    return Figure(
        query.name,
        query.title,
        query.text,
        bar_chart(query.title, unit, bars) if query.chart else "",
        tuple(
            Line(row.model, _group(query, row), value_text(row), interval_text(row), row.n, row.is_small)
            for row in ordered
        ),
    )


def _place(query: _Query, row: ErrorRow) -> tuple[int, ...] | tuple[int, str]:
    if row.group_by == "age_band":
        return (BAND_ORDER.index(row.group),)
    if len(query.variants) > 1:
        return (query.variants.index(row.variant),)
    if len(query.labels) > 1:
        return (query.labels.index(row.label),)
    return (query.group_by.index(row.group_by), row.group)


def _group(query: _Query, row: ErrorRow) -> str:
    if len(query.variants) > 1:
        return VARIANT_WORDS[row.variant]
    if len(query.labels) > 1:
        return row.label
    return GENDER_WORDS.get(row.group, row.group)


def _scaled(row: ErrorRow, value: float) -> float:
    return value * 100 if row.unit == "share" else value


def value_text(row: ErrorRow) -> str:
    """Return the estimate with its unit."""
    return f"{row.value * 100:.1f} %" if row.unit == "share" else f"{row.value:.1f} years"


def interval_text(row: ErrorRow) -> str:
    """Return the ends of the interval, in the unit of the value; `none` where there is none."""
    if row.low is None or row.high is None:
        return "none"
    return f"{_scaled(row, row.low):.1f} to {_scaled(row, row.high):.1f}"
