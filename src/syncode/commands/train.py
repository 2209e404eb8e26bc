"""`syncode train`: chats in, a fine-tuned model and one Step row for each step out."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from syncode import stream
from syncode.commands.options import flat
from syncode.schemas.records import Step
from syncode.training.chat import LEARNT
from syncode.training.options import RunOptions, StageOptions, recipe_of, run_path


@flat
def command(flow: stream.Flow, run: RunOptions, stage: StageOptions) -> None:
    """Fine-tune all weights of a model on chats, with DeepSpeed, in one stage or several; -o is the folder of the run.

    Example: syncode train rough.jsonl --then good.jsonl --lr 1e-4 -o my-coder > steps.jsonl
    """
    from syncode.training import session  # here and below: for a quick --help

    folder = run_path(flow.output)
    to_stdout = replace(flow, output=None)
    if run.resume:
        job = session.stored_job(folder, run, flow.quiet)
        stream.map(lambda row: [row], None, Step, to_stdout, rows=session.resume(job), grain=1)
        return
    recipe = recipe_of(run, stage, flow.source, flow.seed)
    session.require_parts()  # before a model is fetched
    job = session.Job(folder, recipe, session.open_base(recipe.model), run, workers=flow.workers, quiet=flow.quiet)
    first = replace(to_stdout, source=recipe.stages[0].data)
    stream.report(partial(session.train, job=job), LEARNT, Step, first)


def export(
    run: Annotated[Path, typer.Argument(help="Folder of a run.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="Folder to write.")],
) -> None:
    """Write the newest checkpoint of a run as a model folder: safetensors, tokenizer, template, and model.gguf.

    Example: syncode train export my-coder -o my-coder-hf
    """
    from syncode.training import session

    session.export_run(run, output)


@flat
def plan(
    flow: stream.Flow,
    run: RunOptions,
    stage: StageOptions,
    show: Annotated[int, typer.Option(min=0, help="Samples of each stage to print, with what is learnt marked.")] = 3,
) -> None:
    """Say what a run would do, without torch: tokens, lengths, steps, cost, and the loss mask of a few samples.

    Example: syncode train plan rough.jsonl --then good.jsonl --lr 1e-4
    """
    from syncode.training.plan import plan as planned

    stream.write_text(planned(recipe_of(run, stage, flow.source, flow.seed), flow, show), flow)
