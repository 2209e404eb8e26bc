"""`syncode synth`: documents in, samples out."""

from functools import partial
from typing import Annotated

from syncode import stream
from syncode.commands.options import without
from syncode.engines import ModelOptions
from syncode.stages.synth import Settings


def command(
    flow: Annotated[stream.Flow, without("workers")],
    settings: Settings,
    model: ModelOptions,
) -> None:
    """Write a new question inspired by each document, answer it several times and keep the best answer.

    Example: syncode crawl src/ | syncode filter | syncode synth --model local > samples.jsonl
    """
    from syncode.engines import open_engine
    from syncode.schemas.records import Document, Sample
    from syncode.stages.synth import synth

    with open_engine(model, flow.seed) as ask:
        stage = partial(synth, ask=ask, settings=settings, seed=flow.seed)
        stream.ask(stage, Document, Sample, flow, model.window)
