"""`syncode leaderboard questions` and `units`: single questions instead of a table of models."""

from collections.abc import Iterator
from typing import Annotated

from syncode import stream
from syncode.commands.options import only, without
from syncode.schemas.records import Row
from syncode.stages.leaderboard.questions.settings import ItemOptions, UnitOptions
from syncode.stages.leaderboard.settings import BoardOptions
from syncode.stream.reads import ANSWERS

VERDICTS = stream.Reads("leaderboard", ("verdict", "execution"))
COUNTED = ("score", "baseline", "judges")


def units(
    flow: Annotated[stream.Flow, without("workers", "seed")],
    options: Annotated[BoardOptions, only(*COUNTED, "tasks", "answers")],
    form: UnitOptions,
) -> None:
    """Write one row per question and model: outcome, flips, lengths, tokens, cost, tests passed, labels and digests.

    Example: syncode leaderboard units verdicts.jsonl --tasks tasks.jsonl --answers answers.jsonl -o units.parquet
    """
    from syncode.engines.pacing.budget import load_prices
    from syncode.reports.tables import as_csv
    from syncode.stages.leaderboard.questions.beside import beside
    from syncode.stages.leaderboard.questions.results import results_of
    from syncode.stages.leaderboard.questions.units import UnitRow, unit_rows

    prices = load_prices(form.prices)
    known = beside(stream.read_tasks(options.tasks), stream.read(options.answers, ANSWERS))

    def made(rows: Iterator[Row]) -> list[Row]:
        return list(unit_rows(results_of(rows, options, None, known.tasks), known, prices))

    if form.format == "csv":
        stream.write_text(as_csv(stream.absorb(made, flow, VERDICTS), list(UnitRow.__annotations__)), flow)
    else:
        stream.report(made, VERDICTS, UnitRow, flow)


def questions(
    flow: Annotated[stream.Flow, without("workers")],
    options: Annotated[BoardOptions, only(*COUNTED, "tasks")],
    form: ItemOptions,
) -> None:
    """Measure the questions themselves: how telling, how hard, where the judge wavers, and which few keep the ranking.

    Example: syncode leaderboard questions verdicts.jsonl --tasks tasks.jsonl
    """
    from syncode.reports.questions import as_text
    from syncode.stages.leaderboard.questions.items import item_rows
    from syncode.stages.leaderboard.questions.results import results_of

    tasks = {str(task["id"]): task for task in stream.read_tasks(options.tasks)}

    def made(rows: Iterator[Row]) -> list[Row]:
        return item_rows(results_of(rows, options, form.measure, tasks), form, flow.seed)

    if form.format == "jsonl":
        stream.report(made, VERDICTS, None, flow)
    else:
        stream.write_text(as_text(stream.absorb(made, flow, VERDICTS), form.all), flow)
