"""`syncode classify`: labels for documents, samples and tasks."""

from dataclasses import dataclass, field
from functools import partial

from syncode import stream
from syncode.commands.options import flat
from syncode.engines import ModelOptions, open_engine
from syncode.stages.classify import label, with_language


@dataclass(frozen=True)
class MaybeModel(ModelOptions):
    """The options of a model that is asked only where one is named."""

    model: list[str] = field(
        default_factory=list,
        metadata={
            "help": "Ask this model for category, difficulty and algorithmic; without it only the language is found."
        },
    )


@flat
def command(flow: stream.Flow, model: MaybeModel) -> None:
    """Label rows: programming language, and with a model category, difficulty and whether tests can check it.

    Example: syncode crawl src/ | syncode classify --model local > labelled.jsonl
    """
    if not model.model:
        stream.map(with_language, None, None, flow)
        return
    with open_engine(model, flow.seed) as ask:
        stream.ask(partial(label, ask=ask), None, None, flow, model.window)
