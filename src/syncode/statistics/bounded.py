"""Intervals for means of outcomes in [0, 1], and for their differences, that stay honest if nothing was seen to vary.

A mean of `clusters` questions is treated as a share of so many independent yes-or-no questions as would vary as much: the
effective size. 40 wins of 40 vary by nothing, which does not prove that nothing varies; so the variance is that of the sample
with a few whole wins and whole losses added, and the interval is Wilson's. docs/adr/0013-intervals.md has the comparison by
which the parts were chosen, and the figures.
"""

from __future__ import annotations

import math

import numpy as np

from syncode.statistics.arrays import Floats
from syncode.statistics.distributions import (
    beta_quantile,
    beta_share,
    fair_coin_mid,
    fair_coin_two_sided,
    student_quantile,
)

UNSEEN = 0.5
"""Whole wins, and as many whole losses, that are added to the sample for its variance (chosen here, by simulation)."""
PARTS = 4.0
"""So many questions with a partial outcome halve UNSEEN: outcomes that are mixtures are seldom whole (chosen here, likewise)."""
ALIKE = 1.0
"""UNSEEN if every question has the same partial outcome, as 40 ties of 40; falls to 0 at half of them (chosen here)."""
EXACT = 1.3
"""One tail of the exact limit, in units of 1 - level: Wilson's limit never lies inside it. It keeps the coverage of a share at
93.2 % or more for every share from 0.001 on and every number of questions from 5 on, at a nominal 95 % (chosen here)."""
SELDOM = 10.0
"""From so many (effective) losses on, Wilson's limit lies outside the exact one by itself, and that is not worked out."""
WHOLE = 1e-9
"""Outcomes this close to 0 or 1, and effects this close to 0, are whole: what sums of floats leave over (chosen here)."""


def effective_size(gain: Floats, weight: Floats, heaviest: float = 0.0, vague: float = 0.0) -> float:
    """Return how many independent yes-or-no questions would vary as much as this mean: sum(gain) / sum(weight).

    `gain` lies in [0, weight]; questions of weight 0 do not count. At least the number of questions, less if weights
    are unequal: no outcome in [0, 1] varies more than whole wins and losses of the heaviest weight do. `heaviest` is the largest
    weight that a question could have had, if larger than those seen. `vague` is above 0 for outcomes that are estimates, as those
    of a weighed panel: so much more does the estimate of a whole win vary than the win (`panel_error.vagueness`); they may lie
    outside [0, weight], and vary more than wins and losses do.
    """
    used = weight > 0
    count = int(np.count_nonzero(used))
    if not count:
        return 0.0
    total = float(weight.sum())
    part = weight[used] * (count / total)
    won = gain[used] * (count / total)
    most = max(float(part.max()), heaviest * count / total)
    unseen = UNSEEN if vague else _unseen(won / part)
    size = count + 2 * unseen * most
    mean = (float(won.sum()) + unseen * most) / size
    whole = unseen * most**2 * ((1 - mean) ** 2 + mean**2)
    spread = float(((won - mean * part) ** 2).sum()) + whole * max(vague, 1.0)
    return count * max(size * mean * (1 - mean) / spread, 0.0 if vague else 1 / most)


def _unseen(outcomes: Floats) -> float:
    """Return how many whole wins, and as many whole losses, to add to outcomes in [0, 1]."""
    partial = outcomes[(outcomes > WHOLE) & (outcomes < 1 - WHOLE)]
    if not partial.size:
        return UNSEEN
    _, alike = np.unique(np.round(partial, 9), return_counts=True)
    return max(UNSEEN / (1 + partial.size / PARTS), ALIKE * (2 * float(alike.max()) / outcomes.size - 1))


def size_of(
    share: float,
    influence: Floats,
    most: float = 1.0,
    unseen: float = 1.0,
    beside: float = 0.0,
    ends: tuple[float, float] | None = None,
) -> float:
    """Return the effective size of a share in [0, 1] that is not a plain mean, from the influence of each question on it.

    The mean of `influence` is 0 and the error of the share sqrt(sum influence^2) / n; `most` is the weight of the heaviest
    question against that of the mean one. As in `effective_size`, `unseen` whole hits and misses are added for the variance;
    `ends` says how far such a question lies from the mean on either side, if not as far as 1 and 0 from the share. `beside` is
    the variance of another, independent part of the share.
    """
    count = len(influence)
    size = count + 2 * unseen * most
    mean = (share * count + unseen * most) / size
    above, below = ends or (1 - mean, mean)
    spread = float((influence**2).sum()) + unseen * most**2 * (above**2 + below**2)
    return mean * (1 - mean) / (spread / (count * size) + beside)


