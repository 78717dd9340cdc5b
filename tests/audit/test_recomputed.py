"""Every figure of an audit, computed again from `attributions` and `attribution_variants` alone.

By pandas, scipy and statsmodels, from an imaginary audit of two models that is large enough for every kind of figure.
"""

import math
from collections.abc import Iterator
from dataclasses import asdict
from functools import cache
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.inter_rater import cohens_kappa
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from dontspy_data.audit.attributions import AttributionRow, VariantRow, read_answers
from dontspy_data.audit.gaps import gap_rows
from dontspy_data.audit.measures import curve_rows, error_rows
from dontspy_data.audit.model import EXPRESSIONS
from tests.audit.tables import CARDS, VARIANTS, tables

UNNOTICED = ["mirrored", "jpeg_40", "upscaled"]
NEAR = 2e-4
SINGLE = {
    "gender": "official_gender",
    "age_band": "band",
    "country": "country",
    "political_group": "political_group",
    "reference_source": "reference_source",
}
CROSSED = ("age_band", "country", "political_group")


@pytest.fixture(scope="module")
def written() -> tuple[list[AttributionRow], list[VariantRow]]:
    return tables()


@pytest.fixture(scope="module")
def wide(written: tuple[list[AttributionRow], list[VariantRow]]) -> pd.DataFrame:
    """One row a model, variant and portrait."""
    attributions, variants = (pd.DataFrame([asdict(row) for row in rows]) for rows in written)
    facts = attributions.drop_duplicates("portrait_id").set_index("portrait_id")[
        ["official_gender", "official_age", "country", "political_group", "reference_source", "session"]
    ]
    every = pd.concat([attributions.assign(variant="original"), variants])
    key = ["model", "variant", "portrait_id"]
    answered = every[every.is_answer].set_index(key)
    looks = (
        every[every.attribute == "face"].set_index(key)[["is_answer"]].rename(columns={"is_answer": "found"})
    )
    for name, column, attribute in (
        ("years", "value", "age"),
        ("gender", "label", "gender"),
        ("sure", "score", "gender"),
        ("shown", "label", "expression"),
    ):
        looks[name] = answered.loc[answered.attribute == attribute, column]
    wide = looks.reset_index().join(facts, on="portrait_id")
    wide["band"] = pd.cut(
        wide.official_age,
        [0, 40, 50, 60, 70, 200],
        right=False,
        labels=["under 40", "40-49", "50-59", "60-69", "70 and over"],
    ).astype(object)
    both = wide.gender.notna() & wide.official_gender.notna()
    wide["wrong"] = (wide.gender != wide.official_gender).astype(float).where(both)
    wide["off"] = wide.years - wide.official_age
    wide["size"] = wide.off.abs()
    wide["far"] = (wide["size"] > 10).astype(float).where(wide.off.notna())
    wide["close"] = (wide["size"] <= 5).astype(float).where(wide.off.notna())
    for label in EXPRESSIONS:
        wide[label] = (wide.shown == label).astype(float).where(wide.shown.notna())
    for column in SINGLE.values():
        wide[column] = wide[column].astype(object).where(wide[column].notna(), None)
    return wide


def grouped(frame: pd.DataFrame, grouping: str) -> Iterator[tuple[str, pd.DataFrame]]:
    if grouping == "all":
        yield "all", frame
        return
    if grouping in SINGLE:
        name = frame[SINGLE[grouping]]
    else:
        second = frame[SINGLE[grouping.removeprefix("gender_and_")]]
        name = (frame.official_gender + ", " + second).where(
            frame.official_gender.notna() & second.notna(), None
        )
    for group, there in frame.groupby(name, dropna=True):
        yield str(group), there


def jeffreys(count: int, n: int) -> tuple[float, float]:
    low, high = proportion_confint(count, n, 0.05, method="jeffreys")
    return (0.0 if count == 0 else low), (1.0 if count == n else high)


