"""Paired differences of single questions: their mean with an interval, an exact test, and whether groups of them differ."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from syncode.statistics.arrays import Floats, Integers
from syncode.statistics.distributions import cluster_quantile, f_tail

GRID = 1200
"""Differences are tested as whole multiples of 1/1200: halves, thirds, ... tenths and twelfths are exact (chosen here)."""
LONGEST = 400_000
"""Places of the exact distribution; a sum that needs more is put on a coarser grid (chosen here)."""


@dataclass(frozen=True)
class Change:
    """A mean of paired differences in [-1, 1]: `error` is its standard error, `low` and `high` its interval, `p` two-sided."""

    mean: float
    error: float
    low: float
    high: float
    p: float


def change(differences: Floats, level: float = 0.95) -> Change:
    """Return the mean of paired differences, one per question, with an interval that holds at the edges too; nan for none.

    The interval adds one question that rose by 1 and one that fell by 1, after Agresti and Min (2005, Statistics in Medicine 24:
    729), who add half of each: it has a width if no question changed, or all of them did, and covers 0.95 to 1 for 10 to 397
    questions. The quantile is Student's below 100 questions. `error` is that of the data alone, nan for one question. `p` is that
    of `sign_flip`.
    """
    n = len(differences)
    if not n:
        return Change(math.nan, math.nan, math.nan, math.nan, 1.0)
    mean = float(differences.mean())
    error = float(differences.std(ddof=1)) / math.sqrt(n) if n > 1 else math.nan
    centre = mean * n / (n + 2)
    spread = (float((differences**2).sum()) + 2) / (n + 2) - centre**2
    half = cluster_quantile(level, n) * math.sqrt(spread / (n + 2)) if n > 1 else math.inf
    return Change(mean, error, max(-1.0, centre - half), min(1.0, centre + half), sign_flip(differences))


def sign_flip(differences: Floats) -> float:
    """Return the exact two-sided p of the hypothesis that each difference could as well have the other sign.

    For differences of -1, 0 and 1 this is McNemar's exact test. Everything is exact on the grid of 1/1200.
    """
    steps = np.rint(np.abs(differences) * GRID).astype(np.int64)
    observed = abs(int(np.rint(differences * GRID).astype(np.int64).sum()))
    total = int(steps.sum())
    if not observed:
        return 1.0
    unit = int(np.gcd.reduce(steps))
    if total // unit > LONGEST:
        unit = -(-total // LONGEST)
        observed = abs(int(np.rint(differences * GRID / unit).astype(np.int64).sum())) * unit
    steps = np.rint(steps / unit).astype(np.int64)
    steps, target = steps[steps > 0], observed // unit
    chance = np.zeros(int(steps.sum()) + 1)  # of each sum of the differences whose sign is plus
    chance[0], filled = 1.0, 1
    for step in steps.tolist():
        moved = chance[:filled] / 2
        chance[:filled] /= 2
        chance[step : filled + step] += moved
        filled += step
    sums = 2 * np.arange(len(chance)) - (len(chance) - 1)
    return float(min(1.0, chance[np.abs(sums) >= target].sum()))


@dataclass(frozen=True)
class Interaction:
    """Whether groups differ in their mean: Welch's F, its degrees of freedom, and p."""

    statistic: float
    degrees: tuple[float, float]
    p: float


def interaction(differences: Floats, group: Integers) -> Interaction:
    """Return whether the groups (numbers from 0, one per question) differ in their mean difference.

    Welch's analysis of variance (1951, Biometrika 38: 330), since groups differ in their spread. Each group's variance holds one
    more observation of the pooled variance: a group that did not move has a variance too. nan and p 1 with fewer than two groups,
    or without spread.
    """
    size = np.bincount(group).astype(np.float64)
    groups, nothing = len(size), Interaction(math.nan, (math.nan, math.nan), 1.0)
    if groups < 2 or len(group) <= groups:
        return nothing
    mean = np.bincount(group, differences) / size
    squares = np.maximum(np.bincount(group, differences**2) - size * mean**2, 0)
    variance = (squares + squares.sum() / (len(group) - groups)) / size
    if squares.sum() < 1e-12:  # what sums of floats leave over
        return nothing
    weight = size / variance
    share = weight / weight.sum()
    between = float((weight * (mean - float(share @ mean)) ** 2).sum()) / (groups - 1)
    loss = float(((1 - share) ** 2 / np.maximum(size - 1, 1)).sum())
    statistic = between / (1 + 2 * (groups - 2) / (groups**2 - 1) * loss)
    degrees = (float(groups - 1), (groups**2 - 1) / (3 * loss))
    return Interaction(statistic, degrees, f_tail(statistic, *degrees))
