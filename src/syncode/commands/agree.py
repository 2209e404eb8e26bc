"""`syncode agree`: verdicts in, how far they can be trusted out."""

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Annotated

from syncode import stream
from syncode.commands.options import only, without
from syncode.errors import UsageError
from syncode.schemas.records import Row
from syncode.stages.agree.settings import AgreeOptions, RatingsOptions


def command(flow: Annotated[stream.Flow, without("workers")], options: AgreeOptions) -> None:
    """Measure how far verdicts can be trusted: a judge with itself, with other judges, with people (a CSV) and with executions.

    Example: syncode agree verdicts.jsonl labels.csv
    """
    from syncode.reports.agreement import as_text
    from syncode.stages.agree.human import human_rows, read_key
    from syncode.stages.agree.report import report
    from syncode.storage import read_text
    from syncode.verdicts.known import known_tasks

    tasks = known_tasks(stream.read_tasks(options.tasks))
    sheets = [name for name in flow.source if name.endswith(".csv")]
    key = read_key(read_text(options.key), options.key) if options.key else None
    labels = chain.from_iterable(human_rows(read_text(name), name, key) for name in sheets)
    verdicts = tuple(name for name in flow.source if name not in sheets) or ((os.devnull,) if sheets else ())
    flow = replace(flow, source=verdicts)

    def found(rows: Iterator[Row]) -> list[Row]:
        return report(chain(rows, labels), options, flow.seed, tasks)

    verdicts_read = stream.Reads("agree", ("verdict", "execution"))
    if options.format == "jsonl":
        stream.report(found, verdicts_read, None, flow)
    else:
        stream.write_text(as_text(stream.absorb(found, flow, verdicts_read)), flow)


def ratings(flow: Annotated[stream.Flow, only("source", "output", "seed", "quiet")], options: RatingsOptions) -> None:
    """Measure the agreement in a plain CSV table of any labels: a row per unit and a column per rater.

    Example: syncode agree ratings labels.csv --rater ann1 --rater ann2 --labels 1,0,2
    """
    from syncode.reports.agreement import as_text
    from syncode.stages.agree.sheets import ratings_rows
    from syncode.storage import read_text

    if not flow.source:
        raise UsageError("name the CSV table")
    found = [row for name in flow.source for row in ratings_rows(read_text(name), name, options, flow.seed)]
    if options.format == "jsonl":
        stream.emit(found, None, flow)
    else:
        stream.write_text(as_text(found), flow)
