"""`syncode leaderboard`: verdicts in, tables out."""

from collections.abc import Iterator
from functools import partial
from typing import Annotated

from syncode import stream
from syncode.commands.options import only, refuse, without
from syncode.errors import DataError
from syncode.schemas.records import Row
from syncode.stages.leaderboard.settings import BoardOptions
from syncode.stream.reads import ANSWERS

Rows = Annotated[stream.Flow, without("workers")]
VERDICTS = stream.Reads("leaderboard", ("verdict", "execution"))

COUNTED = ("score", "baseline", "judges", "cluster", "panel", "ridge")
"""Options that say how verdicts are counted, whatever is made of them."""


def command(flow: Rows, options: Annotated[BoardOptions, without("margin")]) -> None:
    """Rank models by their verdicts: win, tie and loss shares, a score, its 95 % interval, and what is missing.

    Example: syncode leaderboard verdicts.jsonl --by category
    """
    from syncode.reports.leaderboard.page import page
    from syncode.reports.leaderboard.text import as_text
    from syncode.stages.leaderboard.build import build, complaint
    from syncode.verdicts.texts import texts_of

    if options.format != "html":
        refuse(options, ("tasks", "answers"), "without --format html")
    made = []

    def rows(verdicts: Iterator[Row]) -> list[Row]:
        made.append(build(verdicts, options, flow.seed))
        return made[0].rows

    if options.format == "jsonl":
        stream.report(rows, VERDICTS, None, flow)
    else:
        stream.absorb(rows, flow, VERDICTS)
        if options.format == "html":
            texts = texts_of(stream.read_tasks(options.tasks), stream.read(options.answers, ANSWERS))
            stream.write_text(page(made[0], texts), flow)
        else:
            stream.write_text(as_text(made[0], options.format), flow)
    if options.format in ("jsonl", "csv") and not flow.quiet:
        for warning in made[0].warnings:
            stream.say(f"note: {warning}")
    if wrong := complaint(made[0], options):
        raise DataError(wrong)


def pairs(
    flow: Annotated[stream.Flow, without("workers", "seed")],
    options: Annotated[BoardOptions, only(*COUNTED, "rating", "margin")],
) -> None:
    """Compare every two models: difference, error by question, p, and Holm's correction over all pairs.

    Example: syncode leaderboard pairs verdicts.jsonl | jq 'select(.significant)'
    """
    from syncode.stages.leaderboard.pairs import pair_rows

    stream.report(partial(pair_rows, options=options, seed=0), VERDICTS, None, flow)


def control(
    flow: Annotated[stream.Flow, without("workers", "seed")],
    options: Annotated[BoardOptions, only(*COUNTED, "style_control", "length_control", "position_control")],
) -> None:
    """Show how much length, mark-up and position move the verdicts: one row per feature.

    Example: syncode leaderboard control verdicts.jsonl --style-control
    """
    from syncode.stages.leaderboard.pairs import control_facts

    stream.report(partial(control_facts, options=options, seed=0), VERDICTS, None, flow)