def expected_interval(kind: str, values: np.ndarray) -> tuple[float, float] | None:
    n = len(values)
    if kind == "jeffreys":
        return jeffreys(int(values.sum()), n)
    if kind == "t":
        return tuple(stats.ttest_1samp(values, 0).confidence_interval(0.95))
    if kind == "log_t":
        return tuple(
            np.exp(stats.t.interval(0.95, n - 1, np.log(values.mean()), stats.sem(values) / values.mean()))
        )
    return None


@pytest.fixture(scope="module")
def errors(written: tuple[list[AttributionRow], list[VariantRow]]) -> pd.DataFrame:
    rows = error_rows(read_answers(*written), CARDS, detects=True, redetects=True)
    frame = pd.DataFrame([asdict(row) for row in rows])
    key = ["model", "attribute", "measure", "label", "compared_with", "variant", "group_by", "group"]
    assert not frame.duplicated(key).any()
    return frame


MEASURED = {
    # measure: column, statistic, interval, baseline, what moves
    "disagreement": ("wrong", np.mean, "jeffreys", "wrong"),
    "mean_absolute_error": ("size", np.mean, "log_t", "off"),
    "bias": ("off", np.mean, "t", "off"),
    "median_absolute_error": ("size", np.median, "order", "off"),
    "root_mean_square_error": ("off", lambda off: math.sqrt((off**2).mean()), "rms", "off"),
    "off_by_more_than_10_years": ("far", np.mean, "jeffreys", "far"),
    "within_5_years": ("close", np.mean, "jeffreys", "close"),
    "lower_limit_of_agreement": (
        "off",
        lambda off: off.mean() - stats.norm.ppf(0.975) * off.std(ddof=1),
        "loa",
        "off",
    ),
    "upper_limit_of_agreement": (
        "off",
        lambda off: off.mean() + stats.norm.ppf(0.975) * off.std(ddof=1),
        "loa",
        "off",
    ),
}
FIFTY = {"size": lambda off: off.abs(), "off": lambda off: off, "far": lambda off: off.abs() > 10}
FIFTY["close"] = lambda off: off.abs() <= 5


def moves(wide: pd.DataFrame, model: str, column: str) -> pd.Series:
    """By portrait, the mean change of a column under changes that nobody would notice."""
    by_variant = wide[wide.model == model].pivot_table(index="portrait_id", columns="variant", values=column)
    there = by_variant.reindex(columns=UNNOTICED).sub(by_variant["original"], axis=0).abs()
    return there.mean(axis=1)


@pytest.mark.parametrize("model", CARDS)
@pytest.mark.parametrize("measure", MEASURED)
def test_figures_against_official_facts(
    wide: pd.DataFrame, errors: pd.DataFrame, model: str, measure: str
) -> None:
    column, statistic, kind, moving = MEASURED[measure]
    frame = wide[(wide.model == model) & (wide.variant == "original")].dropna(subset=[column])
    rows = errors[
        (errors.model == model) & (errors.measure == measure) & (errors.compared_with == "official")
    ]
    assert (rows.variant == "original").all()
    variation = moves(wide, model, moving)
    usual = frame.official_gender.value_counts().idxmax() if measure == "disagreement" else None
    seen = 0
    for grouping, of_grouping in rows.groupby("group_by"):
        parts = dict(grouped(frame, str(grouping)))
        assert set(of_grouping.group) == set(parts)
        for _, row in of_grouping.iterrows():
            part = parts[row.group]
            values = part[column].to_numpy(float)
            assert row.value == pytest.approx(float(statistic(values)), abs=NEAR)
            assert row.n == len(values)
            if kind == "jeffreys":
                assert row["count"] == values.sum()
            unaware = 50 - part.official_age
            without = part.official_gender != usual if usual else FIFTY[column](unaware)
            assert row.baseline == pytest.approx(float(statistic(without.to_numpy(float))), abs=NEAR)
            assert row.own_variation == pytest.approx(variation.reindex(part.portrait_id).mean(), abs=NEAR)
            check_interval(row, kind, values)
            seen += 1
    assert seen == len(rows) > 0


