"""One judge with itself: does it keep its verdict when the answers change places, and which place does it like?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from syncode.schemas.records import Row
from syncode.statistics.rates import rate_row
from syncode.verdicts.games import Game, Games

EVERYBODY = "*"
"""Stands for all judging models together."""
MANY_PEOPLE = 12
"""From more people than this on only the sum is shown (chosen here)."""


@dataclass(frozen=True)
class Swap:
    """Two games of one pair with the answers exchanged: the values from the side of the answer shown first in each."""

    cluster: int
    first: float
    second: float

    @property
    def consistent(self) -> bool:
        """Whether both games prefer the same answer, or both call a tie."""
        return _sign(self.first) == -_sign(self.second)

    @property
    def flip(self) -> bool:
        """Whether both games decide, for different answers."""
        return _sign(self.first) * _sign(self.second) > 0


def position_rows(games: Games, is_human: Callable[[str], bool]) -> list[Row]:
    """Return one row per judge, one for all models together if there are several, and the same for people.

    More than 12 people are only shown together.
    """
    by_judge: dict[int, list[Game]] = defaultdict(list)
    for game in games.games:
        by_judge[game.judge].append(game)
    rows = []
    for people, together in ((False, EVERYBODY), (True, "people")):
        mine = [judge for judge in by_judge if is_human(games.judges.names[judge]) is people]
        if not (people and len(mine) > MANY_PEOPLE):
            rows += [_row(games.judges.names[judge], by_judge[judge]) for judge in mine]
        if len(mine) > 1:
            rows.append(_row(together, [game for judge in mine for game in by_judge[judge]]))
    return rows


def swaps(games: Sequence[Game]) -> tuple[list[Swap], int]:
    """Return the complete double games, and how many double games miss a verdict."""
    groups: dict[tuple[object, ...], list[Game]] = defaultdict(list)
    for game in games:
        groups[game.pair()].append(game)
    found, broken = [], 0
    for group in groups.values():
        low = min(group[0].a, group[0].b)
        sides: dict[bool, list[Game]] = {True: [], False: []}
        for game in group:
            first = game.shown_first
            if first is not None:
                sides[first == low].append(game)
        for one, other in zip(sides[True], sides[False], strict=False):
            left, right = shown_value(one), shown_value(other)
            if left is None or right is None:
                broken += 1
            else:
                found.append(Swap(one.cluster, left, right))
    return found, broken


def shown_value(game: Game) -> float | None:
    """Return the value from the side of the answer shown first, None if value or order is not known."""
    first = game.shown_first
    if game.value is None or first is None:
        return None
    return game.value if first == game.a else -game.value


def _row(judge: str, games: Sequence[Game]) -> Row:
    doubles, broken = swaps(games)
    kept = rate_row([swap.consistent for swap in doubles], [swap.cluster for swap in doubles], "consistent")
    shown = [(game.cluster, value) for game in games if (value := shown_value(game))]
    first = rate_row([value > 0 for _, value in shown], [cluster for cluster, _ in shown], "first")
    return {
        "kind": "judge",
        "judge": judge,
        "games": len(games),
        "missing": sum(1 for game in games if game.value is None),
        "ties": sum(1 for game in games if game.value == 0),
        "double_games": len(doubles) + broken,
        "both_read": len(doubles),
        "consistent": kept["consistent"],
        "consistency": kept["share"],
        "consistency_low": kept["low"],
        "consistency_high": kept["high"],
        "consistency_error": kept["error"],
        "same_label": sum(1 for swap in doubles if swap.first == -swap.second),
        "flips": sum(1 for swap in doubles if swap.flip),
        "first_first": sum(1 for swap in doubles if swap.flip and swap.first > 0),
        "second_second": sum(1 for swap in doubles if swap.flip and swap.first < 0),
        "decisive": first["of"],
        "first": first["first"],
        "first_share": first["share"],
        "first_low": first["low"],
        "first_high": first["high"],
        "first_error": first["error"],
        "preference": None if first["share"] is None else first["share"] - 0.5,
    }


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)