def interval_of_error(
    share: float, error: float, clusters: int, level: float = 0.95, most: float = 1.0
) -> tuple[float, float]:
    """Return the interval of a share in [0, 1] that comes out of a model with an error by question, as from a logistic fit.

    The share is taken as a mean of `clusters` questions with that error, of which one can move it by `most` / clusters; see
    `size_of` and `score_interval`.
    """
    if clusters < 2 or math.isnan(error):
        return math.nan, math.nan
    size = size_of(share, np.full(clusters, error * math.sqrt(clusters)), most, ALIKE)
    return score_interval(share, size, clusters, level)


def score_interval(share: float, size: float, clusters: int, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of a share of `size` (effective) questions, from `clusters` real ones; (nan, nan) for fewer than two.

    Wilson's interval with Student's quantile of clusters - 1 degrees, never inside the exact one-sided limit of EXACT * (1 -
    level). 40 of 40: 0.907209 to 1.
    """
    if clusters < 2:
        return math.nan, math.nan
    quantile = student_quantile(level, clusters - 1)
    squared = quantile * quantile / size
    centre = (share + squared / 2) / (1 + squared)
    half = quantile * math.sqrt(max(share * (1 - share), 0.0) / size + squared / (4 * size)) / (1 + squared)
    tail = EXACT * (1 - level)
    return _lower(share * size, size, centre - half, tail), 1 - _lower(
        (1 - share) * size, size, 1 - centre - half, tail
    )


def _lower(hits: float, size: float, limit: float, tail: float) -> float:
    """Return the lower limit: not above the chance with which `hits` or more of `size` come with the probability `tail`."""
    if hits <= WHOLE:
        return 0.0
    limit = max(limit, 0.0)
    if hits >= SELDOM or beta_share(hits, size - hits + 1, limit) <= tail:
        return limit
    return beta_quantile(hits, size - hits + 1, tail)


def mean_interval(
    gain: Floats, weight: Floats, level: float = 0.95, heaviest: float = 0.0, vague: float = 0.0
) -> tuple[float, float]:
    """Return the interval of sum(gain) / sum(weight); see `effective_size` and `score_interval`."""
    total, clusters = float(weight.sum()), int(np.count_nonzero(weight))
    if clusters < 2:
        return math.nan, math.nan
    return score_interval(float(gain.sum()) / total, effective_size(gain, weight, heaviest, vague), clusters, level)


def paired_difference(
    differences: Floats, level: float = 0.95, vague: float = 0.0
) -> tuple[float, float, float, float]:
    """Return (estimate, low, high, p) of the mean of per-question differences in [-1, 1], positive where the first is better.

    The interval joins those of the mean gain and the mean loss (Newcombe 1998, method 10: MOVER with their correlation); p is
    `sign_p`. Both are honest if no difference was seen: 40 of 40 against 39 of 40 do not differ yet. All nan, and p 1,
    without a question; no interval from one. `vague` as in `effective_size`.
    """
    if not len(differences):
        return math.nan, math.nan, math.nan, 1.0
    estimate = float(differences.mean())
    if len(differences) < 2:
        return estimate, math.nan, math.nan, 1.0
    scale = max(1.0, float(np.abs(differences).max()))
    low, high = _joined(np.maximum(differences, 0) / scale, np.maximum(-differences, 0) / scale, level, vague)
    return estimate, max(-1.0, scale * low), min(1.0, scale * high), sign_p(differences)


def _joined(gains: Floats, losses: Floats, level: float, vague: float) -> tuple[float, float]:
    """Return the interval of mean(gains) - mean(losses), both in [0, 1], of the same questions."""
    ones = np.ones(len(gains))
    up, down = float(gains.mean()), float(losses.mean())
    (up_low, up_high), (down_low, down_high) = (
        mean_interval(each, ones, level, vague=vague) for each in (gains, losses)
    )
    spread = float(gains.std() * losses.std())
    together = (float((gains * losses).mean()) - up * down) / spread if spread > WHOLE else 0.0

    def reach(first: float, second: float) -> float:
        return math.sqrt(max(first**2 + second**2 - 2 * together * first * second, 0.0))

    return (
        up - down - reach(up - up_low, down_high - down),
        up - down + reach(up_high - up, down - down_low),
    )


def sign_p(differences: Floats) -> float:
    """Return the two-sided p of "the mean difference is 0": a mid-p sign test of as many throws as the differences amount to.

    m = (sum |d|)^2 / sum d^2 throws, of which m (1 + sum d / sum |d|) / 2 fall for the first: with -1, 0 and 1 McNemar's mid-p
    test (Fagerland, Lydersen and Laake 2013). If every question shows the same difference, the exact test: with half of its
    tail, five questions would be enough. 1 if no question differs.
    """
    size = float(np.abs(differences).sum())
    if size <= WHOLE:
        return 1.0
    if float(np.ptp(differences)) <= WHOLE:
        return fair_coin_two_sided(len(differences), 0)
    throws = size**2 / float((differences**2).sum())
    lean = min(abs(float(differences.sum())) / size, 1.0)
    return fair_coin_mid(throws * (1 + lean) / 2, throws * (1 - lean) / 2)
