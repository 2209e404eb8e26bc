"""The leaderboard of a run that stopped early: what such a run may claim, in place of what assumes a fixed number of games."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from syncode.errors import DataError, UsageError
from syncode.schemas.records import Row
from syncode.stages.leaderboard.board import RANKS
from syncode.stages.leaderboard.settings import BoardOptions
from syncode.statistics.clusters import Differences
from syncode.verdicts.board import Board
from syncode.verdicts.designs import Design, design_of
from syncode.verdicts.stopped import Standing, standing
from syncode.verdicts.units import REASONS

ALPHA = 0.05
"""Of the limits in a table: their heading says 95 %, whatever the run was asked to be sure of."""
INTERVALS = "Intervals and ranks hold at every stop (betting, by question; pairs by Holm)."


def as_stopped(board: Board, options: BoardOptions) -> Board:
    """Return the board with scores, limits, ranks and coverage that stay valid, if its verdicts are from a run with `--until`.

    A question that was not bought is not missing. Raises UsageError for an option that counts games in another way than the run,
    DataError if verdicts of other runs are among them or some of its own are gone.
    """
    design = design_of(game.row for game in board.games.games)
    if design is None:
        return board
    _check(design, options)
    found = standing((game.row for game in board.games.games), design, ALPHA)
    if gap := found.bought.gap(design.every):
        raise DataError(
            f"{gap[0]!r} has verdicts on later questions of a run with --until, but not on number {gap[1] + 1}: "
            "such a run is ranked as a whole"
        )
    places = {row["model"]: at for at, row in enumerate(found.models)}
    rows = [_row(row, found, places[row["model"]]) for row in board.rows]
    turn = sorted(range(len(rows)), key=lambda at: (rows[at]["rank"] or len(rows) + 1, at))
    chosen = [rows[at] for at in turn]
    taken = sum(row["n"] + row["missing"] for row in chosen)
    return replace(
        board,
        rows=chosen,
        order=[board.order[at] for at in turn],
        gain=board.gain[:, turn],
        weight=board.weight[:, turn],
        differences=_differences(board, found, [row["model"] for row in chosen]),
        coverage=sum(row["n"] for row in chosen) / taken if taken else 0.0,
        warnings=[line for line in board.warnings if not line.endswith("an interval is rough")] + [_note(found)],
        facts={**board.facts, "intervals": INTERVALS, "stopped": {"models": found.models, "pairs": found.pairs}},
    )


def _check(design: Design, options: BoardOptions) -> None:
    other = {
        "--score": options.score not in (None, design.score),
        "--baseline": options.baseline not in (None, design.baseline),
        "--panel": options.panel != "pool",
        "--cluster": options.cluster != "task_id",
        "--stratify": options.stratify is not None,
        "--rating": bool(options.rating),
        "--style-control": options.style_control,
        "--length-control": options.length_control,
        "--position-control": options.position_control,
    }
    if wrong := [flag for flag, given in other.items() if given]:
        raise UsageError(
            f"{wrong[0]} does not fit verdicts of a run with --until {design.until}: it stopped by its own score "
            f"({design.score}), and no other interval is valid for it"
        )


def _row(row: Row, found: Standing, place: int) -> Row:
    """Return the row of a model as far as the run may claim it, over its questions until it was settled.

    `n`, `wins`, `ties` and `losses` count these questions by their value; the reasons of results are not counted.
    """
    mine, others = found.models[place], found.models
    low, high = (side[: mine["questions"], place] for side in (found.bought.low, found.bought.high))
    known = low == high
    n, values = int(known.sum()), low[known]
    kinds = {"wins": int((values > 0.5).sum()), "ties": int((values == 0.5).sum()), "losses": int((values < 0.5).sum())}
    ahead = sum(_behind(pair) == mine["model"] and pair["ahead"] != found.design.baseline for pair in found.pairs)
    behind = sum(pair["ahead"] == mine["model"] and _behind(pair) != found.design.baseline for pair in found.pairs)
    rank = 1 + sum((other["score"] or 0.0) > (mine["score"] or 0.0) for other in others)
    ranks = (rank, min(rank, 1 + ahead), max(rank, len(others) - behind), 1 + ahead)
    placed = row["rank"] is not None or n == len(known) > 0
    return {
        **row,
        **{"n": n, "missing": len(known) - n, "coverage": n / len(known) if len(known) else 0.0, **kinds},
        **{kind: count / n if n else None for kind, count in zip(("win", "tie", "loss"), kinds.values(), strict=True)},
        **dict.fromkeys((*filter(None, REASONS), "error", "row_error")),
        **{"score": mine["score"], "low": mine["low"], "high": mine["high"]},
        **dict(zip(RANKS, ranks if placed else (None,) * 4, strict=True)),
        **{"bound_low": float(low.mean()) if len(low) else 0.0, "bound_high": float(high.mean()) if len(high) else 1.0},
        **{"questions": mine["questions"], "settled": mine["settled"]},
        **({"by": _without_limits(row["by"])} if row.get("by") else {}),
    }


def _behind(pair: Row) -> str | None:
    """Return the model of a pair that is known to be behind, None if none is."""
    return {pair["model_a"]: pair["model_b"], pair["model_b"]: pair["model_a"]}.get(pair["ahead"])


def _without_limits(by: Mapping[str, Mapping[str, Row]]) -> Row:
    """Return the cells of `--by` without the limits that only a fixed number of games would have."""
    return {
        name: {value: {**cell, "low": None, "high": None} for value, cell in table.items()}
        for name, table in by.items()
    }


def _differences(board: Board, found: Standing, names: Sequence[str]) -> Differences:
    """Return the differences of the board's models with the p values of the run; an error would need a fixed number of games."""
    shape = (len(names), len(names))
    difference, p, adjusted = np.full(shape, np.nan), np.ones(shape), np.ones(shape)
    common = np.zeros(shape, dtype=np.int64)
    place = {name: at for at, name in enumerate(names)}
    for pair in found.pairs:
        if pair["model_a"] in place and pair["model_b"] in place:
            first, second = place[pair["model_a"]], place[pair["model_b"]]
            for a, b, sign in ((first, second, 1), (second, first, -1)):
                difference[a, b] = np.nan if pair["difference"] is None else sign * pair["difference"]
                p[a, b], adjusted[a, b], common[a, b] = pair["p"], pair["holm"], pair["questions"]
    return replace(
        board.differences, difference=difference, error=np.full(shape, np.nan), p=p, holm=adjusted, common=common
    )


def _note(found: Standing) -> str:
    design, games = found.design, found.bought.games
    kind = "questions like these" if design.about == "population" else f"all {design.questions} questions"
    unsettled = f"; not settled: {', '.join(found.open)}" if found.open else ""
    return (
        f"stopped by --until {design.until}: {games} of {design.possible} games bought, claims are about {kind} and all pairs "
        f"together wrong with a chance of {design.alpha:g} at most{unsettled}"
    )
