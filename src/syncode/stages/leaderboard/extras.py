"""What a leaderboard can hold besides the score: ratings, control for style, and the tests that the programs passed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.stages.leaderboard.control import (
    LEAST,
    Controlled,
    among_equal_results,
    control_columns,
    control_rows,
    controlled,
    length_controlled_columns,
    names_of,
)
from syncode.stages.leaderboard.length_control import difficulty_columns
from syncode.stages.leaderboard.settings import BoardOptions
from syncode.verdicts.board import Board
from syncode.verdicts.executions import outcomes, pass_columns, prefers_failing, relation, unmet
from syncode.verdicts.games import Games
from syncode.verdicts.ratings import objection, rating_columns, separated


def with_extras(board: Board, options: BoardOptions) -> Board:
    """Return the board with the columns and facts that the options ask for."""
    if ruled := sum(1 for game in board.games.games if game.row.get("length_rule")):
        rule = f"{ruled} slight wins by answers longer by more than {options.length_rule} characters count as ties"
        board = replace(board, warnings=[*board.warnings, rule])
    if options.rating:
        board = _rated(board, options)
    features = names_of(options.style_control, options.length_control, options.position_control)
    if features:
        board = _controlled(board, options, features)
    return _executed(board) if board.games.executions else board


def _rated(board: Board, options: BoardOptions) -> Board:
    wanted: tuple[str, ...] = options.rating
    games = board.games
    warnings = list(board.warnings)
    against = objection(games) if "bt" in wanted else None
    if against:
        wanted = tuple(name for name in wanted if name != "bt")
        warnings.append(against)
    elif "bt" in wanted and (apart := separated(games)):
        warnings.append(f"never lost or never won against the rest, bounded by the ridge only: {', '.join(apart)}")
    return replace(_with(board, rating_columns(games, wanted, options.ridge, board.counts)), warnings=warnings)


def _controlled(board: Board, options: BoardOptions, features: tuple[str, ...]) -> Board:
    games = board.games
    done = controlled(games, features, options.ridge)
    board = _with(board, control_columns(games, done))
    if "tokens" in features and games.baseline is not None:
        rates = zip(length_controlled_columns(games), difficulty_columns(games), strict=True)
        board = _with(board, [{**alone, **full} for alone, full in rates])
    return replace(board, facts={**board.facts, "control": _weights(games, done, features, options.ridge)})


def control_facts_of(games: Games, features: tuple[str, ...], ridge: float) -> list[Row]:
    """Return the weights of features over all games, and over those whose answers have equal test results."""
    return _weights(games, controlled(games, features, ridge), features, ridge)


def _weights(games: Games, done: Controlled, features: tuple[str, ...], ridge: float) -> list[Row]:
    facts = control_rows(done)
    equal = among_equal_results(games)
    if equal and len(equal) >= LEAST:
        facts += control_rows(controlled(games, features, ridge, equal), "answers with equal test results")
    return facts


def _executed(board: Board) -> Board:
    names = [row["model"] for row in board.rows]
    board = _with(board, pass_columns(board.games))
    if outcomes(board.games) and not any(row["executed"] for row in board.rows):
        first = board.games.executions[0]
        raise DataError(
            f"no execution is of a judged answer: the first one is of {first['of']!r} by {first.get('model')!r}"
        )
    if told := unmet(board.games):
        board = replace(board, warnings=[*board.warnings, told])
    facts: dict[str, Any] = {"prefers_failing": prefers_failing(board.games)}
    found = relation(board.games, names, board.gain, board.weight, board.counts)
    if found:
        facts["preference_and_execution"] = found
    return replace(board, facts={**board.facts, **facts})


def _with(board: Board, columns: list[Row]) -> Board:
    """Return the board with more columns; `columns` are in the order of the model numbers."""
    rows = [{**row, **columns[number]} for row, number in zip(board.rows, board.order, strict=True)]
    return replace(board, rows=rows)
