"""`syncode classify`: labels for documents, samples and tasks."""

from dataclasses import dataclass, field, replace
from functools import partial
from typing import Annotated

import typer

from syncode import stream
from syncode.commands.options import TextField, flat
from syncode.engines import ModelOptions, open_engine
from syncode.stages.classify import AnyText, NamedText, label, with_language
from syncode.text.kinds import Kind

KINDS: tuple[Kind, ...] = ("document", "sample", "task", "answer")


@dataclass(frozen=True)
class MaybeModel(ModelOptions):
    """The options of a model that is asked only where one is named."""

    model: tuple[str, ...] = field(
        default=(),
        metadata={
            "help": "Ask this model for category, difficulty and algorithmic; without it only the language is found."
        },
    )


@flat
def command(
    flow: stream.Flow,
    model: MaybeModel,
    documents: TextField,
    document_chars: Annotated[
        int,
        typer.Option(min=1, help="Longest part of a row that a model is shown, in characters: a topic shows early."),
    ] = 3000,
) -> None:
    """Label rows: programming language, and with a model category, difficulty and whether tests can check it.

    Example: syncode crawl src/ | syncode classify --model local > labelled.jsonl
    """
    reads = stream.Reads("classify", KINDS, NamedText, named=True, text=documents.text_field)
    if not model.model:
        stream.map(with_language, replace(reads, fields=AnyText, named=False), None, flow)
        return
    with open_engine(model, flow.seed, quiet=flow.quiet) as ask:
        stage = partial(label, ask=ask, document_chars=document_chars)
        stream.ask(stage, reads, None, flow, stream.Load(model.window, ask.use))
