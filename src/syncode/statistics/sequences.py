"""Confidence sequences for means of values in [0, 1]: limits and p values that hold at every stop, by betting.

The capital of somebody who bets on each value that the mean lies above `null` is a nonnegative supermartingale while the mean is
`null` or less, so by Ville's inequality it ever reaches 1 / alpha with a chance of alpha at most, whenever one looks and stops.
Source: Waudby-Smith and Ramdas, "Estimating means of bounded random variables by betting", JRSS B 86 (2024), arXiv 2010.09686:
section 4 for draws from a population, section 5 for draws without replacement. The bets are theirs in the constant form (their
"diversified Kelly"): each fraction of `FRACTIONS` is played through with an equal share of the capital.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from syncode.statistics.arrays import Floats

FRACTIONS: Floats = ((np.arange(32) + 0.5) / 32) ** 2
"""Shares of the largest bet that cannot lose all: dense near 0, where close means are told apart (chosen here)."""
CLOSE = 1e-9
"""How near a limit is found; what is left over makes it wider (chosen here)."""


def growth(values: Floats, means: Floats) -> Floats:
    """Return the log of what each fraction makes of each value, shape (*values.shape, len(FRACTIONS)).

    `means` are those of each value under the null, seen from the values before it, in the shape of `values`. One below 0 cannot
    be, and a value above a mean of 0 cannot either: they win everything.
    """
    if np.min(means, initial=1.0) > 0:
        odds = values / means
    else:
        sure = (means < 0) | ((means == 0) & (values > 0))
        odds = np.where(sure, np.inf, np.divide(values, means, out=np.ones_like(values), where=means > 0))
    grown: Floats = np.log1p(FRACTIONS * (odds[..., None] - 1))
    return grown


def expected(null: float, values: Floats, total: int | None, before: Floats | float = 0.0, drawn: int = 0) -> Floats:
    """Return the mean of each value under the null, seen from those before it, shape as `values` (draws along axis 0).

    Draws from a population of `total` without replacement pull it the other way; without `total` it is `null`. `before` is the
    sum of `drawn` values that came earlier.
    """
    if total is None:
        return np.full(values.shape, null)
    sums = before + np.cumsum(values, axis=0) - values
    left = total - drawn - np.arange(len(values), dtype=np.float64)
    means: Floats = (total * null - sums) / left.reshape(-1, *(1,) * (values.ndim - 1))
    return np.where(np.abs(means) < 1e-12, 0.0, means)


def mixed(logs: Floats) -> Floats:
    """Return the log of the capital over all fractions, from the logs of each (last axis)."""
    summed: Floats = np.logaddexp.reduce(logs, axis=-1) - math.log(len(FRACTIONS))
    return summed


def log_capital(values: Floats, null: float, total: int | None = None) -> Floats:
    """Return the log of the capital after each value of one draw after another, shape (n,)."""
    return mixed(np.cumsum(growth(values, expected(null, values, total)), axis=0))


def lower_limit(values: Floats, alpha: float, total: int | None = None) -> float:
    """Return the lower limit of the mean of `values`, shape (n,); it is ever above the mean with a chance of `alpha` at most."""
    if not values.any():
        return 0.0
    known = float(values.sum()) / total if total else 0.0  # the others are 0 or more
    if total is not None and len(values) >= total:
        return known
    distinct, counts = np.unique(values, return_counts=True)

    def surplus(null: float) -> float:
        if total is None:  # the order of draws does not matter
            logs = counts @ growth(distinct, np.full(len(distinct), null))
        else:
            logs = growth(values, expected(null, values, total)).sum(axis=0)
        return float(mixed(logs)) + math.log(alpha)

    return max(known, _crossing(surplus, 0.0, float(values.mean())))


def _crossing(falling: Callable[[float], float], low: float, high: float) -> float:
    """Return where a falling function is 0, or a little before: regula falsi in the Illinois form, halving where it is infinite.

    It is above 0 at `low` and below 0 at `high`.
    """
    at_low, at_high = math.inf, falling(high)
    side = 0
    while high - low > CLOSE:
        share = 0.5 if math.isinf(at_low) else min(max(at_low / (at_low - at_high), 0.01), 0.99)
        middle = low + share * (high - low)
        found = falling(middle)
        if found >= 0:
            low, at_low = middle, found
            at_high = at_high / 2 if side == 1 else at_high
            side = 1
        else:
            high, at_high = middle, found
            at_low = at_low / 2 if side == -1 else at_low
            side = -1
    return low


def limits(low: Floats, high: Floats, alpha: float, total: int | None = None) -> tuple[float, float]:
    """Return the two-sided limits of a mean that hold together at every stop with a chance of 1 - alpha at least.

    `low` and `high`, shape (n,), are what each value is at least and at most: equal where it is known.
    """
    return lower_limit(low, alpha / 2, total), 1 - lower_limit(1 - high, alpha / 2, total)
