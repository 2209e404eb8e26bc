"""`syncode classify`: labels for documents, samples and tasks."""

from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import ClassVar

from syncode import stream
from syncode.commands.options import refuse
from syncode.engines import ModelOptions
from syncode.stream.reads import TEXTS


@dataclass(frozen=True)
class MaybeModel(ModelOptions):
    """The options of a model that is asked only if one is named."""

    GROUP: ClassVar[str] = "Model"
    model: tuple[str, ...] = field(
        default=(),
        metadata={
            "file": "reads",
            "help": "Ask this model for category, difficulty and algorithmic; without it only the language is found.",
        },
    )
    document_chars: int = field(
        default=3000,
        metadata={
            "help": "Longest part of a row that a model is shown, in characters: a topic shows early.",
            "min": 1,
            "group": "Options",
        },
    )


def command(flow: stream.Flow, documents: stream.TextField, model: MaybeModel) -> None:
    """Label rows: programming language, and with a model category, difficulty and whether tests can check it.

    Example: syncode crawl src/ | syncode classify --model local > labelled.jsonl
    """
    from syncode.engines import open_engine
    from syncode.stages.classify import AnyText, NamedText, label, with_language

    reads = stream.Reads("classify", TEXTS, NamedText, named=True, text=documents.text_field)
    if not model.model:
        refuse(model, {item.name for item in fields(model)}, "without --model")
        refuse(flow, ("seed",), "without --model")
        stream.map(with_language, replace(reads, fields=AnyText, named=False), None, flow)
        return
    refuse(flow, ("workers",), "with --model: --concurrency is the number of requests at once")
    with open_engine(model, flow.seed, quiet=flow.quiet) as ask:
        stage = partial(label, ask=ask, document_chars=model.document_chars)
        stream.ask(stage, reads, None, flow, stream.Load(model.window, ask.use, (ask.halt,)))
