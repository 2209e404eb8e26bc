"""Ratings from many opponents: Bradley-Terry with errors by question, and simple ones beside it for comparison."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from syncode.schemas.records import Row
from syncode.stages.leaderboard.games import Game, Games
from syncode.stages.leaderboard.units import MUCH, game_gain

if TYPE_CHECKING:
    from syncode.stages.statistics.arrays import Floats, Integers
    from syncode.stages.statistics.bradley_terry import Fit
    from syncode.stages.statistics.bradley_terry import Games as Columns

RATINGS = ("bt", "elo", "counting", "average")
ANCHOR = 1000.0
"""Elo points of the mean model (ours; any other number only shifts the scale)."""


@dataclass(frozen=True)
class Played:
    """The games that have a result, as columns: `cluster` numbers the question of each, `games` are the rows behind them."""

    columns: Columns
    cluster: Integers
    games: list[Game]


def played(games: Games) -> Played:
    """Return the games with a result; a "much better" weighs three times under the arena-hard score only."""
    import numpy as np

    from syncode.stages.statistics.bradley_terry import Games as Columns

    kept = [game for game in games.games if game.value is not None]
    heavy = games.score == "arena-hard"
    columns = Columns(
        models=len(games.models.names),
        first=np.array([game.a for game in kept], dtype=np.int64),
        second=np.array([game.b for game in kept], dtype=np.int64),
        outcome=np.array([game_gain(game) for game in kept], dtype=np.float64),
        weight=np.array([MUCH if heavy and abs(game.value or 0) == 2 else 1.0 for game in kept]),
    )
    return Played(columns, np.array([game.question for game in kept], dtype=np.int64), kept)


def objection(games: Games) -> str | None:
    """Return why a Bradley-Terry rating makes no sense for these games, None where it does."""
    from syncode.stages.statistics.bradley_terry import connected

    opponents: dict[int, set[int]] = defaultdict(set)
    for game in games.games:
        if game.value is not None:
            opponents[game.a].add(game.b)
            opponents[game.b].add(game.a)
    if sum(1 for met in opponents.values() if len(met) > 1) <= 1:
        return (
            "every model met one opponent only: a Bradley-Terry rating would be the log-odds of its win rate, "
            "no second opinion"
        )
    if not connected(played(games).columns.wins()):
        return "some models are linked by no chain of games: their Bradley-Terry ratings cannot be compared"
    return None


def separated(games: Games) -> list[str]:
    """Return the models that never lost or never won against the largest connected part: bounded by the ridge only."""
    import numpy as np

    from syncode.stages.statistics.bradley_terry import components

    parts = components(played(games).columns.wins())
    largest = int(np.bincount(parts).argmax())
    return [name for name, part in zip(games.models.names, parts.tolist(), strict=True) if part != largest]


def bradley_terry(games: Games, ridge: float) -> Fit:
    """Return the fit of all games with a result, its errors clustered by question."""
    from syncode.stages.statistics.bradley_terry import fit

    results = played(games)
    return fit(results.columns, results.cluster, ridge=ridge)


def rating_columns(games: Games, wanted: tuple[str, ...], ridge: float) -> list[Row]:
    """Return for each model number the columns of the ratings that are wanted."""
    from syncode.stages.statistics import bradley_terry as bt

    columns = played(games).columns
    rows: list[Row] = [{} for _ in games.models.names]

    def add(name: str, values: Any) -> None:
        for row, value in zip(rows, values.tolist(), strict=True):
            row[name] = value

    if "bt" in wanted:
        _add_bradley_terry(bradley_terry(games, ridge), separated(games), games, add)
    if "elo" in wanted:
        add("elo_sequential", bt.elo(columns))
    if "counting" in wanted:
        add("counting", bt.counting(columns))
    if "average" in wanted:
        add("average_win_rate", bt.average_win_rate(columns))
    return rows


def _add_bradley_terry(fit: Fit, apart: list[str], games: Games, add: Any) -> None:
    import numpy as np

    from syncode.stages.statistics.bradley_terry import ELO_SCALE
    from syncode.stages.statistics.clusters import rank_upper_bounds, ranks
    from syncode.stages.statistics.distributions import cluster_quantile

    errors = fit.errors()
    half = cluster_quantile(0.95, len({game.question for game in games.games})) * errors
    add("rating", fit.rating)
    add("rating_error", errors)
    add("rating_low", fit.rating - half)
    add("rating_high", fit.rating + half)
    add("rating_elo", fit.rating * ELO_SCALE + ANCHOR)
    add("rating_rank", ranks(fit.rating))
    add("rating_rank_upper_bound", rank_upper_bounds(fit.rating - half, fit.rating + half))
    add("separated", np.array([name in apart for name in games.models.names]))


def rating_pairs(games: Games, ridge: float) -> list[Row]:
    """Return every pair of models with the difference of their ratings, Wald p and Holm's correction, best first."""
    import numpy as np

    from syncode.stages.statistics.distributions import two_sided_normal
    from syncode.stages.statistics.proportions import holm

    fit = bradley_terry(games, ridge)
    errors: Floats = fit.difference_errors()
    order = np.argsort(-fit.rating, kind="stable").tolist()
    pairs = [(high, low) for place, high in enumerate(order) for low in order[place + 1 :]]
    gaps = [float(fit.rating[high] - fit.rating[low]) for high, low in pairs]
    p = [
        two_sided_normal(gap / float(errors[pair])) if errors[pair] > 0 else float(gap == 0)
        for gap, pair in zip(gaps, pairs, strict=True)
    ]
    names = games.models.names
    return [
        {
            "model_a": names[high],
            "model_b": names[low],
            "difference": gap,
            "error": float(errors[high, low]),
            "p": raw,
            "holm": adjusted,
        }
        for (high, low), gap, raw, adjusted in zip(pairs, gaps, p, holm(p), strict=True)
    ]
