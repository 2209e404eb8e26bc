"""A share with both of its intervals: Wilson for independent games, the cluster-robust error by question."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from syncode.schemas.records import Row
from syncode.statistics.clusters import by_cluster, cluster_mean
from syncode.statistics.proportions import wilson


def rate_row(hits: Sequence[bool], questions: Sequence[int], name: str) -> Row:
    """Return {NAME, of, share, low, high, error}: counts, their share, Wilson interval, error by question (null for none)."""
    numbers = np.array(questions, dtype=np.int64)
    values = np.array(hits, dtype=np.float64)
    size = int(numbers.max()) + 1 if len(numbers) else 0
    mean = cluster_mean(by_cluster(values, numbers, size), by_cluster(np.ones(len(values)), numbers, size))
    low, high = wilson(float(values.sum()), len(values))
    return {
        name: int(values.sum()),
        "of": len(values),
        "share": plain(mean.mean),
        "low": low if hits else None,
        "high": high if hits else None,
        "error": plain(mean.error),
    }


def plain(value: float) -> float | None:
    """Return a Python number, None for nan and infinity: JSON has neither."""
    number = float(value)
    return number if math.isfinite(number) else None
