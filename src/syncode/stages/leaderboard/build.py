"""From options and verdict rows to a finished board, and whether it may be taken as complete."""

from __future__ import annotations

from collections.abc import Iterable

from syncode.reports.tables import percent
from syncode.schemas.records import Row
from syncode.stages.leaderboard.board import Settings, board
from syncode.stages.leaderboard.extras import with_extras
from syncode.stages.leaderboard.settings import BoardOptions
from syncode.stages.leaderboard.stopped import as_stopped
from syncode.verdicts.board import Board
from syncode.verdicts.games import Choice, Games, collect
from syncode.verdicts.panels import combined


def build(rows: Iterable[Row], options: BoardOptions, seed: int) -> Board:
    """Return the board; raise UsageError for a name that does not exist, DataError for rows that cannot be counted."""
    games = collect(rows, Choice(options.score, options.baseline, options.judges, options.cluster))
    for flag, names in (("--by", options.by), ("--stratify", (options.stratify,) if options.stratify else ())):
        for name in names:
            if name != "judge":
                games.need_field(name, flag)
    by = options.by or (usual_fields(games) if options.format == "html" else ())
    settings = Settings(
        rounds=options.rounds,
        seed=seed,
        interval=options.interval,
        stratify=options.stratify,
        by=by,
        complete=0.0 if options.allow_missing else options.min_coverage,
    )
    return with_extras(as_stopped(board(combined(games, options.panel), settings), options), options)


def usual_fields(games: Games) -> tuple[str, ...]:
    """Return those of category, difficulty and language by which the questions fall into 2 to 20 groups."""
    groups = {name: set(games.labels_of(name).values()) for name in ("category", "difficulty", "language")}
    return tuple(name for name, values in groups.items() if 2 <= len(values) <= 20)


def complaint(board: Board, options: BoardOptions) -> str | None:
    """Return why the table must not be taken as complete, None if it may be."""
    short = [row for row in board.rows if row["coverage"] < options.min_coverage]
    if options.allow_missing or not short:
        return None
    worst = min(short, key=lambda row: float(row["coverage"]))
    return (
        f"incomplete: {len(short)} of {len(board.rows)} models have a verdict for less than "
        f"{percent(options.min_coverage)} % of their games (worst: {worst['model']}, {percent(worst['coverage'])} %); "
        "judge the rest by running judge again, or accept the bounds with --allow-missing"
    )
