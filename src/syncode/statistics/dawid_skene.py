"""What a panel of raters says together, each weighed by how often it is right: Dawid and Skene's model (1979), by EM."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from syncode.statistics.arrays import Floats, Integers

PRIOR = 3.0
"""Units added to each cell of a rater's confusion table, twice as many where the rater is right: few units cannot turn a rater's
labels round, and a label that is seldom right does not soak up the errors about the others (chosen here, by simulation)."""
FEW = 0.1
"""Units added to each label's share in a group, so that no label is out of the question (chosen here)."""
LEAST = 5
"""Units without which a group has no share of its own: it would take every label for right (chosen here)."""
ROUNDS = 500
CLOSE = 1e-6
"""EM ends after ROUNDS, or if no probability moves by more than CLOSE (chosen here)."""


@dataclass(frozen=True)
class Cells:
    """Units that are alike, one cell for each group and set of labels; only labels that somebody gave, or their mirror images.

    `given` (cells, raters, labels) is 1 where the rater gave the label, `posterior` (cells, labels) the chance of each label,
    `totals` (raters, labels) the units behind each row of a confusion table, the prior's with them.
    """

    group: Integers
    count: Floats
    given: Floats
    posterior: Floats
    share: Floats
    confusion: Floats
    totals: Floats
    live: Integers


@dataclass(frozen=True)
class Panel:
    """What the panel says: `posterior` (units, labels), `share` (groups, labels), `confusion` (raters, right label, given label).

    `weight` of each rater is the mean information of its label about the right one, in bits of log-odds against chance: 0 for a
    rater who gives labels at random. `cell` is the place of each unit in `cells`, -1 for a unit without a label.
    """

    posterior: Floats
    share: Floats
    confusion: Floats
    weight: Floats
    cell: Integers
    cells: Cells

    def labels(self) -> Integers:
        """Return the likeliest label of each unit, the first one of several; -1 for a unit without a label."""
        known = ~np.isnan(self.posterior[:, 0])
        return np.where(known, np.nan_to_num(self.posterior).argmax(axis=1), -1).astype(np.int64)


def dawid_skene(ratings: Integers, labels: int, group: Integers | None = None) -> Panel:
    """Fit the model to label numbers, shape (raters, units), -1 for none; it starts from the share of each unit's votes.

    Label l of one side is label `labels` - 1 - l of the other, and a rater errs for both sides alike: which side has the name A
    means nothing. `group` numbers the units that share how often each label is right, such as those of one contestant (Hui and
    Walter 1980); all are one group if it is None, and those of fewer than LEAST units are one. Raises ValueError without any
    label. Memory: 8 bytes for each rater, label and different unit.
    """
    rated = np.flatnonzero((ratings >= 0).any(axis=0))
    if not rated.size:
        raise ValueError("there is no label to weigh")
    groups = _large(np.zeros(len(rated), dtype=np.int64) if group is None else group[rated])
    columns = np.vstack([groups, ratings[:, rated]])
    alike, place, count = np.unique(columns, axis=1, return_inverse=True, return_counts=True)
    seen = np.unique(ratings[ratings >= 0])
    live = np.unique(np.concatenate([seen, labels - 1 - seen]))
    given = (alike[1:].T[:, :, None] == live).astype(np.float64)
    cells = _fit(alike[0], count.astype(np.float64), given, live)
    cell = np.full(ratings.shape[1], -1, dtype=np.int64)
    cell[rated] = place.ravel()
    posterior = np.full((ratings.shape[1], labels), np.nan)
    posterior[rated] = 0.0
    posterior[np.ix_(rated, live)] = cells.posterior[place.ravel()]
    share = np.zeros((len(cells.share), labels))
    share[:, live] = cells.share
    confusion = np.zeros((len(ratings), labels, labels))
    confusion[np.ix_(np.arange(len(ratings)), live, live)] = cells.confusion
    whole = (cells.posterior * cells.count[:, None]).sum(axis=0)
    weight = information(cells.confusion, (whole + whole[::-1]) / (2 * whole.sum()))
    return Panel(posterior, share, confusion, weight, cell, cells)


def _large(group: Integers) -> Integers:
    """Return the groups numbered from 0 on, those of fewer than LEAST units as one."""
    _, place, count = np.unique(group, return_inverse=True, return_counts=True)
    own = np.where(count >= LEAST, np.arange(len(count)), -1)
    return np.asarray(np.unique(own[place], return_inverse=True)[1], dtype=np.int64)


def information(confusion: Floats, share: Floats) -> Floats:
    """Return the bits that a label of each rater says about the right one, if the labels are right that often."""
    said = np.einsum("k,rkl->rl", share, confusion)
    ratio = np.log2(confusion / said[:, None, :])
    return np.asarray(np.einsum("k,rkl,rkl->r", share, confusion, ratio))


def _fit(group: Integers, count: Floats, given: Floats, live: Integers) -> Cells:
    """Return the cells with what EM makes of them."""
    size, raters, labels = given.shape
    flat = given.reshape(size, -1)
    votes = given.sum(axis=1)
    posterior = votes / votes.sum(axis=1, keepdims=True)
    groups = int(group.max()) + 1
    prior = (PRIOR * (1 + np.eye(labels)))[:, None, :]
    for _ in range(ROUNDS):
        mass = posterior * count[:, None]
        share = np.array([np.bincount(group, column, groups) for column in mass.T], dtype=np.float64).T + FEW
        share = share / share.sum(axis=1, keepdims=True)
        counted = (mass.T @ flat).reshape(labels, raters, labels)
        counted = counted + counted[::-1, :, ::-1] + prior
        totals = counted.sum(axis=2)
        confusion = counted / totals[:, :, None]
        logs = np.log(share)[group] + flat @ np.log(confusion).reshape(labels, -1).T
        moved = np.exp(logs - logs.max(axis=1, keepdims=True))
        moved /= moved.sum(axis=1, keepdims=True)
        change = float(np.abs(moved - posterior).max())
        posterior = moved
        if change < CLOSE:
            break
    return Cells(group, count, given, posterior, np.asarray(share), confusion.transpose(1, 0, 2), totals.T, live)


def leave_one_out(ratings: Integers, labels: int, group: Integers | None = None) -> Integers:
    """Return for each rater and unit whether its label is that of all others together: 1, 0, or -1 if one of them has none.

    The others are weighed by `dawid_skene` without the rater. Shape (raters, units).
    """
    found = np.full(ratings.shape, -1, dtype=np.int64)
    for rater in range(len(ratings)):
        others = np.delete(ratings, rater, axis=0)
        if (others >= 0).any():
            rest = dawid_skene(others, labels, group).labels()
            both = (ratings[rater] >= 0) & (rest >= 0)
            found[rater, both] = ratings[rater, both] == rest[both]
    return found
