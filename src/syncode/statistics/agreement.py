"""Agreement between raters: raw, Cohen, Gwet, Fleiss and Krippendorff, from label numbers 0..K-1 with -1 for no label.

Each coefficient is 1 - observed / expected disagreement; intervals are in `chance_corrected`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from syncode.statistics.arrays import Floats, Integers

Level = Literal["nominal", "ordinal", "interval"]


@dataclass(frozen=True)
class Disagreement:
    """What was observed and what chance would give, in one unit; `whole` is the most that could be observed."""

    observed: float
    chance: float
    whole: float

    @property
    def agreement(self) -> float:
        """Return 1 - observed / chance, nan if chance alone would never disagree."""
        return 1 - self.observed / self.chance if self.chance > 0 else math.nan


NONE = Disagreement(math.nan, 0.0, 1.0)
"""What an empty table says."""


def confusion(first: Integers, second: Integers, labels: int) -> Floats:
    """Return counts, shape (labels, labels), rows = first rater; units on which either has no label (-1) are left out."""
    read = (first >= 0) & (second >= 0)
    cells = np.bincount(first[read] * labels + second[read], minlength=labels * labels)
    return cells.reshape(labels, labels).astype(np.float64)


def raw(table: Floats) -> float:
    """Return the share of units with equal labels; nan for an empty table."""
    total = float(table.sum())
    return float(table.trace()) / total if total else math.nan


def cohen(table: Floats, linear: bool = False) -> float:
    """Return Cohen's kappa of a confusion table; `linear` weighs a disagreement by the distance of the label numbers.

    nan if chance alone would already agree always (both raters constant and equal).
    """
    return cohen_disagreement(table, linear).agreement


def cohen_disagreement(table: Floats, linear: bool = False) -> Disagreement:
    """Return the disagreement behind Cohen's kappa."""
    total = float(table.sum())
    if not total:
        return NONE
    size = len(table)
    distance = np.abs(np.subtract.outer(np.arange(size), np.arange(size))).astype(np.float64)
    weight = distance if linear else (distance > 0).astype(np.float64)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / total
    return Disagreement(
        float((weight * table).sum()), float((weight * expected).sum()), total * max(float(weight.max()), 1.0)
    )


def gwet(table: Floats) -> float:
    """Return Gwet's AC1, steady where one label dominates: chance = sum pi (1 - pi) / (K - 1), pi = mean of the marginals.

    K counts the labels that either rater used; nan if both used one and the same label only.
    """
    return gwet_disagreement(table).agreement


def gwet_disagreement(table: Floats) -> Disagreement:
    """Return the disagreement behind AC1."""
    total = float(table.sum())
    if not total:
        return NONE
    share = (table.sum(axis=0) + table.sum(axis=1)) / (2 * total)
    used = int((share > 0).sum())
    if used < 2:
        return NONE
    return Disagreement(1 - raw(table), 1 - float((share * (1 - share)).sum()) / (used - 1), 1.0)


def fleiss(counts: Floats) -> float:
    """Return Fleiss' kappa of label counts, shape (units, labels); every unit needs the same number of raters (ValueError)."""
    raters = counts.sum(axis=1)
    if not len(counts) or not np.all(raters == raters[0]) or raters[0] < 2:
        raise ValueError("Fleiss' kappa needs the same number of raters, two at least, on every unit")
    n = float(raters[0])
    observed = float((((counts**2).sum(axis=1) - n) / (n * (n - 1))).mean())
    share = counts.sum(axis=0) / counts.sum()
    chance = float((share**2).sum())
    return (observed - chance) / (1 - chance) if chance < 1 else math.nan


def label_counts(ratings: Integers, labels: int) -> Floats:
    """Return how many raters gave each label to each unit, shape (units, labels), from ratings of shape (raters, units)."""
    counts = np.zeros((ratings.shape[1], labels))
    raters, units = np.nonzero(ratings >= 0)
    np.add.at(counts, (units, ratings[raters, units]), 1)
    return counts


def krippendorff(counts: Floats, level: Level = "nominal", values: Floats | None = None) -> float:
    """Return Krippendorff's alpha of label counts, shape (units, labels): any number of raters, missing labels allowed.

    Units with fewer than two labels hold no pair and are left out. See `alpha_of` for the level and the values.
    """
    return alpha_of(coincidences(counts).sum(axis=0), level, values)


def coincidences(counts: Floats) -> Floats:
    """Return the coincidence table of each unit, shape (units, labels, labels): pairs of labels, weighed by 1/(raters - 1)."""
    raters = counts.sum(axis=1)
    weight = np.where(raters >= 2, 1 / np.maximum(raters - 1, 1), 0.0)
    table = counts[:, :, None] * counts[:, None, :]
    places = np.arange(counts.shape[1])
    table[:, places, places] -= counts
    return np.asarray(table * weight[:, None, None])


def alpha_of(coincidence: Floats, level: Level = "nominal", values: Floats | None = None) -> float:
    """Return Krippendorff's alpha of a summed coincidence table, nan without pairs or if only one label was ever used.

    `values` are the numbers behind the labels for the interval level (0, 1, 2, ... where left out); the ordinal level uses
    the order of the columns.
    """
    return alpha_disagreement(coincidence, level, values).agreement


def alpha_disagreement(coincidence: Floats, level: Level = "nominal", values: Floats | None = None) -> Disagreement:
    """Return the disagreement behind Krippendorff's alpha."""
    marginal = coincidence.sum(axis=1)
    total = float(marginal.sum())
    metric = _metric(level, marginal, values)
    expected = float((metric * np.outer(marginal, marginal)).sum())
    observed = float((metric * coincidence).sum())
    return Disagreement((total - 1) * observed, expected, (total - 1) * total * max(float(metric.max()), 1.0))


def _metric(level: Level, marginal: Floats, values: Floats | None) -> Floats:
    """Return the squared distance between labels, shape (labels, labels)."""
    size = len(marginal)
    if level == "nominal":
        return 1.0 - np.eye(size)
    if level == "interval":
        points = np.arange(size, dtype=np.float64) if values is None else values
    else:  # ordinal: half of both ends plus all that lies between
        points = np.cumsum(marginal) - marginal / 2
    return np.asarray(np.subtract.outer(points, points) ** 2, dtype=np.float64)
