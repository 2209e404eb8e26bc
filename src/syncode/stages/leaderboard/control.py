"""Style and length control: what the scores would be if both answers looked alike.

Control answers one question, "if lengths were equal"; it removes no bias. An answer that is longer because it is more complete
loses credit too.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.statistics.arrays import Floats, Integers
from syncode.statistics.bounded import interval_of_error
from syncode.statistics.bradley_terry import Fit, fit
from syncode.statistics.clusters import ranks
from syncode.statistics.distributions import cluster_p
from syncode.statistics.rates import plain
from syncode.text.style import STYLE
from syncode.verdicts.executions import outcomes
from syncode.verdicts.games import Game, Games
from syncode.verdicts.ratings import Played, played, separated

POSITION = "position"
"""The feature that is 1 in every game: the advantage of the answer shown first."""

LEAST = 2
"""Games without which a feature has no spread."""


@dataclass(frozen=True)
class Controlled:
    """A fit with features beside the one without: `spread` is the standard deviation that each feature was divided by.

    Features are scaled but not centred: they change sign with the order of the answers, and a constant taken off would be an
    advantage of the first place.
    """

    features: tuple[str, ...]
    fit: Fit
    raw: Fit
    mean: Floats
    spread: Floats
    games: int
    questions: int


def controlled(games: Games, features: Sequence[str], ridge: float, chosen: Sequence[Game] | None = None) -> Controlled:
    """Fit ratings with the named features; DataError if the verdict rows do not hold them, or are fewer than two that count."""
    results = played(games)
    if chosen is not None:
        results = _part(results, chosen)
    table = np.array([[feature(game, name) for name in features] for game in results.games]).reshape(-1, len(features))
    if (count := len(results.games)) < LEAST:
        raise DataError(f"control needs {LEAST} games with a verdict, there {'is' if count == 1 else 'are'} {count}")
    spread = np.where(np.array(features) == POSITION, 1.0, table.std(axis=0, ddof=1))
    if (spread == 0).any():
        same = [name for name, value in zip(features, spread.tolist(), strict=True) if value == 0]
        raise DataError(f"both answers are equal in {', '.join(same)} everywhere: there is nothing to control for")
    return Controlled(
        features=tuple(features),
        fit=fit(results.columns, results.cluster, table / spread, ridge),
        raw=fit(results.columns, results.cluster, None, ridge),
        mean=table.mean(axis=0),
        spread=spread,
        games=len(results.games),
        questions=len(set(results.cluster.tolist())),
    )


def feature(game: Game, name: str) -> float:
    """Return one feature of a game from the side of its model a.

    `tokens` is (a - b) / (a + b). Marks are densities d = count / (tokens + 1), compared as (d_a - d_b) / (d_a + d_b + 1).
    """
    if name == POSITION:
        first = game.shown_first
        return 0.0 if first is None else 1.0 if first == game.a else -1.0
    left, right = (_counts(game, side) for side in ("style_a", "style_b"))
    if name not in left or name not in right:
        raise DataError(f"the verdicts hold no {name!r} of both answers (style_a, style_b): judge writes them")
    if name == "tokens":
        total = left[name] + right[name]
        return (left[name] - right[name]) / total if total else 0.0
    densities = [counts[name] / (counts["tokens"] + 1) for counts in (left, right)]
    return (densities[0] - densities[1]) / (densities[0] + densities[1] + 1)


def control_columns(games: Games, done: Controlled) -> list[Row]:
    """Return for each model number the columns of raw and controlled ratings side by side, with both ranks.

    With a baseline the ratings are also win rates against it, the controlled one with its 95 % interval.
    """
    raw_rank, rank = ranks(done.raw.rating), ranks(done.fit.rating)
    errors, apart = done.fit.errors(), done.fit.difference_errors()
    loose = separated(games)  # a rating that only the ridge holds has no error
    rows: list[Row] = []
    for number in range(len(games.models.names)):
        row: Row = {
            "raw_rating": float(done.raw.rating[number]),
            "controlled_rating": float(done.fit.rating[number]),
            "controlled_error": None if games.models.names[number] in loose else float(errors[number]),
            "raw_rank": int(raw_rank[number]),
            "controlled_rank": int(rank[number]),
        }
        if games.baseline is not None:
            row["raw_win_rate"] = _against(done.raw, number, games.baseline)
            rate = _against(done.fit, number, games.baseline)
            error = rate * (1 - rate) * float(apart[number, games.baseline])
            low, high = interval_of_error(rate, error, done.questions)
            row |= {"controlled_win_rate": rate, "controlled_low": plain(low), "controlled_high": plain(high)}
        rows.append(row)
    return rows


def control_rows(done: Controlled, among: str = "all games") -> list[Row]:
    """Return one row per feature: its weight per unit and per standard deviation, each with its error by question."""
    rows = []
    for place, name in enumerate(done.features):
        gamma, error = float(done.fit.gamma[place]), float(done.fit.gamma_error[place])
        scale = float(done.spread[place])
        rows.append(
            {
                "feature": name,
                "gamma": gamma / scale,
                "error": plain(error / scale),
                "gamma_standardised": gamma,
                "error_standardised": plain(error),
                "p": cluster_p(gamma / error, done.questions) if error > 0 else None,
                "mean": float(done.mean[place]),
                "sd": scale,
                "games": done.games,
                "among": among,
            }
        )
    return rows


def length_controlled(games: Games) -> list[float | None]:
    """Return each model's win rate against its opponents if lengths were equal, in the form of AlpacaEval.

    A logistic model for each contestant, logit = a * tanh(difference / s) + c with s the standard deviation of the differences in
    tokens, read at difference 0. The term for the difficulty of a question is left out: a new benchmark has none. None if a
    model has no game or cannot be fitted.
    """
    return [row["lc"] for row in length_controlled_columns(games)]


def length_controlled_columns(games: Games) -> list[Row]:
    """Return for each model number the win rate of `length_controlled` and its 95 % interval, from the error by question."""
    results = played(games)
    found: list[Row] = []
    for number in range(len(games.models.names)):
        mine = [place for place, game in enumerate(results.games) if number in (game.a, game.b)]
        side = np.array([1.0 if results.games[place].a == number else -1.0 for place in mine])
        gap = side * np.array([_gap(results.games[place]) for place in mine])
        outcome = results.columns.outcome[mine]
        gain = np.where(side > 0, outcome, 1 - outcome)
        spread = float(gap.std(ddof=1)) if len(mine) > 1 else 0.0
        if not spread or number == games.baseline:
            found.append({"lc": None, "lc_low": None, "lc_high": None})
            continue
        rate, error, most = _intercept_rate(np.tanh(gap / spread), gain, results.cluster[mine])
        low, high = interval_of_error(rate, error, len(set(results.cluster[mine].tolist())), most=most)
        found.append({"lc": rate, "lc_low": plain(low), "lc_high": plain(high)})
    return found


def among_equal_results(games: Games) -> list[Game] | None:
    """Return the games whose two answers both pass or both fail their tests, None without executions."""
    passed = outcomes(games)
    if not passed:
        return None
    kept = []
    for game in games.games:
        both = (passed.of(game, "a"), passed.of(game, "b"))
        if game.value is not None and None not in both and both[0] == both[1]:
            kept.append(game)
    return kept


def names_of(style: bool, length: bool, position: bool) -> tuple[str, ...]:
    """Return the features behind the flags."""
    chosen = STYLE if style else ("tokens",) if length else ()
    return (*chosen, POSITION) if position else tuple(chosen)


def _part(results: Played, chosen: Sequence[Game]) -> Played:
    wanted = {id(game) for game in chosen}
    mask = np.array([id(game) in wanted for game in results.games], dtype=bool)
    columns = dataclasses.replace(
        results.columns,
        **{name: getattr(results.columns, name)[mask] for name in ("first", "second", "outcome", "weight")},
    )
    return Played(columns, results.cluster[mask], [game for game in results.games if id(game) in wanted])


def _counts(game: Game, side: str) -> dict[str, float]:
    counts = game.row.get(side)
    if not isinstance(counts, dict):
        raise DataError(f"the verdicts hold no {side!r}: control needs verdicts as judge writes them")
    return counts


def _gap(game: Game) -> float:
    return float(_counts(game, "style_a")["tokens"] - _counts(game, "style_b")["tokens"])


def _against(fit: Fit, number: int, baseline: int) -> float:
    return 0.5 * (1 + math.tanh(float(fit.rating[number] - fit.rating[baseline]) / 2))


def _intercept_rate(length: Floats, gain: Floats, cluster: Integers) -> tuple[float, float, float]:
    """Return the win rate at length 0 of a two-parameter logistic model, its error, and the reach of a question.

    The error is that by question (nan for one question), or that of the model if it is larger: the few losses of a strong model
    often happen to lie alike. The reach is how far a question at length 0 can move the rate, in 1 / questions, at least 1. A
    ridge of 1e-6 keeps a clean sweep finite.
    """
    design = np.column_stack([length, np.ones(len(length))])
    weights = np.zeros(2)
    for _ in range(100):
        chance = 0.5 * (1 + np.tanh(design @ weights / 2))
        gradient = design.T @ (gain - chance) - 1e-6 * weights
        hessian = design.T @ (design * (chance * (1 - chance))[:, None]) + 1e-6 * np.eye(2)
        step = np.linalg.solve(hessian, gradient)
        weights = weights + step * min(1.0, 5 / (float(np.abs(step).max()) + 1e-12))
        if float(np.abs(step).max()) < 1e-10:
            break
    rate = float(0.5 * (1 + math.tanh(float(weights[1]) / 2)))
    numbers = np.unique(cluster, return_inverse=True)[1]
    scores = np.zeros((int(numbers.max()) + 1, 2))
    np.add.at(scores, numbers, design * (gain - chance)[:, None])
    inverse = np.linalg.inv(hessian)
    moved = scores @ inverse[1]
    count, slope, freedom = len(moved), rate * (1 - rate), float(inverse[1, 1])
    scale = count / (count - 1) if count > 1 else math.nan
    error = slope * math.sqrt(max(scale * float(moved @ moved), freedom if count > 1 else math.nan))
    return rate, error, max(1.0, slope * freedom * count)
