"""What a user can say about a leaderboard, and the board that follows from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, get_args

from syncode.errors import UsageError
from syncode.reports.leaderboard.text import FORMATS, percent
from syncode.schemas.records import Row
from syncode.verdicts.panels import PANELS, Panel
from syncode.verdicts.protocols import Score

if TYPE_CHECKING:
    from syncode.reports.leaderboard.page import Texts
    from syncode.stages.leaderboard.board import Board
    from syncode.verdicts.games import Games


@dataclass(frozen=True)
class BoardOptions:
    """Every field is a command line option."""

    format: str = field(default="table", metadata={"help": "table, jsonl, csv, markdown, latex or html."})
    by: tuple[str, ...] = field(
        default=(),
        metadata={"help": "Break down by category, difficulty, language, judge or another field; repeatable."},
    )
    score: str | None = field(
        default=None, metadata={"help": "codearena, arena-hard, plain or pairwise; else what the rows' protocol says."}
    )
    baseline: str | None = field(
        default=None, metadata={"help": "The model that all others met; else as the rows say."}
    )
    judges: tuple[str, ...] = field(
        default=(), metadata={"flag": "--judge", "help": "Count the verdicts of this judge only; repeatable."}
    )
    cluster: str = field(default="task_id", metadata={"help": "The field whose values are drawn together."})
    interval: str = field(default="bootstrap", metadata={"help": "bootstrap or cluster (mean and robust error)."})
    rounds: int = field(default=2000, metadata={"help": "Bootstrap rounds.", "min": 10})
    stratify: str | None = field(default=None, metadata={"help": "Draw questions within the values of this field."})
    panel: str = field(
        default="pool", metadata={"help": "Several judges: pool their games, or take their majority or median."}
    )
    rating: tuple[str, ...] = field(
        default=(), metadata={"help": "Add bt (Bradley-Terry), elo, counting or average; repeatable."}
    )
    ridge: float = field(default=1e-6, metadata={"help": "Holds Bradley-Terry ratings finite.", "min": 1e-12})
    style_control: bool = field(default=False, metadata={"help": "Scores as if length and mark-up were equal."})
    length_control: bool = field(default=False, metadata={"help": "Scores as if lengths were equal."})
    position_control: bool = field(default=False, metadata={"help": "Take out the advantage of the first place."})
    tasks: tuple[str, ...] = field(
        default=(), metadata={"help": "Task rows: the html report shows the questions. Repeatable."}
    )
    answers: tuple[str, ...] = field(
        default=(), metadata={"help": "Answer rows: the html report shows the answers. Repeatable."}
    )
    min_coverage: float = field(
        default=0.99, metadata={"help": "Exit 3 where fewer games have a verdict.", "min": 0.0, "max": 1.0}
    )
    allow_missing: bool = field(default=False, metadata={"help": "Accept a table with missing verdicts."})


def build(rows: Iterable[Row], options: BoardOptions, seed: int) -> Board:
    """Return the board; raise UsageError for a name that does not exist, DataError for rows that cannot be counted."""
    from syncode.stages.leaderboard.board import Settings, board
    from syncode.stages.leaderboard.extras import with_extras
    from syncode.verdicts.games import Choice, collect
    from syncode.verdicts.panels import combined

    _one_of("--format", options.format, FORMATS)
    _one_of("--interval", options.interval, ("bootstrap", "cluster"))
    if options.score is not None:
        _one_of("--score", options.score, get_args(Score))
    _one_of("--panel", options.panel, PANELS)
    score: Score | None = options.score  # type: ignore[assignment]
    panel: Panel = options.panel  # type: ignore[assignment]
    games = collect(rows, Choice(score, options.baseline, options.judges, options.cluster))
    by = options.by or (usual_fields(games) if options.format == "html" else ())
    settings = Settings(rounds=options.rounds, seed=seed, interval=options.interval, stratify=options.stratify, by=by)
    return with_extras(board(combined(games, panel), settings), options)


def usual_fields(games: Games) -> tuple[str, ...]:
    """Return those of category, difficulty and language by which the questions fall into 2 to 20 groups."""
    groups = {name: set(games.labels_of(name).values()) for name in ("category", "difficulty", "language")}
    return tuple(name for name, values in groups.items() if 2 <= len(values) <= 20)


def texts_of(tasks: Iterable[Row], answers: Iterable[Row]) -> Texts:
    """Return what the html report shows beside the verdicts: questions, and answers with the references of the tasks."""
    from syncode.reports.leaderboard.page import Texts
    from syncode.stages.judge.games import question
    from syncode.stages.judge.pairing import answer_text

    questions: dict[str, str] = {}
    found: dict[tuple[str, str], str] = {}
    for task in tasks:
        questions[task["id"]] = question(task, False)
        found |= {(name, task["id"]): text for name, text in (task.get("references") or {}).items()}
    for answer in answers:
        found.setdefault((answer["model"], answer["task_id"]), answer_text(answer))
    return Texts(questions, found)


def complaint(board: Board, options: BoardOptions) -> str | None:
    """Return why the table must not be taken as complete, None where it may be."""
    short = [row for row in board.rows if row["coverage"] < options.min_coverage]
    if options.allow_missing or not short:
        return None
    worst = min(short, key=lambda row: float(row["coverage"]))
    return (
        f"incomplete: {len(short)} of {len(board.rows)} models have a verdict for less than "
        f"{percent(options.min_coverage)} % of their games (worst: {worst['model']}, {percent(worst['coverage'])} %); "
        "judge the rest by running judge again, or accept the bounds with --allow-missing"
    )


def _one_of(flag: str, value: str, known: Iterable[str]) -> None:
    if value not in known:
        raise UsageError(f"{flag} {value}: there are {', '.join(known)}")
