"""Rank correlation of two score lists."""

from __future__ import annotations

import math

import numpy as np

from syncode.statistics.arrays import Floats


def average_ranks(values: Floats) -> Floats:
    """Return ranks from 1, ascending, ties sharing their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return (ends - (counts - 1) / 2)[inverse].astype(np.float64)


def pearson(x: Floats, y: Floats) -> float:
    """Return the product-moment correlation; nan if one side is constant."""
    x, y = x - x.mean(), y - y.mean()
    scale = math.sqrt(float(x @ x) * float(y @ y))
    return float(np.clip(float(x @ y) / scale, -1, 1)) if scale > 0 else math.nan


def spearman(x: Floats, y: Floats) -> float:
    """Return Spearman's rho: Pearson of the average ranks."""
    return pearson(average_ranks(x), average_ranks(y))


def kendall(x: Floats, y: Floats) -> float:
    """Return Kendall's tau-b, which corrects for ties on both sides; memory grows with the square of the length."""
    first, second = np.sign(x[:, None] - x[None, :]), np.sign(y[:, None] - y[None, :])
    scale = math.sqrt(float((first**2).sum()) * float((second**2).sum()))
    return float((first * second).sum()) / scale if scale > 0 else math.nan


def shifted_interval(estimate: float, draws: Floats, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of a correlation: percentiles of bootstrap draws, moved so that their median is the estimate.

    Drawing questions adds noise to both rankings and makes every draw lie too low; unmoved percentiles would miss the estimate.
    """
    kept = draws[~np.isnan(draws)]
    if len(kept) < 2 or math.isnan(estimate):
        return math.nan, math.nan
    tail = (1 - level) / 2 * 100
    low, middle, high = np.percentile(kept, [tail, 50, 100 - tail])
    move = estimate - float(middle)
    return max(-1.0, float(low) + move), min(1.0, float(high) + move)
