"""The interval of a score by the method that was asked for, and the name of the one that was used."""

from __future__ import annotations

import math

import numpy as np

from syncode.stages.leaderboard.settings import Interval
from syncode.statistics.arrays import Booleans, Floats, Integers
from syncode.statistics.clusters import ROUNDING, Differences, Mean, percentiles
from syncode.verdicts.protocols import Score
from syncode.verdicts.ratings import SIGNIFICANT
from syncode.verdicts.units import RULES, Units


def score_interval(mean: Mean, draws: Floats | None, how: Interval, level: float) -> tuple[float, float, Interval]:
    """Return low, high, and the method: `wilson` also in place of another one if no question differs from the others.

    Redrawing what is all alike, or an error of 0, would make a certainty of 40 wins of 40. nan for fewer than two questions.
    """
    if mean.clusters < 2:
        return math.nan, math.nan, how
    if mean.error > ROUNDING and how == "cluster":
        return *mean.robust(level), how
    if mean.error > ROUNDING and how == "bootstrap" and draws is not None:
        low, high = percentiles(draws, level)
        return max(0.0, float(low)), min(1.0, float(high)), how  # a panel's part of the weights knows no bounds
    return *mean.interval(level), "wilson"


def heaviest(units: Units, model: int, rule: Score) -> float:
    """Return the most that one question can weigh for a model, were every verdict of it a `much better`."""
    mine = units.question[units.model == model]
    return RULES[rule].much * float(np.bincount(mine).max()) if len(mine) else 0.0


def rank_limits(differences: Differences, placed: Booleans) -> tuple[Integers, Integers]:
    """Return for each model the ranks between which it lies: only models that differ after Holm's correction are set apart.

    1 + the number of models that are ahead, and the number of ranked models less those that are behind; both only among
    the models that have a rank.
    """
    sure = (differences.holm < SIGNIFICANT) & placed[:, None] & placed[None, :]
    behind = (sure & (differences.difference > 0)).sum(axis=1)
    ahead = (sure & (differences.difference < 0)).sum(axis=1)
    return np.asarray(1 + ahead, dtype=np.int64), np.asarray(int(placed.sum()) - behind, dtype=np.int64)
