"""One judge with itself: does it keep its verdict when the answers change places, and which place does it like?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from syncode.schemas.records import Row
from syncode.stages.leaderboard.games import Game, Games


@dataclass(frozen=True)
class Swap:
    """Two games of one pair with the answers exchanged: the values from the side of the answer shown first in each."""

    question: int
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


def position_rows(games: Games) -> list[Row]:
    """Return one row a judge, and one for all of them together where there are several."""
    by_judge: dict[int, list[Game]] = defaultdict(list)
    for game in games.games:
        by_judge[game.judge].append(game)
    rows = [_row(games.judges.names[judge], mine) for judge, mine in by_judge.items()]
    return rows if len(rows) < 2 else [*rows, _row("*", games.games)]


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
            first = game.model_first()
            if first is not None:
                sides[first == low].append(game)
        for one, other in zip(sides[True], sides[False], strict=False):
            left, right = shown_value(one), shown_value(other)
            if left is None or right is None:
                broken += 1
            else:
                found.append(Swap(one.question, left, right))
    return found, broken


def shown_value(game: Game) -> float | None:
    """Return the value from the side of the answer shown first, None where value or order is not known."""
    first = game.model_first()
    if game.value is None or first is None:
        return None
    return game.value if first == game.a else -game.value


def _row(judge: str, games: Sequence[Game]) -> Row:
    import numpy as np

    from syncode.stages.statistics.clusters import by_cluster, cluster_mean
    from syncode.stages.statistics.proportions import wilson

    doubles, broken = swaps(games)
    both = len(doubles)
    consistent = np.array([float(swap.consistent) for swap in doubles])
    shown = [(game.question, value) for game in games if (value := shown_value(game)) is not None]
    decisive = [(question, value) for question, value in shown if value]
    questions = np.array([question for question, _ in decisive], dtype=np.int64)
    first = np.array([float(value > 0) for _, value in decisive])
    count = int(questions.max()) + 1 if len(questions) else 0
    preferred = cluster_mean(by_cluster(first, questions, count), by_cluster(np.ones(len(first)), questions, count))
    asked = np.array([swap.question for swap in doubles], dtype=np.int64)
    size = int(asked.max()) + 1 if both else 0
    kept = cluster_mean(by_cluster(consistent, asked, size), by_cluster(np.ones(both), asked, size))
    low, high = wilson(float(first.sum()), len(first))
    return {
        "kind": "judge",
        "judge": judge,
        "games": len(games),
        "missing": sum(1 for game in games if game.value is None),
        "double_games": both + broken,
        "both_read": both,
        "consistent": int(consistent.sum()),
        "consistency": _share(kept.mean),
        "consistency_low": _share(max(0.0, kept.interval()[0])),
        "consistency_high": _share(min(1.0, kept.interval()[1])),
        "same_label": sum(1 for swap in doubles if swap.first == -swap.second),
        "flips": sum(1 for swap in doubles if swap.flip),
        "first_first": sum(1 for swap in doubles if swap.flip and swap.first > 0),
        "second_second": sum(1 for swap in doubles if swap.flip and swap.first < 0),
        "decisive": len(decisive),
        "first": int(first.sum()),
        "first_share": _share(preferred.mean),
        "first_low": low,
        "first_high": high,
        "first_error": _share(preferred.error),
        "preference": _share(preferred.mean - 0.5),
    }


def _sign(value: float) -> int:
    return (value > 0) - (value < 0)


def _share(value: float) -> float | None:
    import math

    return float(value) if math.isfinite(value) else None
