"""Shares: Wilson intervals, exact McNemar, and Holm's correction for many tests."""

from __future__ import annotations

import math
from collections.abc import Sequence

from syncode.statistics.distributions import fair_coin_two_sided, normal_quantile


def wilson(successes: float, n: float, level: float = 0.95) -> tuple[float, float]:
    """Return the Wilson score interval of a share (fractions), (0, 1) for n = 0: 5 of 10 gives 0.236593 to 0.763407."""
    if n <= 0:
        return 0.0, 1.0
    z = normal_quantile(level)
    share = successes / n
    centre = share + z * z / (2 * n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def mcnemar(only_first: int, only_second: int) -> float:
    """Return the exact two-sided p of McNemar's test from the two discordant counts."""
    return fair_coin_two_sided(only_first, only_second)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return Holm's step-down adjusted p values, in the order given."""
    order = sorted(range(len(p_values)), key=lambda index: p_values[index])
    adjusted = [0.0] * len(p_values)
    running = 0.0
    for place, index in enumerate(order):
        running = max(running, min(1.0, (len(p_values) - place) * p_values[index]))
        adjusted[index] = running
    return adjusted


def sample_size(share: float, half_width: float) -> int:
    """Return how many labels give the share this half-width at 95 %: 323 for 0.7 and 0.05."""
    return math.ceil(share * (1 - share) * (normal_quantile(0.95) / half_width) ** 2)
