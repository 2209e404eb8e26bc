"""How far a mean of a panel's opinions moves with each unit, the weights of the raters estimated anew: the sandwich by parts."""

from __future__ import annotations

import numpy as np

from syncode.statistics.arrays import Booleans, Floats, Integers
from syncode.statistics.bounded import UNSEEN
from syncode.statistics.dawid_skene import FEW, Cells, information

SEVERAL = 6
"""Raters of whom all patterns of labels are gone through: 729 patterns of three labels (chosen here)."""
MOST = 1e4
"""The largest ratio of variances: with it, an interval from 1,000 questions is 0 to 1 (chosen here)."""


def influence(cells: Cells, slopes: Floats) -> Floats:
    """Return what a unit of each cell adds to each sum by moving shares and confusions, shape (sums, cells).

    `slopes` (sums, cells, labels) say how the sum moves with the posterior of all units of the cell, times that posterior and
    centred: sum over units of t_k (e_k - sum_l t_l e_l). With the score s_i of a unit and the information H about the
    logarithms of shares and confusions (Louis 1982) it is s_i' H^-1 g (White 1982; Boos and Stefanski 2013, section 7.2). The
    shares of a group meet nothing but its own units and the confusions, so H is inverted by parts.
    """
    labels = cells.posterior.shape[1]
    moves, tied = _moves(cells)
    own, across, rest = _information(cells, moves, tied)
    inverse = np.linalg.inv(
        own + np.ones((labels, labels))
    )  # shares add up to one: that direction is free, and never asked for
    bridge = inverse @ across
    core = np.linalg.pinv(rest - np.einsum("gka,gkb->ab", across, bridge), rcond=1e-10, hermitian=True)
    found = np.empty(slopes.shape[:2])
    groups = len(cells.share)
    centred = cells.posterior - cells.share[cells.group]
    means = np.einsum("ck,ckd->cd", cells.posterior, moves)
    for place, slope in enumerate(slopes):
        by_group = _by_group(slope, cells.group, groups)
        by_rater = np.einsum("ck,ckd->d", slope, moves)
        solved = core @ (by_rater - np.einsum("gkd,gk->d", bridge, by_group))
        shares = np.einsum("gkl,gl->gk", inverse, by_group) - bridge @ solved
        found[place] = (centred * shares[cells.group]).sum(axis=1) + means @ solved
    return found


def _by_group(values: Floats, group: Integers, groups: int) -> Floats:
    """Return the sums of values, shape (cells, ...), by group."""
    flat = values.reshape(len(values), -1)
    summed = np.stack([np.bincount(group, column, groups) for column in flat.T], axis=1)
    return np.asarray(summed.reshape(groups, *values.shape[1:]), dtype=np.float64)


def _moves(cells: Cells) -> tuple[Floats, Floats]:
    """Return the score of the confusions for each cell and right label, (cells, labels, parameters), and which of them are one.

    A cell of a confusion table and its mirror image are one parameter: `tied`, shape (cells of the tables, parameters).
    """
    size, raters, labels = cells.given.shape
    place = np.arange(raters * labels * labels).reshape(raters, labels, labels)
    mirror = np.minimum(place, place[:, ::-1, ::-1]).ravel()
    kept, number = np.unique(mirror, return_inverse=True)
    tied = np.zeros((mirror.size, len(kept)))
    tied[np.arange(mirror.size), number] = 1
    rated = cells.given.sum(axis=2, keepdims=True)
    moves = np.zeros((size, labels, raters, labels, labels))
    for right in range(labels):
        moves[:, right, :, right] = cells.given - rated * cells.confusion[None, :, right]
    return moves.reshape(size, labels, -1) @ tied, tied


def _information(cells: Cells, moves: Floats, tied: Floats) -> tuple[Floats, Floats, Floats]:
    """Return the observed information: of each group's shares, between them and the confusions, and of the confusions.

    That of the complete data, the prior's with it, less the variance of the score given the labels.
    """
    posterior, labels = cells.posterior, cells.posterior.shape[1]
    mass = posterior * cells.count[:, None]
    groups, one = len(cells.share), np.eye(labels)
    units = np.bincount(cells.group, cells.count, groups)
    spread = mass[:, :, None] * (one - posterior[:, None, :])
    whole = (units + FEW * labels)[:, None, None] * (cells.share[:, :, None] * (one - cells.share[:, None, :]))
    own = whole - _by_group(spread, cells.group, groups)
    means = np.einsum("ck,ckd->cd", posterior, moves)
    across = -_by_group(mass[:, :, None] * (moves - means[:, None, :]), cells.group, groups)
    raters = len(cells.confusion)
    table = np.zeros((raters * labels, labels, raters * labels, labels))
    rows = np.arange(raters * labels)
    rate = cells.confusion.reshape(-1, labels)
    table[rows, :, rows, :] = (cells.totals.reshape(-1, 1, 1) / 2) * (rate[:, :, None] * (one - rate[:, None, :]))
    complete = tied.T @ table.reshape(raters * labels**2, -1) @ tied
    flat = moves.reshape(-1, moves.shape[2])
    seen = (flat * mass.reshape(-1, 1)).T @ flat - (means * cells.count[:, None]).T @ means
    return own, across, complete - seen


def vagueness(cells: Cells, values: Floats) -> Floats:
    """Return for each group how much more the panel's opinion of a unit varies than the right label would, from 1 to MOST.

    `values` of all labels, mirror images with them. The variance bound of a share that is known through the confusions only,
    against that of the share itself, with UNSEEN units of each label added: what a win that was not seen yet could do. MOST where
    the panel cannot tell the labels apart.
    """
    worth = values[cells.live]
    units = np.bincount(cells.group, cells.count, len(cells.share))
    raters, place = np.unique(cells.given.any(axis=2), axis=0, return_inverse=True)
    often = np.bincount(place.ravel(), cells.count) / cells.count.sum()
    chances = [_chances(cells, chosen) for chosen in raters]
    found = np.ones(len(cells.share))
    for group, fitted in enumerate(cells.share):
        share = (fitted * units[group] + UNSEEN) / (units[group] + UNSEEN * len(fitted))
        known = sum(
            part * (chance / (chance @ share)[:, None]).T @ chance for part, chance in zip(often, chances, strict=True)
        )
        mean = float(worth @ share)
        bound = float(worth @ np.linalg.inv(known + np.eye(len(share)) / MOST**2) @ worth) - mean**2
        found[group] = min(max(1.0, bound / (mean * (1 - mean))), MOST)
    return found


def _chances(cells: Cells, chosen: Booleans) -> Floats:
    """Return how likely all labels of the chosen raters together are for each right label: shape (patterns, labels).

    Of more than SEVERAL raters those whose labels say most, which is less than all of them would say.
    """
    weight = information(cells.confusion, np.full(len(cells.live), 1 / len(cells.live)))
    best = sorted(np.flatnonzero(chosen).tolist(), key=lambda rater: -weight[rater])[:SEVERAL]
    found = np.ones((1, len(cells.live)))
    for rater in best:
        found = (found[:, None, :] * cells.confusion[rater].T[None, :, :]).reshape(-1, len(cells.live))
    return found
