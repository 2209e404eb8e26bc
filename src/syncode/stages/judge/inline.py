"""Puts verdicts into the rows of the answers that they are about, which keep everything else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from syncode.schemas.records import Row, dropped

Stage = Callable[[Row], Awaitable[list[Row]]]


def inlined(stage: Stage) -> Stage:
    """Return a stage whose rows are the answers, each with its verdicts or grades under `verdicts`.

    What was to be judged and has no answer is a dropped row: there is nothing to put its verdict into.
    """

    async def whole(item: Row) -> list[Row]:
        rows = await stage(item)
        answer = item.get("answer")
        if isinstance(answer, dict):
            return [{**answer, "verdicts": rows}]
        return [
            row if "drop" in row else dropped(row, "judge.missing_answer", "there is no answer to judge")
            for row in rows
        ]

    return whole
