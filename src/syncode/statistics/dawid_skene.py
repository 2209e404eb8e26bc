"""What a panel of raters says together, each weighed by how often it is right: Dawid and Skene's model (1979), by EM."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syncode.statistics.arrays import Floats, Integers

PRIOR = 1.0
"""Units added to each cell of a rater's confusion table, and to each label's share; twice as many where the rater is right, so
that few units cannot turn a rater's labels round (chosen here)."""
ROUNDS = 50
CLOSE = 1e-6
"""EM ends after ROUNDS, or if no probability moves by more than CLOSE (chosen here)."""


@dataclass(frozen=True)
class Panel:
    """What the panel says: `posterior` (units, labels), `share` of each label, `confusion` (raters, right label, given label).

    `weight` of each rater is the mean information of its label about the right one, in bits of log-odds against chance: 0 for a
    rater who gives labels at random.
    """

    posterior: Floats
    share: Floats
    confusion: Floats
    weight: Floats

    def labels(self) -> Integers:
        """Return the likeliest label of each unit, the first one of several; -1 for a unit without a label."""
        known = ~np.isnan(self.posterior[:, 0])
        return np.where(known, np.nan_to_num(self.posterior).argmax(axis=1), -1).astype(np.int64)


def dawid_skene(ratings: Integers, labels: int) -> Panel:
    """Fit the model to label numbers, shape (raters, units), -1 for none; it starts from the share of each unit's votes.

    Raises ValueError without any label. Memory: 8 bytes for each rater, unit and label.
    """
    if not (ratings >= 0).any():
        raise ValueError("there is no label to weigh")
    given = (ratings[:, :, None] == np.arange(labels)).astype(np.float64)  # raters, units, labels
    votes = given.sum(axis=0)
    rated = votes.sum(axis=1) > 0
    posterior = np.where(rated[:, None], votes / np.maximum(votes.sum(axis=1, keepdims=True), 1), 0.0)
    prior = PRIOR * (1 + np.eye(labels))
    for _ in range(ROUNDS):
        share = (posterior.sum(axis=0) + PRIOR) / (posterior.sum() + PRIOR * labels)
        counts = np.einsum("uk,rul->rkl", posterior, given) + prior
        confusion = counts / counts.sum(axis=2, keepdims=True)
        logs = np.log(share) + np.einsum("rul,rkl->uk", given, np.log(confusion))
        moved = np.exp(logs - logs.max(axis=1, keepdims=True))
        moved = np.where(rated[:, None], moved / moved.sum(axis=1, keepdims=True), 0.0)
        change = float(np.abs(moved - posterior).max())
        posterior = moved
        if change < CLOSE:
            break
    said = np.einsum("k,rkl->rl", share, confusion)
    weight = np.einsum("k,rkl,rkl->r", share, confusion, np.log2(confusion / said[:, None, :]))
    return Panel(np.where(rated[:, None], posterior, np.nan), share, confusion, weight)


def leave_one_out(ratings: Integers, labels: int) -> Integers:
    """Return for each rater and unit whether its label is that of all others together: 1, 0, or -1 if one of them has none.

    The others are weighed by `dawid_skene` without the rater. Shape (raters, units).
    """
    found = np.full(ratings.shape, -1, dtype=np.int64)
    for rater in range(len(ratings)):
        others = np.delete(ratings, rater, axis=0)
        if (others >= 0).any():
            rest = dawid_skene(others, labels).labels()
            both = (ratings[rater] >= 0) & (rest >= 0)
            found[rater, both] = ratings[rater, both] == rest[both]
    return found
