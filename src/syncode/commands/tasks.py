"""`syncode tasks`: questions to compare models on, from the package or from a benchmark's published files."""

from functools import partial
from typing import Annotated

import typer

from syncode import stream
from syncode.commands.options import flat
from syncode.errors import UsageError
from syncode.schemas.records import Row, Task
from syncode.stages.tasks.arena import arena
from syncode.stages.tasks.published import published, to_task
from syncode.stages.tasks.readers import ALIASES, READERS, find_reader
from syncode.stream.run import sources

Name = Annotated[str, typer.Argument(help="arena, or a published format; `syncode tasks list` shows them.")]


@flat
def command(name: Name, flow: stream.Flow) -> None:
    """Write Task rows: the 40 questions of the arena, or those of a benchmark's published file.

    Example: syncode tasks arena > tasks.jsonl; syncode tasks humaneval HumanEval.jsonl.gz > tasks.jsonl
    """
    if name == "arena":
        if flow.source:
            raise UsageError("tasks arena takes no SOURCE: its questions come with syncode")
        stream.map(_same, None, Task, flow, arena())
        return
    reader = find_reader(name)
    if reader is None:
        known = ", ".join(["arena", *(each.name for each in READERS)])
        raise UsageError(f"tasks does not know {name!r}; it knows {known}")
    stage = partial(to_task, read=reader.read, strict=flow.rejects is None)
    stream.map(stage, None, Task, flow, published(sources(flow)))


def names() -> None:
    """List what `syncode tasks` knows, with the files that each format is published as.

    Example: syncode tasks list
    """
    width = max(len(reader.name) for reader in READERS) + 2
    typer.echo(f"{'arena':<{width}}40 questions written for syncode, one a subclass of CodeArena; no file needed")
    for reader in READERS:
        other = [alias for alias, name in ALIASES.items() if name == reader.name]
        typer.echo(f"{reader.name:<{width}}{reader.files}{f' (also: {chr(44).join(other)})' if other else ''}")


def _same(row: Row) -> list[Row]:
    return [row]
