"""Ratings from many opponents: Bradley-Terry with errors by question, and simple ones beside it for comparison."""

from __future__ import annotations

import itertools
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from syncode.schemas.records import Row
from syncode.statistics import bradley_terry as bt
from syncode.statistics.arrays import Floats, Integers
from syncode.statistics.bradley_terry import ELO_SCALE, Fit, components, connected, fit, ratings
from syncode.statistics.bradley_terry import Games as Columns
from syncode.statistics.clusters import percentiles, rank_upper_bounds, ranks
from syncode.statistics.distributions import cluster_p
from syncode.statistics.proportions import holm
from syncode.statistics.rates import plain
from syncode.verdicts.games import Game, Games
from syncode.verdicts.units import RULES, game_gain

CHUNK = 250
"""Bootstrap rounds fitted at once: 250 tables of 60 models are 7 MB (chosen here)."""
SIGNIFICANT = 0.05
"""Two models differ where Holm's p is below this."""
ANCHOR = 1000.0
"""Elo points of the mean model (chosen here; any other number only shifts the scale)."""


@dataclass(frozen=True)
class Played:
    """The games that have a result, as columns: `cluster` numbers the question of each, `games` are the rows behind them."""

    columns: Columns
    cluster: Integers
    games: list[Game]


def played(games: Games) -> Played:
    """Return the games with a result; a "much better" weighs three times under the arena-hard score only."""
    kept = [game for game in games.games if game.value is not None]
    much = RULES[games.score].much
    columns = Columns(
        models=len(games.models.names),
        first=np.array([game.a for game in kept], dtype=np.int64),
        second=np.array([game.b for game in kept], dtype=np.int64),
        outcome=np.array([game_gain(game) for game in kept], dtype=np.float64),
        weight=np.array([much if abs(game.value or 0) == 2 else 1.0 for game in kept]),
    )
    return Played(columns, np.array([game.cluster for game in kept], dtype=np.int64), kept)


def _as_played(games: Games) -> Columns:
    """Return the games in the order of their rows: a sequential rating depends on it."""
    return played(replace(games, games=sorted(games.games, key=lambda game: game.place))).columns


def objection(games: Games) -> str | None:
    """Return why a Bradley-Terry rating makes no sense for these games, None if it does."""
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
    parts = components(played(games).columns.wins())
    largest = int(np.bincount(parts).argmax())
    return [name for name, part in zip(games.models.names, parts.tolist(), strict=True) if part != largest]


def bradley_terry(games: Games, ridge: float) -> Fit:
    """Return the fit of all games with a result, its errors clustered by question."""
    results = played(games)
    return fit(results.columns, results.cluster, ridge=ridge)


def redrawn(games: Games, start: Floats, ridge: float, counts: Floats) -> Floats:
    """Return the ratings in each bootstrap round, shape (rounds, models); `counts` are the drawn questions of each round."""
    results = played(games)
    columns, models = results.columns, len(games.models.names)
    cells = np.concatenate([columns.first * models + columns.second, columns.second * models + columns.first])
    part = np.concatenate([columns.outcome, 1 - columns.outcome]) * np.tile(columns.weight, 2)
    used, place = np.unique(cells[part > 0], return_inverse=True)
    by_question = np.zeros((counts.shape[1], len(used)))
    np.add.at(by_question, (np.tile(results.cluster, 2)[part > 0], place), part[part > 0])
    draws = np.empty((len(counts), models))
    for begin in range(0, len(counts), CHUNK):
        tables = np.zeros((len(counts[begin : begin + CHUNK]), models * models))
        tables[:, used] = counts[begin : begin + CHUNK] @ by_question
        draws[begin : begin + CHUNK] = ratings(tables.reshape(-1, models, models), ridge, start)
    return draws


