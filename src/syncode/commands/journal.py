"""`syncode journal`: what was asked and what it cost; `journal export`: every answer as a row."""

import sys
from dataclasses import replace
from typing import Annotated

import typer

from syncode import stream
from syncode.commands.options import flat
from syncode.engines.journal.batches import JournalBatch, forget
from syncode.engines.journal.batches import batches as open_batches
from syncode.engines.journal.report import JournalEntry, ModelUse, entries, size_line, uses
from syncode.engines.options import ModelOptions
from syncode.engines.pacing.budget import load_prices

DEFAULT = (ModelOptions.journal,)


@flat
def command(
    flow: stream.Flow,
    prices: Annotated[
        str | None, typer.Option("--prices", help="TOML file with prices: the cost is worked out anew from the tokens.")
    ] = None,
) -> None:
    """Tell what each model was asked: answers, failures, requests, tokens, cost and size, one row a model.

    SOURCE is a journal file, .syncode/journal.db where none is given.

    Example: syncode journal --prices prices.toml | jq .usd
    """
    paths = flow.source or DEFAULT
    stream.map(lambda row: [row], None, ModelUse, replace(flow, quiet=True), rows=uses(paths, load_prices(prices)))
    if not flow.quiet:
        sys.stderr.write(f"syncode: {size_line(paths)}\n")


@flat
def export(
    flow: stream.Flow,
    raw: Annotated[bool, typer.Option("--raw", help="Add the whole response of the server.")] = False,
) -> None:
    """Write every answer and every failure of a journal as a row, to JSONL or Parquet.

    SOURCE is a journal file, .syncode/journal.db where none is given.

    Example: syncode journal export -o answers.parquet
    """
    stream.map(lambda row: [row], None, JournalEntry, flow, rows=entries(flow.source or DEFAULT, raw=raw))


@flat
def batches(
    flow: stream.Flow,
    forgotten: Annotated[
        str | None,
        typer.Option(
            "--forget",
            metavar="BATCH",
            help="Free the requests of this batch, which the provider does not know any more; they count as spent.",
        ),
    ] = None,
) -> None:
    """List the batches that were submitted and have not been collected; --forget frees one that will never come.

    SOURCE is a journal file, .syncode/journal.db where none is given. Requests that are freed are asked again by the next run,
    and billed again if the provider has answered them after all.

    Example: syncode journal batches --forget batch_67b9
    """
    paths = flow.source or DEFAULT
    rows = forget(paths, forgotten) if forgotten else open_batches(paths)
    stream.map(lambda row: [row], None, JournalBatch, replace(flow, quiet=True), rows=rows)
