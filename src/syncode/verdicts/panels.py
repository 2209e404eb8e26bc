"""Several judges as one: the majority or the median of their verdicts on the same game."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from syncode.verdicts.games import Game, Games, Numbered

Panel = Literal["pool", "majority", "median"]


def combined(games: Games, how: Panel) -> Games:
    """Return the games with one verdict for all judges; `pool` leaves every verdict a game of its own.

    `majority` takes the answer that more judges prefer than any other outcome, a tie if there is no such answer. `median` takes
    the middle label, away from the tie if two labels share the middle. Missing verdicts have no vote, and lower the coverage.
    """
    if how == "pool":
        return games
    groups: dict[tuple[object, ...], list[Game]] = defaultdict(list)
    for game in games.games:
        groups[(*game.meeting(), game.shown_first)].append(game)
    judges = Numbered()
    name = judges.of(how)
    kept = []
    for group in groups.values():
        first = group[0]
        votes = [game.value if game.a == first.a else -game.value for game in group if game.value is not None]
        value = None if not votes else majority(votes) if how == "majority" else _median(votes)
        row = {**first.row, "share": None, "judge": how}
        given = {game.judge for game in group if game.value is not None}
        state = "ok" if votes else first.state
        kept.append(replace(first, value=value, judge=name, state=state, row=row, votes=len(given)))
    return replace(games, games=kept, judges=judges, voters=len({game.judge for game in games.games}))


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
