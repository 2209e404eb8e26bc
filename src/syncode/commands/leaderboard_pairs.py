"""`syncode leaderboard pairs`, `best` and `control`: what lies behind the places of a table."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Annotated

from syncode import stream
from syncode.commands.options import only, without
from syncode.schemas.records import Row
from syncode.stages.leaderboard.settings import BoardOptions

VERDICTS = stream.Reads("leaderboard", ("verdict", "execution"))

COUNTED = ("score", "baseline", "judges", "cluster", "panel", "ridge", "by", "tasks")
"""Options that say how verdicts are counted, whatever is made of them."""


def pairs(
    flow: Annotated[stream.Flow, without("workers", "seed")],
    options: Annotated[BoardOptions, only(*COUNTED, "rating", "margin")],
) -> None:
    """Compare every two models: difference, error by question, p, and Holm's correction over all pairs.

    Example: syncode leaderboard pairs verdicts.jsonl | jq 'select(.significant)'
    """
    from syncode.stages.leaderboard.pairs import pair_rows

    _report(pair_rows, flow, options)


def best(
    flow: Annotated[stream.Flow, without("workers", "seed")],
    options: Annotated[BoardOptions, only(*COUNTED, "min_coverage", "allow_missing")],
) -> None:
    """Say of each model whether it may be the best one, at 95 %: each against the rest.

    The rows with `may_be_best` hold the best model in 95 % of the cases. `rival` is the model that says most against it.

    Example: syncode leaderboard best verdicts.jsonl | jq -r 'select(.may_be_best).model'
    """
    from syncode.stages.leaderboard.best import best_rows

    _report(best_rows, flow, options)


def control(
    flow: Annotated[stream.Flow, without("workers", "seed")],
    options: Annotated[BoardOptions, only(*COUNTED, "style_control", "length_control", "position_control")],
) -> None:
    """Show how much length, mark-up and position move the verdicts: one row per feature.

    Example: syncode leaderboard control verdicts.jsonl --style-control
    """
    from syncode.stages.leaderboard.pairs import control_facts

    _report(control_facts, flow, options)


def _report(made: Callable[..., Sequence[Row]], flow: stream.Flow, options: BoardOptions) -> None:
    """Write the rows that are made of all verdicts and the tasks."""
    from syncode.verdicts.known import known_tasks

    tasks = known_tasks(stream.read_tasks(options.tasks))
    stream.report(partial(made, options=options, seed=0, tasks=tasks), VERDICTS, None, flow)
