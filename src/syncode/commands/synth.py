"""`syncode synth`: documents in, samples out."""

from functools import partial

from syncode import stream
from syncode.commands.options import TextField, flat
from syncode.engines import ModelOptions, open_engine
from syncode.schemas.records import Sample
from syncode.stages.synth import Settings, Told, synth


@flat
def command(flow: stream.Flow, model: ModelOptions, settings: Settings, documents: TextField) -> None:
    """Write a new question inspired by each document, answer it several times and keep the best answer.

    Example: syncode crawl src/ | syncode filter | syncode synth --model local > samples.jsonl
    """
    reads = stream.Reads("synth", ("document",), Told, named=True, text=documents.text_field)
    with open_engine(model, flow.seed, quiet=flow.quiet) as ask:
        stage = partial(synth, ask=ask, settings=settings, seed=flow.seed)
        stream.ask(stage, reads, Sample, flow, stream.Load(model.window, ask.use))
