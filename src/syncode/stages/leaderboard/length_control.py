"""AlpacaEval's length-controlled win rate with its term for the difficulty of a question, estimated from the other models."""

from __future__ import annotations

import math

import numpy as np

from syncode.schemas.records import Row
from syncode.statistics.arrays import Booleans, Floats, Integers
from syncode.statistics.bounded import interval_of_error
from syncode.statistics.rates import plain
from syncode.verdicts.games import Games
from syncode.verdicts.ratings import played

ROUNDS = 25
"""Passes over models and questions; the rates stand still to 1e-4 after 15 (chosen here)."""
RIDGE = 1.0
"""Prior precision of a question's difficulty in log-odds: a standard deviation of 1 (chosen here)."""
LEAST_OTHERS = 2
"""Other contestants without which the difficulty of a question is not known (chosen here)."""
FIRM = 1e-6
"""Ridge that keeps a clean sweep finite."""


def difficulty_columns(games: Games) -> list[Row]:
    """Return each model's win rate against the baseline if lengths were equal, in AlpacaEval's full form (arXiv 2404.04475).

    With its 95 % interval, from the error by question, the difficulties taken as known.

    logit = c + a * tanh(difference of tokens / s) + b * difficulty of the question, read at difference 0 and averaged over the
    model's questions. AlpacaEval takes the difficulty from all models of its board; here it is fitted to the other contestants
    (one length weight and one constant for each of them, a ridge of 1 on difficulties), so that no model is judged by itself.
    None without a baseline, for the baseline, and with fewer than two others. Time: models * 25 * games.
    """
    count = len(games.models.names)
    nothing: list[Row] = [dict.fromkeys(("lc_difficulty", "lc_difficulty_low", "lc_difficulty_high"))] * count
    if games.baseline is None:
        return nothing
    results = played(games)
    chosen = [place for place, game in enumerate(results.games) if games.baseline in (game.a, game.b)]
    if not chosen:
        return nothing
    kept = [results.games[place] for place in chosen]
    sign = np.array([1.0 if game.b == games.baseline else -1.0 for game in kept])
    model = np.array([game.a if game.b == games.baseline else game.b for game in kept])
    question = np.array([game.question for game in kept])
    outcome = results.columns.outcome[chosen]
    gain = np.where(sign > 0, outcome, 1 - outcome)
    gap = sign * np.array([_tokens(game.row, "style_a") - _tokens(game.row, "style_b") for game in kept])
    length = np.zeros(len(gap))
    for number in range(count):
        mine = model == number
        spread = float(gap[mine].std(ddof=1)) if mine.sum() > 1 else 0.0
        if spread:
            length[mine] = np.tanh(gap[mine] / spread)
    found = list(nothing)
    cluster = results.cluster[chosen]
    for number in range(count):
        others = model != number
        if number == games.baseline or len(set(model[others].tolist())) < LEAST_OTHERS or (model == number).sum() < 3:
            continue
        difficulty = _difficulty(others, (model, question, length, gain), len(games.questions.names))
        rate, error, most, drawn = _rate(
            length[~others], difficulty[question[~others]], gain[~others], cluster[~others]
        )
        low, high = interval_of_error(rate, error, drawn, most=most)
        found[number] = {"lc_difficulty": rate, "lc_difficulty_low": plain(low), "lc_difficulty_high": plain(high)}
    return found


def _tokens(row: dict[str, object], side: str) -> float:
    style = row.get(side)
    return float(style["tokens"]) if isinstance(style, dict) else 0.0


def _difficulty(used: Booleans, data: tuple[Floats, Floats, Floats, Floats], questions: int) -> Floats:
    """Return the log-odds that a question adds for every model, shape (questions,), 0 for a question without games."""
    model, question, length, gain = (column[used] for column in data)
    names, place = np.unique(model, return_inverse=True)
    effect, constant, weight = np.zeros(questions), np.zeros(len(names)), np.zeros(len(names))
    for _ in range(ROUNDS):
        for number in range(len(names)):
            mine = place == number
            offset = effect[question[mine]]
            constant[number], weight[number] = _step(
                (constant[number], weight[number]), length[mine], offset, gain[mine]
            )
        chance = 0.5 * (1 + np.tanh((constant[place] + weight[place] * length + effect[question]) / 2))
        slope = np.bincount(question, gain - chance, questions) - RIDGE * effect
        curve = np.bincount(question, chance * (1 - chance), questions) + RIDGE
        effect = effect + slope / curve
        effect = effect - effect.mean()
    return effect


def _step(start: tuple[float, float], length: Floats, offset: Floats, gain: Floats) -> tuple[float, float]:
    """Return constant and weight of the length after one Newton step."""
    design = np.column_stack([np.ones(len(length)), length])
    weights = _newton(design, offset, gain, np.array(start), 1)
    return float(weights[0]), float(weights[1])


def _newton(design: Floats, offset: Floats, gain: Floats, start: Floats, steps: int) -> Floats:
    weights = start
    for _ in range(steps):
        chance = 0.5 * (1 + np.tanh((design @ weights + offset) / 2))
        gradient = design.T @ (gain - chance) - FIRM * weights
        hessian = design.T @ (design * (chance * (1 - chance))[:, None]) + FIRM * np.eye(design.shape[1])
        step = np.linalg.solve(hessian, gradient)
        step = step * min(1.0, 5 / (float(np.abs(step).max()) + 1e-12))
        weights = weights + step
        if float(np.abs(step).max()) < 1e-10:
            break
    return weights


def _rate(length: Floats, difficulty: Floats, gain: Floats, cluster: Integers) -> tuple[float, float, float, int]:
    """Return the mean chance to win at length 0 over the model's own questions, error, reach, and the number of questions.

    Error and reach are as those of `control.length_controlled_columns`.
    """
    design = np.column_stack([np.ones(len(length)), length, difficulty])
    weights = _newton(design, np.zeros(len(gain)), gain, np.zeros(3), 100)
    even = design * np.array([1.0, 0.0, 1.0])
    at = 0.5 * (1 + np.tanh(even @ weights / 2))
    chance = 0.5 * (1 + np.tanh(design @ weights / 2))
    rate = float(at.mean())
    inverse = np.linalg.inv(design.T @ (design * (chance * (1 - chance))[:, None]) + FIRM * np.eye(3))
    slope = inverse @ (even * (at * (1 - at))[:, None]).mean(axis=0)
    moved = (gain - chance) * (design @ slope) + (at - rate) / len(gain)
    numbers = np.unique(cluster, return_inverse=True)[1]
    by_question = np.bincount(numbers, moved)
    count = len(by_question)
    scale = count / (count - 1) if count > 1 else math.nan
    model = float((chance * (1 - chance) * (design @ slope) ** 2).sum())
    error = math.sqrt(max(scale * float(by_question @ by_question), model if count > 1 else math.nan))
    return rate, error, max(1.0, float(slope @ even.mean(axis=0)) * count), count
