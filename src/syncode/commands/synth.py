"""`syncode synth`: documents in, samples out."""

from functools import partial
from typing import Annotated

from syncode import stream
from syncode.commands.options import without
from syncode.engines import ModelOptions
from syncode.stages.synth.settings import Settings


def command(
    flow: Annotated[stream.Flow, without("workers")],
    settings: Settings,
    documents: stream.TextField,
    model: ModelOptions,
) -> None:
    """Write a new question inspired by each document, answer it several times and keep the best answer.

    Example: syncode crawl src/ | syncode filter | syncode synth --model local > samples.jsonl
    """
    from syncode.engines import open_engine
    from syncode.schemas.records import Sample
    from syncode.stages.synth.methods import method_named

    method = method_named(settings.method)
    reads = stream.Reads("synth", method.takes, method.fields, named=True, text=documents.text_field)
    with open_engine(model, flow.seed, quiet=flow.quiet) as ask:
        stage = partial(method.make, ask=ask, settings=settings, seed=flow.seed)
        stream.ask(stage, reads, Sample, flow, stream.Load(model.window, ask.use, (ask.halt,)))
