"""Dawid and Skene's estimate of the right label of each unit and of how often each rater errs, from nothing but their labels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syncode.statistics.arrays import Floats, Integers

ROUNDS = 200
"""Rounds of EM at most (chosen here); it ends when no chance moves by more than STILL."""
STILL = 1e-6
SMOOTH = 0.5
"""Labels of each kind that every rater is given beforehand, so that no error is impossible (Jeffreys' prior)."""


@dataclass(frozen=True)
class Consensus:
    """`chance[unit, label]` of being right, `confusion[rater, right, given]` in shares, and `prior[label]`."""

    chance: Floats
    confusion: Floats
    prior: Floats

    @property
    def accuracy(self) -> Floats:
        """How often each rater gives the right label, shape (raters,)."""
        right = self.confusion[:, range(len(self.prior)), range(len(self.prior))]
        return np.asarray(right @ self.prior, dtype=np.float64)


def dawid_skene(numbers: Integers, labels: int) -> Consensus:
    """Return the estimate of Dawid and Skene (1979, Applied Statistics 28: 20) by EM from the shares of votes.

    `numbers` has the shape (raters, units), -1 for no label. Two raters cannot be told apart by it, and raters that err together
    are taken for right: it says how a panel hangs together, not what is true.
    """
    given = (numbers[:, :, None] == np.arange(labels)).astype(np.float64)  # raters, units, labels
    votes = given.sum(axis=0)
    total = votes.sum(axis=1, keepdims=True)
    chance = np.where(total > 0, votes / np.maximum(total, 1), 1 / labels)
    rated = total[:, 0] > 0
    confusion, prior = np.zeros((len(numbers), labels, labels)), np.zeros(labels)
    for _ in range(ROUNDS):
        counts = np.einsum("ut,rul->rtl", chance[rated], given[:, rated]) + SMOOTH
        confusion = counts / counts.sum(axis=2, keepdims=True)
        prior = chance[rated].sum(axis=0) + SMOOTH
        prior = prior / prior.sum()
        logs = np.log(prior) + np.einsum("rul,rtl->ut", given, np.log(confusion))
        moved = np.exp(logs - logs.max(axis=1, keepdims=True))
        moved = moved / moved.sum(axis=1, keepdims=True)
        gap, chance = float(np.abs(moved - chance).max(initial=0.0)), moved
        if gap < STILL:
            break
    return Consensus(chance, confusion, prior)