def check_interval(row: pd.Series, kind: str, values: np.ndarray) -> None:
    n = len(values)
    if n < {"rms": 50, "loa": 20}.get(kind, 5):
        assert math.isnan(row.low)
        assert math.isnan(row.high)
        return
    if kind == "order":  # between scipy's interval, which holds in at least 95 of 100, and the next narrower
        wider = stats.quantile_test(values, p=0.5).confidence_interval(0.95)
        low, high = (wider.low, wider.high) if not math.isnan(wider.low) else (values.min(), values.max())
        ordered = np.sort(values)
        next_low, next_high = (
            ordered[np.searchsorted(ordered, low) + 1],
            ordered[np.searchsorted(ordered, high) - 1],
        )
        assert low - NEAR <= row.low <= next_low + NEAR
        assert next_high - NEAR <= row.high <= high + NEAR
        return
    if kind == "loa":
        half = (
            stats.t.ppf(0.975, n - 1)
            * values.std(ddof=1)
            * math.sqrt(1 / n + stats.norm.ppf(0.975) ** 2 / 2 / (n - 1))
        )
        found = (row.value - half, row.value + half)
    elif kind == "rms":
        found = tuple(math.sqrt(end) for end in expected_interval("log_t", values**2) or ())
    else:
        found = expected_interval(kind, values) or ()
    assert (row.low, row.high) == (pytest.approx(found[0], abs=NEAR), pytest.approx(found[1], abs=NEAR))


def test_intervals_by_session(wide: pd.DataFrame, errors: pd.DataFrame) -> None:
    rows = errors[errors.cluster_low.notna() & (errors.measure == "mean_absolute_error")]
    assert len(rows) == 6
    for _, row in rows.iterrows():
        frame = wide[(wide.model == row.model) & (wide.variant == "original")].dropna(subset=["size"])
        part = dict(grouped(frame, row.group_by))[row.group]
        clusters = part.session.where(part.session.notna(), part.portrait_id).astype("category").cat.codes
        fit = smf.ols("size ~ 1", part).fit(cov_type="cluster", cov_kwds={"groups": clusters}, use_t=True)
        low, high = fit.conf_int().loc["Intercept"]
        assert (row.cluster_low, row.cluster_high) == (
            pytest.approx(low, abs=NEAR),
            pytest.approx(high, abs=NEAR),
        )
    not_means = ["kappa", "concordance", "median_absolute_error", "expected_calibration_error"]
    assert errors[errors.measure.isin(not_means)].cluster_low.isna().all()


def test_faces_and_expressions(wide: pd.DataFrame, errors: pd.DataFrame) -> None:
    original = wide[wide.variant == "original"]
    for model in CARDS:
        frame = original[original.model == model]
        missed = errors[
            (errors.model == model) & (errors.measure == "not_found") & (errors.compared_with == "nothing")
        ]
        for _, row in missed.iterrows():
            part = dict(grouped(frame, row.group_by))[row.group]
            assert (row["count"], row.n) == ((~part.found.astype(bool)).sum(), len(part))
        for label in EXPRESSIONS:
            rows = errors[(errors.model == model) & (errors.measure == "share") & (errors.label == label)]
            variation = moves(wide, model, label)
            answered = frame.dropna(subset=[label])
            parts = {grouping: dict(grouped(answered, grouping)) for grouping in rows.group_by.unique()}
            for _, row in rows.iterrows():
                part = parts[row.group_by][row.group]
                assert (row["count"], row.n) == (part[label].sum(), len(part))
                assert row.own_variation == pytest.approx(
                    variation.reindex(part.portrait_id).mean(), abs=NEAR
                )
                if row.n >= 5:
                    assert (row.low, row.high) == pytest.approx(
                        jeffreys(int(part[label].sum()), len(part)), abs=NEAR
                    )


