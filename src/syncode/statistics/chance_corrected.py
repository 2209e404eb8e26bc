"""Intervals of kappa, AC1 and alpha: that of the observed disagreement, at the size that the whole coefficient varies with.

A coefficient is 1 - observed / chance disagreement. Its error by question, chance part included, is turned into that of a share,
and the share gets the interval of `bounded`: 40 equal labels of 40 do not prove that kappa is 1.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from syncode.statistics.agreement import Disagreement
from syncode.statistics.arrays import Floats
from syncode.statistics.bounded import score_interval, size_of

STEP = 1e-4
"""Units added to and taken from a cell for the slope of a coefficient (chosen here)."""


def interval(tables: Floats, coefficient: Callable[[Floats], Disagreement], level: float = 0.95) -> tuple[float, float]:
    """Return the interval of the coefficient of the summed tables, shape (questions, labels, labels); nan if it has no value.

    nan also for fewer than two questions.
    """
    questions = len(tables)
    whole = tables.sum(axis=0)
    found = coefficient(whole)
    value = found.agreement
    if questions < 2 or math.isnan(value):
        return math.nan, math.nan
    scale = found.chance / found.whole
    share = min(max((1 - value) * scale, 0.0), 1.0)
    weight = tables.sum(axis=(1, 2))
    slopes = _slopes(whole, lambda table: coefficient(table).agreement)
    influence = questions * scale * (tables * slopes).sum(axis=(1, 2))
    size = size_of(share, influence - influence.mean(), float(weight.max() / weight.mean()))
    low, high = score_interval(share, size, questions, level)
    return 1 - high / scale, 1 - low / scale


def _slopes(table: Floats, coefficient: Callable[[Floats], float]) -> Floats:
    """Return how the coefficient moves with each cell that holds anything, shape (labels, labels)."""
    slopes = np.zeros_like(table)
    for cell in zip(*np.nonzero(table), strict=True):
        step = np.zeros_like(table)
        step[cell] = STEP
        slopes[cell] = (coefficient(table + step) - coefficient(table - step)) / (2 * STEP)
    return slopes
