"""Contestants whose values come question by question: which of them are settled, at fixed borders and at a bounded error."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np

from syncode.statistics.arrays import Floats, Integers
from syncode.statistics.proportions import holm
from syncode.statistics.sequences import FRACTIONS, expected, growth, limits, mixed

HALF = -1
"""Stands as the second of a pair for what every value is measured against: the baseline, at one half."""
_SLACK = 1e-9  # what sums of floats leave over


@dataclass(frozen=True)
class Rule:
    """When a contestant is settled.

    Without `width` as soon as each of its pairs is separated: Holm's p over all pairs is `alpha` at most. With it as soon as its
    limits lie no further apart. `total` is the number of questions if the claim is about these alone, None if they stand for
    others like them. `baseline` says that the contestants are also compared with one half.
    """

    alpha: float = 0.05
    width: float | None = None
    total: int | None = None
    baseline: bool = False


class Race:
    """Takes values in [0, 1] border by border. What it holds after each border is valid whether or not the race goes on.

    `taken[c]` is the number of values of contestant c, `open` are those that are not settled, `p[k]` is the two-sided p value of
    pair k of `pairs` (the smallest so far), `ahead[k]` 1 if its first is ahead, -1 if its second is, 0 if it is not separated;
    `since[k]` is the number of questions after which that was known.
    Memory: the values, and 0.5 KB per pair.
    """

    def __init__(self, contestants: int, rule: Rule) -> None:
        self.rule = rule
        self.pairs = list(itertools.combinations(range(contestants), 2))
        if rule.baseline:
            self.pairs += [(each, HALF) for each in range(contestants)]
        self.open = set(range(contestants))
        self.taken: Integers = np.zeros(contestants, dtype=np.int64)
        self.p: Floats = np.ones(len(self.pairs))
        self.ahead: Integers = np.zeros(len(self.pairs), dtype=np.int64)
        self.since: Integers = np.zeros(len(self.pairs), dtype=np.int64)
        self._first, self._second = (np.array([pair[side] for pair in self.pairs], dtype=np.int64) for side in (0, 1))
        self._logs: Floats = np.zeros((2, len(self.pairs), len(FRACTIONS)))
        self._best: Floats = np.zeros((2, len(self.pairs)))
        self._sums: Floats = np.zeros((2, len(self.pairs)))
        self._drawn = 0
        self._low: list[Floats] = []
        self._high: list[Floats] = []

    def advance(self, low: Floats, high: Floats) -> None:
        """Take the next questions, shape (questions, contestants): what each value is at least and at most.

        Columns of contestants that are settled are not looked at.
        """
        if not len(low):
            return
        mask = np.array([each in self.open for each in range(len(self.taken))])
        self._low.append(np.where(mask, low, np.nan))
        self._high.append(np.where(mask, high, np.nan))
        self._bet(low, high)
        self._drawn += len(low)
        self.taken = self.taken + mask * len(low)
        self._settle()

    def _bet(self, low: Floats, high: Floats) -> None:
        """Let the capital of each pair that is running grow: one bets that the first is ahead, one that the second is."""
        running = [
            at
            for at, (first, second) in enumerate(self.pairs)
            if not self.ahead[at] and first in self.open and (second == HALF or second in self.open)
        ]
        if not running:
            return
        first, second = self._first[running], self._second[running]
        other_low = np.where(second == HALF, 1 - high[:, first], low[:, second])
        other_high = np.where(second == HALF, 1 - low[:, first], high[:, second])
        for side, values in enumerate(((low[:, first] - other_high + 1) / 2, (other_low - high[:, first] + 1) / 2)):
            means = expected(0.5, values, self.rule.total, self._sums[side, running], self._drawn)
            self._logs[side, running] += growth(values, means).sum(axis=0)
            self._sums[side, running] += values.sum(axis=0)
            capital = mixed(self._logs[side, running])
            if self.rule.total is not None:  # a lead that the questions left cannot take back
                sure = self._sums[side, running] > self.rule.total / 2 + _SLACK
                capital = np.where(sure, np.inf, capital)
            self._best[side, running] = np.maximum(self._best[side, running], capital)

    def _settle(self) -> None:
        self.p = np.minimum(1.0, 2 * np.exp(-self._best.max(axis=0)))
        separated = np.array(holm(self.p.tolist())) <= self.rule.alpha
        side = np.where(self._best[0] >= self._best[1], 1, -1)
        self.since = np.where(separated & (self.ahead == 0), self._drawn, self.since)
        self.ahead = np.where(self.ahead != 0, self.ahead, np.where(separated, side, 0))
        for each in sorted(self.open):
            if self._settled(each):
                self.open.discard(each)

    def _settled(self, each: int) -> bool:
        if self.rule.width is None:
            return all(self.ahead[at] for at, pair in enumerate(self.pairs) if each in pair)
        low, high = self.limits(each)
        return high - low <= self.rule.width + _SLACK

    def values(self, each: int) -> tuple[Floats, Floats]:
        """Return what the values of a contestant are at least and at most, in the order in which they came."""
        count = int(self.taken[each])
        if not count:
            return np.empty(0), np.empty(0)
        low, high = (np.concatenate([part[:, each] for part in parts])[:count] for parts in (self._low, self._high))
        return low, high

    def limits(self, each: int, alpha: float | None = None) -> tuple[float, float]:
        """Return the limits of a contestant's mean, at the rule's alpha or another one."""
        return limits(*self.values(each), self.rule.alpha if alpha is None else alpha, self.rule.total)

    def mean(self, each: int) -> float:
        """Return the mean of a contestant's values that are known; nan if none is."""
        low, high = self.values(each)
        known = low[low == high]
        return float(known.mean()) if len(known) else math.nan

    def difference(self, at: int) -> float:
        """Return the mean difference of a pair on their common questions whose values are known; nan if there are none."""
        first, second = self.pairs[at]
        low, high = self.values(first)
        other_low, other_high = (1 - low, 1 - high) if second == HALF else self.values(second)
        size = min(len(low), len(other_low))
        known = (low[:size] == high[:size]) & (other_low[:size] == other_high[:size])
        return float((low[:size] - other_low[:size])[known].mean()) if known.any() else math.nan