@pytest.mark.parametrize("variant", VARIANTS)
def test_changes_of_the_picture(wide: pd.DataFrame, errors: pd.DataFrame, variant: str) -> None:
    checked = 0
    for model in CARDS:
        frame = wide[wide.model == model].set_index("portrait_id")
        first, second = frame[frame.variant == "original"], frame[frame.variant == variant]
        second = second.reindex(first.index)
        pairs = first.assign(
            portrait_id=first.index,
            not_found=(~second.found.astype(bool)).astype(float).where(first.found.astype(bool)),
            age=(second.years - first.years).abs(),
            says=(second.gender != first.gender)
            .astype(float)
            .where(second.gender.notna() & first.gender.notna()),
            shows=(second.shown != first.shown)
            .astype(float)
            .where(second.shown.notna() & first.shown.notna()),
        )
        rows = errors[(errors.model == model) & (errors.variant == variant)]
        columns = {"face": "not_found", "age": "age", "gender": "says", "expression": "shows"}
        for _, row in rows.iterrows():
            part = dict(grouped(pairs.dropna(subset=[columns[row.attribute]]), row.group_by))[row.group]
            values = part[columns[row.attribute]].to_numpy(float)
            assert (row.value, row.n) == (pytest.approx(values.mean(), abs=NEAR), len(values))
            check_interval(row, "log_t" if row.attribute == "age" else "jeffreys", values)
            checked += 1
    assert checked == 2 * 4 * 3


def lins(one: pd.Series, other: pd.Series) -> float:
    return float(
        2
        * np.cov(one, other, ddof=0)[0, 1]
        / (one.var(ddof=0) + other.var(ddof=0) + (one.mean() - other.mean()) ** 2)
    )


def kappa_of(one: pd.Series, other: pd.Series) -> tuple[float, float]:
    labels = sorted({*one, *other})
    table = pd.crosstab(pd.Categorical(one, labels), pd.Categorical(other, labels), dropna=False)
    with np.errstate(invalid="ignore"):
        found = cohens_kappa(table.to_numpy())
    return float(found.kappa), float(found.std_kappa)


def test_agreement_of_two_models_and_with_official_facts(wide: pd.DataFrame, errors: pd.DataFrame) -> None:
    original = wide[wide.variant == "original"].set_index("portrait_id")
    first, second = (original[original.model == model] for model in CARDS)
    both = first.join(second[["years", "gender", "shown"]], rsuffix="_2").reset_index()
    frames = {"second": both, "official": first.reset_index()}
    columns = {
        ("second", "gender"): ("gender", "gender_2"),
        ("second", "expression"): ("shown", "shown_2"),
        ("second", "age"): ("years", "years_2"),
        ("official", "gender"): ("gender", "official_gender"),
        ("official", "age"): ("years", "official_age"),
    }
    wanted = ["kappa", "concordance", "different_answer", "mean_absolute_difference", "mean_difference"]
    rows = errors[(errors.model == "first") & errors.measure.isin(wanted)]
    assert set(rows[rows.measure == "kappa"].group) == {"all", "female", "male"}
    for _, row in rows.iterrows():
        left, right = columns[row.compared_with, row.attribute]
        part = dict(grouped(frames[row.compared_with].dropna(subset=[left, right]), row.group_by))[row.group]
        one, other = part[left], part[right]
        assert row.n == len(part)
        if row.measure == "kappa":
            value, error = kappa_of(one, other)
            assert row.value == pytest.approx(value, abs=NEAR)
            ends = np.tanh(
                np.arctanh(value) + np.array([-1, 1]) * stats.norm.ppf(0.975) * error / (1 - value**2)
            )
            assert (row.low, row.high) == pytest.approx(tuple(ends), abs=NEAR)
        elif row.measure == "concordance":
            assert row.value == pytest.approx(lins(one, other), abs=NEAR)
            assert row.low < row.value < row.high
        elif row.measure == "different_answer":
            check_interval(row, "jeffreys", (one != other).to_numpy(float))
        elif row.measure == "mean_difference":
            assert row.value == pytest.approx((one - other).mean(), abs=NEAR)
            check_interval(row, "t", (one - other).to_numpy(float))
        else:
            assert row.value == pytest.approx((one - other).abs().mean(), abs=NEAR)
            check_interval(row, "log_t", (one - other).abs().to_numpy(float))


