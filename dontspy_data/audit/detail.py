"""The report's detail: which rows of `attribution_errors` each chart and table shows."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from dontspy_data.audit.answers import AGE_BANDS, ALL, BETWEEN, GENDERS
from dontspy_data.audit.charts import ChartBar, bar_chart
from dontspy_data.audit.figures import FIFTY, WHO, Figure, Line, drawn, in_words, interval_in_words, scaled
from dontspy_data.audit.measures import ErrorRow
from dontspy_data.audit.model import EXPRESSIONS, Attribute
from dontspy_data.audit.observations import ANY_LABEL, NOTHING, OFFICIAL
from dontspy_data.audit.views import ORIGINAL

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
class _Query:
    """Which rows of `attribution_errors` a figure shows."""

    name: str
    title: str
    text: str
    attribute: str
    measures: tuple[str, ...]
    group_by: tuple[str, ...]
    compared_with: str = OFFICIAL
    labels: tuple[str, ...] = (ANY_LABEL,)
    variants: tuple[str, ...] = (ORIGINAL,)
    chart: bool = True
    among: str = ""


MOST_BARS = 60
CHANGED = tuple(VARIANT_WORDS)
SAME_FACE = (
    "The same picture, changed in a way that changes nothing about the person: how often the answer changes, or by how "
    "many years."
)
QUERIES = (
    _Query(
        "gender-by-age",
        "Gender: guesses that are not the official one, by gender and age",
        "Official age when the picture was taken.",
        Attribute.GENDER,
        ("disagreement",),
        ("gender_and_age_band",),
    ),
    _Query(
        "age-error",
        "Age: how far off the guess is",
        "The mean distance between guessed and official age, whichever way it goes.",
        Attribute.AGE,
        ("mean_absolute_error",),
        (ALL, "gender", "gender_and_age_band"),
    ),
    _Query(
        "age-bias",
        "Age: taken for older or younger, by gender and age",
        "The mean of guess minus official age. To the right of 0 people are taken for older than they are, to the left "
        "for younger.",
        Attribute.AGE,
        ("bias",),
        ("gender_and_age_band",),
    ),
    _Query(
        "age-measures",
        "Age: other measures of the same errors",
        "The root of the mean square weighs large errors more, the median less. 2.5 in 100 errors lie below the lower "
        "limit of agreement and above the upper one. Concordance is 1 where guess and fact are always equal.",
        Attribute.AGE,
        (
            "median_absolute_error",
            "root_mean_square_error",
            "within_5_years",
            "off_by_more_than_10_years",
            "lower_limit_of_agreement",
            "upper_limit_of_agreement",
            "concordance",
        ),
        (ALL, "gender"),
        chart=False,
    ),
    _Query(
        "expressions",
        "Expression: all answers",
        "There is no truth to hold an expression against: a smile for the camera is no feeling.",
        Attribute.EXPRESSION,
        ("share",),
        (ALL,),
        compared_with=NOTHING,
        labels=EXPRESSIONS,
    ),
    _Query(
        "stability-age",
        "Same face, other age",
        SAME_FACE,
        Attribute.AGE,
        ("mean_absolute_change",),
        (ALL,),
        compared_with=ORIGINAL,
        variants=CHANGED,
    ),
    _Query(
        "stability-gender",
        "Same face, other gender",
        SAME_FACE,
        Attribute.GENDER,
        ("changed_answer",),
        (ALL,),
        compared_with=ORIGINAL,
        variants=CHANGED,
    ),
    _Query(
        "stability-expression",
        "Same face, other expression",
        SAME_FACE,
        Attribute.EXPRESSION,
        ("changed_answer",),
        (ALL,),
        compared_with=ORIGINAL,
        variants=CHANGED,
    ),
    _Query(
        "confidence",
        "How sure the software is of a gender, and of its mistakes",
        "The calibration error is how far its confidence is, on average, from the share of answers that are right. It "
        "has no interval, because none holds.",
        Attribute.GENDER,
        ("confidence_when_wrong", "expected_calibration_error", "kappa"),
        (ALL, "gender"),
        chart=False,
    ),
    *(
        _Query(
            f"gender-{kind}",
            f"Gender: guesses that are not the official one, {WHO[gender]} by {words}",
            "",
            Attribute.GENDER,
            ("disagreement",),
            (f"gender_and_{column}",),
            among=gender,
        )
        for kind, column, words in (
            ("country", "country", "country"),
            ("group", "political_group", "political group"),
        )
        for gender in GENDERS
    ),
    *(
        _Query(
            f"age-{kind}",
            f"Age: how far off the guess is, by gender and {words}",
            "The mean distance between guess and official age.",
            Attribute.AGE,
            ("mean_absolute_error",),
            (f"gender_and_{column}",),
        )
        for kind, column, words in (
            ("country", "country", "country"),
            ("group", "political_group", "political group"),
        )
    ),
    _Query(
        "reference",
        "Age error by how the day of the portrait is known",
        "`picture`: the picture says when it was taken. `term_start`: it does not, and the first day of the mandate is "
        "taken, which may be years away from the truth.",
        Attribute.AGE,
        ("mean_absolute_error",),
        ("reference_source",),
        chart=False,
    ),
)
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
}


def figures(rows: Sequence[ErrorRow], titles: Mapping[str, str]) -> tuple[Figure, ...]:
    """Return the charts and tables of the detail that have something to show, in the report's order.

    Args:
        rows: of `attribution_errors`.
        titles: of the models, by name, in their order.
    """
    found = ((query, _matching(query, rows)) for query in QUERIES)
    return tuple(_figure(query, matching, titles) for query, matching in found if _tells(query, matching))


def _tells(query: _Query, rows: Sequence[ErrorRow]) -> bool:
    """Return whether there is something to show; a table of one gender that is never wrong shows nothing."""
    return bool(rows) and not (query.among and not any(row.count for row in rows))


def _matching(query: _Query, rows: Iterable[ErrorRow]) -> list[ErrorRow]:
    return [
        row
        for row in rows
        if row.attribute == query.attribute
        and row.measure in query.measures
        and row.compared_with == query.compared_with
        and row.group_by in query.group_by
        and row.label in query.labels
        and row.variant in query.variants
        and row.group.startswith(query.among)
    ]


def _figure(query: _Query, rows: Sequence[ErrorRow], titles: Mapping[str, str]) -> Figure:
    models = list(titles)
    ordered = sorted(rows, key=lambda row: (models.index(row.model), _place(query, row)))
    charted = [row for row in ordered if len(ordered) <= MOST_BARS or row.model == ordered[0].model]
    bars = [
        ChartBar(
            label=_group(query, row),
            text=f"{in_words(row.value, row.unit)}, n = {row.n:,}",
            value=scaled(row.value, row.unit),
            low=None if row.low is None else scaled(row.low, row.unit),
            high=None if row.high is None else scaled(row.high, row.unit),
            tone=_tone(row),
            mark=row.baseline if query.attribute == Attribute.AGE else None,
            faint=row.is_small,
            section=titles[row.model],
        )
        for row in charted
    ]
    unit = "per cent" if rows[0].unit == "share" else "years"
    svg, file = ("", "")
    if query.chart:
        svg, file = drawn(lambda heading: bar_chart(query.title, unit, bars, mark=FIFTY, heading=heading))
    lines = tuple(_line(query, row, titles) for row in ordered)
    only = f"The chart shows {titles[ordered[0].model]} alone." if query.chart and charted != ordered else ""
    return Figure(query.name, query.title, f"{query.text} {only}".strip(), svg, file, lines)


def _line(query: _Query, row: ErrorRow, titles: Mapping[str, str]) -> Line:
    return Line(
        group=_group(query, row),
        model=titles[row.model],
        n=row.n,
        count="" if row.count is None else f"{row.count:,} of {row.n:,}",
        value=in_words(row.value, row.unit),
        interval=interval_in_words(row.low, row.high, row.unit),
        baseline="" if row.baseline is None else in_words(row.baseline, row.unit),
        own_variation="" if row.own_variation is None else in_words(row.own_variation, row.unit),
        is_small=row.is_small,
    )


def _place(query: _Query, row: ErrorRow) -> tuple[int, ...] | tuple[int, int, int, str]:
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


def _group(query: _Query, row: ErrorRow) -> str:
    if len(query.variants) > 1:
        return VARIANT_WORDS[row.variant]
    if len(query.labels) > 1:
        return row.label
    first, _, second = row.group.partition(BETWEEN)
    who = WHO.get(first, first)
    words = f"{who}, {second}" if second else who
    return f"{MEASURE_WORDS[row.measure]}, {words}" if len(query.measures) > 1 else words


def _tone(row: ErrorRow) -> str:
    return WHO.get(row.group.partition(BETWEEN)[0], "all")
