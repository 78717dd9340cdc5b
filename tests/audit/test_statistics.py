"""Estimates and intervals: against scipy's and published values, and sane for whatever numbers come."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from dontspy_data.audit.statistics import (
    Estimator,
    calibration,
    clustered,
    concordance,
    kappa,
    mean,
    mean_magnitude,
    median,
    root_mean_square,
    share,
)

ESTIMATORS = {
    "share": share,
    "mean": mean,
    "magnitude": mean_magnitude,
    "median": median,
    "rms": root_mean_square,
}


@pytest.mark.parametrize(
    ("true", "n", "low", "high"),
    [
        # Brown, Cai, DasGupta (2001), doi:10.1214/ss/1009213286: limits of the Jeffreys interval
        (0, 10, 0.0, 0.217),
        (1, 10, 0.011, 0.381),
        (5, 10, 0.224, 0.776),
    ],
)
def test_a_share_has_the_published_interval(true: int, n: int, low: float, high: float) -> None:
    found = share([1.0] * true + [0.0] * (n - true))
    assert (found.low, found.high) == (pytest.approx(low, abs=6e-4), pytest.approx(high, abs=6e-4))
    assert (found.value, found.n) == (round(true / n, 4), n)


def test_a_mean_has_students_interval() -> None:
    values = [3.0, 9.5, -2.0, 4.0, 7.25, 0.5]
    found = mean(values)
    low, high = stats.ttest_1samp(values, 0).confidence_interval(0.95)
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


@pytest.mark.parametrize("name", ESTIMATORS)
@given(values=st.lists(st.floats(0, 100).map(lambda value: round(value, 3)), min_size=1, max_size=60))
def test_an_estimate_lies_in_its_interval_whatever_the_order(name: str, values: list[float]) -> None:
    numbers = [float(value > 50) for value in values] if name == "share" else values
    found = ESTIMATORS[name](numbers)
    assert found == ESTIMATORS[name](numbers[::-1])
    if found.low is not None and found.high is not None:
        assert len(values) >= 5
        assert found.low - 1e-3 <= found.value <= found.high + 1e-3


@pytest.mark.parametrize("estimate", ESTIMATORS.values())
def test_below_five_there_is_no_interval_and_of_nothing_no_estimate(estimate: Estimator) -> None:
    assert estimate([0.0, 1.0, 1.0, 0.0]).low is None
    with pytest.raises(ValueError, match="nothing"):
        estimate([])


def test_values_that_are_all_the_same_say_nothing_of_their_spread() -> None:
    assert mean([2.0] * 30).low is mean_magnitude([0.0] * 30).high is None


def test_fewer_than_twenty_are_few() -> None:
    assert share([1.0] * 19).small
    assert not share([1.0] * 20).small


def test_the_expected_calibration_error_by_hand() -> None:
    # Two answers of 0.95 confidence, one right: 0.45 off; two of 0.65, both right: 0.35 off.
    pairs = [(0.95, 1.0), (0.95, 0.0), (0.65, 1.0), (0.65, 1.0)]
    assert calibration(pairs).value == pytest.approx((2 * 0.45 + 2 * 0.35) / 4)


def test_kappa_and_concordance_are_those_of_their_authors() -> None:
    # Cohen (1960), doi:10.1177/001316446002000104, two judges of 200 patients: kappa .492
    table = [[88, 14, 18], [10, 40, 10], [2, 6, 12]]
    pairs = [(float(a), float(b)) for a in range(3) for b in range(3) for _ in range(table[a][b])]
    assert kappa(pairs).value == pytest.approx(0.492, abs=6e-4)
    same = [(float(value), float(value)) for value in range(30)]
    assert concordance(same).value == 1
    moved = [(one, other + 5) for one, other in same]
    variance = np.var(range(30))
    assert concordance(moved).value == pytest.approx(2 * variance / (2 * variance + 25), abs=1e-4)
    assert math.isnan(kappa([(1.0, 1.0)] * 60).value)


def test_portraits_of_one_session_say_less_than_as_many_of_different_ones() -> None:
    values = [1.0, 1.0, 5.0, 5.0, 2.0, 2.0, 8.0, 8.0, 3.0, 3.0]
    apart = clustered(values, [str(place) for place in range(10)])
    together = clustered(values, [str(place // 2) for place in range(10)])
    assert apart is not None
    assert together is not None
    assert together[0] < apart[0] < apart[1] < together[1]
    assert apart == (mean(values).low, mean(values).high)
    assert clustered(values, ["one"] * 10) is None
