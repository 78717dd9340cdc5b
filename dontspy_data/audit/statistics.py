"""Estimates with 95 % intervals."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Z = 1.959963984540054  # 97.5 % quantile of the normal distribution
RESAMPLES = 2000
SEED = 20240613
SMALL = 20
DIGITS = 4


@dataclass(frozen=True, slots=True)
class IntervalEstimate:
    """A number with its 95 % interval, rounded to 0.0001.

    Attributes:
        value: the estimate.
        low: lower end of the interval.
        high: upper end of the interval.
        n: how many portraits it rests on.
    """

    value: float
    low: float
    high: float
    n: int

    @property
    def small(self) -> bool:
        """Whether it rests on too few portraits to say much."""
        return self.n < SMALL


def share(outcomes: Sequence[float]) -> IntervalEstimate:
    """Estimate the share of outcomes that are true (1, not 0), from 0 to 1, with Wilson's score interval.

    Source: Wilson (1927), doi:10.1080/01621459.1927.10502953.

    Raises:
        ValueError: there are no outcomes.
    """
    n = len(outcomes)
    if n == 0:
        raise ValueError("a share of nothing")
    p = sum(outcomes) / n
    middle = (p + Z**2 / (2 * n)) / (1 + Z**2 / n)
    half = Z / (1 + Z**2 / n) * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
    # At 0 and 1 the interval ends there; the formula misses that by a rounding error.
    low, high = max(0.0, middle - half), min(1.0, middle + half)
    return _rounded(p, low, high, n)


def mean(values: Sequence[float]) -> IntervalEstimate:
    """Estimate the mean, with a percentile bootstrap interval of a fixed seed.

    Source: Efron (1979), doi:10.1214/aos/1176344552. With few values it is narrower than it should be.

    Raises:
        ValueError: there are no values.
    """
    n = len(values)
    if n == 0:
        raise ValueError("a mean of nothing")
    array = np.asarray(values, dtype=np.float64)
    picks = np.random.default_rng(SEED).integers(0, n, size=(RESAMPLES, n))
    low, high = np.percentile(array[picks].mean(axis=1), [2.5, 97.5])
    return _rounded(float(array.mean()), float(low), float(high), n)


def _rounded(value: float, low: float, high: float, n: int) -> IntervalEstimate:
    return IntervalEstimate(round(value, DIGITS), round(low, DIGITS), round(high, DIGITS), n)
