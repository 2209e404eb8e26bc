"""Every two models of a leaderboard: how far apart they are, and whether that is more than chance."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

from syncode.errors import DataError, UsageError
from syncode.schemas.records import Row
from syncode.stages.leaderboard.build import build
from syncode.stages.leaderboard.settings import BoardOptions
from syncode.statistics.arrays import Floats
from syncode.statistics.bounded import paired_difference
from syncode.statistics.clusters import question_differences
from syncode.statistics.contrasts import equivalence, questions_needed
from syncode.statistics.rates import plain
from syncode.verdicts.board import Board
from syncode.verdicts.ratings import SIGNIFICANT, objection, rating_pairs


def pair_rows(rows: Iterable[Row], options: BoardOptions, seed: int) -> list[Row]:
    """Return one row for every two models: of their scores, paired by question, or with `--rating bt` of their ratings.

    Raises DataError if Bradley-Terry makes no sense.
    """
    if options.rating and options.margin is not None:
        raise UsageError("--margin is one of scores, not of ratings: leave --rating out")
    board = build(rows, options, seed)
    if "bt" in options.rating:
        if wrong := objection(board.games):
            raise DataError(wrong)
        found = rating_pairs(board.games, options.ridge)
    else:
        found = score_pairs(board, options.margin)
    return [{**row, "significant": None if row["holm"] is None else row["holm"] < SIGNIFICANT} for row in found]


def score_pairs(board: Board, margin: float | None = None) -> list[Row]:
    """Return the paired differences of scores in the order of the board; `common` counts the shared questions.

    With a `margin` also whether model a is not worse than model b by that much, whether the two are equivalent (one-sided tests
    at 5 %), and how many questions show a difference of the margin in 80 % of the cases (null if none was seen to vary).
    """
    names = [row["model"] for row in board.rows]
    found = board.differences
    rows = []
    for first, second in itertools.combinations(range(len(names)), 2):
        apart = question_differences(board.gain, board.weight, (first, second))
        _, low, high, _ = paired_difference(apart)
        row: Row = {
            "model_a": names[first],
            "model_b": names[second],
            "difference": plain(found.difference[first, second]),
            "low": plain(low),
            "high": plain(high),
            "error": plain(found.error[first, second]),
            "p": float(found.p[first, second]),
            "holm": float(found.holm[first, second]),
            "common": int(found.common[first, second]),
        }
        rows.append(row if margin is None else {**row, **_within(apart, margin)})
    return rows


def _within(apart: Floats, margin: float) -> Row:
    """Return what the differences by question say of a margin; nothing is known from fewer than two."""
    found = equivalence(apart, margin)
    deviation = float(apart.std(ddof=1)) if len(apart) > 1 else 0.0
    return {
        "not_worse": found.not_worse,
        "equivalent": found.equivalent,
        "questions_needed": questions_needed(deviation, margin) if deviation > 0 else None,
    }


def control_facts(rows: Iterable[Row], options: BoardOptions, seed: int) -> Sequence[Row]:
    """Return the weights of the features that `--style-control` and its like take out; DataError if none is asked for."""
    found: Sequence[Row] = build(rows, options, seed).facts.get("control", ())
    if not found:
        raise DataError("nothing is controlled for: --style-control, --length-control or --position-control")
    return found
