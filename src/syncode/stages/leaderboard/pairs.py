"""Every two models of a leaderboard: how far apart they are, and whether that is more than chance."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from math import nan

import numpy as np

from syncode.errors import DataError, UsageError
from syncode.schemas.records import Row
from syncode.stages.leaderboard.board import Settings, board, differences_of
from syncode.stages.leaderboard.build import collected
from syncode.stages.leaderboard.control import names_of
from syncode.stages.leaderboard.extras import control_facts_of
from syncode.stages.leaderboard.settings import BoardOptions
from syncode.stages.leaderboard.stopped import as_stopped
from syncode.statistics.arrays import Floats
from syncode.statistics.bounded import paired_difference
from syncode.statistics.clusters import question_differences, ranks
from syncode.statistics.contrasts import equivalence, questions_needed
from syncode.statistics.rates import plain
from syncode.verdicts.blocks import blocks, part
from syncode.verdicts.board import Board
from syncode.verdicts.fields import game_values, unit_values
from syncode.verdicts.games import Games
from syncode.verdicts.ratings import SIGNIFICANT, objection, rating_pairs
from syncode.verdicts.units import columns_of
from syncode.verdicts.weighed import vague


def pair_rows(
    rows: Iterable[Row], options: BoardOptions, seed: int, tasks: Mapping[str, Row] | None = None
) -> list[Row]:
    """Return one row for every two models: of their scores, paired by question, or with `--rating bt` of their ratings.

    Scores are compared against one baseline at a time, ratings over all games; with `--by` within each value of the fields.
    Raises DataError if Bradley-Terry makes no sense.
    """
    if options.rating and options.margin is not None:
        raise UsageError("--margin is one of scores, not of ratings: leave --rating out")
    games = collected(rows, options, tasks)
    found: list[Row] = []
    if "bt" in options.rating:
        for labels, some in _groups(games, options.by):
            if wrong := objection(some):
                if not labels:
                    raise DataError(wrong)
                found.append({**labels, "why": wrong})
            else:
                found += [{**row, **labels} for row in rating_pairs(some, options.ridge)]
    else:
        parts = blocks(games)
        for each in parts:
            against = {"baseline": None if each.baseline is None else each.models.names[each.baseline]}
            found += [{**row, **(against if len(parts) > 1 else {})} for row in _scores(each, options, seed)]
    return [{**row, "significant": None if row.get("holm") is None else row["holm"] < SIGNIFICANT} for row in found]


def _scores(games: Games, options: BoardOptions, seed: int) -> list[Row]:
    done = as_stopped(board(games, Settings(rounds=options.rounds, seed=seed, interval=options.interval)), options)
    parts = within(done, options.by) if options.by else [({}, done)]
    return [{**row, **labels} for labels, some in parts for row in score_pairs(some, options.margin)]


def within(board: Board, by: Sequence[str]) -> Iterator[tuple[Row, Board]]:
    """Yield the board of each value of each field, with what to write into its rows: scores, ranks and differences there.

    A model without a rank in the whole board has none here either. Only what is compared is worked out anew.
    """
    games = board.games
    for name in by:
        values = np.array(unit_values(games, board.units, name))
        for value in sorted(set(values.tolist())):
            mine = board.units.chosen(values == value)
            gain, weight = (each[:, board.order] for each in columns_of(mine, games))
            with np.errstate(invalid="ignore"):
                scores = gain.sum(axis=0) / weight.sum(axis=0)
            placed = np.array([row["rank"] is not None for row in board.rows]) & ~np.isnan(scores)
            rank = ranks(np.where(placed, scores, np.nan)).tolist()
            rows = [
                {**row, "score": plain(score), "rank": place if known else None}
                for row, score, place, known in zip(board.rows, scores.tolist(), rank, placed.tolist(), strict=True)
            ]
            apart = differences_of(games, mine, board.order)
            yield (
                {"by": {name: value}},
                replace(board, rows=rows, units=mine, differences=apart, gain=gain, weight=weight),
            )


def _groups(games: Games, by: Sequence[str]) -> Iterator[tuple[Row, Games]]:
    """Yield the games of each value of each field, with what to write into their rows; all games if there is no field."""
    if not by:
        yield {}, games
    for name in by:
        values = game_values(games, name)
        for value in sorted(set(values)):
            mine = [game for game, said in zip(games.games, values, strict=True) if said == value]
            against = None if games.baseline is None else games.models.names[games.baseline]
            yield {"by": {name: value}}, part(games, mine, against)


def score_pairs(board: Board, margin: float | None = None) -> list[Row]:
    """Return the paired differences of scores in the order of the board; `common` counts the shared questions.

    With a `margin` also whether model a is not worse than model b by that much, whether the two are equivalent (one-sided tests
    at 5 %), and how many questions show a difference of the margin in 80 % of the cases (null if none was seen to vary).
    """
    names = [row["model"] for row in board.rows]
    found = board.differences
    unsure = vague(board.games)[board.order]
    rows = []
    for first, second in itertools.combinations(range(len(names)), 2):
        apart = question_differences(board.gain, board.weight, (first, second))
        most = float(max(unsure[first], unsure[second]))
        low = high = nan
        if "intervals" not in board.facts:
            _, low, high, _ = paired_difference(apart, vague=most)
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
        rows.append(row if margin is None else {**row, **_within(apart, margin, most)})
    return rows


def _within(apart: Floats, margin: float, vague: float) -> Row:
    """Return what the differences by question say of a margin; nothing is known from fewer than two."""
    found = equivalence(apart, margin, vague=vague)
    deviation = float(apart.std(ddof=1)) if len(apart) > 1 else 0.0
    return {
        "not_worse": found.not_worse,
        "equivalent": found.equivalent,
        "questions_needed": questions_needed(deviation, margin) if deviation > 0 else None,
    }


def control_facts(
    rows: Iterable[Row], options: BoardOptions, seed: int, tasks: Mapping[str, Row] | None = None
) -> Sequence[Row]:
    """Return the weights of the features that `--style-control` and its like take out, with `--by` in each value of the fields.

    Raises DataError if none is asked for. A value with too few games has a row that says why there is no weight.
    """
    features = names_of(options.style_control, options.length_control, options.position_control)
    if not features:
        raise DataError("nothing is controlled for: --style-control, --length-control or --position-control")
    found: list[Row] = []
    for labels, games in _groups(collected(rows, options, tasks), options.by):
        try:
            found += [{**row, **labels} for row in control_facts_of(games, features, options.ridge)]
        except DataError as error:
            if not labels:
                raise
            found.append({**labels, "games": len(games.games), "why": str(error)})
    return found
