"""How far two series of answers agree: Cohen's kappa, Lin's concordance and Bland and Altman's limits of agreement.

Each takes pairs: what one says and what the other says of the same portrait; labels as their places in a list.
"""

import math

import numpy as np

from dontspy_data.audit.statistics import Estimator, Interval, Values, t_quantile

NORMAL = 1.959963984540054
"""97.5 % quantile of the normal distribution."""
LEAST_PAIRS = 20
LEAST_LABELS = 50
"""With fewer pairs of numbers, or of labels, the intervals hold too seldom."""


def _table(pairs: Values) -> Values:
    size = int(pairs.max()) + 1
    table = np.zeros((size, size))
    np.add.at(table, (pairs[:, 0].astype(int), pairs[:, 1].astype(int)), 1)
    return table


def _kappa(pairs: Values) -> float:
    table = _table(pairs) / len(pairs)
    by_chance = float(table.sum(axis=0) @ table.sum(axis=1))
    return math.nan if by_chance > 1 - 1e-12 else (float(np.trace(table)) - by_chance) / (1 - by_chance)


def _kappa_interval(pairs: Values) -> Interval:
    from statsmodels.stats.inter_rater import cohens_kappa

    if not math.isfinite(_kappa(pairs)):
        return None
    with np.errstate(invalid="ignore"):  # of what else statsmodels computes, not all is defined everywhere
        found = cohens_kappa(_table(pairs))
    if not found.std_kappa > 0:
        return None
    middle, half = math.atanh(found.kappa), NORMAL * found.std_kappa / (1 - found.kappa**2)
    return math.tanh(middle - half), math.tanh(middle + half)


def _concordance(pairs: Values) -> float:
    one, other = pairs[:, 0], pairs[:, 1]
    spread = float(one.var() + other.var() + (one.mean() - other.mean()) ** 2)
    return (
        math.nan if spread == 0 else 2 * float(np.mean((one - one.mean()) * (other - other.mean()))) / spread
    )


def _concordance_interval(pairs: Values) -> Interval:
    one, other = pairs[:, 0], pairs[:, 1]
    found, spread = _concordance(pairs), float(one.std() * other.std())
    if spread == 0 or abs(found) in (0.0, 1.0):
        return None
    r = float(np.corrcoef(one, other)[0, 1])
    shift = float(one.mean() - other.mean()) ** 2 / spread
    c = found
    variance = (
        (1 - r**2) * c**2 / ((1 - c**2) * r**2)
        + 2 * c**3 * (1 - c) * shift / (r * (1 - c**2) ** 2)
        - c**4 * shift**2 / (2 * r**2 * (1 - c**2) ** 2)
    ) / (len(pairs) - 2)
    half = NORMAL * math.sqrt(max(variance, 0.0))
    return math.tanh(math.atanh(c) - half), math.tanh(math.atanh(c) + half)


def _limit(differences: Values, sign: int) -> float:
    if len(differences) < 2:
        return math.nan
    return float(differences.mean()) + sign * NORMAL * float(differences.std(ddof=1))


def _limit_interval(differences: Values, sign: int) -> Interval:
    n, spread = len(differences), float(differences.std(ddof=1))
    if spread == 0:
        return None
    half = t_quantile(n - 1) * spread * math.sqrt(1 / n + NORMAL**2 / (2 * (n - 1)))
    return _limit(differences, sign) - half, _limit(differences, sign) + half


kappa = Estimator("fisher_z", _kappa, _kappa_interval, LEAST_LABELS)
"""Agreement beyond chance: 1 if always, 0 if no more than chance. Cohen (1960), doi:10.1177/001316446002000104; the
interval is of Fisher's z, with the variance of Fleiss, Cohen, Everitt (1969), doi:10.1037/h0028106."""
concordance = Estimator("fisher_z", _concordance, _concordance_interval, LEAST_PAIRS)
"""How near pairs of numbers come to being equal: 1 if they are. Lin (1989), doi:10.2307/2532051, with his interval."""
lower_limit = Estimator(
    "bland_altman", lambda d: _limit(d, -1), lambda d: _limit_interval(d, -1), LEAST_PAIRS
)
"""Below it lie 2.5 % of differences, if they are normally distributed. Bland, Altman (1999),
doi:10.1177/096228029900800204."""
upper_limit = Estimator("bland_altman", lambda d: _limit(d, 1), lambda d: _limit_interval(d, 1), LEAST_PAIRS)
"""Above it lie 2.5 % of differences."""
