"""A blind, stratified sheet of pairs for people to label, and the key that says afterwards which model wrote what."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from syncode.errors import DataError
from syncode.reports.labelling.sheet import Item
from syncode.schemas.records import content_id, draw
from syncode.stages.agree.ratings import Ratings
from syncode.stages.agree.settings import SampleOptions
from syncode.statistics.bradley_terry import average_win_rate
from syncode.verdicts.games import Game, Games
from syncode.verdicts.ratings import played

REPEATED = 0.1
"""Share of items that come back with the answers exchanged: a person's agreement with themself (chosen here)."""
SHARED = 100
"""Items that everybody labels: the agreement among people that no judge can be asked to exceed (chosen here)."""


def draw_items(games: Games, ratings: Ratings, options: SampleOptions, seed: int) -> list[Item]:
    """Return the items: strata by category, by how far the two models are apart, and by whether the verdicts agree.

    Each stratum gets its share of `n`, one item at least while there are enough; a tenth of the items come back exchanged.
    """
    strata = _strata(games, ratings)
    sizes = allocation({name: len(units) for name, units in strata.items()}, options.n)
    drawn: list[Item] = []
    for name, units in sorted(strata.items()):
        chosen = sorted(units, key=lambda game: draw(seed, _pair_id(game), 0, "agree.sample"))[: sizes[name]]
        drawn += [_item(game, name, len(units) / len(chosen), seed) for game in chosen]
    drawn.sort(key=lambda item: draw(seed, item.name, 0, "agree.order"))
    again = sorted(drawn, key=lambda item: draw(seed, item.name, 0, "agree.repeat"))[: math.ceil(REPEATED * len(drawn))]
    items = drawn + [_exchanged(item) for item in again]
    if not items:
        raise DataError("no pair of answers to label: the verdicts hold no complete pair")
    return [_given(item, place, options.people) for place, item in enumerate(items)]


def _strata(games: Games, ratings: Ratings) -> dict[str, list[Game]]:
    """Return stratum -> one game of each pair of answers in it."""
    score = average_win_rate(played(games).columns)
    category = games.labels_of("category")
    pairs: dict[tuple[str, int, int], list[int]] = defaultdict(list)
    for unit, game in enumerate(ratings.games):
        pairs[(game.row["task_id"], min(game.a, game.b), max(game.a, game.b))].append(unit)
    gaps = {key: abs(float(score[key[1]] - score[key[2]])) for key in pairs}
    edges = np.quantile(list(gaps.values()), [1 / 3, 2 / 3]) if gaps else [0.0, 0.0]
    strata: dict[str, list[Game]] = defaultdict(list)
    for key, units in pairs.items():
        game = ratings.games[units[0]]
        sides = [np.sign(ratings.values[:, unit] * (1 if ratings.games[unit].a == game.a else -1)) for unit in units]
        said = {float(value) for side in sides for value in side[~np.isnan(side)]}
        if not said:
            continue
        third = ("near", "apart", "far")[int(np.searchsorted(edges, gaps[key], side="left"))]
        agreed = "agreed" if len(said) == 1 else "split"
        strata[f"{category.get(game.question, '-')}/{third}/{agreed}"].append(game)
    return strata


def allocation(sizes: Mapping[str, int], n: int) -> dict[str, int]:
    """Return how many to draw from each stratum: in proportion, by largest remainder, one at least while n allows it."""
    total = sum(sizes.values())
    wanted = {name: min(n, total) * size / total for name, size in sizes.items()}
    least = 1 if n >= len(sizes) else 0
    given = {name: min(sizes[name], max(least, int(share))) for name, share in wanted.items()}
    order = sorted(sizes, key=lambda name: (int(wanted[name]) - wanted[name], name))
    while sum(given.values()) < min(n, total):
        for name in order:
            if given[name] < sizes[name] and sum(given.values()) < min(n, total):
                given[name] += 1
    while sum(given.values()) > n:
        most = max(given, key=lambda name: (given[name], name))
        given[most] -= 1
    return given


def _pair_id(game: Game) -> str:
    return content_id(game.row["task_id"], *sorted((game.row["model_a"], game.row["model_b"])))


def _item(game: Game, stratum: str, weight: float, seed: int) -> Item:
    name = _pair_id(game)
    models = sorted((game.row["model_a"], game.row["model_b"]))
    first, second = models if draw(seed, name, 0, "agree.side") % 2 else models[::-1]
    row, sides = game.row, ("a", "b") if first == game.row["model_a"] else ("b", "a")
    shas = [str(row.get(key) or "") for key in ("question_sha", *(f"answer_sha_{side}" for side in sides))]
    return Item(f"i{name[:10]}", row["task_id"], first, second, weight, stratum, shas=(shas[0], shas[1], shas[2]))


def _exchanged(item: Item) -> Item:
    name = f"i{content_id(item.name, 'again')[:10]}"
    question, first, second = item.shas
    shas = (question, second, first)
    return Item(name, item.task, item.second, item.first, item.weight, item.stratum, again=True, shas=shas)


def _given(item: Item, place: int, people: int) -> Item:
    """Return the item with the numbers of the people who label it: all of them for the first hundred, then one by one."""
    everybody = ";".join(str(number) for number in range(1, people + 1))
    return replace(item, people=everybody if place < SHARED else str(place % people + 1))
