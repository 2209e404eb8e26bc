"""`syncode stats`: what is in a set of rows, as numbers or as the data card to publish with it."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated, Literal

from syncode import stream
from syncode.commands.options import refuse, without

if TYPE_CHECKING:
    from collections.abc import Iterable

    from syncode.reports.card import Facts
    from syncode.schemas.records import Row


@dataclass(frozen=True)
class CardOptions:
    """What the card says and how."""

    format: Literal["jsonl", "markdown"] = field(
        default="jsonl", metadata={"help": "One row per fact, or the data card."}
    )
    rejected: tuple[str, ...] = field(
        default=(),
        metadata={
            "metavar": "FILE",
            "file": "reads",
            "help": "A file that --rejects wrote, to count what was left out.",
        },
    )
    title: str = field(default="Data card", metadata={"help": "Heading of the card."})
    top: int = field(default=20, metadata={"help": "Values shown in each table of the card.", "min": 1})


def command(
    flow: Annotated[stream.Flow, without("workers", "seed")], options: CardOptions, documents: stream.TextField
) -> None:
    """Describe a set of rows: counts, licences, lengths in characters, lineage, ids that occur twice.

    Example: syncode stats samples.jsonl --rejected dropped.jsonl --format markdown -o CARD.md
    """
    from syncode.reports.card import as_markdown
    from syncode.stages.stats import as_rows, drop_reasons, facts_of

    rejected = drop_reasons(options.rejected)
    reads = stream.Reads("stats", (), text=documents.text_field, marked=True)

    def facts(rows: "Iterable[Row]") -> "Facts":
        found = facts_of(rows)
        return replace(found, dropped=found.dropped + rejected)

    if options.format == "jsonl":
        refuse(options, ("title", "top"), "without --format markdown")
        stream.report(lambda rows: as_rows(facts(rows)), reads, None, flow)
        return
    stream.write_text(as_markdown(stream.absorb(facts, flow, reads), options.title, options.top), flow)
