"""`syncode filter`: rows in, rows that keep to the rules out."""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal

from syncode import storage, stream
from syncode.commands.options import TextField, flat
from syncode.errors import UsageError
from syncode.stages.filter import Measured, check, chosen, guarded


@dataclass(frozen=True)
class FilterOptions:
    """Which rules, with which limits."""

    rule: tuple[str, ...] = field(
        default=(), metadata={"help": "ID=LIMIT or ID=LOW..HIGH: another limit for a rule (repeatable)."}
    )
    skip: tuple[str, ...] = field(default=(), metadata={"help": "ID of a rule to leave out (repeatable)."})
    against: tuple[str, ...] = field(
        default=(),
        metadata={"help": "Tasks whose text must not be found: a shared run of 10 words drops a row (repeatable)."},
    )
    kind: Literal["code", "web", "sample"] | None = field(
        default=None, metadata={"help": "Read every row as this kind; else its shape tells."}
    )
    rules: bool = field(default=False, metadata={"help": "Print the table of rules as rows and stop."})


@flat
def command(flow: stream.Flow, options: FilterOptions, documents: TextField) -> None:
    """Drop files, pages and chats that break a rule, each with the rule, its measure and the limit.

    Example: syncode filter samples.jsonl --rule inst.code_lines=5 --against tasks.jsonl --rejects dropped.jsonl > kept.jsonl
    """
    rules = chosen(options.rule, options.skip)
    if options.rules:
        stream.map(lambda row: [row], None, None, replace(flow, quiet=True), rows=[rule.as_row() for rule in rules])
        return
    if storage.STDIN in options.against and storage.STDIN in (flow.source or (storage.STDIN,)):
        raise UsageError("--against - and the rows cannot both come from stdin: name a file for one of them")
    tasks = {storage.printable(path): list(stream.read([path], None)) for path in options.against}
    reads = stream.Reads("filter", ("document", "sample", "task", "answer"), Measured, text=documents.text_field)
    stream.map(partial(check, rules=rules, against=guarded(tasks), kind=options.kind), reads, None, flow)
