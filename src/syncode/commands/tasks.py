"""`syncode tasks`: questions to compare models on, from the package or from a benchmark's published files."""

from functools import partial
from typing import Annotated

import typer

from syncode import stream
from syncode.commands.options import flat
from syncode.errors import UsageError, unknown
from syncode.schemas.records import Row, Task
from syncode.stages.tasks.arena import arena
from syncode.stages.tasks.published import published, to_task
from syncode.stages.tasks.readers import ALIASES, READERS, find_reader, listing
from syncode.stream.run import sources

Name = Annotated[str, typer.Argument(help="arena, list, or the name of a published format.")]


@flat
def command(name: Name, flow: stream.Flow) -> None:
    """Write Task rows: the 40 questions of the arena, or those of a benchmark's published file; `list` shows the names.

    Example: syncode tasks arena > tasks.jsonl; syncode tasks humaneval HumanEval.jsonl.gz > tasks.jsonl
    """
    reader = find_reader(name)
    if reader:
        stage = partial(to_task, read=reader.read, strict=flow.rejects is None)
        stream.map(stage, None, Task, flow, published(sources(flow)))
    elif name not in ("arena", "list"):
        raise unknown("set of tasks", name, ["arena", "list", *(each.name for each in READERS), *ALIASES])
    elif flow.source:
        raise UsageError(f"tasks {name} reads nothing: it takes no SOURCE")
    elif name == "list":
        stream.write_text(listing(), flow)
    else:
        stream.map(_same, None, Task, flow, arena())


def _same(row: Row) -> list[Row]:
    return [row]
