"""From options and verdict rows to a finished board, and whether it may be taken as complete."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from syncode.errors import UsageError
from syncode.reports.tables import percent
from syncode.schemas.records import Row
from syncode.stages.leaderboard.board import Settings, board
from syncode.stages.leaderboard.extras import with_extras
from syncode.stages.leaderboard.settings import BoardOptions
from syncode.stages.leaderboard.stopped import as_stopped
from syncode.verdicts.blocks import blocks
from syncode.verdicts.board import Board
from syncode.verdicts.fields import OWN
from syncode.verdicts.games import Choice, Games, collect
from syncode.verdicts.panels import combined


def build(rows: Iterable[Row], options: BoardOptions, seed: int, tasks: Mapping[str, Row] | None = None) -> Board:
    """Return the board of one baseline, or of none; see `boards`. Raises UsageError for rows against several baselines."""
    return _board(one_of(blocks(collected(rows, options, tasks))), options, seed)


def boards(
    rows: Iterable[Row], options: BoardOptions, seed: int, tasks: Mapping[str, Row] | None = None
) -> list[Board]:
    """Return one board for each baseline that the rows state.

    `tasks` are those of `--tasks` (`known_tasks`): what was to be judged, and what is said of it. Raises UsageError for a name
    that does not exist, DataError for rows that cannot be counted.
    """
    return [_board(games, options, seed) for games in blocks(collected(rows, options, tasks))]


def collected(rows: Iterable[Row], options: BoardOptions, tasks: Mapping[str, Row] | None = None) -> Games:
    """Return the games of the rows, the judges of a panel made one; UsageError for a field that does not exist."""
    games = collect(rows, Choice(options.score, options.baseline, options.judges, options.cluster, tasks or {}))
    for flag, names in (("--by", options.by), ("--stratify", (options.stratify,) if options.stratify else ())):
        for name in names:
            if name not in OWN:
                games.need_field(name, flag)
    if options.stratify and options.interval != "bootstrap":
        raise UsageError("--stratify says how questions are redrawn: add --interval bootstrap")
    return combined(games, options.panel)


def one_of(parts: Sequence[Games]) -> Games:
    """Return the only table. Raises UsageError for several: what was won against one baseline says nothing about another."""
    if len(parts) == 1:
        return parts[0]
    told = ", ".join(f"{_against(games) or 'none'} in {len(games.games)} games" for games in parts)
    raise UsageError(f"the verdicts are against several baselines ({told}): choose one with --baseline")


def _against(games: Games) -> str | None:
    return None if games.baseline is None else games.models.names[games.baseline]


def _board(games: Games, options: BoardOptions, seed: int) -> Board:
    by = options.by or (usual_fields(games) if options.format == "html" else ())
    settings = Settings(
        rounds=options.rounds,
        seed=seed,
        interval=options.interval,
        stratify=options.stratify,
        by=by,
        complete=0.0 if options.allow_missing else options.min_coverage,
    )
    return with_extras(as_stopped(board(games, settings), options), options)


def usual_fields(games: Games) -> tuple[str, ...]:
    """Return those of category, difficulty and language by which the questions fall into 2 to 20 groups."""
    found = {name: list(games.values_of(name).values()) for name in ("category", "difficulty", "language")}
    groups = {name: set.union(*values) for name, values in found.items() if values and max(map(len, values)) == 1}
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
