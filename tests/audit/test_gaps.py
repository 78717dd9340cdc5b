"""Differences of groups and models against published examples, and where there is nothing to compare."""

import pytest

from dontspy_data.audit.gaps import (
    adjusted_difference,
    corrected,
    mean_difference,
    paired_share_difference,
    share_difference,
)


def outcomes(true: int, n: int) -> list[float]:
    return [1.0] * true + [0.0] * (n - true)


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [  # Newcombe (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I, table II, method 10
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((10, 10), (0, 20), 0.6791, 1.0000),
    ],
)
def test_two_shares(one: tuple[int, int], other: tuple[int, int], low: float, high: float) -> None:
    found = share_difference(outcomes(*one), outcomes(*other))
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def test_two_shares_of_the_same_portraits() -> None:
    # Newcombe (1998), doi:10.1002/(SICI)1097-0258(19981130)17:22<2635::AID-SIM954>3.0.CO;2-C, table III, method 10
    pairs = [(1.0, 1.0)] * 36 + [(1.0, 0.0)] * 12 + [(0.0, 1.0)] * 2
    found = paired_share_difference(pairs)
    assert found is not None
    assert (found.low, found.high) == (pytest.approx(0.0569, abs=1e-4), pytest.approx(0.3404, abs=1e-4))
    assert (found.effect_size, found.test) == (6, "mcnemar")


def test_nothing_is_said_of_fewer_than_five_or_of_what_never_varies() -> None:
    assert share_difference(outcomes(1, 4), outcomes(3, 30)) is None
    assert mean_difference([1.0, 2.0, 3.0], [4.0] * 30) is None
    assert mean_difference([1.0] * 10, [1.0] * 10) is None
    ages, clusters = [50.0, 40.0] * 10, [str(number) for number in range(20)]
    assert adjusted_difference([0.0] * 20, [True, False] * 10, ages, clusters) is None
    assert paired_share_difference([(1.0, 0.0)] * 4) is None


def test_chances_are_corrected_for_their_number() -> None:
    # Benjamini, Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x, section 3.2: four of fifteen stand at 0.05
    chances = [
        *(0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344),
        *(0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0),
    ]
    assert sum(q <= 0.05 for q in corrected(chances)) == 4
    assert corrected([]) == []
