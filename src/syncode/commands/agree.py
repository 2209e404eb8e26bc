"""`syncode agree`: verdicts in, how far they can be trusted out."""

import os
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path

from syncode import stream
from syncode.commands.options import flat
from syncode.errors import DataError, UsageError
from syncode.schemas.records import Row
from syncode.stages.agree.settings import AgreeOptions, RatingsOptions

VERDICTS = stream.Reads("agree", ("verdict", "execution"))


@flat
def command(flow: stream.Flow, options: AgreeOptions) -> None:
    """Tell how far verdicts can be trusted: a judge with itself, with other judges, with people (a CSV) and with executions.

    Example: syncode agree verdicts.jsonl labels.csv
    """
    from syncode.reports.agreement import as_text
    from syncode.stages.agree.human import human_rows, read_key
    from syncode.stages.agree.report import report

    sheets = [name for name in flow.source if name.endswith(".csv")]
    key = read_key(text_of(options.key), options.key) if options.key else None
    labels = chain.from_iterable(human_rows(text_of(name), name, key) for name in sheets)
    verdicts = tuple(name for name in flow.source if name not in sheets) or ((os.devnull,) if sheets else ())
    flow = replace(flow, source=verdicts)

    def found(rows: Iterator[Row]) -> list[Row]:
        return report(chain(rows, labels), options, flow.seed)

    if options.format == "jsonl":
        stream.report(found, VERDICTS, None, flow)
    else:
        stream.write_text(as_text(stream.absorb(found, flow, VERDICTS)), flow)


@flat
def ratings(flow: stream.Flow, options: RatingsOptions) -> None:
    """Measure the agreement in a plain CSV table, a line a unit and a column a rater, of any labels.

    Example: syncode agree ratings labels.csv --rater ann1 --rater ann2 --labels 1,0,2
    """
    from syncode.reports.agreement import as_text
    from syncode.stages.agree.sheets import ratings_rows

    if not flow.source:
        raise UsageError("name the CSV table")
    found = [row for name in flow.source for row in ratings_rows(text_of(name), name, options, flow.seed)]
    if options.format == "jsonl":
        stream.report(lambda _: found, None, None, replace(flow, source=(os.devnull,)))
    else:
        stream.write_text(as_text(found), flow)


def text_of(name: str) -> str:
    """Return the text of a CSV file; raise DataError where it cannot be read."""
    try:
        return Path(name).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{name}: not readable as CSV ({error})") from error
