"""Means whose unit is the question: cluster-robust errors, the paired bootstrap over questions, and ranks from it.

Everything works on two matrices of shape (questions, models): `weight[q, m]` is the summed weight of the model's games on the
question, `gain[q, m]` the summed weight times outcome in [0, 1]. A model's score is sum(gain) / sum(weight). A question
without data for a model has weight 0 there.
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from syncode.statistics.arrays import Floats, Integers
from syncode.statistics.bounded import UNSEEN, effective_size, score_interval, sign_p
from syncode.statistics.distributions import cluster_p, cluster_quantile, student_quantile
from syncode.statistics.proportions import holm

FEW_CLUSTERS = 30
"""Below this many questions an interval is printed with a warning (chosen here)."""


ROUNDING = 1e-12
"""Errors and differences of shares below this are what sums of floats leave over (chosen here)."""
PARTS = 30
"""Parts of a jackknife: with 29 degrees of freedom Student's quantile is 4 % above the normal one (chosen here)."""
ENOUGH = 16
"""Questions that differ from which on the error says how sure a difference is; below it is too sure (chosen here)."""


@dataclass(frozen=True)
class Mean:
    """A weighted mean with its cluster-robust standard error; `clusters` counts questions with data.

    `size` is the effective number of questions (`bounded.effective_size`); it means something for outcomes in [0, 1] only.
    """

    mean: float
    error: float
    clusters: int
    size: float = math.nan

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return Wilson's interval of a mean in [0, 1] at its effective size, nan for fewer than two questions."""
        return score_interval(self.mean, self.size, self.clusters, level)

    def robust(self, level: float = 0.95) -> tuple[float, float]:
        """Return mean -+ quantile * error within [0, 1]: normal for 100 questions and more, Student's t below.

        nan for fewer than two. A mean without error has an interval without width: see `interval`.
        """
        if self.clusters < 2:
            return math.nan, math.nan
        half = cluster_quantile(level, self.clusters) * self.error if self.error > 0 else 0.0
        return max(0.0, self.mean - half), min(1.0, self.mean + half)


def cluster_mean(gain: Floats, weight: Floats, heaviest: float = 0.0, vague: float = 0.0) -> Mean:
    """Return sum(gain) / sum(weight) over questions (two vectors) with its cluster-robust error.

    Var = G / (G - 1) * sum_q (gain_q - mean * weight_q)^2 / (sum weight)^2; the error is nan for fewer than two questions.
    `heaviest` is the largest weight that a question could have had, if larger than those seen; `vague` as in `effective_size`.
    """
    clusters = int(np.count_nonzero(weight))
    total = float(weight.sum())
    if not clusters:
        return Mean(math.nan, math.nan, 0)
    mean = float(gain.sum()) / total
    if clusters < 2:
        return Mean(mean, math.nan, clusters)
    spread = float(((gain - mean * weight) ** 2).sum())
    error = math.sqrt(clusters / (clusters - 1) * spread) / total
    return Mean(mean, error, clusters, effective_size(gain, weight, heaviest, vague))


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


def jackknife(
    statistic: Callable[[Integers], Floats], cluster: Integers, level: float = 0.95
) -> tuple[Floats, Floats, Floats]:
    """Return what `statistic` makes of all units, and its interval from what it makes of them without a part of the clusters.

    It takes the places of the units to use. Delete-a-group jackknife (Kott 2001) of PARTS parts, in turn, with Student's t; nan
    for fewer than two clusters, or where a part leaves nothing to compute.
    """
    everything = statistic(np.arange(len(cluster)))
    parts = min(PARTS, int(cluster.max()) + 1)
    if parts < 2:
        return everything, np.full_like(everything, np.nan), np.full_like(everything, np.nan)
    without = np.array([statistic(np.flatnonzero(cluster % parts != part)) for part in range(parts)])
    error = np.sqrt((parts - 1) / parts * ((without - without.mean(axis=0)) ** 2).sum(axis=0))
    half = student_quantile(level, parts - 1) * error
    return everything, everything - half, everything + half


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

    `p` is that of the robust error, or of `bounded.sign_p` if fewer than `ENOUGH` questions differ; `holm` is the same adjusted
    over all pairs, `common` the number of common questions. The diagonal, and pairs without two common questions, hold nan
    (p = 1).
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


