"""What a user can say about an agreement report, and the rows that follow from it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from syncode.errors import UsageError
from syncode.schemas.records import Row


@dataclass(frozen=True)
class AgreeOptions:
    """Every field is a command line option."""

    format: str = field(default="table", metadata={"help": "table or jsonl."})
    judges: tuple[str, ...] = field(
        default=(), metadata={"flag": "--judge", "help": "Take the verdicts of this judge only; repeatable."}
    )
    cluster: str = field(default="task_id", metadata={"help": "The field whose values are drawn together."})


def report(rows: Iterable[Row], options: AgreeOptions, seed: int) -> list[Row]:
    """Return the rows of the report, each with its `kind`; raise DataError where there is nothing to compare."""
    from syncode.stages.agree.position import position_rows
    from syncode.stages.leaderboard.games import Choice, collect

    if options.format not in ("table", "jsonl"):
        raise UsageError(f"--format {options.format}: there are table, jsonl")
    games = collect(rows, Choice("plain", None, options.judges, options.cluster))
    return position_rows(games)
