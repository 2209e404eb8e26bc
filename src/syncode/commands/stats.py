"""`syncode stats`: what is in a set of rows, as numbers or as the data card to publish with it."""

from dataclasses import dataclass, field, replace

from syncode import stream
from syncode.commands.options import flat
from syncode.errors import UsageError
from syncode.reports.card import as_markdown
from syncode.stages.stats import as_rows, drop_reasons, facts_of


@dataclass(frozen=True)
class CardOptions:
    """What the card says and how."""

    format: str = field(default="jsonl", metadata={"help": "jsonl (one row a fact) or markdown (the data card)."})
    rejected: tuple[str, ...] = field(
        default=(), metadata={"help": "A file that --rejects wrote, to count what was left out; repeatable."}
    )
    title: str = field(default="Data card", metadata={"help": "Heading of the card."})
    top: int = field(default=20, metadata={"help": "Values shown in each table of the card.", "min": 1})


@flat
def command(flow: stream.Flow, options: CardOptions) -> None:
    """Describe a set of rows: counts, licences, lengths in characters, lineage, ids that come twice.

    Example: syncode stats samples.jsonl --rejected dropped.jsonl --format markdown -o CARD.md
    """
    if options.format not in ("jsonl", "markdown"):
        raise UsageError(f"--format is jsonl or markdown, not {options.format!r}")
    dropped = drop_reasons(options.rejected)
    if options.format == "jsonl":
        stream.report(lambda rows: as_rows(replace(facts_of(rows), dropped=dropped)), None, None, flow)
        return
    facts = replace(stream.absorb(facts_of, flow), dropped=dropped)
    stream.write_text(as_markdown(facts, options.title, options.top), flow)
