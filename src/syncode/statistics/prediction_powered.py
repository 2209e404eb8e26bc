"""Win rates corrected by a few human labels: prediction-powered inference (arXiv 2301.09633, tuned form 2311.01453)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from syncode.statistics.arrays import Floats, Integers
from syncode.statistics.clusters import by_cluster, cluster_mean
from syncode.statistics.distributions import normal_quantile


@dataclass(frozen=True)
class Corrected:
    """An estimate in [0, 1] with its standard error, and `power`: how far the judge is trusted (lambda; 0 not at all)."""

    mean: float
    error: float
    power: float

    def interval(self, level: float = 0.95) -> tuple[float, float]:
        """Return the normal interval."""
        half = normal_quantile(level) * self.error
        return self.mean - half, self.mean + half


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
    """Return the lambda that gives the smallest variance: cov_n(H, J) / ((1 + n/N) var_{n+N}(J)), all with n - 1."""
    n, rest = len(data.human), len(data.rest)
    everything = np.concatenate([data.judge, data.rest])
    variance = float(everything.var(ddof=1))
    if n < 2 or not rest or variance == 0:
        return 0.0
    return float(np.cov(data.human, data.judge, ddof=1)[0, 1]) / ((1 + n / rest) * variance)


def prediction_powered(data: Labelled, power: float | None = None) -> Corrected:
    """Return power * mean_N(J) + mean_n(H - power * J) with its error; `power` None tunes it, 0 uses the labels alone.

    power = 1 with a weak judge is worse than to ignore the judge, which is why the default tunes it.
    """
    chosen = tuned_power(data) if power is None else power
    correction = data.human - chosen * data.judge
    mean, variance = _mean(correction, data.weight, data.cluster)
    if chosen and len(data.rest):
        rest_mean, rest_variance = _mean(data.rest, None, data.rest_cluster)
        mean, variance = mean + chosen * rest_mean, variance + chosen**2 * rest_variance
    return Corrected(mean, math.sqrt(variance), chosen)


def _mean(values: Floats, weight: Floats | None, cluster: Integers | None) -> tuple[float, float]:
    """Return the weighted mean and its variance, clustered."""
    weights = np.ones(len(values)) if weight is None else weight
    numbers = np.arange(len(values)) if cluster is None else np.unique(cluster, return_inverse=True)[1]
    groups = int(numbers.max()) + 1 if len(numbers) else 0
    result = cluster_mean(by_cluster(values * weights, numbers, groups), by_cluster(weights, numbers, groups))
    return result.mean, result.error**2
