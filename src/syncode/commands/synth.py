"""`syncode synth`: documents in, samples out."""

from functools import partial

from syncode import stream
from syncode.commands.options import flat
from syncode.engines import ModelOptions, open_engine
from syncode.schemas.records import Document, Sample
from syncode.stages.synth import Settings, synth


@flat
def command(flow: stream.Flow, model: ModelOptions, settings: Settings) -> None:
    """Write a new question inspired by each document, answer it several times and keep the best answer.

    Example: syncode crawl src/ | syncode filter | syncode synth --model local > samples.jsonl
    """
    with open_engine(model, flow.seed, quiet=flow.quiet) as ask:
        stage = partial(synth, ask=ask, settings=settings, seed=flow.seed)
        stream.ask(stage, Document, Sample, flow, stream.Load(model.window, ask.use))
