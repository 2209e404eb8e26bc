"""Which models of a leaderboard may be the best: each against the rest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from syncode.schemas.records import Row
from syncode.stages.leaderboard.build import boards
from syncode.stages.leaderboard.pairs import score_pairs, within
from syncode.stages.leaderboard.settings import BoardOptions
from syncode.statistics.contrasts import best_p
from syncode.verdicts.board import Board
from syncode.verdicts.ratings import SIGNIFICANT


def best_rows(
    rows: Iterable[Row], options: BoardOptions, seed: int, tasks: Mapping[str, Row] | None = None
) -> list[Row]:
    """Return one row per model, in the order of the board: whether it may be the best, and the rival that says most against it.

    With several baselines the models of each are compared among themselves, with `--by` within each value of the fields.
    """
    made = boards(rows, options, seed, tasks)
    found: list[Row] = []
    for each in made:
        against = each.games.baseline
        baseline = None if against is None else each.games.models.names[against]
        beside = {"baseline": baseline} if len(made) > 1 else {}
        parts = within(each, options.by) if options.by else [({}, each)]
        found += [{**row, **beside, **labels} for labels, some in parts for row in _rows(some)]
    return found


def _rows(board: Board) -> list[Row]:
    """Return the rows of one board. A model without a rank (too few of its games have a verdict) is compared with nothing."""
    placed = [place for place, row in enumerate(board.rows) if row["rank"] is not None]
    chosen = np.ix_(placed, placed)
    p, rival = best_p(board.differences.difference[chosen], board.differences.p[chosen])
    apart = {(row["model_a"], row["model_b"]): row for row in score_pairs(board)}
    found: list[Row] = []
    for place, row in enumerate(board.rows):
        made: Row = {"model": row["model"], "score": row["score"], "rank": row["rank"], "may_be_best": None, "p": None}
        made |= dict.fromkeys(("rival", "difference", "low", "high", "common"))
        if place in placed:
            at = placed.index(place)
            made |= {"may_be_best": bool(p[at] > SIGNIFICANT), "p": float(p[at])}
            if rival[at] >= 0:
                other = board.rows[placed[rival[at]]]["model"]
                made |= {"rival": other, **_gap(apart, row["model"], other)}
        found.append(made)
    return found


def _gap(apart: Mapping[tuple[str, str], Row], model: str, rival: str) -> Row:
    """Return the paired difference of a model and its rival, from the model's side."""
    if (model, rival) in apart:
        return {name: apart[model, rival][name] for name in ("difference", "low", "high", "common")}
    row = apart[rival, model]
    turned = {"difference": row["difference"], "low": row["high"], "high": row["low"]}
    return {**{name: None if value is None else -value for name, value in turned.items()}, "common": row["common"]}
