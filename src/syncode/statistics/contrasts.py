"""Tests on paired differences: whether they differ between classes, whether they are small enough, and how many it takes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from syncode.statistics.arrays import Floats, Integers
from syncode.statistics.bounded import paired_difference
from syncode.statistics.distributions import normal_quantile

ROUNDS = 9999
"""Shuffles behind the p of an interaction; the smallest p is 1 / (ROUNDS + 1) (chosen here)."""


def interaction_p(classes: Sequence[Floats], seed: int = 0, rounds: int = ROUNDS) -> float:
    """Return the p of "the mean difference is the same in every class", from the per-question differences of each class.

    A permutation test over the questions: the classes' means around their weighted mean, each divided by its variance (with one
    question of the pooled variance added, so that a class without variance proves nothing; Janssen 1997 for the form). Exact if
    only the label of the class is random, honest for few questions; 1 for fewer than two classes with data.
    """
    kept = [values for values in classes if len(values)]
    if len(kept) < 2:
        return 1.0
    values = np.concatenate(kept)
    sizes = np.array([len(each) for each in kept], dtype=np.float64)
    member = np.repeat(np.eye(len(kept)), sizes.astype(np.int64), axis=0)
    pooled = float(values.var())
    if pooled <= 0:
        return 1.0
    generator = np.random.default_rng(seed)
    shuffled = generator.permuted(np.broadcast_to(values, (rounds, len(values))), axis=1)
    found = _heterogeneity(values[None, :], member, sizes, pooled)[0]
    drawn = _heterogeneity(shuffled, member, sizes, pooled)
    return float((1 + np.count_nonzero(drawn >= found * (1 - 1e-9))) / (rounds + 1))


def _heterogeneity(values: Floats, member: Floats, sizes: Floats, pooled: float) -> Floats:
    """Return the weighted sum of squares between the classes for each row of values."""
    means = values @ member / sizes
    squares = np.maximum((values**2) @ member - sizes * means**2, 0)
    precision = sizes / ((squares + pooled) / sizes)
    centre = (precision * means).sum(axis=1, keepdims=True) / precision.sum(axis=1, keepdims=True)
    return np.asarray((precision * (means - centre) ** 2).sum(axis=1))


@dataclass(frozen=True)
class Equivalence:
    """Mean paired difference with the interval of level 1 - 2 alpha, by which both one-sided tests are read off.

    `not_worse`: its lower end lies above -margin; `equivalent`: both ends lie within the margin.
    """

    difference: float
    low: float
    high: float
    not_worse: bool
    equivalent: bool


def equivalence(differences: Floats, margin: float, alpha: float = 0.05, vague: float = 0.0) -> Equivalence:
    """Return whether the first is not worse than the second by `margin`, and whether they are equivalent (two one-sided tests).

    Per-question differences in [-1, 1], first minus second; `vague` as in `bounded.effective_size`. Raises ValueError for a
    margin that is not above 0.
    """
    if not margin > 0:
        raise ValueError("the margin of an equivalence is above 0")
    difference, low, high, _ = paired_difference(differences, 1 - 2 * alpha, vague)
    return Equivalence(difference, low, high, low > -margin, low > -margin and high < margin)


def best_p(difference: Floats, p: Floats) -> tuple[Floats, Integers]:
    """Return for each of K models the p of "it is the best of them", and which rival says most against it.

    `difference` (first minus second) and two-sided `p` of all pairs, shapes (K, K), nan for one without. One-sided p of each
    rival, Bonferroni over the K - 1 of them (subset selection: Gupta 1965; Hsu 1981). Only one hypothesis is true of the best
    model, so nothing is adjusted over models: those with p > 0.05 hold it in 95 % of the cases. K = 1: p 1 and rival -1.
    """
    size = len(p)
    if size < 2:
        return np.ones(size), np.full(size, -1)
    known = ~np.isnan(difference) & ~np.eye(size, dtype=bool)
    behind = np.where(difference < 0, p / 2, 1 - p / 2)
    behind = np.where(known, behind, 1.0)
    gap = np.where(known, difference, np.inf)
    rival = np.array([np.lexsort((gap[place], behind[place]))[0] for place in range(size)])
    rival = np.where(known.any(axis=1), rival, -1)
    return np.minimum(1.0, behind.min(axis=1) * (size - 1)), rival


def questions_needed(deviation: float, difference: float, power: float = 0.8, alpha: float = 0.05) -> int:
    """Return how many questions show a mean difference in a two-sided paired test: 197 for 0.1 at a deviation of 0.5.

    `deviation` is the standard deviation of the per-question differences. n = ((z_alpha/2 + z_power) deviation / difference)^2.
    Raises ValueError for a difference of 0.
    """
    if difference == 0:
        raise ValueError("no number of questions shows a difference of 0")
    return math.ceil((_reach(power, alpha) * deviation / difference) ** 2)


def detectable(deviation: float, questions: int, power: float = 0.8, alpha: float = 0.05) -> float:
    """Return the smallest mean difference that so many questions show with this power: 0.0990 for 200 and a deviation of 0.5."""
    return _reach(power, alpha) * deviation / math.sqrt(questions)


def _reach(power: float, alpha: float) -> float:
    """Return how many standard errors a difference must have: z_alpha/2 + z_power. ValueError for a power outside (0, 1)."""
    if not 0 < power < 1:
        raise ValueError("a power lies between 0 and 1")
    return normal_quantile(1 - alpha) + NormalDist().inv_cdf(power)