def paired_differences(gain: Floats, weight: Floats, vague: Floats | None = None) -> Differences:
    """Compare every pair of models on the questions that both have, linearised so that unequal weights are right.

    The error of mean_a - mean_b is sqrt(G / (G - 1) * sum_q (psi_a - psi_b)^2) with psi = (gain - mean * weight) / sum(weight).
    With equal weights this is the standard error of the mean of per-question differences. p is read off it, or if few
    questions differ or all do alike, off the differences themselves.
    """
    models = gain.shape[1]
    present = weight > 0
    shape = (models, models)
    difference, error, p = np.full(shape, np.nan), np.full(shape, np.nan), np.ones(shape)
    common_counts = present.T.astype(np.int64) @ present.astype(np.int64)
    complete = bool(present.all())
    parts = contributions(gain, weight) if complete else gain
    for first in range(models - 1):
        for second in range(first + 1, models):
            if common_counts[first, second] < 2:
                continue
            pair = [first, second]
            rows = slice(None) if complete else present[:, first] & present[:, second]
            apart = (
                parts[:, first] - parts[:, second] if complete else question_differences(gain, weight, (first, second))
            )
            means = gain[rows][:, pair].sum(axis=0) / weight[rows][:, pair].sum(axis=0)
            value, size = float(means[0] - means[1]), apart.size
            deviation = math.sqrt(float(((apart - apart.mean()) ** 2).sum()) / (size - 1) / size)
            difference[first, second], difference[second, first] = value, -value
            error[first, second] = error[second, first] = deviation
            differing = np.where(np.abs(apart) > ROUNDING, apart, 0.0)
            few = np.count_nonzero(differing) < ENOUGH or deviation <= ROUNDING
            if vague is not None and (unsure := float(vague[pair].max())):
                found = cluster_p(value / math.hypot(deviation, math.sqrt(2 * UNSEEN * unsure) / size), size)
                few = float(np.abs(apart).sum()) ** 2 < ENOUGH * float((apart**2).sum())
                p[first, second] = p[second, first] = max(found, sign_p(differing)) if few else found
                continue
            p[first, second] = p[second, first] = sign_p(differing) if few else cluster_p(value / deviation, size)
    upper = np.triu_indices(models, 1)
    adjusted = np.ones(shape)
    adjusted[upper] = holm([float(value) for value in p[upper]])
    adjusted.T[upper] = adjusted[upper]
    return Differences(difference, error, p, adjusted, common_counts)


def question_differences(gain: Floats, weight: Floats, pair: tuple[int, int]) -> Floats:
    """Return for each question that both models of the pair have how much it adds to the difference of their scores.

    The mean of what is returned is the difference of the scores over those questions; with equal weights each value is the
    difference of the outcomes, in [-1, 1].
    """
    columns = list(pair)
    rows = (weight[:, columns] > 0).all(axis=1)
    if not rows.any():
        return np.zeros(0)
    parts = contributions(gain[rows][:, columns], weight[rows][:, columns])
    return np.asarray(parts[:, 0] - parts[:, 1])


def contributions(gain: Floats, weight: Floats) -> Floats:
    """Return what each question adds to sum(gain) / sum(weight), whose mean over the first axis is that score.

    mean + n (gain - mean * weight) / sum(weight), the linearised score; the outcome itself if all weights are equal.
    """
    totals = weight.sum(axis=0)
    means = gain.sum(axis=0) / totals
    return np.asarray(means + len(gain) * (gain - means * weight) / totals)