def test_confidence(
    wide: pd.DataFrame, errors: pd.DataFrame, written: tuple[list[AttributionRow], list[VariantRow]]
) -> None:
    curves = pd.DataFrame([asdict(row) for row in curve_rows(read_answers(*written), CARDS)])
    for model in CARDS:
        frame = wide[(wide.model == model) & (wide.variant == "original")].dropna(subset=["wrong", "sure"])
        for grouping in ("all", "gender"):
            for group, part in grouped(frame, grouping):
                of = (errors.model == model) & (errors.group == group)
                places = np.minimum((part.sure * 10).astype(int), 9)
                gaps = part.groupby(places).apply(
                    lambda bin_: abs(bin_.sure.mean() - (1 - bin_.wrong).mean()) * len(bin_)
                )
                ece = errors[of & (errors.measure == "expected_calibration_error")].iloc[0]
                assert ece.value == pytest.approx(gaps.sum() / len(part), abs=NEAR)
                mistaken = errors[of & (errors.measure == "confidence_when_wrong")]
                if part.wrong.any():
                    assert mistaken.iloc[0].value == pytest.approx(
                        part.sure[part.wrong == 1].median(), abs=NEAR
                    )
                else:
                    assert mistaken.empty
                drawn = curves[(curves.model == model) & (curves.group == group)]
                for _, point in drawn[drawn.curve == "reliability"].iterrows():
                    there = part[places == round(point.confidence_from * 10)]
                    assert (point.n, point["count"]) == (len(there), (there.wrong == 0).sum())
                    assert point.mean_confidence == pytest.approx(there.sure.mean(), abs=NEAR)
                for _, point in drawn[drawn.curve == "threshold"].iterrows():
                    there = part[part.sure >= point.confidence_from]
                    assert (point.n, point["count"]) == (len(there), (there.wrong == 1).sum())
                    assert point.answered == pytest.approx(len(there) / len(part), abs=NEAR)
                    if point.n >= 5:
                        assert (point.low, point.high) == pytest.approx(
                            jeffreys(point["count"], point.n), abs=NEAR
                        )
                assert drawn[drawn.curve == "reliability"].n.sum() == len(part)


@pytest.fixture(scope="module")
def gaps(written: tuple[list[AttributionRow], list[VariantRow]]) -> pd.DataFrame:
    return pd.DataFrame([asdict(row) for row in gap_rows(read_answers(*written), CARDS)])


OUTCOMES = {
    "disagreement": "wrong",
    "mean_absolute_error": "size",
    "bias": "off",
    "off_by_more_than_10_years": "far",
    "share": "happy",
}


def test_gaps_between_groups(wide: pd.DataFrame, gaps: pd.DataFrame) -> None:
    rows = gaps[(gaps.group_by != "model") & (gaps.adjusted_for == "nothing")]
    assert set(rows.group_by) == {"gender", "age_band", "country", "political_group"}
    assert {"all", "female", "male", "50-59"} <= set(rows.among)
    original = wide[wide.variant == "original"]

    @cache
    def parts_of(model: str, column: str, among: str, grouping: str) -> dict[str, pd.DataFrame]:
        frame = original[original.model == model].dropna(subset=[column])
        if among != "all":
            frame = frame[(frame.official_gender if among in ("female", "male") else frame.band) == among]
        return dict(grouped(frame, grouping))

    for _, row in rows.iterrows():
        column = OUTCOMES[row.measure]
        parts = dict(parts_of(row.model, column, row.among, row.group_by))
        one = parts.pop(row.group)[column].to_numpy(float)
        other = np.concatenate([part[column].to_numpy(float) for part in parts.values()])
        assert (row.n, row.n_compared) == (len(one), len(other))
        assert row.value == pytest.approx(one.mean() - other.mean(), abs=NEAR)
        if row.unit == "share":
            a, b = one.sum(), other.sum()
            low, high = confint_proportions_2indep(
                a, len(one), b, len(other), method="newcomb", compare="diff"
            )
            p = stats.fisher_exact([[a, len(one) - a], [b, len(other) - b]]).pvalue
            effect = 2 * (np.arcsin(np.sqrt(one.mean())) - np.arcsin(np.sqrt(other.mean())))
        else:
            test = stats.ttest_ind(one, other, equal_var=False)
            (low, high), p = test.confidence_interval(0.95), test.pvalue
            n, m = len(one), len(other)
            pooled = math.sqrt(((n - 1) * one.var(ddof=1) + (m - 1) * other.var(ddof=1)) / (n + m - 2))
            effect = (one.mean() - other.mean()) / pooled * (1 - 3 / (4 * (n + m) - 9))
        assert (row.low, row.high) == (pytest.approx(low, abs=NEAR), pytest.approx(high, abs=NEAR))
        assert (row.p, row.effect_size) == (
            pytest.approx(p, rel=6e-3, abs=1e-12),
            pytest.approx(effect, abs=NEAR),
        )


