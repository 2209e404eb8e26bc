"""`syncode judge estimate`: verdicts of a pilot in, the games that a goal needs out."""

from collections.abc import Iterator
from typing import Annotated

from syncode import stream
from syncode.commands.options import only, without
from syncode.schemas.records import Row
from syncode.stages.judge.settings import JudgeOptions, PilotOptions


def command(
    flow: Annotated[stream.Flow, without("workers")],
    options: Annotated[JudgeOptions, only("until", "alpha", "every", "about")],
    pilot: PilotOptions,
) -> None:
    """Say how many questions, games and tokens a goal needs, from verdicts that are there: one row per model, and one for all.

    Example: syncode judge estimate verdicts.jsonl --until width=0.1
    """
    from syncode.stages.judge.until import estimates

    text: list[str] = []

    def rows(verdicts: Iterator[Row]) -> list[Row]:
        found, lines = estimates(verdicts, options, pilot.questions, flow.seed)
        text.extend(lines)
        return found

    stream.report(rows, stream.Reads("judge estimate", ("verdict",)), None, flow)
    for line in () if flow.quiet else text:
        stream.say(line)
