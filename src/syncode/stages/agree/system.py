"""Judges as makers of rankings: do two of them, or one of them and people, order the models alike?"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from syncode.schemas.records import Row
from syncode.statistics.arrays import Floats
from syncode.statistics.bradley_terry import connected, ratings
from syncode.statistics.clusters import resample
from syncode.statistics.correlation import kendall, shifted_interval, spearman
from syncode.statistics.rates import plain
from syncode.verdicts.games import Game, Games
from syncode.verdicts.units import game_gain

ROUNDS = 200
"""Bootstrap rounds: each one fits a rating for every judge (chosen here)."""


CHUNK = 50
"""Rounds fitted at once: 50 tables of 60 models are 1.4 MB (chosen here)."""


@dataclass(frozen=True)
class Ranking:
    """One rater's ratings of the models, shape (models,), and the same in each bootstrap round, shape (rounds, models)."""

    rating: Floats
    draws: Floats


def system_rows(games: Games, groups: Mapping[str, Sequence[Game]], seed: int) -> list[Row]:
    """Return one row for every two groups of games (by rater): Spearman, Kendall, and how sure the first is of the second.

    Ratings are Bradley-Terry over each group's games. Intervals over drawn questions, and over drawn models. `brier` is the mean
    over model pairs of (share of rounds in which `first` ranks a above b - whether `second` does)^2.
    """
    made = {name: ranking for name, mine in groups.items() if (ranking := _ranking(games, mine, seed)) is not None}
    return [_row(one, other, made[one], made[other], seed) for one, other in itertools.combinations(made, 2)]


def _row(first: str, second: str, left: Ranking, right: Ranking, seed: int) -> Row:
    generator = np.random.default_rng(seed)
    models = len(left.rating)
    row: Row = {"kind": "system", "first": first, "second": second, "models": models}
    for name, statistic in (("spearman", spearman), ("kendall", kendall)):
        by_question = np.array([statistic(x, y) for x, y in zip(left.draws, right.draws, strict=True)])
        drawn = generator.integers(0, models, (ROUNDS, models))
        by_model = np.array([statistic(left.rating[pick], right.rating[pick]) for pick in drawn])
        found = statistic(left.rating, right.rating)
        row[name] = plain(found)
        for over, values in (("questions", by_question), ("models", by_model)):
            low, high = shifted_interval(found, values)
            row |= {f"{name}_low_{over}": plain(low), f"{name}_high_{over}": plain(high)}
    upper = np.triu_indices(models, 1)
    above = (left.draws[:, :, None] > left.draws[:, None, :]).mean(axis=0)[upper]
    truth = (right.rating[:, None] > right.rating[None, :])[upper]
    return {**row, "pairs_alike": float(((above > 0.5) == truth).mean()), "brier": float(((above - truth) ** 2).mean())}


def _ranking(games: Games, mine: Sequence[Game], seed: int) -> Ranking | None:
    """Return the ratings by one rater, None if its games do not link all models."""
    models, questions = len(games.models.names), len(games.clusters.names)
    cells: dict[tuple[int, int, int], float] = {}
    for game in mine:
        if game.value is None:
            continue
        gain = game_gain(game)
        for winner, loser, part in ((game.a, game.b, gain), (game.b, game.a, 1 - gain)):
            key = (game.cluster, winner, loser)
            cells[key] = cells.get(key, 0.0) + part
    places = np.array(list(cells), dtype=np.int64).reshape(-1, 3)
    amounts = np.array(list(cells.values()))
    wins = np.zeros((models, models))
    np.add.at(wins, (places[:, 1], places[:, 2]), amounts)
    if models < 3 or not connected(wins):
        return None
    counts = resample(questions, ROUNDS, seed)
    draws = np.empty((ROUNDS, models))
    for start in range(0, ROUNDS, CHUNK):
        chunk = counts[start : start + CHUNK]
        tables = np.zeros((len(chunk), models, models))
        for table, drawn in zip(tables, chunk, strict=True):
            np.add.at(table, (places[:, 1], places[:, 2]), amounts * drawn[places[:, 0]])
        draws[start : start + CHUNK] = ratings(tables)
    return Ranking(ratings(wins), draws)
