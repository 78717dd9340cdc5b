"""The table `attribution_gaps`: how much more a model errs about one group than another, and whether it may be chance.

Each group is compared with all others of its kind; women and men also within each age band, and at the same age. If
statsmodels or scipy have a formula for an interval, an effect size or a test, it is used.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations

import numpy as np

from dontspy_data.audit.attributions import ALL, GROUPINGS, Answer, Answers, OfficialFacts
from dontspy_data.audit.looks import ORIGINAL
from dontspy_data.audit.model import GENDERS, Attribute, Card
from dontspy_data.audit.observations import ANY_LABEL, FAR_OFF, gender_is_wrong, years_off
from dontspy_data.audit.statistics import DIGITS, LEAST, LEVEL, t_quantile

OTHERS = "all others"
NOTHING_ADJUSTED, AGE_ADJUSTED = "nothing", "age"
COMPARED = ("gender", "age_band", "country", "political_group")
BY_MODEL = "model"
SHOWN_LABEL = "happy"
"""The one expression that groups are compared by."""


@dataclass(frozen=True, slots=True)
class GroupDifference:
    """The difference between two means or shares.

    Attributes:
        value: the first minus the second.
        low: lower end of its 95 % interval.
        high: upper end.
        effect_size: its size in a unit of its own, see `effect_name`.
        effect_name: `cohens_h` of shares, `hedges_g` of means; of pairs `odds` (how much more often only the first is
            true) and `cohens_dz`.
        p: the probability that chance alone gives one as large or larger, by `test`.
        test: `fisher`, `welch`, `mcnemar`, `paired_t` or `regression`.
        interval: `newcombe`, `newcombe_paired`, `welch`, `t` or `regression`.
    """

    value: float
    low: float
    high: float
    effect_size: float | None
    effect_name: str | None
    p: float
    test: str
    interval: str


def share_difference(one: Sequence[float], other: Sequence[float]) -> GroupDifference | None:
    """Compare two shares: Newcombe's interval, Fisher's exact test, Cohen's h.

    Returns:
        None if either side has fewer than five values.
    """
    if min(len(one), len(other)) < LEAST:
        return None
    from scipy.stats import fisher_exact

    a, n, b, m = round(sum(one)), len(one), round(sum(other)), len(other)
    low, high = newcombe(a, n, b, m)
    p = float(fisher_exact([[a, n - a], [b, m - b]]).pvalue)
    h = 2 * (math.asin(math.sqrt(a / n)) - math.asin(math.sqrt(b / m)))
    return _rounded(GroupDifference(a / n - b / m, low, high, h, "cohens_h", p, "fisher", "newcombe"))


def newcombe(a: int, n: int, b: int, m: int) -> tuple[float, float]:
    """Return the interval of the difference of the shares `a` of `n` and `b` of `m`.

    Source: Newcombe (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I, method 10.
    """
    from statsmodels.stats.proportion import confint_proportions_2indep

    low, high = confint_proportions_2indep(a, n, b, m, method="newcomb", compare="diff", alpha=1 - LEVEL)
    return float(low), float(high)


def mean_difference(one: Sequence[float], other: Sequence[float]) -> GroupDifference | None:
    """Compare two means whose spreads may differ: Welch's interval and test, Hedges' g.

    Source: Welch (1947), doi:10.1093/biomet/34.1-2.28; Hedges (1981), doi:10.3102/10769986006002107.

    Returns:
        None if either side has fewer than five values, or nothing varies.
    """
    first, second = np.asarray(sorted(one)), np.asarray(sorted(other))
    n, m = len(first), len(second)
    if min(n, m) < LEAST or first.var() + second.var() == 0:
        return None
    from scipy.stats import ttest_ind

    test = ttest_ind(first, second, equal_var=False)
    low, high = test.confidence_interval(LEVEL)
    pooled = math.sqrt(((n - 1) * first.var(ddof=1) + (m - 1) * second.var(ddof=1)) / (n + m - 2))
    value = float(first.mean() - second.mean())
    g = value / pooled * (1 - 3 / (4 * (n + m) - 9))
    return _rounded(
        GroupDifference(value, float(low), float(high), g, "hedges_g", float(test.pvalue), "welch", "welch")
    )


def adjusted_difference(
    outcomes: Sequence[float], is_first: Sequence[bool], ages: Sequence[float], clusters: Sequence[str]
) -> GroupDifference | None:
    """Compare two groups at the same age: ordinary least squares on group and age.

    For truths it is a linear probability model, since a logistic one has no solution if one group is never wrong.
    The variance is robust, and clustered by portraits that belong together.

    Args:
        outcomes: a truth or years, one per portrait.
        is_first: whether it is of the first group, not the second.
        ages: official ages, in years.
        clusters: what portraits that were taken together share.

    Returns:
        None if either group has fewer than five portraits, or nothing varies.
    """
    count = sum(is_first)
    if min(count, len(is_first) - count) < LEAST or len(set(outcomes)) < 2 or len(set(clusters)) < LEAST:
        return None
    from statsmodels.regression.linear_model import OLS

    order = sorted(range(len(outcomes)), key=lambda place: (clusters[place], ages[place], outcomes[place]))
    names = [clusters[place] for place in order]
    numbers = {name: number for number, name in enumerate(dict.fromkeys(names))}
    design = np.asarray([(1.0, float(is_first[place]), ages[place]) for place in order])
    fit = OLS(np.asarray([outcomes[place] for place in order]), design).fit(
        cov_type="cluster", cov_kwds={"groups": np.asarray([numbers[name] for name in names])}, use_t=True
    )
    low, high = fit.conf_int(1 - LEVEL)[1]
    value, p = float(fit.params[1]), float(fit.pvalues[1])
    if not math.isfinite(p):
        return None
    return _rounded(
        GroupDifference(value, float(low), float(high), None, None, p, "regression", "regression")
    )


def paired_share_difference(pairs: Sequence[tuple[float, float]]) -> GroupDifference | None:
    """Compare two shares of the same portraits: Newcombe's paired interval, McNemar's exact test, the odds.

    Source: Newcombe (1998), doi:10.1002/(SICI)1097-0258(19981130)17:22<2635::AID-SIM954>3.0.CO;2-C, method 10.

    Returns:
        None if there are fewer than five pairs.
    """
    n = len(pairs)
    if n < LEAST:
        return None
    from statsmodels.stats.contingency_tables import mcnemar
    from statsmodels.stats.proportion import proportion_confint

    both, first, second = (pairs.count(kind) for kind in ((1.0, 1.0), (1.0, 0.0), (0.0, 1.0)))
    neither = n - both - first - second
    p1, p2 = (both + first) / n, (both + second) / n
    (low1, high1), (low2, high2) = (
        proportion_confint(true, n, 1 - LEVEL, method="wilson") for true in (both + first, both + second)
    )
    phi = _phi(both, first, second, neither)
    down, up = p1 - low1, high2 - p2
    left, right = high1 - p1, p2 - low2
    low = p1 - p2 - math.sqrt(max(0.0, down**2 - 2 * phi * down * up + up**2))
    high = p1 - p2 + math.sqrt(max(0.0, left**2 - 2 * phi * left * right + right**2))
    p = float(mcnemar([[both, first], [second, neither]], exact=True).pvalue)
    odds = first / second if second else None
    return _rounded(GroupDifference(p1 - p2, low, high, odds, "odds", p, "mcnemar", "newcombe_paired"))


def _phi(both: int, first: int, second: int, neither: int) -> float:
    """Return the correlation of the pairs, with Newcombe's correction for continuity."""
    margins = (both + first) * (second + neither) * (both + second) * (first + neither)
    product = float(both * neither - first * second)
    if product > 0:
        product = max(product - (both + first + second + neither) / 2, 0.0)
    return product / math.sqrt(margins) if margins else 0.0


def paired_mean_difference(pairs: Sequence[tuple[float, float]]) -> GroupDifference | None:
    """Compare two means of the same portraits: Student's interval and test of the differences, Cohen's dz.

    Returns:
        None if there are fewer than five pairs, or their differences are all the same.
    """
    gaps = np.asarray(sorted(first - second for first, second in pairs))
    n = len(gaps)
    if n < LEAST or gaps.std() == 0:
        return None
    from scipy.stats import ttest_1samp

    spread = float(gaps.std(ddof=1))
    value, half = float(gaps.mean()), t_quantile(n - 1) * spread / math.sqrt(n)
    p = float(ttest_1samp(gaps, 0).pvalue)
    return _rounded(
        GroupDifference(value, value - half, value + half, value / spread, "cohens_dz", p, "paired_t", "t")
    )


def corrected(chances: Sequence[float]) -> list[float]:
    """Return q-values: p-values corrected for their number, by the false discovery rate.

    Source: Benjamini, Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    if not chances:
        return []
    from scipy.stats import false_discovery_control

    return [significant(float(q)) for q in false_discovery_control(chances)]


def significant(chance: float) -> float:
    """Return a probability with three significant digits."""
    return float(f"{chance:.3g}")


def _rounded(found: GroupDifference) -> GroupDifference:
    return replace(
        found,
        value=round(found.value, DIGITS),
        low=round(found.low, DIGITS),
        high=round(found.high, DIGITS),
        effect_size=None if found.effect_size is None else round(found.effect_size, DIGITS),
    )


@dataclass(frozen=True, slots=True)
class GapRow:
    """A row of `attribution_gaps`, see its schema."""

    model: str
    attribute: str
    measure: str
    label: str
    among: str
    group_by: str
    group: str
    compared_with: str
    adjusted_for: str
    value: float
    low: float
    high: float
    n: int
    n_compared: int
    unit: str
    interval: str
    effect_size: float | None
    effect_name: str | None
    test: str
    p: float
    q: float


@dataclass(frozen=True, slots=True)
class ComparedOutcome:
    """What is compared: for one model and measure, a truth or a number of years per portrait."""

    model: str
    attribute: str
    measure: str
    label: str
    unit: str
    values: Mapping[str, tuple[OfficialFacts, float]]


def gap_rows(answers: Answers, cards: Mapping[str, Card]) -> tuple[GapRow, ...]:
    """Return all rows: by model and measure, groups first, then pairs of models on the same portraits.

    q-values correct for all comparisons of one model and measure by the same kind of group (by country: each country,
    of all, women and men); of models, for all pairs of one measure.

    Args:
        answers: of all models to all pictures.
        cards: of the models, by name.
    """
    outcomes = [o for card in cards.values() for o in _outcomes(card, answers[card.name, ORIGINAL])]
    rows: list[GapRow] = []
    for outcome in outcomes:
        found = list(_between_groups(outcome))
        for grouping in COMPARED:
            rows += _corrected([row for row in found if row.group_by == grouping])
        rows += _corrected(list(_at_the_same_age(outcome)))
    for attribute, measure in dict.fromkeys((o.attribute, o.measure) for o in outcomes):
        same = [o for o in outcomes if (o.attribute, o.measure) == (attribute, measure)]
        rows += _corrected(
            [row for one, other in combinations(same, 2) for row in _between_models(one, other)]
        )
    return tuple(rows)


def _outcomes(card: Card, originals: Mapping[str, Answer]) -> Iterator[ComparedOutcome]:
    def outcome(
        attribute: Attribute, measure: str, unit: str, values: Mapping[str, float | None]
    ) -> ComparedOutcome:
        label = SHOWN_LABEL if attribute is Attribute.EXPRESSION else ANY_LABEL
        there = {name: (originals[name].facts, value) for name, value in values.items() if value is not None}
        return ComparedOutcome(card.name, attribute, measure, label, unit, there)

    if Attribute.GENDER in card.attributes:
        wrong = {name: gender_is_wrong(answer) for name, answer in originals.items()}
        yield outcome(Attribute.GENDER, "disagreement", "share", wrong)
    if Attribute.AGE in card.attributes:
        off = {name: years_off(answer) for name, answer in originals.items()}
        known = {name: error for name, error in off.items() if error is not None}
        sizes = {name: abs(error) for name, error in known.items()}
        far = {name: float(size > FAR_OFF) for name, size in sizes.items()}
        yield outcome(Attribute.AGE, "mean_absolute_error", "years", sizes)
        yield outcome(Attribute.AGE, "bias", "years", known)
        yield outcome(Attribute.AGE, "off_by_more_than_10_years", "share", far)
    if Attribute.EXPRESSION in card.attributes:
        given = {name: answer.labels.get(Attribute.EXPRESSION) for name, answer in originals.items()}
        shown = {name: float(label == SHOWN_LABEL) for name, label in given.items() if label}
        yield outcome(Attribute.EXPRESSION, "share", "share", shown)


def _between_groups(outcome: ComparedOutcome) -> Iterator[GapRow]:
    compare = share_difference if outcome.unit == "share" else mean_difference
    for among, there in _denominators(outcome):
        for grouping in _comparable(among):
            for group, compared, one, other in _contrasts(there, grouping):
                if found := compare(one, other):
                    yield _row(outcome, found, (among, grouping, group, compared), (len(one), len(other)))


def _comparable(among: str) -> tuple[str, ...]:
    """Return the kinds of groups that a denominator's portraits are compared by; an age band only by gender."""
    by_gender, by_others = COMPARED[:1], COMPARED[1:]
    return {ALL: COMPARED, **dict.fromkeys(GENDERS, by_others)}.get(among, by_gender)


def _contrasts(
    there: Sequence[tuple[OfficialFacts, float]], grouping: str
) -> Iterator[tuple[str, str, list[float], list[float]]]:
    """Yield a group, what it is compared with, and the values of both."""
    cells: dict[str, list[float]] = {}
    for facts, value in there:
        if group := GROUPINGS[grouping](facts):
            cells.setdefault(group, []).append(value)
    for group in GENDERS[:1] if grouping == "gender" else sorted(cells):
        others = [value for name in sorted(cells) if name != group for value in cells[name]]
        yield group, GENDERS[1] if grouping == "gender" else OTHERS, cells.get(group, []), others


def _denominators(outcome: ComparedOutcome) -> Iterator[tuple[str, list[tuple[OfficialFacts, float]]]]:
    """Yield all portraits, those of women and of men, and those of each age band, unless nothing is ever wrong."""
    values = list(outcome.values.values())
    if not any(value for _, value in values):
        return
    yield ALL, values
    for grouping in ("gender", "age_band"):
        names = sorted({name for facts, _ in values if (name := GROUPINGS[grouping](facts))})
        for name in names:
            there = [(facts, value) for facts, value in values if GROUPINGS[grouping](facts) == name]
            if any(value for _, value in there):
                yield name, there


def _at_the_same_age(outcome: ComparedOutcome) -> Iterator[GapRow]:
    known = [
        (facts, value) for facts, value in outcome.values.values() if facts.gender and facts.age is not None
    ]
    is_first = [facts.gender == GENDERS[0] for facts, _ in known]
    found = adjusted_difference(
        [value for _, value in known],
        is_first,
        [facts.age for facts, _ in known if facts.age is not None],
        [facts.session or facts.portrait_id for facts, _ in known],
    )
    if found:
        counts = sum(is_first), len(is_first) - sum(is_first)
        yield _row(outcome, found, (ALL, "gender", *GENDERS), counts, adjusted_for=AGE_ADJUSTED)


def _between_models(one: ComparedOutcome, other: ComparedOutcome) -> Iterator[GapRow]:
    """Yield the difference on portraits that both models judge: for all, women and men."""
    for among in (ALL, *GENDERS):
        pairs = [
            (value, other.values[name][1])
            for name, (facts, value) in one.values.items()
            if name in other.values and among in (ALL, facts.gender)
        ]
        compare = paired_share_difference if one.unit == "share" else paired_mean_difference
        if found := compare(pairs):
            yield _row(one, found, (among, BY_MODEL, one.model, other.model), (len(pairs), len(pairs)))


def _row(
    outcome: ComparedOutcome,
    found: GroupDifference,
    groups: tuple[str, str, str, str],
    counts: tuple[int, int],
    *,
    adjusted_for: str = NOTHING_ADJUSTED,
) -> GapRow:
    among, group_by, group, compared_with = groups
    return GapRow(
        model=outcome.model,
        attribute=outcome.attribute,
        measure=outcome.measure,
        label=outcome.label,
        among=among,
        group_by=group_by,
        group=group,
        compared_with=compared_with,
        adjusted_for=adjusted_for,
        n=counts[0],
        n_compared=counts[1],
        unit=outcome.unit,
        **asdict(found),
        q=found.p,
    )


def _corrected(rows: Sequence[GapRow]) -> list[GapRow]:
    chances = corrected([row.p for row in rows])
    return [replace(row, p=significant(row.p), q=q) for row, q in zip(rows, chances, strict=True)]
