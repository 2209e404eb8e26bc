"""`syncode journal`: what was asked and what it cost; `journal export`: every answer as a row."""

import sys
from dataclasses import replace
from typing import Annotated

import typer

from syncode import stream
from syncode.commands.options import flat
from syncode.engines.budget import load_prices
from syncode.engines.journal_report import JournalEntry, ModelUse, entries, size_line, uses
from syncode.engines.options import ModelOptions

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
