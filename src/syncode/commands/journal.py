"""`syncode journal`: what was asked and what it cost; `journal export`: every answer as a row."""

from dataclasses import dataclass, field, replace
from typing import Annotated

from syncode import stream
from syncode.commands.options import only
from syncode.engines import ModelOptions

DEFAULT = (ModelOptions.journal,)

Rows = Annotated[stream.Flow, only("source", "output", "limit", "summary", "quiet")]


@dataclass(frozen=True)
class UseOptions:
    """What the table of models shows."""

    prices: str | None = field(
        default=None,
        metadata={
            "metavar": "FILE",
            "file": "reads",
            "help": "TOML file with prices: the cost is worked out anew from the tokens.",
        },
    )


@dataclass(frozen=True)
class ExportOptions:
    """What a row holds."""

    raw: bool = field(default=False, metadata={"help": "Add the whole response of the server."})


@dataclass(frozen=True)
class BatchOptions:
    """What becomes of a batch."""

    forget: str | None = field(
        default=None,
        metadata={
            "metavar": "BATCH",
            "help": "Free the requests of this batch, which the provider does not know any more; they count as spent.",
        },
    )


def command(flow: Rows, options: UseOptions) -> None:
    """Show what each model was asked: answers, failures, requests, tokens, cost and size, one row per model.

    SOURCE is a journal file, .syncode/journal.db if none is given.

    Example: syncode journal --prices prices.toml | jq .usd
    """
    from syncode.engines.journal.report import ModelUse, size_line, uses
    from syncode.engines.pacing.budget import load_prices

    paths = _journals(flow)
    rows = uses(paths, load_prices(options.prices))
    stream.emit(rows, ModelUse, replace(flow, quiet=True))
    if not flow.quiet:
        stream.say(size_line(paths))


def export(flow: Rows, options: ExportOptions) -> None:
    """Write every answer and every failure of a journal as a row, to JSONL or Parquet.

    SOURCE is a journal file, .syncode/journal.db if none is given.

    Example: syncode journal export -o answers.parquet
    """
    from syncode.engines.journal.report import JournalEntry, entries

    stream.emit(entries(_journals(flow), raw=options.raw), JournalEntry, flow)


def batches(flow: Rows, options: BatchOptions) -> None:
    """List the batches that were submitted and have not been collected; --forget frees one that will never come.

    SOURCE is a journal file, .syncode/journal.db if none is given. Requests that are freed are asked again by the next run,
    and billed again if the provider has answered them after all.

    Example: syncode journal batches --forget batch_67b9
    """
    from syncode.engines.journal.batches import JournalBatch, forget
    from syncode.engines.journal.batches import batches as open_batches

    paths = _journals(flow)
    rows = forget(paths, options.forget) if options.forget else open_batches(paths)
    stream.emit(rows, JournalBatch, replace(flow, quiet=True))


def _journals(flow: stream.Flow) -> tuple[str, ...]:
    """Return the journals to read. Raises UsageError where the usual one, which no option names, would be overwritten."""
    if not flow.source:
        from syncode.commands.files import refuse_listed

        refuse_listed("this command", DEFAULT, flow)
    return flow.source or DEFAULT
