"""Win rates corrected by a few human labels: prediction-powered inference (arXiv 2301.09633, tuned form 2311.01453)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from syncode.statistics.arrays import Floats, Integers
from syncode.statistics.bounded import score_interval, size_of
from syncode.statistics.clusters import by_cluster, cluster_mean

UNSEEN = 0.75
"""Labels, in which people and judge contradict each other as far as can be, that are added for the variance, on either side: 20
labels of which the judge errs in none do not prove that it errs in none (chosen here, by simulation of judges that lean)."""


@dataclass(frozen=True)
class Corrected:
    """An estimate in [0, 1] with its standard error, and `power`: how far the judge is trusted (lambda; 0 not at all).

    `size` is the effective number of questions behind it, `clusters` the number of labelled ones.
    """

    mean: float
    error: float
    power: float
    size: float
    clusters: int

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return Wilson's interval at the effective size, with as many degrees of freedom as labelled questions less one.

        nan for fewer than two. The estimate itself may lie a little outside [0, 1]; its interval does not.
        """
        return score_interval(min(max(self.mean, 0.0), 1.0), self.size, self.clusters, level)


@dataclass(frozen=True)
class Labelled:
    """The two parts of the data: `human` and `judge` on the labelled items, `rest` the judge on the unlabelled ones.

    All outcomes in [0, 1]. `weight` holds sampling weights of the labelled items (equal where None); `cluster` and
    `rest_cluster` number the question of each item (each item its own where None).
    """

    human: Floats
    judge: Floats
    rest: Floats
    weight: Floats | None = None
    cluster: Integers | None = None
    rest_cluster: Integers | None = None


def tuned_power(data: Labelled) -> float:
    """Return the lambda that gives the smallest variance: cov_n(H, J) / ((1 + n/N) var_{n+N}(J)), all with n - 1.

    With sampling weights the slope of the labels' part on the judge's, item by item.
    """
    n, rest = len(data.human), len(data.rest)
    everything = np.concatenate([data.judge, data.rest])
    variance = float(everything.var(ddof=1))
    if n < 2 or not rest or variance == 0:
        return 0.0
    if data.weight is None:
        return float(np.cov(data.human, data.judge, ddof=1)[0, 1]) / ((1 + n / rest) * variance)
    part = data.weight / data.weight.sum()
    people = np.append(part * (data.human - float(part @ data.human)), np.zeros(rest))
    judge = np.append(part * (data.judge - float(part @ data.judge)), np.zeros(rest))
    judge -= (everything - everything.mean()) / len(everything)
    return float(people @ judge) / float(judge @ judge)


def prediction_powered(data: Labelled, power: float | None = None) -> Corrected:
    """Return power * mean_N(J) + mean_n(H - power * J) with its error; `power` None tunes it, 0 uses the labels alone.

    With sampling weights the judge's mean is that of all items: what was not drawn for labelling is then no fair sample. Items
    of one question on both sides count together. power = 1 with a weak judge is worse than to ignore the judge, which is why the
    default tunes it. What the tuning adds to the variance is covered by the interval (simulated: docs/adr/0013-intervals.md).
    """
    chosen = tuned_power(data) if power is None else power
    first, second = _clusters(data)
    gain, weight = _sums(data.human - chosen * data.judge, data.weight, first)
    part = cluster_mean(gain, weight)
    used = weight > 0
    own = np.where(used, gain - part.mean * weight, 0.0) / weight.sum()
    mean, variance, beside = part.mean, part.error**2, 0.0
    if chosen and len(data.rest):
        judged, numbers = data.rest, second
        if data.weight is not None:
            judged, numbers = np.concatenate([data.judge, data.rest]), np.concatenate([first, second])
        total, size = _sums(judged, None, numbers)
        rest = cluster_mean(total, size)
        other = chosen * (total - rest.mean * size) / size.sum()
        shared = min(len(own), len(other))
        both = part.clusters / max(part.clusters - 1, 1) * float(own[:shared] @ other[:shared])
        beside = chosen**2 * rest.error**2 + 2 * both
        mean, variance = mean + chosen * rest.mean, max(variance + beside, 0.0)
    most = float(weight.max() / weight[used].mean())
    known = 0.0 if math.isnan(beside) else max(beside, 0.0)
    share, ends = min(max(mean, 0.0), 1.0), _ends(chosen, part.mean)
    size_now = size_of(share, part.clusters * own[used], most, UNSEEN, known, ends)
    return Corrected(mean, math.sqrt(variance), chosen, size_now, part.clusters)


def _clusters(data: Labelled) -> tuple[Integers, Integers]:
    """Return the number of the question of each labelled and of each other item; an item without one is its own."""
    count, rest = len(data.human), len(data.rest)
    if data.cluster is None or data.rest_cluster is None:
        first = np.arange(count) if data.cluster is None else np.unique(data.cluster, return_inverse=True)[1]
        second = np.arange(rest) if data.rest_cluster is None else np.unique(data.rest_cluster, return_inverse=True)[1]
        return first, int(first.max(initial=-1)) + 1 + second
    numbers = np.unique(np.concatenate([data.cluster, data.rest_cluster]), return_inverse=True)[1]
    return numbers[:count], numbers[count:]


def _ends(power: float, mean: float) -> tuple[float, float]:
    """Return how far H - power * J can lie above and below its mean, H and J being in [0, 1]."""
    return max(1.0, 1 - power) - mean, mean - min(0.0, -power)


def labels_needed(data: Labelled, width: float, level: float = 0.95) -> int | None:
    """Return how many of the judged items must be labelled for an interval of this width, from the labels that there are.

    Labels and judgements are taken to go on as they began, each item a question of its own, and lambda is tuned anew. None if
    not even a label for every item is enough. Raises ValueError for a width that is not above 0.
    """
    if not width > 0:
        raise ValueError("the width of an interval is above 0")
    everything = np.concatenate([data.judge, data.rest])
    count, total = len(data.human), len(everything)
    covariance = np.cov(data.human, data.judge, ddof=1)
    judged = float(everything.var(ddof=1))
    share = min(max(prediction_powered(data).mean, 0.0), 1.0)
    seen = (share * count + UNSEEN) / (count + 2 * UNSEEN)
    means = float(data.human.mean()), float(data.judge.mean())

    def wide(labels: int) -> float:
        rest = total - labels
        power = float(covariance[0, 1]) / ((1 + labels / rest) * judged) if rest and judged else 0.0
        alone = float(covariance[0, 0] - 2 * power * covariance[0, 1] + power**2 * covariance[1, 1])
        above, below = _ends(power, means[0] - power * means[1])
        unseen = UNSEEN * (above**2 + below**2) / (count + 2 * UNSEEN)
        variance = (max(alone, 0.0) + unseen) / labels + (power**2 * judged / rest if rest else 0.0)
        low, high = score_interval(share, seen * (1 - seen) / variance, labels, level)
        return high - low

    few, many = 2, total
    if wide(many) > width:
        return None
    while few < many:
        middle = (few + many) // 2
        few, many = (few, middle) if wide(middle) <= width else (middle + 1, many)
    return few


def _sums(values: Floats, weight: Floats | None, numbers: Integers) -> tuple[Floats, Floats]:
    """Return the weighted sum and the weight of each cluster."""
    weights = np.ones(len(values)) if weight is None else weight
    groups = int(numbers.max()) + 1 if len(numbers) else 0
    return by_cluster(values * weights, numbers, groups), by_cluster(weights, numbers, groups)
