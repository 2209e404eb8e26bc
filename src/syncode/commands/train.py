"""`syncode train`: chats in, a fine-tuned model and one Step row for each step out."""

from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from syncode import stream
from syncode.commands.options import only, refuse
from syncode.schemas.records import Step
from syncode.training.options import RunOptions, StageOptions, recipe_of, run_path

if TYPE_CHECKING:
    from syncode.training.recipe import Recipe


@dataclass(frozen=True)
class ExportOptions:
    """Which run, and where its model goes."""

    run: Path = field(metadata={"argument": True, "file": "reads", "help": "Folder of a run."})
    output: Path = field(
        metadata={"short": "-o", "file": "writes", "help": "Folder to write.", "group": "Input and output"}
    )


@dataclass(frozen=True)
class PlanOptions:
    """What is shown of the rows."""

    show: int = field(
        default=3, metadata={"min": 0, "help": "Samples of each stage to print, with what is learnt marked."}
    )


def command(flow: stream.Flow, run: RunOptions, stage: StageOptions) -> None:
    """Fine-tune all weights of a model on chats, with DeepSpeed, in one stage or several; -o is the folder of the run.

    Example: syncode train rough.jsonl --then good.jsonl --lr 1e-4 -o my-coder > steps.jsonl
    """
    from syncode.training import session
    from syncode.training.chat import LEARNT

    folder = run_path(flow.output)
    to_stdout = replace(flow, output=None)
    if run.resume:
        why = "with --resume: the run in -o has it from before"
        refuse(stage, {item.name for item in fields(stage)}, why)
        refuse(run, ("then", "recipe"), why)
        refuse(flow, ("source", "seed", "rejects", "workers"), why)
        job = session.stored_job(folder, run, flow.quiet)
        stream.emit(session.resume(job), Step, to_stdout, grain=1)
        return
    if run.recipe:
        refuse(flow, ("seed",), f"with --recipe: it belongs into {run.recipe}")
    recipe = _safe(recipe_of(run, stage, flow.source, flow.seed), run, flow)
    session.require_parts()  # before a model is fetched
    job = session.Job(folder, recipe, session.open_base(recipe.model), run, workers=flow.workers, quiet=flow.quiet)
    first = replace(to_stdout, source=recipe.stages[0].data)
    stream.report(partial(session.train, job=job), LEARNT, Step, first)


def export(options: ExportOptions) -> None:
    """Write the newest checkpoint of a run as a model folder: safetensors, tokenizer, template, and model.gguf.

    Example: syncode train export my-coder -o my-coder-hf
    """
    from syncode.training import session

    session.export_run(options.run, options.output)


def plan(
    flow: Annotated[stream.Flow, only("source", "output", "rejects", "limit", "seed")],
    run: Annotated[RunOptions, only("model", "then", "recipe")],
    stage: StageOptions,
    options: PlanOptions,
) -> None:
    """Show what a run would do, without torch: tokens, lengths, steps, cost, and the loss mask of a few samples.

    Example: syncode train plan rough.jsonl --then good.jsonl --lr 1e-4
    """
    from syncode.training.plan import plan as planned

    stream.write_text(
        planned(_safe(recipe_of(run, stage, flow.source, flow.seed), run, flow), flow, options.show), flow
    )


def _safe(recipe: "Recipe", run: RunOptions, flow: stream.Flow) -> "Recipe":
    """Return the recipe. Raises UsageError where a file that a recipe file names would be overwritten."""
    from syncode.commands.files import refuse_listed

    if run.recipe:
        data = [path for leg in recipe.stages for path in leg.data]
        refuse_listed(run.recipe, [*data, recipe.template or ""], flow)
    return recipe
