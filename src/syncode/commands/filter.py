"""`syncode filter`: rows in, rows that keep to the rules out."""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Annotated, Literal

from syncode import stream
from syncode.commands.options import refuse, without
from syncode.stream.reads import TEXTS


@dataclass(frozen=True)
class FilterOptions:
    """Which rules, with which limits."""

    rule: tuple[str, ...] = field(
        default=(), metadata={"metavar": "ID=LIMIT", "help": "ID=LIMIT or ID=LOW..HIGH: another limit for a rule."}
    )
    skip: tuple[str, ...] = field(default=(), metadata={"metavar": "ID", "help": "A rule to leave out."})
    against: tuple[str, ...] = field(
        default=(),
        metadata={
            "metavar": "FILE",
            "file": "reads",
            "help": "Tasks whose text must not be found: a shared run of 10 words drops a row.",
        },
    )
    kind: Literal["code", "web", "sample"] | None = field(
        default=None, metadata={"help": "Read every row as this kind; else its shape decides."}
    )
    rules: bool = field(default=False, metadata={"help": "Print the table of rules as rows and stop."})


def command(flow: Annotated[stream.Flow, without("seed")], options: FilterOptions, documents: stream.TextField) -> None:
    """Drop files, pages and chats that break a rule, each with the rule, its measure and the limit.

    Example: syncode filter samples.jsonl --rule inst.code_lines=5 --against tasks.jsonl --rejects dropped.jsonl > kept.jsonl
    """
    from syncode import storage
    from syncode.stages.filter import Measured, check, chosen, guarded

    rules = chosen(options.rule, options.skip)
    if options.rules:
        refuse(options, ("against", "kind"), "with --rules")
        refuse(flow, ("source", "rejects", "workers"), "with --rules")
        stream.emit((rule.as_row() for rule in rules), None, replace(flow, quiet=True))
        return
    tasks = {storage.printable(path): list(stream.read([path], None)) for path in options.against}
    reads = stream.Reads("filter", TEXTS, Measured, text=documents.text_field)
    stream.map(partial(check, rules=rules, against=guarded(tasks), kind=options.kind), reads, None, flow)
