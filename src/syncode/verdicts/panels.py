"""Several judges as one: the majority, the median or the weighed opinion of their verdicts on the same game."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from syncode.statistics.dawid_skene import dawid_skene
from syncode.verdicts.games import Game, Games, Numbered, each_once
from syncode.verdicts.protocols import Panel


def combined(games: Games, how: Panel) -> Games:
    """Return the games with one verdict for all judges; `pool` leaves every verdict a game of its own.

    `majority` takes the answer that more judges prefer than any other outcome, a tie if there is no such answer. `median` takes
    the middle label, away from the tie if two labels share the middle. `dawid-skene` takes the likeliest outcome, each judge
    weighed by how often it is right over all games (`statistics/dawid_skene.py`). Missing verdicts have no vote, and a game that
    stands twice has one.
    """
    if how == "pool":
        return games
    pairs: dict[tuple[object, ...], list[Game]] = defaultdict(list)
    for game in games.games:
        pairs[game.pair()].append(game)
    groups: dict[tuple[object, ...], list[Game]] = defaultdict(list)
    for game in itertools.chain.from_iterable(map(each_once, pairs.values())):
        groups[(*game.meeting(), game.shown_first)].append(game)
    judges = Numbered()
    name = judges.of(how)
    kept = []
    weighed = _weighed(list(groups.values())) if how == "dawid-skene" else []
    for number, group in enumerate(groups.values()):
        first, votes = group[0], list(_votes(group).values())
        if not votes:
            value = None
        elif how == "dawid-skene":
            value = weighed[number]
        else:
            value = majority(votes) if how == "majority" else _median(votes)
        row = {**first.row, "share": None, "judge": how}
        given = {game.judge for game in group if game.value is not None}
        state = "ok" if votes else first.state
        kept.append(replace(first, value=value, judge=name, state=state, row=row, votes=len(given)))
    return replace(games, games=kept, judges=judges, voters=len({game.judge for game in games.games}))


def _votes(group: Sequence[Game]) -> dict[int, float]:
    """Return place in the group -> value from the side of the first game's model a, without missing ones."""
    first = group[0]
    return {
        place: game.value if game.a == first.a else -game.value
        for place, game in enumerate(group)
        if game.value is not None
    }


def _weighed(groups: Sequence[Sequence[Game]]) -> list[float]:
    """Return 1, 0 or -1 for each group of games: what the judges say together, each weighed by how often it is right."""
    numbers = {judge: place for place, judge in enumerate(sorted({game.judge for group in groups for game in group}))}
    ratings = np.full((len(numbers), len(groups)), -1, dtype=np.int64)
    for unit, group in enumerate(groups):
        for place, vote in _votes(group).items():
            ratings[numbers[group[place].judge], unit] = 1 - ((vote > 0) - (vote < 0))
    if not (ratings >= 0).any():
        return [0.0] * len(groups)
    return [1.0 - label for label in dawid_skene(ratings, 3).labels().tolist()]


def majority(votes: Sequence[float]) -> float:
    """Return 1, 0 or -1: the outcome with the most votes, 0 if two outcomes share the lead."""
    counted = Counter((vote > 0) - (vote < 0) for vote in votes).most_common()
    if len(counted) > 1 and counted[0][1] == counted[1][1]:
        return 0.0
    return float(counted[0][0])


def _median(votes: Sequence[float]) -> float:
    ordered = sorted(votes)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    return math.copysign(math.ceil(abs(middle)), middle) if middle else 0.0
