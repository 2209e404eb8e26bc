"""A finished leaderboard: its rows, and the games, differences and drawn questions behind them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from syncode.schemas.records import Row
from syncode.statistics.arrays import Floats
from syncode.statistics.clusters import Differences
from syncode.statistics.rates import plain
from syncode.verdicts.games import Games
from syncode.verdicts.units import Units


@dataclass(frozen=True)
class Board:
    """A finished table: one row per model, best first, and what belongs to all of them.

    `order` holds the model numbers of the rows. `differences` has the shape (rows, rows), `gain` and
    `weight` (questions, rows), both in the order of the rows; `counts` are the drawn questions, shape (rounds, questions).
    `facts` hold what belongs to no single row, such as the weights of a control for style.
    """

    rows: list[Row]
    games: Games
    units: Units
    order: list[int]
    differences: Differences
    gain: Floats
    weight: Floats
    counts: Floats
    coverage: float
    warnings: list[str] = field(default_factory=list)
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def incomplete(self) -> list[Row]:
        """The rows with missing games."""
        return [row for row in self.rows if row["coverage"] < 1]


def summary(done: Board) -> Mapping[str, Any]:
    """Return what belongs to the whole table, for the foot of a report."""
    return {
        "rule": done.games.score,
        "games": len(done.games.games),
        "questions": len(done.games.questions.names),
        "judges": [name for name in done.games.judges.names if name],
        "baseline": None if done.games.baseline is None else done.games.models.names[done.games.baseline],
        "coverage": done.coverage,
        "interval": sorted({row["interval"] for row in done.rows}),
        "separability": plain(done.differences.separability()),
        "warnings": done.warnings,
    }
