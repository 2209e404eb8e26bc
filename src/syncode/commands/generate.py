"""`syncode generate`: tasks in, answers out."""

from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Annotated

from syncode import stream
from syncode.commands.options import without
from syncode.engines import ModelOptions, Sampling
from syncode.schemas.records import Answer

if TYPE_CHECKING:
    from syncode.text.kinds import Kind

HINTS: "dict[Kind, str]" = dict.fromkeys(("sample", "several"), "--regenerate answers finished chats anew")


@dataclass(frozen=True)
class GenerateOptions:
    """How many answers, and whose."""

    samples: int = field(default=1, metadata={"short": "-n", "min": 1, "help": "Answers to each task."})
    name: str | None = field(default=None, metadata={"help": "What rows call the model; its own identity if left out."})
    regenerate: bool = field(
        default=False, metadata={"help": "Take finished chats too, and answer them anew without their last answer."}
    )


def command(
    flow: Annotated[stream.Flow, without("workers")],
    options: GenerateOptions,
    model: ModelOptions,
    sampling: Sampling,
) -> None:
    """Let a model answer each task.

    Example: syncode tasks arena | syncode generate --model local --name base > base.jsonl
    """
    from syncode.engines import open_engine
    from syncode.stages.generate import Asked, generate

    kinds: tuple[Kind, ...] = ("task", "sample", "several") if options.regenerate else ("task",)
    reads = stream.Reads("generate", kinds, Asked, named=True, hints=HINTS)
    with open_engine(model, flow.seed, quiet=flow.quiet) as ask:
        name = options.name or ask.identity
        stage = partial(generate, ask=ask, sampling=sampling, samples=options.samples, name=name)
        stream.ask(stage, reads, Answer, flow, stream.Load(model.window, ask.use, (ask.halt,)))
