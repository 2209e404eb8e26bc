"""Several judges as one: the majority, the median or the weighed opinion of their verdicts on the same game."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from syncode.errors import UsageError
from syncode.statistics.dawid_skene import dawid_skene
from syncode.verdicts.games import Game, Games, Numbered, each_once
from syncode.verdicts.protocols import Panel
from syncode.verdicts.weighed import Weighed

PANEL = 2
"""Judges of one game without whom nothing says how often each of them is right: then the majority counts."""


def combined(games: Games, how: Panel) -> Games:
    """Return the games with one verdict for all judges; `pool` leaves every verdict a game of its own.

    `majority` takes the answer that more judges prefer than any other outcome, a tie if there is no such answer. `median` takes
    the middle label, away from the tie if two labels share the middle, or the middle grade or share. `dawid-skene` takes the
    likeliest outcome, each judge weighed by how often it is right over all games (`statistics/dawid_skene.py`), and keeps how
    likely each outcome is (`weighed`): by that the scores count. Missing verdicts have no vote, and a game that stands twice has
    one. Raises UsageError for grades, which take no side, unless their median is asked.
    """
    if how == "pool":
        return games
    if games.score == "scoring" and how != "median":
        raise UsageError(
            f"--panel {how} takes sides, and grades take none: --panel median is the middle grade, pool all"
        )
    pairs: dict[tuple[object, ...], list[Game]] = defaultdict(list)
    for game in games.games:
        pairs[game.pair()].append(game)
    groups: dict[tuple[object, ...], list[Game]] = defaultdict(list)
    for game in itertools.chain.from_iterable(map(each_once, pairs.values())):
        groups[(*game.meeting(), game.shown_first)].append(game)
    judges = Numbered()
    name = judges.of(how)
    kept = []
    weighed = _weighed(list(groups.values())) if how == "dawid-skene" else None
    for group in groups.values():
        first, votes = group[0], list(_votes(group).values())
        if not votes:
            value = None
        elif weighed:
            value = weighed.value(first.place)
        else:
            value = _median(votes, first.row.get("share") is None) if how == "median" else majority(votes)
        shared = how == "median" and value is not None and first.row.get("share") is not None
        share = ((value or 0.0) + 2) / 4 if shared else None
        row = {**first.row, "share": share, "judge": how}
        given = {game.judge for game in group if game.value is not None}
        state = "ok" if votes else first.state
        kept.append(replace(first, value=value, judge=name, state=state, row=row, votes=len(given)))
    voters = len({game.judge for game in games.games})
    return replace(games, games=kept, judges=judges, voters=voters, weighed=weighed)


def _votes(group: Sequence[Game]) -> dict[int, float]:
    """Return place in the group -> value from the side of the first game's model a, without missing ones."""
    first = group[0]
    return {
        place: game.value if game.a == first.a else -game.value
        for place, game in enumerate(group)
        if game.value is not None
    }


def _weighed(groups: Sequence[Sequence[Game]]) -> Weighed | None:
    """Return what the judges say together of each group of games that has a verdict; None if no game has verdicts of two judges.

    Games of the same two models share how often each outcome is right.
    """
    voted = [group for group in groups if any(game.value is not None for game in group)]
    if all(len({group[place].judge for place in _votes(group)}) < PANEL for group in voted):
        return None
    judges = Numbered.sorted_from(str(game.judge) for group in voted for game in group)
    pairs = Numbered.sorted_from(str(_models(group[0])) for group in voted)
    turned = np.array([group[0].a > group[0].b for group in voted], dtype=bool)
    ratings = np.full((len(judges.names), len(voted)), -1, dtype=np.int64)
    for unit, group in enumerate(voted):
        for place, vote in _votes(group).items():
            value = (vote > 0) - (vote < 0)
            ratings[judges.of(str(group[place].judge)), unit] = 1 + value if turned[unit] else 1 - value
    pair = np.array([pairs.of(str(_models(group[0]))) for group in voted], dtype=np.int64)
    unit_of = {group[0].place: unit for unit, group in enumerate(voted)}
    return Weighed(dawid_skene(ratings, 3, pair), unit_of, turned)


def _models(game: Game) -> tuple[int, int]:
    return min(game.a, game.b), max(game.a, game.b)


def majority(votes: Sequence[float]) -> float:
    """Return 1, 0 or -1: the outcome with the most votes, 0 if two outcomes share the lead."""
    counted = Counter((vote > 0) - (vote < 0) for vote in votes).most_common()
    if len(counted) > 1 and counted[0][1] == counted[1][1]:
        return 0.0
    return float(counted[0][0])


def _median(votes: Sequence[float], labels: bool) -> float:
    """Return the middle value: of two labels in the middle a label again, of grades and shares their mean."""
    ordered = sorted(votes)
    middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
    return math.copysign(math.ceil(abs(middle)), middle) if middle and labels else middle
