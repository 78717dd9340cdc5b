"""Intervals: against published values, and sane for whatever numbers come."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dontspy_data.audit.statistics import mean, share


@pytest.mark.parametrize(
    ("true", "n", "low", "high"),
    [
        (
            81,
            263,
            0.2553,
            0.3662,
        ),  # Newcombe (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8, table I, method 3
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_a_share_has_wilsons_interval(true: int, n: int, low: float, high: float) -> None:
    found = share([True] * true + [False] * (n - true))
    assert (found.low, found.high, found.n) == (low, high, n)


@given(st.lists(st.booleans(), min_size=1, max_size=200))
def test_a_share_lies_in_its_interval(outcomes: list[bool]) -> None:
    found = share(outcomes)
    assert 0 <= found.low <= found.value <= found.high <= 1


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=60))
def test_a_mean_lies_near_its_interval_and_inside_the_values(values: list[float]) -> None:
    found = mean(values)
    assert min(values) - 1e-3 <= found.low <= found.high <= max(values) + 1e-3
    assert min(values) - 1e-3 <= found.value <= max(values) + 1e-3
    assert found == mean(values)


def test_a_bootstrap_interval_is_about_that_of_the_normal_distribution() -> None:
    found = mean([float(value) for value in range(100)])  # sd 28.9, so 2.89 of the mean
    assert found.low == pytest.approx(49.5 - 1.96 * 2.89, abs=0.6)
    assert found.high == pytest.approx(49.5 + 1.96 * 2.89, abs=0.6)


def test_fewer_than_twenty_are_few() -> None:
    assert share([True] * 19).small
    assert not share([True] * 20).small


@pytest.mark.parametrize("estimate", [share, mean])
def test_nothing_has_no_estimate(estimate) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match="nothing"):
        estimate([])