def test_gaps_at_the_same_age(wide: pd.DataFrame, gaps: pd.DataFrame) -> None:
    rows = gaps[gaps.adjusted_for == "age"]
    assert len(rows) == 2 * len(OUTCOMES)
    for _, row in rows.iterrows():
        frame = wide[(wide.model == row.model) & (wide.variant == "original")]
        frame = frame.dropna(subset=[OUTCOMES[row.measure], "official_gender", "official_age"])
        frame = frame.assign(
            y=frame[OUTCOMES[row.measure]], women=(frame.official_gender == "female").astype(float)
        )
        clusters = frame.session.where(frame.session.notna(), frame.portrait_id).astype("category").cat.codes
        fit = smf.ols("y ~ women + official_age", frame).fit(
            cov_type="cluster", cov_kwds={"groups": clusters}, use_t=True
        )
        low, high = fit.conf_int().loc["women"]
        assert row.value == pytest.approx(fit.params["women"], abs=NEAR)
        assert (row.low, row.high) == (pytest.approx(low, abs=NEAR), pytest.approx(high, abs=NEAR))
        assert row.p == pytest.approx(fit.pvalues["women"], rel=6e-3, abs=1e-12)


def test_gaps_between_models_on_the_same_portraits(wide: pd.DataFrame, gaps: pd.DataFrame) -> None:
    original = wide[wide.variant == "original"].set_index("portrait_id")
    first, second = (original[original.model == model] for model in CARDS)
    rows = gaps[gaps.group_by == "model"]
    assert len(rows) == len(OUTCOMES) * 3
    for _, row in rows.iterrows():
        column = OUTCOMES[row.measure]
        both = first.join(second[[column]], rsuffix="_2").dropna(subset=[column, f"{column}_2"])
        if row.among != "all":
            both = both[both.official_gender == row.among]
        one, other = both[column], both[f"{column}_2"]
        assert (row.n, row.value) == (len(both), pytest.approx((one - other).mean(), abs=NEAR))
        if row.unit == "share":
            table = pd.crosstab(one, other).reindex(index=[1.0, 0.0], columns=[1.0, 0.0], fill_value=0)
            assert row.p == pytest.approx(mcnemar(table.to_numpy(), exact=True).pvalue, rel=6e-3)
        else:
            test = stats.ttest_rel(one, other)
            assert (row.low, row.high) == pytest.approx(tuple(test.confidence_interval(0.95)), abs=NEAR)
            assert row.p == pytest.approx(test.pvalue, rel=6e-3, abs=1e-12)


def test_q_values_correct_for_all_comparisons_of_a_kind(gaps: pd.DataFrame) -> None:
    kinds = ["model", "attribute", "measure", "group_by", "adjusted_for"]
    between_models = gaps.group_by == "model"
    for part in (gaps[~between_models], gaps[between_models]):
        for _, rows in part.groupby(kinds):
            corrected = multipletests(rows.p, method="fdr_bh")[1]
            assert rows.q.to_numpy() == pytest.approx(corrected, rel=2e-2, abs=1e-12)
            ordered = rows.sort_values("p").q.to_list()
            assert all(one <= other for one, other in pairwise(ordered))
