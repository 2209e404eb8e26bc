"""`syncode generate`: tasks in, answers out."""

from functools import partial
from typing import Annotated

import typer

from syncode import stream
from syncode.commands.options import flat
from syncode.engines import ModelOptions, Sampling, open_engine
from syncode.schemas.records import Answer
from syncode.stages.generate import Asked, generate
from syncode.text.kinds import Kind


@flat
def command(
    flow: stream.Flow,
    model: ModelOptions,
    sampling: Sampling,
    samples: Annotated[int, typer.Option("--samples", "-n", min=1, help="Answers to each task.")] = 1,
    name: Annotated[
        str | None, typer.Option("--name", help="What rows call the model; its own identity if left out.")
    ] = None,
    regenerate: Annotated[
        bool,
        typer.Option("--regenerate", help="Take finished chats too, and answer them anew without their last answer."),
    ] = False,
) -> None:
    """Let a model answer each task.

    Example: syncode tasks arena | syncode generate --model local --name base > base.jsonl
    """
    kinds: tuple[Kind, ...] = ("task", "sample") if regenerate else ("task",)
    reads = stream.Reads("generate", kinds, Asked, named=True)
    with open_engine(model, flow.seed, quiet=flow.quiet) as ask:
        stage = partial(generate, ask=ask, sampling=sampling, samples=samples, name=name or ask.identity)
        stream.ask(stage, reads, Answer, flow, stream.Load(model.window, ask.use))
