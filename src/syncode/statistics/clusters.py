"""Means whose unit is the question: cluster-robust errors, the paired bootstrap over questions, and ranks from it.

Everything works on two matrices of shape (questions, models): `weight[q, m]` is the summed weight of the model's games on the
question, `gain[q, m]` the summed weight times outcome in [0, 1]. A model's score is sum(gain) / sum(weight). A question
without data for a model has weight 0 there.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass

import numpy as np

from syncode.statistics.arrays import Floats, Integers
from syncode.statistics.distributions import cluster_quantile, fair_coin_two_sided, two_sided_normal
from syncode.statistics.proportions import holm

FEW_CLUSTERS = 30
"""Below this many questions an interval is printed with a warning (chosen here)."""


ROUNDING = 1e-12
"""Errors and differences of shares below this are what sums of floats leave over (chosen here)."""


@dataclass(frozen=True)
class Mean:
    """A weighted mean in [0, 1] with its cluster-robust standard error; `clusters` counts questions with data."""

    mean: float
    error: float
    clusters: int

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return mean -+ quantile * error: normal for 100 clusters and more, Student's t below, nan for fewer than two."""
        if self.clusters < 2:
            return math.nan, math.nan
        half = cluster_quantile(level, self.clusters) * self.error if self.error > 0 else 0.0
        return self.mean - half, self.mean + half


def cluster_mean(gain: Floats, weight: Floats) -> Mean:
    """Return sum(gain) / sum(weight) over questions (two vectors) with its cluster-robust error.

    Var = G / (G - 1) * sum_q (gain_q - mean * weight_q)^2 / (sum weight)^2; the error is nan for fewer than two questions.
    """
    clusters = int(np.count_nonzero(weight))
    total = float(weight.sum())
    if not clusters:
        return Mean(math.nan, math.nan, 0)
    mean = float(gain.sum()) / total
    if clusters < 2:
        return Mean(mean, math.nan, clusters)
    spread = float(((gain - mean * weight) ** 2).sum())
    return Mean(mean, math.sqrt(clusters / (clusters - 1) * spread) / total, clusters)


def row_error(outcomes: Floats) -> float:
    """Return the error of a mean as if every game were independent: what the cluster-robust error is compared with."""
    return float(outcomes.std(ddof=1)) / math.sqrt(outcomes.size)


def by_cluster(values: Floats, cluster: Integers, clusters: int) -> Floats:
    """Return the sum of `values` in each cluster, shape (clusters,)."""
    return np.bincount(cluster, weights=values, minlength=clusters).astype(np.float64)


def resample(questions: int, rounds: int, seed: int, strata: Integers | None = None) -> Floats:
    """Return how often each question is drawn in each bootstrap round, shape (rounds, questions), keyed by the seed.

    With `strata` (one number per question) every stratum keeps its size.
    """
    generator = np.random.default_rng(seed)
    counts = np.zeros((rounds, questions))
    for stratum in (
        [slice(None)] if strata is None else [np.flatnonzero(strata == value) for value in np.unique(strata)]
    ):
        size = counts[:, stratum].shape[1]
        counts[:, stratum] = generator.multinomial(size, np.full(size, 1 / size), size=rounds)
    return counts


def bootstrap_means(gain: Floats, weight: Floats, counts: Floats) -> Floats:
    """Return the score of each model in each round, shape (rounds, models); nan if a round drew none of its questions."""
    totals = counts @ weight
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(totals > 0, (counts @ gain) / totals, np.nan)


def percentiles(draws: Floats, level: float = 0.95) -> tuple[Floats, Floats]:
    """Return the percentile interval over the first axis; draws that are nan are left out, nan if all of them are."""
    tail = (1 - level) / 2 * 100
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # "All-NaN slice": nan is the answer that we want
        low, high = (np.nanpercentile if np.isnan(draws).any() else np.percentile)(draws, [tail, 100 - tail], axis=0)
    return low, high


