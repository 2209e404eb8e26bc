"""`syncode tasks`: questions to compare models on, from the package or from a benchmark's published files."""

from dataclasses import dataclass, field
from functools import partial
from typing import Annotated

from syncode import stream
from syncode.commands.options import refuse, without
from syncode.errors import UsageError, unknown
from syncode.schemas.records import Task


@dataclass(frozen=True)
class TaskSet:
    """Which questions."""

    name: str = field(metadata={"argument": True, "help": "arena, list, or the name of a published format."})


def command(which: TaskSet, flow: Annotated[stream.Flow, without("seed")]) -> None:
    """Write Task rows: the 40 questions of the arena, or those of a benchmark's published file; `list` shows the names.

    Example: syncode tasks arena > tasks.jsonl; syncode tasks humaneval HumanEval.jsonl.gz > tasks.jsonl
    """
    from syncode.stages.tasks.arena import arena
    from syncode.stages.tasks.published import published, to_task
    from syncode.stages.tasks.readers import READERS, find_reader, listing
    from syncode.stream.run import sources

    name = which.name
    reader = find_reader(name)
    if reader:
        stage = partial(to_task, read=reader.read, strict=flow.rejects is None)
        stream.map(stage, None, Task, flow, published(sources(flow)))
    elif name not in ("arena", "list"):
        raise unknown("task set", name, ["arena", *(each.name for each in READERS), "list"])
    elif flow.source:
        raise UsageError(f"tasks {name} reads nothing: it takes no SOURCE")
    elif name == "list":
        refuse(flow, ("rejects", "workers", "limit", "summary"), "for tasks list")
        stream.write_text(listing(), flow)
    else:
        refuse(flow, ("rejects", "workers"), "for tasks arena, which reads nothing")
        stream.emit(arena(), Task, flow)
