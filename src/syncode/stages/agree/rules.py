"""How the games of one pair become one label, by name, so that every number can say what it counted."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from syncode.errors import UsageError
from syncode.stages.agree.settings import Rule, Unit

Combine = Callable[[Sequence[float], bool], float]
"""(values from the side of the pair's first model, whether a game is missing) -> the pair's value, nan for none."""


def _net(values: Sequence[float], broken: bool) -> float:
    """Return the sign of right minus wrong: a game that contradicts the other takes it away, a missing one adds nothing."""
    return float(np.sign(sum(np.sign(value) for value in values))) if values else math.nan


def _sum(values: Sequence[float], broken: bool) -> float:
    return math.nan if broken or not values else float(np.clip(sum(values), -2, 2))


def _both(values: Sequence[float], broken: bool) -> float:
    if broken or not values:
        return math.nan
    signs = {float(np.sign(value)) for value in values}
    return signs.pop() if len(signs) == 1 else 0.0


RULES: Mapping[Rule, Combine] = {
    "net": _net,  # ScalerLab/JudgeBench, utils/metrics.py
    "codearena": _sum,  # arXiv 2412.05210, section 4.2
    "pairwise": _both,  # FastChat llm_judge
}


def rule_for(unit: Unit, score: Rule | None, pairs_fit: bool) -> Rule:
    """Return the rule that options ask for. Raises UsageError if they contradict each other.

    Without a score, single games are `plain` and pairs add up their values as `codearena` does.
    """
    if score is not None:
        if unit != "auto" and (unit == "game") != (score == "plain"):
            fits = "plain counts single games" if score == "plain" else f"{score} counts pairs of games"
            raise UsageError(f"--unit {unit} and --score {score} contradict each other: {fits}")
        return score
    return "codearena" if unit == "pair" or (unit == "auto" and pairs_fit) else "plain"