def ranks(scores: Floats) -> Integers:
    """Return 1 + the number of models with a strictly higher score, along the last axis; nan ranks last."""
    filled = np.where(np.isnan(scores), -np.inf, scores)
    ordered = np.sort(-filled, axis=-1)
    if filled.ndim == 1:
        places: Integers = np.searchsorted(ordered, -filled, side="left") + 1
        return places
    placed = np.empty(filled.shape, dtype=np.int64)
    for place, (row, line) in enumerate(zip(ordered, filled, strict=True)):
        placed[place] = np.searchsorted(row, -line, side="left") + 1
    return placed


def rank_upper_bounds(low: Floats, high: Floats) -> Integers:
    """Return for each model 1 + the number of models whose lower limit lies above its upper limit."""
    above = (low[None, :] > high[:, None]).sum(axis=1)
    return np.asarray(above + 1, dtype=np.int64)


@dataclass(frozen=True)
class Differences:
    """All pairs of models, shapes (models, models): first minus second on their common questions, error and p values.

    `p` is the two-sided normal p, `holm` the same adjusted over all pairs, `common` the number of common questions. The
    diagonal, and pairs without two common questions, hold nan (p = 1).
    """

    difference: Floats
    error: Floats
    p: Floats
    holm: Floats
    common: Integers

    def separability(self, level: float = 0.05) -> float:
        """Return the share of pairs that differ after Holm's correction."""
        upper = np.triu_indices(len(self.p), 1)
        return float((self.holm[upper] < level).mean()) if upper[0].size else math.nan


def paired_differences(gain: Floats, weight: Floats) -> Differences:
    """Compare every pair of models on the questions that both have, linearised so that unequal weights are right.

    The error of mean_a - mean_b is sqrt(G / (G - 1) * sum_q (psi_a - psi_b)^2) with psi = (gain - mean * weight) / sum(weight).
    With equal weights this is the standard error of the mean of per-question differences. Where every question shows the same
    difference that error is 0 and says nothing: p is then that of as many throws of a fair coin that all fall alike.
    """
    models = gain.shape[1]
    present = weight > 0
    shape = (models, models)
    difference, error, p = np.full(shape, np.nan), np.full(shape, np.nan), np.ones(shape)
    common_counts = present.T.astype(np.int64) @ present.astype(np.int64)
    complete = bool(present.all())
    psi_all, means_all = _influence(gain, weight) if complete else (gain, gain)
    for first in range(models - 1):
        for second in range(first + 1, models):
            if complete:
                spread = psi_all[:, first] - psi_all[:, second]
                value = float(means_all[first] - means_all[second])
            else:
                rows = present[:, first] & present[:, second]
                if rows.sum() < 2:
                    continue
                pair = [first, second]
                psi, means = _influence(gain[rows][:, pair], weight[rows][:, pair])
                spread, value = psi[:, 0] - psi[:, 1], float(means[0] - means[1])
            size = spread.size
            if size < 2:
                continue
            deviation = math.sqrt(size / (size - 1) * float(spread @ spread))
            if deviation > ROUNDING:
                probability = two_sided_normal(value / deviation)
            else:  # equal results on every question do not speak for a difference
                probability = fair_coin_two_sided(size, 0) if abs(value) > ROUNDING else 1.0
            difference[first, second], difference[second, first] = value, -value
            error[first, second] = error[second, first] = deviation
            p[first, second] = p[second, first] = probability
    upper = np.triu_indices(models, 1)
    adjusted = np.ones(shape)
    adjusted[upper] = holm([float(value) for value in p[upper]])
    adjusted.T[upper] = adjusted[upper]
    return Differences(difference, error, p, adjusted, common_counts)


def _influence(gain: Floats, weight: Floats) -> tuple[Floats, Floats]:
    totals = weight.sum(axis=0)
    means = gain.sum(axis=0) / totals
    return (gain - means * weight) / totals, means