def rating_columns(games: Games, wanted: tuple[str, ...], ridge: float, counts: Floats) -> list[Row]:
    """Return for each model number the columns of the ratings that are wanted; `counts` are drawn questions."""
    columns = played(games).columns
    rows: list[Row] = [{} for _ in games.models.names]

    def add(name: str, values: Any) -> None:
        for row, value in zip(rows, values.tolist(), strict=True):
            row[name] = plain(value) if isinstance(value, float) else value

    if "bt" in wanted:
        fitted = bradley_terry(games, ridge)
        _add_bradley_terry(fitted, separated(games), games, add)
        _add_ranks(rating_pairs(games, ridge), games, add)
        _add_draws(redrawn(games, fitted.rating, ridge, counts), add)
    if "elo" in wanted:
        add("elo_sequential", bt.elo(_as_played(games)))
    if "counting" in wanted:
        add("counting", bt.counting(columns))
    if "average" in wanted:
        add("average_win_rate", bt.average_win_rate(columns))
    return rows


def _add_bradley_terry(fit: Fit, apart: list[str], games: Games, add: Any) -> None:
    """Add ratings and errors; a rating that only the ridge holds has no error, however small the formula makes it."""
    loose = np.array([name in apart for name in games.models.names])
    low, high = fit.intervals(len({game.cluster for game in games.games}))
    add("rating", fit.rating)
    add("rating_error", np.where(loose, np.nan, fit.errors()))
    add("rating_low", np.where(loose, np.nan, low))
    add("rating_high", np.where(loose, np.nan, high))
    add("rating_elo", fit.rating * ELO_SCALE + ANCHOR)
    add("rating_rank", ranks(fit.rating))
    add("rating_rank_upper_bound", rank_upper_bounds(*(np.where(loose, fit.rating, side) for side in (low, high))))
    add("separated", loose)


def _add_draws(draws: Floats, add: Any) -> None:
    """Add what the bootstrap says of the ratings."""
    for name, values in zip(("rating_drawn_low", "rating_drawn_high"), percentiles(draws), strict=True):
        add(name, values)


def _add_ranks(pairs: list[Row], games: Games, add: Any) -> None:
    """Add the ranks between which each model lies, counting only pairs that differ after Holm's correction at 5 %."""
    sure = [row for row in pairs if row["holm"] is not None and row["holm"] < SIGNIFICANT]
    ahead = np.zeros(len(games.models.names), dtype=np.int64)
    behind = np.zeros_like(ahead)
    for row in sure:  # the first of a pair is the better one
        behind[games.models.number[row["model_a"]]] += 1
        ahead[games.models.number[row["model_b"]]] += 1
    add("rating_rank_low", 1 + ahead)
    add("rating_rank_high", len(ahead) - behind)


def rating_pairs(games: Games, ridge: float) -> list[Row]:
    """Return every pair of models with the difference of their ratings, Wald p and Holm's correction, best first.

    p is that of the normal distribution from 100 questions on, of Student's t below. Error and p are null if one of the two
    never lost or never won against the rest: only the ridge bounds the difference.
    """
    fit, names, apart = bradley_terry(games, ridge), games.models.names, separated(games)
    errors: Floats = fit.difference_errors()
    questions = len({game.question for game in games.games})
    order = np.argsort(-fit.rating, kind="stable").tolist()
    rows: list[Row] = []
    for high, low in itertools.combinations(order, 2):
        gap, error = float(fit.rating[high] - fit.rating[low]), float(errors[high, low])
        known = error > 0 and names[high] not in apart and names[low] not in apart
        row = {"model_a": names[high], "model_b": names[low], "difference": gap, "error": error if known else None}
        rows.append({**row, "p": cluster_p(gap / error, questions) if known else None})
    tested = [place for place, row in enumerate(rows) if row["p"] is not None]
    adjusted = dict(zip(tested, holm([rows[place]["p"] for place in tested]), strict=True))
    return [{**row, "holm": adjusted.get(place)} for place, row in enumerate(rows)]
