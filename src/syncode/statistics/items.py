"""Questions as items of a test: how well each tells models apart, and which few of them keep the ranking of all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syncode.statistics.arrays import Booleans, Floats, Integers
from syncode.statistics.correlation import pearson

FOLDS = 5
"""Parts of the models that are held out in turn (chosen here)."""
LEAST_MODELS = 6
"""With fewer models none can be held out (chosen here)."""
ALIKE = 1e-9
"""Scores that differ by less are equal."""
RANDOM = 100
"""Random subsets of the same size that a chosen one is compared with (chosen here)."""


def discrimination(scores: Floats) -> Floats:
    """Return for each question the correlation of its score with the model's mean over all other questions, over models.

    `scores` has the shape (questions, models), nan for no result. This is the corrected item-rest correlation; for results that
    are right or wrong it is the point-biserial one. nan if one side is constant, or fewer than three models have a result.
    """
    given = ~np.isnan(scores)
    filled = np.where(given, scores, 0.0)
    total, count = filled.sum(axis=0), given.sum(axis=0)
    found = np.full(len(scores), np.nan)
    for place, (line, there) in enumerate(zip(filled, given, strict=True)):
        others = count - there
        used = there & (others > 0)
        if used.sum() >= 3:
            found[place] = pearson(line[used], (total[used] - line[used]) / others[used])
    return found


def cronbach(scores: Floats) -> float:
    """Return Cronbach's alpha of complete scores, shape (questions, models): how much of their spread the questions share."""
    questions = len(scores)
    spread = float(scores.sum(axis=0).var(ddof=1)) if scores.shape[1] > 1 else 0.0
    if questions < 2 or spread == 0:
        return math.nan
    return questions / (questions - 1) * (1 - float(scores.var(axis=1, ddof=1).sum()) / spread)


def greedy_order(scores: Floats, most: int | None = None) -> list[int]:
    """Return questions in the order in which their sum comes closest to the sum of all: highest correlation over models.

    `scores` is complete, shape (questions, models). Equal correlations go to the first question; questions that tell no models
    apart add nothing and come last. Time: most * questions * models.
    """
    centred = scores - scores.mean(axis=1, keepdims=True)
    goal = centred.mean(axis=0)
    left = np.ones(len(scores), dtype=bool)
    dead = np.ptp(scores, axis=1) < ALIKE
    total = np.zeros(scores.shape[1])
    chosen: list[int] = []
    for _ in range(most or len(scores)):
        sums = total + centred
        length = np.sqrt((sums**2).sum(axis=1))
        alike = np.where(length > ALIKE, (sums @ goal) / np.maximum(length, ALIKE), -2.0)
        best = int(np.argmax(np.where(left, np.where(dead, -3.0, np.round(alike, 12)), -np.inf)))
        chosen.append(best)
        left[best] = False
        total = total + centred[best]
    return chosen


def pairs_kept(full: Floats, part: Floats, among: Booleans) -> float:
    """Return Kendall's tau-b of two score lists over the pairs of models in `among`, shape (models, models); nan for none."""
    upper = np.triu(among, 1)
    first = np.sign(np.round(full[:, None] - full[None, :], 9))[upper]
    second = np.sign(np.round(part[:, None] - part[None, :], 9))[upper]
    scale = math.sqrt(float((first**2).sum()) * float((second**2).sum()))
    return float((first * second).sum()) / scale if scale > 0 else math.nan


@dataclass(frozen=True)
class Subset:
    """Questions that keep the ranking: Kendall's tau on the models that chose them, on held-out models, and of random subsets."""

    chosen: list[int]
    tau: float
    held_out: float
    random: float
    reached: bool


def smallest_subset(scores: Floats, keep: float, seed: int) -> Subset:
    """Return the smallest greedy subset whose tau with the full ranking is `keep` on models that did not choose it.

    Every fifth of the models (drawn by the seed) is held out in turn: the others choose, and tau is counted over the pairs of
    which one model at least is held out, averaged over the folds. The size is the smallest from which on it stays at `keep`. The
    subset returned is then chosen by all models. Raises ValueError for fewer than six models.
    """
    questions, models = scores.shape
    if models < LEAST_MODELS:
        raise ValueError(f"{models} models, {LEAST_MODELS} are needed to hold some out")
    generator = np.random.default_rng(seed)
    folds = np.array_split(generator.permutation(models), FOLDS)
    full = scores.mean(axis=0)
    curve = np.nanmean([_curve(scores, full, fold) for fold in folds], axis=0)
    low = np.flatnonzero(~(curve >= keep))
    size = min(questions, int(low[-1]) + 2 if len(low) else 1)
    chosen = greedy_order(scores, most=size)
    everyone = np.ones((models, models), dtype=bool)
    drawn = [scores[generator.permutation(questions)[:size]].mean(axis=0) for _ in range(RANDOM)]
    return Subset(
        chosen=chosen,
        tau=pairs_kept(full, scores[chosen].mean(axis=0), everyone),
        held_out=float(curve[size - 1]),
        random=float(np.nanmean([pairs_kept(full, part, everyone) for part in drawn])),
        reached=bool(curve[size - 1] >= keep) and size < questions,
    )


def _curve(scores: Floats, full: Floats, fold: Integers | Sequence[int]) -> Floats:
    """Return tau on the pairs with a held-out model, for subsets of every size chosen without those models."""
    held = np.zeros(scores.shape[1], dtype=bool)
    held[fold] = True
    order = greedy_order(scores[:, ~held])
    running = np.cumsum(scores[order], axis=0) / np.arange(1, len(order) + 1)[:, None]
    among = held[:, None] | held[None, :]
    return np.array([pairs_kept(full, part, among) for part in running])
